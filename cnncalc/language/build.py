"""From a `Document` to a `Network`: blocks and repeats written out, expressions worked out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, Final

from cnncalc import findings
from cnncalc.convolutional import as_convolutions
from cnncalc.findings import ERROR, Fault, Finding, Place, Places
from cnncalc.language.document import (
    TURN,
    VOLUME,
    Block,
    CallSpec,
    Document,
    Extents,
    ForkSpec,
    Item,
    LayerSpec,
    Spec,
)
from cnncalc.language.evaluate import Account, Evaluator, extents
from cnncalc.language.expression import Lacking, Names
from cnncalc.language.expression import Number as Exact
from cnncalc.language.references import Ends, NoReferenceError
from cnncalc.layers import Layer
from cnncalc.layers.kinds import REPEAT, SIZES
from cnncalc.limits import Limits
from cnncalc.network import BLOCK, BRANCH, FORK, INPUT, Edge, Expectation, Graph, Group, Network, TooManyError
from cnncalc.network import REPEAT as TURNS
from cnncalc.volume import Volume


def build(
    document: Document,
    limits: Limits,
    input: Volume | None = None,
    parameters: Mapping[str, Exact] | None = None,
    fc_as_conv: bool = False,
) -> Network:
    """The network of a document, on its own input and parameters or on those given.

    With `fc_as_conv` its fully connected layers are convolutions (`cnncalc.convolutional`).

    Faults become findings; the volume behind a layer with a fault is unknown. On another input or
    other parameters, what the file expects to be equal is not held to, as it speaks of the file as
    it is written; bounds are. Raises KeyError for a parameter that the file does not have.
    """
    network = build_alone(document, limits, input, parameters)
    if not fc_as_conv and (input is None or not _readers_of_all(network)):
        return network
    own = network if input is None else build_alone(document, limits, parameters=parameters)
    if fc_as_conv:
        return as_convolutions(own, network, limits)
    return network._replace(findings=[*network.findings, *_other_parameters(own, network, limits)])


def build_alone(
    document: Document, limits: Limits, input: Volume | None = None, parameters: Mapping[str, Exact] | None = None
) -> Network:
    """As `build`, but without the note on parameters that another input changes, which takes a second network."""
    builder = _Builder(document, limits, as_written=input is None and not parameters)
    expectations: list[Expectation] = []
    try:
        builder.start(input, parameters or {})
        end = builder.chain(document.items, builder.root, builder.graph.input)
        expectations = builder.expectations()
        network = builder.graph.network(end, builder.outputs())
        network = network._replace(root=network.root._replace(parameters=builder.root.names))
    except TooManyError:
        network = builder.graph.nothing()
    found = [*document.findings, *network.findings]
    name, source, task = document.name, document.source, document.task
    return network._replace(name=name, source=source, task=task, findings=found, expectations=expectations)


def own_input(document: Document, limits: Limits, parameters: Mapping[str, Exact]) -> Volume | None:
    """The file's own input under these parameters; None where an error leaves it unknown."""
    builder = _Builder(document, limits, as_written=False)
    try:
        builder.start(None, parameters)
    except TooManyError:
        return None
    return builder.graph.input.volume


_KEPT: Final = 1_000
"""The calls whose names are kept, of which each may have hundreds."""


def _steps(spec: Spec) -> int:
    """What an item takes by itself, beside the layers in it: a call about half as long as a layer."""
    if isinstance(spec, CallSpec):
        return 5
    return 3 + 2 * len(spec.branches) if isinstance(spec, ForkSpec) and not spec.invalid else 0


def _whole(value: Exact | None) -> Exact | None:
    """A fraction of denominator 1 as the int that it is."""
    return value.numerator if value is not None and value.denominator == 1 else value


def _readers_of_all(network: Network) -> dict[str, int]:
    """The weights of the layers that depend on the extents of what they read, by their paths."""
    found = {}
    for node in network.nodes:
        volume = node.edges[0].volume
        if node.layer is not None and node.layer.reads_all and volume is not None:
            found[node.path] = node.layer.weights(volume)
    return found


def _other_parameters(own: Network, other: Network, limits: Limits) -> list[Finding]:
    """A note where a network has other parameters on another input than on its own."""
    before, after = _readers_of_all(own), _readers_of_all(other)
    paths = [path for path in before if path in after and before[path] != after[path]]
    if not paths:
        return []
    goes = all(finding.severity != ERROR for finding in as_convolutions(own, other, limits).findings)
    counts = sum(before[path] for path in paths), sum(after[path] for path in paths)
    fault = findings.parameters_depend_on_input(paths, *counts, as_convolution=goes)
    place = next(node.places.layer for node in other.nodes if node.path == paths[0])
    return [Finding(fault, place, paths[0])]


class Scope:
    """What the layers of one list see: their path, the names in expressions, the volumes before them."""

    __slots__ = (
        "block_channels", "given", "inputs", "kinds", "level", "names", "outer", "prefix", "rounding", "serial", "turn",
        "turned",
    )  # fmt: skip

    def __init__(self, prefix: str, names: Names, rounding: str | None, outer: Scope | None = None) -> None:
        self.prefix, self.names, self.rounding, self.outer = prefix, names, rounding, outer
        self.kinds: dict[str, int] = {}
        """How many items of each word there are so far, by which they are called."""
        self.given: set[str | None] = set()
        """The names that the list itself gives."""
        self.serial = 0
        """A number that two scopes have in common only where their names stand for the same."""
        self.level = 0
        """Of blocks and branches around it."""
        self.block_channels: int | bool | None = False
        """False outside of blocks; None where an error leaves it unknown."""
        self.inputs: dict[str, Edge] = {}
        """The volumes that come into the network or the block, by their names; `input` is the first."""
        self.turn: int | None = None
        """That of the nearest repeated item around, in the same block."""
        self.turned: str | None = None
        """The block that these are the layers of, where its calls are repeated."""
        if outer is not None:
            self.serial, self.level = outer.serial, outer.level + 1
            self.turn, self.turned = outer.turn, outer.turned
            self.block_channels, self.inputs = outer.block_channels, outer.inputs

    @property
    def in_block(self) -> bool:
        return self.block_channels is not False

    def around(self) -> Iterator[Scope]:
        """It and those around it, from the inside out."""
        within: Scope | None = self
        while within is not None:
            yield within
            within = within.outer

    def within(self, volume: Volume | None, spec: Spec) -> dict[str, Any]:
        """The names in the expressions of an item on this volume."""
        names = {**self.names, "channels": None if volume is None else volume.channels}
        if self.in_block:
            names["block.channels"] = self.block_channels
        if spec.by_volume:
            names.update(extents(VOLUME, volume))
        if spec.by_turn:
            names.setdefault(TURN, _no_turn(self.turned) if self.turn is None else self.turn)  # a parameter hides it
        return names


class _Builder:
    def __init__(self, document: Document, limits: Limits, as_written: bool) -> None:
        self.document, self.limits, self.as_written = document, limits, as_written
        self.graph = Graph(None, document.file, limits)
        self.account = Account(self.graph)
        self.root = Scope("", {}, document.rounding)
        self.ends = Ends(self.graph)
        self.ends.later = {item.spec.name: item.places.layer for item in document.items if item.spec.name}
        self.taken: dict[str, Item] = {}
        """Whose path it is."""
        # Layers by what they were made from, and by themselves, so that equal ones are one object: 22 for resnet152's 514
        # nodes. Made anew for each, building takes 1.4 times as long there, 1.7 times for a chain of 10,000 layers.
        self.made: dict[object, Layer] = {}
        # Calls that are alike see the same names: 20 of resnet152's 104. Worked out anew, building takes 1.5 times as long.
        self.called: dict[object, tuple[Names, Names, int]] = {}
        self.serials = 0

    def evaluator(self, names: Names, places: Places, path: str | None = None) -> Evaluator:
        return Evaluator(self.account, names, path, places)

    # The whole

    def start(self, input: Volume | None, parameters: Mapping[str, Exact]) -> None:
        """Work out the file's parameters and its input."""
        document = self.document
        unknown = [name for name in parameters if name not in document.parameters]
        if unknown and not any(finding.severity == ERROR for finding in document.findings):
            raise KeyError(unknown[0])  # otherwise it may stand in what could not be read
        names: dict[str, Any] = {}
        for name, (value, place) in document.parameters.items():
            given: Exact | tuple[Exact, ...] | None = _whole(parameters.get(name))
            if given is None and value is not None:
                given = self.evaluator(names, Places(place)).argument(name, value)
            names[name] = given
        self.root.names = names
        place = document.input_place or Place(document.file)
        fault = None
        if input is None and document.input is not None:
            input = self.evaluator(names, Places(place)).volume("input", document.input)
            fault = _looks_like_another(input) if input else None
        elif input is not None and document.input is not None:
            channels, *axes = _extents(document.input)
            if len(axes) != len(input.spatial):
                fault = findings.input_of_other_rank(input, len(axes), channels)
            elif (meant := in_other_order(input, channels)) is not None:
                fault = findings.input_in_other_order(input, meant)
        if fault:
            self.graph.report(fault, None, place)
        if input is not None and input.elements > self.limits.largest:
            fault = findings.volume_too_large(str(input), input.elements, self.limits.largest)
            self.graph.report(fault, None, place if self.as_written else None)
            input = None
        self.graph.input = self.root.inputs["input"] = Edge(INPUT, input)

    def expectations(self) -> list[Expectation]:
        """What the file expects, its expressions worked out."""
        found = []
        for key, relation, template, place, output in self.document.claims:
            if relation == "=" and not self.as_written:
                continue
            evaluator = self.evaluator(self.root.names, Places(place))
            stated: int | Volume | None
            if isinstance(template, tuple):
                stated = evaluator.volume(key, template)
            else:
                stated = evaluator.number(key, REPEAT, template)
            if stated is not None:
                found.append(Expectation(key, relation, stated, place, output))
        return found

    def outputs(self) -> dict[str, Edge]:
        """What the file says that the network gives, by its names."""
        found: dict[str, Edge] = {}
        for name, place in self.document.outputs:
            assert place is not None
            try:
                edges = self.ends.read(name, self.root, self.graph.input, place)
            except NoReferenceError as error:
                known = [path for path in self.ends.edges if "." not in path]
                fault = error.fault if name in self.ends.turns else findings.output_of_no_layer(name, known)
                self.graph.report(fault, None, place)
            else:
                found |= zip(self.ends.all_turns(name) or [name], edges, strict=True)
        return found

    # Lists of items

    def chain(self, items: Sequence[Item], scope: Scope, edge: Edge) -> Edge:
        """Append the layers of the items one behind another; what the last one gives."""
        scope.given = {item.spec.name for item in items}
        for item in items:
            spec = item.spec
            read = self.read(item, scope, edge) if spec.reads else (edge,)
            repeat = spec.repeat
            if not isinstance(repeat, int):
                evaluator = self.evaluator(scope.within(read[0].volume, spec), item.places)
                given = evaluator.number("repeat", REPEAT, repeat)
                repeat = 1 if given is None else given
            if isinstance(spec, LayerSpec) and len(self.graph.nodes) + repeat > self.limits.layers:
                self.graph.refuse(findings.too_many_layers(self.limits.layers), item.places.layer)  # before any of them
            if repeat == 1:
                path, number = self.path(item, scope), 0 if "repeat" in spec.written else scope.turn
                end = self.turn(item, path, scope, read, number)
                if spec.shares is not None:
                    self.share(item, path, scope)
                if spec.name is not None and "repeat" in spec.written:
                    self.ends.turns[scope.prefix + spec.name] = [path]
            else:
                end = self.turns(item, repeat, scope, read)
            if repeat and not spec.leaves_chain:
                edge = end
        return edge

    def read(self, item: Item, scope: Scope, edge: Edge) -> tuple[Edge, ...]:
        """The volumes that an item says it reads; unknown ones after a report."""
        spec, found = item.spec, list[Edge]()
        name = spec.name or f"{spec.word}{scope.kinds.get(spec.word, 0) + 1}"
        for reference in spec.reads:
            place = reference.place or item.places.of("from")
            try:
                if reference.path == name and scope.prefix + name not in self.ends.edges:
                    raise NoReferenceError(findings.reference_to_itself(name))
                found += self.ends.read(reference.path, scope, edge, place)
            except NoReferenceError as error:
                self.graph.report(error.fault, scope.prefix + name, place)
                found.append(edge._replace(volume=None))
        return tuple(found)

    def turns(self, item: Item, repeat: int, scope: Scope, read: tuple[Edge, ...]) -> Edge:
        """A repeated item: each turn reads the one before it, and what it reads beside that."""
        spec, (first, *others) = item.spec, read
        path = scope.prefix + (spec.name or spec.word)
        self.graph.open(Group(TURNS, path, spec.word, item.places.layer, named=spec.name is not None, turns=repeat))
        edge, paths, nodes = first, list[str](), len(self.graph.nodes)
        for turn in range(repeat):
            if turn == 1 and self.account.ends_before(steps := _steps(spec), len(self.graph.nodes) - nodes):
                self.account.afford(steps * (repeat - 1), item.places.layer)
            paths.append(path := self.path(item, scope, turn))
            end = self.turn(item, path, scope, (edge, *others), turn)
            if spec.shares is not None:
                self.share(item, path, scope, turn, repeat)
            if not spec.leaves_chain:
                edge = end
        if spec.name is not None:
            self.ends.turns[scope.prefix + spec.name] = paths
        self.graph.close(edge)
        return edge

    def turn(self, item: Item, path: str, scope: Scope, read: tuple[Edge, ...], number: int | None) -> Edge:
        """One item, once, as the turn of that number; what it gives."""
        spec, outer = item.spec, scope.turn
        scope.turn = number
        if len(read) > 1:
            self.account.spend(len(read), item.places.layer)
        if spec.invalid:
            end = self.graph.add_unknown(path, spec.word, read, item.places)
        elif isinstance(spec, LayerSpec):
            end = self.layer(item, spec, path, scope, read)
        elif isinstance(spec, CallSpec):
            end = self.call(item, spec, path, scope, read)
        else:
            assert isinstance(spec, ForkSpec)
            end = self.fork(item, spec, path, scope, read)
        self.ends.edges[path] = end
        if spec.expect is not None and end.volume is not None and self.holds(item.places.layer):
            evaluator = self.evaluator(scope.within(read[0].volume, spec), item.places, path)
            stated = evaluator.volume("expect", spec.expect)
            if stated is not None and stated != end.volume:
                place = item.places.of("expect")
                fault = findings.expected_volume(str(stated), str(end.volume))
                self.graph.report(findings.held_to(fault, place, self.document.file), path, place)
        scope.turn = outer
        return end

    def holds(self, place: Place) -> bool:
        """Whether the network is held to what stands there: what is run as written, and not changed by its `expect`."""
        return self.as_written and not (self.document.own_claims and place.file != self.document.file)

    def path(self, item: Item, scope: Scope, turn: int | None = None) -> str:
        """The path of an item, or of one turn of it, that no other has. A name that is given comes before all others."""
        spec = item.spec
        place = scope.kinds[spec.word] = scope.kinds.get(spec.word, 0) + 1
        if spec.name:
            path = self.given_path(item, scope, spec.name if turn is None else f"{spec.name}_{turn + 1}")
        else:
            name = f"{spec.word}{place}"
            if name in scope.given or scope.prefix + name in self.taken:
                name = f"{spec.word}_{place}"  # the 61st relu, where there is a relu6 before it
            path = scope.prefix + name
            while path in self.taken:
                path += "_"
        self.account.spend(len(path) // 16, item.places.layer)
        self.taken[path] = item
        return path

    def given_path(self, item: Item, scope: Scope, name: str) -> str:
        path = scope.prefix + name
        other = self.taken.get(path)
        if other:
            fault = findings.name_taken(name, other.places.layer.line)
            self.graph.report(fault, path, item.places.of("name"))
            while path in self.taken:
                path += "'"
        return path

    def deeper(self, scope: Scope, item: Item, path: str) -> None:
        """Refuse to go deeper into blocks and branches than the limit."""
        if scope.level >= self.limits.depth:
            self.graph.refuse(findings.too_deep(self.limits.depth), item.places.layer, path)

    # Layers with one input

    def layer(self, item: Item, spec: LayerSpec, path: str, scope: Scope, read: tuple[Edge, ...]) -> Edge:
        if len(read) != 1:
            return self.not_so_many(item, path, read, 1)
        edge = read[0]
        layer = None if edge.volume is None else self.make(item, spec, path, scope, edge.volume)
        if layer is None:
            return self.graph.add_unknown(path, spec.word, (edge,), item.places)
        return self.graph.add(path, layer, edge, item.places)

    def make(self, item: Item, spec: LayerSpec, path: str, scope: Scope, volume: Volume) -> Layer | None:
        """The layer with its expressions worked out; layers with equal attributes are one object."""
        key: object = (spec, scope.rounding)
        if spec.pending:
            key = (spec, scope.rounding, *self.seen(spec, scope, volume))
        layer = self.made.get(key)
        if layer is None:
            assert spec.type is not None
            values = dict(spec.values)
            if spec.pending:
                self.account.spend(len(scope.names) // 20, item.places.layer)
                evaluator = self.evaluator(scope.within(volume, spec), item.places, path)
                for name, (kind, template) in spec.pending.items():
                    values[name] = evaluator.value(name, kind, template)
                if None in [values[name] for name in spec.pending]:
                    return None
            layer = spec.type.of(values, spec.rounding or scope.rounding)
            layer = self.made[key] = self.made.setdefault(layer, layer)
        return layer

    def seen(self, spec: Spec, scope: Scope, volume: Volume | None) -> tuple[object, ...]:
        """What the expressions of an item depend on. Only those that name the turn or more of a volume differ by them."""
        comes_in = volume if spec.by_volume or volume is None else volume.channels
        return scope.serial, comes_in, scope.block_channels, scope.turn if spec.by_turn else None

    # Blocks

    def call(self, item: Item, spec: CallSpec, path: str, scope: Scope, read: tuple[Edge, ...]) -> Edge:
        block, first = self.document.blocks[spec.word], len(self.graph.nodes)
        if block.invalid:
            return self.graph.add_unknown(path, spec.word, read, item.places)
        if len(read) != (len(block.inputs) or 1):
            return self.not_so_many(item, path, read, len(block.inputs) or 1, block)
        self.deeper(scope, item, path)
        self.account.spend(_steps(spec), item.places.layer)
        edge = read[0]
        channels = [None if each.volume is None else each.volume.channels for each in read]
        key = (spec, *self.seen(spec, scope, edge.volume), *channels[1:])
        called = self.called.get(key)
        handed = {} if called else self.handed(item, spec, path, scope, edge)
        self.graph.open(self.group(BLOCK, item, path, read))
        inner = Scope(f"{path}.", {}, spec.rounding or scope.rounding)
        inner.level, inner.block_channels = scope.level + 1, channels[0]
        inner.inputs = dict(zip(("input", *block.inputs), (edge, *read), strict=False))
        inner.turned = spec.word if scope.turn is not None or scope.turned else None
        if called is None:
            self.serials += 1
            inputs = {f"{name}.channels": each for name, each in zip(block.inputs, channels, strict=False)}
            around = {**inner.within(edge.volume, spec), **inputs}
            names = {**self.names_in(block, handed, path, around), **inputs}
            own = {name: names[name] for name in block.parameters if name in names}
            called = names, own, self.serials
            if None not in names.values() and len(self.called) < _KEPT:
                self.called[key] = called
        inner.names, given, inner.serial = called
        end = self.chain(block.items, inner, edge)
        self.graph.close(end, given)
        self.ends.blocks[path] = range(first, len(self.graph.nodes))
        return end

    def group(self, kind: str, item: Item, path: str, read: tuple[Edge, ...], training: bool = False) -> Group:
        """The group of an item that is being written out."""
        spec = item.spec
        named, chosen, place = spec.name is not None, bool(spec.reads), item.places.layer
        return Group(kind, path, spec.word, place, inputs=read, chosen=chosen, named=named, training=training)

    def not_so_many(
        self, item: Item, path: str, read: tuple[Edge, ...], wanted: int, block: Block | None = None
    ) -> Edge:
        """What comes of an item that reads more or fewer volumes than it can, after a report."""
        names = [reference.path for reference in item.spec.reads]
        fault = findings.inputs_missing(block.name, block.inputs) if block and not names else None
        fault = fault or findings.other_number_of_inputs(item.spec.word, names, len(read), wanted)
        self.graph.report(fault, path, item.places.of("from"))
        return self.graph.add_unknown(path, item.spec.word, read, item.places)

    def handed(self, item: Item, spec: CallSpec, path: str, scope: Scope, edge: Edge) -> dict[str, Any]:
        """The arguments of a call, in which names mean what they do where it stands."""
        self.account.spend(len(self.document.blocks[spec.word].parameters), item.places.layer)
        evaluator = self.evaluator(scope.within(edge.volume, spec), item.places, path)
        return {name: evaluator.argument(name, template) for name, template in spec.arguments.items()}

    def names_in(self, block: Block, handed: Mapping[str, Any], path: str, around: Names) -> Names:
        """What the names in a block stand for: the file's parameters, the arguments, the defaults of the others."""
        self.account.spend(len(self.root.names) // 20, block.place)
        names: dict[str, Any] = {**self.root.names}
        for name, (default, place) in block.parameters.items():
            if name in handed:
                names[name] = handed[name]
            elif default is not None:
                names[name] = self.evaluator({**around, **names}, Places(place), path).argument(name, default)
        return names

    # Branches

    def fork(self, item: Item, spec: ForkSpec, path: str, scope: Scope, read: tuple[Edge, ...]) -> Edge:
        self.deeper(scope, item, path)
        self.account.spend(_steps(spec), item.places.layer)
        self.graph.open(self.group(FORK, item, path, read, spec.training))
        names: list[str] | None
        if spec.branches:
            edges, names = self.branches(item, spec, path, scope, read[0])
        else:
            edges, names = [*read], [reference.path for reference in spec.reads]
        if spec.leaves_chain:
            end = self.graph.heads[path] = edges[0]
            if self.graph.training:
                self.graph.training_heads.append(path)
        else:
            end = self.graph.add(path, spec.layer, edges, item.places, names if len(names) == len(edges) else None)
        self.graph.close(end)
        return end

    def branches(self, item: Item, spec: ForkSpec, path: str, scope: Scope, edge: Edge) -> tuple[list[Edge], list[str]]:
        """What the branches give, and their names."""
        edges, names = ([edge], ["identity"]) if spec.layer.adds_identity else ([], [])
        starts = [edge] * len(spec.branches)
        if spec.layer.divides:
            starts = self.parts(item, spec, path, scope, edge)
        for (name, items, place), start in zip(spec.branches, starts, strict=True):
            within = f"{path}.{name}" if name else path
            inner = Scope(f"{within}.", scope.names, spec.rounding or scope.rounding, scope)
            self.graph.open(Group(BRANCH, within, name or "", place, inputs=(start,), named=name is not None))
            edges.append(self.chain(items, inner, start))
            self.graph.close(edges[-1])
            if name:
                self.ends.edges[within] = edges[-1]
            names.append(name or path)
        return edges, names

    def parts(self, item: Item, spec: ForkSpec, path: str, scope: Scope, edge: Edge) -> list[Edge]:
        """Some of the channels for each branch: as many as `sizes` says, otherwise an equal share."""
        unknown = [edge._replace(volume=None)] * len(spec.branches)
        sizes = self.sizes(item, spec, path, scope, edge)
        if edge.volume is None or sizes is None:
            return unknown
        if sum(sizes) != edge.volume.channels:
            fault = findings.sizes_do_not_add_up(sizes, edge.volume.channels)
            self.graph.report(fault, path, item.places.of("sizes"))
            return unknown
        return [edge.part(first, size) for first, size in zip(accumulate([0, *sizes]), sizes, strict=False)]

    def sizes(self, item: Item, spec: ForkSpec, path: str, scope: Scope, edge: Edge) -> tuple[int, ...] | None:
        """The channels of each branch; None after a report, or where they are unknown."""
        if edge.volume is None:
            return None
        count = len(spec.branches)
        if spec.sizes is None:
            share, rest = divmod(edge.volume.channels, count)
            if rest:
                fault = findings.uneven_split(edge.volume.channels, count, self.giver(edge.source))
                self.graph.report(fault, path, item.places.layer)
                return None
            return (share,) * count
        evaluator = self.evaluator(scope.within(edge.volume, spec), item.places, path)
        sizes = evaluator.value("sizes", SIZES, spec.sizes)
        if isinstance(sizes, tuple) and len(sizes) == count:
            return sizes
        if sizes is not None:
            given = len(sizes) if isinstance(sizes, tuple) else 1
            self.graph.report(findings.other_number_of_sizes(given, count), path, item.places.of("sizes"))
        return None

    def giver(self, index: int) -> tuple[str, int] | Volume | None:
        """The path and the line of the layer whose `filters` the channels of a node are, or the input that has them."""
        while index != INPUT:
            node = self.graph.nodes[index]
            before = node.edges[0].volume
            if "filters" in node.places.words and getattr(node.layer, "groups", 1) == 1:
                return node.path, node.places.layer.line
            if len(node.edges) > 1 or not node.output or not before or before.channels != node.output.channels:
                return None
            index = node.edges[0].source
        return self.graph.input.volume

    # Shared weights

    def share(self, item: Item, path: str, scope: Scope, turn: int = 0, turns: int = 1) -> None:
        """Give a turn of an item, of so many, the weights of an earlier one."""
        place, name = item.places.of("shares"), item.spec.shares
        assert name is not None
        try:
            owner = self.ends.owner(name, scope, turn, turns, place)
        except NoReferenceError as error:
            self.graph.report(error.fault, path, place)
            return
        nodes, owners = self.ends.nodes(path), self.ends.nodes(owner)
        if nodes is not None and owners is not None:
            fault = self.graph.share([*nodes], [*owners])
        else:
            fault = findings.shares_no_layer(name)
        if fault:
            self.graph.report(fault, path, place)


def _no_turn(turned: str | None) -> Lacking:
    """Why there is no `turn`; in a block whose calls are repeated, how it gets there."""
    if turned is None:
        return Lacking("nothing is repeated around it", ("`turn` goes with a `repeat`, in the same block",))
    remedy = f"hand it in: `{turned}: {{turn: turn, repeat: …}}`, with `turn: required` among the block's parameters"
    return Lacking(f"`turn` does not reach into the block `{turned}`", (remedy,))


def _extents(template: Volume | Extents) -> Extents:
    """The extents of a volume as it is read, channels first."""
    return tuple(template.shape) if isinstance(template, Volume) else template


def in_other_order(volume: Volume, channels: object) -> Volume | None:
    """The volume that was meant where the file's channels stand on the wrong side of the axes: 3x224x224, (224, 224, 3).

    Both are height, width and channels by their own rule, and then have as many channels as a picture has columns.
    """
    given, axes = volume.channels, volume.spatial
    if len(axes) < 2 or given == channels:
        return None
    if axes[0] == channels:  # a text with the channels first
        return Volume(axes[0], (*axes[1:], given))
    return Volume(axes[-1], (given, *axes[:-1])) if axes[-1] == channels else None  # numbers with the channels last


def _looks_like_another(volume: Volume) -> Fault | None:
    """An input that someone who thinks in another notation meant otherwise; only what is plain.

    3x227x227 is height 3, width 227, 227 channels, and [227, 227, 3] is 227 channels over 227x3: PyTorch's order, or
    Keras', where the other one holds. 28x28 is length 28 with 28 channels. [1, 3, 224, 224] is 1 channel over
    3x224x224, and was a batch of pictures, as 1x3x224x224 was.
    """
    *_, last = volume.shape
    if len(volume.spatial) == 1 and volume.channels == last > 4:
        return findings.channels_missing(volume.text(), volume._replace(channels=1, spatial=(last, last)).text())
    if len(volume.spatial) == 2 and volume.channels > 4:
        height, width = volume.spatial
        meant = Volume(min(height, width), (volume.channels,) * 2)
        if meant.channels in (1, 3) and width == volume.channels:
            return findings.channels_first(str(volume), str(meant), meant.shape)
        if meant.channels in (1, 3) and height == volume.channels:
            return findings.channels_last(volume.shape, str(meant))
    if len(volume.spatial) == 3:
        depth, height, width = volume.spatial
        if depth in (1, 3) and height == width > 4:
            if depth == 1 and volume.channels == 3:  # as a text it is a batch of one, with the channels last
                return findings.batch_in_front(str(volume), 3, 1, str(Volume(3, (height, width))))
            shape = str(list(volume.shape))
            return findings.batch_in_front(shape, volume.channels, volume.channels, str(Volume(depth, (height, width))))
        if height in (1, 3) and width == volume.channels > 4:
            meant = Volume(height, (width, width))
            return findings.batch_in_front(str(volume), volume.channels, depth, str(meant))
    return None

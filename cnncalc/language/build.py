"""From a `Document` to a `Network`: blocks and repeats written out, expressions worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from cnncalc import findings
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
from cnncalc.layers import Layer
from cnncalc.layers.kinds import REPEAT
from cnncalc.limits import Limits
from cnncalc.network import BLOCK, BRANCH, FORK, INPUT, Edge, Expectation, Graph, Group, Network, TooManyError
from cnncalc.network import REPEAT as TURNS
from cnncalc.volume import Volume


def build(
    document: Document, limits: Limits, input: Volume | None = None, parameters: Mapping[str, Exact] | None = None
) -> Network:
    """The network of a document, on its own input and parameters or on those given.

    Faults become findings; the volume behind a layer with a fault is unknown. On another input or
    other parameters, what the file expects to be equal is not held to, as it speaks of the file as
    it is written; bounds are. Raises KeyError for a parameter that the file does not have.
    """
    builder = _Builder(document, limits, as_written=input is None and not parameters)
    expectations: list[Expectation] = []
    try:
        builder.start(input, parameters or {})
        end = builder.chain(document.items, builder.root, builder.graph.input)
        expectations = builder.expectations()
        network = builder.graph.network(end)
    except TooManyError:
        network = builder.graph.nothing()
    found = [*document.findings, *network.findings]
    if input is not None and _readers_of_all(network):
        found += _other_parameters(build(document, limits, parameters=parameters), network)
    return network._replace(name=document.name, source=document.source, findings=found, expectations=expectations)


def _whole(value: Exact | None) -> Exact | None:
    """A fraction of denominator 1 as the int that it is."""
    return value.numerator if value is not None and value.denominator == 1 else value


def _readers_of_all(network: Network) -> dict[str, int]:
    """The weights of the layers that depend on the extents of what they read, by their paths."""
    found = {}
    for node in network.nodes:
        volume = node.edges[0].volume
        if node.layer is not None and node.layer.reads_all and volume is not None and volume.spatial:
            found[node.path] = node.layer.weights(volume)
    return found


def _other_parameters(own: Network, other: Network) -> list[Finding]:
    """A note where a network has other parameters on another input than on its own."""
    before, after = _readers_of_all(own), _readers_of_all(other)
    paths = [path for path in before if path in after and before[path] != after[path]]
    if not paths:
        return []
    fault = findings.parameters_depend_on_input(
        paths, sum(before[path] for path in paths), sum(after[path] for path in paths)
    )
    place = next(node.places.layer for node in other.nodes if node.path == paths[0])
    return [Finding(fault, place, paths[0])]


class _Scope:
    """What the layers of one list see: their path, the names in expressions, the volumes before them."""

    __slots__ = (
        "block_channels", "given", "input", "kinds", "level", "names", "outer", "prefix", "rounding", "serial", "turn",
        "turned",
    )  # fmt: skip

    def __init__(self, prefix: str, names: Names, rounding: str | None, outer: _Scope | None = None) -> None:
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
        self.input = Edge(INPUT, None)
        """What `input` means."""
        self.turn: int | None = None
        """That of the nearest repeated item around, in the same block."""
        self.turned: str | None = None
        """The block that these are the layers of, where its calls are repeated."""
        if outer is not None:
            self.serial, self.level = outer.serial, outer.level + 1
            self.turn, self.turned = outer.turn, outer.turned
            self.block_channels, self.input = outer.block_channels, outer.input

    @property
    def in_block(self) -> bool:
        return self.block_channels is not False

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
        self.root = _Scope("", {}, document.rounding)
        self.ends: dict[str, Edge] = {}
        """What each path so far gives."""
        self.taken: dict[str, Item] = {}
        """Whose path it is."""
        # Layers by what they were made from, and by themselves, so that equal ones are one object: 22 for resnet152's 514
        # nodes. Made anew for each, building takes 1.4 times as long there, 1.7 times for a chain of 10,000 layers.
        self.made: dict[object, Layer] = {}
        # Calls that are alike see the same names: 20 of resnet152's 104. Worked out anew, building takes 1.5 times as long.
        self.called: dict[object, tuple[Names, int]] = {}
        self.serials = 0

    @cached_property
    def named(self) -> dict[str, Place]:
        """Where the names stand that the outermost list of layers gives."""
        return {item.spec.name: item.places.layer for item in self.document.items if item.spec.name}

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
        if fault:
            self.graph.report(fault, None, place)
        if input is not None and input.elements > self.limits.largest:
            fault = findings.volume_too_large(str(input), input.elements, self.limits.largest)
            self.graph.report(fault, None, place if self.as_written else None)
            input = None
        self.graph.input = self.root.input = Edge(INPUT, input)

    def expectations(self) -> list[Expectation]:
        """What the file expects, its expressions worked out."""
        found = []
        for key, relation, template, place in self.document.claims:
            if relation == "=" and not self.as_written:
                continue
            evaluator = self.evaluator(self.root.names, Places(place))
            stated: int | Volume | None
            if isinstance(template, tuple):
                stated = evaluator.volume(key, template)
            else:
                stated = evaluator.number(key, REPEAT, template)
            if stated is not None:
                found.append(Expectation(key, relation, stated, place))
        return found

    # Lists of items

    def chain(self, items: Sequence[Item], scope: _Scope, edge: Edge) -> Edge:
        """Append the layers of the items one behind another; what the last one gives."""
        scope.given = {item.spec.name for item in items}
        for item in items:
            repeat = item.spec.repeat
            if not isinstance(repeat, int):
                evaluator = self.evaluator(scope.within(edge.volume, item.spec), item.places)
                given = evaluator.number("repeat", REPEAT, repeat)
                repeat = 1 if given is None else given
            if isinstance(item.spec, LayerSpec) and len(self.graph.nodes) + repeat > self.limits.layers:
                self.graph.refuse(findings.too_many_layers(self.limits.layers), item.places.layer)  # before any of them
            if repeat == 1:
                number = 0 if "repeat" in item.spec.written else scope.turn
                edge = self.turn(item, self.path(item, scope), scope, edge, number)
            else:
                edge = self.turns(item, repeat, scope, edge)
        return edge

    def turns(self, item: Item, repeat: int, scope: _Scope, edge: Edge) -> Edge:
        """A repeated item: each turn reads the one before it."""
        spec = item.spec
        path = scope.prefix + (spec.name or spec.word)
        self.graph.open(Group(TURNS, path, spec.word, item.places.layer, named=spec.name is not None, turns=repeat))
        for turn in range(repeat):
            edge = self.turn(item, self.path(item, scope, turn), scope, edge, turn)
        self.graph.close(edge)
        return edge

    def turn(self, item: Item, path: str, scope: _Scope, edge: Edge, number: int | None) -> Edge:
        """One item, once: the turn of that number."""
        spec, outer = item.spec, scope.turn
        scope.turn = number
        if spec.invalid:
            end = self.graph.add_unknown(path, spec.word, (edge,), item.places)
        elif isinstance(spec, LayerSpec):
            end = self.layer(item, spec, path, scope, edge)
        elif isinstance(spec, CallSpec):
            end = self.call(item, spec, path, scope, edge)
        else:
            assert isinstance(spec, ForkSpec)
            end = self.fork(item, spec, path, scope, edge)
        made = self.ends.setdefault(path, end)
        if spec.expect is not None and made.volume is not None and self.as_written:
            stated = self.evaluator(scope.within(edge.volume, spec), item.places, path).volume("expect", spec.expect)
            if stated is not None and stated != made.volume:
                fault = findings.expected_volume(str(stated), str(made.volume))
                self.graph.report(fault, path, item.places.of("expect"))
        scope.turn = outer
        return end

    def path(self, item: Item, scope: _Scope, turn: int | None = None) -> str:
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

    def given_path(self, item: Item, scope: _Scope, name: str) -> str:
        path = scope.prefix + name
        other = self.taken.get(path)
        if other:
            fault = findings.name_taken(name, other.places.layer.line)
            self.graph.report(fault, path, item.places.of("name"))
            while path in self.taken:
                path += "'"
        return path

    def deeper(self, scope: _Scope, item: Item, path: str) -> None:
        """Refuse to go deeper into blocks and branches than the limit."""
        if scope.level >= self.limits.depth:
            self.graph.refuse(findings.too_deep(self.limits.depth), item.places.layer, path)

    # Layers with one input

    def layer(self, item: Item, spec: LayerSpec, path: str, scope: _Scope, edge: Edge) -> Edge:
        layer = None if edge.volume is None else self.make(item, spec, path, scope, edge.volume)
        if layer is None:
            return self.graph.add_unknown(path, spec.word, (edge,), item.places)
        return self.graph.add(path, layer, edge, item.places)

    def make(self, item: Item, spec: LayerSpec, path: str, scope: _Scope, volume: Volume) -> Layer | None:
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

    def seen(self, spec: Spec, scope: _Scope, volume: Volume | None) -> tuple[object, ...]:
        """What the expressions of an item depend on. Only those that name the turn or more of a volume differ by them."""
        comes_in = volume if spec.by_volume or volume is None else volume.channels
        return scope.serial, comes_in, scope.block_channels, scope.turn if spec.by_turn else None

    # Blocks

    def call(self, item: Item, spec: CallSpec, path: str, scope: _Scope, edge: Edge) -> Edge:
        block = self.document.blocks[spec.word]
        if block.invalid:
            return self.graph.add_unknown(path, spec.word, (edge,), item.places)
        self.deeper(scope, item, path)
        self.account.spend(3, item.places.layer)
        channels = None if edge.volume is None else edge.volume.channels
        key = (spec, *self.seen(spec, scope, edge.volume))
        called = self.called.get(key)
        handed = {} if called else self.handed(item, spec, path, scope, edge)
        self.graph.open(Group(BLOCK, path, spec.word, item.places.layer, named=spec.name is not None))
        inner = _Scope(f"{path}.", {}, spec.rounding or scope.rounding)
        inner.level, inner.input, inner.block_channels = scope.level + 1, edge, channels
        inner.turned = spec.word if scope.turn is not None or scope.turned else None
        if called is None:
            self.serials += 1
            called = self.names_in(block, handed, path, inner.within(edge.volume, spec)), self.serials
            if None not in called[0].values():
                self.called[key] = called
        inner.names, inner.serial = called
        edge = self.chain(block.items, inner, edge)
        given = {name: inner.names[name] for name in block.parameters if name in inner.names}
        self.graph.close(edge, given)
        return edge

    def handed(self, item: Item, spec: CallSpec, path: str, scope: _Scope, edge: Edge) -> dict[str, Any]:
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

    def fork(self, item: Item, spec: ForkSpec, path: str, scope: _Scope, edge: Edge) -> Edge:
        self.deeper(scope, item, path)
        self.account.spend(3 + 2 * len(spec.branches) + len(spec.references), item.places.layer)
        layer, place, named = spec.layer, item.places.layer, spec.name is not None
        self.graph.open(Group(FORK, path, spec.word, place, named=named, training=spec.training))
        edges, names = self.branches(item, spec, path, scope, edge)
        if layer.leaves_chain:
            self.ends[path] = self.graph.heads[path] = edges[0]
            self.graph.close(edges[0])
            return edge
        for name, at in spec.references:
            edges.append(self.reference(name, at, path, scope, edge))
            names.append(name)
        end = self.graph.add(path, layer, edges, item.places, names)
        self.graph.close(end)
        return end

    def branches(
        self, item: Item, spec: ForkSpec, path: str, scope: _Scope, edge: Edge
    ) -> tuple[list[Edge], list[str]]:
        """What the branches give, and their names."""
        edges, names = ([edge], ["identity"]) if spec.layer.adds_identity else ([], [])
        starts = [edge] * len(spec.branches)
        if spec.layer.divides:
            starts = self.parts(item, len(spec.branches), path, edge)
        for (name, items, place), start in zip(spec.branches, starts, strict=True):
            within = f"{path}.{name}" if name else path
            inner = _Scope(f"{within}.", scope.names, spec.rounding or scope.rounding, scope)
            self.graph.open(Group(BRANCH, within, name or "", place, named=name is not None))
            edges.append(self.chain(items, inner, start))
            self.graph.close(edges[-1])
            names.append(name or path)
        return edges, names

    def parts(self, item: Item, count: int, path: str, edge: Edge) -> list[Edge]:
        """An equal share of the channels for each branch."""
        unknown = [edge._replace(volume=None)] * count
        if edge.volume is None:
            return unknown
        share, rest = divmod(edge.volume.channels, count)
        if rest:
            self.graph.report(findings.uneven_split(edge.volume.channels, count), path, item.places.layer)
            return unknown
        return [edge.part(index * share, share) for index in range(count)]

    def reference(self, name: str, place: Place, path: str, scope: _Scope, edge: Edge) -> Edge:
        """What a reference stands for; a volume that is not known after a report."""
        if name == "previous":
            return edge
        if name == "input":
            return scope.input
        within: _Scope | None = scope
        while within is not None:
            end = self.ends.get(within.prefix + name)
            if end is not None:
                if end.source != INPUT and self.graph.nodes[end.source].training and not self.graph.training:
                    self.graph.report(findings.reference_to_training(name), path, place)
                    return edge._replace(volume=None)
                return end
            within = within.outer
        self.graph.report(self.unknown(name, place, scope), path, place)
        return edge._replace(volume=None)

    def unknown(self, name: str, place: Place, scope: _Scope) -> Fault:
        """The fault of a reference to what is not there."""
        if scope.in_block and (name in self.named or name in self.ends):
            return findings.reference_out_of_block(name)
        if name in self.named and self.named[name][1:] > place[1:]:
            return findings.reference_to_later(name)
        nearest = (end.removeprefix(scope.prefix) for end in reversed(self.ends) if end.startswith(scope.prefix))
        return findings.unknown_reference(name, [*reversed([*islice(nearest, 80)]), "previous", "input"])


def _no_turn(turned: str | None) -> Lacking:
    """Why there is no `turn`; in a block whose calls are repeated, how it gets there."""
    if turned is None:
        return Lacking("nothing is repeated around it", ("`turn` goes with a `repeat`, in the same block",))
    remedy = f"hand it in: `{turned}: {{turn: turn, repeat: …}}`, with `turn: required` among the block's parameters"
    return Lacking(f"`turn` does not reach into the block `{turned}`", (remedy,))


def _extents(template: Volume | Extents) -> Extents:
    """The extents of a volume as it is read, channels first."""
    return tuple(template.shape) if isinstance(template, Volume) else template


def _looks_like_another(volume: Volume) -> Fault | None:
    """An input that someone who thinks in another notation meant otherwise; only what is plain.

    3x227x227 is height 3, width 227, 227 channels, and [227, 227, 3] is 227 channels over 227x3: PyTorch's order, or
    Keras', where the other one holds. 28x28 is length 28 with 28 channels. [1, 3, 224, 224] is 1 channel over
    3x224x224, and was a batch of pictures.
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
            return findings.batch_in_front(volume.shape, str(Volume(depth, (height, width))))
    return None

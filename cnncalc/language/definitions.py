"""What a file defines before its layers: parameters, blocks, and defaults of layer types."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from cnncalc import findings
from cnncalc.findings import ERROR
from cnncalc.language.attributes import NOT_FOR_DEFAULTS, nameable, with_commas
from cnncalc.language.document import MEASURES, TURN, Block, CallSpec, ForkSpec, Item, LayerSpec, Number, Parameters
from cnncalc.language.faults import Faults
from cnncalc.language.files import Gathered
from cnncalc.language.items import Defaults, ItemReader, stands_alone
from cnncalc.language.source import Mapping, Node, Scalar
from cnncalc.language.source import Sequence as List
from cnncalc.language.values import Pairs, empty, shape
from cnncalc.layers import TYPES, Branching, Layer
from cnncalc.layers.kinds import ARGUMENT
from cnncalc.limits import Limits

_PARTS: Final = ("inputs", "parameters", "layers")
"""What a block says."""
_PARTS_ALSO: Final = {
    **dict.fromkeys(("params", "param", "args", "arguments", "variables"), "parameters"),
    **dict.fromkeys(("body", "steps", "modules"), "layers"),
}
AROUND: Final = ("channels", TURN, *MEASURES)
"""What the layers' expressions can name beside the parameters."""


def visible(parameters: Collection[str], block: bool = False) -> set[str]:
    """What the expressions of layers can name, in a block or outside. A parameter hides the other names of its own."""
    names = {name for name in AROUND if name.partition(".")[0] not in parameters}
    return {*parameters, *names, *(("block.channels",) if block else ())}


class Definitions:
    """Reads what a file defines, and hands the blocks and defaults to who reads its items."""

    def __init__(self, gathered: Gathered, items: ItemReader, faults: Faults, limits: Limits) -> None:
        self.gathered, self.items, self.faults, self.limits = gathered, items, faults, limits
        self.values, self.attributes = items.values, items.attributes
        self.parameters: Parameters = {}
        self.used: dict[str, set[str]] = {}
        """What the expressions in each block name."""

    def read(self) -> None:
        """Parameters first, then the blocks' own, so that defaults and layers can be read in any order."""
        self.read_parameters()
        self.declare_blocks()
        with self.items.naming(visible(self.parameters, block=True)):
            self.read_defaults()
        self.read_blocks()

    def read_parameters(self) -> None:
        """The file's parameters; each may use those before it."""
        self.values.names = names = set[str]()
        for name, (file, key, node) in self.gathered.merged["parameters"].items():
            with self.faults.within(file):
                if len(self.parameters) == self.limits.parameters:
                    self.faults.report(findings.too_many_parameters("the file", len(self.parameters)), key)
                    break
                if self.attributes.good_parameter(key):
                    self.parameters[name] = (self.attributes.argument(name, node), self.faults.place(node))
                    names.add(name)

    def read_defaults(self) -> None:
        """The defaults of all files; the extending file's attributes over those of the one that it extends."""
        for word, entries in self.gathered.defaults.items():
            for file, key, attributes in entries:
                with self.faults.within(file):
                    if word not in TYPES:
                        self.faults.report(self.items.no_layer(key, attributes), key)
                    proper = word if word in TYPES else self.items.foreign_type(key)
                    if proper and issubclass(TYPES[proper], Branching):
                        self.faults.report(findings.no_defaults(proper), key)
                    elif proper:
                        self.defaults(TYPES[proper], attributes)

    def defaults(self, cls: type[Layer], attributes: Node) -> None:
        """Read what one file gives the layers of a type."""
        defaults = self.items.defaults.setdefault(cls.type, Defaults(LayerSpec(cls.type, cls)))
        pairs = self.values.pairs(f"`defaults` of `{cls.type}`", attributes)
        given = {name.value for name, _ in pairs}
        for other in cls.alternatives if given & {*cls.alternatives} else ():
            defaults.spec.values.pop(other, None)
            defaults.spec.pending.pop(other, None)
            defaults.places.pop(other, None)
        outside, self.values.used = self.values.used, set()
        for name, value in with_commas(pairs):
            if name.value in NOT_FOR_DEFAULTS:
                known = list(cls.attributes)
                self.faults.report(findings.unknown_attribute(f"defaults of {cls.type}", name.value, None, known), name)
            elif self.attributes.attribute(defaults.spec, cls, name, value):
                defaults.places[name.value] = self.faults.place(value)
            else:
                defaults.spec.invalid = True
        defaults.spec.note(self.values.used)
        self.values.used |= outside

    # Blocks

    def declare_blocks(self) -> None:
        """Every block's name and parameters, so that layers can be read in any order."""
        for name, (file, key, node) in self.gathered.merged["blocks"].items():
            with self.faults.within(file):
                word, _, arguments = name.partition("(")
                if name in TYPES:
                    self.faults.report(findings.block_shadows(name), key)
                    self.items.misnamed[name] = {*_parameters_of(node)}
                elif arguments and nameable(word):
                    self.faults.report(findings.block_with_arguments(name, word, arguments), key)
                    self.items.misnamed[word] = None
                elif self.attributes.good_name(key):
                    self.items.blocks[name] = self.declared(name, key, node)
                else:
                    self.items.misnamed[name] = None

    def declared(self, name: str, key: Scalar, node: Node) -> Block:
        """A block with its inputs and its parameters."""
        parts = {_part(node, part): value for part, value in node.pairs} if isinstance(node, Mapping) else {}
        inputs: tuple[str, ...] = ()
        parameters: Parameters = {}
        if "inputs" in parts:
            inputs = self.block_inputs(parts["inputs"])
            if not inputs:
                self.items.uncallable.add(name)
        if "parameters" in parts and not self.block_parameters(name, parts["parameters"], inputs, parameters):
            self.items.uncallable.add(name)
        for both in parameters.keys() & {*inputs}:
            self.faults.report(findings.input_named_like(both, "a parameter"), parts["inputs"])
        used = frozenset(self.used.get(name, ()))
        return Block(name, parameters, [], self.faults.place(key), inputs, used)

    def block_inputs(self, node: Node) -> tuple[str, ...]:
        """The names of a block's inputs; none after a report."""
        items = node.items if isinstance(node, List) else []
        if not items or not all(isinstance(item, Scalar) for item in items):
            self.faults.report(
                findings.wrong_shape("`inputs`", "a list of names, as in [left, right]", shape(node)), node
            )
            return ()
        names: list[str] = [item.value for item in items]  # type: ignore[union-attr]
        good = True
        for index, item in enumerate(items):
            assert isinstance(item, Scalar)
            if item.value in names[:index]:
                self.faults.report(findings.input_named_like(item.value, "another"), item)
                good = False
            good = self.attributes.good_parameter(item) and good
        return tuple(names) if good else ()

    def names_in(self, inputs: Sequence[str], own: Collection[str] = ()) -> set[str]:
        """What expressions can name in a block of these inputs and parameters."""
        return {*visible({*self.parameters, *own}, block=True), *(f"{name}.channels" for name in inputs)}

    def block_parameters(self, block: str, node: Node, inputs: Sequence[str], found: Parameters) -> bool:
        """Read the parameters of a block; whether they are right."""
        self.values.names = names = self.names_in(inputs)
        outside, self.values.used = self.values.used, self.used.setdefault(block, set())
        right = isinstance(node, Mapping) or empty(node)
        for key, default in self.parameter_pairs(block, node):
            if len(found) == self.limits.parameters:
                self.faults.report(findings.too_many_parameters(f"the block `{block}`", len(found)), key)
                return False
            if not self.attributes.good_parameter(key):
                right = False
                continue
            required = isinstance(default, Scalar) and default.value == "required"
            value: Number | tuple[Number, ...] | None = None
            if empty(default):
                meant = (f"write `{key.value}: required`",)
                self.faults.report(findings.bad_value(key.value, f"{ARGUMENT.says}, or `required`", "", meant), key)
                right = False
            elif not required:
                value = self.attributes.argument(key.value, default)
                right = right and value is not None
            found[key.value] = value, self.faults.place(default)
            names.add(key.value)
        self.values.used = outside | (self.values.used - found.keys())
        return right

    def parameter_pairs(self, block: str, node: Node) -> Pairs:
        """The names and defaults of a block's parameters; names alone are reported, and read as required."""
        names = [node] if isinstance(node, Scalar) and node.value else node.items if isinstance(node, List) else []
        words = [name for name in names if isinstance(name, Scalar)]
        if not words or len(words) < len(names):
            return self.values.pairs(f"`parameters` of `{block}`", node)
        meant = f"{{{', '.join(f'{word.value}: required' for word in words)}}}"
        fault = findings.wrong_shape(f"`parameters` of `{block}`", "a mapping", shape(node), (f"write `{meant}`",))
        self.faults.report(fault, node)
        return [(word, Scalar("required", word.start, word.end)) for word in words]

    def read_blocks(self) -> None:
        """The blocks' layers. Blocks that call themselves are invalid."""
        calls: dict[str, list[str]] = {}
        blocks = self.items.blocks
        for name, block in list(blocks.items()):
            file, key, node = self.gathered.merged["blocks"][name]
            with self.faults.within(file):
                if self.block_layers(block, key, node):
                    calls[name] = sorted(_called(block.items))
                else:
                    blocks[name] = block._replace(invalid=True)
        for cycle in _cycles(calls):
            file, key, _ = self.gathered.merged["blocks"][cycle[0]]
            with self.faults.within(file):
                self.faults.report(findings.block_calls_itself(cycle), key)
            blocks[cycle[0]] = blocks[cycle[0]]._replace(invalid=True)

    def block_layers(self, block: Block, key: Scalar, node: Node) -> bool:
        """Read the layers of one block; whether it has any."""
        if not isinstance(node, Mapping) or (node.pairs and all(part.value in TYPES for part, _ in node.pairs)):
            self.faults.report(_no_block(block.name, node), node)
            if isinstance(node, List):  # read on, as its layers
                with self.items.naming(self.names_in(())):
                    block.items.extend(self.items.layers(node))
            return False
        has_layers = False
        for part, value in node.pairs:
            proper = _part(node, part)
            if proper != part.value:
                self.faults.report(findings.misspelt_key(part.value, proper, "block"), part)
            if proper == "layers":
                has_layers = True
                outside, self.values.used = self.values.used, self.used.setdefault(block.name, set())
                with self.items.naming(self.names_in(block.inputs, block.parameters)):
                    block.items.extend(self.items.layers(value))
                self.values.used = outside | (self.values.used - block.parameters.keys())
                self.hold_to_inputs(block)
            elif proper not in _PARTS:
                self.faults.report(findings.unknown_key(part.value, _PARTS, "block"), part)
        if not has_layers:
            self.faults.report(findings.block_without_layers(block.name), key)
        return has_layers

    def hold_to_inputs(self, block: Block) -> None:
        """Faults of layers that are called as an input of their block is."""
        for item in _all_items(block.items) if block.inputs else ():
            if item.spec.name in block.inputs:
                self.faults.add(findings.input_named_like(item.spec.name, "a layer"), item.places.of("name"))

    # What an extending file adds in vain

    def unused(self, layers: Sequence[Item]) -> None:
        """Say what nothing uses. What a file adds to the one that it extends is most likely a slip of the pen."""
        if not self.gathered.whole:
            return
        called = _called(layers).union(*[_called(block.items) for block in self.items.blocks.values()])
        self.unused_of("parameters", "parameter", self.values.used)
        self.unused_of("blocks", "block", called)
        for name, beneath in self.gathered.beneath["blocks"].items():
            file, _, node = self.gathered.merged["blocks"][name]
            own, used = _parameters_of(beneath), self.used.get(name, ())
            with self.faults.within(file):
                for parameter, key in _parameters_of(node).items():
                    if name in self.items.blocks and parameter not in own and parameter not in used:
                        fault = findings.unused_addition(f"parameter of the block `{name}`", parameter, list(own))
                        self.faults.report(fault, key)

        if self.sound:
            self.unused_defaults()

    @property
    def sound(self) -> bool:
        """Whether nothing has been found so far that may be what was meant by what nothing uses."""
        return not any(finding.severity == ERROR for finding in self.faults.findings)

    def unused_defaults(self) -> None:
        """Say which defaults no layer takes; of files of which one extends the other, what this one adds alone."""
        for type, defaults in self.items.defaults.items():
            for attribute, place in defaults.places.items():
                added = self.gathered.extends and place.file == self.faults.file
                if attribute not in defaults.taken and (added or not self.gathered.extends):
                    self.faults.add(findings.unused_default(type, attribute, added), place)

    def unused_of(self, key: str, kind: str, used: Collection[str]) -> None:
        beneath, merged = self.gathered.beneath[key], self.gathered.merged[key]
        known = [name for name in merged if beneath.get(name, merged) is not None]
        right = self.sound
        for name, (file, word, _) in merged.items():
            if name in used or beneath.get(name) is not None:
                continue
            with self.faults.within(file):
                if name in beneath:
                    self.faults.report(findings.unused_addition(kind, name, known), word)
                elif right and not self.gathered.extends:
                    self.faults.report(findings.unused_definition(kind, name), word)


def _part(block: Mapping, key: Scalar) -> str:
    """The part of a block that a key stands for: its own, or where that is no part and not given the one meant."""
    word = key.value
    if word in _PARTS:
        return word
    likely = _PARTS_ALSO.get(word.lower()) or findings.closest(word, _PARTS, cutoff=0.8)
    given = {other.value for other, _ in block.pairs}
    return likely if likely and likely not in given else word


def _no_block(name: str, node: Node) -> findings.Fault:
    """The fault of what is no block."""
    if isinstance(node, List):
        remedy = "write `layers:` above them, and indent them below it"
    elif isinstance(node, Mapping) and node.pairs:
        remedy = "give each layer a line with its own `-`, and write `layers:` above them"
    else:
        word = node.value if isinstance(node, Scalar) and stands_alone(node.value) else "relu"
        remedy = f"for example `{name}: {{layers: [{word}]}}`"
    wanted = "a mapping with `layers`, and `parameters` where it has any"
    given = "a mapping of layers" if isinstance(node, Mapping) and node.pairs else shape(node)
    return findings.wrong_shape(f"the block `{name}`", wanted, given, (remedy,))


def _parameters_of(block: Node | None) -> dict[str, Scalar]:
    """The names of the parameters of a block, as they are written."""
    parts = block.pairs if isinstance(block, Mapping) else ()
    found = [value for part, value in parts if part.value == "parameters" and isinstance(value, Mapping)]
    return {key.value: key for value in found for key, _ in value.pairs}


def _all_items(items: Sequence[Item]) -> Iterator[Item]:
    """The items of a list of layers, also within branches."""
    for item in items:
        yield item
        if isinstance(item.spec, ForkSpec):
            for _, branch, _ in item.spec.branches:
                yield from _all_items(branch)


def _called(items: Sequence[Item]) -> set[str]:
    """The blocks that a list of layers calls, also within branches."""
    return {item.spec.word for item in _all_items(items) if isinstance(item.spec, CallSpec)}


def _cycles(calls: dict[str, list[str]]) -> Iterator[list[str]]:
    """A cycle for each block that comes back to itself, in linear time and without recursion."""
    done: set[str] = set()
    for start in calls:
        path: dict[str, None] = {}
        left = [(start, iter(calls[start]))] if start not in done else []
        while left:
            block, following = left[-1]
            if len(path) < len(left):
                path[block] = None
            for called in following:
                if called in path:
                    blocks = list(path)
                    yield [*blocks[blocks.index(called) :], called]
                    done.add(called)
                elif called not in done and called in calls:
                    left.append((called, iter(calls[called])))
                    break
            else:
                done.add(block)
                left.pop()
                path.popitem()

"""Lists of layers to items: layers, calls of blocks, branches."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final

from cnncalc import findings
from cnncalc.findings import Fault, Place, Places
from cnncalc.language.attributes import AttributeReader, has_parts, meant, nameable, with_parts
from cnncalc.language.document import Block, CallSpec, ForkSpec, Item, LayerSpec, Spec
from cnncalc.language.faults import Faults
from cnncalc.language.source import Mapping, Node, Position, Scalar, Sequence, Spot
from cnncalc.language.values import ValueReader, empty, first_word, shape, written
from cnncalc.layers import TYPES, Branching, Layer
from cnncalc.layers.base import COMMON, REQUIRED
from cnncalc.layers.kinds import FLAG
from cnncalc.limits import Limits

ALSO: Final = {word: layer.type for layer in TYPES.values() for word in layer.also}
"""The layer types by what other tools call them."""
_REFERENCE: Final = r"[^\W_][\w+.-]*\Z"


class Defaults:
    """What `defaults` gives the layers of one type, and where it stands."""

    def __init__(self, spec: LayerSpec) -> None:
        self.spec = spec
        self.places: dict[str, Place] = {}


class ItemReader:
    """Reads lists of layers. A fault in an item makes its spec invalid, not those around it."""

    def __init__(self, values: ValueReader, faults: Faults, limits: Limits) -> None:
        self.values, self.faults, self.limits = values, faults, limits
        self.attributes = AttributeReader(values, faults)
        self.blocks: dict[str, Block] = {}
        self.uncallable: set[str] = set()
        """Blocks whose parameters have a fault, so that calls to them are not held to them."""
        self.defaults: dict[str, Defaults] = {}
        self.whole = True
        """Whether all files that are extended could be read, so that a word that is unknown is none."""
        # Most items of a long file say what another one says. Read anew, a chain of 10,000 layers takes 1.5 times as long
        # to read and 1.9 times as long to build.
        self.cached: dict[object, Spec] = {}

    @contextmanager
    def naming(self, names: Collection[str]) -> Iterator[None]:
        """Let expressions use these names; items that were read where others held are read again."""
        self.values.names, outer = names, self.values.names
        self.cached = {}
        yield
        self.values.names = outer
        self.cached = {}

    def refuse(self, spec: Spec, fault: Fault, spot: Spot) -> None:
        """Report a fault of an item."""
        spec.invalid = True
        self.faults.report(fault, spot)

    def layers(self, node: Node) -> list[Item]:
        """The items of a list of layers."""
        if not isinstance(node, Sequence):
            self.faults.report(*_no_list(node))
            return []
        if len(node.items) > self.limits.layers:
            self.faults.report(findings.too_many_layers(self.limits.layers), node.items[self.limits.layers])
            return []
        return [self.item(item) for item in node.items]

    def item(self, node: Node) -> Item:
        if isinstance(node, Scalar):
            key, value = node, Scalar("", node.start)
        elif isinstance(node, Mapping) and len(node.pairs) == 1:
            key, value = node.pairs[0]  # type: ignore[assignment]
        else:
            return self.no_item(node)
        fingerprint = _fingerprint(key, value)
        spec = self.cached.get(fingerprint)
        if spec is None:
            outside, self.values.used = self.values.used, set()
            spec = self.fresh(key, value)
            if self.values.used:
                spec.note(self.values.used)
                outside |= self.values.used
            self.values.used = outside
            if fingerprint is not None and not spec.invalid:
                self.cached[fingerprint] = spec
        return Item(spec, self.places(spec, key, value))

    def places(self, spec: Spec, key: Scalar, value: Node) -> Places:
        """Where the item and what it says stand, in the order of the spec's words."""
        place = self.faults.place
        if isinstance(value, Mapping):
            values = [place(node) for _, node in value.pairs]
            if spec.by_parts:
                values.append(place(value))
        else:
            values = [place(value)] if len(spec.written) > len(spec.inherited) else []
        return Places(place(key), spec.written, (*values, *spec.inherited))

    def no_item(self, node: Mapping | Sequence) -> Item:
        """What stands in the place of an item that is none."""
        spec = LayerSpec("?", None)
        if isinstance(node, Sequence):
            fault, spot = findings.wrong_shape("a layer", "a word or a mapping with one key", "a list"), node
            self.refuse(spec, fault, spot)
        else:
            self.refuse(spec, *self.several(node))
        return Item(spec, Places(self.faults.place(node)))

    def several(self, node: Mapping) -> tuple[Fault, Spot]:
        """The fault of an item with no key or with several, and where it stands."""
        keys = [key.value for key, _ in node.pairs]
        if not keys:
            return findings.wrong_shape("a layer", "a word or a mapping with one key", "an empty mapping"), node
        types = [value.value for key, value in node.pairs if key.value == "type" and isinstance(value, Scalar)]
        if types:
            return findings.type_as_attribute(types[0]), node
        inside = {*COMMON, *(TYPES[keys[0]].attributes if keys[0] in TYPES else ())}
        inside |= {*(self.blocks[keys[0]].parameters if keys[0] in self.blocks else ())}
        beside = [key for key in keys[1:] if key not in inside and (key in TYPES or key in self.blocks)]
        if empty(node.pairs[0][1]) and not beside:
            return findings.indent_attributes(keys[0], keys[1:]), node.pairs[1][0]
        return findings.several_layers(keys), node.pairs[1][0]

    def fresh(self, key: Scalar, value: Node) -> Spec:
        """The spec of an item not met before."""
        cls = TYPES.get(key.value)
        if key.value in self.blocks:
            return self.call(key, value, self.blocks[key.value])
        if cls is None:
            return self.unknown(key, value)
        if issubclass(cls, Branching):
            return self.fork(key, value, cls)
        return self.layer(key, value, cls)

    def unknown(self, key: Scalar, value: Node) -> Spec:
        spec = LayerSpec(key.value if nameable(key.value) else "?", None)
        spec.invalid = True
        _note_words(spec, value, None)
        taking = [word for word, cls in TYPES.items() if cls.main]  # a value behind their colon
        known = (TYPES, self.blocks) if ":" in key.value else (taking,)
        if self.whole and not self.values.run_together(key, value, *known):
            bare = key.value.lower().partition("(")[0].rpartition(".")[2]  # of `nn.Conv2d(3, 8, 3)`
            proper = ALSO.get(bare) or (bare if bare in TYPES else None)
            self.faults.report(findings.unknown_layer(key.value, proper, [*self.blocks, *TYPES]), key)
        return spec

    # Layers with one input

    def layer(self, key: Scalar, value: Node, cls: type[Layer]) -> LayerSpec:
        spec = LayerSpec(key.value, cls)
        _note_words(spec, value, cls)
        defaults = self.defaults.get(key.value)
        if defaults:
            spec.values, spec.pending = dict(defaults.spec.values), dict(defaults.spec.pending)
            spec.rounding, spec.invalid = defaults.spec.rounding, defaults.spec.invalid
            spec.by_turn, spec.by_volume = defaults.spec.by_turn, defaults.spec.by_volume
            spec.written += tuple(defaults.places)
            spec.inherited = tuple(defaults.places.values())
        if self.own(spec, value, cls):
            missing = self.fill(spec, cls)
            if missing and not (defaults and defaults.spec.invalid):
                tried = meant(cls, value)  # what was written wrong has been reported already
                missing = [attribute for attribute in missing if attribute not in tried]
                if missing:
                    self.refuse(spec, findings.missing_attribute(cls.type, missing, _example(cls)), key)
        return spec

    def own(self, spec: LayerSpec, value: Node, cls: type[Layer]) -> bool:
        """Read what the item itself says; False where it says what its type cannot be told."""
        if isinstance(value, Mapping):
            pairs = with_parts(cls, value)
            if sum(name.value == cls.main for name, _ in pairs) > 1:
                self.refuse(spec, findings.given_twice(cls.type, cls.main or ""), value)
            for name, node in pairs:
                if not self.attributes.attribute(spec, cls, name, node):
                    spec.invalid = True
        elif _given(value):
            if cls.main is None:
                self.refuse(spec, findings.no_main_attribute(cls.type, list(cls.attributes)), value)
                return False
            kind = cls.attributes[cls.main].kind
            if not self.attributes.keep(spec, cls.main, kind, self.values.value(cls.main, kind, value)):
                spec.invalid = True
        return True

    def fill(self, spec: LayerSpec, cls: type[Layer]) -> list[str]:
        """Put in the type's own defaults; the attributes that have none and are not given."""
        missing = []
        for attribute, described in cls.attributes.items():
            if attribute not in spec.values and attribute not in spec.pending:
                if described.default is REQUIRED:
                    missing.append(attribute)
                else:
                    spec.values[attribute] = described.default
        return missing

    # Blocks called, branches forked

    def call(self, key: Scalar, value: Node, block: Block) -> CallSpec:
        spec = CallSpec(key.value)
        spec.note(block.used)
        _note_words(spec, value, None)
        if block.name in self.uncallable:
            spec.invalid = True
            return spec
        pairs = value.pairs if isinstance(value, Mapping) else []
        if not isinstance(value, Mapping) and not empty(value):
            self.refuse(spec, findings.no_main_attribute(block.name, list(block.parameters)), value)
            return spec
        for name, node in pairs:
            if not self.handed(spec, block, name, node):
                spec.invalid = True
        words = [first_word(name.value) for name, _ in pairs]
        given = {word if word in block.parameters else findings.closest(word, block.parameters) for word in words}
        missing = [name for name, (default, _) in block.parameters.items() if default is None and name not in given]
        if missing:
            self.refuse(spec, findings.missing_parameter(block.name, missing, block.place.line), key)
        return spec

    def handed(self, spec: CallSpec, block: Block, name: Scalar, node: Node) -> bool:
        """Read one argument, or one of the attributes that every item takes; whether it was right."""
        if name.value in block.parameters:
            argument = self.attributes.argument(name.value, node)
            if argument is not None:
                spec.arguments[name.value] = argument
            return argument is not None
        if name.value in COMMON:
            return self.attributes.common(spec, name.value, node)
        if not self.values.run_together(name, node, block.parameters, COMMON):
            self.faults.report(findings.unknown_parameter(block.name, name.value, block.parameters), name)
        return False

    def fork(self, key: Scalar, value: Node, cls: type[Branching]) -> ForkSpec:
        spec = ForkSpec(key.value, cls())
        _note_words(spec, value, None)
        if isinstance(value, Sequence) and cls.one_body and not cls.leaves_chain:
            self.branch(spec, None, value)
        elif isinstance(value, Sequence) and cls.takes_references:
            self.references(spec, value, cls)
        elif isinstance(value, Mapping):
            for name, node in value.pairs:
                self.part(spec, cls, name, node)
            self.hold_to(spec, cls, key)
        else:
            self.refuse(spec, findings.bad_branches(cls.type, f"{shape(value)} as its branches", _example(cls)), key)
        return spec

    def part(self, spec: ForkSpec, cls: type[Branching], name: Scalar, node: Node) -> None:
        """Read one branch, or one attribute."""
        word = name.value
        if cls.leaves_chain and word == "training":
            training = self.values.value(word, FLAG, node)
            spec.training, spec.invalid = bool(training), spec.invalid or training is None
        elif isinstance(node, Sequence) and not (word == "expect" and all(isinstance(i, Scalar) for i in node.items)):
            if not cls.one_body:
                if self.attributes.good_name(name):
                    self.branch(spec, word, node)
                else:
                    spec.invalid = True
            elif word == "layers":
                self.branch(spec, None, node)
            else:
                self.refuse(spec, findings.bad_branches(cls.type, f"a branch `{word}`", _example(cls)), name)
        elif word in COMMON:
            if not self.attributes.common(spec, word, node):
                spec.invalid = True
        else:
            spec.invalid = True
            if not self.values.run_together(name, node, ("layers",), COMMON):
                given = f"{shape(node)} as `{word}`"
                self.faults.report(findings.bad_branches(cls.type, given, _example(cls)), name)

    def branch(self, spec: ForkSpec, name: str | None, node: Sequence) -> None:
        """Read one branch. The faults of its layers are theirs, and not the fork's."""
        spec.branches.append((name, self.layers(node), self.faults.place(node)))

    def hold_to(self, spec: ForkSpec, cls: type[Branching], key: Scalar) -> None:
        """Faults of what a branching layer lacks."""
        least = 1 if cls.one_body else 2
        if len(spec.branches) < least:
            if not spec.invalid:  # otherwise what was meant has a fault of its own
                what = f"fewer than {least} branches" if least > 1 else "a mapping without `layers`"
                self.faults.report(findings.bad_branches(cls.type, what, _example(cls)), key)
            spec.invalid = True
        if cls.leaves_chain and spec.name is None:
            self.refuse(spec, findings.missing_attribute(cls.type, ["name"], _example(cls)), key)

    def references(self, spec: ForkSpec, node: Sequence, cls: type[Branching]) -> None:
        for item in node.items:
            if not isinstance(item, Scalar) or not re.match(_REFERENCE, item.value):
                given = f"{shape(item)} in a list of names"
                self.refuse(spec, findings.bad_branches(cls.type, given, _example(cls)), item)
                return
            spec.references.append((item.value, self.faults.place(item)))
        if len(node.items) < 2:
            example = f"{cls.type}: [previous, conv1]"
            self.refuse(spec, findings.bad_branches(cls.type, "fewer than 2 names", example), node)


def _no_list(node: Scalar | Mapping) -> tuple[Fault, Spot]:
    """The fault of what is no list of layers, and where it stands."""
    first, value = node.pairs[0] if isinstance(node, Mapping) and node.pairs else (node, None)
    if isinstance(first, Scalar) and first.plain and re.match(r"-[^\W\d]", first.value):
        item = first.value.partition(" -")[0]
        if value:
            beside = written(value) if value.start.line == first.start.line else ""
            item = f"{first.value}: {beside}".rstrip()
        return findings.missing_space_after_dash(item), Position(first.start.line, first.start.column + 1)
    return findings.wrong_shape("`layers`", "a list of layers, each after a `-`", shape(node)), node


def _given(value: Node) -> bool:
    """Whether something is written, were it an empty text in quotes."""
    return not isinstance(value, Scalar) or bool(value.value) or not value.plain


def _note_words(spec: Spec, value: Node, cls: type[Layer] | None) -> None:
    """Note what is written, in the order of the places that `ItemReader.places` gives."""
    if isinstance(value, Mapping):
        spec.written = tuple([key.value for key, _ in value.pairs])
        if cls is not None and has_parts(cls, value):
            spec.by_parts = True
            spec.written += (cls.main or "",)
    elif cls is not None and cls.main and not empty(value):
        spec.written = (cls.main,)


def _example(cls: type[Layer]) -> str:
    return cls.example.removeprefix("- ")


def _fingerprint(key: Scalar, value: Node) -> object:
    """What the item says, for comparing; None where it nests deeper than attributes with plain values."""
    if isinstance(value, Scalar):
        return key.value, value.value, value.plain
    if isinstance(value, Mapping):
        try:
            return key.value, tuple([(k.value, v.value) for k, v in value.pairs])  # type: ignore[union-attr]
        except AttributeError:
            return None
    return None

"""Lists of layers to items: layers, calls of blocks, branches."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from collections.abc import Sequence as SequenceOf
from contextlib import contextmanager
from itertools import islice
from math import log10
from typing import Final

from cnncalc import findings
from cnncalc.findings import Fault, Place, Places
from cnncalc.language.attributes import (
    RESERVED,
    AttributeReader,
    has_parts,
    meant,
    nameable,
    with_commas,
    with_parts,
)  # fmt: skip
from cnncalc.language.document import Block, CallSpec, ForkSpec, Item, LayerSpec, Spec
from cnncalc.language.expression import Expression
from cnncalc.language.faults import Faults
from cnncalc.language.references import ALL_TURNS
from cnncalc.language.source import Mapping, Node, Position, Scalar, Sequence, Spot
from cnncalc.language.values import Pairs, ValueReader, empty, first_word, shape, written
from cnncalc.layers import TYPES, Branching, Layer
from cnncalc.layers.base import COMMON, REQUIRED
from cnncalc.layers.kinds import FLAG, SIZES
from cnncalc.limits import Limits

_NUMBERS: Final = r"[\[(]?[0-9]+(, *[0-9]+)*[\])]?\Z"
"""`16, 3` in the place of attributes."""
_REFERENCE: Final = r"[^\W_][\w+.-]*\Z"
_BARE: Final = r"[\w.][\w.*+ -]*\Z"
"""A number, a word or an expression that can stand within braces too."""
_JOINED: Final = ("layers", "inputs", "input", "sources", "names", "branches", "of")
"""What the list of names of a join is called by who does not know `from`."""
_ALIKE: Final = 0.75
"""How alike words must be (`difflib`) for one to be taken for the other: below it `pixelshuffle` is `channel_shuffle`."""


_BACK: Final = 10
"""How many items before one are looked at."""


class Defaults:
    """What `defaults` gives the layers of one type, and where it stands."""

    def __init__(self, spec: LayerSpec) -> None:
        self.spec = spec
        self.places: dict[str, Place] = {}
        self.taken: set[str] = set()
        """What a layer has not said itself."""


class ItemReader:
    """Reads lists of layers. A fault in an item makes its spec invalid, not those around it."""

    def __init__(self, values: ValueReader, faults: Faults, limits: Limits) -> None:
        self.values, self.faults, self.limits = values, faults, limits
        self.attributes = AttributeReader(values, faults)
        self.blocks: dict[str, Block] = {}
        self.misnamed: dict[str, Collection[str] | None] = {}
        """Blocks that cannot be called so, with their parameters where they have the name of a layer type."""
        self.uncallable: set[str] = set()
        """Blocks whose parameters have a fault, so that calls to them are not held to them."""
        self.defaults: dict[str, Defaults] = {}
        self.siblings: list[Node] = []
        """The items of the list that is being read."""
        self.whole = True
        """Whether all files that are extended could be read, so that a word that is unknown is none."""
        # Most items of a long file say what another one says. Read anew, a chain of 10,000 layers takes 1.5 times as long
        # to read and 1.9 times as long to build.
        self.cached: dict[object, Spec] = {}
        self.listed: dict[str, int] = {}
        """The line of each file to which all layer types have been listed."""

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
        around, self.siblings = self.siblings, node.items
        items = [self.item(item) for item in node.items]
        self.siblings = around
        return items

    def item(self, node: Node) -> Item:
        if isinstance(node, Scalar):
            key, value = node, Scalar("", node.start)
        elif isinstance(node, Mapping) and len(node.pairs) == 1 and _type(node) is None:
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
            word = _type(node)
            if word is not None:
                return self.typed(node, word)
            self.refuse(spec, *self.several(node))
        return Item(spec, Places(self.faults.place(node)))

    def typed(self, node: Mapping, word: Scalar) -> Item:
        """`{type: Conv2D, filters: 8}`, reported, and read on as the layer that is meant."""
        rest = Mapping(node.start, node.end)
        rest.pairs = [pair for pair in node.pairs if pair[0].value != "type"]
        known = word.value in TYPES or word.value in self.blocks
        proper = word.value if known else self.foreign_type(word)
        self.faults.report(findings.type_as_attribute(word.value, proper, bool(rest.pairs)), node)
        if not proper and self.whole:
            self.faults.report(self.no_layer(word, Scalar("", word.start)), word)
        spec: Spec = LayerSpec("?", None)
        if proper and not (proper in TYPES and issubclass(TYPES[proper], Branching)):
            spec = self.fresh(Scalar(proper, word.start, word.end), rest)
        spec.invalid = True
        return Item(spec, self.places(spec, word, rest))

    def several(self, node: Mapping) -> tuple[Fault, Spot]:
        """The fault of an item with no key or with several, and where it stands."""
        keys = [key.value for key, _ in node.pairs]
        if not keys:
            return findings.wrong_shape("a layer", "a word or a mapping with one key", "an empty mapping"), node
        inside = {*COMMON, *(TYPES[keys[0]].attributes if keys[0] in TYPES else ())}
        inside |= {*(self.blocks[keys[0]].parameters if keys[0] in self.blocks else ())}
        beside = [key for key in keys[1:] if key not in inside and (key in TYPES or key in self.blocks)]
        if empty(node.pairs[0][1]) and not beside:
            return findings.indent_attributes(keys[0], keys[1:]), node.pairs[1][0]
        return _beside(node, inside) or findings.several_layers(keys), node.pairs[1][0]

    def fresh(self, key: Scalar, value: Node) -> Spec:
        """The spec of an item not met before."""
        cls = TYPES.get(key.value)
        if key.value in self.misnamed and self.calls_misnamed(key, value):
            spec: Spec = LayerSpec("?", None)
            _note_words(spec, value, None)
            spec.invalid = True
            return spec
        if key.value in self.blocks:
            return self.call(key, value, self.blocks[key.value])
        if cls is None:
            return self.unknown(key, value)
        if issubclass(cls, Branching):
            return self.fork(key, value, cls)
        return self.layer(key, value, cls)

    def calls_misnamed(self, key: Scalar, value: Node) -> bool:
        """Whether an item calls a block that has the name of a layer type, and is no layer of that type."""
        parameters = self.misnamed[key.value]
        if parameters is None or not isinstance(value, Mapping):
            return True
        return all(name.value in parameters or name.value in COMMON for name, _ in value.pairs)

    def unknown(self, key: Scalar, value: Node) -> Spec:
        """A word that is no layer: reported, and where other tools know it read on as what they mean by it."""
        spec: Spec = LayerSpec(key.value if nameable(key.value) else "?", None)
        _note_words(spec, value, None)
        taking = [word for word, cls in TYPES.items() if cls.main]  # a value behind their colon
        known = (TYPES, self.blocks) if ":" in key.value else (taking,)
        if self.whole and not self.values.run_together(key, value, *known):
            item = _meant(key.value, value)
            inside = _layer_inside(key, value)
            if inside:
                self.faults.report(findings.name_of_layer(key.value, inside[0].value, inside[2]), key)
                spec = self.fresh(inside[0], inside[1])
                spec.invalid = True
                return spec
            fault = findings.layer_not_here(key.value, f"write `{item}`") if item else self.no_layer(key, value)
            self.faults.report(fault, key)
            proper = self.foreign_type(key)
            if proper and not item and "(" not in key.value and not _joining(proper, value):
                spec = self.fresh(Scalar(proper, key.start, key.end), value)
        spec.invalid = True
        return spec

    def foreign_type(self, key: Scalar) -> str | None:
        """The layer type that other tools call so."""
        from cnncalc.layers import foreign  # only a word that is unknown needs it

        return foreign.proper_type(key.value)

    def no_layer(self, key: Scalar, value: Node) -> Fault:
        """What to say of a word that is no layer."""
        from cnncalc.layers import foreign

        word, proper = key.value, foreign.proper_type(key.value)
        if proper:
            example = _joining(proper, value)
            return (
                findings.one_name_to_join(word, proper, example)
                if example
                else findings.foreign_layer(word, proper, self.beside(key, value))
            )
        block = _likeliest(word, self.blocks)
        if block:
            return findings.misspelt_layer(word, block)
        behind = value.value if isinstance(value, Scalar) else ""
        remedy = foreign.activation(behind, alone=True) if foreign.plain(word) == "activation" else foreign.remedy(word)
        if remedy and remedy == foreign.remedy("SeparableConv2D"):
            from cnncalc.language.notations import separable

            layers = separable(value)
            remedy = f"write two layers, `{layers[0]}` and `{layers[1]}`" if layers else remedy
        if not remedy and isinstance(value, Sequence) and value.items and _is_list_of_layers(value):
            remedy = foreign.remedy("block")
        if remedy:
            return findings.layer_not_here(word, remedy)
        numbered = foreign.numbered_type(word)
        if numbered and not nameable(word):
            return findings.misspelt_layer(word, numbered)
        if numbered:
            return findings.name_for_layer(word, numbered, _named(TYPES[numbered], word, value))
        likely = _likeliest(word, TYPES)
        if likely:
            return findings.misspelt_layer(word, likely)
        listed = self.listed.get(self.faults.file)
        self.listed.setdefault(self.faults.file, key.start.line + 1)
        return findings.unknown_layer(word, [*self.blocks, *TYPES], listed)

    def beside(self, key: Scalar, value: Node) -> str | None:
        """In what a word of another tool means another thing than the type that it stands for, where that matters."""
        from cnncalc.layers import foreign

        said = foreign.BESIDE.get(foreign.plain(key.value))
        if said is None or self.follows_vector(key):
            return None
        units = _numbers(value) if not isinstance(value, Mapping) else []
        if isinstance(value, Mapping):
            units = [node.value for name, node in value.pairs if name.value == "units" and isinstance(node, Scalar)]
        return said % (units[0] if units else "…")

    def follows_vector(self, key: Scalar) -> bool:
        """Whether the layers before it in its list make a vector, as `flatten` and `fc` do."""
        from cnncalc.layers import foreign

        at = bisect_left(self.siblings, _begins(key), key=_begins)
        for node in reversed(self.siblings[max(0, at - _BACK) : at]):
            word = node.pairs[0][0].value if isinstance(node, Mapping) and node.pairs else written(node)
            type = TYPES.get(foreign.proper_type(word) or "")
            if type is None or not type.in_place or type.type in ("flatten", "reshape"):
                return type is not None and type.type in ("flatten", "fc")
        return False

    # Layers with one input

    def layer(self, key: Scalar, value: Node, cls: type[Layer]) -> LayerSpec:
        spec = LayerSpec(key.value, cls)
        _note_words(spec, value, cls)
        defaults = self.defaults.get(key.value)
        if defaults:
            defaults.taken |= defaults.places.keys() - set(spec.written)
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
        numbers = _numbers(value) if isinstance(value, Mapping) or cls.main is None else []
        named = _by_place(cls, numbers, {}) if numbers else None
        if named:
            self.refuse(spec, findings.no_main_attribute(cls.type, list(cls.attributes), named), value)
            return False
        if isinstance(value, Mapping):
            pairs = with_commas(self.with_tuples(spec, cls, with_parts(cls, value)))
            if sum(name.value == cls.main for name, _ in pairs) > 1:
                self.refuse(spec, findings.given_twice(cls.type, cls.main or ""), value)
            for name, node in pairs:
                if not self.attributes.attribute(spec, cls, name, node):
                    spec.invalid = True
        elif _given(value):
            if cls.main is None:
                self.refuse(spec, self.no_main(cls, value), value)
                return False
            kind = cls.attributes[cls.main].kind
            if not self.attributes.keep(spec, cls.main, kind, self.values.value(cls.main, kind, value)):
                spec.invalid = True
        return True

    def no_main(self, cls: type[Layer], value: Node) -> Fault:
        """The fault of a bare value, with the attribute that it was meant for where that is plain."""
        attributes, text = cls.attributes, written(value)
        if not isinstance(value, Scalar) or not re.match(_BARE, text):
            return findings.no_main_attribute(cls.type, [*attributes])
        needed = [name for name, each in attributes.items() if each.default is REQUIRED]
        taking = [name for name, each in attributes.items() if self.values.fits(name, each.kind, value)]
        if needed:
            examples = {name: found[1] for name in needed if (found := re.search(rf"\b{name}: (\w+)", cls.example))}
            given = {**examples, needed[0]: text}
            meant = _in_one(given) if needed[0] in taking and len(given) == len(needed) else None
            return findings.no_main_attribute(cls.type, needed, meant, chosen=needed[1:])
        if text.isdigit() and attributes and cls.weights is not Layer.weights:
            return findings.no_main_attribute(cls.type, [*attributes], counts_channels=True)
        number = text[0].isdigit() or text[0] == "."
        if number and attributes and not any(each.kind.numeric for each in attributes.values()):
            return findings.no_main_attribute(cls.type, [*attributes], takes_no_number=True)
        name = _likeliest_attribute(cls, taking, text)
        return findings.no_main_attribute(cls.type, [*attributes], _in_one({name: text}) if name else None)

    def with_tuples(self, spec: LayerSpec, cls: type[Layer], pairs: Pairs) -> Pairs:
        """The pairs without those that `kernel: (3, 3)` falls into within braces, which are reported as one fault."""
        left: Pairs = []
        opened: list[tuple[Scalar, Scalar]] = []
        for name, node in pairs:
            if opened:
                opened.append((name, name))
                if name.value.endswith(")"):
                    key, first = opened[0]
                    text = ", ".join([first.value, *[part.value for part, _ in opened[1:]]])
                    spot = Scalar(text, first.start, name.end)
                    if key.value in cls.attributes:
                        kind = cls.attributes[key.value].kind
                        self.values.refuse(findings.bad_value(key.value, kind.says, text), key.value, kind, spot)
                    else:
                        left.append((key, spot))
                    spec.invalid, opened = True, []
            elif _opens(name, node, pairs):
                assert isinstance(node, Scalar)
                opened = [(name, node)]
            else:
                left.append((name, node))
        return left

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
            fault = findings.no_main_attribute(block.name, list(block.parameters), _arguments(block, _numbers(value)))
            self.refuse(spec, fault, value)
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
            self.joined(spec, value, cls)
        elif isinstance(value, Mapping) and (names := _names_of_branches(value, cls)):
            self.refuse(spec, findings.names_to_join(cls.type, names), value.pairs[0][0])
        elif isinstance(value, Mapping):
            for name, node in value.pairs:
                self.part(spec, cls, name, node)
            self.hold_to(spec, cls, key)
        else:
            example = _joining(cls.type, value) or _example(cls)
            self.refuse(spec, findings.bad_branches(cls.type, f"{shape(value)} as its branches", example), key)
        return spec

    def part(self, spec: ForkSpec, cls: type[Branching], name: Scalar, node: Node) -> None:
        """Read one branch, or one attribute."""
        word = name.value
        if cls.leaves_chain and word == "training":
            training = self.values.value(word, FLAG, node)
            spec.training, spec.invalid = bool(training), spec.invalid or training is None
        elif cls.divides and word == "sizes" and not _is_list_of_layers(node):
            sizes = self.values.value(word, SIZES, node)
            assert sizes is None or isinstance(sizes, int | Expression | tuple)
            spec.sizes, spec.invalid = sizes, spec.invalid or sizes is None  # type: ignore[assignment]  # of this kind
        elif isinstance(node, Sequence) and not (word in ("expect", "from") and not _is_list_of_layers(node)):
            if not cls.one_body:
                if self.attributes.good_name(name):
                    self.branch(spec, word, node)
                else:
                    spec.invalid = True
            elif word == "layers":
                self.branch(spec, None, node)
            elif not spec.invalid:
                fault = findings.bad_branches(cls.type, f"a branch `{word}`", _example(cls))
                if not cls.leaves_chain:
                    fault = fault._replace(help=(f"`add` takes branches: write it in the place of `{cls.type}`",))
                self.refuse(spec, fault, name)
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

    def hold_to(self, spec: ForkSpec, cls: type[Branching], key: Scalar | Sequence) -> None:
        """Faults of what a branching layer lacks, and of what it cannot have."""
        least = 1 if cls.one_body else 2
        several = len(spec.reads) > 1 or any(reference.place for reference in spec.reads)
        if spec.branches and several:
            self.refuse(spec, findings.both_branches_and_names(cls.type), key)
        elif len(spec.branches) < least and not (several and cls.takes_references):
            if not spec.invalid:  # otherwise what was meant has a fault of its own
                what = f"fewer than {least} branches" if least > 1 else "a mapping without `layers`"
                self.faults.report(findings.bad_branches(cls.type, what, _example(cls)), key)
            spec.invalid = True
        if cls.leaves_chain and spec.name is None:
            self.refuse(spec, findings.missing_attribute(cls.type, ["name"], _example(cls)), key)
        if spec.shares is not None:
            self.refuse(spec, findings.shares_of_branches(cls.type), key)

    def joined(self, spec: ForkSpec, node: Sequence, cls: type[Branching]) -> None:
        """Read the list of names that `add: [conv1, previous]` is."""
        odd = next((item for item in node.items if not isinstance(item, Scalar)), None)
        if odd:
            given = f"{shape(odd)} in a list of names"
            self.refuse(spec, findings.bad_branches(cls.type, given, _example(cls)), odd)
            return
        spec.reads = self.attributes.references(node) or ()
        if not spec.reads:
            spec.invalid = True
        elif len(spec.reads) < 2 and ALL_TURNS not in spec.reads[0].path:
            example = _joining(cls.type, node) or f"{cls.type}: [previous, conv1]"
            self.refuse(spec, findings.bad_branches(cls.type, "fewer than 2 names", example), node)


def _names_of_branches(value: Mapping, cls: type[Branching]) -> list[str]:
    """The names in `add: {inputs: [conv1, previous]}`, which would be the layers of a branch."""
    if not cls.takes_references or len(value.pairs) != 1:
        return []
    (key, node), words = value.pairs[0], []
    if key.value in _JOINED and isinstance(node, Sequence):
        words = [item.value for item in node.items if isinstance(item, Scalar)]
    known = any(word in TYPES for word in words)
    return words if len(words) > 1 and len(words) == len(node.items) and not known else []  # type: ignore[union-attr]


def _begins(node: Node) -> tuple[int, int]:
    return node.start.line, node.start.column


def _is_list_of_layers(node: Node) -> bool:
    """Whether a list has more than words in it, as one of numbers or names has not."""
    return isinstance(node, Sequence) and not (node.items and all(isinstance(item, Scalar) for item in node.items))


def stands_alone(word: str) -> bool:
    """Whether a word is a layer type that needs no attributes."""
    cls = TYPES.get(word)
    needs = cls is None or issubclass(cls, Branching)
    return not needs and all(each.default is not REQUIRED for each in TYPES[word].attributes.values())


def _no_list(node: Scalar | Mapping) -> tuple[Fault, Spot]:
    """The fault of what is no list of layers, and where it stands."""
    first, value = node.pairs[0] if isinstance(node, Mapping) and node.pairs else (node, None)
    if isinstance(first, Scalar) and first.plain and re.match(r"-[^\W\d]", first.value):
        item = first.value.partition(" -")[0]
        if value:
            beside = written(value) if value.start.line == first.start.line else ""
            item = f"{first.value}: {beside}".rstrip()
        return findings.missing_space_after_dash(item), Position(first.start.line, first.start.column + 1)
    if isinstance(node, Mapping):
        remedy = "write `- ` before each layer" if node.pairs else "for example `layers: [relu]`"
    else:
        remedy = f"write `layers: [{node.value}]`" if stands_alone(node.value) else "for example `layers: [relu]`"
    return findings.wrong_shape("`layers`", "a list of layers, each after a `-`", shape(node), (remedy,)), node


def _opens(name: Scalar, node: Node, pairs: Pairs) -> bool:
    """Whether `(3` is the start of `(3, 3)`, the rest of which stands among the keys behind it."""
    if not isinstance(node, Scalar) or node.value[:1] != "(":
        return False
    behind = pairs[[key for key, _ in pairs].index(name) + 1 :]
    for key, value in behind:
        if not empty(value) or not key.value.rstrip(")").isdigit():
            return False
        if key.value.endswith(")"):
            return True
    return False


def _meant(word: str, value: Node) -> str | None:
    """The item that `conv(16, 3)`, `conv3-64`, `BatchNorm2d: 64` and `Linear: [1024, 10]` stand for, where it is plain."""
    from cnncalc.language import notations  # only slips need it
    from cnncalc.layers import foreign

    if empty(value):
        return notations.call(word) or notations.notation(word)
    numbers = _numbers(value) if not isinstance(value, Mapping) else []
    cls = TYPES.get(foreign.proper_type(word) or "")
    if cls is None or not numbers or (cls.main and (len(numbers) == 1 or cls.attributes[cls.main].kind.per_axis)):
        return None
    return notations.item(word, numbers, {})


def _arguments(block: Block, numbers: list[str]) -> str | None:
    """The mapping that numbers behind a block were meant to be."""
    required = [name for name, (default, _) in block.parameters.items() if default is None]
    named = dict(zip(required or block.parameters, numbers, strict=False))
    whole = named and len(named) == len(numbers) and len(named) >= len(required)
    return _in_one(named) if whole else None


def _layer_inside(key: Scalar, value: Node) -> tuple[Scalar, Node, str | None] | None:
    """The one layer that stands inside a name, as in `stem: {conv: …}` and `stem: relu`, and how they are written."""
    from cnncalc.language.notations import in_braces
    from cnncalc.layers import foreign

    inner: Node
    if isinstance(value, Mapping) and len(value.pairs) == 1:
        word, inner = value.pairs[0]
    elif isinstance(value, Scalar):
        word, inner = value, Scalar("", value.start)
    else:
        return None
    cls = TYPES.get(word.value) if isinstance(word, Scalar) else None
    known = foreign.proper_type(key.value) or foreign.plain(key.value) in ("activation", "act", "nonlinearity")
    if cls is None or known or not nameable(key.value) or issubclass(cls, Branching):
        return None
    lacking = empty(inner) and any(each.default is REQUIRED for each in cls.attributes.values())
    return word, inner, None if lacking else in_braces(cls, inner, [(Scalar("name", key.start), key)])


def _beside(node: Mapping, inside: Collection[str]) -> Fault | None:
    """The fault of keys beside a layer's that belong inside it; None where they are layers of their own."""
    from cnncalc.language.notations import in_braces

    keys = [key.value for key, _ in node.pairs]
    layers = [(key, value) for key, value in node.pairs if key.value in TYPES]
    if "repeat" in keys and "layers" in keys:
        return findings.repeat_of_layers()
    if len(layers) != 1:
        return None
    (layer, value), cls = layers[0], TYPES[layers[0][0].value]
    others = [(key, other) for key, other in node.pairs if key is not layer]
    names = [key.value for key, _ in others]
    if not all(name in inside or name in COMMON for name in names):
        return None
    if isinstance(value, Mapping) and value.pairs and value.pairs[0][0].start.line > layer.start.line:
        return findings.indent_alike(cls.type, names, value.pairs[0][0].start.column - others[0][0].start.column)
    text = None if issubclass(cls, Branching) else in_braces(cls, value, others)
    return findings.indent_attributes(cls.type, names, text) if text else None


def _numbers(value: Node) -> list[str]:
    """The bare numbers that stand in the place of attributes: `16, 3`, `[16, 3]` and `{16, 3}`."""
    if isinstance(value, Mapping):
        bare = all(key.value.isdigit() and empty(node) for key, node in value.pairs)
        return [key.value for key, _ in value.pairs] if bare else []
    text = written(value)
    return re.findall("[0-9]+", text) if re.match(_NUMBERS, text) else []


def _by_place(cls: type[Layer], values: list[str], named: dict[str, str]) -> str | None:
    """The mapping that names numbers in the order of the attributes that must be given; None where they are others."""
    required = [name for name, each in cls.attributes.items() if each.default is REQUIRED]
    given = {**dict(zip(required, values, strict=False)), **named}
    known = all(name in cls.attributes for name in given) and all(name in given for name in required)
    if len(values) > len(required) or not given or not known:
        return None
    return _in_one(given)


def _type(node: Mapping) -> Scalar | None:
    """The word of `{type: Conv2D, filters: 8}`."""
    return next(
        (word for key, word in node.pairs if key.value == "type" and isinstance(word, Scalar) and word.value), None
    )


def _likeliest(word: str, known: Iterable[str]) -> str | None:
    """The word among the first of those known that this one was most likely meant to be."""
    from cnncalc.layers.foreign import plain

    by_plain = {plain(name): name for name in islice(known, 100)}
    likely = findings.closest(plain(word), by_plain, cutoff=_ALIKE)
    return by_plain[likely] if likely else None


def _likeliest_attribute(cls: type[Layer], taking: SequenceOf[str], text: str) -> str | None:
    """The attribute, of those that take a number, to whose default it is nearest: 1e-5 is an `eps`, 0.9 a `momentum`."""
    if len(taking) < 2:
        return taking[0] if taking else None
    try:
        number = float(text)
    except ValueError:
        return None
    factors = (
        {name: abs(log10(number / cls.attributes[name].default)) for name in reversed(taking)} if number > 0 else {}
    )
    return min(factors, key=lambda name: round(factors[name], 6), default=None)


def _in_one(values: dict[str, str]) -> str:
    """The mapping as it is written on one line."""
    return f"{{{', '.join(f'{name}: {value}' for name, value in values.items())}}}"


def _joining(layer: str, value: Node) -> str | None:
    """An example, where one volume is given to what joins several, as in `route: conv1`."""
    cls, items = TYPES[layer], value.items if isinstance(value, Sequence) else [value]
    if not (issubclass(cls, Branching) and cls.takes_references and len(items) == 1):
        return None
    only = items[0]
    if not isinstance(only, Scalar) or empty(only):
        return None
    other = re.match(_REFERENCE, only.value) and only.value not in RESERVED
    return f"{layer}: [previous, {only.value if other else 'conv1'}]"


def _named(cls: type[Layer], word: str, value: Node) -> str:
    """The attributes of a layer, with a name that stood in the place of its type."""
    if isinstance(value, Scalar) and value.value and cls.main:
        return f"{cls.main}: {value.value}, name: {word}"
    more = not empty(value) or any(described.default is REQUIRED for described in cls.attributes.values())
    return f"name: {word}{', …' if more else ''}"


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

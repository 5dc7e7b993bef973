"""One attribute at a time into what an item says: those of its layer type, and those that every item takes."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from cnncalc import findings
from cnncalc.arithmetic import ROUNDINGS
from cnncalc.language.document import Extents, LayerSpec, Number, Reference, Spec, Template
from cnncalc.language.expression import NAME, Expression
from cnncalc.language.faults import Faults
from cnncalc.language.source import Mapping, Node, Scalar, Sequence
from cnncalc.language.values import Pairs, ValueReader, awaits, empty, first_word, written
from cnncalc.layers import Layer
from cnncalc.layers.base import COMMON, FOREIGN
from cnncalc.layers.kinds import ARGUMENT, REPEAT, Kind

RESERVED: Final = ("previous", "input")
"""References that are no names of layers."""
_LONGEST: Final = 100
"""Of a name, in characters: a path has one for each level, and there are many paths."""
_TOO_LONG: Final = f"it has more than {_LONGEST} characters"
_NAME: Final = r"[^\W_][\w+-]*\Z"
_PATH: Final = r"[^\W_][\w+.-]*\Z"
_PATHS: Final = r"[^\W_][\w+.-]*(_\*(\.[\w+-]+)*)?\Z"
"""Of one item of a list, which may be all turns of a repeated one."""
NOT_FOR_DEFAULTS: Final = ("name", "from", "repeat", "shares", "expect")
"""What each item says for itself."""
_NOT_PARAMETERS: Final = ("channels", "block", "half", "same", "valid", *RESERVED, *COMMON)


class AttributeReader:
    """Reads attributes and names. What returns a bool says whether what was written is right."""

    def __init__(self, values: ValueReader, faults: Faults) -> None:
        self.values, self.faults = values, faults

    def attribute(self, spec: LayerSpec, cls: type[Layer], name: Scalar, node: Node) -> bool:
        """Read one attribute of a layer into the spec."""
        word = name.value
        described = cls.attributes.get(word)
        if described is not None:
            return self.keep(spec, word, described.kind, self.values.value(word, described.kind, node))
        if word in COMMON:
            return self.common(spec, word, node)
        if word.isdigit() and empty(node):
            self.faults.report(findings.comma_in_number(word), name)
        elif not self.values.run_together(name, node, cls.attributes, COMMON):
            known = [*cls.attributes, *COMMON]
            self.faults.report(findings.unknown_attribute(cls.type, word, _remedy(cls, word, node), known), name)
        return False

    def keep(self, spec: LayerSpec, name: str, kind: Kind, value: Template | None) -> bool:
        """Put a value into the spec, in the place of a default."""
        if value is None:
            return False
        spec.values.pop(name, None)
        spec.pending.pop(name, None)
        if awaits(value):
            spec.pending[name] = (kind, value)
        else:
            spec.values[name] = value
        return True

    def common(self, spec: Spec, word: str, node: Node) -> bool:
        """Read one of the attributes that every item takes."""
        if word == "rounding":
            rounding = self.values.word(word, node, ROUNDINGS)
            spec.rounding = rounding or spec.rounding
            return rounding is not None
        if word == "name":
            spec.name = self.name(node)
            return spec.name is not None
        if word == "repeat":
            repeat = self.values.value(word, REPEAT, node)
            if isinstance(repeat, int | Expression):
                spec.repeat = repeat
            return repeat is not None
        if word == "from":
            spec.reads = self.references(node) or ()
            return bool(spec.reads)
        if word == "shares":
            (reference, *_) = (isinstance(node, Scalar) and self.references(node)) or (None,)
            if isinstance(node, Sequence | Mapping):
                self.faults.report(findings.bad_reference(written(node)), node)
            spec.shares = reference and reference.path
            return reference is not None
        assert word == "expect"
        spec.expect = self.values.volume("expect", node)
        return spec.expect is not None

    def references(self, node: Node) -> tuple[Reference, ...] | None:
        """One path, or a list of them; None after a report."""
        if isinstance(node, Scalar) and re.match(_PATH, node.value):
            return (Reference(node.value),)
        if isinstance(node, Sequence) and node.items:
            wrong = [item for item in node.items if not isinstance(item, Scalar) or not re.match(_PATHS, item.value)]
            if not wrong:
                return tuple([Reference(item.value, self.faults.place(item)) for item in node.items])  # type: ignore[union-attr]
            node = wrong[0]
        self.faults.report(findings.bad_reference(written(node)), node)
        return None

    def argument(self, name: str, node: Node) -> Number | Extents | None:
        """The value of a parameter."""
        value = self.values.value(name, ARGUMENT, node)
        assert value is None or isinstance(value, int | Expression | tuple)
        return value  # type: ignore[return-value]  # of this kind, tuples are extents

    # Names

    def name(self, node: Node) -> str | None:
        """The name that an item is given."""
        text = self.values.text("name", node)
        return text if text is not None and self.good_name(node) else None

    def good_name(self, node: Node) -> bool:
        """Whether a layer, a branch or a block can have this name."""
        assert isinstance(node, Scalar)
        reason = None
        if node.value in (*RESERVED, *COMMON):
            reason = "the word is reserved"
        elif not re.match(_NAME, node.value):
            reason = "use letters, digits, `_`, `-` and `+`"
        elif len(node.value) > _LONGEST:
            reason = _TOO_LONG
        if reason:
            self.faults.report(findings.bad_name(node.value, reason), node)
        return reason is None

    def good_parameter(self, key: Scalar) -> bool:
        """Whether a parameter can have this name."""
        reason = None
        if not re.match(NAME, key.value):
            reason = "use letters, digits and `_`"
        elif len(key.value) > _LONGEST:
            reason = _TOO_LONG
        elif key.value in _NOT_PARAMETERS:
            reason = "the word has a meaning of its own"
        if reason:
            self.faults.report(findings.bad_parameter_name(key.value, reason), key)
        return reason is None


def nameable(word: str) -> bool:
    """Whether a word can stand in a path."""
    return len(word) <= _LONGEST and re.match(_NAME, word) is not None


def proper_attribute(cls: type[Layer], word: str) -> str | None:
    """The attribute that other tools call `word`."""
    return next((name for name, described in cls.attributes.items() if word.lower() in described.also), None)


def _remedy(cls: type[Layer], word: str, node: Node) -> str | None:
    """What to write for an attribute that other tools have."""
    proper = proper_attribute(cls, word)
    if proper:
        return f"cnncalc calls it `{proper}`"
    if word.lower() == "activation" and isinstance(node, Scalar):
        from cnncalc.layers import foreign  # only a word that is unknown needs it

        return foreign.activation(node.value)
    if word.lower() in _READS and isinstance(node, Scalar):
        return f"what a layer reads is `from: {node.value}`"
    if word == "padding_mode" and isinstance(node, Scalar) and node.value == "zeros":
        return "leave it away: padding is zeros"
    ending = word.lower().rpartition("_")[2]
    return FOREIGN.get(word.lower()) or FOREIGN.get(f"_{ending}")


_READS: Final = ("input", "inputs", "bottom", "inbound", "inbound_nodes", "source", "after")
"""What `from` is called elsewhere."""


def _numbers(text: str) -> bool:
    return text.replace(",", "").isdigit()


def with_commas(pairs: Pairs) -> Pairs:
    """The pairs with what a comma cut off put back: YAML makes `kernel: 3` and a key `3` of `{kernel: 3,3}`."""
    joined: Pairs = []
    for name, node in pairs:
        before = joined[-1][1] if joined else None
        if name.value.isdigit() and empty(node) and isinstance(before, Scalar) and _numbers(before.value):
            joined[-1] = joined[-1][0], Scalar(f"{before.value},{name.value}", before.start, name.end)
        else:
            joined.append((name, node))
    return joined


def meant(cls: type[Layer], value: Node) -> Collection[str | None]:
    """The attributes that the user tried to write, under whatever name."""
    if not isinstance(value, Mapping):
        return set() if empty(value) else {cls.main}
    words = [first_word(key.value) for key, _ in with_parts(cls, value)]
    likely = [findings.closest(word, cls.attributes) for word in words if word not in cls.attributes]
    return {*words, *likely, *(proper_attribute(cls, word) for word in words)}


def has_parts(cls: type[Layer], value: Mapping) -> bool:
    """Whether parts of the main attribute stand straight under the layer: `pad: {top: 1}`."""
    parts = cls.attributes[cls.main].kind.parts if cls.main else ()
    return bool(parts) and any(key.value in parts for key, _ in value.pairs)


def with_parts(cls: type[Layer], value: Mapping) -> Pairs:
    """The attributes; `pad: {top: 1}` and `reshape: {channels: 8, ...}` write the main one's parts."""
    if cls.main is None or not has_parts(cls, value):
        return value.pairs
    words = cls.attributes[cls.main].kind.parts
    parts = Mapping(value.start, value.end)
    parts.pairs = [(key, node) for key, node in value.pairs if key.value in words]
    others = [(key, node) for key, node in value.pairs if key.value not in words]
    return [*others, (Scalar(cls.main, value.start, value.end), parts)]

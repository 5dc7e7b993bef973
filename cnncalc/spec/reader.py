"""Nodes to a `Document`: layers, their attributes and defaults, the keys of the file; all faults at once."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Final

from cnncalc import findings
from cnncalc.arithmetic import ROUNDINGS
from cnncalc.findings import Fault, Finding
from cnncalc.layers import TYPES, Layer
from cnncalc.layers.base import ALL_SIDES, COMMON, COUNT, FLAG, RATE, REQUIRED, VOLUME, Kind
from cnncalc.limits import Limits
from cnncalc.spec.document import Claim, Document, Extents, Item, LayerSpec, Number, Place, Template
from cnncalc.spec.expression import Expression, ExpressionError
from cnncalc.spec.source import Mapping, Node, Scalar, Sequence, UnreadableError, decode, parse
from cnncalc.volume import AXES, Volume

KEYS: Final = {
    "name": "what the network is called",
    "source": "where it was published",
    "input": "the volume that comes in",
    "layers": "the layers, in order",
    "rounding": "for all layers that do not say",
    "defaults": "attributes for all layers of a type",
    "expect": "figures that the network must have",
}
"""The keys of a specification."""

FIGURES: Final = ("output", "params", "macs", "mult_adds", "activations", "layers")
"""What `expect` can state: the output volume, and figures of the totals."""

REPEAT: Final = Kind("a whole number from 0", 0)

_NAME: Final = re.compile(r"[^\W_][\w+-]*\Z")
_RESERVED: Final = ("previous", "input")
_NUMBER_LIKE: Final = re.compile(r"[-+]?[0-9][0-9a-zA-Z_:.,+-]*\Z")
_ALSO: Final = {word: layer.type for layer in TYPES.values() for word in layer.also}


def read(data: str | bytes, file: str, limits: Limits) -> Document:
    """The document of a text. Never raises for what the text says: faults become its findings."""
    reader = _Reader(file, limits)
    try:
        text = decode(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass"), limits, reader.report)
        return reader.document(parse(text, limits, reader.report))
    except UnreadableError:
        return Document(file, None, None, None, None, [], [], reader.findings)


class _Reader:
    def __init__(self, file: str, limits: Limits) -> None:
        self.file, self.limits = file, limits
        self.findings: list[Finding] = []
        self.defaults: dict[str, list[tuple[Scalar, Node]]] = {}
        self.rounding: str | None = None
        self.known: dict[object, LayerSpec] = {}
        self.expressions = 0

    def report(self, fault: Fault, place: Place | None) -> None:
        line, column = (place.line + 1, place.column + 1) if place else (0, 0)
        self.findings.append(
            Finding(fault.code, fault.severity, fault.message, fault.notes, fault.help, None, self.file, line, column)
        )

    # The file

    def document(self, root: Node) -> Document:
        if not isinstance(root, Mapping):
            empty = isinstance(root, Scalar) and not root.value
            kind = "a list" if isinstance(root, Sequence) else "a single word"
            self.report(findings.empty_file() if empty else findings.no_mapping(kind), None if empty else root.start)
            raise UnreadableError
        keys: dict[str, Node] = {}
        for key, node in root.pairs:
            if key.value in KEYS:
                keys[key.value] = node
            elif not self.spaceless(key, node, KEYS):
                self.report(findings.unknown_key(key.value, list(KEYS)), key.start)

        if "rounding" in keys:
            self.rounding = self.word("rounding", keys["rounding"], ROUNDINGS)
        if "defaults" in keys:
            self.read_defaults(keys["defaults"])
        input = place = None
        if "input" in keys:
            place = keys["input"].start
            input = self.volume("`input`", keys["input"])
        else:
            self.report(findings.missing_key("input", "input: 224x224x3"), None)
        items: list[Item] = []
        if "layers" in keys:
            items = self.layers(keys["layers"])
        else:
            self.report(findings.missing_key("layers", "layers: [conv: {filters: 8, kernel: 3}]"), None)
        claims = self.claims(keys["expect"]) if "expect" in keys else []
        name, source = (self.text(key, keys[key]) if key in keys else None for key in ("name", "source"))
        return Document(self.file, name, source, input, place, items, claims, self.findings)

    def text(self, key: str, node: Node) -> str | None:
        if isinstance(node, Scalar):
            return str(node.value)
        self.report(findings.wrong_shape(f"`{key}`", "a text", _shape(node)), node.start)
        return None

    def read_defaults(self, node: Node) -> None:
        for key, attributes in self.pairs("`defaults`", node):
            word = key.value
            if word not in TYPES:
                self.report(findings.unknown_layer(word, _ALSO.get(word.lower()), list(TYPES)), key.start)
                continue
            self.defaults[word] = []
            scratch = LayerSpec(word, TYPES[word])
            for name, value in self.pairs(f"`defaults` of `{word}`", attributes):
                if name.value in ("name", "repeat", "expect"):
                    fault = findings.unknown_attribute(
                        f"defaults of {word}", name.value, None, list(TYPES[word].attributes)
                    )
                    self.report(fault, name.start)
                elif self.attribute(scratch, TYPES[word], name, value):
                    self.defaults[word].append((name, value))

    def claims(self, node: Node) -> list[Claim]:
        found = []
        for key, value in self.pairs("`expect`", node):
            if key.value not in FIGURES:
                self.report(findings.unknown_figure(key.value, FIGURES), key.start)
            elif key.value == "output":
                volume = self.volume("`output`", value)
                if volume is not None:
                    found.append(Claim("output", "=", volume, value.start))
            elif isinstance(value, Scalar):
                claim = self.figure(key.value, value)
                if claim:
                    found.append(claim)
            else:
                self.report(findings.bad_figure(key.value, _shape(value)), value.start)
        return found

    def figure(self, key: str, node: Scalar) -> Claim | None:
        match = re.match(r"\s*(<=|>=|<|>|==?)?\s*(.*?)\s*\Z", node.value, re.DOTALL)
        assert match is not None, "every text matches"
        relation, text = (match[1] or "=").replace("==", "="), match[2]
        scaled = re.match(r"([0-9]+(?:\.[0-9]+)?)\s*([kMGT])\Z", text)
        if scaled:
            whole, _, decimals = scaled[1].partition(".")
            digits = 3 * ("kMGT".index(scaled[2]) + 1)
            decimals = decimals.rstrip("0")
            if len(decimals) > digits or len(whole) > 16:
                self.report(findings.bad_figure(key, text), node.start)
                return None
            text = str(int(whole + decimals.ljust(digits, "0")))
        value = self.number(key, REPEAT, Scalar(text, node.start), claim=True)
        return None if value is None else Claim(key, relation, value, node.start)

    # Layers

    def layers(self, node: Node) -> list[Item]:
        if not isinstance(node, Sequence):
            self.report(
                findings.wrong_shape("`layers`", "a list of layers, each after a `-`", _shape(node)), node.start
            )
            return []
        if len(node.items) > self.limits.layers:
            self.report(findings.too_many_layers(self.limits.layers), node.items[self.limits.layers].start)
            return []
        return [self.item(item) for item in node.items]

    def item(self, node: Node) -> Item:
        if isinstance(node, Scalar):
            spec = self.known.get(node.value) or self.fresh(node.value, node, Scalar("", node.start))
            return Item(spec, partial(_place, node, None, self.defaults))
        if isinstance(node, Sequence):
            self.report(findings.wrong_shape("a layer", "a word or a mapping with one key", "a list"), node.start)
            return _broken(node)
        if len(node.pairs) != 1:
            self.several(node)
            return _broken(node)
        key, value = node.pairs[0]
        spec = self.known.get(_fingerprint(key, value)) or self.fresh(_fingerprint(key, value), key, value)
        return Item(spec, partial(_place, key, value, self.defaults))

    def several(self, node: Mapping) -> None:
        keys = [key.value for key, _ in node.pairs]
        if not keys:
            self.report(
                findings.wrong_shape("a layer", "a word or a mapping with one key", "an empty mapping"), node.start
            )
            return
        first, value = node.pairs[0]
        attributes = {**COMMON, **TYPES[first.value].attributes} if first.value in TYPES else {}
        nothing = isinstance(value, Scalar) and not value.value
        if nothing and attributes and not any(key in TYPES and key not in attributes for key in keys[1:]):
            self.report(findings.indent_attributes(keys[0], keys[1:]), node.pairs[1][0].start)
        else:
            self.report(findings.several_layers(keys), node.pairs[1][0].start)

    def fresh(self, fingerprint: object, key: Scalar, value: Node) -> LayerSpec:
        """The spec of an item not met before; remembered where nothing is wrong with it."""
        before = len(self.findings)
        spec = self.layer(key, value)
        spec.broken = len(self.findings) > before
        if not spec.broken:
            if not spec.pending and spec.type:
                spec.layer = spec.type.of(spec.values, spec.rounding)
            if fingerprint is not None:
                self.known[fingerprint] = spec
        return spec

    def layer(self, key: Scalar, value: Node) -> LayerSpec:
        word = key.value
        cls = TYPES.get(word)
        spec = LayerSpec(word, cls)
        if cls is None:
            if not self.spaceless(key, value, TYPES):
                self.report(findings.unknown_layer(word, _ALSO.get(word.lower()), list(TYPES)), key.start)
            return spec
        spec.rounding = self.rounding
        for written, default in self.defaults.get(word, ()):
            self.attribute(spec, cls, written, default)
        if isinstance(value, Mapping):
            for written, given in value.pairs:
                self.attribute(spec, cls, written, given)
        elif (isinstance(value, Sequence) and cls.main is None) or (
            isinstance(value, Scalar) and value.value and not cls.main
        ):
            self.report(findings.no_main_attribute(cls.type, _text(value), list(cls.attributes)), value.start)
            return spec
        elif cls.main and not (isinstance(value, Scalar) and not value.value and value.plain):
            self.keep(
                spec,
                cls.main,
                cls.attributes[cls.main].kind,
                self.value(cls.main, cls.attributes[cls.main].kind, value),
            )
        missing = []
        for name, described in cls.attributes.items():
            if name not in spec.values and name not in spec.pending:
                if described.default is REQUIRED:
                    missing.append(name)
                else:
                    spec.values[name] = described.default
        if missing:
            meant = _meant(cls, value)  # what was written wrong has been reported already
            missing = [name for name in missing if name not in meant]
        if missing:
            self.report(findings.missing_attribute(cls.type, missing, cls.example.removeprefix("- ")), key.start)
        return spec

    def attribute(self, spec: LayerSpec, cls: type[Layer], name: Scalar, node: Node) -> bool:
        """Read one attribute into the spec; whether it was right."""
        word = name.value
        described = cls.attributes.get(word)
        if described is not None:
            return self.keep(spec, word, described.kind, self.value(word, described.kind, node))
        if word == "rounding":
            spec.rounding = self.word(word, node, ROUNDINGS) or spec.rounding
        elif word == "name":
            spec.name = self.name(node)
        elif word == "repeat":
            repeat = self.value(word, REPEAT, node)
            spec.repeat = 1 if repeat is None else repeat  # type: ignore[assignment]
        elif word == "expect":
            spec.expect = self.volume("`expect`", node)
        elif not self.spaceless(name, node, (*cls.attributes, *COMMON)):
            proper = _proper(cls, word)
            known = [*cls.attributes, *COMMON]
            self.report(findings.unknown_attribute(cls.type, word, proper, known), name.start)
            return False
        return True

    def keep(self, spec: LayerSpec, name: str, kind: Kind, value: Template | None) -> bool:
        if value is None:
            return False
        spec.values.pop(name, None)
        spec.pending.pop(name, None)
        if _awaits(value):
            spec.pending[name] = (kind, value)
        else:
            spec.values[name] = value
        return True

    def name(self, node: Node) -> str | None:
        text = self.text("name", node)
        if text is None:
            return None
        if not _NAME.match(text):
            self.report(findings.bad_name(text, "use letters, digits, `_`, `-` and `+`"), node.start)
            return None
        if text in _RESERVED:
            self.report(findings.bad_name(text, "the word is reserved"), node.start)
            return None
        return text

    # Values

    def value(self, attribute: str, kind: Kind, node: Node) -> Template | None:
        """What the node says, for an attribute of this kind; None after a report."""
        if isinstance(node, Scalar):
            text = node.value
            if kind is VOLUME:
                return self.volume(f"`{attribute}`", node)
            if kind is FLAG:
                flag = {"true": True, "false": False}.get(text)
                if flag is None:
                    remedy = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(
                        text.lower(), text.lower()
                    )
                    help = (f"write `{remedy}`",) if remedy in ("true", "false") else ()
                    self.report(findings.bad_value(attribute, kind.says, text, help), node.start)
                return flag
            if kind is RATE:
                if re.match(r"(0?\.[0-9]+|0|1|[01]\.0+|0\.[0-9]+)\Z", text):
                    return float(text)
                self.report(findings.bad_value(attribute, kind.says, text), node.start)
                return None
            if text in kind.words:
                return str(text)
            if kind.per_axis and "x" in text and re.match(r"[0-9]+(x[0-9]+)+\Z", text):
                parts = [self.number(attribute, kind, Scalar(p, node.start)) for p in text.split("x")]
                return None if None in parts else tuple(parts)  # type: ignore[arg-type]
            return self.number(attribute, kind, node)
        if isinstance(node, Sequence):
            if kind is VOLUME:
                return self.volume(f"`{attribute}`", node)
            if kind.per_axis and node.items and all(isinstance(item, Scalar) for item in node.items):
                parts = [self.number(attribute, kind, item) for item in node.items if isinstance(item, Scalar)]
                return None if None in parts else tuple(parts)  # type: ignore[arg-type]
        elif kind is VOLUME:
            return self.volume(f"`{attribute}`", node)
        elif kind.sided and node.pairs:
            return self.sides(attribute, kind, node)
        self.report(findings.bad_value(attribute, kind.says, _text(node)), node.start)
        return None

    def sides(self, attribute: str, kind: Kind, node: Mapping) -> Template | None:
        found: dict[str, Number] = {}
        good = True
        for key, value in node.pairs:
            if key.value not in ALL_SIDES:
                if not self.spaceless(key, value, ALL_SIDES):
                    self.report(findings.not_words(f"a side of {attribute}", key.value, ALL_SIDES), key.start)
                good = False
                continue
            number = self.number(attribute, kind, value) if isinstance(value, Scalar) else None
            if number is None:
                if not isinstance(value, Scalar):
                    self.report(findings.bad_value(attribute, kind.says, _text(value)), value.start)
                good = False
            else:
                found[key.value] = number
        return found if good else None

    def number(self, attribute: str, kind: Kind, node: Scalar, claim: bool = False) -> Number | None:
        """A plain decimal, or an expression."""
        text = node.value
        if text.isdigit() and text.isascii() and (text[0] != "0" or text == "0") and len(text) <= 40:
            number = int(text)
            if number > self.limits.largest and not claim:
                self.report(findings.count_too_large(text, self.limits.largest), node.start)
            elif number < kind.least:
                self.report(findings.bad_value(attribute, kind.says, text), node.start)
            else:
                return number
            return None
        if _NUMBER_LIKE.match(text):
            self.report(_number_fault(attribute, kind, text, self.limits.largest), node.start)
            return None
        if not text.strip():
            self.report(findings.bad_value(attribute, kind.says, "nothing"), node.start)
            return None
        try:
            return Expression(text)
        except ExpressionError as error:
            if re.match(r"\w+\Z", text) or kind.words:
                self.report(findings.bad_value(attribute, kind.says, text), node.start)
            else:
                self.report(findings.bad_expression(text, str(error)), node.start)
            return None

    def volume(self, what: str, node: Node) -> Volume | Extents | None:
        """A volume in words, as a list with the channels first, or as a mapping of extents."""
        if isinstance(node, Scalar):
            text = node.value
            if text.isdigit() or "x" not in text:
                number = self.number(what.strip("`"), COUNT, node)
                return None if number is None else _as_volume((number,))
            try:
                volume = Volume.parse(text)
            except ValueError:
                self.report(findings.bad_volume(what, text), node.start)
                return None
            if volume.elements > self.limits.largest:
                self.report(findings.volume_too_large(text, volume.elements, self.limits.largest), node.start)
                return None
            return volume
        extents = node.items if isinstance(node, Sequence) else self.extents(what, node)
        if not 1 <= len(extents) <= 4 or not all(isinstance(extent, Scalar) for extent in extents):
            if extents or isinstance(node, Sequence):
                self.report(findings.bad_volume(what, _text(node)), node.start)
            return None
        numbers = [self.number(what.strip("`"), COUNT, extent) for extent in extents if isinstance(extent, Scalar)]
        return None if None in numbers else _as_volume(tuple(numbers))  # type: ignore[arg-type]

    def extents(self, what: str, node: Mapping) -> list[Node]:
        given = {key.value: value for key, value in node.pairs}
        for axes in AXES.values():
            if set(given) == {"channels", *axes}:
                return [given[name] for name in ("channels", *axes)]
        words = " or ".join(", ".join(("channels", *axes)) for axes in AXES.values() if axes)
        self.report(findings.wrong_shape(what, f"a mapping of {words}", f"of {', '.join(given)}"), node.start)
        return []

    # Small readings

    def pairs(self, what: str, node: Node) -> list[tuple[Scalar, Node]]:
        if isinstance(node, Mapping):
            return node.pairs
        if not (isinstance(node, Scalar) and not node.value):
            self.report(findings.wrong_shape(what, "a mapping", _shape(node)), node.start)
        return []

    def word(self, attribute: str, node: Node, words: tuple[str, ...]) -> str | None:
        if isinstance(node, Scalar) and node.value in words:
            return str(node.value)
        self.report(findings.not_words(attribute, _text(node), words), node.start)
        return None

    def spaceless(self, key: Scalar, value: Node, known: Any) -> bool:
        """Report `{kernel:3}`, which YAML reads as one word; whether it was that."""
        word, colon, rest = key.value.partition(":")
        if not colon or word not in known or not key.plain:
            return False
        self.report(findings.missing_space(word, rest or _text(value)), key.start)
        return True


def _proper(cls: type[Layer], word: str) -> str | None:
    """The attribute that other tools call `word`."""
    return next((name for name, described in cls.attributes.items() if word.lower() in described.also), None)


def _meant(cls: type[Layer], value: Node) -> set[str | None]:
    """The attributes that the user tried to write, under whatever name."""
    if not isinstance(value, Mapping):
        return {cls.main} if not isinstance(value, Scalar) or value.value else set()
    words = [key.value.partition(":")[0] for key, _ in value.pairs]
    likely = [findings.closest(word, cls.attributes) for word in words if word not in cls.attributes]
    return {*words, *likely, *(_proper(cls, word) for word in words)}


def _broken(node: Node) -> Item:
    spec = LayerSpec("?", None)
    spec.broken = True
    return Item(spec, lambda _: node.start)


def _fingerprint(key: Scalar, value: Node) -> object:
    """What the item says, for comparing; None where it nests deeper than attributes with plain values."""
    if isinstance(value, Scalar):
        return key.value, value.value
    if isinstance(value, Mapping):
        try:
            return key.value, tuple([(k.value, v.value) for k, v in value.pairs])  # type: ignore[union-attr]
        except AttributeError:
            return None
    return None


def _place(
    key: Scalar, value: Node | None, defaults: dict[str, list[tuple[Scalar, Node]]], attribute: str | None
) -> Place:
    if attribute is None:
        return key.start
    if isinstance(value, Mapping):
        written = value.pairs
    elif value is not None and TYPES[key.value].main == attribute:
        return value.start
    else:
        written = []
    for name, node in (*written, *defaults.get(key.value, ())):
        if name.value == attribute:
            return node.start
    return key.start


def _awaits(value: Template) -> bool:
    if isinstance(value, tuple | dict):
        return any(isinstance(part, Expression) for part in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, Expression)


def _as_volume(extents: Extents) -> Volume | Extents:
    if any(isinstance(extent, Expression) for extent in extents):
        return extents
    return Volume(extents[0], tuple(extents[1:]))  # type: ignore[arg-type]


def _shape(node: Node) -> str:
    if isinstance(node, Scalar):
        return findings.shown(node.value) if node.value else "nothing"
    return "a list" if isinstance(node, Sequence) else "a mapping"


def _text(node: Node) -> str:
    """The node about as the user wrote it."""
    if isinstance(node, Scalar):
        return str(node.value)
    if isinstance(node, Sequence):
        return f"[{', '.join(map(_text, node.items))}]"
    return f"{{{', '.join(f'{key.value}: {_text(value)}' for key, value in node.pairs)}}}"


def _number_fault(attribute: str, kind: Kind, text: str, limit: int) -> Fault:
    """The fault of a word that looks like a number and is not a plain decimal one."""
    if re.match(r"0[0-7]+\Z", text):
        plain = text.lstrip("0") or "0"
        return findings.plain_decimal(
            text, f"{plain}, or {int(text, 8)} if it was meant as octal", "YAML 1.1 reads it as octal"
        )
    if re.match(r"0[xX][0-9a-fA-F]{1,14}\Z", text):
        return findings.plain_decimal(text, str(int(text, 16)), "it is hexadecimal")
    if re.match(r"0[oO][0-7]{1,18}\Z", text):
        return findings.plain_decimal(text, str(int(text, 0)), "it is octal")
    if re.match(r"[0-9]{1,3}([_,][0-9]+)+\Z", text) and len(text) < 24:
        return findings.plain_decimal(text, str(int(re.sub("[_,]", "", text))), "")
    if re.match(r"[0-9]{1,4}(:[0-5]?[0-9])+\Z", text) and len(text) < 24:
        value = 0
        for part in text.split(":"):
            value = 60 * value + int(part)
        return findings.plain_decimal(
            text, f"{text.replace(':', 'x')} for two axes, or {value}", "YAML 1.1 reads it in base 60"
        )
    exponent = re.match(r"([0-9]{1,16})(?:\.0*)?(?:[eE]\+?([0-9]{1,2}))?\Z", text)
    if exponent and not text.isdigit() and int(exponent[1]) * 10 ** int(exponent[2] or 0) <= limit:
        return findings.plain_decimal(text, str(int(exponent[1]) * 10 ** int(exponent[2] or 0)), "")
    if text.isdigit() and text.isascii():
        if len(text) > 16 and text[0] != "0":
            return findings.count_too_large(text, limit)
        return findings.plain_decimal(text, text.lstrip("0") or "0", "it starts with a zero")
    return findings.bad_value(attribute, kind.says, text)

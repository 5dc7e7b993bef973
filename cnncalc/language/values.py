"""Scalars, lists and mappings to the values of attributes: numbers, expressions, sides, volumes."""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterable
from typing import Final, TypeAlias

from cnncalc import findings
from cnncalc.findings import Fault
from cnncalc.language.document import Extents, Number, Template
from cnncalc.language.expression import NAME, Expression, ExpressionError
from cnncalc.language.source import Mapping, Node, Position, Report, Scalar, Sequence
from cnncalc.layers.kinds import COUNT, EXTENTS, PADDING, Kind, Real
from cnncalc.limits import Limits
from cnncalc.volume import ALL_SIDES, AXES, Sided, Volume

# Patterns are compiled where they are first needed: compiling all of them would be a tenth of a run.
_PRODUCT: Final = r"\(?[0-9]+(\s*[*,×xX]\s*[0-9]+)+\)?\Z"
"""What people write for a volume, and what mostly is none."""
_TIMES: Final = r"[0-9]{1,9}\s*(\*\s*[0-9]{1,9}\s*){1,2}\Z"
"""`3*3`, which is 9, and was perhaps meant as 3x3."""
_DECIMAL: Final = r"-?[0-9]{1,17}(\.[0-9]{1,17})?\Z"
_BLANKS: Final = r"[0-9]+(\s+[0-9]+)+\Z"
"""`3 3`, which lacks its comma."""
_NUMBER_LIKE: Final = r"[-+]?[0-9][0-9a-zA-Z_:.,+-]*\Z"
_SUM: Final = r"[0-9]+(\.[0-9]+)?[-+][0-9a-zA-Z_.+-]+\Z"
"""`16-1`, `0.5+a` and `2+width`, which are expressions; `1e-3` is a number, though not a plain one."""


Pairs: TypeAlias = list[tuple[Scalar, Node]]


class ValueReader:
    """Reads one value at a time. Every method gives None after it has reported what is wrong."""

    def __init__(self, report: Report, limits: Limits) -> None:
        self.report, self.limits = report, limits
        self.names: Collection[str] = ()
        """What expressions can name where the value stands."""
        self.used: set[str] = set()
        """What the expressions read so far name, in the part of the file that is being read."""
        self.expressions: dict[str, Expression] = {}
        self.respells = True
        """Whether it looks for what a word that it refuses was meant to be."""

    def value(self, attribute: str, kind: Kind, node: Node) -> Template | None:
        """What the node says, for an attribute of this kind; None after a report."""
        value: Template | None = kind.read(self, attribute, node)
        return value

    def numbers(self, attribute: str, kind: Kind, node: Node) -> Template | None:
        """A word of the kind, a number, a list of numbers or a mapping of sides."""
        if isinstance(node, Scalar):
            return self.scalar(attribute, kind, node)
        if isinstance(node, Sequence):
            words = [item.value if isinstance(item, Scalar) else "" for item in node.items]
            if kind.per_axis and all(words) and words and not any(re.match(_BLANKS, word) for word in words):
                return self.each(attribute, kind, node.items)
        elif kind.sided and node.pairs:
            return self.sides(attribute, kind, node)
        self.refuse(findings.bad_value(attribute, kind.says, written(node)), attribute, kind, node)
        return None

    def scalar(self, attribute: str, kind: Kind, node: Scalar) -> Template | None:
        text = node.value
        word = kind.word(text)
        if word is not None:
            return word  # type: ignore[return-value]  # each kind's words stand for values of attributes
        if not kind.numeric:
            self.refuse(kind.refused(attribute, text), attribute, kind, node)
            return None
        if kind.per_axis and "x" in text and re.match(r"[0-9]+(x[0-9]+)+\Z", text):
            return self.each(attribute, kind, [Scalar(part, node.start, node.end) for part in text.split("x")])
        number = self.number(attribute, kind, node)
        if number is not None and kind.per_axis and not kind.open and "*" in text and re.match(_TIMES, text):
            self.report(findings.product_for_axes(attribute, text, [int(n) for n in text.split("*")]), node)
        return number

    def each(self, attribute: str, kind: Kind, nodes: Iterable[Node]) -> Extents | None:
        parts = [self.number(attribute, kind, node) for node in nodes if isinstance(node, Scalar)]
        return None if None in parts else tuple(parts)  # type: ignore[arg-type]

    def sides(self, attribute: str, kind: Kind, node: Mapping) -> Template | None:
        found: dict[str, Number] = {}
        good = True
        for key, value in node.pairs:
            if key.value not in ALL_SIDES:
                if not self.run_together(key, value, ALL_SIDES):
                    self.report(findings.not_words(f"a side of {attribute}", key.value, ALL_SIDES), key)
                good = False
                continue
            number = self.number(attribute, kind, value) if isinstance(value, Scalar) else None
            if number is None:
                if not isinstance(value, Scalar):
                    self.report(findings.bad_value(attribute, kind.says, written(value)), value)
                good = False
            else:
                found[key.value] = number
        if not good:
            return None
        return found if awaits(found) else Sided.of(found)  # type: ignore[arg-type]  # all of them are numbers

    def number(self, attribute: str, kind: Kind, node: Scalar) -> Number | None:
        """A plain decimal, or an expression."""
        text = node.value
        if text.isdigit() and text.isascii() and (text[0] != "0" or text == "0") and len(text) <= 40:
            number = int(text)
            if number > self.limits.largest:
                self.report(findings.count_too_large(text, self.limits.largest), node)
            elif not kind.holds(number):
                self.refuse(findings.bad_value(attribute, kind.says, text), attribute, kind, node)
            else:
                return number
            return None
        fractional = kind.open and re.match(_DECIMAL, text) and not text.isdigit()
        if re.match(_NUMBER_LIKE, text) and not fractional and not re.match(_SUM, text):
            self.refuse(_number_fault(attribute, kind, text, self.limits.largest), attribute, kind, node)
            return None
        if not text.strip():
            self.report(findings.bad_value(attribute, kind.says, ""), node)
            return None
        expression = self.expressions.get(text)
        if expression is None:
            try:
                expression = self.expressions[text] = Expression(text)
            except ExpressionError as error:
                self.refuse(findings.bad_expression(text, str(error), error.help), attribute, kind, node)
                return None
        self.used.update(expression.names)
        unknown = [name for name in expression.names if name not in self.names]
        if not unknown:
            return expression
        if not kind.open and expression.tree in unknown and findings.closest(text, self.names) is None:
            self.refuse(findings.bad_value(attribute, kind.says, text), attribute, kind, node)
        else:
            self.report(findings.unknown_name(text, unknown[0], sorted(self.names)), node)
        return None

    def refuse(self, fault: Fault, attribute: str, kind: Kind, node: Node) -> None:
        """Report what is no value, with the spelling that it was meant to have where that is plain."""
        if self.respells and not fault.help:
            fault = fault._replace(help=self.meant(attribute, kind, node))
        self.report(fault, node)

    def meant(self, attribute: str, kind: Kind, node: Node) -> tuple[str, ...]:
        """What to write in the place of a value that is none; nothing where that is not plain."""
        from cnncalc.language.spellings import respelled  # only slips need it

        text = written(node)
        for other in respelled(text):
            if self.fits(attribute, kind, Scalar(other, node.start, node.end)):
                return (f"write `{other}`",)
        if kind is EXTENTS and text == "0":
            return ("write `1`, the least there is",)
        if not kind.numeric:
            return kind.refused(attribute, text).help
        if not isinstance(node, Scalar) or not re.match(NAME, text) or kind.open:
            return ()
        likely = findings.closest(text, kind.words)
        if likely:
            return (f"did you mean `{likely}`?",)
        if kind.words:
            return (f"the words that it takes are {findings.either((f'`{word}`' for word in kind.words), 'and')}",)
        if text in PADDING.words:
            return (f"`{text}` is a word of `padding`",)
        # A rate or a slope is nothing that a number of channels is.
        return findings.names_known(sorted({*self.names} - ({"channels"} if isinstance(kind, Real) else set())))

    def fits(self, attribute: str, kind: Kind, node: Node) -> bool:
        """Whether an attribute of the kind takes the value; nothing is reported."""
        tried = ValueReader(lambda *_: None, self.limits)
        tried.names, tried.respells = self.names, False
        return kind.read(tried, attribute, node) is not None

    def volume(self, attribute: str, node: Node) -> Volume | Extents | None:
        """A volume in words, as a list with the channels first, or as a mapping of extents."""
        if isinstance(node, Scalar):
            text = node.value
            if not re.match(_PRODUCT, text) and not re.match(r"[0-9]+x", text) and not _is_listed(text):
                number = self.number(attribute, COUNT, node)
                return None if number is None else _as_volume((number,))
            try:
                volume = Volume.parse(text)
            except ValueError:
                self.no_volume(attribute, node)
                return None
            if volume.elements > self.limits.largest:
                self.report(findings.volume_too_large(text, volume.elements, self.limits.largest), node)
                return None
            return volume
        extents = node.items if isinstance(node, Sequence) else self.extents(attribute, node)
        batch = bool(extents) and written(extents[0]).lower() in ("none", "null", "~", "-1", "")
        if not 1 <= len(extents) <= 4 or not all(isinstance(extent, Scalar) for extent in extents) or batch:
            if extents or isinstance(node, Sequence):
                self.no_volume(attribute, node)
            return None
        numbers = self.each(attribute, COUNT, extents)
        return None if numbers is None else _as_volume(numbers)

    def no_volume(self, attribute: str, node: Node) -> None:
        """Report what is no volume, with the one that was meant where that is plain."""
        from cnncalc.language.spellings import volume_of  # only slips need it

        text = written(node)
        self.report(findings.bad_volume(f"`{attribute}`", text, volume_of(text) if len(text) < 100 else None), node)

    def extents(self, attribute: str, node: Mapping) -> list[Node]:
        given = {key.value: value for key, value in node.pairs}
        for axes in AXES.values():
            if set(given) == {"channels", *axes}:
                return [given[name] for name in ("channels", *axes)]
        from cnncalc.language.spellings import volume_of_axes  # only slips need it

        meant = volume_of_axes({word: written(value) for word, value in given.items()})
        lacks = "channels" not in given and meant is not None and meant.count(":") > len(given)
        self.report(findings.bad_extents(attribute, [*given], meant, lacks), node)
        return []

    def word(self, attribute: str, node: Node, words: tuple[str, ...]) -> str | None:
        if isinstance(node, Scalar) and node.value in words:
            return str(node.value)
        self.report(findings.not_words(attribute, written(node), words), node)
        return None

    def run_together(self, key: Scalar, value: Node, *known: Container[str]) -> bool:
        """Report `{kernel:3}` and `{kernel 3}`, which YAML reads as one word; whether it was that."""
        word = first_word(key.value)
        rest = key.value[len(word) :]
        if not rest or not key.plain or not any(word in words for words in known):
            return False
        if rest.startswith(":"):
            self.report(findings.missing_space(word, rest[1:] or written(value)), key)
            return True
        given = rest.lstrip(" =")
        if not given or not empty(value) or any(other in words for words in known for other in given.split()):
            return False
        self.report(findings.missing_colon(word, given), Position(key.start.line, key.start.column + len(word)))
        return True

    def pairs(self, what: str, node: Node) -> Pairs:
        """The keys and values of a mapping; none, after a report, where it is something else."""
        if isinstance(node, Mapping):
            return node.pairs
        if isinstance(node, Sequence) and all(isinstance(item, Mapping) for item in node.items):
            self.report(findings.wrong_shape(what, "a mapping", "a list", ("take the `-` of each entry away",)), node)
            return [pair for item in node.items for pair in _entries(item)]  # type: ignore[arg-type]  # as is said above
        if not empty(node):
            self.report(findings.wrong_shape(what, "a mapping", shape(node), ("write `key: value` for each",)), node)
        return []

    def text(self, key: str, node: Node) -> str | None:
        if isinstance(node, Scalar):
            return node.value
        self.report(findings.wrong_shape(f"`{key}`", "a text", shape(node)), node)
        return None


def _is_listed(text: str) -> bool:
    """Whether extents stand there with commas or blanks between them: `(3, 32, 32)`, `None, 32, 32, 3`, `32 32 3`."""
    several = len(text) < 100 and ("," in text or " " in text)
    return several and re.match(r"[(\[]?\s*(-1|\?|\w+)((\s*[,×xX]\s*|\s+)\w+)+\s*,?[)\]]?\Z", text) is not None


def awaits(value: Template) -> bool:
    if isinstance(value, tuple | dict):
        return any(isinstance(part, Expression) for part in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, Expression)


def _as_volume(extents: Extents) -> Volume | Extents:
    if any(isinstance(extent, Expression) for extent in extents):
        return extents
    return Volume(extents[0], tuple(extents[1:]))  # type: ignore[arg-type]


def _entries(item: Mapping) -> Pairs:
    """The pairs of an entry that stands in a list; of `name: a` beside `layers: […]`, what is called `a`."""
    given = {key.value: value for key, value in item.pairs}
    name = given.get("name")
    if "layers" not in given or not isinstance(name, Scalar):
        return item.pairs
    rest = Mapping(item.start, item.end)
    rest.pairs = [(key, value) for key, value in item.pairs if key.value != "name"]
    return [(name, rest)]


def empty(node: Node) -> bool:
    """Whether nothing is written, as behind the colon of `relu:`."""
    return isinstance(node, Scalar) and not node.value


def first_word(text: str) -> str:
    """The word that a colon should stand behind, as in `kernel:3`, `kernel 3` and `kernel = 3`."""
    found = re.match("[^ :=]*", text)
    return found[0] if found else ""


def shape(node: Node) -> str:
    if isinstance(node, Scalar):
        return findings.shown(node.value) if node.value else "nothing"
    return "a list" if isinstance(node, Sequence) else "a mapping"


def written(node: Node) -> str:
    """The node about as the user wrote it."""
    if isinstance(node, Scalar):
        return str(node.value)
    if isinstance(node, Sequence):
        return f"[{', '.join(map(written, node.items))}]"
    return f"{{{', '.join(f'{key.value}: {written(value)}' for key, value in node.pairs)}}}"


def _number_fault(attribute: str, kind: Kind, text: str, limit: int) -> Fault:
    """The fault of a word that looks like a number and is not a plain decimal one."""
    if re.match(r"0[0-7]{1,18}\Z", text):
        plain = text.lstrip("0") or "0"
        return findings.plain_decimal(
            text, f"{plain}, or {int(text, 8)} if it was meant as octal", "YAML 1.1 reads it as octal"
        )
    if re.match(r"0[xX][0-9a-fA-F]{1,14}\Z", text):
        return findings.plain_decimal(text, str(int(text, 16)), "it is hexadecimal")
    if re.match(r"0[oO][0-7]{1,18}\Z", text):
        return findings.plain_decimal(text, str(int(text, 0)), "it is octal")
    if re.match(r"[0-9]{1,3}([_,][0-9]+)+\Z", text) and len(text) < 24:
        parts = re.split("[_,]", text)
        axes = "x".join(parts) if "," in text and len(parts) < 4 and not any(p[0] == "0" for p in parts[1:]) else ""
        if axes and kind.per_axis and not kind.open:
            return findings.bad_value(attribute, kind.says, text, (f"write {axes}",))
        if "_" in text or all(len(part) == 3 for part in parts[1:]):
            return findings.plain_decimal(text, str(int("".join(parts))), "")
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

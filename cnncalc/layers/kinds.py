"""The kinds of values that attributes take: what may be written, what is accepted, what a schema says of it.

A kind is one class, or one more instance of a class that is there. It imports nothing of the
language: a reader of texts and a calculator of expressions are handed in where they are needed.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from cnncalc import findings
from cnncalc.findings import Fault
from cnncalc.volume import ALL_SIDES, PARTS, Sided, Volume

_OPERAND: Final = r"(?:(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|[A-Za-z_][^-+*/%(),<>=!\s]*)"
EXPRESSION_PATTERN: Final = (
    rf"[-+(\s]*{_OPERAND}(?:[\s)]*[-+*/%,<>=!(][-+*/%=(\s]*{_OPERAND})*[\s)]*"  # calls and comparisons too
)
"""What a schema can say of the text of an expression, or of a number in quotes: operands with operators in between."""
EXPRESSION: Final[dict[str, Any]] = {"type": "string", "pattern": f"^{EXPRESSION_PATTERN}$"}
_EACH_AXIS: Final[dict[str, Any]] = {"type": "string", "pattern": "^[0-9]+(x[0-9]+)+$"}
_REAL: Final = r"-?(?:(?:0|[1-9][0-9]{0,15})(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,2})?\Z"
"""YAML 1.1 takes `1e-3` for a text and not for a number; here it is one."""


if TYPE_CHECKING:  # a Protocol takes ten times as long to make as a class

    class Reader(Protocol):
        """Who reads the nodes of a text. Gives None after it has reported what is wrong."""

        def numbers(self, attribute: str, kind: "Kind", node: Any) -> Any:
            """A word of the kind, a number or an expression; where the kind takes them a list, or one for each side."""

        def volume(self, attribute: str, node: Any) -> Any:
            """A volume, its extents numbers or expressions."""

    class Calculator(Protocol):
        """Who works out what expressions stand for. Gives None after it has reported why it cannot."""

        def numbers(self, attribute: str, kind: "Kind", template: Any) -> Any:
            """Each number of a template worked out."""

        def volume(self, attribute: str, template: Any) -> Any:
            """The volume that a template comes to."""


class Kind:
    """Whole numbers from `least`: one, or where `per_axis` a list of them, or where `sided` some for each side."""

    per_axis = sided = False
    words: tuple[str, ...] = ()
    """What may stand in the place of a number."""
    numeric = True
    """Whether it takes numbers, and so expressions."""
    open = False
    """Whether any number will do, what it must be being known where it is used."""

    def __init__(
        self, says: str, least: int = 1, *, per_axis: bool = False, sided: bool = False, words: tuple[str, ...] = ()
    ) -> None:
        self.says, self.least, self.per_axis, self.sided, self.words = says, least, per_axis, sided, words
        """`says` completes "`kernel` is …"."""

    @property
    def parts(self) -> tuple[str, ...]:
        """The words under which parts of a value may stand straight under a layer, as in `pad: {top: 1}`."""
        return ALL_SIDES if self.sided else ()

    def read(self, reader: "Reader", attribute: str, node: Any) -> Any:
        """The value that a node of a text says, or a template with expressions; None after a report."""
        return reader.numbers(attribute, self, node)

    def worked_out(self, calculator: "Calculator", attribute: str, template: Any) -> Any:
        """The value of a template; None after a report."""
        return calculator.numbers(attribute, self, template)

    def word(self, text: str) -> object:
        """What a word that is no number stands for; None where it is none of this kind's."""
        return text if text in self.words else None

    def refused(self, attribute: str, text: str) -> Fault:
        """The fault of a word where a kind takes no numbers."""
        return findings.not_words(attribute, text, self.words)

    def holds(self, number: Any) -> bool:
        """Whether a number that was worked out is of this kind."""
        return isinstance(number, int) and number >= self.least

    def kept(self, number: Any) -> Any:
        """What a number of this kind is kept as."""
        return number

    def accepts(self, value: object) -> bool:
        """Whether a value from Python is of this kind."""
        if isinstance(value, str):
            return value in self.words
        if isinstance(value, Sided):
            return self.sided and all(side in ALL_SIDES and self._counts(n) for side, n in value)
        if type(value) is tuple:
            return self.per_axis and bool(value) and all(map(self._counts, value))
        return self._counts(value)

    def _counts(self, value: object) -> bool:
        return self.numeric and not isinstance(value, bool) and self.holds(value)

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of what may be written."""
        number: dict[str, Any] = {"type": "number" if self.open else "integer", "minimum": self.least}
        forms: list[dict[str, Any]] = [number, EXPRESSION]
        if self.words:  # SAME is no name of a number
            other = [word for each in self.words for word in (each.upper(), each.capitalize())]
            forms[1] = {**EXPRESSION, "not": {"enum": other}}
        if self.per_axis:
            forms.append(_EACH_AXIS)
            forms.append({"type": "array", "items": {"anyOf": [number, EXPRESSION]}, "minItems": 1})
        if self.sided:
            sides = {"type": "object", "properties": self.schema_of_parts()}
            forms.append({**sides, "additionalProperties": False, "minProperties": 1})
        return {"anyOf": forms}

    def schema_of_parts(self) -> dict[str, Any]:
        """The JSON Schema of each part that may stand straight under a layer."""
        number = {"anyOf": [{"type": "integer", "minimum": self.least}, EXPRESSION]}
        return dict.fromkeys(self.parts, number)


class _Argument(Kind):
    """What a parameter holds."""

    open = True


class _Words(Kind):
    """One of some words."""

    numeric = False

    def __init__(self, words: tuple[str, ...]) -> None:
        super().__init__(findings.either(f"`{word}`" for word in words), words=words)

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.words)}


class _Flag(_Words):
    _VALUES: Final[Mapping[str, bool]] = {"true": True, "false": False}
    _MEANT: Final[Mapping[str, str]] = {
        **dict.fromkeys(("yes", "on", "1"), "true"),
        **dict.fromkeys(("no", "off", "0", "none"), "false"),
    }

    def __init__(self) -> None:
        super().__init__(tuple(self._VALUES))

    def word(self, text: str) -> object:
        return self._VALUES.get(text)

    def refused(self, attribute: str, text: str) -> Fault:
        meant = self._MEANT.get(text.lower(), text.lower())
        likely = meant if meant in self._VALUES else findings.closest(meant, self._VALUES, cutoff=0.7)
        return findings.bad_value(attribute, self.says, text, (f"write `{likely}`",) if likely else ())

    def accepts(self, value: object) -> bool:
        return isinstance(value, bool)

    def schema(self) -> dict[str, Any]:
        return {"enum": [True, False, *self._VALUES]}


class Real(Kind):
    """A real number, in decimals or with an exponent, kept as the float that is printed: no count depends on it."""

    def __init__(self, says: str, least: int = -(1 << 53), most: int = 1 << 53) -> None:
        super().__init__(says, least)
        self.most = most

    def word(self, text: str) -> object:
        if text.isdigit() or not re.match(_REAL, text):
            return None  # a whole number is read as such
        number = float(text) if text.strip("-0123456789") else int(text)
        return number if self.holds(number) else None

    def holds(self, number: Any) -> bool:
        return bool(self.least <= number <= self.most)

    def kept(self, number: Any) -> Any:
        return number if isinstance(number, int) else float(number)

    def accepts(self, value: object) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and self.holds(value)

    def schema(self) -> dict[str, Any]:
        short = {"type": "string", "pattern": r"^-?([0-9]*\.[0-9]+|[0-9]+(\.[0-9]+)?[eE][-+]?[0-9]{1,2})$"}
        return {"anyOf": [{"type": "number", "minimum": self.least, "maximum": self.most}, EXPRESSION, short]}


class _Volume(Kind):
    numeric = False

    @property
    def parts(self) -> tuple[str, ...]:
        return PARTS

    def read(self, reader: "Reader", attribute: str, node: Any) -> Any:
        return reader.volume(attribute, node)

    def worked_out(self, calculator: "Calculator", attribute: str, template: Any) -> Any:
        return calculator.volume(attribute, template)

    def accepts(self, value: object) -> bool:
        return isinstance(value, Volume)

    def schema(self) -> dict[str, Any]:
        return {"$ref": "#/definitions/volume"}


COUNT: Final = Kind("a whole number from 1")
EXTENTS: Final = Kind("a whole number from 1, or one for each axis", per_axis=True)
FIRST: Final = Kind("a whole number from 0", 0)
SIZES: Final = Kind("a list of whole numbers from 1, one for each branch", per_axis=True)
OFFSETS: Final = Kind("a whole number from 0, or one for each axis", 0, per_axis=True)
SIDES: Final = Kind("a whole number from 0, one for each axis, or one for each side", 0, per_axis=True, sided=True)
PADDING: Final = Kind(
    "a whole number from 0, one for each axis, one for each side, or `valid`, `half` or `same`",
    0,
    per_axis=True,
    sided=True,
    words=("valid", "half", "same"),
)
CUT: Final = Kind(
    "a whole number from 0, one for each axis, one for each side, or `valid` or `same`",
    0,
    per_axis=True,
    sided=True,
    words=("valid", "same"),
)
FLAG: Final = _Flag()
RATE: Final = Real("a number from 0 to 1", 0, 1)
REAL: Final = Real("a number, like 0.01 or 1e-3")
NOT_NEGATIVE: Final = Real("a number from 0, like 0.001 or 1e-3", 0)
VOLUME: Final = _Volume("a volume, like 4x4x1024")
REPEAT: Final = Kind("a whole number from 0", 0)
ARGUMENT: Final = _Argument("a number, or a list of numbers", -(1 << 53), per_axis=True)


def one_of(*words: str) -> Kind:
    """The kind of an attribute that takes one of these words."""
    return _Words(words)

"""The little arithmetic of attributes: names, numbers, operators, comparisons and a few functions, in exact rationals."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from cnncalc.findings import either, plural

if TYPE_CHECKING:
    from fractions import Fraction

Number: TypeAlias = "int | Fraction"
Names: TypeAlias = "Mapping[str, Number | tuple[Number, ...] | Lacking | None]"
"""What names stand for: a number, a list of them, why there is none, or None where an error leaves it unknown."""
Tree: TypeAlias = "Number | str | _Call | tuple[str, Tree, Tree]"

_LEXEME: Final = (
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?)(?![\w.])|(?P<function>[A-Za-z_]\w*)(?=\s*\()"
    r"|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)|(?P<sign>//|\*\*|[=!<>]=|[-+*/%(),<>]))"
)
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NOT_HERE: Final = {
    "and": "there is no `and`: `(a > 1) * (b > 1)` is 1 where both hold",
    "or": "there is no `or`: `max(a > 1, b > 1)` is 1 where one holds",
    "if": "there is no `if`: `repeat: a > 1` leaves a layer out, `(a > 1) * b` is `b` or 0",
    ",": "`,` stands between the numbers of a function, and nowhere else",
    "=": "`=` is no comparison: that is `==`",
}
_DEPTH: Final = 50
_LONGEST: Final = 200
NAME: Final = r"[A-Za-z_]\w*\Z"


class ExpressionError(ValueError):
    """The expression cannot be read or worked out; the text says why, and `help` what would do."""

    def __init__(self, reason: str, help: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.help = help


class UnknownNameError(ExpressionError):
    """The expression uses a name that has no value here."""

    def __init__(self, name: str) -> None:
        super().__init__(f"`{name}` is unknown here")
        self.name = name


class UnknownValueError(ExpressionError):
    """The expression uses a number that an error, already reported, leaves unknown."""


class Lacking:
    """Why a name stands for no number here, and what would do."""

    __slots__ = ("help", "reason")

    def __init__(self, reason: str, help: tuple[str, ...] = ()) -> None:
        self.reason, self.help = reason, help


class Expression:
    """An expression that has been read: its text, and what it computes."""

    __slots__ = ("names", "size", "text", "tree")

    def __init__(self, text: str) -> None:
        """Raises ExpressionError where the text is none."""
        self.text = text
        parser = _Parser(text)
        self.tree = parser.whole()
        self.size = len(parser.tokens)
        """How long it takes to work out, about."""
        self.names = dict.fromkeys([word for kind, word in parser.tokens if kind == "name"])

    @property
    def compares(self) -> bool:
        """Whether there is a comparison in it."""
        return any(sign in self.text for sign in _COMPARISONS)

    def evaluate(self, names: Names, limit: int) -> Number:
        """The value, a Fraction only where it is none of the whole numbers.

        Raises ExpressionError for a division by zero or a value over the limit, UnknownNameError.
        """
        return _evaluate(self.tree, names, limit)

    def listed(self, names: Names) -> tuple[Number, ...] | None:
        """The list that the expression names, where it is a bare name of one."""
        value = names.get(self.tree) if isinstance(self.tree, str) else None
        return value if isinstance(value, tuple) else None


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str]] = []
        self.next = 0
        token = re.compile(_LEXEME)
        position, end = 0, len(text.rstrip())
        if end > _LONGEST:
            raise ExpressionError(f"it has more than {_LONGEST} characters")
        while position < end:
            match = token.match(text, position)
            if not match:
                sign = text[position:].lstrip()[0]
                raise ExpressionError(_NOT_HERE.get(sign, f"`{sign}` has no meaning here"))
            self.tokens.append((match.lastgroup or "", match[match.lastgroup or 0]))
            position = match.end()

    def whole(self) -> Tree:
        tree = self.comparison(0)
        if self.next < len(self.tokens):
            raise self.unexpected()
        return tree

    def take(self, *signs: str) -> str | None:
        if self.next < len(self.tokens) and self.tokens[self.next][0] == "sign" and self.tokens[self.next][1] in signs:
            self.next += 1
            return self.tokens[self.next - 1][1]
        return None

    def close(self) -> None:
        if not self.take(")"):
            cut = self.next < len(self.tokens) and self.tokens[self.next][1] in _NOT_HERE
            raise self.unexpected() if cut else ExpressionError("a parenthesis is not closed")

    def unexpected(self) -> ExpressionError:
        """The error of what cannot stand here."""
        if self.next == len(self.tokens):
            return ExpressionError("it ends too soon")
        word = self.tokens[self.next][1]
        return ExpressionError(_NOT_HERE.get(word, f"`{word}` is one too many"))

    def comparison(self, depth: int) -> Tree:
        start, tree = self.next, self.sum(depth)
        if self.next == len(self.tokens) or not (sign := self.take(*_COMPARISONS)):
            return tree
        starts, signs = [start, self.next], [sign]
        tree = (sign, tree, self.sum(depth))
        while other := self.take(*_COMPARISONS):
            starts.append(self.next)
            signs.append(other)
            self.sum(depth)
        if len(signs) > 1:
            raise self.chained(starts, signs)
        return tree

    def chained(self, starts: list[int], signs: list[str]) -> ExpressionError:
        """The error of `1 < a < 3`. `starts` are the places of what is compared, among the tokens."""
        ends = [*[start - 1 for start in starts[1:]], self.next]
        at = [*[match.start(match.lastgroup or 0) for match in re.finditer(_LEXEME, self.text)], len(self.text)]
        parts = [self.text[at[start] : at[end]].strip() for start, end in zip(starts, ends, strict=True)]
        each = [f"({left} {sign} {right})" for left, sign, right in zip(parts, signs, parts[1:], strict=False)]
        whole = self.text[at[starts[0]] : at[self.next]].strip()
        return ExpressionError("comparisons do not chain", (f"write `{' * '.join(each)}` for `{whole}`",))

    def sum(self, depth: int) -> Tree:
        tree = self.term(depth)
        while sign := self.take("+", "-"):
            tree = (sign, tree, self.term(depth))
        return tree

    def term(self, depth: int) -> Tree:
        tree = self.factor(depth)
        while sign := self.take("*", "/", "//", "%"):
            tree = (sign, tree, self.factor(depth))
        return tree

    def factor(self, depth: int) -> Tree:
        if depth > _DEPTH:
            raise ExpressionError("it is nested too deep")
        if self.take("-"):
            return ("-", 0, self.factor(depth + 1))
        if self.take("+"):
            return self.factor(depth + 1)
        tree = self.operand(depth)
        if self.next == len(self.tokens):
            return tree
        return ("**", tree, self.factor(depth + 1)) if self.take("**") else tree

    def operand(self, depth: int) -> Tree:
        if self.take("("):
            tree = self.comparison(depth + 1)
            self.close()
            return tree
        if self.next == len(self.tokens) or self.tokens[self.next][0] == "sign":
            raise self.unexpected()
        kind, text = self.tokens[self.next]
        self.next += 1
        if kind == "function":
            return self.call(text, depth)
        return text if kind == "name" else _number(text)

    def call(self, name: str, depth: int) -> Tree:
        if name not in FUNCTIONS:
            raise ExpressionError(f"there is no function `{name}`; there are {either(FUNCTIONS, 'and')}")
        self.take("(")
        arguments = []
        if not self.take(")"):
            arguments.append(self.comparison(depth + 1))
            while self.take(","):
                arguments.append(self.comparison(depth + 1))
            self.close()
        function, count, more = FUNCTIONS[name]
        if len(arguments) < count or (len(arguments) > count and not more):
            takes = f"{plural(count, 'number')}{' or more' if more else ''}"
            raise ExpressionError(f"`{name}` takes {takes}, not {len(arguments)}")
        return _Call(function, arguments)


class _Call:
    """A function and its arguments."""

    __slots__ = ("arguments", "function")

    def __init__(self, function: Callable[..., Number], arguments: list[Tree]) -> None:
        self.function, self.arguments = function, arguments


def _number(text: str) -> Number:
    if len(text) > 1 and text[0] == "0" and text[1] != ".":
        raise ExpressionError(f"`{text}` starts with a zero")
    if len(text) > 40:
        raise ExpressionError("a number has too many digits")
    if "." not in text:
        return int(text)
    from fractions import Fraction  # imports decimal, which most runs never need

    return _plain(Fraction(text))


def _plain(value: Fraction) -> Number:
    return value.numerator if value.denominator == 1 else value


def _evaluate(tree: Tree, names: Names, limit: int) -> Number:
    # A chain of operators leans left: walk down it in a loop, so that only parentheses recurse.
    pending = []
    while isinstance(tree, tuple):
        pending.append(tree)
        tree = tree[1]
    if isinstance(tree, _Call):
        value = tree.function(*[_evaluate(argument, names, limit) for argument in tree.arguments])
    else:
        value = _leaf(tree, names)
    value = _bounded(value, limit)
    for sign, _, right in reversed(pending):
        value = _bounded(_apply(sign, value, _evaluate(right, names, limit), limit), limit)
    return value


def _bounded(value: Number, limit: int) -> Number:
    if abs(value.numerator) > limit or value.denominator > limit:
        raise ExpressionError(f"its value exceeds the limit of {limit:,}")
    return value


def _leaf(leaf: Number | str, names: Names) -> Number:
    if isinstance(leaf, str):
        if leaf not in names:
            raise UnknownNameError(leaf)
        value = names[leaf]
        if value is None:
            raise UnknownValueError(f"`{leaf}` is unknown")
        if isinstance(value, tuple):
            raise ExpressionError(f"`{leaf}` is a list of numbers")
        if isinstance(value, Lacking):
            raise ExpressionError(value.reason, value.help)
        return value
    return leaf


def _apply(sign: str, left: Number, right: Number, limit: int) -> Number:
    if sign == "+":
        result = left + right
    elif sign == "-":
        result = left - right
    elif sign == "*":
        result = left * right
    elif sign == "**":
        result = _power(left, right, limit)
    elif sign in _COMPARISONS:
        return int(_COMPARISONS[sign](left, right))
    elif right == 0:
        raise ExpressionError("it divides by zero")
    elif sign == "//":
        return left // right
    elif sign == "%":
        result = left % right
    else:
        if isinstance(left, int) and isinstance(right, int) and left % right == 0:
            return left // right
        from fractions import Fraction

        result = Fraction(left) / right
    return result if isinstance(result, int) else _plain(result)


def _power(base: Number, exponent: Number, limit: int) -> Number:
    """The power, where it is not far over the limit: |x|^n is at least 2^(n·(bits of x - 1))."""
    if not isinstance(exponent, int) or exponent < 0:
        raise ExpressionError(f"an exponent is a whole number from 0, not {exponent}")
    most = max(abs(base.numerator), base.denominator)
    if exponent * (most.bit_length() - 1) > limit.bit_length():
        raise ExpressionError(f"its value exceeds the limit of {limit:,}")
    return base**exponent


def _make_divisible(number: Number, divisor: Number) -> Number:
    """The nearest multiple of the divisor, but none that takes away more than a tenth.

    `_make_divisible` of tensorflow/models, research/slim/nets/mobilenet/mobilenet.py, as torchvision has it too.
    """
    if not isinstance(divisor, int) or divisor < 1:
        raise ExpressionError(f"`make_divisible` makes a multiple of a whole number from 1, not of {divisor}")
    if number <= 0:  # of which the authors' code makes the divisor itself
        raise ExpressionError(f"`make_divisible` rounds a number above 0, not {number}")
    rounded = max(divisor, (2 * number + divisor) // (2 * divisor) * divisor)
    return rounded + divisor if 10 * rounded < 9 * number else rounded


FUNCTIONS: Final[Mapping[str, tuple[Callable[..., Number], int, bool]]] = {
    "min": (min, 2, True),
    "max": (max, 2, True),
    "floor": (math.floor, 1, False),
    "ceil": (math.ceil, 1, False),
    "make_divisible": (_make_divisible, 2, False),
}
"""Each with how many numbers it takes, and whether it takes more."""
CALL: Final = rf"(?<![\w.])(?:{'|'.join(FUNCTIONS)})\s*\("
"""Where a call begins."""


def calls_in(text: str) -> bool:
    """Whether there may be a call of a function in a text."""
    return "(" in text and any(f"{name}(" in text or f"{name} (" in text for name in FUNCTIONS)


def call_of(pieces: Iterable[str]) -> list[str]:
    """The pieces of the call that the first one begins, of a text that is cut at its commas; none where it is whole."""
    taken: list[str] = []
    depth = length = 0
    for piece in pieces:
        taken.append(piece)
        depth += piece.count("(") - piece.count(")")
        length += len(piece) + 1
        if depth <= 0 or length > _LONGEST:
            break
    return taken if depth == 0 and len(taken) > 1 and re.search(CALL, taken[0]) else []

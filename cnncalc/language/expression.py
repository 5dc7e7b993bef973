"""The little arithmetic of attributes: names, numbers, `+ - * / // %` and parentheses, in exact rationals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from fractions import Fraction

Number: TypeAlias = "int | Fraction"
Names: TypeAlias = "Mapping[str, Number | tuple[Number, ...] | None]"
"""What names stand for: a number, a list of them, or None for a number that an error leaves unknown."""
Tree: TypeAlias = "Number | str | tuple[str, Tree, Tree]"

_LEXEME: Final = (
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?)(?![\w.])|(?P<name>[A-Za-z_][\w]*(?:\.channels)?)|(?P<sign>//|[-+*/%()]))"
)
_DEPTH: Final = 50
_LONGEST: Final = 200
NAME: Final = r"[A-Za-z_]\w*\Z"


class ExpressionError(ValueError):
    """The expression cannot be read or worked out; the text says why."""


class UnknownNameError(ExpressionError):
    """The expression uses a name that has no value here."""

    def __init__(self, name: str) -> None:
        super().__init__(f"`{name}` is unknown here")
        self.name = name


class UnknownValueError(ExpressionError):
    """The expression uses a number that an error, already reported, leaves unknown."""


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
        self.names = dict.fromkeys(word for kind, word in parser.tokens if kind == "name")

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
        self.tokens: list[tuple[str, str]] = []
        self.next = 0
        token = re.compile(_LEXEME)
        position, end = 0, len(text.rstrip())
        if end > _LONGEST:
            raise ExpressionError(f"it has more than {_LONGEST} characters")
        while position < end:
            match = token.match(text, position)
            if not match:
                rest = text[position:].lstrip()
                raise ExpressionError(f"`{rest[0]}` has no meaning here")
            self.tokens.append((match.lastgroup or "", match[match.lastgroup or 0]))
            position = match.end()

    def whole(self) -> Tree:
        tree = self.sum(0)
        if self.next < len(self.tokens):
            raise ExpressionError(f"`{self.tokens[self.next][1]}` is one too many")
        return tree

    def take(self, *signs: str) -> str | None:
        if self.next < len(self.tokens) and self.tokens[self.next][0] == "sign" and self.tokens[self.next][1] in signs:
            self.next += 1
            return self.tokens[self.next - 1][1]
        return None

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
        if self.take("("):
            tree = self.sum(depth + 1)
            if not self.take(")"):
                raise ExpressionError("a parenthesis is not closed")
            return tree
        if self.next == len(self.tokens):
            raise ExpressionError("it ends too soon")
        kind, text = self.tokens[self.next]
        if kind == "sign":
            raise ExpressionError(f"`{text}` is one too many")
        self.next += 1
        return text if kind == "name" else _number(text)


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
    value = _bounded(_leaf(tree, names), limit)
    for sign, _, right in reversed(pending):
        value = _bounded(_apply(sign, value, _evaluate(right, names, limit)), limit)
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
        return value
    return leaf


def _apply(sign: str, left: Number, right: Number) -> Number:
    if sign == "+":
        result = left + right
    elif sign == "-":
        result = left - right
    elif sign == "*":
        result = left * right
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

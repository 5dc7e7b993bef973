"""Whole numbers as Python works them out: terms of names and numbers, checked against what they must come to."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeAlias

Term: TypeAlias = "int | float | str | tuple[str, Term, Term]"
"""A number, a name, or an operator between two terms. `/` is a division without a remainder, `÷` one of real numbers."""

_LEVELS: Final = {
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 0),
    **dict.fromkeys(("+", "-"), 1),
    **dict.fromkeys(("*", "/", "//", "%", "÷"), 2),
    "**": 3,
}
"""How tight an operator binds."""
_SIGNS: Final = {"/": "//", "÷": "/"}
"""Those that Python writes otherwise."""


class InexactError(Exception):
    """A division that leaves a remainder, or by zero, or a name without a number: Python would work out another number."""


class Number(NamedTuple):
    """A number in Python source."""

    code: str
    constant: object = None
    """Its value, where it is the same each time; otherwise None."""
    term: "Term | None" = None
    """How it is worked out, where it is a whole number."""

    def __str__(self) -> str:
        return self.code


def literal(value: object) -> Number:
    """A constant as it is written in Python."""
    return Number(written(value), value, value if isinstance(value, int) else None)


def written(value: object) -> str:
    """The source of a constant: a number, a text, a flag, or a tuple of them."""
    if isinstance(value, tuple):
        return f"({', '.join(map(written, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, str):
        return f'"{value}"'
    return repr(value).replace("e-0", "e-")


def combined(sign: str, left: Term, right: Term) -> Term:
    """The term of an operator, simplified where that is plain: numbers worked out, `1 * x` and the like left away."""
    if isinstance(left, int) and isinstance(right, int) and sign != "÷":
        try:
            worked: Term = value((sign, left, right), {})
            return worked
        except InexactError:
            return (sign, left, right)
    if sign == "*" and 0 in (left, right):
        return 0
    if sign == "*" and left == 1:
        return right
    if sign in ("*", "/", "//", "**", "÷") and right == 1:
        return left
    if (
        sign == "*"
        and isinstance(left, int)
        and isinstance(right, tuple)
        and right[0] == "*"
        and isinstance(right[1], int)
    ):
        return ("*", left * right[1], right[2])
    if sign == "+" and left == right:
        return combined("*", 2, left)
    if sign == "+" and isinstance(left, tuple) and left[0] == "*" and left[2] == right and isinstance(left[1], int):
        return ("*", left[1] + 1, right)
    if sign == "+" and left == 0:
        return right
    if sign in ("+", "-") and right == 0:
        return left
    if sign in ("/", "//") and isinstance(left, tuple) and left[0] == "*":
        if left[2] == right:
            return left[1]
        if left[1] == right:
            return left[2]
    if sign in ("/", "//") and left == right and isinstance(right, str):
        return 1
    return (sign, left, right)


def value(term: Term, names: Mapping[str, object]) -> Any:
    """What Python makes of a term. Raises InexactError where a division of whole numbers leaves a remainder."""
    if isinstance(term, int | float):
        return term
    if isinstance(term, str):
        found = names.get(term)
        if not isinstance(found, int | float):
            raise InexactError(term)
        return found
    sign, left, right = term[0], value(term[1], names), value(term[2], names)
    if sign in ("/", "//", "%", "÷") and right == 0:
        raise InexactError(sign)
    if sign == "/" and left % right:
        raise InexactError(sign)
    if sign == "**" and not 0 <= right <= 64:
        raise InexactError(sign)
    return _worked_out(sign, left, right)


def _worked_out(sign: str, left: Any, right: Any) -> Any:
    match sign:
        case "÷":
            return left / right
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/" | "//":
            return left // right
        case "%":
            return left % right
        case "**":
            return left**right
        case "==":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
    return left >= right


def names_in(term: Term) -> set[str]:
    """The names in a term."""
    if isinstance(term, tuple):
        return names_in(term[1]) | names_in(term[2])
    return {term} if isinstance(term, str) else set()


def replaced(term: Term, terms: Mapping[str, Term]) -> Term:
    """The term with other terms for its names."""
    if isinstance(term, tuple):
        return combined(term[0], replaced(term[1], terms), replaced(term[2], terms))
    return terms.get(term, term) if isinstance(term, str) else term


def compares(term: Term) -> bool:
    """Whether there is a comparison in a term."""
    return isinstance(term, tuple) and (_LEVELS[term[0]] == 0 or compares(term[1]) or compares(term[2]))


def size(term: Term) -> int:
    """The number of names and numbers in it."""
    return size(term[1]) + size(term[2]) if isinstance(term, tuple) else 1


def source(term: Term, level: int = -1) -> str:
    """The term in Python, with no more parentheses than it needs where an operator of `level` is around it."""
    if not isinstance(term, tuple):
        return str(term) if isinstance(term, str) or term >= 0 or level < 1 else f"({term})"
    sign, own = term[0], _LEVELS[term[0]]
    left, right = source(term[1], 4 if sign == "**" else own or 1), source(term[2], own + 1 if sign != "**" else 3)
    text = f"{left} {_SIGNS.get(sign, sign)} {right}"
    if sign == "-" and term[1] == 0:
        text = f"-{right}"
    return f"({text})" if own < level else text

"""Exact numbers, whole or fractions, as people and as JSON write them.

`fractions` takes 3 ms to import, and most runs have whole numbers alone.
"""

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from fractions import Fraction

Number: TypeAlias = "int | Fraction"


def quotient(numerator: int, denominator: int) -> Number:
    """The exact quotient, an int where it is whole."""
    if numerator % denominator == 0:
        return numerator // denominator
    from fractions import Fraction

    return Fraction(numerator, denominator)


def written(number: Number) -> str:
    """`-3`, `0.125`, or where it does not end as a decimal `1/3`.

    >>> from fractions import Fraction
    >>> written(Fraction(-7, 40))
    '-0.175'
    """
    numerator, rest = number.numerator, number.denominator
    twos = (rest & -rest).bit_length() - 1
    rest, fives = rest >> twos, 0
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    places = max(twos, fives)
    if rest > 1 or not places:
        return str(number)
    digits = str(abs(numerator) * 10**places // number.denominator).rjust(places + 1, "0")
    return f"{'-' if numerator < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def plain(number: Number) -> int | float | str:
    """The number as JSON can hold it: one that ends as a decimal is a number, any other one text."""
    if number.denominator == 1:
        return number.numerator
    from fractions import Fraction

    nearest = float(number)
    return nearest if Fraction(repr(nearest)) == number else str(number)

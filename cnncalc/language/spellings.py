"""What a word that is no value was meant to be: other spellings of numbers, axes, rates and volumes.

Only slips need this, so it is imported for them.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

_QUOTES: Final = "“”„‘’‚\"'"
_SEVERAL: Final = r"[(\[]?\s*([0-9]{1,9}(?:\s*[,*×xX]\s*[0-9]{1,9}){0,3})\s*[)\]]?\Z"
"""`(3, 3)`, `3 x 3`, `3X3` and `3×3`."""
_PERCENT: Final = r"([0-9]{1,3}(?:\.[0-9]{1,9})?)\s*%\Z"
_UNIT: Final = r"([0-9]{1,16})\s*[A-Za-z]+\Z"
"""`10 units`."""


def respelled(text: str) -> Iterator[str]:
    """What may have been meant, the likeliest first; whether an attribute takes it, its reader knows."""
    plain = text.strip(_QUOTES + " ")
    if plain != text:
        yield plain
    several = re.match(_SEVERAL, plain)
    if several:
        yield "x".join(re.findall("[0-9]+", several[1]))
    percent = re.match(_PERCENT, plain)
    if percent:
        yield _decimal(Fraction(percent[1]) / 100)
    unit = re.match(_UNIT, plain)
    if unit:
        yield unit[1]


def _decimal(number: Fraction) -> str:
    """A fraction whose denominator divides a power of ten, as a decimal."""
    digits = 0
    while (number * 10**digits).denominator > 1:
        digits += 1
    whole = f"{int(number * 10**digits):0{digits + 1}}"
    return f"{whole[:-digits]}.{whole[-digits:]}" if digits else whole


def volume_of(text: str) -> str | None:
    """The volume that extents with other signs between them are; None where their order is not plain."""
    extents = re.findall("[0-9]+", text)
    if "(" in text and extents[-1] not in ("1", "3"):  # a tuple may have the channels first, as PyTorch does
        return f"[{', '.join(extents)}]" if extents[0] in ("1", "3") else None
    plain = all(each[0] != "0" and len(each) < 10 for each in extents) and len(extents) <= 4
    return "x".join(extents) if plain else None


def arguments(text: str) -> tuple[list[str], dict[str, str]] | None:
    """The plain arguments of a call, `conv(16, kernel=3)`: by place and by name; None where there are others."""
    by_place: list[str] = []
    by_name: dict[str, str] = {}
    for part in text.split(","):
        found = re.match(r"\s*(?:([a-z_]+)\s*=\s*)?([0-9]{1,9})\s*\Z", part)
        if found is None:
            return None
        if found[1]:
            by_name[found[1]] = found[2]
        else:
            by_place.append(found[2])
    return by_place, by_name

"""What a word that is no value was meant to be: other spellings of numbers, axes, rates and volumes.

Only slips need this, so it is imported for them.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from typing import Final

from cnncalc.volume import AXES

_QUOTES: Final = "“”„‘’‚\"'"
_SEVERAL: Final = r"[(\[]?\s*([0-9]{1,9}(?:(?:\s*[,*×xX]\s*|\s+)[0-9]{1,9}){0,3})\s*[)\]]?\Z"
"""`(3, 3)`, `3 x 3`, `3X3`, `3×3`, `[3 3]` and `[3]`."""
_PERCENT: Final = r"([0-9]{1,3}(?:\.[0-9]{1,9})?)\s*%\Z"
_COMMA: Final = r"([0-9]{1,3}),([0-9]{1,9})\Z"
_UNIT: Final = r"([0-9]{1,16})\s*[A-Za-z]+\Z"
"""`10 units`."""
_SCALED: Final = r"([0-9]{1,12})(?:\.([0-9]{1,12}))?\s*([A-Za-z]+)\Z"
"""`1.5k` and `1 million`."""
_THOUSANDS: Final = {
    **dict.fromkeys(("k", "kilo", "thousand"), 1),
    **dict.fromkeys(("m", "mega", "mil", "mio", "million", "millions"), 2),
    **dict.fromkeys(("g", "b", "bn", "giga", "billion", "billions"), 3),
    **dict.fromkeys(("t", "tera", "tn", "trillion", "trillions"), 4),
}
"""Powers of 1000."""
_NUMBERS: Final = {
    **dict(
        zip(
            ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
            range(1, 13),
            strict=True,
        )
    ),
    **dict(zip(["zero", "twenty", "thirty", "forty", "fifty", "sixty"], (0, 20, 30, 40, 50, 60), strict=True)),
    **dict(zip(["seventy", "eighty", "ninety"], (70, 80, 90), strict=True)),
}
_SHELL: Final = r"\$\{?([A-Za-z_]\w*)\}?"
"""`$width` and `${width}`, which are names elsewhere."""
_SHORT: Final = r"(?:[0-9]{0,9}\.[0-9]{1,9}|[0-9]{1,9})(?:[eE][-+]?[0-9]{1,2})?\Z"
"""`.33` and `1e-1`."""


def respelled(text: str) -> Iterator[str]:
    """What may have been meant, the likeliest first; whether an attribute takes it, its reader knows."""
    plain = text.strip(_QUOTES + " ")
    if plain != text:
        yield plain
    if "$" in plain:
        yield re.sub(_SHELL, r"\1", plain)
    if plain.lower() in _NUMBERS:
        plain = str(_NUMBERS[plain.lower()])
        yield plain
    several = re.match(_SEVERAL, plain)
    if several:
        yield "x".join(re.findall("[0-9]+", several[1]))
    yield from _parts_of_one(plain)
    scaled = re.match(_SCALED, plain)
    if scaled and scaled[3].lower() in _THOUSANDS:
        yield from _scaled(scaled)
        return
    unit = re.match(_UNIT, plain)
    if unit:
        yield unit[1]


def number_of(text: str) -> str | None:
    """The number that a text which is none was meant to be, as it is written here; None where that is not plain."""
    return next((other for other in respelled(text) if re.match(r"[0-9]{1,18}(\.[0-9]{1,18})?\Z", other)), None)


def _parts_of_one(text: str) -> Iterator[str]:
    """`.5`, `5e-1`, `50%`, `0,5` and `50`, where a rate is wanted."""
    if re.match(_SHORT, text) and not text.isdigit():
        yield _decimal(Fraction(text))
    percent = re.match(_PERCENT, text)
    if percent:
        yield _decimal(Fraction(percent[1]) / 100)
    comma = re.match(_COMMA, text)
    if comma:
        yield f"{comma[1]}.{comma[2]}"
    if re.match("[0-9]{1,3}\\Z", text) and 1 < int(text) <= 100:
        yield _decimal(Fraction(int(text), 100))


def _scaled(found: re.Match[str]) -> Iterator[str]:
    number = Fraction(f"{found[1]}.{found[2] or 0}") * 1000 ** _THOUSANDS[found[3].lower()]
    if number.denominator == 1:
        yield str(number)


def _decimal(number: Fraction) -> str:
    """A fraction whose denominator divides a power of ten, as a decimal."""
    digits = 0
    while (number * 10**digits).denominator > 1:
        digits += 1
    whole = f"{int(number * 10**digits):0{digits + 1}}"
    return f"{whole[:-digits]}.{whole[-digits:]}" if digits else whole


# Volumes

_COLOURS: Final = {"rgb": "3", "bgr": "3", "rgba": "4", "gray": "1", "grey": "1", "grayscale": "1", "greyscale": "1"}
_AXES: Final = {
    **dict.fromkeys(("channels", "channel", "chans", "ch", "c", "filters", "colors", "colours"), "channels"),
    **dict.fromkeys(("height", "h", "rows"), "height"),
    **dict.fromkeys(("width", "w", "cols", "columns"), "width"),
    **dict.fromkeys(("depth", "d", "slices", "frames"), "depth"),
    **dict.fromkeys(("length", "l", "steps", "samples"), "length"),
}


def volume_of(text: str) -> str | None:
    """The volume that extents with other signs between them are; None where their order is not plain."""
    extents = [_COLOURS.get(word.lower(), word) for word in re.findall(r"-?[0-9]+|[a-wyzA-WYZ?]+", text)]
    batch = len(extents) > 1 and extents[0].lower() in ("none", "null", "n", "b", "batch", "-1", "?")
    extents = extents[batch:]
    if not all(re.match("[1-9][0-9]{0,8}\\Z", each) for each in extents) or not 1 <= len(extents) <= 4:
        return None
    if len(extents) == 4 and extents[0] == "1" and not batch:
        extents, batch = extents[1:], True
    return _in_order(extents, fixed=not batch and re.search("[,(\\[*]", text) is None)


def _in_order(extents: list[str], fixed: bool) -> str | None:
    """The volume of some extents; `fixed` says that the channels come last where nothing speaks against it."""
    first, last, written = extents[0], extents[-1], "x".join(extents)
    if len(extents) == 1:
        return first
    few = [extent in ("1", "3") for extent in (first, last)]
    if few == [True, False]:  # PyTorch's order
        return f"[{', '.join(extents)}]"
    if few == [False, True] or (fixed and not any(few)):
        return written
    if len(extents) == 3 and not any(few) and (first == extents[1]) != (last == extents[1]):  # a square picture
        return written if first == extents[1] else f"[{', '.join(extents)}]"
    return None


def volume_of_axes(given: Mapping[str, str]) -> str | None:
    """The mapping of extents that one with other words for the axes is, or with none for its channels."""
    named = {_AXES.get(word.lower(), word): extent for word, extent in given.items()}
    if {*named} == {"height", "width", "depth"}:  # the channels of a picture are also called its depth
        named["channels"] = named.pop("depth")
    known = len(named) == len(given) and all(re.match("[1-9][0-9]{0,8}\\Z", extent) for extent in named.values())
    axes = next((axes for axes in AXES.values() if axes and {*axes} == named.keys() - {"channels"}), None)
    if not known or axes is None:
        return None
    order = ("channels", *axes)
    return f"{{{', '.join(f'{axis}: {named.get(axis, 3)}' for axis in order)}}}"


# What is expected

_RELATIONS: Final = {
    **dict.fromkeys(("=<", "≤", "<=", "max", "maximum", "at most", "up to", "no more than", "not more than"), "<="),
    **dict.fromkeys(("=>", "≥", ">=", "min", "minimum", "at least", "no less than", "not less than"), ">="),
    **dict.fromkeys(("<", "under", "below", "less than", "fewer than", "smaller than"), "<"),
    **dict.fromkeys((">", "over", "above", "more than", "greater than", "larger than"), ">"),
    **dict.fromkeys(("", "=", "==", "===", "exactly", "equals", "equal to", "is"), ""),
}
_OR: Final = {
    **dict.fromkeys(("less", "fewer", "lower", "smaller", "below", "under"), "<="),
    **dict.fromkeys(("more", "greater", "higher", "larger", "above", "over"), ">="),
}
"""`5M or less`."""
_CLAIM: Final = r"([<>=≤≥]*|[A-Za-z ]*?)\s*([0-9][0-9,_]{0,30})(?:\.([0-9]{1,12}))?\s*([A-Za-z]*)(?:\s+([A-Za-z-]+))?\Z"
_OF_SUMS: Final = ("macs", "mac", "flops", "flop", "madds", "multadds", "mult-adds")
_OF_BYTES: Final = ("bytes", "byte", "b")
_COUNTED: Final = {
    "params": ("parameters", "parameter", "params", "param", "weights"),
    "macs": _OF_SUMS,
    "mult_adds": _OF_SUMS,
    "activations": ("activations", "numbers", "cells", "elements"),
    "layers": ("layers", "layer"),
}
"""What may stand behind a figure's number, by itself or with a letter before it."""
_BINARY: Final = {"kibi": "ki", "mebi": "mi", "gibi": "gi", "tebi": "ti"}


def claim_of(text: str, figure: str, in_bytes: bool) -> str | None:
    """`<= 300M` for `max 300 million`: what is expected, as it is written here; None where it is not plain."""
    plain = " ".join(text.strip(_QUOTES + " ").split())  # a run of blanks would be gone through once for each of them
    before, _, last = plain.rpartition(" or ")
    bound = _OR.get(last.lower())
    found = re.match(_CLAIM, before if bound else plain)
    relation = _RELATIONS.get(" ".join(found[1].lower().split())) if found else None
    if found is None or relation is None or (bound and relation not in ("", bound)):
        return None
    counted = _OF_BYTES if in_bytes else _COUNTED.get(figure, ())
    if found[5] and found[5].lower() not in counted:
        return None
    if found[4].lower() == "madds":  # multiply-adds, or a million adds
        return None
    number = re.sub("[,_]", "", found[2]) + (f".{found[3]}" if found[3] else "")
    prefix = _before(found[4].lower(), counted)
    binary = in_bytes and prefix.endswith("i")
    power = _THOUSANDS.get(prefix.removesuffix("i") if binary else prefix, 0)
    grouped = re.match("[0-9]{1,3}(?:[,_][0-9]{3})*\\Z|[0-9]+\\Z", found[2])
    if not grouped or (prefix and not power) or (found[3] and not power):
        return None
    return f"{bound or relation} {number}{_unit(power, in_bytes, binary)}".strip()


def _before(unit: str, counted: Collection[str]) -> str:
    """What stands in a unit before the word for what is counted: `m` of `mmac`, `ki` of `kibibytes`."""
    word = next((word for word in counted if unit.endswith(word)), "")
    prefix = unit.removesuffix(word)
    return _BINARY.get(prefix, prefix)


def _unit(power: int, in_bytes: bool, binary: bool) -> str:
    """How a power of 1000, or of 1024, is written."""
    if not power:
        return ""
    if not in_bytes:
        return "kMGT"[power - 1]
    return f" {'KMGT'[power - 1]}iB" if binary else f" {'kMGT'[power - 1]}B"

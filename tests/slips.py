"""Slips that people make in YAML, one to a text. `python -m tests.slips --seed 2` measures where they are reported.

What counts is whether the first error of the report stands within a line of the slip.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from random import Random
from typing import Final, NamedTuple, TypeAlias

import cnncalc
from cnncalc.findings import Finding
from tests.test_golden import yaml_of
from tests.transcript import ROOT

NEAR: Final = 1
"""Lines from the slip at which an error still tells where it is."""


class Slip(NamedTuple):
    """A text with a slip, and the line that was right."""

    kind: str
    text: str
    line: int
    """Where the slip is, counted from 1."""
    right: str


@cache
def sound() -> tuple[str, ...]:
    """The specifications that come along, and those of the reference."""
    files = [path.read_text("utf-8") for path in sorted((ROOT / "specs").glob("*.yaml"))]
    return (*files, *(text for text in yaml_of(ROOT / "specs" / "README.md") if "layers:" in text))


# The kinds of slips: what each can make of a line

_VALUE: Final = r"(?<=\w: )[\w.*/ -]+(?=[,}\]]|$)"


def _code(line: str) -> str:
    """The line without its comment."""
    return re.split(r"(?:^|\s)#", line)[0]


def _replaced(line: str, pattern: str, *instead: str) -> Iterator[str]:
    for found in re.finditer(pattern, _code(line)):
        for other in instead:
            yield line[: found.start()] + other + line[found.end() :]


def colon(line: str) -> Iterator[str]:
    return _replaced(line, r"(?<=\w):(?=\s|$)", "")


def quote(line: str) -> Iterator[str]:
    """A value whose other quote is missing."""
    for found in re.finditer(_VALUE, line):
        for mark in "\"'":
            for at in found.span():
                yield line[:at] + mark + line[at:]


def opening_bracket(line: str) -> Iterator[str]:
    return _replaced(line, r"[\[{]", "")


def closing_bracket(line: str) -> Iterator[str]:
    return _replaced(line, r"[\]}]", "")


def space_after_dash(line: str) -> Iterator[str]:
    if line.lstrip().startswith("- "):
        yield line.replace("- ", "-", 1)


def space_after_colon(line: str) -> Iterator[str]:
    return _replaced(line, r"(?<=\w:) ", "")


def space_after_comma(line: str) -> Iterator[str]:
    return _replaced(line, r"(?<=\w,) ", "")


def indentation(line: str) -> Iterator[str]:
    for spaces in (" ", "  "):
        yield spaces + line
        if line.startswith(spaces):
            yield line.removeprefix(spaces)


def tab(line: str) -> Iterator[str]:
    rest = line.lstrip()
    columns = len(line) - len(rest)
    yield f"\t{rest}"
    yield "\t" * (columns // 2 or 1) + rest
    yield line[: max(0, columns - 1)] + f"\t{rest}"


def comma(line: str) -> Iterator[str]:
    return _replaced(line, ",", "") if re.search(r"[\[{]", line) else iter(())


def equals_sign(line: str) -> Iterator[str]:
    return _replaced(line, r"(?<=\w):(?:\s|$)", "=", " =", " = ")


def dash(line: str) -> Iterator[str]:
    if line.lstrip().startswith("- "):
        yield line.replace("- ", "", 1)
        yield line.replace("- ", "  ", 1)


def doubled_key(line: str) -> Iterator[str]:
    if re.match(r"\s*\w+:", line):
        yield f"{line}\n{line}"
    for found in re.finditer(r"\w+: [\w ]+, ", line):
        yield line[: found.end()] + found[0] + line[found.end() :]


def smart_quote(line: str) -> Iterator[str]:
    for found in re.finditer(_VALUE, line):
        for first, last in ("“”", '“"', '"”', "‘’"):
            yield f"{line[: found.start()]}{first}{found[0]}{last}{line[found.end() :]}"


def unfinished(line: str) -> Iterator[str]:
    for end in range(len(line) - len(line.lstrip()) + 1, len(line)):
        yield line[:end]


def comment_sign(line: str) -> Iterator[str]:
    if "# " in line:
        yield line.replace("# ", "", 1)
        yield line.replace("# ", " ", 1)


KINDS: Final[tuple[Callable[[str], Iterable[str]], ...]] = (
    colon, quote, opening_bracket, closing_bracket, space_after_dash, space_after_colon, space_after_comma, indentation,
    tab, comma, equals_sign, dash, doubled_key, smart_quote, unfinished, comment_sign,
)  # fmt: skip


def slips(seed: int, most: int = 2) -> Iterator[Slip]:
    """Of each kind, so many for each text, where it has places for them."""
    draw = Random(seed)
    for text in sound():
        lines = text.split("\n")
        for kind in KINDS:
            places = [(number, wrong) for number, line in enumerate(lines) for wrong in kind(line)]
            for number, wrong in draw.sample(places, min(most, len(places))):
                changed = "\n".join([*lines[:number], wrong, *lines[number + 1 :]])
                yield Slip(kind.__name__, changed, number + 1 + wrong.count("\n"), lines[number])


def first_error(text: str) -> Finding | None:
    """The error that the report prints first."""
    errors = [each for each in cnncalc.summarize(text).findings if each.severity == "error"]
    return min(errors, key=lambda each: (each.file != "<text>", each.line, each.column), default=None)


Reported: TypeAlias = tuple[Slip, Finding]


def reported(slips: Iterable[Slip]) -> list[Reported]:
    """Those that make an error, and the one that is told first."""
    return [(slip, error) for slip in slips if (error := first_error(slip.text))]


def is_near(slip: Slip, error: Finding) -> bool:
    return error.file == "<text>" and abs(error.line - slip.line) <= NEAR


def rates(found: Iterable[Reported]) -> dict[str, float]:
    """The share that is reported near by, of each kind and of all."""
    kinds: dict[str, list[bool]] = defaultdict(list)
    for slip, error in found:
        kinds[slip.kind].append(is_near(slip, error))
        kinds["all"].append(is_near(slip, error))
    return {kind: sum(near) / len(near) for kind, near in kinds.items()}


def show_rates(found: list[Reported]) -> None:
    counts = Counter(slip.kind for slip, _ in found)
    counts["all"] = len(found)
    sys.stdout.writelines(f"{kind:18}{counts[kind]:6}{rate:8.1%}\n" for kind, rate in sorted(rates(found).items()))


def main() -> None:
    """Print the slips that are reported elsewhere, and the rates."""
    parser = argparse.ArgumentParser(prog="python -m tests.slips", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=int, default=2, help="of a kind in one text")
    given = parser.parse_args()
    found = reported(slips(given.seed, given.most))
    for slip, error in found:
        if not is_near(slip, error):
            sys.stdout.write(f"{slip.kind}, line {slip.line}, reported on line {error.line}: {error.message}\n")
            sys.stdout.write(f"  {slip.text.splitlines()[slip.line - 1]}\n")
    show_rates(found)


if __name__ == "__main__":
    main()

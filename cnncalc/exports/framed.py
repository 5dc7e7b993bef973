"""A module of Python around the code of a network: what it says of itself, what it imports, defines, and runs."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from cnncalc.exports.flat import in_training_alone, outputs_of
from cnncalc.exports.written import Code, flat, inert, statement, wrapped
from cnncalc.figures.analysis import Summary
from cnncalc.network import INPUT, Edge, Network
from cnncalc.volume import Volume

_WORD: Final = re.compile(r"\w+")
_CALLED: Final = re.compile(r"(?<![.\w])(\w+)\(")

Lines = Sequence[str]


def module(
    head: Lines, constants: Mapping[str, Code], helpers: Mapping[str, str], bodies: Sequence[Lines], main: Lines
) -> Iterator[str]:
    """The lines of a module: the docstring and imports, constants and helpers as far as they are named, and the rest."""
    text = "\n".join(line.partition("#")[0] for lines in bodies for line in lines)
    words, named = {*_WORD.findall(text)}, list[str]()
    for name, number in reversed([*constants.items()]):
        if name in words:
            words |= {*_WORD.findall(flat(number))}  # that it follows from
            named = [*statement(number, 0, before=f"{name} = "), *named]
    called = {*_CALLED.findall(text)}
    used = [source.strip().splitlines() for name, source in helpers.items() if name in called]
    lines = [*head, *["", *named] * bool(named)]
    for part in (*used, *bodies, main):
        lines += ["", "", *part]
    return (f"{line}\n" for line in lines)


def docstring(summary: Summary, shape: Callable[[Volume], Sequence[int]], training: bool) -> list[str]:
    """What a network is, where it was published, what goes in and comes out (in `training` too), and its figures."""
    network, totals = summary.network, summary.totals
    left = set[str]() if training else in_training_alone(network)

    def batch(volume: Volume | None) -> str:
        assert volume is not None
        return f"(N, {', '.join(map(str, shape(volume)))})"

    ends = [
        f"{name} {batch(edge.volume)}{_behind(network, edge)}"
        for name, edge in outputs_of(network).items()
        if name not in left
    ]
    figures = f"Input {batch(network.input)}, {', '.join(ends)}; {totals.params:,} parameters, {totals.macs:,} macs."
    title = inert(network.name or "").strip(' "') or "A network"
    paragraphs = [title, *([inert(network.source)] if network.source else []), figures]
    lines = [line for paragraph in paragraphs for line in [*wrapped(paragraph, 0), ""]]
    return [f'"""{lines[0]}', *lines[1:-1], '"""']


def _behind(network: Network, edge: Edge) -> str:
    """That what comes out is no scores any more: a loss may bring its own softmax."""
    kind = network.nodes[edge.source].type if edge.source != INPUT else ""
    return f" behind a {kind}" if kind in ("softmax", "sigmoid") else ""


def main(summary: Summary, run: Lines, count: str) -> list[str]:
    """What runs when the module is run: statements that make `network` and its output `y`, and what is printed."""
    by_name = len(outputs_of(summary.network).keys() - in_training_alone(summary.network)) > 1
    shown = ["for name, volume in y.items():", "    print(name, tuple(volume.shape))"]
    lines = [*run, *(shown if by_name else ["print(tuple(y.shape))"]), f"print({count})"]
    return ['if __name__ == "__main__":', *(f"    {line}" for line in lines)]

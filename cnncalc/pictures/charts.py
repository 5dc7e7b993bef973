"""The graph as a text from which other programs draw: Mermaid, which GitHub shows in markdown, and DOT, for Graphviz."""

from collections.abc import Callable, Iterator
from typing import Final

from cnncalc.figures.analysis import Summary
from cnncalc.pictures import Look
from cnncalc.pictures.drawing import COLOURS, elided
from cnncalc.pictures.scene import Box, Chain, Fork, Frame, Head, Scene, TooLargeError, scene
from cnncalc.render.plain import printable

_EDGES, _CHARACTERS = 500, 50_000
"""What GitHub draws of Mermaid (its `maxEdges` and `maxTextSize`)."""
_WIDEST: Final = 300
"""Pixels of a text."""


def mermaid(summary: Summary, look: Look) -> str:
    """The graph as a flowchart of Mermaid; folded further, and saying so, where GitHub would not draw it.

    Raises TooLargeError where even that is too large.
    """
    for folded in dict.fromkeys((look.depth, None, 1, 0)):
        shown = scene(summary, folded)
        text = "".join(_mermaid(shown, look.down, folded != look.depth))
        if len(shown.links) <= _EDGES and len(text) <= _CHARACTERS:
            return text
    raise TooLargeError(
        f"{len(shown.links):,} edges in {len(text):,} characters are more than the {_EDGES} in {_CHARACTERS:,} "
        "that GitHub draws of Mermaid"
    )


def _mermaid(shown: Scene, down: bool, folded: bool) -> Iterator[str]:
    yield f"flowchart {'TD' if down else 'LR'}\n"
    if folded:
        yield "  %% folded further than was asked, as GitHub draws no more\n"

    def box(box: Box, indent: str) -> str:
        says = [f"{_entities(line)}" for line in _lines(box)]
        label = "<br/>".join([*says[:-1], f"<b>{says[-1]}</b>"])
        sides = ('(["', '"])') if not box.path else ('[["', '"]]') if box.turns > 1 else ('("', '")')
        return f"{indent}n{box.number}{label.join(sides)}:::{'wrong' if box.wrong else box.kind}\n"

    def frame(number: int, name: str, indent: str) -> tuple[str, str]:
        return f'{indent}subgraph s{number}["{_entities(name)}"]\n', f"{indent}end\n"

    yield from _nested(shown.chain, "  ", box, frame)
    for link in shown.links:
        yield f'  n{link.source} -->|"{link.text}"| n{link.target}\n'
    for kind in dict.fromkeys(box.kind for box in shown.boxes if not box.wrong):
        yield f"  classDef {kind} {_fill(kind)}\n"
    if any(box.wrong for box in shown.boxes):
        yield "  classDef wrong stroke:#000,stroke-width:3px,stroke-dasharray:4\n"


def _fill(kind: str) -> str:
    return f"fill:{COLOURS[kind].code}40,stroke:#888"


def dot(summary: Summary, look: Look) -> str:
    """The graph in Graphviz' language. Raises TooLargeError."""
    return "".join(_dot(summary, scene(summary, look.depth), look.down))


def _dot(summary: Summary, shown: Scene, down: bool) -> Iterator[str]:
    yield f"digraph {_quoted(summary.name or summary.file)} {{\n"
    yield f"  rankdir={'TB' if down else 'LR'}\n"
    yield '  node [shape=box style="rounded,filled" fontname="Helvetica" fontsize=10]\n'
    yield '  edge [fontname="Helvetica" fontsize=10]\n'

    def box(box: Box, indent: str) -> str:
        code = COLOURS[box.kind].code
        look = f'fillcolor="{code}40"' if code != "none" else 'style="rounded"'
        look += " penwidth=3" if box.wrong else ""
        look += " peripheries=2" if box.turns > 1 else ""
        return (
            f"{indent}n{box.number} [label={_quoted(*_lines(box))} {look} tooltip={_quoted(*box.title.splitlines())}]\n"
        )

    def frame(number: int, name: str, indent: str) -> tuple[str, str]:
        return f"{indent}subgraph cluster_{number} {{\n{indent}  label={_quoted(name)}\n", f"{indent}}}\n"

    yield from _nested(shown.chain, "  ", box, frame)
    for link in shown.links:
        yield f"  n{link.source} -> n{link.target} [label={_quoted(link.text)}]\n"
    yield "}\n"


def _nested(
    chain: Chain,
    indent: str,
    box: Callable[[Box, str], str],
    frame: Callable[[int, str, str], tuple[str, str]],
) -> Iterator[str]:
    """The boxes, each within the frames that it is in; a frame has the number of the first box in it."""
    for part in chain:
        if isinstance(part, Box):
            yield box(part, indent)
        elif isinstance(part, Head):
            yield from _nested(part.chain, indent, box, frame)
        elif isinstance(part, Fork):
            for _, branch in part.branches:
                yield from _nested(branch, indent, box, frame)
            if part.join is not None:
                yield box(part.join, indent)
        else:
            yield from _framed(part, indent, box, frame)


def _framed(
    part: Frame,
    indent: str,
    box: Callable[[Box, str], str],
    frame: Callable[[int, str, str], tuple[str, str]],
) -> Iterator[str]:
    inside = list(_nested(part.chain, indent + "  ", box, frame))
    if inside:
        before, behind = frame(part.number, part.name, indent)
        yield before
        yield from inside
        yield behind


def _lines(box: Box) -> list[str]:
    return [elided(line, _WIDEST, 10) for line in ([box.says, box.name] if box.says else [box.name])]


def _entities(text: str) -> str:
    """A text within the quotes of Mermaid, which knows characters by their numbers; letters and digits as they are."""
    return "".join(
        character if character.isalnum() or character in " .,-_×·…→" else f"#{ord(character)};"
        for character in printable(text)
    )


def _quoted(*lines: str) -> str:
    """Lines as one text of DOT, which also reads the entities of HTML."""
    escaped = [printable(line).replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;") for line in lines]
    return '"' + "\\n".join(escaped) + '"'

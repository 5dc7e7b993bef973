"""What a picture of the graph shows: boxes in chains, forks and frames, folded as in the table, and the links between them."""

from bisect import bisect
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

from cnncalc.figures.analysis import LayerSummary, Summary
from cnncalc.findings import ERROR, Place, plural
from cnncalc.layers import Branching
from cnncalc.network import BRANCH, FORK, INPUT, Edge, Group
from cnncalc.pictures import drawing
from cnncalc.render.columns import misfit, what
from cnncalc.render.folding import Row, folded, folds, local, runs
from cnncalc.render.plain import printable
from cnncalc.volume import Volume

MOST: Final = 2_000
"""Boxes of one picture."""
_LONG: Final = 600
"""Parts of one chain; of a longer one the middle is cut out."""
_ENDS: Final = 20
"""What is left of it at each end."""


class Box(NamedTuple):
    """A layer, a folded block or run of blocks, or where the network begins and ends."""

    number: int
    name: str
    says: str
    """What it is, in a few words."""
    title: str
    """All that is known of it, a line each."""
    path: str
    kind: str
    """A key of `drawing.COLOURS`."""
    output: Volume | None = None
    """What it gives."""
    turns: int = 1
    """How many blocks it stands for."""
    wrong: bool = False
    """Whether a stride in it does not fit, or an error stands there."""
    first: int = 0
    """The nodes that it stands for: from this index on,"""
    end: int = 0
    """to before this one."""


class Fork(NamedTuple):
    """Branches side by side, and the join under them, if they meet."""

    branches: "Sequence[tuple[str, Chain]]"
    join: Box | None


class Frame(NamedTuple):
    """A block that is unfolded."""

    name: str
    number: int
    """That of the first box in it, or of the next one."""
    chain: "Chain"


class Head(NamedTuple):
    """Layers that leave the chain to the side."""

    chain: "Chain"


Part: TypeAlias = Box | Fork | Frame | Head
Chain: TypeAlias = "Sequence[Part]"


class Link(NamedTuple):
    """What one box reads of another."""

    source: int
    target: int
    text: str
    """The volume."""
    straight: bool
    """Whether it comes along the chain or the branch, and not from elsewhere."""


class Scene(NamedTuple):
    """What there is to draw."""

    boxes: Sequence[Box]
    chain: Chain
    links: Sequence[Link]


class TooLargeError(ValueError):
    """There is more than one picture can show."""


def scene(summary: Summary, depth: int | None) -> Scene:
    """The network with so many levels of blocks unfolded; None as in the table. Raises TooLargeError over `MOST` boxes."""
    builder = _Builder(summary, depth)
    chain = builder.whole()
    if len(builder.boxes) > MOST:
        raise TooLargeError(f"{len(builder.boxes):,} boxes are more than the {MOST:,} of one picture: unfold less")
    return Scene(builder.boxes, chain, [*_Linker(summary, builder).links(chain)])


def volume_text(volume: Volume | None) -> str:
    """`56×56×64`, or `?` behind an error."""
    return "?" if volume is None else volume.text().replace("x", "×")


class _Builder:
    def __init__(self, summary: Summary, depth: int | None) -> None:
        self.summary, self.layers, self.depth = summary, summary.layers, depth
        self.boxes: list[Box] = []
        self.ends: dict[int, Edge] = {}
        """What the boxes that are no layers read."""
        errors = [finding for finding in summary.findings if finding.severity == ERROR]
        self.faulty = {finding.path for finding in errors if finding.path}
        self.misread = _misread(summary, [finding.place for finding in errors if not finding.path])
        """Where layers stand that could not be read."""

    def box(self, **facts: object) -> Box:
        made = Box(len(self.boxes), **facts)  # type: ignore[arg-type]  # its own fields
        self.boxes.append(made)
        return made

    def whole(self) -> list[Part]:
        """The input, the layers, and what the network gives."""
        summary, network = self.summary, self.summary.network
        title = f"input\n{volume_text(network.input)}"
        parts: list[Part] = [
            self.box(name="input", says="", title=title, path="", kind=drawing.INPUT, output=network.input)
        ]
        parts += self.inside(network.root, 0)
        if summary.outputs:
            return self.with_outputs(parts)
        return [*parts, self.ending("output", network.output)] if network.nodes else parts

    def with_outputs(self, parts: Chain) -> list[Part]:
        """The parts, each with the outputs that it gives beside it, and those of the last one under it."""
        owner, waiting = self.owner(), dict[int, list[Head]]()
        for name, edge in self.summary.network.outputs.items():
            waiting.setdefault(owner[edge.source], []).append(Head([self.ending(name, edge)]))
        last = [head.chain for head in waiting.pop(_end(parts), [])]
        whole = _beside(parts, waiting)
        return (
            [*whole, *last[0]]
            if len(last) == 1
            else [*whole, *([Fork([("", chain) for chain in last], None)] if last else [])]
        )

    def owner(self) -> dict[int, int]:
        """By the index of a node, the number of the box that it is in."""
        return {index: box.number for box in self.boxes for index in range(box.first, box.end)} | {INPUT: 0}

    def ending(self, name: str, edge: Edge, says: str = "") -> Box:
        title = f"{name}\n{volume_text(edge.volume)}"
        made = self.box(name=name, says=says, title=title, path="", kind=drawing.INPUT, first=-1, end=-1)
        self.ends[made.number] = edge
        return made

    def inside(self, group: Group, level: int) -> list[Part]:
        """The parts of a group, in order."""
        prefix = f"{group.path}." if group.path else ""
        parts: list[Part] = []
        for item in self.items(group):
            if isinstance(item, range):
                parts.append(self.layer(item.start) if len(item) == 1 else self.cut(item))
            elif folds(level, self.depth, len(item)):
                parts.append(self.folded(item, prefix, level))
            else:
                parts += [self.unfolded(one, prefix, level) for one in item]
        return parts

    def items(self, group: Group) -> list[range | list[Group]]:
        """The layers of a group, each by its index, and the runs of its blocks; of very many the middle as one range."""
        position, found = group.first, list[range | list[Group]]()
        for run in runs(group, self.layers):
            found += [range(index, index + 1) for index in range(position, run[0].first)]
            found.append(run)
            position = run[-1].end
        found += [range(index, index + 1) for index in range(position, group.end)]
        if len(found) <= _LONG:
            return found
        first, last = found[_ENDS], found[-_ENDS - 1]
        start = first.start if isinstance(first, range) else first[0].first
        end = last.stop if isinstance(last, range) else last[-1].end
        return [*found[:_ENDS], range(start, end), *found[-_ENDS:]]

    def layer(self, index: int) -> Box:
        """One layer."""
        layer = self.layers[index]
        says = what(layer._replace(inputs=layer.inputs[:1], chosen=False))
        return self.box(
            name=layer.path.rpartition(".")[2],
            says=says,
            title=title_of([layer.path, says or layer.type], [layer], layer),
            path=layer.path,
            kind=drawing.kind(layer.type) if layer.output is not None else drawing.UNKNOWN,
            output=layer.output,
            wrong=self.wrong([layer]),
            first=index,
            end=index + 1,
        )

    def wrong(self, layers: Sequence[LayerSummary]) -> bool:
        """Whether a stride in them does not fit, or an error stands there."""
        return any(
            layer.path in self.faulty
            or layer.place in self.misread
            or (layer.figures is not None and layer.figures.misfit is not None)
            for layer in layers
        )

    def cut(self, indices: range) -> Box:
        """Layers that are too many to be shown."""
        layers = self.layers[indices.start : indices.stop]
        says = f"{plural(len(layers), 'layer')} more"
        title = title_of([f"{layers[0].path} to {layers[-1].path}", says], layers, layers[-1])
        return self.box(
            name="…",
            says=says,
            title=title,
            path="",
            kind=drawing.BLOCK,
            output=layers[-1].output,
            wrong=self.wrong(layers),
            first=indices.start,
            end=indices.stop,
        )

    def folded(self, run: Sequence[Group], prefix: str, level: int) -> Part:
        row: Row = folded(self.layers, [*run], prefix, level)
        made = self.box(
            name=row.name,
            says=row.heading,
            title=title_of([run[0].path, row.heading], row.layers, row.last),
            path=run[0].path,
            kind=drawing.BLOCK if all(layer.output for layer in row.layers) else drawing.UNKNOWN,
            output=row.last.output if row.last else row.layers[0].input,
            turns=len(run),
            wrong=self.wrong(row.layers),
            first=run[0].first,
            end=run[-1].end,
        )
        return self.aside(run[0], [made]) if run[0].path in self.summary.network.heads else made

    def unfolded(self, one: Group, prefix: str, level: int) -> Part:
        if one.kind != FORK:
            return self.framed(local(one.path, prefix), len(self.boxes), self.inside(one, level + 1))
        branches: list[tuple[str, Chain]] = [
            (inner.word, self.inside(inner, level + 1)) for inner in one.groups if inner.kind == BRANCH
        ]
        if one.path in self.summary.network.heads:
            return self.aside(one, [part for _, chain in branches for part in chain])
        join = self.layer(one.end - 1)
        layer = self.layers[one.end - 1].layer
        if isinstance(layer, Branching) and layer.adds_identity:
            branches.append(("", []))
        return Fork(branches, join)

    def framed(self, name: str, number: int, inside: list[Part]) -> Part:
        """What is in a block in its frame; one folded block alone in it needs none, and has its name."""
        alone = inside[0] if len(inside) == 1 else None
        if not isinstance(alone, Box) or alone.kind != drawing.BLOCK or alone.turns > 1 or not alone.path:
            return Frame(name, number, inside)
        self.boxes[alone.number] = alone._replace(name=name)
        return self.boxes[alone.number]

    def aside(self, group: Group, chain: list[Part]) -> Head:
        edge = self.summary.network.heads[group.path]
        says = "while training" if group.training else ""
        return Head([*chain, self.ending(local(group.path, ""), edge, says)])


def _misread(summary: Summary, places: Sequence[Place]) -> set[Place]:
    """Where the layers stand in whose lines these places are, behind the word of the layer."""
    starts = sorted({layer.place for layer in summary.layers}) if places else []
    found = [(starts[index - 1], place) for place in places if (index := bisect(starts, place))]
    return {start for start, place in found if (start.file, start.line) == (place.file, place.line)}


def _end(chain: Chain) -> int:
    """The number of the box whose volume comes out of a chain in the end; -1 where none does."""
    last = next((part for part in reversed(chain) if not isinstance(part, Head)), None)
    if isinstance(last, Frame):
        return _end(last.chain)
    box = last.join if isinstance(last, Fork) else last
    return box.number if isinstance(box, Box) else -1


def _beside(chain: Chain, waiting: dict[int, list[Head]]) -> list[Part]:
    """The chain with the heads that wait for a box behind it, or behind the whole frame that it ends."""
    found: list[Part] = []
    for part in chain:
        heads = waiting.pop(_end([part]), [])
        if isinstance(part, Fork):
            part = part._replace(branches=[(name, _beside(branch, waiting)) for name, branch in part.branches])
        elif isinstance(part, Frame | Head):
            part = part._replace(chain=_beside(part.chain, waiting))
        found += [part, *heads]
    return found


def title_of(lines: list[str], layers: Sequence[LayerSummary], last: LayerSummary | None) -> str:
    """What it is, and its figures."""
    volumes = [volume_text(layers[0].input), volume_text(last.output if last else layers[0].input)]
    lines = [*lines, " → ".join(volumes)]
    for noun, figure in (("parameters", "params"), ("macs", "macs")):
        parts = [layer.figure(figure) for layer in layers]
        total = None if None in parts else sum(part for part in parts if part is not None)
        if total != 0:
            lines.append(f"{'?' if total is None else f'{total:,}'} {noun}")
    if len(layers) == 1 and (says := misfit(layers[0])):
        lines.append(f"the stride does not fit: {says}")
    return "\n".join(map(printable, lines))


class _Linker:
    """Follows what flows along the chains."""

    def __init__(self, summary: Summary, builder: _Builder) -> None:
        self.nodes, self.boxes, self.ends = summary.network.nodes, builder.boxes, builder.ends
        self.owner = builder.owner()

    def links(self, chain: Chain) -> Iterator[Link]:
        """All that is read, in the order of the boxes that read it."""
        first, *rest = chain
        assert isinstance(first, Box)
        yield from self.along(rest, first.number)[1]

    def along(self, chain: Chain, current: int) -> tuple[int, list[Link]]:
        """The box from which a chain goes on, and its links; `current` gives what comes in."""
        found: list[Link] = []
        for part in chain:
            if isinstance(part, Box):
                found += self.into(part, {current})
                current = part.number
            elif isinstance(part, Frame):
                current, links = self.along(part.chain, current)
                found += links
            elif isinstance(part, Head):
                found += self.along(part.chain, current)[1]
            else:
                ends = set[int]()
                for _, branch in part.branches:
                    end, links = self.along(branch, current)
                    ends.add(end)
                    found += links
                if part.join is not None:
                    found += self.into(part.join, ends)
                    current = part.join.number
        return current, found

    def into(self, box: Box, current: set[int]) -> list[Link]:
        """What a box reads of others, each of them once; straight is what comes from the current ones."""
        edges = [self.ends[box.number]] if box.number in self.ends else self.edges(box)
        texts: dict[int, str] = {}
        for edge in edges:
            source = self.owner.get(edge.source, 0)
            if source != box.number:
                texts.setdefault(source, volume_text(edge.volume))
        return [Link(source, box.number, text, source in current) for source, text in texts.items()]

    def edges(self, box: Box) -> list[Edge]:
        """Those that come from outside."""
        return [
            edge
            for node in self.nodes[box.first : box.end]
            for edge in node.edges
            if not box.first <= edge.source < box.end
        ]

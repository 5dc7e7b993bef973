"""The rows of a table: blocks folded to one row with their sums, runs of a repeated block to a single one."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cnncalc.figures.analysis import LayerSummary, Summary
from cnncalc.findings import either, plural
from cnncalc.layers.figures import FIGURES, SUMMED
from cnncalc.network import BRANCH, INPUT, REPEAT, Group
from cnncalc.render.columns import COLUMNS, Cell, misfit, what

TYPE, STAGE = BY = ("type", "stage")
"""What layers can be summed by: their type, or the size of their output."""
ALL = 1 << 30
"""The depth at which nothing is folded."""
MOST = 10_000
"""Cells of a table; of a longer one the middle rows are left out, which a row says."""


class Row(NamedTuple):
    """One layer, one folded block or run of blocks, or the heading above an unfolded block."""

    indent: int
    name: str
    heading: str
    """What it is, where no single layer says it."""
    layers: list[LayerSummary]
    """What it stands for; empty for a heading."""
    single: bool
    prefix: str = ""
    """Of the paths in the block that it stands in."""
    last: LayerSummary | None = None
    """Of several layers the one whose volume comes out; None where that is the volume that comes in."""
    path: str = ""
    """Of the layer or block that it stands for, the first of a run; empty where it stands for no such thing."""

    def cell(self, column: str, layout: str) -> Cell:
        """The cell of a column: of the layer, or the sum over the folded layers, or what comes out of the last."""
        if column == "path":
            return "  " * self.indent + self.name
        if column == "what":
            return _says(self.layers[0], self.prefix) if self.single else self.heading
        if not self.layers:
            return None
        if self.single:
            return COLUMNS[column].cell(self.layers[0], layout)
        if column in ("output", "receptive_field", "jump"):
            return COLUMNS[column].cell(self.last, layout) if self.last else ""
        if column in ("input", "inputs", "line", "file"):
            return COLUMNS[column].cell(self.layers[0], layout)
        if not COLUMNS[column].number:
            return ""
        parts = [COLUMNS[column].cell(layer, layout) for layer in self.layers if counted(layer, column)]
        return None if None in parts else COLUMNS[column].folded([part for part in parts if isinstance(part, int)])

    def plain(self, column: str, layout: str) -> Cell:
        """The cell where no other row says what it stands in."""
        if self.single:
            return COLUMNS[column].cell(self.layers[0], layout)
        if column == "path":
            return self.prefix + self.name
        if all(layer.training for layer in self.layers):  # then it has figures, as each of its layers would
            parts = [COLUMNS[column].cell(layer, layout) for layer in self.layers]
            if column == "training":
                return parts[0]
            if column in SUMMED:
                return None if None in parts else sum(part for part in parts if isinstance(part, int))
        return self.cell(column, layout)

    @property
    def fraction(self) -> str | None:
        """The fraction where a stride does not fit, and what it became."""
        return misfit(self.layers[0]) if self.single else None

    @property
    def warns(self) -> bool:
        """Whether a finding speaks of a stride in it."""
        return any(layer.figures is not None and layer.figures.misfit is not None for layer in self.layers)


def counted(layer: LayerSummary, column: str) -> bool:
    """Whether the totals have the layer's figure: of a head that only training runs, not all of them."""
    return not layer.training or column not in SUMMED or FIGURES[column].in_training


def rows(summary: Summary, depth: int | None, columns: int, by: str | None = None) -> list[Row]:
    """The rows of a summary's table with so many columns; `by` as in `all_rows`.

    `depth` is how many levels of blocks are unfolded. None unfolds one level, but folds each run of
    a block that is repeated.
    """
    return _shortened(all_rows(summary, depth, by), max(1, MOST // columns // 2))


def all_rows(summary: Summary, depth: int | None, by: str | None = None) -> list[Row]:
    """The rows of a summary, none of them left out; or, `by` one of `BY`, a row for each with the sums of its layers."""
    if by is not None:
        return list(_summed(summary.layers, by))
    return list(_within(summary.layers, summary.network.root, 0, depth))


def _summed(layers: Sequence[LayerSummary], by: str) -> Iterator[Row]:
    alike: dict[str, list[LayerSummary]] = {}
    for layer in layers:
        alike.setdefault(layer.type if by == TYPE else _stage(layer), []).append(layer)
    for name, some in alike.items():
        yield Row(0, name, plural(len(some), "layer"), some, False, last=some[-1] if by == STAGE else None)


def _stage(layer: LayerSummary) -> str:
    """The size of what comes out: layers of one size are one stage (Lin et al., "Feature Pyramid Networks", 3)."""
    if layer.output is None:
        return "unknown"
    return "x".join(map(str, layer.output.spatial)) or "vectors"


def runs(group: Group, layers: Sequence[LayerSummary]) -> Iterator[list[Group]]:
    """The blocks and branching layers in a group that have layers of their own; the turns of a repeated one together."""
    for inner in group.groups:
        if inner.kind == BRANCH:
            yield from runs(inner, layers)
        else:
            turns = inner.groups if inner.kind == REPEAT else (inner,)
            run = [turn for turn in turns if not alone(turn, layers)]
            if run:
                yield run


def alone(group: Group, layers: Sequence[LayerSummary]) -> bool:
    """Whether no layer is in it but the join that has its path."""
    if group.end - group.first > 1:
        return False
    return group.end == group.first or layers[group.first].path == group.path


def _shortened(listed: list[Row], ends: int) -> list[Row]:
    gone = listed[ends:-ends]
    if not gone:
        return listed
    says = f"{len(gone):,} rows are not shown; --format csv lists every layer"
    layers = [layer for row in gone for layer in row.layers]
    hidden = Row(0, "...", says, layers, False, last=layers[-1] if layers else None)
    return [*listed[:ends], hidden, *listed[-ends:]]


def _read(group: Group, layers: Sequence[LayerSummary], prefix: str) -> str:
    """` from c3 and c4`, where the item says so itself."""
    if not group.chosen:
        return ""
    names = ["input" if edge.source == INPUT else local(layers[edge.source].path, prefix) for edge in group.inputs]
    return f"from {either(names, 'and')}"


def folds(level: int, depth: int | None, turns: int) -> bool:
    """Whether a block at that level, or a run of so many, is one row."""
    return level >= (1 if depth is None else depth) or (depth is None and turns > 1)


def _within(layers: Sequence[LayerSummary], group: Group, level: int, depth: int | None) -> Iterator[Row]:
    position = group.first
    prefix = f"{group.path}." if group.path else ""
    for run in runs(group, layers):
        yield from _plain(layers[position : run[0].first], level, prefix)
        position = run[-1].end
        if folds(level, depth, len(run)):
            yield folded(layers, run, prefix, level)
        else:
            for one in run:
                says = ", ".join(filter(None, (_word(one), _read(one, layers, prefix))))
                yield Row(level, local(one.path, prefix), says, [], False, path=one.path)
                yield from _within(layers, one, level + 1, depth)
    yield from _plain(layers[position : group.end], level, prefix)


def _plain(layers: Sequence[LayerSummary], level: int, prefix: str) -> Iterator[Row]:
    for layer in layers:
        yield Row(level, local(layer.path, prefix), "", [layer], True, prefix, path=layer.path)


def folded(layers: Sequence[LayerSummary], run: list[Group], prefix: str, level: int) -> Row:
    """The row of a block, or of a run of one that is repeated."""
    first, last = run[0], run[-1]
    inside = list(layers[first.first : last.end])
    name = local(first.path, prefix)
    if len(run) > 1:
        name = f"{name.rpartition('_')[0] if first.named else first.word} ×{len(run)}"
    says = f"{len(inside)} layers" if len(inside) > 1 else "1 layer"
    if all(layer.training for layer in inside):
        says += ", while training"
    if first.chosen:
        says += f", {_read(first, layers, prefix)}"
    end = last.output.source
    return Row(level, name, says, inside, False, prefix, None if end == INPUT else layers[end], first.path)


def _word(group: Group) -> str:
    return "" if group.path.rpartition(".")[2].startswith(group.word) else group.word


def _says(layer: LayerSummary, prefix: str) -> str:
    if len(layer.inputs) == 1:
        return what(layer)
    own = f"{layer.path}."
    branches = [
        path.removeprefix(own).partition(".")[0] if path.startswith(own) else local(path, prefix)
        for path in layer.inputs
    ]
    return f"of {either(branches, 'and')}"


def local(path: str, prefix: str) -> str:
    """The path below the prefix; of the join that closes a group, its own name."""
    return path.rpartition(".")[2] if f"{path}." == prefix else path.removeprefix(prefix)

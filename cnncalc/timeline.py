"""What lives in memory while a layer runs, and why: the working behind `peak_bytes`; and what training takes."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final, NamedTuple

from cnncalc.figures.analysis import Summary
from cnncalc.figures.memory import Life
from cnncalc.network import INPUT
from cnncalc.volume import Volume

AROUND: Final = 3
"""Layers shown before and behind the one that it is about."""
OPTIMIZERS: Final = {"sgd": 0, "momentum": 1, "adam": 2}
"""How many numbers of its own an optimizer has for each parameter."""


class Living(NamedTuple):
    """One volume that lives."""

    path: str
    """Of the layer that made it, or `input`."""
    volume: Volume
    size: int
    """Bytes of all examples: of all channels, where some of them are under another name."""
    why: str


class Moment(NamedTuple):
    """A layer that runs, and what lives while it does."""

    path: str
    line: int
    living: list[Living]
    around: list[tuple[str, int]]
    """The layers that run just before it, itself and those just behind, each with the bytes that live then."""

    @property
    def size(self) -> int:
        """Bytes of all that lives."""
        return sum(each.size for each in self.living)


class Training(NamedTuple):
    """What one step of training takes, in bytes."""

    params: int
    gradients: int
    state: int
    """Of the optimizer."""
    kept: int | str
    """For the backward pass; or why that is not known."""

    @property
    def size(self) -> int | None:
        """All of it; None where what is kept is not known."""
        return sum((self.params, self.gradients, self.state, self.kept)) if isinstance(self.kept, int) else None


def training(summary: Summary, optimizer: str) -> Training:
    """What a step of training takes by one of `OPTIMIZERS`, of a network whose totals are known."""
    params = summary.totals.params_bytes
    assert params is not None
    return Training(params, params, OPTIMIZERS[optimizer] * params, summary.totals.kept(summary.batch))


class Timeline:
    """What lives while the layers of a network run. Raises ValueError where an error leaves that unknown."""

    def __init__(self, summary: Summary) -> None:
        if summary.totals.peak_bytes is None:
            raise ValueError("what lives in memory is unknown until the errors are mended")
        self.summary, self.memory = summary, summary.memory
        self.each = summary.number_bytes * summary.batch
        self.lives = [*self.memory.lives()]
        self.order = [index for index, runs in enumerate(self.memory.runs) if runs]

    def peak(self) -> Moment | None:
        """At the first layer where most lives; None where no layer runs."""
        at = self.memory.peak.at
        return None if at is None else self.moment(at)

    def of(self, path: str) -> Moment | None:
        """At a layer, or of a block at the first of its layers where most lives; None where none of it runs.

        Raises KeyError where there is neither of that path.
        """
        nodes = self.summary.network.nodes
        span = next((range(i, i + 1) for i, node in enumerate(nodes) if node.path == path), None)
        if span is None:
            groups = (group for group in self.summary.network.groups() if group.path == path)
            span = next((range(group.first, group.end) for group in groups), None)
        if span is None:
            raise KeyError(path)
        running = [index for index in span if self.memory.runs[index]]
        return self.moment(max(running, key=lambda index: self.memory.live[nodes[index].path])) if running else None

    def moment(self, at: int) -> Moment:
        """While the node of this index runs, which does."""
        node, place = self.summary.network.nodes[at], self.order.index(at)
        near = self.order[max(0, place - AROUND) : place + AROUND + 1]
        paths = [self.summary.network.nodes[index].path for index in near]
        around = [(path, self.memory.live[path] * self.each) for path in paths]
        living = [self.living(life, at) for life in self.lives if life.first <= at <= life.last]
        return Moment(node.path, node.places.layer.line, living, around)

    def living(self, life: Life, at: int) -> Living:
        """What is in a piece of memory, and why it still is."""
        inside = [index for index in life.volumes if index <= at]
        current, network = inside[-1], self.summary.network
        made = network.input if current == INPUT else network.nodes[current].output
        assert made is not None
        why = "; ".join(self.reasons(inside, current, at))
        path = "input" if current == INPUT else network.nodes[current].path
        return Living(path, made, life.size * self.each, why)

    def reasons(self, inside: list[int], current: int, at: int) -> Iterator[str]:
        """Why a volume lives while a node runs."""
        if current == at:
            before = inside[-2] if len(inside) > 1 else None
            yield "its output" if before is None else f"its output, written over what it reads of {self.called(before)}"
        if current != at and self.memory.named[at] == current:
            yield "its input, and under another name its output"
        reads = [index for index in self.readers.get(current, ()) if index >= at]
        if at in reads:
            yield "its input"
        later = [index for index in reads if index > at]
        if later:
            others = f", and {len(later) - 1} more later" if len(later) > 1 else ""
            yield f"{self.called(later[0])} reads it {'again' if at in reads else 'later'}{others}"
        if self.memory.last_reads[current] == len(self.summary.network.nodes):
            yield "the network gives it, so it stays to the end"

    def called(self, index: int) -> str:
        """The path of a node, or `input`."""
        return "input" if index == INPUT else self.summary.network.nodes[index].path

    @cached_property
    def readers(self) -> dict[int, list[int]]:
        """Of each volume the nodes that run and read it, under whatever name; those that only rename it aside."""
        found: dict[int, list[int]] = {}
        for index in self.order:
            if self.memory.named[index] == index:
                for volume in {self.memory.named[edge.source] for edge in self.summary.network.nodes[index].edges}:
                    found.setdefault(volume, []).append(index)
        return found

"""Layers that read several volumes or give several: joins, the branches that lead to them, and heads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from cnncalc import findings
from cnncalc.findings import LayerError
from cnncalc.layers.base import Layer, Line
from cnncalc.volume import Volume


class Branching(Layer):
    """A layer made of lists of layers. Its value is what the language reference says under its type."""

    takes_references: ClassVar[bool] = False
    """Whether a list of names joins volumes that exist already."""
    one_body: ClassVar[bool] = False
    """Whether it has one list of layers and no named branches."""
    divides: ClassVar[bool] = False
    """Whether each branch gets an equal share of the channels, and not the whole volume."""
    leaves_chain: ClassVar[bool] = False
    """Whether what its layers give is another output, known by its name; the chain goes on from before it."""
    adds_identity: ClassVar[bool] = False
    """Whether the volume that comes in is itself a branch."""

    def join(self, volumes: Sequence[Volume], names: Sequence[str]) -> Volume:
        """The volume that the branches make together; `names` say where each came from, for faults.

        Raises LayerError where they do not go together.
        """
        raise NotImplementedError

    def output(self, volume: Volume) -> Volume:
        return self.join([volume], ["input"])

    def kept_of_join(self, volumes: Sequence[Volume], learns: Sequence[bool]) -> tuple[list[bool], int]:
        """Which of the volumes autograd keeps, of which those that `learns` says have a gradient; how many numbers beside."""
        return [False] * len(volumes), 0

    def working_of_join(self, volumes: Sequence[Volume], output: Volume) -> Iterator[Line]:
        """The computation with the numbers put in, line by line."""
        raise NotImplementedError


class _Broadcasting(Branching):
    """Number by number over equal volumes; an extent of 1 is repeated along its axis."""

    takes_references = True
    overwrites = True
    sign: ClassVar[str]

    def join(self, volumes: Sequence[Volume], names: Sequence[str]) -> Volume:
        shapes = [volume.shape for volume in volumes]
        if len({len(shape) for shape in shapes}) == 1:
            extents = [{*axis} - {1} for axis in zip(*shapes, strict=True)]
            if all(len(extent) <= 1 for extent in extents):
                channels, *spatial = (next(iter(extent), 1) for extent in extents)
                return Volume(channels, tuple(spatial))
        raise LayerError(findings.unequal_volumes(self.type, volumes, names, channels_too=True))

    def working_of_join(self, volumes: Sequence[Volume], output: Volume) -> Iterator[Line]:
        yield "output volume", f"{f' {self.sign} '.join(map(str, volumes))} = {output}"
        yield "parameters", "none"


class Add(
    _Broadcasting,
    type="add",
    also=("sum", "plus", "eltwise", "elementwise_add", "shortcut", "skip"),
    example="- add: {body: [conv: {filters: channels, kernel: 1}], shortcut: []}",
):
    """The sum of the branches. A mapping forks the volume, `[]` being the volume itself; a list joins volumes by name."""

    sign = "+"


class Multiply(
    _Broadcasting,
    type="multiply",
    also=("mul", "product", "gate", "elementwise_multiply"),
    example="- multiply: {features: [], gate: [global_avg_pool, sigmoid]}",
):
    """The product of the branches, number by number; written like `add`."""

    sign = "*"

    def kept_of_join(self, volumes: Sequence[Volume], learns: Sequence[bool]) -> tuple[list[bool], int]:
        # Of a·b, a where b has a gradient and b where a has: each factor after the first meets the product so far.
        kept, beside = [False] * len(volumes), 0
        product, learned = volumes[0], learns[0]
        for index in range(1, len(volumes)):
            kept[index] = learned
            if learns[index]:
                kept[0] = kept[0] or index == 1
                beside += product.elements if index > 1 else 0
            product = self.join([product, volumes[index]], ["", ""])
            learned = learned or learns[index]
        return kept, beside


class Residual(
    Add,
    type="residual",
    also=("skip_connection", "residual_block"),
    example="- residual: [conv: {filters: channels, kernel: 1}]",
):
    """The volume itself plus what the listed layers make of it."""

    one_body = True
    takes_references = False
    adds_identity = True


class Concat(
    Branching,
    type="concat",
    also=("concatenate", "cat", "merge", "route", "filter_concat", "depth_concat"),
    example="- concat: {left: [], right: [conv: {filters: 8, kernel: 1}]}",
):
    """The channels of all branches, one after another; written like `add`."""

    takes_references = True

    def join(self, volumes: Sequence[Volume], names: Sequence[str]) -> Volume:
        if len({volume.spatial for volume in volumes}) > 1:
            raise LayerError(findings.unequal_volumes(self.type, volumes, names, channels_too=False))
        return Volume(sum(volume.channels for volume in volumes), volumes[0].spatial)

    def working_of_join(self, volumes: Sequence[Volume], output: Volume) -> Iterator[Line]:
        yield "output channels", f"{' + '.join(str(volume.channels) for volume in volumes)} = {output.channels}"
        yield "output volume", str(output)
        yield "parameters", "none"


class Split(
    Concat,
    type="split",
    also=("chunk",),
    example="- split: {left: [], right: [conv: {filters: channels, kernel: 1}]}",
):
    """An equal share of the channels to each branch; their results concatenated."""

    takes_references = False
    divides = True


class Head(
    Branching,
    type="head",
    also=("auxiliary", "aux", "output"),
    example="- head: {name: aux, layers: [global_avg_pool, fc: 10]}",
):
    """Another output. The chain goes on from before it."""

    one_body = True
    leaves_chain = True

"""The working of a layer: each figure's formula with the numbers put in."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import NamedTuple

from cnncalc.analysis import BYTES, LayerSummary, Summary
from cnncalc.counting import CONVENTIONS
from cnncalc.field import AxisField, Field, whole_input
from cnncalc.layers import Branching
from cnncalc.layers.base import Line, times
from cnncalc.layers.convolution import Conv, DepthwiseConv
from cnncalc.volume import AXES, Volume


class Working(NamedTuple):
    """One layer's working, line by line: what is computed, and how."""

    layer: LayerSummary
    lines: list[Line]


def explain(summary: Summary, paths: list[str] | None = None) -> list[Working]:
    """The working of the layers named, or of all. Raises KeyError for a path that is not there."""
    layers = summary.layers if not paths else [summary.layer(path) for path in paths]
    fields: dict[str, Field] = {layer.path: layer.field for layer in summary.layers}
    fields["input"] = whole_input(summary.input) if summary.input else None
    return [Working(layer, list(_lines(summary, layer, fields))) for layer in layers]


class Difference(NamedTuple):
    """By how much one convention counts more than `macs`, and in which layer types."""

    convention: str
    says: str
    total: int
    by_type: dict[str, int]
    """The difference in each layer type that has one, for the batch."""


def explain_counting(summary: Summary) -> list[Difference]:
    """Why tools print different numbers: every convention's total beside the macs.

    Layers that an error leaves unknown, and heads that only training runs, are not counted.
    """
    found = []
    for name, convention in CONVENTIONS.items():
        total, by_type = 0, dict[str, int]()
        for layer in summary.layers:
            if layer.training or layer.layer is None or layer.output is None or layer.input is None:
                continue
            if isinstance(layer.layer, Branching):
                continue
            counted = convention.counts(layer.layer, layer.input, layer.output) * summary.batch
            more = counted - layer.layer.macs(layer.input) * summary.batch
            total += counted
            if more:
                by_type[layer.type] = by_type.get(layer.type, 0) + more
        found.append(Difference(name, convention.says, total, by_type))
    return found


def _lines(summary: Summary, layer: LayerSummary, fields: dict[str, Field]) -> Iterator[Line]:
    if layer.layer is None or layer.input is None or layer.output is None or layer.figures is None:
        yield "unknown", "an error in this layer or before it leaves its volumes unknown"
        return
    for volume, origin in zip(layer.volumes, layer.inputs, strict=True):
        yield "input volume", f"{volume}, from {origin}"
    if isinstance(layer.layer, Branching):
        yield from layer.layer.working_of_join([volume for volume in layer.volumes if volume], layer.output)
    else:
        yield from layer.layer.working(layer.input)
    if layer.figures.mult_adds and summary.counting == "torchinfo":
        yield f"mult-adds ({summary.counting})", _mult_adds(layer, layer.output)
    yield from _field(layer, fields[layer.inputs[0]], summary.input)
    yield from _memory(layer, layer.output)


def _mult_adds(layer: LayerSummary, output: Volume) -> str:
    figures = layer.figures
    assert figures is not None
    learned = figures.weights + figures.biases
    if isinstance(layer.layer, Conv | DepthwiseConv):
        return f"{times(learned, *output.spatial)} = {figures.mult_adds:,}: weights and biases at every position"
    if figures.mult_adds == learned:
        return f"{learned:,}: each weight and bias once"
    return f"{figures.macs:,} + {times(figures.biases, *output.spatial)} = {figures.mult_adds:,}"


def _field(layer: LayerSummary, before: Field, start: Volume | None) -> Iterator[Line]:
    if not layer.field or start is None:
        return
    assert layer.layer is not None
    assert layer.input is not None
    lines: dict[str, list[str]] = {}
    steps = layer.layer.field(layer.input)
    for index, axis in enumerate(layer.field):
        text = f"{axis.size} cells of the input"
        if isinstance(layer.layer, Branching):
            text = f"{axis.size}, the largest extent over the ways" + (f"; jump {axis.jump}" if axis.jump else "")
        elif before and len(steps) == len(layer.field) and not layer.layer.reads_all:
            text = _recurrence(before[index], axis, steps[index].reach)
        lines.setdefault(text, []).append(AXES[len(start.spatial)][index])
    for text, axes in lines.items():
        yield f"receptive field, {' and '.join(axes)}", text


def _recurrence(before: AxisField, after: AxisField, reach: int) -> str:
    if reach == 1 or before.jump is None:
        text = f"{after.size}, as before" if after.size == before.size else f"{after.size}"
    else:
        text = f"{before.size} + ({reach} - 1)·{before.jump} = {after.size}"
    if after.jump is not None and before.jump is not None and after.jump != before.jump:
        return f"{text}; jump {before.jump} → {after.jump}"
    return text if after.jump is None else f"{text}; jump {after.jump}"


def _memory(layer: LayerSummary, output: Volume) -> Iterator[Line]:
    assert layer.figures is not None
    assert layer.layer is not None
    if layer.layer.in_place:
        yield "memory", "none of its own: it works in place"
        return
    text = f"output {times(*output.spatial, output.channels)}·{BYTES} = {BYTES * output.elements:,} bytes"
    if layer.params:
        text += f", parameters {layer.params:,}·{BYTES} = {BYTES * layer.params:,} bytes"
    if layer.batch > 1:
        text += f"; {layer.batch} examples, {BYTES * layer.batch * prod(output.shape):,} bytes of output"
    yield "memory", text

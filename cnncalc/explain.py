"""The working of a layer: each figure's formula with the numbers put in."""

from collections.abc import Iterator
from math import prod
from typing import NamedTuple

from cnncalc import paddings
from cnncalc.figures.analysis import LayerSummary, Summary
from cnncalc.figures.counting import CONVENTIONS
from cnncalc.figures.field import AxisField, Field, whole_input
from cnncalc.findings import Place, plural
from cnncalc.layers import TYPES, Branching, Layer
from cnncalc.layers.base import FieldStep, Line, plain, times
from cnncalc.network import INPUT, Group
from cnncalc.volume import AXES, Volume


class Working(NamedTuple):
    """The working of one layer or block, line by line: what is computed, and how."""

    path: str
    place: Place
    says: str
    """The type and the attributes, or the block and its parameters."""
    lines: list[Line]
    elsewhere: bool = False
    """Whether it stands in a file that the network's own extends."""


def explain(summary: Summary, paths: list[str] | None = None) -> Iterator[Working]:
    """The working of the layers and blocks named, or of all layers.

    Raises KeyError for a path that is not there.
    """
    fields: dict[str, Field] = {layer.path: layer.field for layer in summary.layers}
    fields["input"] = whole_input(summary.input) if summary.input else None
    layers = {layer.path: layer for layer in summary.layers}
    groups = {group.path: group for group in summary.network.groups()}
    for path in paths or ():
        if path not in layers and path not in groups:
            raise KeyError(path)
    return (
        _of_layer(summary, layers[path], fields) if path in layers else _of_block(summary, groups[path])
        for path in paths or layers
    )


def _of_layer(summary: Summary, layer: LayerSummary, fields: dict[str, Field]) -> Working:
    rank = len(layer.input.spatial) if layer.input else 2
    said = layer.layer.says(rank) if layer.layer else ""
    says = ": ".join(filter(None, (layer.type.replace("_", " "), said)))
    elsewhere = layer.place.file != summary.file
    return Working(layer.path, layer.place, says, list(_lines(summary, layer, fields)), elsewhere)


def _of_block(summary: Summary, group: Group) -> Working:
    given = ", ".join(f"{name} {_listed(value)}" for name, value in group.parameters.items())
    kind = "" if group.word in TYPES else "block "
    says = f"{kind}{group.word}{f': {given}' if given else ''}"
    return Working(group.path, group.place, says, list(_block(summary, group)), group.place.file != summary.file)


def _listed(value: object) -> str:
    return "x".join(map(str, value)) if isinstance(value, tuple) else "unknown" if value is None else str(value)


def _block(summary: Summary, group: Group) -> Iterator[Line]:
    """Where the figures of a block come from: the sums over its layers, those that are 0 left out."""
    layers = summary.layers[group.first : group.end]
    if not layers:
        yield "layers", "none"
        return
    if any(layer.figures is None for layer in layers):
        yield "unknown", "an error in this block or before it leaves its volumes unknown"
        return
    for edge in group.inputs:
        yield "input volume", f"{edge.volume}, from {summary.network.giver(edge)}"
    last = None if group.output.source == INPUT else summary.layers[group.output.source]
    yield "output volume", f"{last.output}, from {last.path}" if last else f"{summary.input}, from input"
    for layer in layers:
        if layer.params or layer.macs:
            said = layer.layer.says(len(layer.input.spatial)) if layer.layer and layer.input else ""
            figures = f"{layer.params:,} parameters, {layer.macs:,} macs, {layer.mult_adds:,} mult-adds"
            yield layer.path.removeprefix(f"{group.path}."), f"{figures}{f': {said}' if said else ''}"
    run = [layer for layer in layers if not layer.training] or layers
    params = sum(layer.params or 0 for layer in layers)
    macs, mult_adds, activations = (
        sum(getattr(layer, name) for layer in run) for name in ("macs", "mult_adds", "activations")
    )
    yield "sum", f"{params:,} parameters, {macs:,} macs, {mult_adds:,} mult-adds ({summary.counting})"
    yield "activations", f"{activations:,}, over {plural(len(run), 'layer')}"
    if len(run) < len(layers):
        yield "while training", f"{plural(len(layers) - len(run), 'layer')} more, whose parameters are in the sum"
    if last and last.field:
        yield "receptive field", "x".join(str(axis.size) for axis in last.field)


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
    alike: dict[tuple[int, Volume], tuple[str, Layer, Volume, int]] = {}  # type, layer, output and how many there are
    for one in summary.layers:
        if one.training or one.layer is None or one.input is None or one.output is None:
            continue
        if not isinstance(one.layer, Branching):
            *_, times = alike.get((id(one.layer), one.input), (0,))
            alike[id(one.layer), one.input] = one.type, one.layer, one.output, times + 1
    found = []
    for name, convention in CONVENTIONS.items():
        total, by_type = 0, dict[str, int]()
        for (_, volume), (kind, layer, output, times) in alike.items():
            counted = convention.counts(layer, volume, output) * times * summary.batch
            more = counted - layer.macs(volume) * times * summary.batch
            total += counted
            if more:
                by_type[kind] = by_type.get(kind, 0) + more
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
        for label, text in layer.layer.working(layer.input):
            own = label not in ("parameters", "buffers") or layer.shares is None
            yield label, text if own else f"{text}, of `{layer.shares}`, which counts them"
        yield from paddings.lines(layer.layer, layer.input)
        if layer.layer.for_values:
            yield "values", ", ".join(f"{name} {plain(value)}" for name, value in layer.layer.for_values.items())
        if layer.params or layer.mult_adds:
            working = CONVENTIONS[summary.counting].working(layer.layer, layer.input, layer.output)
            yield f"mult-adds ({summary.counting})", working
    yield from _field(layer, fields[layer.inputs[0]], summary.input)
    if summary.batch > 1 and layer.figures.mult_adds:
        yield f"batch of {summary.batch}", f"{layer.macs:,} macs, {layer.mult_adds:,} mult-adds"
    yield from _memory(layer, layer.output, summary.number_bytes)


def _field(layer: LayerSummary, before: Field, start: Volume | None) -> Iterator[Line]:
    if layer.field is None and start is not None and start.spatial:
        yield "receptive field", "unknown: the cells that it reads, or their neighbours, follow no rule"
    if not layer.field or start is None:
        return
    assert layer.layer is not None
    assert layer.figures is not None
    lines: dict[str, list[str]] = {}
    steps = layer.figures.steps
    for index, axis in enumerate(layer.field):
        text = f"{axis.size} cells of the input"
        if isinstance(layer.layer, Branching):
            text = f"{axis.size}, the largest extent over the branches" + (f"; jump {axis.jump}" if axis.jump else "")
        elif before and len(steps) == len(layer.field) and not layer.layer.reads_all:
            text = _recurrence(before[index], axis, steps[index])
        lines.setdefault(text, []).append(AXES[len(start.spatial)][index])
    for text, axes in lines.items():
        yield f"receptive field, {' and '.join(axes)}", text


def _recurrence(before: AxisField, after: AxisField, step: FieldStep) -> str:
    span = step.dilation * (step.taps - 1) + 1
    alone = len(before.phases) == step.up == 1 and before.shared is None
    if after.size == before.size:
        text = f"{after.size}, as before"
    elif alone and before.jump is not None and after.size == before.size + (span - 1) * before.jump:
        text = f"{before.size} + ({span} - 1)·{before.jump} = {after.size}"
    else:
        text = f"{after.size}, the largest over all cells"
    if after.jump is not None and before.jump is not None and after.jump != before.jump:
        return f"{text}; jump {before.jump} -> {after.jump}"
    return text if after.jump is None else f"{text}; jump {after.jump}"


def _memory(layer: LayerSummary, output: Volume, number: int) -> Iterator[Line]:
    assert layer.figures is not None
    assert layer.layer is not None
    if layer.layer.in_place:
        yield "memory", "none of its own: it works in place"
        return
    text = f"output {times(*output.spatial, output.channels, number)} = {number * output.elements:,} bytes"
    if layer.params:
        text += f", parameters {layer.params:,}·{number} = {number * layer.params:,} bytes"
    if layer.batch > 1:
        text += f"; {layer.batch} examples, {number * layer.batch * prod(output.shape):,} bytes of output"
    if layer.layer.overwrites:
        text += ", written over what it reads where nothing else reads that"
    yield "memory", text

"""What lives in memory around a layer, as text with bars; what a step of training takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from cnncalc.figures.analysis import Summary
from cnncalc.findings import plural
from cnncalc.render.plain import painted, printable, size, wrapped
from cnncalc.timeline import Moment, Training

_LONGEST: Final = 30
"""Cells of a bar where there is room."""
_SHORTEST: Final = 4
_MOST: Final = 40
"""Volumes that are listed, the largest; of the others only how much they come to."""
_EIGHTHS: Final = " ▏▎▍▌▋▊▉"


def timeline(summary: Summary, moments: Sequence[Moment], width: int | None, color: bool) -> Iterator[str]:
    """The peak of a network in a few lines; then of each moment the layers around it, and what lives."""
    labels = max(len(label) for label, _ in _totals(summary))
    for label, text in _totals(summary):
        first, *more = wrapped(printable(text), labels + 2, width)
        yield f"{label:<{labels}}  {first}\n"
        yield from (f"{'':<{labels}}  {line}\n" for line in more)
    for moment in moments:
        yield "\n"
        yield from _around(moment, summary.totals.peak_bytes or 1, width, color)
        yield "\n"
        yield from _living(moment, width, color)


def training_text(taken: Training, summary: Summary, optimizer: str, width: int | None, color: bool) -> Iterator[str]:
    """What a step of training takes, a line each, and their sum."""
    yield "\n" + painted(f"a step of training with {plural(summary.batch, 'example')}", "bold", color) + "\n"
    lines = [(taken.params, "parameters"), (taken.gradients, "their gradients")]
    lines += [(taken.state, f"state of the optimizer ({optimizer})")] if taken.state else []
    if isinstance(taken.kept, int):
        lines.append((taken.kept, "kept for the backward pass"))
    if taken.size is not None:
        lines.append((taken.size, _together(taken.size)))
    figures = max(len(f"{count:,}") for count, _ in lines)
    yield from (f"  {count:>{figures},}  {text}\n" for count, text in lines)
    for text in _beside(taken, summary):
        yield from (f"  {line}\n" for line in wrapped(printable(text), 2, width))


def _together(count: int) -> str:
    """What stands behind a sum: its short form, where that is not the same once more."""
    short = size(count)
    return "together" if short.endswith("bytes") else f"together ({short})"


def _beside(taken: Training, summary: Summary) -> Iterator[str]:
    """What is to be said of the sum, a line each."""
    if taken.size is None:
        yield f"What is kept for the backward pass is not known: {taken.kept}"
    else:
        yield "Kept is what PyTorch's autograd keeps in the code that `cnncalc export --to pytorch` writes;"
        yield "code whose activations work in place keeps something else."
        if any(layer.type == "dropout" for layer in summary.layers):
            yield "On CUDA the mask of a dropout takes one byte a number."
    yield "What a GPU's library takes to work in, or keeps of its own, cannot be computed."


def _totals(summary: Summary) -> Iterator[tuple[str, str]]:
    totals, number = summary.totals, plural(summary.number_bytes, "byte")
    numbers, batch = (totals.peak_bytes or 0) // summary.number_bytes, plural(summary.batch, "example")
    at = f", while {totals.peak_at} runs" if totals.peak_at else ""
    examples = f" of {batch}" if summary.batch > 1 else ""
    yield (
        "peak memory",
        f"{_bytes(totals.peak_bytes)}{at}: {numbers:,} numbers{examples}, {number} each ({summary.dtype})",
    )
    if totals.peak_bytes_in_place != totals.peak_bytes:
        yield "in place", f"{_bytes(totals.peak_bytes_in_place)}, where depthwise convolutions write over their input"


def _bytes(count: int | None) -> str:
    text = size(count or 0)
    return text if text.endswith("bytes") else f"{count:,} bytes ({text})"


def _around(moment: Moment, most: int, width: int | None, color: bool) -> Iterator[str]:
    """A line for each layer, with its bar; the one that it is about is marked."""
    paths = max(len(printable(path)) for path, _ in moment.around)
    figures = max(len(f"{live:,}") for _, live in moment.around)
    room = _LONGEST if width is None else min(_LONGEST, width - paths - figures - 6)
    yield f"  {'bytes that live while a layer runs':<{paths}}".rstrip() + "\n"
    for path, live in moment.around:
        bar = f"  {painted(_bar(live, most, room), 'cyan', color)}" if room >= _SHORTEST else ""
        mark, line = (">", "bold") if path == moment.path else (" ", "")
        text = f"{mark} {printable(path):<{paths}}  {live:>{figures},}"
        yield (painted(text, line, color) if line else text) + bar + "\n"


def _bar(value: int, most: int, width: int) -> str:
    eighths = -(-value * width * 8 // most)
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")


def _living(moment: Moment, width: int | None, color: bool) -> Iterator[str]:
    """What lives, a line each: its bytes, its volume, what made it and why it lives; then the sum."""
    heading = printable(f"what lives while {moment.path} (line {moment.line}) runs")
    yield from (painted(line, "bold", color) + "\n" for line in wrapped(heading, 0, width))
    figures = max(len(f"{each:,}") for each in (moment.size, *(one.size for one in moment.living)))
    volumes = max(len(str(one.volume)) for one in moment.living)
    largest = sorted(range(len(moment.living)), key=lambda index: -moment.living[index].size)[:_MOST]
    shown = [moment.living[index] for index in sorted(largest)]
    for one in shown:
        first, *more = wrapped(printable(f"{one.path}: {one.why}"), figures + volumes + 6, width)
        yield f"  {one.size:>{figures},}  {one.volume!s:<{volumes}}  {first}\n"
        yield from (f"{'':>{figures + volumes + 6}}{line}\n" for line in more)
    if len(shown) < len(moment.living):
        rest = moment.size - sum(one.size for one in shown)
        yield f"  {rest:>{figures},}  of {plural(len(moment.living) - len(shown), 'other volume')}\n"
    if len(moment.living) > 1:
        yield f"  {moment.size:>{figures},}  together\n"

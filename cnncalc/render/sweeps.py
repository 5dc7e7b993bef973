"""The rows of a sweep as a table, as markdown, as CSV and as JSON."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from cnncalc.figures.analysis import TOTALS
from cnncalc.render.cells import heading_text
from cnncalc.render.markdown import line, safe
from cnncalc.render.plain import painted, printable, wrapped
from cnncalc.sweeping import LOSSES, Row, number_text

if TYPE_CHECKING:
    from cnncalc.volume import Volume


class Shown(NamedTuple):
    """How the rows are to be shown."""

    varied: Sequence[str]
    """The columns of what varies."""
    counting: str
    several: bool = False
    """Whether they are of several files, so that each says of which."""
    layout: str = "hwc"
    width: int | None = None
    color: bool = False


_FIGURES: Final = ("params", "macs", "mult_adds", "activations", "peak_bytes")
"""Of the totals, what tables show; all of them are in the other formats."""
_SPARED: Final = ("mult_adds", "activations")
"""What a terminal that is too narrow does without."""
_NARROWEST: Final = 30
"""Cells of an error beside what varies; where there are fewer it stands below."""


def table(rows: Sequence[Row], shown: Shown) -> Iterator[str]:
    """The rows as aligned text; where figures are unknown the error stands in their place."""
    if not rows:
        yield "no rows\n"
        return
    columns = _columns(shown)
    cells = {name: [_heading(name, shown), *(_cell(row, name, shown) for row in rows)] for name in columns}
    widths = {name: max(map(len, cells[name])) for name in columns}
    left = _spare(widths, shown.width)
    columns = [name for name in columns if name not in left]
    yield painted(_aligned(cells, columns, widths, 0), "bold", shown.color) + "\n"
    yield "─" * (sum(widths[name] for name in columns) + 2 * (len(columns) - 1)) + "\n"
    head = columns[: columns.index("output")]
    for index, row in enumerate(rows, 1):
        known = row.misfits is not None
        start = _aligned(cells, columns if known else head, widths, index)
        yield from _with_error(start, row, shown)
    if left:
        names = " and ".join(_heading(name, shown) for name in left)
        yield f"\n{names}: in a wider terminal, or with --format csv\n"


def _columns(shown: Shown) -> list[str]:
    return [*(["file"] if shown.several else []), *shown.varied, "output", *_FIGURES, *LOSSES]


def _spare(widths: dict[str, int], width: int | None) -> list[str]:
    """The columns to leave out, one after another, until the rest keeps to the width."""
    left, wide = list[str](), sum(widths.values()) + 2 * (len(widths) - 1)
    for name in _SPARED:
        if width is not None and wide > width:
            left.append(name)
            wide -= widths[name] + 2
    return left


def _aligned(cells: dict[str, list[str]], columns: Sequence[str], widths: dict[str, int], index: int) -> str:
    texts = [
        cells[name][index].ljust(widths[name]) if name in ("file", "output") else cells[name][index].rjust(widths[name])
        for name in columns
    ]
    return "  ".join(texts).rstrip()


def _with_error(start: str, row: Row, shown: Shown) -> Iterator[str]:
    """The row, with its error behind it in as many lines as the width asks for."""
    if row.error is None:
        yield f"{start}\n"
        return
    below = shown.width is not None and shown.width - len(start) - 2 < _NARROWEST
    indent = 4 if below else len(start) + 2
    first, *more = wrapped(error_text(row), indent, shown.width)
    yield f"{start}\n" if below else ""
    yield f"{' ' * indent if below else start + '  '}{painted(first, 'red', shown.color)}\n"
    yield from (f"{' ' * indent}{painted(text, 'red', shown.color)}\n" for text in more)


def error_text(row: Row) -> str:
    """`max_pool3: a kernel of 3 is larger than the height of 2`."""
    if row.error is None:
        return ""
    return printable(f"{row.error.path}: {row.error.message}" if row.error.path else row.error.message)


def _heading(name: str, shown: Shown) -> str:
    return name if name in shown.varied else heading_text(name, shown.counting)


def _cell(row: Row, name: str, shown: Shown) -> str:
    value = _plain(row, name, shown.layout)
    if value is None:
        return "?"
    return f"{value:,}" if isinstance(value, int) and name not in shown.varied else printable(str(value))


def _plain(row: Row, name: str, layout: str) -> object:
    """The value of a column; None where it is unknown."""
    if name == "file":
        return row.file
    if name == "output":
        return _volume(row.output, layout)
    if name == "error":
        return error_text(row)
    if name in LOSSES:
        return getattr(row, name)
    if name in row.varied:
        value = row.varied[name]
        return value.text(layout) if hasattr(value, "text") else number_text(value)
    return row.totals.peak_at if name == "peak_at" else row.totals[name]


def _volume(volume: "Volume | None", layout: str) -> str | None:
    return None if volume is None else volume.text(layout)


def markdown(rows: Sequence[Row], shown: Shown) -> Iterator[str]:
    """The rows as a markdown table, with a column of errors where there are any."""
    columns = [*_columns(shown), *(["error"] if any(row.error for row in rows) else [])]
    texts = ("file", "output", "error")
    yield line(safe(_heading(name, shown)) for name in columns)
    yield line("---" if name in texts else "---:" for name in columns)
    for row in rows:
        yield line(safe(_cell(row, name, shown)) for name in columns)


def csv(rows: Sequence[Row], shown: Shown) -> list[str]:
    """A header and a row for each: plain numbers, empty where nothing is known."""
    import csv
    import io

    columns = [*(["file"] if shown.several else []), *shown.varied, "output", *TOTALS, "peak_at", *LOSSES, "error"]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        values = [_plain(row, name, shown.layout) for name in columns]
        writer.writerow([printable(value) if isinstance(value, str) else value for value in values])
    return [stream.getvalue()]


def ndjson(rows: Sequence[Row], shown: Shown) -> Iterator[str]:
    """An object for each row, on a line of its own."""
    return (f"{json.dumps(row.to_dict(shown.several))}\n" for row in rows)


def as_json(rows: Sequence[Row], shown: Shown) -> Iterator[str]:
    """All rows in one object."""
    yield '{\n  "schema": "cnncalc.sweep/1",\n  "rows": ['
    for number, row in enumerate(rows):
        yield f"{',' if number else ''}\n    {json.dumps(row.to_dict(shown.several))}"
    yield "\n  ]\n}\n" if rows else "]\n}\n"


FORMATS: Final[dict[str, Callable[[Sequence[Row], Shown], Iterable[str]]]] = {
    "table": table,
    "json": as_json,
    "ndjson": ndjson,
    "csv": csv,
    "markdown": markdown,
}
"""What writes the rows; the formats of a summary."""

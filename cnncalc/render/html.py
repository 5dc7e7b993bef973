"""A summary as a page of HTML that needs nothing from elsewhere, and its table and graph for notebooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from json import dumps
from os import urandom
from typing import Final

from cnncalc.explain import explain
from cnncalc.figures.analysis import LayerSummary, Summary
from cnncalc.pictures import Look
from cnncalc.pictures.bars import bars
from cnncalc.pictures.graph import graph
from cnncalc.pictures.scene import TooLargeError, scene
from cnncalc.pictures.svg import escaped, svg
from cnncalc.render.cells import cell_text, heading_text, sums, totals_rows
from cnncalc.render.columns import COLUMNS
from cnncalc.render.folding import ALL, Row, rows
from cnncalc.render.formats import View
from cnncalc.render.page import SCRIPT, STYLE, TABLE_STYLE
from cnncalc.render.report import report

_COLUMNS: Final = ("path", "what", "output", "params", "macs", "receptive_field")
_WRAPPED: Final = ("what", "inputs", "fit")
"""Columns of texts that may take several lines."""
_WORKED: Final = 10_000
"""Layers, of more than which no working is shown."""
_STYLES: Final = {"bars": bars, "graph": graph}
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'"


def page(summary: Summary, view: View) -> Iterator[str]:
    """The report: totals, findings, pictures, and the layers with their working."""
    name = escaped(summary.name or summary.file)
    yield f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{name}</title>\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
    yield f'<style>\n{STYLE}</style>\n</head>\n<body class="cnncalc">\n<header>\n<h1>{name}</h1>\n'
    yield f"<p>{summary.input or '?'} → {summary.output or '?'} "
    yield f'<span class="faint">{escaped(summary.file)}</span></p>\n'
    if summary.source:
        yield f'<p class="faint">{escaped(summary.source)}</p>\n'
    yield "</header>\n<main>\n"
    yield from _findings(summary, view.texts)
    yield from _totals(summary)
    yield from _pictures(summary, view)
    yield from _layers(summary, view)
    yield f"</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n"


def notebook(summary: Summary) -> str:
    """The table, with the graph below it, for within another page: it has no script, and names of its own each time."""
    parts = [f'<div class="cnncalc"><style>{TABLE_STYLE}</style>\n']
    parts.append(
        f"<p><b>{escaped(summary.name or summary.file)}</b> {summary.input or '?'} → {summary.output or '?'}</p>\n"
    )
    parts += [f"<table>\n{_head(summary, _COLUMNS)}<tbody>\n"]
    for row in rows(summary, None, len(_COLUMNS)):
        says = "&nbsp;" * 4 * row.indent + escaped(row.name)
        parts.append(
            f'<tr><th scope="row"{_block(row)}>{says}</th>{"".join(_cells(row, _COLUMNS, View().layout))}</tr>\n'
        )
    parts += ["</tbody>\n", _foot(summary, _COLUMNS), "</table>\n"]
    try:
        parts.append(
            f"<details><summary>graph</summary>{svg(graph(summary), inline=True, name=urandom(4).hex())}</details>\n"
        )
    except TooLargeError as error:
        parts.append(f"<p>{escaped(str(error))}</p>\n")
    return "".join([*parts, "</div>\n"])


def _findings(summary: Summary, texts: Mapping[str, str]) -> Iterator[str]:
    if not summary.findings:
        return
    yield '<section aria-labelledby="findings">\n<h2 id="findings">Findings</h2>\n'
    for finding in summary.findings:
        text = report([finding], texts, color=False).rstrip("\n")
        yield f'<div class="finding {finding.severity}"><pre>{_lines(text)}</pre></div>\n'
    yield "</section>\n"


def _lines(text: str) -> str:
    return "\n".join(map(escaped, text.split("\n")))


def _totals(summary: Summary) -> Iterator[str]:
    yield '<section aria-labelledby="totals">\n<h2 id="totals">Totals</h2>\n'
    found = totals_rows(summary)
    if not found:
        yield "<p>They are unknown until the errors are mended.</p>\n"
    else:
        yield '<dl class="totals">\n'
        for label, figure, remark in found:
            yield f'<dt>{escaped(label)}</dt><dd class="n">{escaped(figure)}</dd><dd class="faint">{escaped(remark)}</dd>\n'
        yield "</dl>\n"
    yield "</section>\n"


def _pictures(summary: Summary, view: View) -> Iterator[str]:
    for style, layout in _STYLES.items():
        try:
            drawn = svg(layout(summary, Look(view.depth)), inline=True)
        except TooLargeError as error:
            drawn = f"<p>{escaped(str(error))}</p>\n"
        yield f'<section class="{style}" aria-labelledby="{style}">\n<h2 id="{style}">{style.capitalize()}</h2>\n'
        yield f'<div class="box picture" tabindex="0" role="group" aria-labelledby="{style}">{drawn}</div>\n</section>\n'


def _layers(summary: Summary, view: View) -> Iterator[str]:
    chosen = ("path", *(name for name in view.columns or _COLUMNS if name != "path"))
    shown = rows(summary, ALL, len(chosen))
    boxes, workings = _boxes(summary, view), _Workings(summary)
    yield '<section class="layers" aria-labelledby="layers-title">\n<h2 id="layers-title">Layers</h2>\n'
    yield '<div class="tools"><search><label>Search <input id="search" type="search"></label></search>\n'
    yield '<button type="button" id="unfold">Unfold all</button><button type="button" id="fold">Fold all</button>\n'
    yield '<span id="count" class="faint" role="status"></span></div>\n'
    yield '<div class="box" tabindex="0" role="group" aria-labelledby="layers-title">'
    yield f'<table id="layers">\n{_head(summary, chosen)}<tbody>\n'
    for index, row in enumerate(shown):
        inside = row if row.layers else row._replace(layers=_within(shown, index))
        owners = (
            {boxes.get(layer.path, "") for layer in (inside.layers[0], inside.layers[-1])} if inside.layers else {""}
        )
        cells = _cells(inside, chosen, view.layout)
        yield _row(row, cells, owners.pop() if len(owners) == 1 else "", workings)
    yield f"</tbody>\n{_foot(summary, chosen)}</table></div>\n"
    yield f'<script type="application/json" id="workings">{workings.text()}</script>\n</section>\n'


def _within(shown: Sequence[Row], index: int) -> list[LayerSummary]:
    """The layers of the rows below a heading."""
    found: list[LayerSummary] = []
    for row in shown[index + 1 :]:
        if row.indent <= shown[index].indent:
            break
        found += row.layers
    return found


def _row(row: Row, cells: Sequence[str], box: str, workings: _Workings) -> str:
    indent = f' style="padding-left:{row.indent * 14 + 10}px"'
    name = escaped(row.name)
    if not row.layers:
        expanded = "true" if row.indent == 0 else "false"
        name = f'<button type="button" class="toggle" aria-expanded="{expanded}">{name}</button>'
    working = workings.of(row.path) if row.single else None
    more = ""
    if working is not None:
        name = f'<button type="button" class="works" aria-expanded="false">{name}</button>'
        more = f' data-working="{working}"'
    facts = f'data-level="{row.indent}" data-path="{escaped(row.path)}"' + (
        f' data-box="{escaped(box)}"' if box else ""
    )
    return f'<tr {facts}{more}><th scope="row"{indent}{_block(row)}>{name}</th>{"".join(cells)}</tr>\n'


def _block(row: Row) -> str:
    return "" if row.single else ' class="block"'


def _cells(row: Row, chosen: Sequence[str], layout: str) -> list[str]:
    """All cells but the first."""
    found = []
    for name in chosen[1:]:
        text, misfit = cell_text(name, row, layout)
        marked = f'<span class="misfit">{escaped(misfit)}</span>' if misfit else ""
        found.append(f"<td{_kind(name)}>{escaped(text)}{marked}</td>")
    return found


def _head(summary: Summary, chosen: Sequence[str]) -> str:
    cells = [f'<th scope="col"{_kind(name)}>{escaped(heading_text(name, summary.counting))}</th>' for name in chosen]
    return f"<thead><tr>{''.join(cells)}</tr></thead>\n"


def _kind(name: str) -> str:
    """The class of a column's cells."""
    return ' class="n"' if COLUMNS[name].number else ' class="w"' if name in _WRAPPED else ""


def _foot(summary: Summary, chosen: Sequence[str]) -> str:
    first, *others = sums(summary, chosen)
    return (
        f'<tfoot><tr><th scope="row">{first}</th>'
        + "".join(f'<td class="n">{text}</td>' for text in others)
        + "</tr></tfoot>\n"
    )


def _boxes(summary: Summary, view: View) -> dict[str, str]:
    """The path of the box in the graph that shows each layer."""
    try:
        shown = scene(summary, view.depth)
    except TooLargeError:
        return {}
    return {layer.path: box.path for box in shown.boxes if box.path for layer in summary.layers[box.first : box.end]}


class _Workings:
    """The working of each layer; layers whose working is the same share it."""

    def __init__(self, summary: Summary) -> None:
        self.indices: dict[str, int] = {}
        self.shared: dict[tuple[tuple[str, str], ...], int] = {}
        if len(summary.layers) <= _WORKED:
            for working in explain(summary):
                lines = tuple(
                    (label, text.partition(", from ")[0] if label == "input volume" else text)
                    for label, text in working.lines
                )
                self.indices[working.path] = self.shared.setdefault(lines, len(self.shared))

    def of(self, path: str) -> int | None:
        """The number of a layer's working."""
        return self.indices.get(path)

    def text(self) -> str:
        """All of them as JSON within a page."""
        return dumps(list(self.shared), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")

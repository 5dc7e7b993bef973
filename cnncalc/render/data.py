"""For other programs: JSON, one object a line or laid out for reading, and CSV."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from cnncalc.figures.analysis import Summary
from cnncalc.findings import Finding
from cnncalc.layers.figures import LAYER_COUNT, SUMMED
from cnncalc.render.formats import View


def json_text(value: Mapping[str, object]) -> str:
    """The object with a line for each key, and for each of a list's objects: for `less` as much as for `jq`."""
    return "".join(_laid_out(value, {}))


def summary_line(summary: Summary, _: View) -> Iterator[str]:
    """The summary's object on one line."""
    for number, (key, part) in enumerate(_outline(summary).items()):
        yield f"{', ' if number else '{'}{json.dumps(key)}: "
        if key == "layers":
            yield "["
            yield from (f"{', ' if before else ''}{layer}" for before, layer in enumerate(_layers(summary)))
            yield "]"
        else:
            yield json.dumps(part)
    yield "}\n"


def summary_json(summary: Summary, _: View) -> Iterator[str]:
    """The summary's object, laid out for reading."""
    yield from _laid_out(_outline(summary), {"layers": _layers(summary)})


def _outline(summary: Summary) -> dict[str, object]:
    return summary._replace(layers=[]).to_dict()


_KEPT: Final = 1_000


def _layers(summary: Summary) -> Iterator[str]:
    """The objects of the layers, one at a time: a long network's are never all in memory.

    What layers with the same figures have in common is written once: a chain of 100,000 takes half as long.
    """
    written: dict[int, str] = {}
    for layer in summary.layers:
        common = written.get(id(layer.figures))
        if common is None or layer.figures is None:
            common = json.dumps(layer.figures_dict())[1:]
            if len(written) < _KEPT:
                written[id(layer.figures)] = common
        yield f"{json.dumps(layer.place_dict(summary.file))[:-1]}, {common}"


def _laid_out(value: Mapping[str, object], rows: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """The object in pieces; of the keys in `rows` the lists are given as the texts of their objects."""
    start = "{\n"
    for key, part in value.items():
        listed = rows.get(key)
        if listed is None and isinstance(part, list) and part and isinstance(part[0], dict):
            listed = map(json.dumps, part)
        yield f"{start}  {json.dumps(key)}: "
        if listed is None:
            yield json.dumps(part)
        else:
            before = "["
            for row in listed:
                yield f"{before}\n    {row}"
                before = ","
            yield "[]" if before == "[" else "\n  ]"
        start = ",\n"
    yield "\n}\n"


def summary_csv(summary: Summary, view: View) -> list[str]:
    """A header and a row for each layer, or block that is folded; plain integers, empty where nothing is known.

    Of sums by type or stage a row has that, how many layers there are, and the figures. Of several networks the first has the header, and each row begins with the file.
    """
    import csv
    import io

    from cnncalc.render.columns import CSV_DEFAULT
    from cnncalc.render.folding import ALL, all_rows
    from cnncalc.render.plain import printable

    chosen: Sequence[str] = view.columns or CSV_DEFAULT
    figures = (*SUMMED, "training")
    summed = view.by is not None and view.columns is None
    if summed:
        chosen = [str(view.by), LAYER_COUNT, *figures]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    if view.first:
        writer.writerow(["file", *chosen] if view.several else chosen)
    file = [printable(summary.file)] if view.several else []
    for row in all_rows(summary, ALL if view.depth is None else view.depth, view.by):
        if summed:
            writer.writerow([*file, row.name, len(row.layers), *(row.plain(name, view.layout) for name in figures)])
        elif row.layers:  # the others are headings
            writer.writerow([*file, *(row.plain(name, view.layout) for name in chosen)])
    return [stream.getvalue()]


def zoo_dict(networks: Sequence[tuple[str, Summary]]) -> dict[str, object]:
    """The bundled specifications with their totals, for other programs."""
    return {
        "schema": "cnncalc.zoo/1",
        "networks": [
            {
                "name": name,
                "title": one.name,
                "task": one.task,
                "input_shape": one.input.shape if one.input else None,
                "params": one.totals.params,
                "macs": one.totals.macs,
                "source": one.source,
            }
            for name, one in networks
        ],
    }


def findings_dict(files: Sequence[str], findings: Iterable[Finding]) -> dict[str, object]:
    """The findings of files, for other programs."""
    return {
        "schema": "cnncalc.findings/1",
        "files": list(files),
        "findings": [finding.to_dict() for finding in findings],
    }

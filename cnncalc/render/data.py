"""For other programs: JSON, one object a line or laid out for reading, and CSV."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from cnncalc.analysis import Summary
from cnncalc.render.columns import COLUMNS, CSV_DEFAULT


def json_line(value: Mapping[str, object]) -> str:
    """The object on one line."""
    return json.dumps(value) + "\n"


def json_text(value: Mapping[str, object]) -> str:
    """The object with a line for each key, and for each layer or finding: for `less` as much as for `jq`."""
    lines = []
    for key, part in value.items():
        if isinstance(part, list) and part and isinstance(part[0], dict):
            rows = ",\n    ".join(json.dumps(row) for row in part)
            lines.append(f"  {json.dumps(key)}: [\n    {rows}\n  ]")
        else:
            lines.append(f"  {json.dumps(key)}: {json.dumps(part)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def csv_text(summary: Summary, columns: Sequence[str] | None, layout: str) -> str:
    """A header and a row for each layer; plain integers, empty where nothing is known."""
    import csv
    import io

    chosen = columns or CSV_DEFAULT
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(chosen)
    for layer in summary.layers:
        writer.writerow([COLUMNS[name].cell(layer, layout) for name in chosen])
    return stream.getvalue()


def zoo_dict(networks: Sequence[tuple[str, Summary]]) -> dict[str, object]:
    """The bundled specifications with their totals, for other programs."""
    return {
        "schema": "cnncalc.zoo/1",
        "networks": [
            {
                "name": name,
                "title": one.name,
                "input_shape": one.input.shape if one.input else None,
                "params": one.totals.params,
                "macs": one.totals.macs,
                "source": one.source,
            }
            for name, one in networks
        ],
    }

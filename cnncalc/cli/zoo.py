"""`cnncalc zoo`."""

from __future__ import annotations

import click

from cnncalc import api
from cnncalc.cli import options
from cnncalc.cli.streams import Sink


@click.command(short_help="The networks that come along.")
@click.argument("name", required=False, type=options.BundledName())
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@options.output
@options.color
@options.sink
def zoo(name: str | None, as_json: bool, sink: Sink) -> None:
    """The bundled specifications with their totals; with NAME, the text of one to start from."""
    form = options.by_ending(("yaml",) if name is not None else ("text", "json"))
    if name is not None:
        path = api.bundled(name)
        if path is None:
            raise click.UsageError(f"no bundled specification is called {name!r}{api.likely(name)}")
        with open(path, encoding="utf-8") as stream:
            sink.finish([stream.read()])
    networks = [(each, api.summarize(api.bundled(each) or each)) for each in api.bundled_names()]
    status = 0 if all(one.ok for _, one in networks) else 1
    if as_json or form == "json":
        from cnncalc.render.data import json_text, zoo_dict

        sink.finish([json_text(zoo_dict(networks))], status)
    from cnncalc.render.table import zoo_table

    sink.finish([zoo_table(networks, sink.width, sink.color)], status)

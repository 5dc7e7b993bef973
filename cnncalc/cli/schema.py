"""`cnncalc schema`."""

from __future__ import annotations

import click

from cnncalc.cli import options
from cnncalc.cli.streams import Sink
from cnncalc.schema import SCHEMAS


@click.command(short_help="JSON Schemas, for editors and scripts.")
@click.argument("of", metavar=f"[{'|'.join(SCHEMAS)}]", type=click.Choice(list(SCHEMAS)))
@options.output
@options.sink
def schema(of: str, sink: Sink) -> None:
    """The JSON Schema of a specification, for editors, or of the JSON that commands print, for scripts.

    What is printed says in its key `schema` which one it has: cnncalc.fit/1 is `cnncalc schema fit`.
    """
    import json

    options.by_ending(("json",))
    sink.finish([json.dumps(SCHEMAS[of](), indent=2) + "\n"])

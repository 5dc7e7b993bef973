"""`cnncalc schema`."""

from __future__ import annotations

import click

from cnncalc.cli import options
from cnncalc.cli.streams import Sink


@click.command(short_help="JSON Schemas, for editors and scripts.")
@click.argument("of", metavar="[spec|summary]", type=click.Choice(["spec", "summary"]))
@options.output
@options.sink
def schema(of: str, sink: Sink) -> None:
    """The JSON Schema of a specification, for editors, or of the summary's JSON, for scripts."""
    import json

    from cnncalc.schema import SCHEMAS

    sink.finish([json.dumps(SCHEMAS[of](), indent=2) + "\n"])

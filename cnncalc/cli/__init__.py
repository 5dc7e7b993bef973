"""The command line: open, read, analyse, render, exit. The only importer of click.

Each command is a module of its own name, imported when it is called: what a run does not use costs it nothing.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Final, NoReturn

import click

from cnncalc.cli.streams import FAILED, discard, say, shown

COMMANDS: Final = (
    "summarize",
    "check",
    "explain",
    "fit",
    "compare",
    "sweep",
    "draw",
    "export",
    "convolve",
    "zoo",
    "schema",
)


class Commands(click.Group):
    """The commands, each found in the module of its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"cnncalc.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            raise click.UsageError(f"no command {args[0]!r}: {_meant(args[0])}", ctx)
        return super().resolve_command(ctx, args)


def _meant(word: str) -> str:
    """What was meant by a word in the place of a command."""
    from cnncalc.api import bundled
    from cnncalc.findings import closest, hint

    if word.endswith((".yaml", ".yml")) or os.path.isfile(word) or bundled(word):
        return f"did you mean `cnncalc summarize {shown(word)}`?"
    return hint(closest(word, COMMANDS), COMMANDS, "the commands are")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(
    None, "--version", "-V", package_name="cnncalc", message="%(prog)s %(version)s", help="Show the version and exit."
)
def main() -> None:
    """Shapes, parameters and mult-adds of convolutional networks, exact and explained.

    FILE is a path, - for standard input, or the name of a bundled specification, such as alexnet.
    """


def run() -> NoReturn:
    """The command, with its exit status for whatever happens to the standard streams."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115  # it lives as long as the process
    status, standard_output = 0, sys.stdout
    try:
        status = main.main(prog_name="cnncalc", standalone_mode=False) or 0
    except click.ClickException as error:
        status = error.exit_code
        try:
            error.show()
        except OSError:
            discard(sys.stderr)
    except (click.Abort, KeyboardInterrupt):
        say("Aborted!")
        status = 130
    except OSError as error:  # of click's own output: help, version, completion
        if not isinstance(error, BrokenPipeError):
            say(f"Error: standard output: {error.strerror or error}")
            status = FAILED
        discard(sys.stdout)
    except SystemExit:
        if sys.stdout is not standard_output:  # click's sign that nobody reads on: help was cut, as was wanted
            sys.exit(0)
        raise
    sys.exit(status)

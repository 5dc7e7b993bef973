"""The command line: open, read, analyse, render, exit. The only importer of click.

Each command is a module of its own name, imported when it is called: what a run does not use costs it nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Sequence
from importlib import import_module
from typing import Any, Final, NoReturn

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


WORDS: Final = "cnncalc.words"
"""Where a context's `meta` has the words behind the command, by which a slip among them is understood."""


class Commands(click.Group):
    """The commands, each found in the module of its name."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.NoSuchOption as error:
            said = _said_of(error.option_name, error.ctx, ctx.meta[WORDS])
            if said is None:
                raise
            raise click.UsageError(f"no option {error.option_name}: {said}", error.ctx) from None

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
        ctx.meta[WORDS] = args[1:]
        return super().resolve_command(ctx, args)


def _said_of(option: str, ctx: click.Context | None, words: Sequence[str]) -> str | None:
    """What to say of an option that there is none of, where the file is what has such a thing."""
    if ctx is None or not any(param.name == "settings" for param in ctx.command.params):
        return None
    if option == "--expect":
        return "what a network is held to stands in its file, as in `expect: {params: <= 5M}`"
    name = option.lstrip("-").replace("-", "_")
    file = next((word for word in words if not word.startswith("-") and name in _parameters(word)), None)
    if file is None:
        return None
    before, _, value = next((word for word in words if word.startswith(f"{option}=")), "").partition("=")
    if not before and option in words[:-1]:
        value = words[words.index(option) + 1]
    return f"`{name}` is a parameter of {shown(file)}: write `--set {name}={value if is_number(value) else '…'}`"


def is_number(text: str) -> bool:
    """Whether an option takes the text for a number."""
    from cnncalc.api import exact

    try:
        exact("", text)
    except ValueError:
        return False
    return True


def _parameters(word: str) -> Collection[str]:
    """The parameters of the file that a word names; none where it names none."""
    from cnncalc.api import Source, load, resolve
    from cnncalc.limits import Limits

    try:
        return Source(load(word), word, Limits()).document().parameters if os.path.isfile(resolve(word)) else ()
    except (OSError, ValueError):
        return ()


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

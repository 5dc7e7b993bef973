"""The types and options that several commands share."""

import os
from collections.abc import Callable, Sequence
from functools import wraps
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, TypeVar

import click

from cnncalc.cli import WORDS, is_number
from cnncalc.cli.streams import Sink, shown
from cnncalc.figures.counting import CONVENTIONS, DEFAULT
from cnncalc.findings import either
from cnncalc.layers.figures import DTYPE, DTYPES
from cnncalc.layers.kinds import PADDING
from cnncalc.limits import Limits
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from cnncalc.language.expression import Number

Command: TypeAlias = Callable[..., Any]
Decorator: TypeAlias = Callable[[Command], Command]
T = TypeVar("T")


SIDES: Final = "`before,after`"
PADDING_WORDS: Final = sorted(PADDING.words)
"""What --padding takes beside a number and SIDES."""


class Question(NamedTuple):
    """What a command is to find out about each network."""

    input: Volume | None
    """In the place of the file's own."""
    settings: "tuple[tuple[str, Number], ...]"
    """Of the file's parameters."""
    strict: bool
    limits: Limits
    batch: int = 1
    counting: str = DEFAULT
    dtype: str = DTYPE
    fc_as_conv: bool = False
    """Whether fully connected layers are the convolutions that they are on the file's own input."""

    @property
    def asked(self) -> dict[str, Any]:
        """What `analyse` takes of it."""
        return {key: getattr(self, key) for key in ("batch", "strict", "counting", "dtype")}


def _question(settings: "tuple[tuple[str, Number], ...]", **others: Any) -> Question:
    """A usage error where a parameter is set twice: which value holds would be a guess."""
    names = [name for name, _ in settings]
    for name in names:
        if names.count(name) > 1:
            raise click.UsageError(f"--set {name} is given twice")
    return Question(settings=settings, **others)


class SpecFile(click.ParamType[str]):
    """A path, `-`, or the name of a bundled specification; completes all of them."""

    name = "file"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        from cnncalc.api import bundled_names

        names = [name for name in bundled_names() if name.startswith(incomplete)]
        return [*(CompletionItem(name) for name in names), CompletionItem(incomplete, type="file")]


class Parsed(click.ParamType[T]):
    """What a parser of the library makes of the text; a ValueError of it says what is wrong."""

    def __init__(self, name: str, made: type[T], parse: Callable[[str], T]) -> None:
        self.name, self.made, self.parse = name, made, parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> T:
        if isinstance(value, self.made):
            return value
        try:
            return self.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Setting(click.ParamType["tuple[str, Number]"]):
    """NAME=VALUE, the value a number or an expression of numbers."""

    name = "NAME=VALUE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> "tuple[str, Number]":
        from cnncalc.language.expression import Expression, ExpressionError

        if isinstance(value, tuple):
            return value
        name, sign, text = value.partition("=")
        if not sign:
            self.fail(f"{value!r} sets nothing: {_set_behind(value, ctx)}", param, ctx)
        try:
            return name.strip(), Expression(text).evaluate({}, 1 << 200)  # the run's own limit holds where it is used
        except ExpressionError as error:
            from cnncalc.language.spellings import number_of  # only slips need it

            meant = number_of(text)
            remedy = f"write {name}={meant}" if meant else error
            self.fail(f"{value!r} does not set a number: {remedy}", param, ctx)


def _set_behind(name: str, ctx: click.Context | None) -> str:
    """How a parameter is set, to the number that stands behind its name if one does: `--set width 0.5`."""
    words = ctx.meta.get(WORDS, []) if ctx else []
    behind = [after for before, after in pairwise(words) if before == name and is_number(after)]
    return f"write --set {name}={behind[0]}" if behind else "write it like width=0.5"


class Depth(click.ParamType[int]):
    """A number of levels, or `all`."""

    name = "N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        from cnncalc.render.folding import ALL

        if value == "all":
            return ALL
        return click.IntRange(0).convert(value, param, ctx)


class ColumnNames(click.ParamType[list[str]]):
    """A list of columns, or `help`."""

    name = "a,b,c"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        from cnncalc.render.columns import COLUMNS

        if isinstance(value, list):
            return value
        names = [name.strip() for name in value.split(",")]
        if names == ["help"]:
            return names
        for name in names:
            if name not in COLUMNS:
                from cnncalc.findings import closest_figure

                likely = closest_figure(name, COLUMNS)
                hint = f"did you mean `{likely}`?" if likely else "`--columns help` lists them"
                self.fail(f"no column {name!r}: {hint}", param, ctx)
        return names


class PaddingText(click.ParamType["str | tuple[int, int]"]):
    """The padding of a window: a number for both sides, one for each, or a word of the language."""

    name = "P"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> "str | tuple[int, int]":
        if isinstance(value, tuple):
            return value
        text = value.lower()
        if text in PADDING.words:
            return str(text)
        parts = text.split(",")
        if len(parts) > 2 or not all(part.isascii() and part.isdigit() and len(part) <= 16 for part in parts):
            self.fail(f"{text!r} is no number, no {SIDES} and none of {', '.join(PADDING_WORDS)}", param, ctx)
        return int(parts[0]), int(parts[-1])


class BundledName(click.ParamType[str]):
    """The name of a bundled specification, completed."""

    name = "name"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        from cnncalc.api import bundled_names

        return [CompletionItem(name) for name in bundled_names() if name.startswith(incomplete)]


def together(*chosen: Decorator) -> Decorator:
    """Several options as one decorator, in the order of the help text."""

    def decorate(command: Command) -> Command:
        for option in reversed(chosen):
            command = option(command)
        return command

    return decorate


def gathered(name: str, make: Command, **options: str) -> Decorator:
    """One argument of the command instead of several options: `make` of those of them that the command has.

    Where it takes what another one makes, it stands below that.
    """

    def decorate(command: Command) -> Command:
        @wraps(command)
        def call(**values: Any) -> Any:
            made = make(**{key: values.pop(option) for key, option in options.items() if option in values})
            return command(**values, **{name: made})

        return call

    return decorate


def form(*names: str) -> Decorator:
    """--format, and its short form --json, as the argument `form`.

    Where neither is given, the ending of --output chooses, and without one the first name.
    """

    def chosen(form: str | None, as_json: bool) -> str:
        if as_json and form not in (None, names[0], "json"):
            raise click.UsageError(f"--json and --format {form} exclude each other")
        return "json" if as_json else form or by_ending(names)

    return together(
        _format(names),
        click.option("--json", "as_json", is_flag=True, help="Short for --format json."),
        gathered("form", chosen, form="form", as_json="as_json"),
    )


def format_of(*names: str) -> Decorator:
    """As `form`, of formats among which JSON is none."""
    return together(_format(names), gathered("form", lambda form: form or by_ending(names), form="form"))


def _format(names: Sequence[str]) -> Decorator:
    return click.option(
        "--format",
        "-f",
        "form",
        type=click.Choice(names),
        help=f"What to print; {names[0]} if neither this nor the ending of -o says it.",
    )


_ENDINGS: Final = {
    ".txt": "text",
    ".log": "text",
    ".json": "json",
    ".sarif": "sarif",
    ".sarif.json": "sarif",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".csv": "csv",
    ".md": "markdown",
    ".markdown": "markdown",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".html": "html",
    ".htm": "html",
    ".svg": "svg",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".dot": "dot",
    ".gv": "dot",
}
"""What a file is expected to hold by the end of its name.

`text` is what a command prints for people where nothing is asked; where it then prints what has endings of its own, none.
"""


def by_ending(names: Sequence[str]) -> str:
    """The format that the name of the output file asks for; a usage error where that is none of these.

    The first of the formats is the one where nothing is asked, as of a name without an ending.
    """
    output: str = click.get_current_context().params.get("output") or ""
    name = os.path.basename(output).lstrip(".").lower()
    if not os.path.splitext(name)[1]:
        return names[0]
    ending = max((ending for ending in _ENDINGS if name.endswith(ending)), key=len, default=os.path.splitext(name)[1])
    held = {form: form for form in names}
    if names[0] not in _ENDINGS.values():
        held["text"] = names[0]
    form = held.get(_ENDINGS.get(ending, ""))
    if form:
        return form
    known = [ending for ending, form in _ENDINGS.items() if form in held]
    also = ", or say --format" if len(names) > 1 else ""
    raise click.UsageError(f"--output {shown(output)}: nothing here writes {ending}: take {either(known)}{also}")


color = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colours; auto: where a terminal reads them.",
)
counting = click.option(
    "--counting",
    type=click.Choice(list(CONVENTIONS)),
    default=DEFAULT,
    help="What mult-adds count; torchinfo where not given.",
)
strict = click.option("--strict", is_flag=True, help="Make warnings, and strides that do not fit, errors.")
output = click.option("--output", "-o", metavar="FILE", help="Write to FILE and not to standard output.")
sink = gathered("sink", Sink, output="output", color="color")
padding = click.option(
    "--padding",
    "-p",
    type=PaddingText(),
    metavar="P",
    help=f"On each side: a number, {SIDES}, {either(f'`{word}`' for word in PADDING_WORDS)}.",
)
limits = together(
    click.option(
        "--max-bytes", type=click.IntRange(1), default=Limits().bytes, metavar="N", help="Limit of a file's size."
    ),
    click.option(
        "--max-depth", type=click.IntRange(1, 200), default=Limits().depth, metavar="N", help="Limit of its nesting."
    ),
    click.option(
        "--max-layers", type=click.IntRange(1), default=Limits().layers, metavar="N", help="Limit of its layers."
    ),
    click.option(
        "--max-count", type=click.IntRange(1), default=Limits().largest, metavar="N", help="Limit of one number."
    ),
    gathered("limits", Limits, bytes="max_bytes", depth="max_depth", layers="max_layers", largest="max_count"),
)
_volume = click.option(
    "--input",
    "input_volume",
    type=Parsed("HxWxC", Volume, Volume.parse),
    metavar="HxWxC",
    help="Put this volume in the place of the file's input.",
)
_setting = click.option(
    "--set", "settings", type=Setting(), multiple=True, help="Give a parameter of the file another value."
)
_batch = click.option("--batch", type=click.IntRange(1), default=1, metavar="N", help="Count for N examples.")
_dtype = click.option(
    "--dtype",
    type=click.Choice(list(DTYPES)),
    default=DTYPE,
    help=f"The type of a number, for sizes in bytes; {DTYPE} if not given.",
)
_fc_as_conv = click.option(
    "--fc-as-conv",
    is_flag=True,
    help="Make each fully connected layer the convolution that it is on the file's own input.",
)
_asked = together(
    strict,
    limits,
    color,
    gathered(
        "question",
        _question,
        input="input_volume",
        settings="settings",
        batch="batch",
        strict="strict",
        limits="limits",
        counting="counting",
        dtype="dtype",
        fc_as_conv="fc_as_conv",
    ),
    sink,
)
network = together(_volume, _setting, _fc_as_conv, _batch, _dtype, _asked)
network_itself = together(_volume, _setting, _fc_as_conv, _asked)
"""Without what figures alone depend on."""

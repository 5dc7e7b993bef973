"""The command line: open, read, analyse, render, exit. The only importer of click."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import click

from cnncalc import api
from cnncalc.analysis import Summary
from cnncalc.counting import CONVENTIONS, DEFAULT
from cnncalc.findings import Finding
from cnncalc.limits import Limits
from cnncalc.volume import LAYOUTS, Volume

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from cnncalc.spec.expression import Number


F = TypeVar("F", bound=Callable[..., Any])

STDIN: Final = "-"
FORMATS: Final = ("table", "json", "ndjson", "csv", "markdown")


class SpecFile(click.ParamType[str]):
    """A path, `-`, or the name of a bundled specification; completes all of them."""

    name = "file"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        names = [name for name in api.bundled_names() if name.startswith(incomplete)]
        return [*(CompletionItem(name) for name in names), CompletionItem(incomplete, type="file")]


class VolumeText(click.ParamType[Volume]):
    """A volume, as `input` has it."""

    name = "HxWxC"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Volume:
        if isinstance(value, Volume):
            return value
        try:
            return Volume.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Setting(click.ParamType["tuple[str, Number]"]):
    """NAME=VALUE, the value a number or an expression of numbers."""

    name = "NAME=VALUE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Number]:
        from cnncalc.spec.expression import Expression, ExpressionError

        if isinstance(value, tuple):
            return value
        name, _, text = value.partition("=")
        try:
            return name.strip(), Expression(text).evaluate({}, Limits().largest)
        except ExpressionError as error:
            self.fail(f"{value!r} does not set a number: {error}", param, ctx)


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
                from cnncalc.findings import closest

                likely = closest(name, COLUMNS)
                hint = f"did you mean {likely}?" if likely else "`--columns help` lists them"
                self.fail(f"no column {name!r}: {hint}", param, ctx)
        return names


def options(*chosen: Callable[[F], F]) -> Callable[[F], F]:
    """Several options as one decorator, in the order of the help text."""

    def decorate(command: F) -> F:
        for option in reversed(chosen):
            command = option(command)
        return command

    return decorate


_color = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colours; auto: where a terminal reads them.",
)
_counting = click.option(
    "--counting",
    type=click.Choice(list(CONVENTIONS)),
    default=DEFAULT,
    help="What mult-adds count; torchinfo where not given.",
)
_strict = click.option("--strict", is_flag=True, help="Make warnings, and strides that do not fit, errors.")
_output = click.option("--output", "-o", metavar="FILE", help="Write to FILE and not to standard output.")
_limits = options(
    click.option(
        "--max-bytes", type=click.IntRange(1), default=Limits().bytes, metavar="N", help="Limit of a file's size."
    ),
    click.option(
        "--max-depth", type=click.IntRange(1, 400), default=Limits().depth, metavar="N", help="Limit of its nesting."
    ),
    click.option(
        "--max-layers", type=click.IntRange(1), default=Limits().layers, metavar="N", help="Limit of its layers."
    ),
    click.option(
        "--max-count", type=click.IntRange(1), default=Limits().largest, metavar="N", help="Limit of one number."
    ),
)
_network = options(
    click.option(
        "--input", "input_volume", type=VolumeText(), help="Put this volume in the place of the file's input."
    ),
    click.option(
        "--set", "settings", type=Setting(), multiple=True, help="Give a parameter of the file another value."
    ),
    click.option("--batch", type=click.IntRange(1), default=1, metavar="N", help="Count for N examples."),
    _strict,
    _limits,
    _color,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(None, "--version", "-V", package_name="cnncalc", message="%(prog)s %(version)s")
def main() -> None:
    """Shapes, parameters and mult-adds of convolutional networks, exact and explained.

    FILE is a path, - for standard input, or the name of a bundled specification, such as alexnet.
    """


@main.command()
@click.argument("files", metavar="FILE...", nargs=-1, type=SpecFile())
@click.option("--format", "-f", "form", type=click.Choice(FORMATS), default="table", help="What to print.")
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@_output
@click.option("--columns", type=ColumnNames(), help="The columns to show; `--columns help` lists them.")
@click.option("--depth", type=Depth(), help="Unfold N levels of blocks; `all` of them.")
@click.option("--layout", type=click.Choice(LAYOUTS), default="hwc", help="How tables write volumes.")
@_counting
@_network
def summarize(
    files: tuple[str, ...],
    form: str,
    as_json: bool,
    output: str | None,
    columns: list[str] | None,
    depth: int | None,
    layout: str,
    color: str,
    **how: Any,
) -> None:
    """Every layer's output volume, parameters and mult-adds; the totals; findings to standard error."""
    if columns == ["help"]:
        from cnncalc.render.columns import COLUMNS

        finish([f"{name:<16} {column.says}\n" for name, column in COLUMNS.items()], 0)
    need_files(files, output)
    form = "json" if as_json else form
    if form in ("json", "csv", "markdown") and len(files) > 1:
        instead = "ndjson has an object for each" if form == "json" else "give one file at a time"
        raise click.UsageError(f"{form} holds one network, and {len(files)} files were given: {instead}")
    painted = coloured(color, sys.stdout) if output is None else color == "always"
    out: list[str] = []
    status = 0
    for file in files:
        result = summary(file, **how)
        if result is None:
            status = 2
            continue
        one, texts = result
        complain(one.findings, texts, color)
        status = max(status, 0 if one.ok else 1)
        if one.input is None and not one.layers and form not in ("json", "ndjson"):
            continue  # nothing could be read: the findings have said why
        if form == "table" and len(files) > 1:
            out.append(("\n" if out else "") + f"{shown(file)}\n")
        out.append(rendered(one, form, columns, layout, depth, None if output else terminal_width(), painted))
    finish(out, status, output)


def rendered(
    one: Summary, form: str, columns: list[str] | None, layout: str, depth: int | None, width: int | None, painted: bool
) -> str:
    """The summary in one of the formats."""
    if form == "table":
        from cnncalc.render.table import table

        return table(one, columns, layout, depth, width, painted)
    if form == "markdown":
        from cnncalc.render.table import markdown

        return markdown(one, columns, layout, depth)
    from cnncalc.render.data import csv_text, json_line, json_text

    if form == "csv":
        return csv_text(one, columns, layout)
    return json_text(one.to_dict()) if form == "json" else json_line(one.to_dict())


@main.command()
@click.argument("files", metavar="FILE...", nargs=-1, type=SpecFile())
@click.option("--format", "-f", "form", type=click.Choice(["text", "json"]), default="text", help="What to print.")
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@_output
@_counting
@_network
def check(files: tuple[str, ...], form: str, as_json: bool, output: str | None, color: str, **how: Any) -> None:
    """Only the findings; where there are none, one line."""
    need_files(files, output)
    painted = coloured(color, sys.stdout) if output is None else color == "always"
    out, found, status, count = list[str](), list[Finding](), 0, 0
    for file in files:
        result = summary(file, **how)
        if result is None:
            status = 2
            continue
        one, texts = result
        count += 1
        status = max(status, 0 if one.ok else 1)
        found += one.findings
        if one.findings:
            from cnncalc.render.report import report

            out.append(report(one.findings, texts, painted) + "\n")
    if as_json or form == "json":
        from cnncalc.render.data import json_text

        document = {"schema": "cnncalc.findings/1", "files": list(files), "findings": [f.to_dict() for f in found]}
        finish([json_text(document)], status, output)
    if found:
        from cnncalc.render.report import tally

        out.append(f"{tally(found)} in {_files(count)}\n")
    elif status == 0:
        out.append(f"{_files(count)} checked, nothing found\n")
    finish(out, status, output)


@main.command()
@click.argument("file", type=SpecFile())
@click.argument("layers", metavar="[LAYER]...", nargs=-1)
@_output
@click.option("--counting", "conventions", is_flag=True, help="Why tools count differently, for this network.")
@_network
def explain(file: str, layers: tuple[str, ...], output: str | None, conventions: bool, color: str, **how: Any) -> None:
    """The working of a network's layers: each formula with the numbers put in."""
    need_files((file,), output)
    result = summary(file, **how)
    if result is None:
        sys.exit(2)
    one, texts = result
    complain(one.findings, texts, color)
    if conventions:
        from cnncalc.explain import explain_counting
        from cnncalc.render.working import counting_text

        finish([counting_text(explain_counting(one))], 0 if one.ok else 1, output)

    from cnncalc.explain import explain as explained
    from cnncalc.render.working import workings

    try:
        working = explained(one, list(layers))
    except KeyError as error:
        from cnncalc.findings import closest

        likely = closest(error.args[0], [layer.path for layer in one.layers])
        hint = (
            f"did you mean {likely}?"
            if likely
            else f"its layers are called like {one.layers[0].path}"
            if one.layers
            else "it has no layers"
        )
        raise click.UsageError(f"{shown(file)} has no layer {error.args[0]!r}: {hint}") from None
    painted = coloured(color, sys.stdout) if output is None else color == "always"
    finish([workings(working, None if output else terminal_width(), painted)], 0 if one.ok else 1, output)


@main.command()
@click.argument("files", metavar="FILE FILE...", nargs=-1, type=SpecFile())
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 where the networks differ.")
@_output
@_counting
@_network
def compare(files: tuple[str, ...], as_json: bool, exit_code: bool, output: str | None, color: str, **how: Any) -> None:
    """The totals of networks side by side, and the layers that differ from the first one's."""
    if len(files) < 2:
        raise click.UsageError("name two files or more, or bundled specifications such as resnet50 resnet50_v1")
    read = [summary(file, **how) for file in files]
    networks = []
    for result in read:
        if result is None:
            sys.exit(2)
        complain(result[0].findings, result[1], color)
        networks.append(result[0])
    status = 0 if all(one.ok for one in networks) else 1
    if exit_code and status == 0:
        from cnncalc.compare import changes

        status = 1 if any(changes(networks[0], other) for other in networks[1:]) else 0
    from cnncalc.render import comparison

    if as_json:
        from cnncalc.render.data import json_text

        finish([json_text(comparison.comparison_dict(networks))], status, output)
    painted = coloured(color, sys.stdout) if output is None else color == "always"
    finish([comparison.comparison(networks, painted)], status, output)


class BundledName(click.ParamType[str]):
    """The name of a bundled specification, completed."""

    name = "name"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in api.bundled_names() if name.startswith(incomplete)]


@main.command()
@click.argument("name", required=False, type=BundledName())
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_output
@_color
def zoo(name: str | None, as_json: bool, output: str | None, color: str) -> None:
    """The bundled specifications with their totals; with NAME, the text of one to start from."""
    if name is not None:
        path = api.bundled(name)
        if path is None:
            raise click.UsageError(f"no bundled specification is called {name!r}{_likely(name)}")
        with open(path, encoding="utf-8") as stream:
            finish([stream.read()], 0, output)
    networks = [(each, api.summarize(api.bundled(each) or each)) for each in api.bundled_names()]
    status = 0 if all(one.ok for _, one in networks) else 1
    if as_json:
        from cnncalc.render.data import json_text, zoo_dict

        finish([json_text(zoo_dict(networks))], status, output)
    from cnncalc.render.table import zoo_table

    painted = coloured(color, sys.stdout) if output is None else color == "always"
    finish([zoo_table(networks, None if output else terminal_width(), painted)], status, output)


@main.command()
@click.argument("of", metavar="[spec|summary]", type=click.Choice(["spec", "summary"]))
@_output
def schema(of: str, output: str | None) -> None:
    """The JSON Schema of a specification, for editors, or of the summary's JSON, for scripts."""
    import json

    from cnncalc.schema import SCHEMAS

    finish([json.dumps(SCHEMAS[of](), indent=2) + "\n"], 0, output)


@main.command()
@click.argument("size", type=click.IntRange(1, Limits().largest))
@click.option("--kernel", "-k", type=click.IntRange(1, Limits().largest), metavar="F", help="The window, in cells.")
@click.option(
    "--stride", "-s", type=click.IntRange(1, Limits().largest), metavar="S", help="Its step; 1 where not given."
)
@click.option("--padding", "-p", metavar="P", help="On each side: a number, `before,after`, `half` or `same`.")
@click.option(
    "--dilation", "-d", type=click.IntRange(1, Limits().largest), default=1, metavar="D", help="Its taps' distance."
)
@click.option(
    "--output", "wanted", type=click.IntRange(1, Limits().largest), metavar="N", help="List what gives N positions."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_strict
@_color
def fit(
    size: int, kernel: int | None, stride: int | None, padding: str | None, dilation: int, wanted: int | None,
    as_json: bool, strict: bool, color: str,
) -> None:  # fmt: skip
    """Does a stride fit on SIZE cells? The formula, a picture, and what would fit.

    With --output N: the kernels, strides and paddings that give exactly N positions, the common
    ones first; what is given of them is kept.
    """
    from cnncalc.render import working

    if wanted is not None:
        from cnncalc.fit import solve

        sides = None if padding is None else padded(padding, size, kernel or 1, stride or 1, dilation)
        if padding in ("half", "same") and kernel is None:
            raise click.UsageError(f"--padding {padding} needs a --kernel")
        found = solve(size, wanted, kernel=kernel, stride=stride, padding=sides, dilation=dilation)
        if as_json:
            from cnncalc.render.data import json_text

            finish([json_text(working.solved_dict(size, wanted, found))], 0 if found else 1)
        finish([working.solved_text(size, wanted, found)], 0 if found else 1)

    from cnncalc.arithmetic import Window

    if kernel is None:
        raise click.UsageError("say the window's size with --kernel, or the wanted size with --output")
    before, after = padded(padding or "0", size, kernel, stride or 1, dilation)
    window = Window(size, kernel, stride or 1, before, after, dilation)
    status = 1 if window.numerator < 0 or (strict and not window.fits) else 0
    if as_json:
        from cnncalc.render.data import json_text

        finish([json_text(working.fit_dict(window))], status)
    finish([working.fit_text(window, terminal_width() or 80, coloured(color, sys.stdout))], status)


def padded(text: str, size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """Padding (before, after) from `2`, `1,2`, `half`, `same` or `valid`."""
    from cnncalc.arithmetic import half_padding, same_padding

    if text == "same":
        return same_padding(size, kernel, stride, dilation)
    if text == "half":
        try:
            return (half_padding(kernel, dilation),) * 2
        except ValueError as error:
            raise click.BadParameter(f"half: {error}", param_hint="--padding") from None
    parts = ["0"] if text == "valid" else text.split(",")
    if len(parts) > 2 or not all(part.isascii() and part.isdigit() and len(part) <= 16 for part in parts):
        raise click.BadParameter(
            f"{text!r} is no number, no `before,after` and none of half, same, valid", param_hint="--padding"
        )
    return int(parts[0]), int(parts[-1])


# What the commands share


def need_files(files: tuple[str, ...], output: str | None) -> None:
    """A usage error where no file was named, or where the output would overwrite one."""
    if not files:
        raise click.UsageError("name a file, - for standard input, or a bundled specification such as alexnet")
    if output is not None and os.path.exists(output):
        for file in files:
            if os.path.exists(file) and os.path.samefile(file, output):
                raise click.UsageError(f"--output {shown(output)} would overwrite the specification")


def shown(name: str) -> str:
    """A file's name with nothing in it that could steer a terminal."""
    from cnncalc.render.plain import printable

    return printable(name)


def summary(
    file: str,
    input_volume: Volume | None,
    settings: tuple[tuple[str, Number], ...],
    batch: int,
    strict: bool,
    max_bytes: int,
    max_depth: int,
    max_layers: int,
    max_count: int,
    counting: str = DEFAULT,
) -> tuple[Summary, dict[str, str]] | None:
    """The summary of a file and the texts read for it; None, after a line on standard error, where it cannot be read."""
    limits = Limits(max_bytes, max_depth, max_layers, max_count)
    name = "<stdin>" if file == STDIN else file
    try:
        if file == STDIN:
            data = sys.stdin.buffer.read(max_bytes + 1)
        else:
            data = api.load(file, limits)
            if not os.path.exists(file):
                name = f"specs/{os.path.basename(api.bundled(file) or file)}"
                say(f"note: no file {file} here; this is the bundled specification")
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        say(f"Error: {file}: {reason}{_likely(file)}")
        return None
    source = api.Source(data, name, limits)
    try:
        one = source.summarize(
            input=input_volume, parameters=dict(settings), batch=batch, strict=strict, counting=counting
        )
    except KeyError as error:
        raise click.UsageError(f"{shown(name)} has no parameter {error.args[0]!r} to set") from None
    return one, {file: _text(text) for file, text in source.texts.items()}


def _text(data: str | bytes) -> str:
    return data if isinstance(data, str) else data.decode("utf-8-sig", "replace")


def _likely(file: str) -> str:
    from cnncalc.findings import closest

    if os.path.exists(file) or os.path.dirname(file):
        return ""
    likely = closest(file.removesuffix(".yaml"), api.bundled_names())
    return f"; did you mean the bundled {likely}?" if likely else ""


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"


def complain(findings: list[Finding], texts: dict[str, str], color: str) -> None:
    """Findings to standard error, the data being on standard output."""
    if findings:
        from cnncalc.render.report import report

        send(report(findings, texts, coloured(color, sys.stderr)) + "\n", sys.stderr)


def coloured(color: str, stream: Any) -> bool:
    """Whether to colour, by --color, then NO_COLOR (no-color.org), FORCE_COLOR, then the terminal."""
    if color != "auto":
        return color == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return os.environ.get("TERM") != "dumb" and stream.isatty()


def terminal_width() -> int | None:
    """The terminal's columns; None where standard output is none, so that nothing is cropped."""
    if not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def send(text: str, stream: Any) -> None:
    """Write the text as the stream's encoding can hold it. A reader that has left takes nothing more."""
    from cnncalc.render.plain import encodable

    try:
        stream.write(encodable(text, stream.encoding))
        stream.flush()
    except BrokenPipeError:
        discard(stream)


def discard(stream: Any) -> None:
    """Let what is still written to the stream go nowhere, also what the interpreter flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def say(message: str) -> None:
    """One line on standard error."""
    from cnncalc.render.plain import printable

    send(f"{printable(message)}\n", sys.stderr)


def write(parts: list[str], output: str) -> bool:
    """Write to a file; whether it went well."""
    try:
        with open(output, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.writelines(parts)
    except OSError as error:
        say(f"Error: {output}: {error.strerror or error}")
        return False
    return True


def finish(parts: list[str], status: int, output: str | None = None) -> NoReturn:
    """Write everything and exit. A pipe that was closed early changes neither the status nor the quiet."""
    if output is not None and output != STDIN:
        sys.exit(status if (not parts and status == 2) or write(parts, output) else 2)
    try:
        send("".join(parts), sys.stdout)
    except OSError as error:
        say(f"Error: standard output: {error.strerror or error}")
        discard(sys.stdout)
        status = 2
    sys.exit(status)


def run() -> NoReturn:
    """The command, with its exit status for whatever happens to the standard streams."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115  # it lives as long as the process
    status = 0
    try:
        status = main.main(prog_name="cnncalc", standalone_mode=False) or 0
    except click.ClickException as error:
        status = error.exit_code
        try:
            error.show()
        except BrokenPipeError:
            discard(sys.stderr)
    except (click.Abort, KeyboardInterrupt):
        say("Aborted!")
        status = 130
    except OSError as error:  # of click's own output: help, version, completion
        if not isinstance(error, BrokenPipeError):
            say(f"Error: standard output: {error.strerror or error}")
            status = 2
        discard(sys.stdout)
    sys.exit(status)

"""cnncalc as a library: from a path or a text to values. Nothing here prints."""

import gc
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, NamedTuple, ParamSpec, TypeAlias, TypeVar

from cnncalc.figures.analysis import Summary, analyse
from cnncalc.figures.counting import CONVENTIONS, DEFAULT
from cnncalc.language.build import build
from cnncalc.language.document import Document
from cnncalc.language.expression import Expression, ExpressionError, Number
from cnncalc.language.reader import read
from cnncalc.layers.figures import DTYPE, DTYPES
from cnncalc.limits import Limits
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from decimal import Decimal
    from fractions import Fraction

    from cnncalc.exports import Export

_HERE = os.path.dirname(os.path.abspath(__file__))
SPECS = next(
    (d for d in (os.path.join(_HERE, "specs"), os.path.join(os.path.dirname(_HERE), "specs")) if os.path.isdir(d)), ""
)
"""The folder of the bundled specifications: inside an installed package, beside it in the source tree."""
Spec: TypeAlias = "str | os.PathLike[str] | Mapping[str, object]"
"""A path, a bundled name, a text, or a dict that says the same."""
Input: TypeAlias = "Volume | str | Sequence[int] | None"
"""A volume in the place of the file's own; of numbers the channels first."""
Given: TypeAlias = "int | Fraction | Decimal | str"
"""A parameter's value, exact."""
P = ParamSpec("P")
T = TypeVar("T")
_LARGEST: Final = 1 << 200
"""Of a number that is given; the limits of the run hold where it is used."""


def bundled(name: str) -> str | None:
    """The path of a bundled specification, by `alexnet` or `alexnet.yaml`; None where there is none."""
    base = name.removesuffix(".yaml")
    path = os.path.join(SPECS, f"{base}.yaml")
    return path if base and os.path.basename(base) == base and os.path.isfile(path) else None


def bundled_names() -> list[str]:
    """The names of all bundled specifications."""
    return sorted(entry.removesuffix(".yaml") for entry in os.listdir(SPECS) if entry.endswith(".yaml"))


def load(file: str, limits: Limits = Limits()) -> bytes:
    """The bytes of a file, or of the bundled specification of that name where no such file exists.

    Reads one byte more than the limit at most, so that a file that is too large is known for it.
    Raises OSError where it cannot be read, ValueError for a pipe that nobody may ever write to.
    """
    path = resolve(file)
    if _is_pipe(path):
        raise ValueError("it is a pipe and not a file: read it as standard input, with -")
    try:
        with open(path, "rb") as stream:
            return stream.read(limits.bytes + 1)
    except FileNotFoundError as error:
        raise FileNotFoundError(error.errno, f"{error.strerror}{likely(file)}", file) from None


def likely(name: str) -> str:
    """The bundled specification that was probably meant by a name, as a question; nothing where it is a path."""
    from cnncalc.findings import closest

    meant = None if os.path.dirname(name) else closest(name.removesuffix(".yaml"), bundled_names())
    return f"; did you mean the bundled {meant}?" if meant else ""


def _is_pipe(path: str) -> bool:
    """Whether it is a named pipe; those that the shell has opened already (`<(…)`) have a writer."""
    if path.startswith(("/dev/", "/proc/")) or not os.path.exists(path):
        return False
    return stat.S_ISFIFO(os.stat(path).st_mode)


def resolve(file: str) -> str:
    """The path itself, or that of the bundled specification where no such file exists."""
    return file if os.path.exists(file) else bundled(file) or file


def tells_parameters(function: Callable[P, T]) -> Callable[P, T]:
    """The function of a specification; a keyword that is a parameter of the network is told where it goes."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except TypeError:
            meant = _as_parameters(function, args[0] if args else kwargs.get("spec"), kwargs)
            if meant is None:
                raise
        raise TypeError(meant)

    return call


def _as_parameters(function: Callable[..., object], spec: Any, given: Mapping[str, Any]) -> str | None:
    """What to write for the keywords that the function has not, where they are parameters of the network."""
    from inspect import signature  # only slips need it

    unknown = [name for name in given if name not in signature(function).parameters]
    try:
        known = source_of(spec, Limits()).document().parameters if unknown else {}
    except (OSError, TypeError, ValueError):
        return None
    meant = {name: given[name] for name in unknown if name in known}
    if not meant:
        return None
    first, *_ = meant
    if isinstance(given.get("parameters"), Mapping):
        meant = {**given["parameters"], **meant}
    values = (f'"{name}": {(str(value) if isinstance(value, float) else value)!r}' for name, value in meant.items())
    return (
        f"{function.__name__}() has no argument {first!r}: it is a parameter of the network, "
        f"so write parameters={{{', '.join(values)}}}"
    )


@tells_parameters
def summarize(
    spec: Spec,
    *,
    input: Input = None,
    parameters: Mapping[str, Given] | None = None,
    batch: int = 1,
    strict: bool = False,
    counting: str = DEFAULT,
    dtype: str = DTYPE,
    fc_as_conv: bool = False,
    limits: Limits = Limits(),
) -> Summary:
    """The summary of a network.

    `spec` is a path, the name of a bundled specification, the text of one (a text has a line break,
    or starts with `{`), or a dict that says what a text would. `input` is a volume to put in the
    place of the file's own: `"64x64x3"`, `(3, 64, 64)` with the channels first, or a `Volume`.
    `parameters` are values for the file's parameters: an int, a Fraction, a Decimal or a text such as
    `"0.5"`. `batch` is a number of examples, `counting` the convention of mult-adds
    (`cnncalc.figures.counting.CONVENTIONS`), `dtype` the type of a number, by which sizes in bytes are
    counted: float32, float16, bfloat16 or int8. With `fc_as_conv` each fully connected layer is the
    convolution whose kernel is the volume that it meets on the file's own input: on a larger one the
    parameters stay, and the scores become a map.

    Faults of the specification are in `findings`; what they leave unknown is None. Raises OSError
    where a file cannot be read, and TypeError or ValueError where an argument is none of these.
    """
    given = asked(input, parameters, batch=batch, counting=counting, dtype=dtype)
    source = source_of(spec, limits)
    try:
        return source.summarize(
            given.input,
            given.parameters,
            fc_as_conv=fc_as_conv,
            batch=batch,
            strict=strict,
            counting=counting,
            dtype=dtype,
        )
    except KeyError as error:
        raise ValueError(source.no_parameter(error.args[0])) from None


@tells_parameters
def export(
    spec: Spec,
    to: str,
    *,
    input: Input = None,
    parameters: Mapping[str, Given] | None = None,
    fc_as_conv: bool = False,
    limits: Limits = Limits(),
) -> "Export":
    """A network as text for another program.

    `to` is one of `cnncalc.exports.TARGETS`. `spec`, `input`, `parameters` and `fc_as_conv` are as in
    `summarize`.

    Faults of the specification, and what the target cannot express, are in `findings`; where one of
    them is an error there is no text. Raises as `summarize` does, and ValueError for another target.
    """
    from cnncalc.exports import TARGETS  # most callers export nothing

    if to not in TARGETS:
        raise ValueError(f"to is {to!r}: a network is written for {', '.join(TARGETS)}")
    given = asked(input, parameters)
    source = source_of(spec, limits)
    try:
        return source.export(to, input=given.input, parameters=given.parameters, fc_as_conv=fc_as_conv)
    except KeyError as error:
        raise ValueError(source.no_parameter(error.args[0])) from None


class Asked(NamedTuple):
    """What a caller gives in the place of what a file says."""

    input: Volume | None
    parameters: Mapping[str, Number]


def asked(
    input: object,
    parameters: Mapping[str, object] | None,
    *,
    batch: int = 1,
    counting: str = DEFAULT,
    dtype: str = DTYPE,
) -> Asked:
    """What was given, typed. Raises TypeError or ValueError, with what would be right."""
    if not isinstance(batch, int) or isinstance(batch, bool):
        raise TypeError(f"batch is {batch!r}: it is a number of examples, such as 1")
    if batch < 1:
        raise ValueError(f"batch is {batch}: a batch has at least 1 example")
    if counting not in list(CONVENTIONS):
        raise ValueError(f"counting is {counting!r}: the conventions are {', '.join(CONVENTIONS)}")
    if dtype not in list(DTYPES):
        raise ValueError(f"dtype is {dtype!r}: the types of numbers are {', '.join(DTYPES)}")
    if parameters is not None and not isinstance(parameters, Mapping):
        raise TypeError(f"parameters are {parameters!r}: give a dict such as {{'width': '0.5'}}")
    numbers = {name: exact(name, value) for name, value in (parameters or {}).items()}
    return Asked(None if input is None else Volume.of(input), numbers)


def exact(name: str, value: object) -> Number:
    """A parameter's value as an exact number: of an int, a Fraction, a Decimal or a text.

    Raises TypeError for anything else, ValueError for a text that is no number.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            return Expression(value).evaluate({}, _LARGEST)
        except ExpressionError as error:
            from cnncalc.language.spellings import number_of  # only slips need it

            meant = number_of(value)
            remedy = f"write {meant!r}" if meant else error
            raise ValueError(f"{name} is {value!r}, and that is no number: {remedy}") from None
    from decimal import Decimal  # most callers have none
    from fractions import Fraction

    if isinstance(value, Fraction) or (isinstance(value, Decimal) and value.is_finite()):
        return Fraction(value)
    hint = f" such as {str(value)!r}" if isinstance(value, float) else ""
    raise TypeError(f"{name} is {value!r}: parameters are exact, an int, a Fraction, a Decimal or a text{hint}")


def source_of(spec: Spec, limits: Limits) -> "Source":
    """Where a specification is read from: a dict, a text, a path or a bundled name.

    Raises OSError where a file cannot be read, TypeError where it is none of these.
    """
    if not isinstance(limits, Limits):
        raise TypeError(f"limits are {limits!r}: give cnncalc.Limits(layers=1_000), or leave them out")
    if isinstance(spec, Mapping):
        return Source(_as_text(spec), "<dict>", limits)
    if not isinstance(spec, str | os.PathLike):
        raise TypeError(f"a specification is a path, a name, a text or a dict, and not {type(spec).__name__}")
    given = os.fspath(spec)
    if isinstance(spec, str) and ("\n" in spec or spec.lstrip().startswith("{")):
        return Source(given, "<text>", limits)
    return Source(load(given, limits), given, limits)


def _as_text(spec: Mapping[str, object]) -> str:
    """The dict as a text of the language, with a line for each key and for each item of a list of the file."""
    lines = list[str]()
    for key, value in spec.items():
        items = value if isinstance(value, list) else []
        lines.append(f"{_quoted(str(key))}:{'' if items else ' ' + _written(value)}\n")
        lines += [f"- {_written(item)}\n" for item in items]
    return "".join(lines) or "{}"


def _written(value: object) -> str:
    """A value on one line, None as nothing."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_quoted(str(key))}: {_written(part)}' for key, part in value.items())}}}"
    if isinstance(value, list | tuple) and not isinstance(value, Volume):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return ""
    return repr(value) if isinstance(value, int | float) else _quoted(str(value))


def _quoted(text: str) -> str:
    from json import dumps  # dicts alone need it

    # YAML folds lines at more characters than JSON escapes.
    return "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in dumps(text, ensure_ascii=False))


@contextmanager
def no_collector() -> Iterator[None]:
    """Spare a long chain the cycle collector, which would take a third of its time and find nothing.

    What is made here has no cycles, and the limits bound how much it is.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Source:
    """A specification's text and name, and the texts of the files that it extends, as they were read."""

    def __init__(self, data: str | bytes, file: str, limits: Limits) -> None:
        self.data, self.file, self.limits = data, file, limits
        self.texts: dict[str, str | bytes] = {file: data}
        self.paths: dict[str, str] = {file: resolve(file)}

    def summarize(
        self, input: Volume | None, parameters: Mapping[str, Number], *, fc_as_conv: bool = False, **asked: Any
    ) -> Summary:
        """As the function of that name; `asked` is what `analyse` takes."""
        with no_collector():
            network = build(self.document(), self.limits, input, parameters, fc_as_conv)
            return analyse(network, self.limits, **asked)

    def export(
        self,
        target: str,
        *,
        input: Volume | None,
        parameters: Mapping[str, Number],
        strict: bool = False,
        fc_as_conv: bool = False,
    ) -> "Export":
        """As the function of that name."""
        from cnncalc.exports import write  # most runs export nothing

        with no_collector():
            document = self.document()
            network = build(document, self.limits, input, parameters, fc_as_conv)
            summary = analyse(network, self.limits, strict=strict)
            if summary.ok:
                document = document._replace(comments=self.comments())
            return write(document, summary, target, self.limits)

    def no_parameter(self, name: str) -> str:
        """That it has no parameter of this name, and what was meant."""
        from cnncalc.findings import closest, hint

        known = list(self.document().parameters)
        return f"{self.file} has no parameter {name!r}: {hint(closest(name, known), known, 'it has')}"

    def document(self) -> Document:
        """What it says, read anew."""
        return read(self.data, self.file, self.limits, self.extended)

    def decoded(self) -> dict[str, str]:
        """The texts by the names of their files, as far as they are UTF-8."""
        return {
            file: data if isinstance(data, str) else data.decode("utf-8-sig", "replace")
            for file, data in self.texts.items()
        }

    def comments(self) -> dict[tuple[str, int, int], str]:
        """What the comments of all its files say, by the file, the line and the column."""
        from cnncalc.language.source import comments

        texts = self.decoded().items()
        return {(file, *place): comment for file, text in texts for place, comment in comments(text).items()}

    def extended(self, target: str, seen_from: str) -> tuple[str, bytes]:
        """The file that `extends` names: beside the one that says so, or a bundled specification."""
        path, fallback = os.path.join(os.path.dirname(self.paths[seen_from]), target), bundled(target)
        if not fallback and not target.endswith((".yaml", ".yml")):
            raise ValueError(
                f"only files that end in `.yaml` or `.yml`, and bundled specifications, are read{likely(target)}"
            )
        itself = os.path.realpath(path) == os.path.realpath(self.paths[seen_from])
        if fallback and (itself or not (target.endswith(".yaml") and os.path.exists(path))):
            path = fallback
        if os.path.exists(path) and not os.path.isfile(path):
            raise ValueError("it is not a file")  # but a folder, or a pipe that nobody may ever write to
        if not os.path.exists(path):
            raise ValueError(f"there is no such file{likely(target)}")
        with open(path, "rb") as stream:
            data = stream.read(self.limits.bytes + 1)
        shown = f"specs/{os.path.basename(path)}" if path == fallback else path
        known = (name for name, read in self.paths.items() if os.path.realpath(read) == os.path.realpath(path))
        name = next(known, shown)
        self.paths[name] = path
        self.texts.setdefault(name, data)
        return name, data

"""cnncalc as a library: from a path or a text to values. Nothing here prints."""

from __future__ import annotations

import gc
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from cnncalc.figures.analysis import Summary, analyse
from cnncalc.figures.counting import DEFAULT
from cnncalc.language.build import build
from cnncalc.language.expression import Number
from cnncalc.language.reader import read
from cnncalc.limits import Limits
from cnncalc.volume import Volume

_HERE = os.path.dirname(os.path.abspath(__file__))
SPECS = next(
    (d for d in (os.path.join(_HERE, "specs"), os.path.join(os.path.dirname(_HERE), "specs")) if os.path.isdir(d)), ""
)
"""The folder of the bundled specifications: inside an installed package, beside it in the source tree."""


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
    with open(path, "rb") as stream:
        return stream.read(limits.bytes + 1)


def _is_pipe(path: str) -> bool:
    """Whether it is a named pipe; those that the shell has opened already (`<(…)`) have a writer."""
    if path.startswith(("/dev/", "/proc/")) or not os.path.exists(path):
        return False
    return stat.S_ISFIFO(os.stat(path).st_mode)


def resolve(file: str) -> str:
    """The path itself, or that of the bundled specification where no such file exists."""
    return file if os.path.exists(file) else bundled(file) or file


def summarize(
    spec: str | os.PathLike[str],
    *,
    input: Volume | str | None = None,
    parameters: Mapping[str, Number] | None = None,
    batch: int = 1,
    strict: bool = False,
    counting: str = DEFAULT,
    limits: Limits = Limits(),
) -> Summary:
    """The summary of a network.

    `spec` is a path, the name of a bundled specification, or the text of one (a text has a line
    break, or starts with `{`). `input` is a volume to put in the place of the file's own,
    `parameters` values for the file's parameters, `batch` a number of examples, `counting` the
    convention of mult-adds (`cnncalc.figures.counting.CONVENTIONS`).

    Faults of the specification are in `findings`; what they leave unknown is None. Raises OSError
    where a file cannot be read, ValueError where `input` is no volume or `batch` is below 1,
    KeyError for a parameter that the file does not have, or a convention that is none, and
    TypeError for a parameter that is a float.
    """
    if batch < 1:
        raise ValueError("a batch has at least 1 example")
    for name, value in (parameters or {}).items():
        if isinstance(value, float):
            raise TypeError(f"{name} is {value}: parameters are exact, an int or a Fraction")
    if isinstance(input, str):
        input = Volume.parse(input)
    given = os.fspath(spec)
    text = isinstance(spec, str) and ("\n" in spec or spec.lstrip().startswith("{"))
    source = Source(given, "<text>", limits) if text else Source(load(given, limits), given, limits)
    return source.summarize(input=input, parameters=parameters or {}, batch=batch, strict=strict, counting=counting)


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
        self, *, input: Volume | None, parameters: Mapping[str, Number], batch: int, strict: bool, counting: str
    ) -> Summary:
        """As the function of that name."""
        with no_collector():
            document = read(self.data, self.file, self.limits, self.extended)
            network = build(document, self.limits, input, parameters)
            return analyse(network, self.limits, batch=batch, strict=strict, counting=counting)

    def extended(self, target: str, seen_from: str) -> tuple[str, bytes]:
        """The file that `extends` names: beside the one that says so, or a bundled specification."""
        path, fallback = os.path.join(os.path.dirname(self.paths[seen_from]), target), bundled(target)
        if not fallback and not target.endswith((".yaml", ".yml")):
            raise ValueError("only files that end in `.yaml` or `.yml`, and bundled specifications, are read")
        itself = os.path.realpath(path) == os.path.realpath(self.paths[seen_from])
        if fallback and (itself or not (target.endswith(".yaml") and os.path.exists(path))):
            path = fallback
        if os.path.exists(path) and not os.path.isfile(path):
            raise ValueError("it is not a file")  # but a folder, or a pipe that nobody may ever write to
        with open(path, "rb") as stream:
            data = stream.read(self.limits.bytes + 1)
        shown = f"specs/{os.path.basename(path)}" if path == fallback else path
        known = (name for name, read in self.paths.items() if os.path.realpath(read) == os.path.realpath(path))
        name = next(known, shown)
        self.paths[name] = path
        self.texts.setdefault(name, data)
        return name, data

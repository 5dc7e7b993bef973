"""cnncalc as a library: from a path or a text to values. Nothing here prints."""

from __future__ import annotations

import os

from cnncalc.analysis import Summary, analyse
from cnncalc.limits import Limits
from cnncalc.network import build
from cnncalc.spec.reader import read
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
    Raises OSError where it cannot be read.
    """
    path = file if os.path.exists(file) else bundled(file) or file
    with open(path, "rb") as stream:
        return stream.read(limits.bytes + 1)


def summarize(
    spec: str | os.PathLike[str],
    *,
    input: Volume | str | None = None,
    batch: int = 1,
    strict: bool = False,
    limits: Limits = Limits(),
    file: str | None = None,
) -> Summary:
    """The summary of a network.

    `spec` is a path, the name of a bundled specification, or the text of one (a text has a line
    break, or starts with `{`). `input` is a volume to put in the place of the file's own, `batch`
    a number of examples, `file` the name by which findings call the text.

    Faults of the specification are in `findings`; what they leave unknown is None. Raises OSError
    where a file cannot be read, ValueError where `input` is no volume or `batch` is below 1.
    """
    if batch < 1:
        raise ValueError("a batch has at least 1 example")
    if isinstance(input, str):
        input = Volume.parse(input)
    given = os.fspath(spec)
    data: str | bytes = given
    if not (isinstance(spec, str) and ("\n" in spec or spec.lstrip().startswith("{"))):
        data = load(given, limits)
        file = file or given
    return summarize_text(data, file or "<text>", input=input, batch=batch, strict=strict, limits=limits)


def summarize_text(
    data: str | bytes, file: str, *, input: Volume | None, batch: int, strict: bool, limits: Limits
) -> Summary:
    """As `summarize`, of a text that is at hand."""
    return analyse(build(read(data, file, limits), limits, input), limits, batch=batch, strict=strict)

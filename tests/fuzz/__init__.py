"""Fuzzing: what must hold of every input, however hostile. `mutations.py` makes the inputs."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import signal
import tempfile
import time
import traceback
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from types import FrameType, MappingProxyType
from typing import Final, NamedTuple, TypeVar

import cnncalc
from cnncalc import Summary
from cnncalc.api import Source
from cnncalc.explain import explain, explain_counting
from cnncalc.figures.counting import CONVENTIONS
from cnncalc.layers.figures import KEPT
from cnncalc.limits import Limits
from cnncalc.render.columns import COLUMNS
from cnncalc.render.comparison import comparison, comparison_dict
from cnncalc.render.comparison import markdown as comparison_markdown
from cnncalc.render.data import json_text
from cnncalc.render.folding import ALL
from cnncalc.render.formats import FORMATS, View
from cnncalc.render.report import report
from cnncalc.render.working import counting_text, workings
from tests.exact import exact_json

T = TypeVar("T")

SECONDS: Final = 2.0
"""Of processor time, for reading an input and rendering it once, as a command does."""
WRITTEN: Final = 30e-6
"""More of them for each layer, where all are written out: JSON of the largest network has 57 MB."""
BLOCKED: Final = 3.0
"""Of the clock, with hardly any work done in them: no input may make a run wait."""
MEMORY: Final = 300 << 20
"""Of the whole process, in bytes."""
BESIDE: Final = ("expectation", "count-too-large", "stride-does-not-fit", "too-many-findings")
"""Errors of networks that are known all the same; others leave nothing to sum up."""
BASE: Final = 25 << 20
"""Of a process that has only imported what it needs."""

_PACKAGE: Final = str(Path(cnncalc.__file__).parent) + os.sep
_HIDDEN: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls, escapes and what turns the direction of a text; the newline aside."""
_BREAK: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""YAML 1.1, 4.2: what ends a line."""


class Case(NamedTuple):
    """One input: a specification, and the files that it may extend."""

    family: str
    data: str | bytes
    beside: Mapping[str, bytes | None] = MappingProxyType({})
    """Files in the same folder, by name; None is a pipe that nobody writes to."""
    file: str = "fuzz.yaml"


class Failure(NamedTuple):
    """A property that an input breaks."""

    broken: str
    step: str
    where: str
    """The innermost place in cnncalc, where it is known."""
    detail: str

    @property
    def costs(self) -> bool:
        """Whether it is time or memory that it takes, and not a wrong result."""
        return self.broken.startswith(("over", "it waits", "the process"))

    def signature(self, family: str) -> str:
        """Equal for failures that are most likely one fault: where time runs out is chance."""
        where = re.split("[:,]", family)[0] if self.costs else self.where
        return f"{self.broken} in {self.step}{f', {where}' if where else ''}"


class _LateError(BaseException):
    """The time is up. No `except Exception` may catch it."""


def examine(case: Case, seconds: float = SECONDS) -> list[Failure]:
    """All properties that the input breaks. As in a run of the command, cycles are not collected."""
    gc.disable()
    try:
        return _examined(case, seconds)
    finally:
        gc.enable()


def _examined(case: Case, seconds: float) -> list[Failure]:
    if not case.beside:
        return _Examination(case.data, case.file, seconds).failures
    with tempfile.TemporaryDirectory() as folder:
        for name, data in case.beside.items():
            path = Path(folder, name)
            if data is None:
                os.mkfifo(path)
            else:
                path.write_bytes(data)
        return _Examination(case.data, str(Path(folder, case.file)), seconds).failures


class _Examination:
    def __init__(self, data: str | bytes, file: str, seconds: float) -> None:
        self.failures: list[Failure] = []
        self.kept = False
        """Whether a text that is made piece by piece is kept, to be looked at; a long one is made again for that."""
        self.allowed = self.seconds = seconds
        self.before = resident()
        draw = Random(zlib.crc32(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")))
        self.batch, self.strict = draw.choice((1, 1, 3)), draw.random() < 0.2
        self.counting = draw.choice(("torchinfo", *CONVENTIONS))
        start = time.process_time()
        read = self.step("summarize", lambda: self.summary(data, file))
        spent = time.process_time() - start
        if read is None or self.failures:
            return
        source, one = read
        self.values(source, one)
        again = self.step("summarize again", lambda: self.summary(data, file))
        if again and (again[1].findings, again[1].totals) != (one.findings, one.totals):
            self.fail("not the same twice", "summarize", f"{one.findings[:3]} and then {again[1].findings[:3]}")
        del again
        self.allowed = max(0.01, seconds - spent)
        self.rendered(source, one, draw)

    def fail(self, broken: str, step: str, detail: str, where: str = "") -> None:
        self.failures.append(Failure(broken, step, where, detail[:2000]))

    def summary(self, data: str | bytes, file: str) -> tuple[Source, Summary]:
        source = Source(data, file, Limits())
        return source, source.summarize(
            input=None, parameters={}, batch=self.batch, strict=self.strict, counting=self.counting
        )

    def step(self, name: str, call: Callable[[], T]) -> T | None:
        """What the call gives; None after an exception, or where it takes too long."""
        result = None
        _forget_peak()
        start = time.process_time()
        try:
            with _timer(self.allowed):
                result = call()
        except _LateError as error:
            what = f"over {self.seconds:g} s" if time.process_time() - start > 0.9 * self.allowed else "it waits"
            self.fail(what, name, _trace(error), _where(error))
        except MemoryError as error:
            self.fail("over the memory", name, _trace(error), _where(error))
        except Exception as error:
            self.fail(type(error).__name__, name, _trace(error), _where(error))
        used = _status("VmHWM") - self.before
        if used > MEMORY - BASE and name != "summarize again":  # when there are two summaries
            self.fail("over the memory", name, f"{used >> 20} MB more than before")
        return result

    def values(self, source: Source, one: Summary) -> None:
        lines = {file: _BREAK.split(_text(data)) for file, data in source.texts.items()}
        for finding in one.findings:
            text = lines.get(finding.file)
            if text is None or not (finding.line == finding.column == 0 or 1 <= finding.line <= len(text)):
                self.fail("a finding outside of the file", "summarize", str(finding))
            elif finding.line and not 1 <= finding.column <= len(text[finding.line - 1]) + 1:
                self.fail("a finding outside of its line", "summarize", str(finding))
            if not finding.message.strip():
                self.fail("a finding without a message", "summarize", str(finding))
        errors = [finding for finding in one.findings if finding.severity == "error"]
        for name, total in one.totals.items():
            if total is not None and (type(total) is not int or total < 0):
                self.fail("a total that is no count", "summarize", f"{name} = {total!r}")
            if total is not None and name != "layers" and any(each.code not in BESIDE for each in errors):
                self.fail("a total beside an error", "summarize", f"{name} = {total!r}")
            if total is None and one.ok and name != KEPT:  # which is known or says why not, errors or none
                self.fail("an unknown total without an error", "summarize", name)

    def rendered(self, source: Source, one: Summary, draw: Random) -> None:
        texts = {file: _text(data) for file, data in source.texts.items()}
        width, depth = draw.choice((1, 20, 80, 200)), draw.choice((None, 0, 1, ALL))
        view = View(draw.choice((None, list(COLUMNS))), draw.choice(("hwc", "chw")), depth, width)
        self.text("report", lambda: report(one.findings, texts, color=False, width=width))
        self.text("table", lambda: FORMATS["table"].render(one, View()))
        self.text("counting", lambda: counting_text(explain_counting(one), width))
        self.allowed += WRITTEN * len(one.layers)
        self.kept = sum(len(layer.inputs) for layer in one.layers) < 5_000
        for name in FORMATS if self.kept else ("table", "json", "csv", "markdown"):
            form = FORMATS[name]
            (self.json if "json" in name else self.text)(name, partial(form.render, one, view))
        if self.kept:
            self.json("json as one text", lambda: json_text(one.to_dict()))
            self.text("workings", lambda: workings(explain(one), width, color=False))
        paths = [group.path for group in islice(one.network.groups(), 50)]
        if paths:
            self.text("workings of blocks", lambda: workings(explain(one, paths), None, color=False))
        self.text("comparison", lambda: comparison([one, one], width, color=False))
        self.text("comparison in markdown", lambda: comparison_markdown([one, one._replace(layers=one.layers[1:])]))
        self.json("comparison as json", lambda: json_text(comparison_dict([one, one._replace(layers=one.layers[1:])])))

    def text(self, name: str, call: Callable[[], str | Iterable[str]]) -> None:
        text = self.step(name, lambda: _consumed(call(), self.kept))
        pieces: Iterable[str] = [] if text is None else [text] if text else islice(call(), 100_000)
        for piece in pieces:
            hidden = _HIDDEN.search(piece, 0, 20 << 20)
            if hidden:
                around = piece[max(0, hidden.start() - 60) : hidden.end() + 60]
                self.fail("a control character", name, f"U+{ord(hidden[0]):04X} in {around!r}")
                return

    def json(self, name: str, call: Callable[[], str | Iterable[str]]) -> None:
        self.text(name, call)
        if any(failure.step == name for failure in self.failures):
            return
        try:
            exact_json("".join(call()))
        except ValueError as error:
            self.fail("JSON that is none", name, str(error))


def _consumed(text: str | Iterable[str], kept: bool) -> str:
    """The text; nothing of a long one that is made piece by piece, which is written as it comes and not kept."""
    if kept or not isinstance(text, Iterator):
        return "".join(text)
    deque(text, maxlen=0)
    return ""


def _text(data: str | bytes) -> str:
    return data if isinstance(data, str) else data.decode("utf-8-sig", "replace")


def _trace(error: BaseException) -> str:
    return "".join(traceback.format_exception(error, limit=-6))


def _where(error: BaseException) -> str:
    """The innermost function of cnncalc's that the error went through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(_PACKAGE)]
    return f"{frames[-1].filename.removeprefix(_PACKAGE)} {frames[-1].name}" if frames else ""


@contextlib.contextmanager
def _timer(seconds: float) -> Iterator[None]:
    """Raise _LateError after so much processor time, or where next to none is used."""
    start = time.process_time(), time.monotonic()

    def late(number: int, frame: FrameType | None) -> None:
        if number == signal.SIGALRM and time.process_time() - start[0] > 0.1 * (time.monotonic() - start[1]):
            return  # it works; the machine is slow
        raise _LateError

    outer = signal.signal(signal.SIGPROF, late), signal.signal(signal.SIGALRM, late)
    try:
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.setitimer(signal.ITIMER_REAL, BLOCKED, BLOCKED)
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGPROF, outer[0])
        signal.signal(signal.SIGALRM, outer[1])


# Linux knows the most memory that a process had, and forgets it when told to. Elsewhere nothing is measured.


def _status(key: str) -> int:
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as stream:
            return next((int(line.split()[1]) << 10 for line in stream if line.startswith(key)), 0)
    except OSError:
        return 0


def resident() -> int:
    """Bytes of memory that this process has now."""
    return _status("VmRSS")


def _forget_peak() -> None:
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w", encoding="ascii") as stream:
        stream.write("5")

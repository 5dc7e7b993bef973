"""From a file's name to its summary, or to the line that says why not."""

import os
import sys

import click

from cnncalc import api
from cnncalc.cli.options import Question
from cnncalc.cli.streams import FAILED, STDIN, Sink, say
from cnncalc.figures.analysis import Summary
from cnncalc.limits import Limits


class Answer:
    """A file's summary and the texts that were read for it; no summary where it could not be read."""

    def __init__(self, summary: Summary | None, texts: dict[str, str]) -> None:
        self.summary, self.texts = summary, texts

    @property
    def status(self) -> int:
        """The exit status that it makes."""
        return FAILED if self.summary is None else 0 if self.summary.ok else 1


def need_files(files: tuple[str, ...], sink: Sink) -> None:
    """A usage error where no file was named, or where the output would overwrite one."""
    if not files:
        raise click.UsageError("name a file, - for standard input, or a bundled specification such as alexnet")
    sink.spare(files)


def ask(file: str, question: Question, sink: Sink) -> Answer:
    """The answer for a file; where it cannot be read, after a line on standard error."""
    source = source_of(file, question.limits)
    if source is None:
        return Answer(None, {})
    try:
        asked = question.asked
        summary = source.summarize(question.input, dict(question.settings), fc_as_conv=question.fc_as_conv, **asked)
    except KeyError as error:
        say(f"Error: {source.no_parameter(error.args[0])}")
        return Answer(None, {})
    sink.spare(source.paths.values())  # what it extends
    return Answer(summary, source.decoded())


def source_of(file: str, limits: Limits) -> api.Source | None:
    """Where a file is read from; none, after a line on standard error, where it cannot be read."""
    try:
        if file == STDIN:
            return api.Source(sys.stdin.buffer.read(limits.bytes + 1), "<stdin>", limits)
        data = api.load(file, limits)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        say(f"Error: {file}: {reason}")
        return None
    if os.path.exists(file):
        return api.Source(data, file, limits)
    if file.endswith(".yaml"):
        say(f"note: no file {file} here; this is the bundled specification")
    return api.Source(data, f"specs/{os.path.basename(api.bundled(file) or file)}", limits)

"""A network as text for another program. `TARGETS` is the one list of what it can be written for."""

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Final, NamedTuple, TypeAlias

from cnncalc.figures.analysis import Summary
from cnncalc.findings import ERROR, Finding
from cnncalc.language.document import Document
from cnncalc.limits import Limits
from cnncalc.network import Ledger, TooManyError

Writer: TypeAlias = Callable[[Document, Summary, Ledger], Iterable[str]]
"""Makes the text, in pieces, of a network without errors. What the target cannot have it takes down in the ledger."""


class Target(NamedTuple):
    """A program that a network can be written for."""

    module: str
    """Where its `write` is, a `Writer`; imported when it is asked for."""
    ending: str
    """Of the names of its files."""
    says: str
    """What it is, for the help."""


TARGETS: Final = {
    "pytorch": Target("cnncalc.exports.pytorch", ".py", "a module of PyTorch"),
    "keras": Target("cnncalc.exports.keras", ".py", "a model of Keras 3"),
    "scale-sim": Target("cnncalc.exports.scale_sim", ".csv", "the topology of SCALE-Sim"),
}


class Export(NamedTuple):
    """A network as text for another program."""

    text: str | None
    """None where an error stands in the way: the network's own, or something that the target cannot express."""
    findings: Sequence[Finding]
    """What was found in the network, and what the target cannot have."""

    @property
    def ok(self) -> bool:
        """Whether there is a text."""
        return self.text is not None

    def __str__(self) -> str:
        """The text, so that it can be printed; nothing where there is none."""
        return self.text or ""


def write(document: Document, summary: Summary, target: str, limits: Limits = Limits()) -> Export:
    """The network of a document, as one of `TARGETS` has it. Raises KeyError for any other."""
    writer: Writer = import_module(TARGETS[target].module).write
    if not summary.ok:
        return Export(None, summary.findings)
    ledger = Ledger(summary.file, limits)
    try:
        text = "".join(writer(document, summary, ledger))
    except TooManyError:
        text = ""  # more than the limit stands in the way
    found = ledger.findings()
    refused = any(finding.severity == ERROR for finding in found)
    return Export(None if refused else text, [*summary.findings, *found])

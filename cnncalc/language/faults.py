"""Where the faults of reading are taken down: in which file, and where in it, up to the limit of their number."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from cnncalc import findings
from cnncalc.findings import Fault, Finding, Place
from cnncalc.language.source import Spot, UnreadableError

_tuple: Final = tuple.__new__


class Faults:
    """The findings so far, and the file that is being read."""

    def __init__(self, file: str, most: int) -> None:
        self.file, self.most = file, most
        self.findings: list[Finding] = []

    def report(self, fault: Fault, spot: Spot | None) -> None:
        """Take down a fault of what stands in the file that is being read. Raises UnreadableError over the limit."""
        self.add(fault, Place(self.file) if spot is None else self.place(spot))

    def add(self, fault: Fault, place: Place) -> None:
        """Take down a fault whose place is known. Raises UnreadableError over the limit."""
        if len(self.findings) == self.most:
            self.findings.append(Finding(findings.too_many_findings(self.most), Place(self.file)))
            raise UnreadableError
        self.findings.append(Finding(fault, place))

    def place(self, spot: Spot) -> Place:
        """Where something stands in the file that is being read."""
        start, end = spot.start, spot.end
        if end is None:
            return Place(self.file, start.line + 1, start.column + 1)
        # By `tuple` alone, as every attribute of every item has a place: a sixth of the time to read a long file.
        return _tuple(Place, (self.file, start.line + 1, start.column + 1, end.line + 1, end.column + 1))

    @contextmanager
    def within(self, file: str) -> Iterator[None]:
        """Report to this file, the other one being read after it."""
        self.file, outer = file, self.file
        yield
        self.file = outer

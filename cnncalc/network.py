"""A network as a graph: the values that a specification is built to, and that its analysis reads."""

from collections.abc import Mapping
from typing import NamedTuple

from cnncalc.findings import SEVERITIES, Fault, Finding, too_many_findings
from cnncalc.language.document import Document, Item, Place
from cnncalc.layers import Layer
from cnncalc.limits import Limits
from cnncalc.volume import Volume

INPUT = -1
"""The index that stands for the network's input among a node's inputs."""


class Node(NamedTuple):
    """One layer in its place. Volumes are None where an error makes them unknown."""

    path: str
    type: str
    item: Item
    layer: Layer | None
    inputs: tuple[int, ...]
    """Where the volumes come from: indices of earlier nodes, or INPUT."""
    volumes: tuple[Volume | None, ...]
    """The volumes that come in, one for each of `inputs`."""
    output: Volume | None
    caller: Place | None = None
    """Where the outermost block that it is in was called."""
    training: bool = False
    """Whether it belongs to a head that only training runs."""


class Group(NamedTuple):
    """The layers that one block, or one item with branches, was written out to."""

    path: str
    word: str
    """The block's name, or the type."""
    first: int
    """The index of its first node."""
    end: int
    """The index behind its last node."""
    output: int
    """The index of the node whose volume comes out, which a block's head comes behind; INPUT where there is none."""
    place: Place
    """Of the item that it was written out from."""
    named: bool = False
    """Whether the item gives it a name."""
    parameters: Mapping[str, object] = {}
    """The values of a block's own parameters; none for a fork."""


class Network(NamedTuple):
    """A network as a graph: its nodes in order, each after those it reads."""

    document: Document
    input: Volume | None
    nodes: list[Node]
    groups: list[Group]
    output: int
    """The index of the node whose volume comes out; INPUT where there is no layer."""
    heads: dict[str, int]
    """Further outputs: the index of the last node of each head."""
    claims: list[tuple[str, str, int | Volume, Place]]
    """What `expect` states: key, relation, figure and place, its expressions worked out."""
    findings: list[Finding]


class Ledger:
    """Findings in the order in which they are met.

    What several layers written by one item share is one finding, with their number. Over the limit
    nothing more is taken down but that there is more.
    """

    def __init__(self, file: str, limits: Limits) -> None:
        self.file, self.most = file, limits.findings
        self.met: dict[tuple[Place, Fault], tuple[str | None, Place | None, int]] = {}
        """The first layer's path and caller, and how many layers have it."""
        self.left_out: list[str] = []
        """The severities of what came over the limit."""

    def add(self, fault: Fault, path: str | None, place: Place | None, caller: Place | None = None) -> None:
        """Take down a fault of the layer of this path; `caller` is where the outermost block around it was called."""
        key = (place or Place(self.file, 0, 0), fault)
        if key in self.met:
            path, caller, times = self.met[key]
            self.met[key] = path, caller, times + 1
        elif len(self.met) < self.most:
            self.met[key] = path, caller, 1
        else:
            self.left_out.append(fault.severity)

    def findings(self) -> list[Finding]:
        found, met = [], self.met
        if self.left_out:
            worst = next(severity for severity in SEVERITIES if severity in self.left_out)
            met = {**met, (Place(self.file, 0, 0), too_many_findings(self.most, worst)): (None, None, 1)}
        for (place, fault), (path, caller, times) in met.items():
            notes = fault.notes
            if caller is not None and path is not None:
                elsewhere = f"{caller.file}:" if caller.file != place.file else "line "
                notes += (f"in `{path.rpartition('.')[0] or path}`, from {elsewhere}{caller.line}",)
            found.append(Finding(fault.code, fault.severity, fault.message, notes, fault.help, path, *place, times))
        return found

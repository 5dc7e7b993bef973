"""A network as a graph: the values that a specification is built to, and that its analysis reads."""

from collections.abc import Mapping
from typing import NamedTuple

from cnncalc.findings import Fault, Finding
from cnncalc.layers import Layer
from cnncalc.spec.document import Document, Item, Place
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


class Placed(NamedTuple):
    """A fault with the layer and the text that it belongs to."""

    fault: Fault
    path: str | None
    place: Place | None
    caller: Place | None = None
    """Where the outermost block that it is in was called."""


def gather(file: str, placed: list[Placed]) -> list[Finding]:
    """Findings in order; what several layers written by one item share is one finding, with their number."""
    found: dict[object, Finding] = {}
    for fault, path, place, caller in placed:
        place = place or Place(file, 0, 0)
        key = (place, fault)
        if key in found:
            found[key] = found[key]._replace(times=found[key].times + 1)
            continue
        notes = fault.notes
        if caller is not None and path is not None:
            elsewhere = f"{caller.file}:" if caller.file != place.file else "line "
            notes += (f"in `{path.rpartition('.')[0] or path}`, from {elsewhere}{caller.line}",)
        found[key] = Finding(fault.code, fault.severity, fault.message, notes, fault.help, path, *place)
    return list(found.values())

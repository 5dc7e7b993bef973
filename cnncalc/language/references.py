"""What a path stands for: the volumes and the nodes that a list of layers can refer to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final

from cnncalc import findings
from cnncalc.findings import Fault, Place
from cnncalc.network import INPUT, Edge, Graph

if TYPE_CHECKING:
    from cnncalc.language.build import Scope

ALL_TURNS: Final = "_*"
"""Behind a repeated item's name, in a list: all of its turns, or what stands behind that in each of them."""
_LISTED: Final = 80
"""Names that a suggestion is looked for among."""


class NoReferenceError(Exception):
    """A path that stands for nothing; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class Ends:
    """What each path so far gives: layers, blocks, branches, and turns of repeated items."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.edges: dict[str, Edge] = {}
        self.blocks: dict[str, range] = {}
        """The nodes of each block."""
        self.turns: dict[str, list[str]] = {}
        """The paths of all turns of each named item with a `repeat`."""
        self.later: dict[str, Place] = {}
        """Where the names stand that the outermost list of layers gives."""

    def path(self, path: str) -> str | None:
        """The path of what is meant, if there is such a thing: of a repeated item its last turn."""
        if path in self.edges:
            return path
        if turns := self.turns.get(path):
            return turns[-1]
        once = self.turns.get(path.removesuffix("_1")) if path.endswith("_1") else None
        return once[0] if once and len(once) == 1 else None

    def all_turns(self, path: str) -> list[str]:
        """The paths of all turns of a repeated item, or of a layer in each of them; none of anything else."""
        item, every, within = path.partition(ALL_TURNS)
        found = [f"{turn}{within}" for turn in self.turns.get(item, [])] if every else []
        return found if all(turn in self.edges for turn in found) else []

    def seen(self, name: str, scope: Scope) -> Iterator[str]:
        """What a name may stand for, from the list where it is used to those around it."""
        return (around.prefix + name for around in scope.around())

    def read(self, name: str, scope: Scope, edge: Edge, place: Place) -> list[Edge]:
        """The volumes that a reference stands for, `edge` being the one before. Raises NoReferenceError."""
        if name == "previous":
            return [edge]
        if name in scope.inputs:
            return [scope.inputs[name]]
        for path in self.seen(name, scope):
            if found := self.path(path):
                return [self.allowed(name, self.edges[found])]
            if every := self.all_turns(path):
                return [self.allowed(name, self.edges[turn]) for turn in every]
        raise NoReferenceError(self.unknown(name, scope, place))

    def allowed(self, name: str, edge: Edge) -> Edge:
        """The edge, if what is being made may read it."""
        if edge.source != INPUT and self.graph.nodes[edge.source].training and not self.graph.training:
            raise NoReferenceError(findings.reference_to_training(name))
        return edge

    def owner(self, name: str, scope: Scope, turn: int, turns: int, place: Place) -> str:
        """The path whose weights a turn of an item shares, of so many turns. Raises NoReferenceError."""
        if name == "previous" or name in scope.inputs:
            raise NoReferenceError(findings.shares_no_layer(name))
        for path in self.seen(name, scope):
            others = self.turns.get(path)
            if others is None or path in self.edges or len(others) == 1:
                if found := self.path(path):
                    return found
            elif others and len(others) != turns:
                raise NoReferenceError(findings.shares_other_turns(name, len(others), turns))
            elif others:
                return others[turn]
        raise NoReferenceError(self.unknown(name, scope, place))

    def nodes(self, path: str) -> Iterable[int] | None:
        """The nodes of a layer or of a block; None for what is neither."""
        source = self.edges[path].source
        layer = source != INPUT and self.graph.nodes[source].path == path
        return self.blocks.get(path) or ((source,) if layer else None)

    def unknown(self, name: str, scope: Scope, place: Place) -> Fault:
        """The fault of a reference to what is not there."""
        bare = name.partition(ALL_TURNS)[0]
        if any(self.turns.get(path) == [] for path in self.seen(bare, scope)):
            return findings.reference_to_nothing(bare)
        if bare != name and any(self.path(path) for path in self.seen(bare, scope)):
            return findings.reference_to_turns(bare)
        if scope.in_block and (name in self.later or name in self.edges):
            return findings.reference_out_of_block(name)
        if name in self.later and self.later[name][1:] > place[1:]:
            return findings.reference_to_later(name)
        prefix = scope.prefix
        nearest = (path.removeprefix(prefix) for path in reversed(self.edges) if path.startswith(prefix))
        known = [*reversed([*islice(nearest, _LISTED)]), "previous", *scope.inputs]
        return findings.unknown_reference(name, known)

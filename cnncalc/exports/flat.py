"""A network as one program without blocks: every layer written out, all of its numbers plain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from cnncalc.exports.names import identifier
from cnncalc.exports.program import MAIN, Piece, Program, Step
from cnncalc.exports.sites import Site
from cnncalc.exports.written import Code
from cnncalc.network import INPUT, Edge, Network, Node

Maker: TypeAlias = Callable[[Site], Sequence[Code]]
"""The modules of a layer, one behind another."""
JOINS = {"add": "add", "residual": "add", "multiply": "multiply", "concat": "concat", "split": "concat"}
"""What is done with the volumes of a branching layer."""


def outputs_of(network: Network) -> dict[str, Edge]:
    """What comes out, by names: what the file says that it gives, or what comes out in the end, and the heads."""
    return {**(network.outputs or {"output": network.output}), **network.heads}


def in_training_alone(network: Network) -> set[str]:
    """The names of what comes out in training alone."""
    ends = network.heads.items()
    return {path for path, edge in ends if edge.source != INPUT and network.nodes[edge.source].training}


def own_name(network: Network, index: int) -> str:
    """The path of a layer; of one that shares another's weights, that of the other."""
    owner = network.nodes[index].shares
    return network.nodes[index if owner is None else owner].path


class Flat:
    """Writes out a network."""

    def __init__(self, network: Network, maker: Maker, reserved: Iterable[str]) -> None:
        self.network, self.maker = network, maker
        self.taken = {*reserved}
        self.steps: list[Step] = []
        self.variables = 1
        self.given: dict[tuple[int, int, int], int] = {}
        """The variable of each edge: its source, its first channel and how many there are."""
        self.names: dict[int, str] = {}
        self.made: dict[int, Sequence[Code]] = {}

    def program(self) -> Program:
        """The whole network."""
        network = self.network
        for index, node in enumerate(network.nodes):
            self.add(index, node)
        more = {name: self.read(edge) for name, edge in outputs_of(network).items()}
        output = next(iter(more.values()))
        return Program((0,), (MAIN,), self.steps, output, more if len(more) > 1 else {})

    def new(self) -> int:
        self.variables += 1
        return self.variables - 1

    def read(self, edge: Edge) -> int:
        """The variable that holds what an edge carries."""
        whole = self.network.input if edge.source < 0 else self.network.nodes[edge.source].output
        assert edge.volume is not None
        assert whole is not None
        start = self.given[edge.source, 0, whole.channels] if edge.source >= 0 else 0
        if edge.volume.channels == whole.channels:
            return start
        key = edge.source, edge.first, edge.volume.channels
        if key not in self.given:
            training = edge.source != INPUT and self.network.nodes[edge.source].training
            bounds = str(edge.first), str(edge.first + edge.volume.channels)
            self.given[key] = self.new()
            name = f"{self.names.get(edge.source, MAIN)}_part"
            self.steps.append(Step("part", name, (start,), (self.given[key],), channels=bounds, training=training))
        return self.given[key]

    def add(self, index: int, node: Node) -> None:
        reads = tuple([self.read(edge) for edge in node.edges])
        assert node.output is not None
        assert node.layer is not None
        name = self.names[index] = identifier(node.path, self.taken, node.type)
        self.taken.add(name)
        given = (self.new(),)
        self.given[index, 0, node.output.channels] = given[0]
        if node.type in JOINS:
            self.steps.append(Step(JOINS[node.type], name, reads, given, training=node.training))
            return
        volume = node.edges[0].volume
        assert volume is not None
        modules = self.made[index] = self.maker(Site([node.layer], [volume], own_name(self.network, index)))
        step = Step("run", name, reads, given, (Piece(tuple(modules)),), training=node.training)
        self.steps.append(step if node.shares is None else self.shared(step, node, node.shares))

    def shared(self, step: Step, node: Node, owner: int) -> Step:
        """The step of a layer that has the weights of another."""
        name, own, other = self.names[owner], self.made[owner], step.pieces[0].modules
        if [*own] == [*other]:
            return step._replace(attribute=name, pieces=())
        weighted, mine = (self.weighted(n, modules) for n, modules in ((name, own), (step.name, other)))
        parts = ("weight", "bias") if getattr(node.layer, "bias", False) else ("weight",)
        tied = tuple(f"self.{mine}.{part} = self.{weighted}.{part}" for part in parts)
        return step._replace(tied=tied)

    def weighted(self, name: str, modules: Sequence[Code]) -> str:
        """The module among those of a layer that has weights: not the padding before it or behind it."""
        if len(modules) == 1:
            return name
        return f"{name}[{next(i for i, module in enumerate(modules) if 'Pad' not in str(module[0]))}]"

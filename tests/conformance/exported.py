"""The code that `cnncalc export --to pytorch` makes, as a module of torch, and what is read off it."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from unittest import mock
from weakref import WeakSet

import cnncalc
from cnncalc import Summary
from cnncalc.layers import Branching
from tests.conformance.torch_side import nn, torch

COUNTER: Final = "num_batches_tracked"
"""Of torch's norms: a counter, and no statistic."""


def code_of(spec: Any, **given: Any) -> str:
    """The code of a specification."""
    exported = cnncalc.export(spec, to="pytorch", **given)
    assert exported.text is not None
    return exported.text


def network_of(code: str, device: str = "meta", arguments: Mapping[str, int] = {}) -> Any:
    """The network of the code, in evaluation mode: the class that is defined last."""
    names: dict[str, Any] = {"__name__": "exported"}
    exec(compile(code, "exported", "exec"), names)
    classes = [node.name for node in ast.parse(code).body if isinstance(node, ast.ClassDef)]
    with torch.device(device), unfilled():
        return names[classes[-1]](**arguments).eval()


@contextmanager
def unfilled() -> Iterator[None]:
    """Networks are made without drawing weights, which takes longer than all else."""
    names = [name for name in dir(nn.init) if name.endswith("_") and not name.startswith("_")]
    keeping: Any = {name: lambda tensor, *given, **named: tensor for name in names}
    with mock.patch.multiple(nn.init, **keeping):
        yield


def counts(network: Any) -> tuple[int, int]:
    """The parameters and the buffers."""
    buffers = sum(b.numel() for name, b in network.named_buffers() if not name.endswith(COUNTER))
    return sum(p.numel() for p in network.parameters()), buffers


def held(network: Any) -> list[int]:
    """How many numbers each module holds itself, in the order of the state dict."""
    found: dict[str, int] = {}
    for name, tensor in network.state_dict(keep_vars=True).items():
        module, _, own = name.rpartition(".")
        if own != COUNTER:
            found[module] = found.get(module, 0) + tensor.numel()
    return list(found.values())


def weighed(summary: Summary) -> list[int]:
    """How many numbers each layer holds that holds any, in the order of the file."""
    found = []
    for node in summary.network.nodes:
        volume, layer = node.edges[0].volume, node.layer
        if volume and layer and not isinstance(layer, Branching) and node.shares is None:
            found.append(layer.weights(volume) + layer.biases(volume) + layer.buffers(volume))
    return [count for count in found if count]


def ran(network: Any, x: Any) -> tuple[Any, Counter[tuple[int, ...]]]:
    """What a network gives, and the shapes that its innermost modules gave on the way."""
    shapes: Counter[tuple[int, ...]] = Counter()

    def seen(module: Any, given: Any, output: Any) -> None:
        shapes[tuple(output.shape[1:])] += 1

    hooks = [m.register_forward_hook(seen) for m in network.modules() if not [*m.children()]]
    with torch.no_grad():
        result = network(x)
    for hook in hooks:
        hook.remove()
    return result, shapes


def computed(summary: Summary) -> Counter[tuple[int, ...]]:
    """The shapes that layers with one input give, of those that lead to an output in every run."""
    nodes = summary.network.nodes
    wanted = {edge.source for edge in summary.network.ends()}
    found: Counter[tuple[int, ...]] = Counter()
    for index in range(len(nodes) - 1, -1, -1):
        node = nodes[index]
        if index in wanted and not node.training:
            wanted.update(edge.source for edge in node.edges)
            if node.output and not isinstance(node.layer, Branching):
                found[tuple(node.output.shape)] += 1
    return found


class _Saved:
    """A tensor that autograd keeps; gone with the last that could ask for it."""

    def __init__(self, tensor: Any) -> None:
        self.storage = tensor.untyped_storage()


def kept_by(network: Any, x: Any) -> int:
    """The bytes that autograd keeps of a forward pass in training: all storages once, without parameters and buffers."""
    own = {tensor.untyped_storage()._cdata for tensor in (*network.parameters(), *network.buffers())}
    alive = WeakSet[_Saved]()

    def pack(tensor: Any) -> _Saved:
        saved = _Saved(tensor)
        alive.add(saved)
        return saved

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda saved: saved):
        result = network.train()(x)
    storages = {saved.storage._cdata: saved.storage.nbytes() for saved in alive}
    del result  # and with it what is kept
    return sum(size for storage, size in storages.items() if storage not in own)


def shapes_of(result: Any) -> dict[str, tuple[int, ...]] | tuple[int, ...]:
    """The shapes of what a network gives, for one example."""
    if isinstance(result, Mapping):
        return {name: tuple(volume.shape[1:]) for name, volume in result.items()}
    return tuple(result.shape[1:])


def given_by(summary: Summary, training: bool = False) -> dict[str, tuple[int, ...]] | tuple[int, ...]:
    """The shapes of what the network gives by cnncalc: by name where it gives several volumes."""
    network = summary.network
    ends = {**(network.outputs or {"output": network.output}), **network.heads}
    kept = {
        name: tuple(edge.volume.shape)
        for name, edge in ends.items()
        if edge.volume and (training or edge.source < 0 or not network.nodes[edge.source].training)
    }
    return kept if len(kept) > 1 else next(iter(kept.values()))


def compare(summary: Summary, code: str) -> None:
    """Hold the code against the figures: outputs, each layer's shape, parameters, buffers and their order."""
    assert summary.input is not None
    network = network_of(code)
    assert counts(network) == (summary.totals.params, summary.totals.buffers)
    result, shapes = ran(network, torch.zeros(2, *summary.input.shape, device="meta"))
    assert shapes_of(result) == given_by(summary)
    assert not computed(summary) - shapes
    if all(node.shares is None for node in summary.network.nodes):
        assert held(network) == weighed(summary)

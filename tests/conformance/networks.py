"""Generated networks as torch runs them, on tensors without data.

The run and the text of a specification come from the same items and share nothing else: names, repeats, blocks,
expressions and joins are worked out here anew, after specs/README.md.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias

from cnncalc import Volume
from cnncalc.volume import AXES
from tests.conformance.torch_side import flops_of, joined, module, torch
from tests.expressions import by_python
from tests.networks import Expression, File, Item, reference

BATCH: Final = 2
"""Examples in a batch."""

Names: TypeAlias = dict[str, Any]
"""What an expression can name: numbers, and lists of numbers."""


class Layer(NamedTuple):
    """A layer as it was run, and the shape that it gave."""

    path: str
    type: str
    shape: list[int]


@dataclass
class Scope:
    """What the items of one list see."""

    prefix: str
    parameters: Names
    start: Any
    """The tensor that `input` means."""
    block_channels: int | None = None
    inputs: dict[str, Any] = field(default_factory=dict)
    """The tensors that the inputs of its block mean."""
    turn: int | None = None
    kinds: Counter[str] = field(default_factory=Counter)

    def names(self, x: Any) -> Names:
        channels = {f"{name}_channels": tensor.shape[1] for name, tensor in self.inputs.items()}
        volume = {f"volume_{axis}": extent for axis, extent in zip(AXES[len(x.shape) - 2], x.shape[2:], strict=True)}
        around = {"channels": x.shape[1], "block_channels": self.block_channels, "turn": self.turn}
        return {**self.parameters, **channels, **around, **volume}


class Run:
    """A run of a file, on a tensor without data if none is given."""

    def __init__(self, file: File, x: Any = None) -> None:
        self.file = file
        self.layers: list[Layer] = []
        self.heads: dict[str, list[int]] = {}
        self.ends: dict[str, Any] = {}
        self.params = self.buffers = self.training_flops = 0
        self.parameters: Names = {}
        for name, value in file.parameters.items():
            self.parameters[name] = _value(file.set.get(name, value), self.parameters)
        x = torch.zeros(BATCH, *file.volume.shape, device="meta") if x is None else x
        self.output = list(self.chain(file.items, x, Scope("", self.parameters, x)).shape[1:])

    def chain(self, items: list[Item], x: Any, scope: Scope) -> Any:
        for item in items:
            read = [self.end(reference(other, items), x, scope) for other in item.reads]
            repeat, outer = _value(item.repeat, scope.names(read[0] if read else x)), scope
            for turn in range(repeat):
                x = read[0] if read and turn == 0 else x
                scope = outer if item.repeat == 1 else replace(outer, turn=turn)
                scope.kinds[item.word] += 1
                name = f"{item.word}{scope.kinds[item.word]}"
                if item.named:
                    name = item.name(items) + (f"_{turn + 1}" if repeat > 1 else "")
                path = scope.prefix + name
                if item.joins:
                    ways = [self.end(reference(other, items), x, scope) for other in item.joins]
                    x = self.ran(path, item.word, self.joined(item.word, ways))
                elif item.branches is not None:
                    x = self.fork(item, path, x, scope)
                elif item.word in self.file.blocks:
                    x = self.call(item, path, [x, *read[1:]], scope)
                else:
                    x = self.layer(item, path, x, scope)
                self.ends[path] = x
            scope = outer
        return x

    def ran(self, path: str, word: str, x: Any) -> Any:
        self.layers.append(Layer(path, word, list(x.shape[1:])))
        return x

    def end(self, name: str, x: Any, scope: Scope) -> Any:
        return {"previous": x, "input": scope.start, **scope.inputs}.get(name, self.ends.get(scope.prefix + name))

    def layer(self, item: Item, path: str, x: Any, scope: Scope) -> Any:
        given = _value({**self.file.defaults.get(item.word, {}), **item.given}, scope.names(x))
        built = self.built(item.word, given, Volume(x.shape[1], tuple(x.shape[2:])))
        self.params += 0 if item.shares else sum(p.numel() for p in built.parameters())
        self.buffers += sum(b.numel() for b in built.buffers() if b.dim())  # not the counter of batches
        return self.ran(path, item.word, built(x))

    def built(self, word: str, given: dict[str, Any], volume: Volume) -> Any:
        return module(word, given, volume, "meta")

    def joined(self, word: str, ways: list[Any]) -> Any:
        return joined(word, ways)

    def call(self, item: Item, path: str, read: list[Any], scope: Scope) -> Any:
        block, inside, x = self.file.blocks[item.word], dict(self.parameters), read[0]
        inputs = dict(zip(block.inputs, read, strict=False))
        for name, default in block.parameters.items():
            if name in item.given:
                inside[name] = _value(item.given[name], scope.names(x))
            else:
                inside[name] = _value(default, Scope("", inside, x, x.shape[1]).names(x))
        return self.chain(block.items, x, Scope(f"{path}.", inside, x, x.shape[1], inputs))

    def fork(self, item: Item, path: str, x: Any, scope: Scope) -> Any:
        assert item.branches is not None
        if item.word == "head":
            outer = self.training_flops
            inner = replace(scope, prefix=f"{path}.", kinds=Counter())
            end, flops = flops_of(partial(self.chain, item.branches["layers"], x, inner))
            self.heads[path] = list(end.shape[1:])
            if item.given["training"]:
                self.training_flops = outer + flops
            return x
        ways = [x] if item.word == "residual" else []
        shares = [x] * len(item.branches)
        if item.word == "split":
            shares = x.split(item.given.get("sizes", x.shape[1] // len(item.branches)), dim=1)
        for share, (name, items) in zip(shares, item.branches.items(), strict=True):
            prefix = f"{path}." if item.word == "residual" else f"{path}.{name}."
            ways.append(self.chain(items, share, replace(scope, prefix=prefix, kinds=Counter())))
            self.ends[prefix.removesuffix(".")] = ways[-1]
        return self.ran(path, item.word, self.joined(item.word, ways))


def _value(value: Any, names: Names) -> Any:
    """An expression worked out. A number is whole, a list a tuple."""
    if not isinstance(value, Expression):
        return {key: _value(part, names) for key, part in value.items()} if isinstance(value, dict) else value
    result = by_python(value.text, names)
    assert isinstance(result, tuple) or result == int(result)
    return result if isinstance(result, tuple) else int(result)

"""From a `Document` to a `Network`: blocks and repeats written out, expressions worked out, volumes propagated."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import islice
from typing import Any

from cnncalc import findings
from cnncalc.findings import Fault, LayerError
from cnncalc.language.document import (
    Block,
    CallSpec,
    Document,
    Extents,
    ForkSpec,
    Item,
    LayerSpec,
    Number,
    Place,
    Template,
)
from cnncalc.language.expression import (
    Expression,
    ExpressionError,
    Names,
    UnknownNameError,
    UnknownValueError,
)
from cnncalc.language.expression import Number as Exact
from cnncalc.layers import Branching, Head, Layer
from cnncalc.layers.base import COUNT, RATE, REPEAT, VOLUME, Kind
from cnncalc.limits import Limits
from cnncalc.network import INPUT, Group, Ledger, Network, Node
from cnncalc.volume import Volume


def build(
    document: Document, limits: Limits, input: Volume | None = None, parameters: Mapping[str, Exact] | None = None
) -> Network:
    """The network of a document, on its own input and parameters or on those given.

    Faults become findings; the volume behind a layer with a fault is unknown. On another input or
    other parameters, what the file expects to be equal is not held to, as it speaks of the file as
    it is written; bounds are. Raises KeyError for a parameter that the file does not have.
    """
    builder = _Builder(document, limits, as_written=input is None and not parameters)
    try:
        start = builder.start(input, parameters or {})
        end, _ = builder.chain(document.items, builder.root, INPUT, start)
        claims = builder.claims()
    except _TooManyError:
        return Network(document, None, [], [], INPUT, {}, [], builder.ledger.findings())
    found = builder.ledger.findings()
    return Network(document, start, builder.nodes, builder.groups, end, builder.heads, claims, found)


class _TooManyError(Exception):
    """More of something than the limit: the fault has been reported, and there is no going on."""


class _Scope:
    """What the layers of one list see: their path, the names in expressions, the volumes before them."""

    __slots__ = (
        "block_channels",
        "caller",
        "input",
        "kinds",
        "level",
        "names",
        "outer",
        "prefix",
        "rounding",
        "serial",
        "training",
    )

    def __init__(self, prefix: str, names: Names, rounding: str | None, outer: _Scope | None = None) -> None:
        self.prefix, self.names, self.rounding, self.outer = prefix, names, rounding, outer
        self.kinds: dict[str, int] = {}
        self.caller: Place | None = None
        self.serial = 0
        """Equal where the names are."""
        self.level = 0
        self.training = False
        self.block_channels: int | bool | None = False
        """False outside of blocks; None where an error leaves it unknown."""
        self.input: tuple[int, Volume | None] = (INPUT, None)
        if outer is not None:
            self.caller, self.training = outer.caller, outer.training
            self.serial = outer.serial
            self.block_channels, self.input = outer.block_channels, outer.input

    @property
    def in_block(self) -> bool:
        return self.block_channels is not False

    def within(self, volume: Volume | None) -> dict[str, Any]:
        """The names in the expressions of a layer on this volume."""
        names = {**self.names, "channels": None if volume is None else volume.channels}
        if self.in_block:
            names["block.channels"] = self.block_channels
        return names


class _Builder:
    def __init__(self, document: Document, limits: Limits, as_written: bool) -> None:
        self.document, self.limits, self.as_written = document, limits, as_written
        self.nodes: list[Node] = []
        self.groups: list[Group] = []
        self.heads: dict[str, int] = {}
        self.ledger = Ledger(document.file, limits)
        self.ends: dict[str, tuple[int, Volume | None]] = {}
        """What each path so far gives: the index of its last node and the volume behind it."""
        self.taken: dict[str, Item] = {}
        """Whose path it is."""
        self.outputs: dict[tuple[int, tuple[Volume, ...]], Volume | Fault] = {}
        self.made: dict[object, Layer] = {}
        self.called: dict[object, tuple[Names, int]] = {}
        self.serials = 0
        self.steps = 0
        self.root = _Scope("", {}, document.rounding)

    @cached_property
    def named(self) -> dict[str, Place]:
        """Where the names stand that the outermost list of layers gives."""
        return {item.spec.name: item.start for item in self.document.items if item.spec.name}

    def report(self, fault: Fault, path: str | None, place: Place | None, scope: _Scope) -> None:
        self.ledger.add(fault, path, place, scope.caller)
        if self.ledger.left_out:
            raise _TooManyError

    def start(self, input: Volume | None, parameters: Mapping[str, Exact]) -> Volume | None:
        """Work out the file's parameters and its input."""
        unknown = [name for name in parameters if name not in self.document.parameters]
        if unknown and not any(finding.severity == findings.ERROR for finding in self.document.findings):
            raise KeyError(unknown[0])  # otherwise it may stand in what could not be read
        names: dict[str, Any] = {}
        for name, (value, place) in self.document.parameters.items():
            given: Exact | tuple[Exact, ...] | None = parameters.get(name)
            if given is None and value is not None:
                given = self.argument(value, names, None, place, self.root)
            names[name] = given
        self.root.names = names
        if input is None and self.document.input is not None:
            input = self.volume("input", self.document.input, names, None, self.document.input_place, self.root)
            fault = _looks_turned(input) if input else None
            if fault:
                self.report(fault, None, self.document.input_place, self.root)
        if input is not None and input.elements > self.limits.largest:
            fault = findings.volume_too_large(str(input), input.elements, self.limits.largest)
            self.report(fault, None, self.document.input_place if self.as_written else None, self.root)
            input = None
        self.root.input = (INPUT, input)
        return input

    def claims(self) -> list[tuple[str, str, int | Volume, Place]]:
        found: list[tuple[str, str, int | Volume, Place]] = []
        for key, relation, template, place in self.document.claims:
            if relation == "=" and not self.as_written:
                continue
            value: int | Volume | None
            if isinstance(template, tuple):
                value = self.volume(key, template, self.root.names, None, place, self.root)
            else:
                value = self.number(key, REPEAT, template, self.root.names, None, place, self.root)
            if value is not None:
                found.append((key, relation, value, place))
        return found

    def chain(self, items: list[Item], scope: _Scope, source: int, volume: Volume | None) -> tuple[int, Volume | None]:
        """Append the layers of the items one behind another: the last node's index and its volume."""
        for item in items:
            spec = item.spec
            repeat = spec.repeat
            if not isinstance(repeat, int):
                given = self.number("repeat", REPEAT, repeat, scope.within(volume), None, item.place("repeat"), scope)
                repeat = 1 if given is None else given
            if isinstance(spec, LayerSpec):
                self.count(repeat, item, scope)
            for turn in range(repeat):
                path = self.path(item, scope, repeat, turn)
                before = volume
                if isinstance(spec, LayerSpec):
                    source, volume = self.layer(item, spec, path, scope, source, volume)
                elif isinstance(spec, CallSpec):
                    source, volume = self.call(item, spec, path, scope, source, volume)
                else:
                    assert isinstance(spec, ForkSpec)
                    source, volume = self.fork(item, spec, path, scope, source, volume)
                _, made = self.ends.setdefault(path, (source, volume))
                if spec.expect is not None and made is not None and self.as_written:
                    self.expect(item, spec.expect, path, scope, made, before)
        return source, volume

    def count(self, repeat: int, item: Item, scope: _Scope) -> None:
        """Refuse at once what would exceed the limit of layers."""
        if len(self.nodes) + repeat > self.limits.layers:
            self.report(findings.too_many_layers(self.limits.layers), None, item.start, scope)
            raise _TooManyError

    def spend(self, steps: int, place: Place | None, scope: _Scope) -> None:
        """Keep account of what is no layer by itself, and refuse what would take long."""
        self.steps += steps
        if self.steps > 10 * self.limits.layers:
            self.report(findings.too_much_work(10 * self.limits.layers), None, place, scope)
            raise _TooManyError

    def path(self, item: Item, scope: _Scope, repeat: int, turn: int) -> str:
        spec = item.spec
        place = scope.kinds[spec.word] = scope.kinds.get(spec.word, 0) + 1
        name = f"{spec.word}{place}"
        if spec.name:
            name = f"{spec.name}_{turn + 1}" if repeat > 1 else spec.name
        path = scope.prefix + name
        self.spend(len(path) // 16, item.start, scope)
        other = self.taken.get(path)
        if other and not spec.name and not other.spec.name:
            path = f"{scope.prefix}{spec.word}_{place}"  # the 61st relu, and the first relu6 is before it
            other = self.taken.get(path)
        if other:
            self.report(findings.name_taken(name, other.start.line), path, item.place("name"), scope)
            while path in self.taken:
                path += "'"
        self.taken[path] = item
        return path

    # One item

    def layer(
        self, item: Item, spec: LayerSpec, path: str, scope: _Scope, source: int, volume: Volume | None
    ) -> tuple[int, Volume | None]:
        layer = output = None
        if volume is not None and not spec.broken:
            layer = self.make(item, spec, path, scope, volume)
            if layer is not None:
                output = self.output(layer, (volume,), (), item, path, scope)
        return self.append(item, path, scope, layer, (source,), (volume,), output)

    def append(
        self,
        item: Item,
        path: str,
        scope: _Scope,
        layer: Layer | None,
        sources: tuple[int, ...],
        volumes: tuple[Volume | None, ...],
        output: Volume | None,
    ) -> tuple[int, Volume | None]:
        if len(self.nodes) >= self.limits.layers:
            self.count(1, item, self.root)
        node = Node(path, item.spec.word, item, layer, sources, volumes, output, scope.caller, scope.training)
        self.nodes.append(node)
        return len(self.nodes) - 1, output

    def close(self, item: Item, path: str, first: int, output: int, parameters: Mapping[str, object] = {}) -> None:
        """Note which nodes the item was written out to, now that all of them are there."""
        spec, end = item.spec, len(self.nodes)
        self.groups.append(Group(path, spec.word, first, end, output, item.start, spec.name is not None, parameters))

    def make(self, item: Item, spec: LayerSpec, path: str, scope: _Scope, volume: Volume) -> Layer | None:
        """The layer with its expressions worked out; layers with equal attributes are one object."""
        key: object = (spec, scope.rounding)
        if spec.pending:
            key = (spec, scope.rounding, scope.serial, volume.channels, scope.block_channels)
        layer = self.made.get(key)
        if layer is not None:
            return layer
        assert spec.type is not None
        values, rounding = dict(spec.values), spec.rounding or scope.rounding
        if spec.pending:
            self.spend(len(scope.names) // 20, item.start, scope)
            names = scope.within(volume)
            for name, (kind, template) in spec.pending.items():
                values[name] = self.value(name, kind, template, names, path, item.place(name), scope)
            if None in [values[name] for name in spec.pending]:
                return None
        equal: object = (spec, rounding, *[repr(values[name]) for name in spec.pending])
        layer = self.made.get(equal)
        if layer is None:
            layer = self.made[equal] = spec.type.of(values, rounding)
        self.made[key] = layer
        return layer

    def output(
        self, layer: Layer, volumes: tuple[Volume, ...], names: tuple[str, ...], item: Item, path: str, scope: _Scope
    ) -> Volume | None:
        """The output volume, worked out once for each layer and volume; None after a report."""
        key = (id(layer), volumes)  # layers live as long as the specs or `made`
        known = self.outputs.get(key)
        if known is None:
            try:
                known = layer.join(volumes, names) if isinstance(layer, Branching) else layer.output(volumes[0])
            except LayerError as error:
                known = error.fault
            else:
                if known.elements > self.limits.largest:
                    known = findings.volume_too_large(str(known), known.elements, self.limits.largest)
            if isinstance(known, Volume) or not isinstance(layer, Branching):
                self.outputs[key] = known
        if isinstance(known, Volume):
            return known
        self.report(known, path, item.place(known.attribute), scope)
        return None

    def deeper(self, item: Item, path: str, scope: _Scope) -> None:
        """Refuse to go deeper into blocks and branches than the limit."""
        if scope.level >= self.limits.depth:
            self.report(findings.too_deep(self.limits.depth), path, item.start, scope)
            raise _TooManyError

    def call(
        self, item: Item, spec: CallSpec, path: str, scope: _Scope, source: int, volume: Volume | None
    ) -> tuple[int, Volume | None]:
        block = self.document.blocks[spec.word]
        if spec.broken or block.broken:
            return self.append(item, path, scope, None, (source,), (volume,), None)
        self.deeper(item, path, scope)
        self.spend(3, item.start, scope)
        inner = _Scope(f"{path}.", {}, spec.rounding or scope.rounding)
        inner.caller = scope.caller or item.start
        inner.level = scope.level + 1
        inner.training = scope.training
        inner.block_channels = None if volume is None else volume.channels
        inner.input = (source, volume)
        inner.names, inner.serial = self.arguments(item, spec, block, path, scope, inner, volume)
        first = len(self.nodes)
        source, volume = self.chain(block.items, inner, source, volume)
        self.close(
            item, path, first, source, {name: inner.names[name] for name in block.parameters if name in inner.names}
        )
        return source, volume

    def arguments(
        self,
        item: Item,
        spec: CallSpec,
        block: Block,
        path: str,
        scope: _Scope,
        inner: _Scope,
        volume: Volume | None,
    ) -> tuple[Names, int]:
        """The names in a block and their serial number, worked out once for calls that are alike."""
        channels = inner.block_channels
        key = (spec, scope.serial, channels, scope.block_channels)
        known = self.called.get(key)
        if known is not None:
            return known
        self.spend(len(block.parameters) + len(self.root.names) // 20, item.start, scope)
        outside, inside = scope.within(volume), dict(self.root.names)
        for name, (default, place) in block.parameters.items():
            if name in spec.arguments:
                inside[name] = self.argument(spec.arguments[name], outside, path, item.place(name), scope)
            elif default is not None:
                names = {**inside, "channels": channels, "block.channels": channels}
                inside[name] = self.argument(default, names, path, place, inner)
        self.serials += 1
        if None not in inside.values():
            self.called[key] = inside, self.serials
        return inside, self.serials

    def fork(
        self, item: Item, spec: ForkSpec, path: str, scope: _Scope, source: int, volume: Volume | None
    ) -> tuple[int, Volume | None]:
        if spec.broken:
            return self.append(item, path, scope, None, (source,), (volume,), None)
        self.deeper(item, path, scope)
        self.spend(3 + 2 * len(spec.branches) + len(spec.references), item.start, scope)
        layer, first = spec.layer, len(self.nodes)
        ways = [(source, volume)] if layer.adds_identity else []
        names = ["identity"] if layer.adds_identity else []
        share = self.share(item, spec, path, scope, volume) if layer.shares else volume
        for name, items in spec.branches:
            prefix = f"{path}.{name}." if name else f"{path}."
            inner = _Scope(prefix, scope.names, spec.rounding or scope.rounding, scope)
            inner.level = scope.level + 1
            inner.training = scope.training or spec.training
            ways.append(self.chain(items, inner, source, share))
            names.append(name or path)
        if isinstance(layer, Head):
            self.ends[path] = ways[0]
            self.heads[path], _ = ways[0]
            self.close(item, path, first, self.heads[path])
            return source, volume
        for name, place in spec.references:
            ways.append(self.reference(name, place, path, scope, source, volume))
            names.append(name)
        known = tuple(v for _, v in ways if v is not None)
        output = self.output(layer, known, tuple(names), item, path, scope) if len(known) == len(ways) else None
        sources, volumes = zip(*ways, strict=True)
        end, output = self.append(item, path, scope, layer, sources, volumes, output)
        self.close(item, path, first, end)
        return end, output

    def share(self, item: Item, spec: ForkSpec, path: str, scope: _Scope, volume: Volume | None) -> Volume | None:
        count = len(spec.branches)
        if volume is None:
            return None
        if volume.channels % count:
            self.report(findings.uneven_split(volume.channels, count), path, item.start, scope)
            return None
        return volume._replace(channels=volume.channels // count)

    def reference(
        self, name: str, place: Place, path: str, scope: _Scope, source: int, volume: Volume | None
    ) -> tuple[int, Volume | None]:
        if name == "previous":
            return source, volume
        if name == "input":
            return scope.input
        within: _Scope | None = scope
        while within is not None:
            if within.prefix + name in self.ends:
                index, end = self.ends[within.prefix + name]
                if index != INPUT and self.nodes[index].training and not scope.training:
                    self.report(findings.reference_to_training(name), path, place, scope)
                    return source, None
                return index, end
            within = within.outer
        if scope.in_block and (name in self.named or name in self.ends):
            fault = findings.reference_out_of_block(name)
        elif name in self.named and self.named[name][1:] > place[1:]:
            fault = findings.reference_to_later(name)
        else:
            nearest = (end.removeprefix(scope.prefix) for end in reversed(self.ends) if end.startswith(scope.prefix))
            fault = findings.unknown_reference(name, [*reversed([*islice(nearest, 80)]), "previous", "input"])
        self.report(fault, path, place, scope)
        return source, None

    def expect(
        self, item: Item, expected: Volume | Extents, path: str, scope: _Scope, volume: Volume, before: Volume | None
    ) -> None:
        place = item.place("expect")
        stated = self.volume("expect", expected, scope.within(before), path, place, scope)
        if stated is not None and stated != volume:
            self.report(findings.expected_volume(str(stated), str(volume)), path, place, scope)

    # Values that wait for an expression

    def value(
        self, name: str, kind: Kind, template: Template, names: Names, path: str | None, place: Place, scope: _Scope
    ) -> object:
        if kind is VOLUME:
            assert isinstance(template, tuple)
            return self.volume(name, template, names, path, place, scope)
        if isinstance(template, Expression) and kind.per_axis:
            listed = template.listed(names)
            if listed is not None:
                self.spend(len(listed), place, scope)
                return self.listed(name, kind, template.text, listed, path, place, scope)
        if isinstance(template, tuple) and not isinstance(template, Volume):
            self.spend(len(template), place, scope)
            parts = [self.number(name, kind, part, names, path, place, scope) for part in template]
            return None if None in parts else tuple(parts)
        if isinstance(template, dict):
            sides = {side: self.number(name, kind, n, names, path, place, scope) for side, n in template.items()}
            return None if None in sides.values() else sides
        assert isinstance(template, int | Expression)
        if kind is RATE:
            rate = self.exact(template, names, path, place, scope)
            if rate is None or 0 <= rate <= 1:
                return None if rate is None else float(rate)
            text = template.text if isinstance(template, Expression) else str(template)
            self.report(findings.not_a_count(name, text, str(rate), kind.says), path, place, scope)
            return None
        return self.number(name, kind, template, names, path, place, scope)

    def listed(
        self, name: str, kind: Kind, text: str, values: tuple[Exact, ...], path: str | None, place: Place, scope: _Scope
    ) -> tuple[Exact, ...] | None:
        if all(isinstance(value, int) and value >= kind.least for value in values):
            return values
        self.report(findings.not_a_count(name, text, "x".join(map(str, values)), kind.says), path, place, scope)
        return None

    def number(
        self, name: str, kind: Kind, number: Number, names: Names, path: str | None, place: Place, scope: _Scope
    ) -> int | None:
        if isinstance(number, int):
            return number
        value = self.exact(number, names, path, place, scope)
        if value is None or (isinstance(value, int) and value >= kind.least):
            return value
        self.report(findings.not_a_count(name, number.text, str(value), kind.says), path, place, scope)
        return None

    def exact(self, number: Number, names: Names, path: str | None, place: Place, scope: _Scope) -> Exact | None:
        """The value of an expression, whole or not; None after a report, or where it must stay unknown."""
        if isinstance(number, int):
            return number
        self.spend(number.size, place, scope)
        try:
            return number.evaluate(names, self.limits.largest)
        except UnknownValueError:
            return None
        except UnknownNameError as error:
            self.report(findings.unknown_name(number.text, error.name, list(names)), path, place, scope)
        except ExpressionError as error:
            self.report(findings.expression_failed(number.text, str(error)), path, place, scope)
        return None

    def argument(
        self, template: Number | Extents, names: Names, path: str | None, place: Place, scope: _Scope
    ) -> Exact | tuple[Exact, ...] | None:
        """The value of a parameter: a number of any kind, or a list of them."""
        if isinstance(template, tuple) and not isinstance(template, Volume):
            self.spend(len(template), place, scope)
            parts = [self.exact(part, names, path, place, scope) for part in template]
            return tuple(part for part in parts if part is not None) if None not in parts else None
        if isinstance(template, Expression):
            listed = template.listed(names)
            if listed is not None:
                return listed
        return self.exact(template, names, path, place, scope)

    def volume(
        self, name: str, template: Volume | Extents, names: Names, path: str | None, place: Place | None, scope: _Scope
    ) -> Volume | None:
        if isinstance(template, Volume):
            return template
        place = place or Place(self.document.file, 0, 0)
        extents = [self.number(name, COUNT, extent, names, path, place, scope) for extent in template]
        known = [extent for extent in extents if extent is not None]
        return Volume(known[0], tuple(known[1:])) if len(known) == len(extents) else None


def _looks_turned(volume: Volume) -> Fault | None:
    """A square picture of 1 or 3 channels in the order of the other notation.

    3x227x227 is height 3, width 227, 227 channels, and [227, 227, 3] is 227 channels over 227x3. Someone who thinks
    in PyTorch's order meant otherwise, or in Keras'.
    """
    if len(volume.spatial) == 2 and volume.channels > 4:
        height, width = volume.spatial
        meant = Volume(min(height, width), (volume.channels,) * 2)
        if meant.channels in (1, 3) and width == volume.channels:
            return findings.channels_first(str(volume), str(meant), meant.shape)
        if meant.channels in (1, 3) and height == volume.channels:
            return findings.channels_last(volume.shape, str(meant))
    return None

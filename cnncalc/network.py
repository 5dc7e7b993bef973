"""From a `Document` to a `Network`: repeats written out, expressions worked out, volumes propagated."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc import findings
from cnncalc.findings import Fault, Finding, LayerError
from cnncalc.layers import Layer
from cnncalc.layers.base import COUNT, VOLUME, Kind
from cnncalc.limits import Limits
from cnncalc.spec.document import Document, Item, Number, Place, Template
from cnncalc.spec.expression import Expression, ExpressionError, UnknownNameError
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


class Network(NamedTuple):
    """A network as a graph: its nodes in order, each after those it reads."""

    document: Document
    input: Volume | None
    nodes: list[Node]
    outputs: tuple[int, ...]
    findings: list[Finding]


class Placed(NamedTuple):
    """A fault with the layer and the text that it belongs to."""

    fault: Fault
    path: str | None
    place: Place | None


def gather(file: str, placed: list[Placed]) -> list[Finding]:
    """Findings in order; what several layers of one item share is one finding, with their count."""
    found: dict[object, Finding] = {}
    for fault, path, place in placed:
        line, column = (place.line + 1, place.column + 1) if place else (0, 0)
        key = (line, column, fault)
        if key in found:
            found[key] = found[key]._replace(times=found[key].times + 1)
        else:
            found[key] = Finding(
                fault.code, fault.severity, fault.message, fault.notes, fault.help, path, file, line, column
            )
    return list(found.values())


def build(document: Document, limits: Limits, input: Volume | None = None) -> Network:
    """The network of a document, on its own input or on the one given.

    Faults become findings; the volume behind a layer with a fault is unknown.
    """
    builder = _Builder(document, limits)
    start = input or builder.input()
    builder.chain(document.items, start)
    last = len(builder.nodes) - 1
    return Network(document, start, builder.nodes, (last,), gather(document.file, builder.placed))


class _Builder:
    def __init__(self, document: Document, limits: Limits) -> None:
        self.document, self.limits = document, limits
        self.nodes: list[Node] = []
        self.placed: list[Placed] = []
        self.outputs: dict[tuple[int, Volume], Volume | Fault] = {}
        self.kept: list[Layer] = []  # so that the ids in `outputs` stay theirs
        self.kinds: dict[str, int] = {}
        self.names: dict[str, Place] = {}

    def report(self, fault: Fault, path: str | None, place: Place | None) -> None:
        self.placed.append(Placed(fault, path, place))

    def input(self) -> Volume | None:
        template, place = self.document.input, self.document.input_place
        if template is None:
            return None
        volume = self.volume("input", template, {}, None, place)
        if volume is not None and self.document.input_place is not None:
            fault = _channels_first(volume)
            if fault:
                self.report(fault, None, place)
        return volume

    def chain(self, items: list[Item], volume: Volume | None) -> Volume | None:
        """Append the layers of the items one behind another; the volume that comes out."""
        nodes, outputs = self.nodes, self.outputs
        source = INPUT
        for item in items:
            spec = item.spec
            names = {} if volume is None else {"channels": volume.channels}
            repeat = spec.repeat if isinstance(spec.repeat, int) else self.repeat(item, names)
            if len(nodes) + repeat > self.limits.layers:
                self.report(findings.too_many_layers(self.limits.layers), None, item.place(None))
                return None
            for turn in range(repeat):
                path = self.path(item, repeat, turn)
                layer = None if spec.broken or volume is None else spec.layer or self.layer(item, path, volume)
                before = volume
                if layer is None or volume is None:
                    volume = None
                else:
                    key = (id(layer), volume)
                    known = outputs.get(key)
                    if known is None:
                        known = outputs[key] = self.output(layer, volume)
                    if isinstance(known, Volume):
                        volume = known
                    else:
                        self.report(known, path, item.place(known.attribute))
                        volume = None
                if spec.expect is not None and volume is not None:
                    self.expect(item, path, volume, before)
                nodes.append(Node(path, spec.word, item, layer, (source,), (before,), volume))
                source = len(nodes) - 1
        return volume

    def output(self, layer: Layer, volume: Volume) -> Volume | Fault:
        self.kept.append(layer)
        try:
            output = layer.output(volume)
        except LayerError as error:
            return error.fault
        if output.elements > self.limits.largest:
            return findings.volume_too_large(str(output), output.elements, self.limits.largest)
        return output

    def path(self, item: Item, repeat: int, turn: int) -> str:
        spec = item.spec
        place = self.kinds[spec.word] = self.kinds.get(spec.word, 0) + 1
        path = f"{spec.word}{place}"
        if spec.name:
            path = f"{spec.name}{turn + 1}" if repeat > 1 else spec.name
        if path in self.names:
            self.report(findings.name_taken(path, self.names[path].line + 1), path, item.place("name"))
            return f"{path}'"
        self.names[path] = item.place(None)
        return path

    # Values that wait for an expression

    def layer(self, item: Item, path: str, volume: Volume) -> Layer | None:
        spec = item.spec
        assert spec.type is not None
        names = {"channels": volume.channels}
        values = dict(spec.values)
        good = True
        for name, (kind, template) in spec.pending.items():
            place = item.place(name)
            value = (
                self.volume(name, template, names, path, place)
                if kind is VOLUME
                else self.value(name, kind, template, names, path, place)
            )
            good = good and value is not None
            values[name] = value
        return spec.type.of(values, spec.rounding) if good else None

    def value(
        self, name: str, kind: Kind, template: Template, names: dict[str, int], path: str | None, place: Place | None
    ) -> object:
        if isinstance(template, tuple):
            parts = [self.number(name, kind, part, names, path, place) for part in template]
            return None if None in parts else tuple(parts)
        if isinstance(template, dict):
            sides = {side: self.number(name, kind, part, names, path, place) for side, part in template.items()}
            return None if None in sides.values() else sides
        assert isinstance(template, int | Expression)
        return self.number(name, kind, template, names, path, place)

    def number(
        self, name: str, kind: Kind, number: Number, names: dict[str, int], path: str | None, place: Place | None
    ) -> int | None:
        if isinstance(number, int):
            return number
        try:
            value = number.evaluate(names, self.limits.largest)
        except UnknownNameError as error:
            self.report(findings.unknown_name(number.text, error.name, list(names)), path, place)
            return None
        except ExpressionError as error:
            self.report(findings.expression_failed(number.text, str(error)), path, place)
            return None
        if isinstance(value, int) and value >= kind.least:
            return value
        self.report(findings.not_a_count(name, number.text, str(value), kind.says), path, place)
        return None

    def repeat(self, item: Item, names: dict[str, int]) -> int:
        repeat = self.number("repeat", REPEAT_KIND, item.spec.repeat, names, None, item.place("repeat"))
        return 0 if repeat is None else repeat

    def volume(
        self, name: str, template: Template, names: dict[str, int], path: str | None, place: Place | None
    ) -> Volume | None:
        if isinstance(template, Volume):
            return template
        assert isinstance(template, tuple)
        extents = [self.number(name, COUNT, extent, names, path, place) for extent in template]
        if None in extents:
            return None
        return Volume(extents[0], tuple(extents[1:]))  # type: ignore[arg-type]

    def expect(self, item: Item, path: str, volume: Volume, before: Volume | None) -> None:
        names = {} if before is None else {"channels": before.channels}
        assert item.spec.expect is not None
        expected = self.volume("expect", item.spec.expect, names, path, item.place("expect"))
        if expected is not None and expected != volume:
            self.report(findings.expected_volume(str(expected), str(volume)), path, item.place("expect"))


REPEAT_KIND = Kind("a whole number from 0", 0)


def _channels_first(volume: Volume) -> Fault | None:
    """3x227x227 is height 3, width 227, 227 channels; someone who thinks in PyTorch's order meant otherwise."""
    if len(volume.spatial) == 2 and volume.spatial[0] in (1, 3) and volume.spatial[1] == volume.channels > 4:
        return findings.channels_first(str(volume), Volume(volume.spatial[0], (volume.channels,) * 2).text())
    return None

"""Network to Summary: parameters, mult-adds, receptive fields, memory, fits and expectations."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from cnncalc import findings
from cnncalc.arithmetic import Window
from cnncalc.figures.counting import CONVENTIONS, DEFAULT, Count
from cnncalc.figures.field import Field, joined, through, whole_input
from cnncalc.findings import ERROR, NOTE, WARNING, Fault, Finding
from cnncalc.language.document import Place
from cnncalc.layers import Branching, Layer
from cnncalc.layers.base import FieldStep
from cnncalc.limits import Limits
from cnncalc.network import INPUT, Group, Ledger, Network, Node
from cnncalc.volume import AXES, Volume

if TYPE_CHECKING:
    from fractions import Fraction

BYTES = 4
"""Of one number in memory: a 32-bit float."""


class Figures(NamedTuple):
    """What one layer comes to on one volume, for one example."""

    windows: tuple[Window, ...]
    weights: int
    biases: int
    buffers: int
    macs: int
    mult_adds: int
    connections: int
    activations: int
    """Numbers in the output volume; 0 where the layer works in place and needs none of its own."""
    gemm: tuple[int, int, int, int] | None
    misfit: Fault | None
    steps: tuple[FieldStep, ...]
    """What it does to the receptive field along each axis; nothing for a join."""


class LayerSummary(NamedTuple):
    """One layer of a network. What an error leaves unknown is None."""

    path: str
    type: str
    line: int
    inputs: tuple[str, ...]
    """The paths that its volumes come from; `input` is the network's input."""
    layer: Layer | None
    volumes: tuple[Volume | None, ...]
    """The volumes that come in, one for each of `inputs`."""
    output: Volume | None
    figures: Figures | None
    field: Field
    batch: int
    training: bool = False
    """Whether it belongs to a head that only training runs; the totals then have its parameters alone."""

    @property
    def input(self) -> Volume | None:
        """The volume that comes in; of a join, the first of them."""
        return self.volumes[0]

    @property
    def params(self) -> int | None:
        """Learned numbers: weights and biases."""
        return None if self.figures is None else self.figures.weights + self.figures.biases

    @property
    def macs(self) -> int | None:
        """Multiply-accumulates of convolutions and fully connected layers, weights only, for the batch."""
        return None if self.figures is None else self.figures.macs * self.batch

    @property
    def mult_adds(self) -> int | None:
        """Mult-adds by the summary's counting convention, for the batch."""
        return None if self.figures is None else self.figures.mult_adds * self.batch

    @property
    def activations(self) -> int | None:
        """Numbers that the output needs for the batch; 0 for a layer that works in place."""
        return None if self.figures is None else self.figures.activations * self.batch

    @property
    def receptive_field(self) -> tuple[int, ...] | None:
        """Cells of the network's input that one output cell depends on, along each axis."""
        return tuple([axis.size for axis in self.field]) if self.field else None

    @property
    def jump(self) -> "tuple[int | Fraction, ...] | None":
        """Cells of the network's input between two neighbouring output cells, along each axis."""
        jumps = [axis.jump for axis in self.field or ()]
        known = [jump for jump in jumps if jump is not None]
        return tuple(known) if known and len(known) == len(jumps) else None

    def to_dict(self) -> dict[str, object]:
        """The layer as the JSON output has it. Keys that mean nothing for it are left out."""
        keys: dict[str, object] = {"path": self.path, "type": self.type, "line": self.line, "inputs": list(self.inputs)}
        if self.training:
            keys["training"] = True
        shapes = [volume.shape for volume in self.volumes if volume is not None]
        if len(self.volumes) > 1:
            keys["input_shapes"] = shapes
        elif shapes:
            keys["input_shape"] = shapes[0]
        if self.output is None or self.figures is None or self.layer is None or self.input is None:
            return keys | {"output_shape": None}
        figures, layer = self.figures, self.layer
        keys["output_shape"] = self.output.shape
        if figures.windows:
            keys["kernel"] = [window.kernel for window in figures.windows]
            keys["stride"] = [window.stride for window in figures.windows]
            keys["padding"] = [[window.before, window.after] for window in figures.windows]
            keys["dilation"] = [window.dilation for window in figures.windows]
        keys |= layer.described(self.input)
        keys["params"] = self.params
        if self.params:
            keys |= {"weights": figures.weights, "biases": figures.biases}
        if figures.buffers:
            keys["buffers"] = figures.buffers
        keys |= {"macs": self.macs, "mult_adds": self.mult_adds}
        if not layer.in_place:
            keys["activations"] = self.activations
        if figures.connections:
            keys["connections"] = figures.connections
        receptive_field, jump = self.receptive_field, self.jump
        if receptive_field is not None:
            keys["receptive_field"] = list(receptive_field)
        if jump is not None:
            keys["jump"] = [_exact(each) for each in jump]
        if figures.gemm:
            m, k, n, groups = figures.gemm
            keys["gemm"] = {"m": m, "k": k, "n": n * self.batch, "groups": groups}
        if figures.windows:
            keys["fit"] = [
                {"numerator": w.numerator, "stride": w.stride, "remainder": w.remainder, "unread": w.unread}
                for w in figures.windows
            ]
        return keys


class Totals(NamedTuple):
    """Sums over all layers. None where an error leaves a layer unknown."""

    params: int | None
    buffers: int | None
    macs: int | None
    mult_adds: int | None
    activations: int | None
    layers: int
    input_bytes: int | None
    params_bytes: int | None
    activations_bytes: int | None


class Summary(NamedTuple):
    """What cnncalc knows of one network."""

    name: str | None
    source: str | None
    file: str
    counting: str
    batch: int
    input: Volume | None
    output: Volume | None
    heads: dict[str, Volume | None]
    """Further outputs by the path of their head."""
    layers: list[LayerSummary]
    groups: list[Group]
    """The layers that each block, or item with branches, was written out to."""
    totals: Totals
    findings: list[Finding]

    @property
    def ok(self) -> bool:
        """Whether no finding is an error."""
        return all(finding.severity != ERROR for finding in self.findings)

    def layer(self, path: str) -> LayerSummary:
        """The layer of that path. Raises KeyError where there is none."""
        for layer in self.layers:
            if layer.path == path:
                return layer
        raise KeyError(path)

    def to_dict(self) -> dict[str, object]:
        """The summary as the JSON output has it: exact integers, shapes with the channels first."""
        return {
            "schema": "cnncalc.summary/1",
            **({"name": self.name} if self.name is not None else {}),
            "file": self.file,
            "counting": self.counting,
            "batch": self.batch,
            "input_shape": self.input.shape if self.input else None,
            "output_shape": self.output.shape if self.output else None,
            **({"heads": {path: v and v.shape for path, v in self.heads.items()}} if self.heads else {}),
            "layers": [layer.to_dict() for layer in self.layers],
            "totals": self.totals._asdict(),
            "findings": [finding.to_dict() for finding in self.findings],
        }


def analyse(
    network: Network, limits: Limits, *, batch: int = 1, strict: bool = False, counting: str = DEFAULT
) -> Summary:
    """Measure every layer and hold the network to what it expects. `strict` makes errors of warnings."""
    count = CONVENTIONS[counting].counts
    ledger = Ledger(network.document.file, limits)
    layers: list[LayerSummary] = []
    known: dict[tuple[int, tuple[Volume, ...]], Figures] = {}
    start = whole_input(network.input) if network.input else None
    for node in network.nodes:
        figures, field = None, None
        fields = [start if source == INPUT else layers[source].field for source in node.inputs]
        volumes = tuple([volume for volume in node.volumes if volume is not None])
        if node.layer is not None and node.output is not None:
            key = (id(node.layer), volumes)
            figures = known.get(key)
            if figures is None:
                figures = known[key] = measure(node.layer, volumes, node.output, count)
            if figures.misfit:
                ledger.add(figures.misfit, node.path, _misfit_place(node), node.caller)
            if isinstance(node.layer, Branching):
                field, alike = joined(fields, volumes)
                if not alike:
                    fault = findings.misaligned(node.type, _ways(node, fields, layers))
                    ledger.add(fault, node.path, node.item.start, node.caller)
            else:
                field = through(fields[0], node.layer, figures.steps, volumes[0], node.output)
        origins = tuple(["input" if source == INPUT else layers[source].path for source in node.inputs])
        line = node.item.start.line
        layers.append(
            LayerSummary(
                node.path,
                node.type,
                line,
                origins,
                node.layer,
                node.volumes,
                node.output,
                figures,
                field,
                batch,
                node.training,
            )
        )

    document = network.document
    output = network.input if network.output == INPUT else layers[network.output].output
    heads = {path: network.input if index == INPUT else layers[index].output for path, index in network.heads.items()}
    totals = _totals(network, layers, batch)
    so_far = (*document.findings, *network.findings)
    if any(finding.severity == ERROR and finding.code != "expectation" for finding in so_far):
        # What could not be read may be a layer, or how often it stands there.
        output, heads, totals = None, dict.fromkeys(heads), _unknown(layers)
    if totals.params is not None and output is not None:
        for fault, place in _broken_claims(network, totals, output, batch):
            ledger.add(fault, None, place)
        for name, total in totals._asdict().items():
            if total > limits.largest:
                ledger.add(findings.total_too_large(name, total, limits.largest), None, None)
    found = [*document.findings, *network.findings, *ledger.findings()]
    if strict:
        found = [_stricter(finding) for finding in found]
    return Summary(
        document.name,
        document.source,
        document.file,
        counting,
        batch,
        network.input,
        output,
        heads,
        layers,
        network.groups,
        totals,
        found,
    )


def measure(layer: Layer, volumes: tuple[Volume, ...], output: Volume, count: Count) -> Figures:
    """The figures of a layer on volumes that it can be put on."""
    if isinstance(layer, Branching):
        return Figures((), 0, 0, 0, 0, 0, 0, output.elements, None, None, ())
    (volume,) = volumes
    windows = layer.windows(volume)
    misfit = None
    if any(window.remainder for window in windows):
        axes = AXES[len(windows)]
        misfit = findings.stride_does_not_fit(list(zip(axes, windows, strict=True)), layer.rounding)
    return Figures(
        windows,
        layer.weights(volume),
        layer.biases(volume),
        layer.buffers(volume),
        layer.macs(volume),
        count(layer, volume, output),
        layer.connections(volume),
        0 if layer.in_place else output.elements,
        layer.gemm(volume),
        misfit,
        layer.field(volume),
    )


def _ways(node: Node, fields: list[Field], layers: list[LayerSummary]) -> list[str]:
    lines = []
    for source, field in zip(node.inputs, fields, strict=True):
        name = "input" if source == INPUT else layers[source].path
        for axis in (field or ())[:1]:
            first = axis.phases[0] or axis.span
            reach = f"the first sees {first[0]} to {first[1] - 1}"
            lines.append(f"`{name}`: its cells lie {axis.jump or 'unevenly'} apart, {reach}")
    return lines


def _misfit_place(node: Node) -> Place:
    place, written = node.item.place, node.item.place("stride")
    return written if written != node.item.start else place("kernel")


def _stricter(finding: Finding) -> Finding:
    """Under `--strict` warnings are errors, and so is each misfit that no `rounding` was given for."""
    misfit = finding.severity == NOTE and finding.code in ("stride-does-not-fit", "too-many-findings")
    return finding._replace(severity=ERROR) if finding.severity == WARNING or misfit else finding


def _unknown(layers: list[LayerSummary]) -> Totals:
    return Totals(None, None, None, None, None, len(layers), None, None, None)


def _totals(network: Network, layers: list[LayerSummary], batch: int) -> Totals:
    volume = network.input
    figures = [layer.figures for layer in layers if layer.figures]
    if len(figures) < len(layers) or volume is None:
        return _unknown(layers)
    params = sum([f.weights + f.biases for f in figures])
    run = [layer.figures for layer in layers if layer.figures and not layer.training]
    activations = batch * sum([f.activations for f in run])
    return Totals(
        params=params,
        buffers=sum([f.buffers for f in figures]),
        macs=batch * sum([f.macs for f in run]),
        mult_adds=batch * sum([f.mult_adds for f in run]),
        activations=activations,
        layers=len(layers),
        input_bytes=BYTES * batch * volume.elements,
        params_bytes=BYTES * params,
        activations_bytes=BYTES * activations,
    )


def _exact(length: "int | Fraction") -> int | str:
    """An int, or a fraction as text: JSON has no exact fractions."""
    return length if isinstance(length, int) else str(length)


_HOLDS = {
    "=": int.__eq__,
    "<": int.__lt__,
    "<=": int.__le__,
    ">": int.__gt__,
    ">=": int.__ge__,
}


def _broken_claims(network: Network, totals: Totals, output: Volume, batch: int) -> Iterator[tuple[Fault, Place]]:
    for key, relation, stated, place in network.claims:
        if isinstance(stated, Volume):
            if stated != output:
                yield findings.expected_volume(str(stated), str(output)), place
            continue
        actual = getattr(totals, key)
        if key in ("macs", "mult_adds", "activations"):
            actual //= batch  # an expectation speaks of one example
        if not _HOLDS[relation](actual, stated):
            yield findings.expected_figure(key, relation, stated, actual), place

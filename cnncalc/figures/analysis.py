"""Network to Summary: the figures, receptive fields, fits and expectations."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from cnncalc import findings
from cnncalc.arithmetic import Window
from cnncalc.figures.counting import CONVENTIONS, DEFAULT
from cnncalc.figures.field import Field, evidence, joined, through, whole_input
from cnncalc.figures.memory import Memory, Peak
from cnncalc.findings import ERROR, Fault, Finding, Place
from cnncalc.layers import Branching, Layer
from cnncalc.layers.base import FieldStep
from cnncalc.layers.figures import DTYPE, DTYPES, FIGURES, KEPT, LAYER_COUNT, SUMMED, Count, Placed
from cnncalc.limits import Limits
from cnncalc.network import INPUT, REPEAT, Ledger, Network, Node
from cnncalc.volume import AXES, Volume

if TYPE_CHECKING:
    from fractions import Fraction


class Figures(NamedTuple):
    """What one layer comes to on one volume, for one example."""

    counts: Mapping[str, int]
    """The figures of `FIGURES`; each is an attribute too, as in `figures.weights`."""
    windows: tuple[Window, ...]
    gemm: tuple[int, int, int, int] | None
    misfit: Fault | None
    steps: tuple[FieldStep, ...]
    """What it does to the receptive field along each axis; nothing for a join."""

    def __getattr__(self, key: str) -> int:
        if key not in FIGURES:
            raise AttributeError(key)
        return self.counts[key]


class LayerSummary(NamedTuple):
    """One layer of a network. What an error leaves unknown is None."""

    node: Node
    inputs: tuple[str, ...]
    """The paths that its volumes come from; `input` is the network's input."""
    figures: Figures | None
    field: Field
    batch: int = 1
    shares: str | None = None
    """The path of the layer whose weights it has, and that counts them."""
    chosen: bool = False
    """Whether `from` names what it reads, and that is not the layer before it."""
    memory: Memory | None = None
    """What lives while the network runs."""

    @property
    def path(self) -> str:
        """The names of the blocks and branches that it is in, and its own: `stage1.conv2`."""
        return self.node.path

    @property
    def type(self) -> str:
        """The layer type."""
        return self.node.type

    @property
    def layer(self) -> Layer | None:
        """The layer with its attributes."""
        return self.node.layer

    @property
    def place(self) -> Place:
        """Where it is written."""
        return self.node.places.layer

    @property
    def line(self) -> int:
        """The line of the file that it stands on."""
        return self.node.places.layer.line

    @property
    def volumes(self) -> tuple[Volume | None, ...]:
        """The volumes that come in, one for each of `inputs`."""
        return self.node.volumes

    @property
    def input(self) -> Volume | None:
        """The volume that comes in; of a join, the first of them."""
        return self.node.edges[0].volume

    @property
    def output(self) -> Volume | None:
        """The volume that comes out."""
        return self.node.output

    @property
    def training(self) -> bool:
        """Whether it belongs to a head that only training runs; the totals then have its parameters alone."""
        return self.node.training

    def figure(self, key: str) -> int | None:
        """One of `FIGURES`, for the batch."""
        if self.figures is None:
            return None
        return self.figures.counts[key] * (self.batch if FIGURES[key].scales else 1)

    @property
    def params(self) -> int | None:
        """Learned numbers: weights and biases."""
        return self.figure("params")

    @property
    def macs(self) -> int | None:
        """Multiply-accumulates of convolutions and fully connected layers, weights only, for the batch."""
        return self.figure("macs")

    @property
    def mult_adds(self) -> int | None:
        """Mult-adds by the summary's counting convention, for the batch."""
        return self.figure("mult_adds")

    @property
    def activations(self) -> int | None:
        """Numbers that the output needs for the batch; 0 for a layer that works in place."""
        return self.figure("activations")

    @property
    def live(self) -> int | None:
        """Numbers in memory while it runs, for the batch; 0 for a layer that only training runs."""
        live = self.memory.live.get(self.path) if self.memory else None
        return None if live is None else live * self.batch

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

    def to_dict(self, file: str | None = None) -> dict[str, object]:
        """The layer as the JSON output of a network in `file` has it. Keys that mean nothing for it are left out."""
        return {**self.place_dict(file), **self.figures_dict()}

    def place_dict(self, file: str | None) -> dict[str, object]:
        """Of `to_dict` what depends on where the layer stands."""
        keys: dict[str, object] = {"path": self.path, "type": self.type, "line": self.line}
        if file is not None and self.place.file != file:
            keys["file"] = self.place.file
        keys["inputs"] = list(self.inputs)
        if self.training:
            keys["training"] = True
        if self.shares is not None:
            keys["shares"] = self.shares
        receptive_field, jump = self.receptive_field, self.jump
        if receptive_field is not None:
            keys["receptive_field"] = list(receptive_field)
        if jump is not None:
            keys["jump"] = [_exact(each) for each in jump]
        if not self.training and (live := self.live) is not None:
            keys["live"] = live
        return keys

    def figures_dict(self) -> dict[str, object]:
        """Of `to_dict` what layers that have the same figures have in common."""
        keys: dict[str, object] = {}
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
        keys |= {
            key: self.figure(key) for key, each in FIGURES.items() if not each.beside or figures.counts[each.beside]
        }
        if figures.gemm:
            m, k, n, groups = figures.gemm
            keys["gemm"] = {"m": m, "k": k, "n": n * self.batch, "groups": groups}
        if figures.windows:
            keys["fit"] = [_fit(*axis) for axis in zip(figures.windows, self.output.spatial, strict=True)]
        return keys


def _fit(window: Window, count: int) -> dict[str, int]:
    """How a stride fits, and the cells behind the last of so many windows; rounded up, that may be a partial one."""
    unread = max(0, window.size - max(0, (count - 1) * window.stride + window.span - window.before))
    keys = {"numerator": window.numerator, "stride": window.stride, "remainder": window.remainder}
    return {**keys, "unread": min(window.size, unread)}


class Totals(Mapping[str, int | None]):
    """Sums over all layers, and memory, by their keys, which are attributes too. None where an error leaves a layer unknown.

    What lives in memory and what is kept of it is worked out when it is first asked for.
    """

    def __init__(
        self,
        sums: Mapping[str, int | None],
        memory: Memory | None = None,
        batch: int = 1,
        number_bytes: int = 1,
        most: int = 0,
    ) -> None:
        self._sums, self._memory, self._batch, self._number_bytes = dict(sums), memory, batch, number_bytes
        self._most = most

    def __getattr__(self, key: str) -> int | None:
        if key not in TOTALS:
            raise AttributeError(key)
        return self[key]

    @property
    def peak_at(self) -> str | None:
        """The path of the first layer while which as much memory as `peak_bytes` is taken; None where no layer runs."""
        index = self._memory.peak.at if self._memory else None
        return self._memory.network.nodes[index].path if self._memory and index is not None else None

    def kept(self, batch: int) -> int | str:
        """The bytes that autograd keeps for the backward pass of so many examples, or why that is not known."""
        if self._memory is None:
            return "there are errors"
        size = self._memory.saved.size(batch, self._number_bytes)
        if size is None:
            return self._memory.saved.why_unknown(batch, self._number_bytes)
        return size if size <= self._most else f"it is more than {self._most:,}"

    def to_dict(self) -> dict[str, object]:
        """The totals as JSON has them, `peak_at` among them."""
        totals: dict[str, object] = {}
        for key in self:
            totals[key] = self[key]
            if key == "peak_bytes":
                totals["peak_at"] = self.peak_at
        return totals

    @property
    def layers(self) -> int:
        """How many there are, known whatever else is not."""
        return self._sums[LAYER_COUNT] or 0

    def __getitem__(self, key: str) -> int | None:
        if key == KEPT:
            kept = self.kept(self._batch)
            return kept if isinstance(kept, int) else None
        if key not in _PEAKS:
            return self._sums[key]
        return _PEAKS[key](self._memory).size * self._number_bytes * self._batch if self._memory else None

    def __iter__(self) -> Iterator[str]:
        return iter(TOTALS)

    def __len__(self) -> int:
        return len(TOTALS)

    def __repr__(self) -> str:
        return f"Totals({dict(self)})"


_OWNED = {key: 0 for key, figure in FIGURES.items() if figure.owned}
_SIZED = tuple(key for key in SUMMED if FIGURES[key].sized)
_PEAKS: dict[str, Callable[[Memory], Peak]] = {
    "peak_bytes": lambda memory: memory.peak,
    "peak_bytes_in_place": lambda memory: memory.peak_in_place,
}
TOTALS = (*SUMMED, LAYER_COUNT, "input_bytes", *[f"{key}_bytes" for key in _SIZED], *_PEAKS, KEPT)
"""The keys of the totals that are numbers; JSON has `peak_at` too."""


class Summary(NamedTuple):
    """What cnncalc knows of one network."""

    network: Network
    counting: str
    batch: int
    output: Volume | None
    heads: dict[str, Volume | None]
    """Further outputs by the path of their head."""
    outputs: dict[str, Volume | None]
    """What the file says that the network gives, by its names; none where it says nothing of it."""
    layers: list[LayerSummary]
    """One for each of the network's nodes."""
    totals: Totals
    findings: list[Finding]
    dtype: str
    """The type of a number, one of `DTYPES`, by which sizes are counted."""
    memory: Memory
    """What lives while it runs, layer by layer."""

    @property
    def number_bytes(self) -> int:
        """What one number takes."""
        return DTYPES[self.dtype]

    @property
    def name(self) -> str | None:
        """What the network is called."""
        return self.network.name

    @property
    def source(self) -> str | None:
        """Where it was published."""
        return self.network.source

    @property
    def task(self) -> str | None:
        """What it is for, in a word or two."""
        return self.network.task

    @property
    def file(self) -> str:
        """The file that it comes from."""
        return self.network.file

    @property
    def input(self) -> Volume | None:
        """The volume that comes in."""
        return self.network.input

    @property
    def ok(self) -> bool:
        """Whether no finding is an error."""
        return all(finding.severity != ERROR for finding in self.findings)

    def __str__(self) -> str:
        """The table, as `cnncalc summarize` prints it into a pipe, and the errors that leave something unknown."""
        from importlib import import_module  # a higher room, which a value may ask but not be made of

        view = import_module("cnncalc.render.formats").View()
        table = "".join(import_module("cnncalc.render.table").table(self, view)).rstrip("\n")
        return "\n\n".join([table, *[str(finding) for finding in self.findings if finding.severity == ERROR]])

    def _repr_html_(self) -> str:
        """The table and the graph, as notebooks show them."""
        from importlib import import_module  # as above

        text: str = import_module("cnncalc.render.html").notebook(self)
        return text

    def __repr__(self) -> str:
        name = self.name or self.file
        figures = "with errors" if self.totals.params is None else f"{self.totals.params:,} parameters"
        return (
            f"<Summary of {name}: {self.input or '?'} -> {self.output or '?'}, {len(self.layers):,} layers, {figures}>"
        )

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
            "dtype": self.dtype,
            "input_shape": self.input.shape if self.input else None,
            "output_shape": self.output.shape if self.output else None,
            **({"heads": {path: v and v.shape for path, v in self.heads.items()}} if self.heads else {}),
            **({"outputs": {name: v and v.shape for name, v in self.outputs.items()}} if self.outputs else {}),
            "layers": [layer.to_dict(self.file) for layer in self.layers],
            "totals": self.totals.to_dict(),
            "findings": [finding.to_dict() for finding in self.findings],
        }


def analyse(
    network: Network,
    limits: Limits = Limits(),
    *,
    batch: int = 1,
    strict: bool = False,
    counting: str = DEFAULT,
    remedies: bool = True,
    dtype: str = DTYPE,
) -> Summary:
    """Measure every layer and hold the network to what it expects.

    `strict` makes errors of warnings. Sizes in bytes are those of numbers of the type `dtype`. Without
    `remedies` the findings do not say what would mend the network, which takes longer to try than all the
    rest.
    """
    ledger = Ledger(network.file, limits)
    memory = Memory(network)
    layers = _measured(network, CONVENTIONS[counting].counts, batch, ledger, memory)
    output = network.output.volume
    heads = {path: edge.volume for path, edge in network.heads.items()}
    outputs = {name: edge.volume for name, edge in network.outputs.items()}
    totals = _totals(memory, layers, batch, DTYPES[dtype], limits.largest)
    if not network.read_whole:
        # What could not be read may be a layer, or how often it stands there.
        output, heads, outputs, totals = None, dict.fromkeys(heads), dict.fromkeys(outputs), _unknown(layers)
    if totals.params is not None and output is not None:
        for fault, node in unused(network, layers):
            ledger.add(fault, node.path, node.places.layer, node.caller)
        for fault, place in _missed(network, totals, output, batch):
            ledger.add(fault, None, place)
        for name, total in _over_limit(totals, limits.largest):
            ledger.add(findings.total_too_large(name, total, limits.largest), None, None)
    found = [*network.findings, *ledger.findings()]
    if found and remedies:
        from cnncalc.remedies import with_remedies  # only findings need it

        found = with_remedies(found, network, limits.largest)
    if strict:
        found = [finding.stricter() for finding in found]
    return Summary(network, counting, batch, output, heads, outputs, layers, totals, found, dtype, memory)


def _measured(network: Network, count: Count, batch: int, ledger: Ledger, memory: Memory) -> list[LayerSummary]:
    """Each layer with its figures; misfits go into the ledger."""
    layers: list[LayerSummary] = []
    # Of resnet152's 514 nodes 58 are unlike. Measuring each takes 2.2 times as long there, 3.7 times for a chain of 10,000.
    measured: dict[tuple[Layer, tuple[Volume, ...]], Figures] = {}
    start = whole_input(network.input) if network.input else None
    unread = network.unread_splits()
    for index, node in enumerate(network.nodes):
        figures, field, layer = None, None, node.layer
        origins = tuple([network.giver(edge) for edge in node.edges])
        if layer is not None and node.output is not None:
            volumes: tuple[Volume, ...] = node.volumes  # type: ignore[assignment]  # known, as the output is
            figures = measured.get((layer, volumes))
            if figures is None:
                figures = measured[layer, volumes] = measure(Placed(layer, volumes[0], node.output, count))
            if index in unread:
                figures = figures._replace(counts={**figures.counts, "activations": 0})
            if node.shares is not None:
                figures = figures._replace(counts={**figures.counts, **_OWNED})
            if figures.misfit:
                ledger.add(figures.misfit, node.path, _misfit_place(node), node.caller)
            fields = [start if edge.source == INPUT else layers[edge.source].field for edge in node.edges]
            if isinstance(layer, Branching):
                field, alike = joined(fields, volumes)
                if not alike:
                    fault = findings.misaligned(node.type, origins, evidence(fields))
                    ledger.add(fault, node.path, node.places.layer, node.caller)
            else:
                field = through(fields[0], layer, figures.steps, volumes[0], node.output)
        owner = None if node.shares is None else network.nodes[node.shares].path
        chosen = "from" in node.places.words and node.edges[0].source != index - 1
        layers.append(LayerSummary(node, origins, figures, field, batch, owner, chosen, memory))
    return layers


def unused(network: Network, layers: list[LayerSummary]) -> Iterator[tuple[Fault, Node]]:
    """The last layers of ways that lead to no output, with what all the layers on that way come to."""
    ends = [edge.source for edge in network.ends()]
    read = {edge.source for node in network.nodes for edge in node.edges}
    if len({INPUT, *read, *ends}) == len(network.nodes) + 1:
        return  # every way leads on
    used = network.leading_to(network.ends())
    counted, turns = set[int](), _first_turns_read(network)
    for index, node in enumerate(network.nodes):
        joins = isinstance(node.layer, Branching) and node.layer.divides
        if index in used or index in read or joins:
            continue
        way = [*_unused_before(network, index, used, counted)]
        own = [layers[each] for each in way]
        params, macs = sum(layer.params or 0 for layer in own), sum(layer.macs or 0 for layer in own)
        fault = findings.unused_layer(node.path.rpartition(".")[2], len(way), params, macs)
        if index in turns:
            fault = fault._replace(help=(findings.first_of_turns(*turns[index]), *fault.help))
        yield fault, node


def _first_turns_read(network: Network) -> dict[int, tuple[str, int]]:
    """Of repeated items without a name of which the first turn is read behind them: its path, and how many turns there are.

    By the index of the node that the last turn ends with.
    """
    last = {edge.source: index for index, node in enumerate(network.nodes) for edge in node.edges}
    last |= {edge.source: len(network.nodes) for edge in network.ends()}
    found = {}
    for group in network.root.walk():
        if group.kind == REPEAT and group.turns > 1 and not group.named and group.first < group.end:
            path, source = network.nodes[group.first].path, group.first
            if group.groups:
                path, source = group.groups[0].path, group.groups[0].output.source
            if last.get(source, 0) >= group.end:
                found[group.output.source] = path.rpartition(".")[2], group.turns
    return found


def _unused_before(network: Network, index: int, used: set[int], counted: set[int]) -> Iterator[int]:
    """The node and those before it that are not counted yet, and count now."""
    left = [index]
    counted.add(index)
    while left:
        each = left.pop()
        yield each
        for edge in network.nodes[each].edges:
            if edge.source != INPUT and edge.source not in used and edge.source not in counted:
                counted.add(edge.source)
                left.append(edge.source)


def measure(at: Placed) -> Figures:
    """The figures of a layer on a volume that it can be put on."""
    layer, volume = at.layer, at.volume
    counts = {key: figure.measure(at) for key, figure in FIGURES.items()}
    if isinstance(layer, Branching):
        return Figures(counts, (), None, None, ())
    windows = layer.windows(volume)
    misfit = None
    if any(window.remainder for window in windows):
        axes = AXES[len(windows)]
        misfit = findings.stride_does_not_fit(list(zip(axes, windows, strict=True)), layer.rounding)
    return Figures(counts, windows, layer.gemm(volume), misfit, layer.field(volume))


def _misfit_place(node: Node) -> Place:
    return node.places.of("stride" if "stride" in node.places.words else "kernel")


def _unknown(layers: list[LayerSummary]) -> Totals:
    return Totals({**dict.fromkeys(TOTALS), LAYER_COUNT: len(layers)})


def _totals(memory: Memory, layers: list[LayerSummary], batch: int, number_bytes: int, most: int) -> Totals:
    volume = memory.network.input
    figures = [layer.figures.counts for layer in layers if layer.figures]
    if len(figures) < len(layers) or volume is None:
        return _unknown(layers)
    run = [layer.figures.counts for layer in layers if layer.figures and not layer.training]
    totals: dict[str, int | None] = {}
    for key in SUMMED:
        figure = FIGURES[key]
        totals[key] = sum([c[key] for c in (figures if figure.in_training else run)]) * (batch if figure.scales else 1)
    sizes = {f"{key}_bytes": number_bytes * (totals[key] or 0) for key in _SIZED}
    sizes["input_bytes"] = number_bytes * batch * volume.elements
    return Totals({**totals, LAYER_COUNT: len(layers), **sizes}, memory, batch, number_bytes, most)


def _over_limit(totals: Totals, most: int) -> Iterator[tuple[str, int]]:
    """The totals that are more than `most`; what lives is asked for only where it could be."""
    largest = max(
        totals.input_bytes or 0, totals.activations_bytes or 0
    )  # what works in place gives no more than it reads
    for key in TOTALS:
        if key == KEPT:
            continue  # it is unknown where it is more
        if key in _PEAKS and largest * (totals.layers + 1) <= most:
            continue
        total = totals[key]
        if total is not None and total > most:
            yield key, total


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


def _missed(network: Network, totals: Totals, output: Volume, batch: int) -> Iterator[tuple[Fault, Place]]:
    """The expectations that do not hold."""
    for key, relation, stated, place, name in network.expectations:
        if isinstance(stated, Volume):
            given = output if name is None else network.outputs[name].volume
            if stated != given:
                yield findings.held_to(findings.expected_volume(str(stated), str(given)), place, network.file), place
            continue
        actual = totals[key] if key != KEPT else totals.kept(1)
        if isinstance(actual, str):
            fault = findings.expected_unknown(key, relation, stated, actual)
            yield findings.held_to(fault, place, network.file), place
            continue
        assert actual is not None
        if key in _PEAKS or (key in FIGURES and FIGURES[key].scales):
            actual //= batch  # an expectation speaks of one example
        if not _HOLDS[relation](actual, stated):
            fault = findings.expected_figure(key, relation, stated, actual)
            yield findings.held_to(fault, place, network.file), place

"""What lives in memory at inference: published and worked-out peaks, and the schedule simulated step by step; what is kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import cnncalc
from cnncalc.api import SPECS, bundled_names
from cnncalc.cli import main
from cnncalc.layers import TYPES
from cnncalc.network import INPUT, Network, Node
from cnncalc.timeline import Timeline
from tests.networks import Networks, spec

PEAKS = Path(__file__).parent / "figures" / "peak.tsv"
"""By a separate script over the layers that `summarize --json` lists."""


def text_of(name: str) -> str:
    return (Path(SPECS) / f"{name}.yaml").read_text("utf-8")


ROWS = [line.split("\t") for line in PEAKS.read_text("utf-8").splitlines()[1:]]


@pytest.mark.parametrize(("name", "input", "numbers", "at", "in_place", "in_place_at", "floats"), ROWS)
def test_peaks(name: str, input: str, numbers: str, at: str, in_place: str, in_place_at: str, floats: str) -> None:
    text = text_of(name)
    if name == "deeplabv3_resnet50":
        # The script lets what the auxiliary head gives go where nothing reads it on. torchvision runs that head at
        # inference too, so that it is an output here, kept to the end: 520·520·21 numbers more.
        assert cnncalc.summarize(text, dtype="int8").totals.peak_bytes == int(numbers) + 520 * 520 * 21
        text = text.replace("name: aux\n", "name: aux\n      training: true\n")
    summary = cnncalc.summarize(text, input=input, dtype="int8")
    totals, memory = summary.totals, summary.memory
    assert (totals.peak_bytes, totals.peak_at) == (int(numbers), at)
    assert memory.peak_in_place.at is not None
    assert (totals.peak_bytes_in_place, summary.layers[memory.peak_in_place.at].path) == (int(in_place), in_place_at)
    assert cnncalc.summarize(text, input=input).totals.peak_bytes == int(floats)


def test_mcunet_v2() -> None:
    """Lin et al. 2021: MobileNetV2's peak at int8 is 1,372 kB, the 16 channels that come in and the 96 that go out."""
    totals = cnncalc.summarize("mobilenet_v2", dtype="int8").totals
    assert totals.peak_bytes_in_place == 1372 * 1024 == 112 * 112 * (16 + 96)
    assert totals.peak_bytes == 112 * 112 * (96 + 24)


# The schedule with a set of what lives: slower, and from the definition alone


def simulated(network: Network, depthwise_in_place: bool = False) -> list[int]:
    """Of each node the numbers that live while it runs; of one that does not run 0."""
    read = {edge.source for node in network.nodes for edge in node.edges} | {edge.source for edge in network.ends()}
    runs = {
        index
        for index, node in enumerate(network.nodes)
        if not node.training and (node.type != "split" or index in read)
    }

    def original(index: int) -> int:
        while index != INPUT and network.nodes[index].type in ("flatten", "reshape", "channel_slice"):
            index = network.nodes[index].edges[0].source
        return index

    needed: dict[int, set[int]] = {}
    for index in runs:
        for edge in network.nodes[index].edges:
            needed.setdefault(original(edge.source), set()).add(index)
    for edge in network.results():
        needed.setdefault(original(edge.source), set()).add(len(network.nodes))

    def free(index: int, now: int) -> bool:
        return max(needed.get(index, {-1})) <= now

    assert network.input is not None
    boxes = {INPUT: (INPUT, network.input.elements)}  # of each volume that lives the box that it lies in, and its size
    levels = [0] * len(network.nodes)
    for now, node in enumerate(network.nodes):
        boxes = {index: box for index, box in boxes.items() if not free(index, now - 1)}
        if now not in runs:
            continue
        while_it_runs = dict(boxes)
        if original(now) == now:
            assert node.output is not None
            over = [original(e.source) for e in node.edges if e.volume == node.output and free(original(e.source), now)]
            in_place = node.type in WRITE_OVER and over
            box = boxes[over[0]] if in_place else (now, node.output.elements)
            boxes[now] = box
            if not (depthwise_in_place and shrinks(node) and free(original(node.edges[0].source), now)):
                while_it_runs[now] = box
        levels[now] = sum(dict(while_it_runs.values()).values())
    return levels


WRITE_OVER = {
    *("relu", "relu6", "leaky_relu", "elu", "celu", "selu", "gelu", "silu", "mish", "softplus", "sigmoid", "tanh"),
    *("hard_sigmoid", "hard_swish", "softmax", "prelu", "batch_norm", "dropout", "drop_path", "scale"),
    *("add", "residual", "multiply"),
}


def shrinks(node: Node) -> bool:
    """Whether it is a convolution of each channel on its own that gives no more numbers than it reads."""
    volume = node.edges[0].volume
    assert volume is not None
    assert node.output is not None
    depthwise = node.type == "depthwise_conv" or (node.type == "conv" and vars(node.layer)["groups"] == volume.channels)
    return depthwise and node.output.elements <= volume.elements


@pytest.mark.parametrize("name", bundled_names()[::3])
def test_bundled_networks_as_simulated(name: str) -> None:
    same_as_simulated(cnncalc.summarize(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", bundled_names())
def test_all_bundled_networks_as_simulated(name: str) -> None:
    same_as_simulated(cnncalc.summarize(name))


@given(st.randoms(use_true_random=False).map(lambda random: Networks(random).file()))
def test_generated_networks_as_simulated(file: object) -> None:
    summary = cnncalc.summarize(spec(file))  # type: ignore[arg-type]
    if summary.memory.known:
        same_as_simulated(summary)


def same_as_simulated(summary: cnncalc.Summary) -> None:
    for in_place in (False, True):
        assert summary.memory.levels(in_place) == simulated(summary.network, in_place)
    live = [layer.live for layer in summary.layers]
    assert live == simulated(summary.network)
    if any(not layer.training for layer in summary.layers):
        assert summary.totals.peak_bytes == 4 * max(simulated(summary.network))


# By hand

STILL = [
    # layers, what lives while each runs, and the most with depthwise convolutions in place; the input is 4x4x2 = 32
    ("[conv: {filters: 4, kernel: 1}, relu, fc: 3]", [96, 64, 67], 96),
    ("[relu, batch_norm, dropout]", [32, 32, 32], 32),  # over the input itself
    ("[conv: {filters: 2, kernel: 1, from: input}, add: [conv1, input], relu]", [64, 64, 32], 64),
    ("[add: {a: [relu], b: []}]", [64, 64], 64),  # the input is needed once more
    ("[residual: [conv: {filters: 2, kernel: 1}, prelu]]", [64, 64, 64], 64),
    ("[multiply: {gate: [global_avg_pool, sigmoid], features: []}]", [34, 34, 34], 34),  # over the second
    ("[multiply: {gate: [global_avg_pool], features: []}, add: [input, multiply1]]", [34, 66, 64], 66),
    ("[flatten, fc: 1, relu]", [32, 33, 1], 33),
    ("[reshape: 2x2x8, relu, add: {from: [reshape1, relu1]}]", [32, 64, 64], 64),
    ("[split: {a: [], b: [conv: {filters: 1, kernel: 1}]}, relu]", [48, 80, 32], 80),  # all of the input for one part
    ("[channel_slice: 1, relu, conv: {filters: 1, kernel: 1}]", [32, 32, 48], 32),  # a part keeps the whole
    ("[depthwise_conv: 1, relu]", [64, 32], 32),
    ("[depthwise_conv: {kernel: 2, stride: 2}, fc: 1]", [40, 9], 32),
    ("[depthwise_conv: {kernel: 1, multiplier: 2}]", [96], 96),  # more comes out than went in
    ("[conv: {filters: 2, groups: 2, kernel: 1}]", [64], 32),
    ("[conv: {filters: 1, kernel: 1}, head: {name: h, layers: [fc: 3]}, relu, fc: 2]", [48, 19, 19, 21], 48),
    ("[conv: {filters: 1, kernel: 1}, head: {name: h, training: true, layers: [fc: 3]}, relu]", [48, 0, 16], 48),
    ("[conv: {filters: 1, kernel: 1}, head: {name: h, training: true, layers: []}, relu]", [48, 16], 48),
    ("[conv: {filters: 1, kernel: 1}, head: {name: h, layers: []}, relu]", [48, 32], 48),
]


@pytest.mark.parametrize(("layers", "live", "in_place"), STILL)
def test_by_hand(layers: str, live: list[int], in_place: int) -> None:
    summary = cnncalc.summarize(f"{{input: 4x4x2, layers: {layers}}}", dtype="int8")
    assert summary.ok
    assert [layer.live for layer in summary.layers] == live
    assert (summary.totals.peak_bytes, summary.totals.peak_bytes_in_place) == (max(live), in_place)


def test_a_batch_and_a_type_multiply_it() -> None:
    for dtype, each in {"float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}.items():
        totals = cnncalc.summarize("lenet5", batch=3, dtype=dtype).totals
        one = cnncalc.summarize("lenet5", dtype="int8").totals
        for key in ("peak_bytes", "peak_bytes_in_place", "input_bytes", "activations_bytes"):
            assert totals[key] == 3 * each * (one[key] or 0)
        assert totals.params_bytes == each * 61_706


@pytest.mark.parametrize(
    "text", ["{input: 8x8x3, layers: [fc: 0]}", "{input: 8x8x3, layers: [max_pool: 9, relu]}", "relu\n"]
)
def test_what_is_unknown(text: str) -> None:
    summary = cnncalc.summarize(text)
    totals = summary.totals
    assert (totals.peak_bytes, totals.peak_at, totals.peak_bytes_in_place) == (None, None, None)
    assert [layer.live for layer in summary.layers] == [None] * len(summary.layers)


def test_nothing_runs() -> None:
    totals = cnncalc.summarize("{input: 8x8x3, layers: []}").totals
    assert (totals.peak_bytes, totals.peak_at) == (4 * 192, None)


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ("peak_bytes: <= 5.75MiB", []),
        ("peak_bytes: 6021120", []),
        ("peak_bytes: 5880 KiB", []),
        ("peak_bytes: <= 6.02112MB", []),
        ("peak_bytes: < 6.02112 MB", ["expectation"]),
        ("peak_bytes: <= 5.7Mi", ["bad-value"]),  # no whole number of bytes
        ("peak_bytes: <= 5.5Mi", ["expectation"]),
        ("params_bytes: <= 14.1M", []),
        ("params_bytes: 14019488", []),
        ("params_bytes: <= 13 MiB", ["expectation"]),
        ("params: <= 4 MiB", ["bad-value"]),
        ("peak_bytes: 1 KB", ["bad-value"]),
    ],
)
def test_what_a_file_can_expect(claim: str, code: list[str]) -> None:
    """MobileNetV2's 112·112·(96 + 24) numbers and its 3,504,872 parameters, of 4 bytes each."""
    text = text_of("mobilenet_v2")
    text = text[: text.index("\nexpect:")] + f"\nexpect: {{{claim}}}\n"
    for batch in (1, 3):
        assert [f.code for f in cnncalc.summarize(text, batch=batch).findings if f.severity == "error"] == code


def test_what_is_too_much() -> None:
    """A thousand outputs that are all given, and are no activations of their own."""
    names = ", ".join(f"relu1_{turn + 1}" for turn in range(50))
    text = f"{{input: 8x8x3, layers: [relu: {{name: relu1, repeat: 50}}], outputs: [{names}]}}"
    for most, codes in ((38_400, []), (38_399, ["count-too-large"])):
        found = cnncalc.summarize(text, limits=cnncalc.Limits(largest=most)).findings
        assert [finding.code for finding in found] == codes * 2


def explained(line: str) -> str:
    return CliRunner().invoke(main, ["explain", *line.split(), "--memory"]).stdout


def test_the_timeline_says_why(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "input: 8x8x4\nlayers:\n- split: {a: [], b: [conv: {filters: 2, kernel: 3, padding: 1}, relu]}\n- flatten\n"
        "- dropout: 0.1\n- fc: 10\n- head: {name: h, training: true, layers: [fc: 2]}\noutputs: [fc1, split1.b]\n"
    )
    said = explained(f"{path} flatten1 dropout1 fc1 h --dtype int8")
    assert "256  8x8x4  split1: its input, and under another name its output; dropout1 reads it later" in said
    assert "256  256    dropout1: its output, written over what it reads of split1; fc1 reads it later" in said
    assert "128  8x8x2  split1.b.relu1: the network gives it, so it stays to the end" in said
    assert "10  10     fc1: its output; the network gives it, so it stays to the end" in said
    assert said.count("\nwhat lives while") == 3  # the head does not run


@pytest.mark.parametrize("name", bundled_names()[::5])
def test_the_timeline_adds_up(name: str) -> None:
    summary = cnncalc.summarize(name, batch=2)
    lives = Timeline(summary)
    peak = lives.peak()
    assert peak is not None
    assert (peak.path, peak.size) == (summary.totals.peak_at, summary.totals.peak_bytes)
    for layer in summary.layers[:: 1 + len(summary.layers) // 30]:
        moment = lives.of(layer.path)
        assert (moment.size if moment else 0) == 4 * (layer.live or 0)
        assert moment is None or all(one.why for one in moment.living)


def test_of_many_volumes_the_largest_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("input: 8x8x4\nlayers:\n- conv: {name: c, filters: 2, kernel: 1, repeat: 99}\n- concat: [c_*]\n")
    said = explained(str(path))
    assert re.search(r"50,688 +8x8x198 +concat1: its output", said)
    assert re.search(r"30,720 +of 60 other volumes\n", said)


def test_the_column_has_the_most_of_a_block() -> None:
    printed = (
        CliRunner()
        .invoke(main, ["summarize", "resnet18", "--columns", "path,live", "-f", "csv", "--depth", "0"])
        .stdout
    )
    rows = dict(line.split(",") for line in printed.splitlines()[1:])
    assert rows["max_pool1"] == "1003520"
    stage = [layer.live or 0 for layer in cnncalc.summarize("resnet18").layers if layer.path.startswith("stage1.")]
    assert int(rows["stage1"]) == max(stage)


# What autograd keeps. By PyTorch 2.13, as tests/conformance/test_kept.py measures it again

BEHIND_CONV, BEHIND_SIGMOID = "conv: {filters: 6, kernel: 1}", "conv: {filters: 6, kernel: 1}, sigmoid"
LAYERS: list[tuple[int, int, list[str]]] = [
    # bytes of 2 examples of 4x4x2 behind a convolution to 6 channels, and with a sigmoid, which keeps its output, between;
    # the convolution keeps the input, 256 bytes, and 768 are its output's
    (
        256,
        1024,
        [
            "global_avg_pool",
            "adaptive_avg_pool: 1",
            "fc: {units: 5, learned: false}",
            "flatten",
            "reshape: 2x2x24",
            "dropout: 0",
            "drop_path: 0",
            "channel_shuffle: 2",
            "channel_slice: 2",
            "pixel_unshuffle: 2",
            "pixel_shuffle: 1",
            "upsample: 2",
            "pad: 1",
            "pad: 0",
            "pad: {amount: 1, mode: circular}",
            "crop: 1",
        ],
    ),
    (264, 1032, ["drop_path: 0.5"]),
    (640, 1408, ["split: {a: [], b: [tanh]}"]),
    (
        1024,
        1024,
        [
            "conv: {filters: 4, kernel: 3, padding: 1}",
            "conv: {filters: 4, kernel: 1, learned: false}",
            "depthwise_conv: 3",
            "transposed_conv: {filters: 2, kernel: 2, stride: 2}",
            "avg_pool: 2",
            "adaptive_avg_pool: 3",
            "fc: 5",
            "relu6",
            "leaky_relu",
            "elu",
            "celu",
            "selu",
            "gelu",
            "silu",
            "mish",
            "softplus",
            "hard_sigmoid",
            "hard_swish",
            "prelu",
            "scale",
            "pad: {amount: 1, mode: reflect}",
            "pad: {amount: 1, mode: replicate}",
        ],
    ),
    (
        1024,
        1792,
        ["relu", "sigmoid", "tanh", "softmax", "dropout: 0.5", "residual: [tanh]", "concat: {a: [], b: [tanh]}"],
    ),
    (1072, 1072, ["batch_norm", "group_norm: 3", "multiply: {a: [global_avg_pool], b: []}"]),
    (1120, 1120, ["global_max_pool", "instance_norm"]),
    (1168, 1168, ["instance_norm: {affine: true}"]),
    (1280, 1280, ["layer_norm"]),
    (1408, 1408, ["max_pool: 2"]),
    (1456, 2224, ["conv: {filters: 4, kernel: 2, padding: same}"]),
    (1792, 1792, ["multiply: {a: [], b: [tanh]}"]),
    (1792, 2560, ["add: {a: [tanh], b: [tanh]}"]),
    (1840, 2608, ["max_pool: {kernel: 3, padding: same, stride: 2}"]),
    (1888, 1888, ["adaptive_max_pool: 3"]),
    (2560, 2560, ["lp_pool: 2"]),
    (2616, 2616, ["global_response_norm"]),
    (3328, 3328, ["multiply: {a: [silu], b: [silu], c: []}"]),
    (3840, 3840, ["local_response_norm: 5"]),
]
NETWORKS = [
    # the bytes of 2 examples, and of 3
    ("4x4x2", "conv: {filters: 2, kernel: 1, learned: false}, relu", 0, 0),
    ("4x4x2", "relu, dropout, flatten", 0, 0),
    ("4x4x2", "batch_norm", 272, 400),
    ("1x1x1x4", "avg_pool: {kernel: 3, padding: same}, fc: 3", 32, 48),
    ("4x4x2", "batch_norm: {affine: false}", 0, 0),
    ("4x4x2", "global_response_norm", 280, 420),
    ("4x4x2", "multiply: {a: [], b: [conv: {filters: 2, kernel: 1}]}", 256, 384),
    ("4x4x2", "scale", 256, 384),
    ("4x4x2", "prelu", 256, 384),
    ("4x4x2", "transposed_conv: {filters: 3, kernel: 3, stride: 2, padding: same}, relu", 1792, 2688),
    ("8x2", "conv: {filters: 2, kernel: 3}, max_pool: 2", 320, 480),
    ("4x4x4x2", "conv: {filters: 2, kernel: 3}, max_pool: 2", 1184, 1776),
    ("6", "fc: 4, layer_norm, batch_norm, relu, fc: 2", 192, 272),
    (
        "4x4x2",
        "conv: {filters: 6, kernel: 1}, relu, head: {name: h, training: true, layers: [tanh, fc: 2]}, fc: 2",
        1792,
        2688,
    ),
    ("4x4x2", "conv: {filters: 6, kernel: 1}, sigmoid, conv: {filters: 2, kernel: 1, from: conv1}", 1024, 1536),
    (
        "4x4x2",
        "conv: {filters: 6, kernel: 1}, split: {a: [conv: {filters: 1, kernel: 1}], b: [conv: {filters: 1, kernel: 1}]}",
        1024,
        1536,
    ),
    (
        "4x4x2",
        "conv: {filters: 6, kernel: 1}, layer_norm, conv: {filters: 2, kernel: 4}, layer_norm, flatten, fc: 2",
        2096,
        3144,
    ),
]
KEPT = [
    *[
        ("4x4x2", f"{before}, {layer}")
        for _, _, layers in LAYERS
        for layer in layers
        for before in (BEHIND_CONV, BEHIND_SIGMOID)
    ],
    *[(volume, layers) for volume, layers, _, _ in NETWORKS],
]
"""The networks of both tables."""


def kept(volume: str, layers: str, batch: int = 2, dtype: str = "float32") -> int | str:
    summary = cnncalc.summarize(f"{{input: {volume}, layers: [{layers}]}}", dtype=dtype, batch=batch)
    assert summary.ok
    found = summary.totals.kept(batch)
    assert summary.totals.kept_bytes == (found if isinstance(found, int) else None)
    return found


@pytest.mark.parametrize(("behind_conv", "behind_sigmoid", "layers"), LAYERS)
def test_what_a_layer_keeps(behind_conv: int, behind_sigmoid: int, layers: list[str]) -> None:
    for layer in layers:
        assert kept("4x4x2", f"{BEHIND_CONV}, {layer}") == behind_conv, layer
        assert kept("4x4x2", f"{BEHIND_SIGMOID}, {layer}") == behind_sigmoid, layer


def test_every_layer_type_is_in_the_table() -> None:
    said = " ".join(layers for _, layers in KEPT)
    assert [name for name in TYPES if not re.search(rf"\b{name}\b", said)] == []


@pytest.mark.parametrize(("volume", "layers", "two", "three"), NETWORKS)
def test_what_a_network_keeps(volume: str, layers: str, two: int, three: int) -> None:
    assert (kept(volume, layers), kept(volume, layers, batch=3)) == (two, three)


UNKNOWN = [
    # PyTorch copies the one where it is in another order, as the norm leaves it, and keeps the copy
    ("4x4x2", "layer_norm, fc: 2", "fc1: in what order"),
    ("4x4x2", "layer_norm, relu, conv: {filters: 2, kernel: 1}, group_norm: 1", "group_norm1: in what order"),
    ("4x4x2", "layer_norm, local_response_norm", "local_response_norm1: in what order"),
    ("4x4x4", "split: {a: [instance_norm], b: []}", "instance_norm1: in what order"),
    # what the CPU copies and the meta device does not, or takes more memory for
    ("4x4x4", "channel_shuffle: 1", "channel_shuffle1: what PyTorch keeps"),
    ("4x4x4", "channel_shuffle: 4", "channel_shuffle1: what PyTorch keeps"),
    ("4x4x4x4", "transposed_conv: {filters: 1, kernel: 1}", "transposed_conv1: what PyTorch keeps"),
    ("4x4x4", "fc: 2, dropout: 1", "dropout1: what PyTorch keeps"),
]


@pytest.mark.parametrize(("volume", "layers", "why"), UNKNOWN)
def test_what_is_not_proven(volume: str, layers: str, why: str) -> None:
    found = kept(volume, layers)
    assert isinstance(found, str)
    assert why in found
    text = f"{{input: {volume}, layers: [{layers}], expect: {{kept_bytes: <= 1G}}}}"
    (finding,) = [each for each in cnncalc.summarize(text).findings if each.severity == "error"]
    assert (finding.code, finding.message.endswith(f"is not known: {found}")) == ("expectation", True)


def test_batches_and_types_that_nothing_is_kept_of() -> None:
    """PyTorch trains no batch norm of one number a channel; of norms in 16 bits the CPU and the meta device keep other types."""
    assert kept("4x4x2", "global_avg_pool, flatten, batch_norm", 2) == 2 * 8 + 16
    assert "batch_norm1: PyTorch trains no" in str(kept("4x4x2", "global_avg_pool, flatten, batch_norm", 1))
    assert kept("4x4x2", "fc: 2, relu, dropout", 1, "bfloat16") == 2 * (32 + 2 + 2)
    assert "short numbers" in str(kept("4x4x2", "fc: 2, layer_norm", 1, "float16"))
    assert "one byte" in str(kept("4x4x2", "fc: 2", 1, "int8"))


def test_what_is_kept_of_too_much() -> None:
    text = "{input: 8x8x1, layers: [conv: {filters: 1, kernel: 1, padding: {left: 90}, stride: [1, 99]}]}"
    padded = 4 * 8 * 98
    for most, size in ((padded, padded), (padded - 1, None)):
        totals = cnncalc.summarize(text, limits=cnncalc.Limits(largest=most)).totals
        assert (totals.params, totals.kept_bytes) == (2, size)
    assert str(totals.kept(1)) == "it is more than 3,135"


def test_what_a_file_can_expect_of_training() -> None:
    """ResNet-18 in PyTorch: 22,218,240 bytes of one example (tests/figures/kept.tsv), of which 38,400 are of its batch norms."""
    text = text_of("resnet18")
    text = text[: text.index("\nexpect:")]
    for claim, codes in (("22218240", []), ("<= 21.25 MiB", []), ("< 22.218240MB", ["expectation"])):
        for batch in (1, 3):
            found = cnncalc.summarize(f"{text}\nexpect: {{kept_bytes: {claim}}}\n", batch=batch)
            assert [f.code for f in found.findings if f.severity == "error"] == codes
            assert found.totals.kept_bytes == batch * (22_218_240 - 38_400) + 38_400


def test_a_step_of_training() -> None:
    """The 11,689,512 parameters of ResNet-18, 4 bytes each."""
    params, kept = 46_758_048, 22_218_240
    for optimizer, state in {"sgd": 0, "momentum": params, "adam": 2 * params}.items():
        said = explained(f"resnet18 --optimizer {optimizer}")
        for figure in (params, kept, 2 * params + state + kept):
            assert f"  {figure:,}  " in said
        assert f"  {params:,}  their gradients\n" in said
        assert (f"  {state:,}  state of the optimizer ({optimizer})\n" in said) == (state > 0)
        assert f"  {2 * params + state + kept:,}  together ({(2 * params + state + kept) / 10**6:.1f} MB)\n" in said
    assert "a step of training" not in explained("resnet18 conv1")
    assert explained("resnet18 --dtype int8").endswith(
        "a step of training: nothing is trained with numbers of one byte\n"
    )


def test_a_step_of_training_of_which_not_all_is_known(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("input: 8x8x4\nlayers: [layer_norm, fc: 2]\n")
    said = explained(str(path))
    assert "What is kept for the backward pass is not known: fc1: in what order" in said
    assert "4,144  together" not in said  # parameters and gradients alone
    assert "Kept is what" not in said


def test_the_mask_of_a_dropout_is_spoken_of_where_there_is_one() -> None:
    assert "mask of a dropout" in explained("alexnet")
    assert "mask of a dropout" not in explained("resnet18")

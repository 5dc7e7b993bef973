"""The code that is exported for Keras, run on its torch backend: it computes what torch does, with torch's weights."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from unittest import mock

import pytest
from hypothesis import assume, given, note, settings
from hypothesis import strategies as st

import cnncalc
from cnncalc import Summary, Volume
from cnncalc.api import bundled_names
from cnncalc.layers import Branching
from cnncalc.network import INPUT
from tests.conformance import cases
from tests.conformance.cases import Case
from tests.conformance.exported import code_of, network_of
from tests.conformance.torch_side import EXAMPLES, REFUSALS, examples, module, nn, torch
from tests.networks import File, Networks, spec

pytestmark = pytest.mark.conformance

os.environ.setdefault("KERAS_BACKEND", "torch")
keras: Any = pytest.importorskip("keras", reason="needs the extra `conformance`: pip install -e '.[dev,conformance]'")
if keras.backend.backend() != "torch":
    pytest.skip("Keras runs on another backend: set KERAS_BACKEND=torch", allow_module_level=True)

CLOSE: Final = 1e-4
"""Of the largest number that comes out."""


def keras_code(spec: Any, **given: Any) -> str | None:
    """The code of a specification; None where a finding says what Keras has not."""
    exported = cnncalc.export(spec, to="keras", **given)
    if exported.text is None:
        assert {finding.code for finding in exported.findings if finding.severity == "error"} == {"cannot-export"}
    return exported.text


def model_of(code: str, **arguments: int) -> Any:
    """The model of the code: what the function that is defined last makes."""
    names: dict[str, Any] = {"__name__": "exported"}
    exec(compile(code, "exported", "exec"), names)
    functions = [node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)]
    keras.utils.clear_session(free_memory=False)
    with keras.device("cpu"):
        return names[functions[-1]](**arguments)


@contextmanager
def recorded() -> Iterator[list[Any]]:
    """The layers of Keras, in the order in which they are made."""
    made, first = list[Any](), keras.layers.Layer.__init__

    def init(layer: Any, *given: Any, **named: Any) -> None:
        made.append(layer)
        first(layer, *given, **named)

    with mock.patch.object(keras.layers.Layer, "__init__", init):
        yield made


def last(x: Any) -> Any:
    """The tensor with its channels last."""
    return x.movedim(1, -1).contiguous()


def first(x: Any) -> Any:
    """The tensor with its channels second."""
    return x.movedim(-1, 1)


# The weights of torch in Keras


def carry(layers: list[Any], tensors: list[Any], volume: Volume) -> None:
    """Give Keras' layers the tensors of a module of torch that reads a volume: weights, biases, running statistics."""
    if len(layers) > 1:  # a transposed convolution in groups: the weights by their inputs, the biases by their outputs
        parts = zip(*[tensor.chunk(len(layers)) for tensor in tensors], strict=True)
        for layer, part in zip(layers, parts, strict=True):
            carry([layer], list(part), volume)
        return
    (layer,) = layers
    weight, *others = [tensor.detach() for tensor in tensors]
    shapes = [tuple(weight.shape) for weight in layer.weights[1:]]
    others = [other.reshape(shape) for other, shape in zip(others, shapes, strict=True)]
    layer.set_weights([tensor.numpy() for tensor in (_moved(layer, weight, volume), *others)])


def _moved(layer: Any, weight: Any, volume: Volume) -> Any:
    """The weights of torch in the order of Keras: the axes first, then the channels that are read."""
    kind = type(layer).__name__
    if kind == "Dense":
        by_axes = weight.reshape(len(weight), volume.channels, *volume.spatial)
        return last(by_axes).reshape(len(weight), -1).T
    if kind.startswith("DepthwiseConv"):
        channels = volume.channels
        return weight.reshape(channels, len(weight) // channels, *weight.shape[2:]).permute(
            *range(2, weight.ndim), 0, 1
        )
    if kind.startswith("Conv"):
        return weight.permute(*range(2, weight.ndim), 1, 0)
    return weight.reshape(tuple(layer.weights[0].shape))


def layers_by_path(summary: Summary, model: Any, made: list[Any]) -> Iterator[tuple[list[Any], Volume]]:
    """The layers of Keras that hold weights, for each layer of the file that has its own, in the order of the file.

    With them the volume that comes in. None of them where the model has not what leads to no output.
    """
    own = {id(layer) for layer in model.layers}
    weighed = iter([layer for layer in made if id(layer) in own and layer.weights])
    written = in_model(summary)
    for index, node in enumerate(summary.network.nodes):
        volume, layer = node.edges[0].volume, node.layer
        if volume is None or layer is None or isinstance(layer, Branching) or node.shares is not None:
            continue
        if layer.weights(volume) + layer.biases(volume) + layer.buffers(volume) == 0:
            continue
        count = getattr(layer, "groups", 1) if node.type == "transposed_conv" else 1
        yield [next(weighed) for _ in range(count)] if index in written else [], volume
    assert next(weighed, None) is None


def held_by(network: Any) -> list[list[Any]]:
    """The tensors of each module that holds any, in the order of the state dict."""
    found: dict[str, list[Any]] = {}
    for name, tensor in network.state_dict(keep_vars=True).items():
        path, _, own = name.rpartition(".")
        if own != "num_batches_tracked":
            found.setdefault(path, []).append(tensor)
    return list(found.values())


def weigh(network: Any) -> None:
    """Random weights with which deep networks are not chaotic."""
    torch.manual_seed(1)
    with torch.no_grad():
        for part in network.modules():
            weight, bias = getattr(part, "weight", None), getattr(part, "bias", None)
            if getattr(part, "running_var", None) is not None:
                part.running_mean.normal_(0, 0.1)
                part.running_var.uniform_(0.5, 1.5)
            if isinstance(weight, torch.Tensor) and weight.ndim > 1:
                weight.normal_(0, (2 / (weight.numel() / len(weight))) ** 0.5)
            elif isinstance(weight, torch.Tensor):
                weight.uniform_(0.2, 0.6)
            if isinstance(bias, torch.Tensor):
                bias.normal_(0, 0.1)


def same(mine: Any, theirs: Any) -> None:
    """The same outputs; those of Keras have their channels last."""
    if isinstance(theirs, dict):
        assert mine.keys() == theirs.keys()
        for name, volume in theirs.items():
            same(mine[name], volume)
        return
    assert first(mine).shape == theirs.shape
    gap = (first(mine) - theirs).abs().max().item() / max(theirs.abs().max().item(), 1e-30)
    assert gap <= CLOSE


# Networks


def small(name: str) -> Summary:
    """The network on the smallest input on which it is the same network."""
    own = cnncalc.summarize(name)
    assert own.input is not None
    for size in (64, 96, 128):
        if len(own.input.spatial) == 2 and size < min(own.input.spatial):
            other = cnncalc.summarize(name, input=Volume(own.input.channels, (size, size)))
            if other.ok and other.totals.params == own.totals.params:
                return other
    return own


def in_model(summary: Summary) -> set[int]:
    """The nodes that lead to what every run gives."""
    nodes, wanted = summary.network.nodes, {edge.source for edge in summary.network.ends()}
    wanted -= {index for index in wanted if index != INPUT and nodes[index].training}
    for index in range(len(nodes) - 1, -1, -1):
        if index in wanted:
            wanted.update(edge.source for edge in nodes[index].edges)
    return wanted - {INPUT}


def held(summary: Summary) -> int:
    """The parameters and buffers in the model. Weights that are shared count once."""
    nodes, owners = summary.network.nodes, dict[int, int]()
    for index in in_model(summary):
        node, owner = nodes[index], nodes[index].shares
        volume, layer = node.edges[0].volume, node.layer
        if volume is not None and layer is not None and not isinstance(layer, Branching):
            own = layer.weights(volume) + layer.biases(volume) + layer.buffers(volume)
            owners[index if owner is None else owner] = own
    return sum(owners.values())


QUICK: Final = {
    "alexnet_torchvision", "c3d", "convnext_tiny", "convnextv2_atto", "dcgan_generator", "densenet121", "dla34",
    "edsr_baseline_x2", "efficientnet_b0", "ghostnet_100", "googlenet", "lenet5", "m11", "mnasnet0_5",
    "mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "mobilenetv4_conv_small", "network_in_network",
    "r3d_18", "regnet_x_400mf", "regnet_y_400mf", "repvgg_a2_deployed", "resnet18", "resnet50",
    "resnext50_32x4d", "shufflenet_v2_x0_5", "squeezenet1_1", "tcn", "textbook_lenet", "wavenet", "xception",
    "yolov8n", "zfnet"
}  # fmt: skip
"""Those that are held each time; the others take minutes, and `pytest -m slow` holds them."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name not in QUICK)) for name in bundled_names()]
)
def test_bundled_specifications(name: str) -> None:
    summary = small(name)
    assert summary.input is not None
    code = keras_code(name, input=summary.input)
    assert code is not None, "each can be written"
    with recorded() as made:
        model = model_of(code)
    assert model.count_params() == held(summary)
    network = network_of(code_of(name, input=summary.input), "cpu")
    weigh(network)
    for tensors, (layers, volume) in zip(held_by(network), layers_by_path(summary, model, made), strict=True):
        if layers:
            carry(layers, tensors, volume)
    x = torch.randn(1, *summary.input.shape)
    with torch.no_grad():
        same(model(last(x), training=False), network(x))


@settings(examples(1), max_examples=EXAMPLES // 4)
@given(st.randoms(use_true_random=False).map(lambda random: Networks(random).file()))
def test_generated_networks(file: File) -> None:
    text = spec(file)
    summary = cnncalc.summarize(text, parameters=file.set)
    assume(summary.ok and summary.input is not None and (summary.totals.params or 0) < 50_000_000)
    assert summary.input is not None
    code = keras_code(text, parameters=file.set)
    note(text)
    assume(code is not None)
    assert code is not None
    note(code)
    model = model_of(code)
    ends = {**(summary.network.outputs or {"output": summary.network.output}), **summary.network.heads}
    training = {
        path for path, edge in ends.items() if edge.source != INPUT and summary.network.nodes[edge.source].training
    }
    expected = {name: edge.volume for name, edge in ends.items() if name not in training}
    outputs = model.output if isinstance(model.output, dict) else {next(iter(expected)): model.output}
    for name, volume in expected.items():
        assert volume is not None
        assert tuple(outputs[name].shape[1:]) == (*volume.spatial, volume.channels)
    assert model.count_params() == held(summary)


# Layers


def check(case: Case) -> None:
    """A layer computes on random numbers what torch's does."""
    network = {
        "input": str(case.volume),
        "layers": [{case.word: {k: v for k, v in case.given.items() if v is not None}}],
    }
    summary = cnncalc.summarize(network)
    assume(summary.ok)
    uneven = any(
        window.before != window.after for layer in summary.layers if layer.figures for window in layer.figures.windows
    )
    assume(case.given.get("count_padding", True) or not uneven)  # the module here pads before it, and so counts it
    code = keras_code(network)
    assume(code is not None)
    assert code is not None
    note(code)
    try:
        built = module(*case)
    except REFUSALS:
        assume(False)
    with recorded() as made:
        model = model_of(code)
    weigh(built)
    tensors = [tensor for tensors in held_by(nn.Sequential(built)) for tensor in tensors]
    for layers, volume in layers_by_path(summary, model, made):
        carry(layers, tensors, volume)
    x = torch.rand(2, *case.volume.shape) + 0.1  # roots of negative numbers are none
    with torch.no_grad():
        expected = built(x)
        assume(expected.isfinite().all())
        same(model(last(x), training=False), expected)


@settings(examples(1), max_examples=EXAMPLES // 2)
@given(cases.CASES)
def test_layers(case: Case) -> None:
    check(case)


@pytest.mark.parametrize(
    ("name", "size", "arguments"),
    [
        ("resnet50", "64x64x3", {"classes": 10, "depth1": 1, "depth3": 2}),
        ("googlenet", "96x96x3", {"classes": 7}),
        ("convnext_tiny", "64x64x3", {"width": 24, "classes": 3}),
        ("vgg11_bn", "224x224x3", {"depth3": 1, "classes": 5}),
    ],
)
def test_arguments_are_the_parameters_of_the_file(name: str, size: str, arguments: dict[str, int]) -> None:
    code = keras_code(name, input=size)
    assert code is not None
    summary = cnncalc.summarize(name, input=size, parameters=arguments)
    assert model_of(code, **arguments).count_params() == held(summary)


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # of torch's tensors, in Keras
@pytest.mark.parametrize(
    ("name", "size"), [("convnextv2_atto", "64x64x3"), ("convnext_tiny", "64x64x3"), ("alexnet", "227x227x3")]
)
def test_models_are_saved_and_loaded(name: str, size: str, tmp_path: Path) -> None:
    """With what Keras has no layer for: a layer scale, a global response norm, functions of `keras.ops`."""
    code = keras_code(name, input=size)
    assert code is not None
    model = model_of(code)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    x = keras.random.normal((2, *model.input_shape[1:]))
    assert torch.equal(model(x), again(x))

"""The code that is exported for Keras, as text: what holds without running it."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path
from typing import Final

import pytest

import cnncalc
from cnncalc.exports.keras.layers import CODE
from cnncalc.layers import LAYERS, Branching
from tests.bundled import MANY
from tests.test_pytorch_code import HOSTILE, RUFF

GOLDEN: Final = Path(__file__).parent / "golden" / "export"


def code_of(text: str) -> str:
    code = cnncalc.export(text, "keras").text
    assert code is not None
    return code


def lines_of(*layers: str, input: str = "8x8x4") -> list[str]:
    """The statements between the input and the model."""
    code = code_of(f"input: {input}\nlayers:\n" + "".join(f"  - {layer}\n" for layer in layers))
    lines = [line.strip() for line in code.splitlines()]
    return lines[lines.index("def Network():") + 2 : lines.index('if __name__ == "__main__":') - 3]


def test_every_layer_type_has_code() -> None:
    """Those with several inputs are statements."""
    assert {*CODE} == {layer.type for layer in LAYERS if not issubclass(layer, Branching)}


@pytest.mark.parametrize("name", ["alexnet", "googlenet", "mobilenet_v2", "resnet18", "unet"])
def test_golden(name: str, request: pytest.FixtureRequest) -> None:
    path, code = GOLDEN / f"{name}.keras.py.txt", code_of(name)
    if request.config.getoption("--update"):
        path.write_text(code, encoding="utf-8")
    assert code == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("names", MANY)
def test_ruff_has_nothing_to_say(names: list[str], tmp_path: Path) -> None:
    for name in names:
        (tmp_path / f"{name}.py").write_text(code_of(name), encoding="utf-8")
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [*RUFF, *command, "--no-cache", tmp_path],
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout.decode()


def test_only_keras_is_imported() -> None:
    tree = ast.parse(code_of("convnextv2_atto"))
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in imported] == ["import keras", "from keras import layers, ops"]


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_of_a_file_are_inert(text: str) -> None:
    layers = "input: 8x8x3\nlayers:\n  - conv: {filters: 2, kernel: 3}\n"
    exported = cnncalc.export(f'name: "{text}"\nsource: "{text}"\n{layers}', "keras")
    if exported.text is None:  # no text of YAML
        return
    kinds = [[type(node).__name__ for node in ast.walk(ast.parse(code))] for code in (exported.text, code_of(layers))]
    assert kinds[0] == kinds[1]


@pytest.mark.parametrize(
    ("layer", "lines"),
    [
        ("conv: {filters: 2, kernel: 3, padding: half}", ['x = layers.Conv2D(2, 3, padding="same", name="conv1")(inputs)']),
        # PyTorch's padding of a stride of 2 is none that Keras has.
        (
            "conv: {filters: 2, kernel: 3, stride: 2, padding: 1}",
            ["x = layers.ZeroPadding2D(1)(inputs)", 'x = layers.Conv2D(2, 3, strides=2, name="conv1")(x)'],
        ),
        # Zeros would be larger than what is negative.
        (
            "max_pool: {kernel: 3, stride: 2, padding: 1}",
            [
                'x = ops.pad(inputs, [(0, 0), (1, 1), (1, 1), (0, 0)], constant_values=float("-inf"))',
                'x = layers.MaxPooling2D(3, strides=2, name="max_pool1")(x)',
            ],
        ),
        # Keras' own are 0.99 and 0.001.
        ("batch_norm", ['x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name="batch_norm1")(', "inputs", ")"]),
        ("batch_norm: {momentum: 0.01, eps: 1e-3}", ['x = layers.BatchNormalization(name="batch_norm1")(inputs)']),
        ("leaky_relu", ['x = layers.LeakyReLU(negative_slope=0.01, name="leaky_relu1")(inputs)']),
        ("drop_path: 0.1", ['x = layers.Dropout(0.1, noise_shape=(None, 1, 1, 1), name="drop_path1")(inputs)']),
        ("channel_slice: {start: 1, size: 2}", ["x = inputs[..., 1:3]"]),
        ("fc: 5", ["x = layers.Flatten()(inputs)", 'x = layers.Dense(5, name="fc1")(x)']),
        ("residual: [relu]", ["x = layers.ReLU()(inputs)", "x = layers.Add()([inputs, x])"]),
    ],
)  # fmt: skip
def test_code_of_a_layer(layer: str, lines: list[str]) -> None:
    assert lines_of(layer) == lines


def test_the_input_keeps_its_name() -> None:
    lines = lines_of("add: {body: [conv: {filters: 4, kernel: 1}], shortcut: [relu]}")
    assert lines == [
        "x = layers.Conv2D(4, 1)(inputs)",
        "shortcut = layers.ReLU()(inputs)",
        "x = layers.Add()([x, shortcut])",
    ]


def test_shared_weights_are_one_layer() -> None:
    lines = lines_of(
        "conv: {filters: 4, kernel: 3, padding: 1}", "relu", "conv: {filters: 4, kernel: 3, padding: 1, shares: conv1}"
    )
    assert lines == [
        'conv1_layer = layers.Conv2D(4, 3, padding="same", name="conv1")',
        "x = conv1_layer(inputs)",
        'x = layers.ReLU(name="relu1")(x)',
        "x = conv1_layer(x)",
    ]


@pytest.mark.parametrize(
    ("layers", "severity", "says"),
    [
        (["transposed_conv: {filters: 4, kernel: 3, stride: 2, dilation: 2}"], "error", "with a stride and a dilation"),
        (["conv: {filters: 4, kernel: 3, padding: 1}", "conv: {filters: 4, kernel: 3, stride: 2, shares: conv1}"], "error",
         "weights that unlike layers share"),
        (["lp_pool: {kernel: 3, stride: 2, rounding: ceil}"], "error", "lp_pool over a part of a window"),
        (["relu", "head: {name: aux, training: true, layers: [fc: 10]}"], "note", "what only training runs"),
    ],
)  # fmt: skip
def test_what_keras_cannot_have(layers: list[str], severity: str, says: str) -> None:
    text = "input: 8x8x4\nlayers:\n" + "".join(f"  - {layer}\n" for layer in layers)
    exported = cnncalc.export(text, "keras")
    (finding,) = [finding for finding in exported.findings if finding.code in ("cannot-export", "left-out")]
    assert (finding.severity, exported.ok) == (severity, severity == "note")
    assert says in finding.message
    assert finding.line == len(layers) + 2

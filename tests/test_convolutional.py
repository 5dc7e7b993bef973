"""Fully connected layers as convolutions: the figures of courses, what stays the same, and what cannot be one."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import cnncalc
from cnncalc import Volume
from cnncalc.cli import main
from cnncalc.explain import explain
from cnncalc.network import Group
from tests.bundled import EACH
from tests.networks import File, Networks, spec

summarize = cnncalc.summarize
files = st.builds(
    lambda random, wild: Networks(random, wild=wild).file(),
    st.randoms(use_true_random=False),
    st.sampled_from([0, 0, 10]),
)
SAME = ("params", "buffers", "macs", "mult_adds", "activations")


def slid(text: str, input: str | None = None) -> cnncalc.Summary:
    return summarize(text, fc_as_conv=True, input=input)


def codes(summary: cnncalc.Summary) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.path) for finding in summary.findings if finding.severity == "error"]


@pytest.mark.parametrize(
    ("name", "input", "output", "params"),
    [
        # Krizhevsky, Sutskever and Hinton 2012, without the groups: 6x6x256 before the first.
        ("alexnet", "227x227x3", "1x1x1000", 62_378_344),
        ("alexnet", "384x384x3", "5x5x1000", 62_378_344),
        # Stanford CS231n, "Converting FC layers to CONV layers": 7x7x512 before it, and 12x12x512 on 384.
        (
            "{input: 224x224x3, layers: [max_pool: {kernel: 2, repeat: 5}, conv: {filters: 512, kernel: 1}, fc: 4096]}",
            "384x384x3",
            "6x6x4096",
            3 * 512 + 512 + (7 * 7 * 512 + 1) * 4096,
        ),
    ],
)
def test_the_scores_become_a_map(name: str, input: str, output: str, params: int) -> None:
    found = summarize(name, input=input, fc_as_conv=True)
    assert (str(found.output), found.totals.params) == (output, params)
    assert codes(found) == []


@pytest.mark.parametrize("name", EACH)
def test_bundled_networks_stay_the_same_on_their_own_input(name: str) -> None:
    stays_the_same(summarize(name), summarize(name, fc_as_conv=True))


@given(files)
def test_networks_stay_the_same_on_their_own_input(file: File) -> None:
    stays_the_same(summarize(spec(file)), summarize(spec(file), fc_as_conv=True))


def stays_the_same(before: cnncalc.Summary, after: cnncalc.Summary) -> None:
    """The same figures of every layer that is still there, or a fault that says why there are none."""
    if not before.ok or any(code == "fc-as-conv" for code, _ in codes(after)):
        return
    assert after.output is not None
    assert before.output is not None
    assert after.output.elements == before.output.elements
    assert [after.totals[key] for key in SAME] == [before.totals[key] for key in SAME]
    assert not any(layer.type == "fc" for layer in after.layers)
    layers = {layer.path: layer for layer in before.layers}
    for layer in after.layers:
        other = layers.pop(layer.path)
        assert [layer.figure(key) for key in SAME] == [other.figure(key) for key in SAME]
        assert (layer.shares, layer.training) == (other.shares, other.training)
    assert {layer.type for layer in layers.values()} <= {"flatten"}
    assert groups(after.network.root, {layer.path: i for i, layer in enumerate(after.layers)}) == groups(
        before.network.root, {layer.path: i for i, layer in enumerate(before.layers)}, gone=set(layers)
    )


def groups(root: Group, places: dict[str, int], gone: set[str] = frozenset()) -> list[tuple[str, list[str]]]:  # type: ignore[assignment]
    """Each group with the paths of its nodes."""
    paths = [*places]
    return [
        (group.path, [path for path in paths[group.first : group.end] if path not in gone]) for group in root.walk()
    ]


HEAD = "input: 12x12x4\nlayers:\n- conv: {filters: 3, kernel: 3}\n- max_pool: 2\n"


@pytest.mark.parametrize(
    ("layers", "kernels", "output"),
    [
        ("- fc: 7", [(5, 5)], "5x5x7"),
        ("- flatten\n- fc: 7\n- relu\n- fc: 2", [(5, 5), (1, 1)], "5x5x2"),
        ("- flatten\n- dropout\n- {fc: {units: 7, bias: false}}\n- batch_norm\n- softmax", [(5, 5)], "5x5x7"),
        ("- global_avg_pool\n- flatten\n- batch_norm\n- fc: 7", [(1, 1)], "1x1x7"),
        ("- adaptive_avg_pool: 2\n- flatten\n- fc: 7\n- flatten\n- fc: 3", [(2, 2), (1, 1)], "1x1x3"),
        (
            "- multiply: {x: [], gate: [global_avg_pool, fc: 3, relu, fc: 3, sigmoid, reshape: 1x1x3]}",
            [(1, 1)] * 2,
            "9x9x3",
        ),
        (
            "- residual: [conv: {filters: 3, kernel: 1}]\n- concat: {a: [flatten, fc: 4], b: [fc: 5]}",
            [(5, 5)] * 2,
            "5x5x9",
        ),
        ("- concat: {a: [flatten], b: [relu, flatten]}\n- fc: 7", [(5, 5)], "5x5x7"),
    ],
)
def test_wherever_it_stands(layers: str, kernels: list[tuple[int, ...]], output: str) -> None:
    found = slid(HEAD + layers, "20x20x4")
    assert codes(found) == []
    assert [layer.layer.kernel for layer in found.layers if layer.path.rpartition(".")[2].startswith("fc")] == kernels  # type: ignore[union-attr]
    assert str(found.output) == output
    assert found.totals.params == summarize(HEAD + layers).totals.params


@pytest.mark.parametrize(
    ("own", "input", "output"), [("9x2", "13x2", "5x4"), ("5x5x5x2", "5x6x7x2", "1x2x3x4"), ("6x5x2", "6x8x2", "1x4x4")]
)
def test_other_axes(own: str, input: str, output: str) -> None:
    assert str(slid(f"input: {own}\nlayers: [flatten, fc: 4]", input).output) == output


def test_blocks_shares_and_heads() -> None:
    text = """
input: 8x8x2
blocks:
  score: {layers: [flatten: , fc: {name: scores, units: 5}]}
layers:
  - conv: {filters: 3, kernel: 3, name: trunk}
  - score: {name: first}
  - score: {name: second, from: trunk, shares: first}
  - head: {name: aux, training: true, layers: [fc: 2]}
outputs: [first, second]
"""
    before, after = summarize(text), slid(text, "10x8x2")
    assert codes(after) == []
    assert [str(volume) for volume in after.outputs.values()] == ["3x1x5"] * 2
    assert after.layer("second.scores").shares == "first.scores"
    assert after.layer("aux.fc1").training
    assert after.totals.params == before.totals.params
    assert [working.lines[0] for working in explain(after, ["first"])] == [("input volume", "8x6x3, from trunk")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("input: 100\nlayers: [fc: 10]", [("fc-as-conv", "fc1")]),
        (HEAD + "- reshape: 75\n- fc: 10\n- fc: 10", [("fc-as-conv", "fc1")]),
        (HEAD + "- flatten\n- batch_norm\n- fc: 10", [("fc-as-conv", "batch_norm1")]),
        (HEAD + "- flatten\n- prelu\n- fc: 10", [("fc-as-conv", "prelu1")]),
        (HEAD + "- flatten\n- split: {sizes: [25, 50], a: [], b: []}\n- fc: 10", [("fc-as-conv", "split1")]),
        (HEAD + "- flatten: {name: a}\n- flatten: {name: b, from: input}\n- concat: [a, b]\n- fc: 10", [("fc-as-conv", "concat1")]),
        (HEAD + "- concat: {a: [reshape: 75, fc: 4], b: [flatten, layer_norm, fc: 4]}",
         [("fc-as-conv", "concat1.a.fc1"), ("fc-as-conv", "concat1.b.layer_norm1")]),
        (HEAD + "- conv: {filters: 3, kernel: 9}\n- fc: 3", [("kernel-too-large", "conv2")]),
    ],
)  # fmt: skip
def test_what_cannot_be(text: str, found: list[tuple[str, str | None]]) -> None:
    assert codes(slid(text)) == found
    assert slid(text).totals.params is None


def test_an_input_smaller_than_the_own() -> None:
    found = slid(HEAD + "- fc: 10", "10x10x4")
    assert codes(found) == [("fc-as-conv", "fc1")]
    assert "5x5" in found.findings[0].message
    assert found.output is None


def test_the_own_input_has_errors() -> None:
    text = "input: 2x2x3\nlayers:\n- conv: {filters: 3, kernel: 3}\n- fc: 10"
    assert codes(slid(text, "9x9x3")) == [("fc-as-conv", None)]


def test_what_is_expected_speaks_of_the_file_as_it_is_written() -> None:
    text = "input: 6x6x1\nlayers: [flatten, fc: 4]\nexpect: {output: 4, params: {}, macs: <= {}}"
    assert codes(slid(text.replace("{}", "148"))) == []
    assert codes(slid(text.replace("<= {}", "< 144").replace("{}", "148"))) == [("expectation", None)]


@pytest.mark.parametrize(
    ("layers", "input", "named"),
    [
        ("- flatten\n- fc: 10", "20x20x4", True),
        ("- flatten\n- fc: 10", "10x10x4", False),  # smaller than the kernel
        ("- flatten\n- batch_norm\n- fc: 10", "20x20x4", False),
    ],
)
def test_the_note_names_the_option_where_it_goes(layers: str, input: str, named: bool) -> None:
    found = summarize(HEAD + layers, input=input).findings
    (note,) = [finding for finding in found if finding.code == "parameters-depend-on-input"]
    assert any("--fc-as-conv" in text for text in note.help) == named
    assert (codes(slid(HEAD + layers, input)) == []) == named


@pytest.mark.parametrize("command", ["summarize", "check", "explain", "compare alexnet"])
def test_every_command_that_reads_a_network(command: str) -> None:
    line = [*command.split(), "alexnet", "--fc-as-conv", "--input", "384x384x3"]
    done = CliRunner().invoke(main, line)
    assert done.exit_code == 0
    assert "parameters-depend-on-input" not in done.output


@pytest.mark.parametrize("target", ["pytorch", "scale-sim"])
def test_exports_have_the_convolutions(target: str) -> None:
    text = """
input: 6x6x2
blocks: {score: {layers: [flatten, {fc: 3}]}}
layers: [score, relu, fc: 5]
"""
    found = cnncalc.export(text, target, input="8x8x2", fc_as_conv=True)
    assert found.ok
    assert found.text is not None
    expected = {
        "pytorch": ["Conv2d(2, 3, 6)", "Conv2d(3, 5, 1)", "torch.randn(1, 2, 8, 8)"],
        "scale-sim": ["8, 8, 6, 6, 2, 3, 1,", "3, 3, 1, 1, 3, 5, 1,"],
    }
    assert all(part in found.text for part in expected[target])
    assert "Linear" not in found.text


def test_sweeps_keep_the_kernels_of_the_own_input() -> None:
    text = "input: 6x6x1\nparameters: {n: 4}\nlayers: [flatten, fc: n]"
    rows = cnncalc.sweep(text, {"n": [2, 3], "input": "6..8"}, fc_as_conv=True)
    assert [row["output_shape"] for row in rows] == [[n, size, size] for n in (2, 3) for size in (1, 2, 3)]
    assert [row["params"] for row in rows] == [37 * n for n in (2, 2, 2, 3, 3, 3)]


def test_long_chains_take_linear_time() -> None:
    text = "input: 8x8x3\nlayers:\n- relu: {repeat: 15000}\n- flatten\n- fc: {units: 4, repeat: 15000}"
    assert slid(text).output == Volume(4, (1, 1))

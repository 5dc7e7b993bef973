"""A network made by hand, without YAML: measured, drawn and explained like any other."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import cnncalc
from cnncalc import LayerError, Volume
from cnncalc.explain import explain
from cnncalc.figures.analysis import analyse
from cnncalc.findings import Place, Places
from cnncalc.layers import Add, AvgPool, Concat, Conv, Fc, Flatten, MaxPool, Relu, Residual
from cnncalc.limits import Limits
from cnncalc.network import BLOCK, BRANCH, FORK, INPUT, REPEAT, Edge, Graph, Group, Network, TooManyError
from cnncalc.render.columns import COLUMNS
from cnncalc.render.data import summary_csv, summary_json
from cnncalc.render.folding import rows
from cnncalc.render.formats import View


def lenet() -> Network:
    """LeCun et al. 1998 with torch's layers, as in the first tutorials: 61,706 parameters."""
    graph = Graph(Volume(1, (32, 32)))
    end = graph.input
    for number, filters in enumerate((6, 16), 1):
        end = graph.add(f"conv{number}", Conv(filters=filters, kernel=5), end)
        end = graph.add(f"relu{number}", Relu(), end)
        end = graph.add(f"pool{number}", MaxPool(kernel=2), end)
    end = graph.add("flatten", Flatten(), end)
    for number, units in enumerate((120, 84, 10), 1):
        end = graph.add(f"fc{number}", Fc(units=units), end)
    return graph.network(end)


def test_a_chain() -> None:
    summary = analyse(lenet())
    assert summary.ok
    assert (summary.output, summary.totals.params) == (Volume(10), 61_706)
    assert summary.totals["layers"] == len(summary.layers) == 10
    assert [row.name for row in rows(summary, None, 5)] == [node.path for node in summary.network.nodes]
    (working,) = explain(summary, ["conv2"])
    assert ("parameters", "(5·5·6 + 1)·16 = 2,416") in working.lines
    assert '"conv1"' in "".join(summary_json(summary, View()))
    assert "".join(summary_csv(summary, View(list(COLUMNS)))).count("\n") == 11


def test_a_network_needs_no_yaml() -> None:
    """In a process of its own, as this one has read specifications before."""
    import subprocess

    code = (
        "import sys; from cnncalc.network import Graph; from cnncalc.layers import Fc; from cnncalc import Volume\n"
        "from cnncalc.figures.analysis import analyse; from cnncalc.explain import explain\n"
        "graph = Graph(Volume(4)); summary = analyse(graph.network(graph.add('fc', Fc(units=2), graph.input)))\n"
        "assert summary.totals.params == 10 and list(explain(summary))\n"
        "assert not [name for name in sys.modules if name.startswith(('yaml', 'cnncalc.language'))]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_edges_carry_some_of_the_channels() -> None:
    """ShuffleNetV2's unit: the left half passes, the right half is worked on (Ma et al. 2018, figure 3c)."""
    graph = Graph(Volume(116, (28, 28)))
    left, right = graph.input.part(0, 58), graph.input.part(58, 58)
    right = graph.add("conv", Conv(filters=58, kernel=1, bias=False), right)
    end = graph.add("join", Concat(), [left, right])
    network = graph.network(end)
    assert network.nodes[0].edges == (Edge(INPUT, Volume(58, (28, 28)), 58),)
    assert network.nodes[1].edges == (Edge(INPUT, Volume(58, (28, 28))), Edge(0, Volume(58, (28, 28))))
    assert network.output == Edge(1, Volume(116, (28, 28)))
    assert analyse(network).totals.params == 58 * 58


def test_groups_and_heads() -> None:
    graph = Graph(Volume(8, (4, 4)))
    graph.open(Group(BLOCK, "stage", "stage", Place("by hand")))
    graph.open(Group(FORK, "stage.residual1", "residual", Place("by hand")))
    inside = graph.add("stage.residual1.conv1", Conv(filters=8, kernel=1), graph.input)
    joined = graph.add("stage.residual1", Residual(), [graph.input, inside])
    graph.close(joined)
    graph.close(joined, {"width": 8})
    graph.heads["aux"] = graph.add("aux.fc1", Fc(units=2), joined)
    summary = analyse(graph.network(graph.add("fc1", Fc(units=10), joined)))
    assert [(group.kind, group.first, group.end) for group in summary.network.root.walk()] == [
        (BLOCK, 0, 2),
        (FORK, 0, 2),
    ]
    assert summary.heads == {"aux": Volume(2)}
    assert summary.network.heads["aux"].source == 2
    (block,) = explain(summary, ["stage"])
    assert block.says == "block stage: width 8"
    assert [row.name for row in rows(summary, 1, 5)] == ["stage", "residual1", "aux.fc1", "fc1"]


def test_faults_are_findings_where_the_maker_says() -> None:
    graph = Graph(Volume(3, (7, 7)), "model.onnx")
    places = Places(Place("model.onnx", 4, 1), ("kernel",), (Place("model.onnx", 4, 9, 4, 10),))
    end = graph.add("conv1", Conv(filters=8, kernel=9), graph.input, places)
    end = graph.add("add1", Add(), [end, graph.input])
    summary = analyse(graph.network(end))
    (finding,) = summary.findings
    assert (finding.code, finding.path, finding.place) == ("kernel-too-large", "conv1", places.values[0])
    assert finding.to_dict()["end_column"] == 10
    assert summary.output is None
    assert summary.layers[1].output is None


def test_joins_name_their_nodes() -> None:
    graph = Graph(Volume(3, (8, 8)))
    pooled = graph.add("pooled", AvgPool(kernel=2), graph.input)
    graph.add("join", Add(), [graph.input, pooled])
    (finding,) = graph.ledger.findings()
    assert finding.notes == ("8x8x3 comes from `input`", "4x4x3 comes from `pooled`")


def test_limits_hold_for_every_maker() -> None:
    graph = Graph(Volume(3), limits=Limits(layers=1))
    end = graph.add("one", Relu(), graph.input)
    with pytest.raises(TooManyError):
        graph.add("two", Relu(), end)
    summary = analyse(graph.nothing())
    assert [finding.code for finding in summary.findings] == ["too-many-layers"]
    assert summary.totals.params is None


SPLIT = """
input: 8x8x8
blocks:
  unit: {parameters: {width: required}, layers: [conv: {filters: width, kernel: 1}, relu]}
layers:
  - split: {left: [], right: [unit: {width: 4, repeat: 2, name: deep}]}
  - relu: {repeat: 3}
"""


def test_the_graph_of_a_specification() -> None:
    network = cnncalc.summarize(SPLIT).network
    tree = [(group.kind, group.path, group.end - group.first, group.turns) for group in network.root.walk()]
    assert tree == [
        (FORK, "split1", 5, 1),
        (BRANCH, "split1.left", 0, 1),
        (BRANCH, "split1.right", 4, 1),
        (REPEAT, "split1.right.deep", 4, 2),
        (BLOCK, "split1.right.deep_1", 2, 1),
        (BLOCK, "split1.right.deep_2", 2, 1),
        (REPEAT, "relu", 3, 3),
    ]
    left = next(group for group in network.root.walk() if group.path == "split1.left")
    assert left.output == Edge(INPUT, Volume(4, (8, 8)), 0)
    assert network.nodes[0].edges[0].first == 4
    assert [group.parameters for group in network.groups() if group.kind == BLOCK] == [{"width": 4}] * 2


def test_equal_texts_are_equal_networks() -> None:
    assert cnncalc.summarize(SPLIT) == cnncalc.summarize(SPLIT)
    assert cnncalc.summarize(SPLIT) != cnncalc.summarize(SPLIT.replace("filters: width", "filters: 4"))


# Layers


def test_layers_cannot_be_changed() -> None:
    conv = Conv(filters=8, kernel=3)
    with pytest.raises(AttributeError, match="make another"):
        conv.kernel = 5
    with pytest.raises(AttributeError, match="make another"):
        del conv.kernel
    assert conv.output(Volume(3, (8, 8))) == Volume(8, (6, 6))


def test_layers_are_equal_by_value() -> None:
    sides = {"bottom": 1, "top": 2}
    one, other = Conv(filters=8, kernel=[3, 3], padding=sides), Conv(filters=8, kernel=(3, 3), padding=sides)  # type: ignore[arg-type]
    turned = Conv(filters=8, kernel=(3, 3), padding={"top": 2, "bottom": 1})  # type: ignore[arg-type]
    assert one == other == turned
    assert {one: "kept"}[turned] == "kept"
    assert one != Conv(filters=8, kernel=(3, 3), padding=sides, rounding="ceil")  # type: ignore[arg-type, call-arg]
    assert Relu() != Flatten()
    with pytest.raises(LayerError, match="`padding` is a whole number"):
        Conv(filters=8, kernel=3, padding={"above": 1})  # type: ignore[arg-type]


# Places


def test_a_layer_of_an_extended_file_names_it(tmp_path: Path) -> None:
    folder = str(tmp_path)
    with open(f"{folder}/base.yaml", "w", encoding="utf-8") as base:
        base.write("input: 7x7x3\nlayers:\n  - conv: {filters: 8, kernel: 3, stride: 3}\n")
    with open(f"{folder}/own.yaml", "w", encoding="utf-8") as own:
        own.write("extends: base.yaml\n")
    summary = cnncalc.summarize(f"{folder}/own.yaml")
    (layer,) = summary.layers
    assert (layer.place.file, layer.line) == (f"{folder}/base.yaml", 3)
    assert layer.to_dict(summary.file)["file"] == f"{folder}/base.yaml"
    assert "file" not in layer.to_dict(f"{folder}/base.yaml")
    assert COLUMNS["file"].cell(layer, "hwc") == f"{folder}/base.yaml"
    assert next(explain(summary)).elsewhere


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("layers: [fcc: 3]", "fcc"),
        ("layers: [conv: {filters: 'a b', kernel: 3}]", "'a b'"),
        ("layers: [conv: {filters: 8, kernel: 3, stride: [1, 0]}]", "0"),
        ("layers: [conv: {filters: 8, kernel: [9, 9]}]", "[9, 9]"),
        ("layers: [max_pool: 9]", "9"),
        ("layers:\n- conv:\n    filters: 8\n    kernel: 3\n    pading: 1", "pading"),
        ("layers: [pad: {above: 1}]", "above"),
        ("layers: [crop: {top: 9}]", "{top: 9}"),
        ("layers: [add: [previous, nowhere]]", "nowhere"),
        ("layers: [relu: {name: a}, relu: {name: a}]", "a"),
        ("layers: [relu]\nexpect: {params: <= 1..5}", "<= 1..5"),
        ("defaults: {conv: {kernel: 9}}\nlayers: [conv: {filters: 8}]", "9"),
        ("layers: [relu: &a]", "&"),
    ],
)
def test_what_a_finding_marks(text: str, marked: str) -> None:
    text = f"input: 4x4x3\n{text}\n"
    place = cnncalc.summarize(text).findings[0].place
    line = text.splitlines()[place.line - 1]
    end = place.end_column - 1 if place.end_line else place.column
    assert line[place.column - 1 : end] == marked

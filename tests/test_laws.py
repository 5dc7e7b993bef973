"""Laws that hold for all networks: what repeats, blocks, batches and orders may not change."""

from __future__ import annotations

import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st

import cnncalc
from cnncalc import Summary, Volume
from cnncalc.layers.figures import FIGURES
from cnncalc.render.data import summary_csv, summary_json
from cnncalc.render.folding import rows
from cnncalc.render.formats import View

SMALL = st.integers(1, 5)


@st.composite
def layers(draw: st.DrawFn) -> str:
    """One layer that keeps a volume's axes, as flow YAML."""
    kind = draw(
        st.sampled_from(["conv", "depthwise_conv", "max_pool", "avg_pool", "batch_norm", "relu", "prelu", "pad"])
    )
    kernel, stride, padding = draw(SMALL), draw(st.integers(1, 3)), draw(st.sampled_from(["0", "1", "same"]))
    if kind == "conv":
        return f"conv: {{filters: {draw(SMALL)}, kernel: {kernel}, stride: {stride}, padding: {padding}}}"
    if kind == "depthwise_conv":
        return f"depthwise_conv: {{kernel: {kernel}, stride: {stride}, multiplier: {draw(st.integers(1, 2))}, padding: same}}"
    if kind in ("max_pool", "avg_pool"):
        return f"{kind}: {{kernel: {kernel}, stride: {stride}}}"
    return "pad: 1" if kind == "pad" else kind


chains = st.lists(layers(), min_size=1, max_size=6)
inputs = st.builds(lambda c, h, w: f"{h}x{w}x{c}", SMALL, st.integers(4, 24), st.integers(4, 24))


def spec(start: str, items: list[str], before: str = "") -> str:
    return f"input: {start}\n{before}layers:\n" + "".join(f"  - {item}\n" for item in items)


def figures(summary: Summary) -> list[object]:
    return [(layer.type, layer.output, layer.figures, layer.receptive_field, layer.jump) for layer in summary.layers]


def sound(summary: Summary) -> bool:
    return summary.ok and summary.totals.params is not None


@given(inputs, layers(), st.integers(0, 4))
def test_repeat_is_writing_it_out(start: str, layer: str, times: int) -> None:
    word, _, rest = layer.partition(": ")
    attributes = rest.strip("{}") if rest.startswith("{") else f"amount: {rest}" if word == "pad" else ""
    repeated = f"{word}: {{{attributes}{', ' if attributes else ''}repeat: {times}}}"
    once = cnncalc.summarize(spec(start, ["relu"] + [layer] * times))
    again = cnncalc.summarize(spec(start, ["relu", repeated]))
    assert figures(once) == figures(again)
    assert [layer.path for layer in once.layers] == [layer.path for layer in again.layers]


@given(inputs, chains)
def test_a_block_is_its_body(start: str, items: list[str]) -> None:
    body = "".join(f"      - {item}\n" for item in items)
    plain = cnncalc.summarize(spec(start, items))
    block = cnncalc.summarize(spec(start, ["body"], f"blocks:\n  body:\n    layers:\n{body}"))
    assert figures(plain) == figures(block)
    assert plain.totals == block.totals
    assert [f.code for f in plain.findings] == [f.code for f in block.findings]


@given(inputs, chains, st.integers(2, 9))
def test_a_batch_multiplies_what_it_should(start: str, items: list[str], batch: int) -> None:
    one, many = cnncalc.summarize(spec(start, items)), cnncalc.summarize(spec(start, items), batch=batch)
    assert one.output == many.output
    for name, value in one.totals.items():
        figure = FIGURES.get(name.removesuffix("_bytes"))
        scales = name == "input_bytes" or (figure is not None and figure.scales)
        assert getattr(many.totals, name) == (value * batch if scales and value is not None else value)


@given(inputs, chains)
def test_what_was_printed_is_what_holds(start: str, items: list[str]) -> None:
    summary = cnncalc.summarize(spec(start, items))
    if not sound(summary):
        return
    totals = summary.totals
    claims = f"params: {totals.params}, macs: {totals.macs}, mult_adds: {totals.mult_adds}, output: {summary.output}"
    held = f"expect: {{{claims}, activations: {totals.activations}, layers: {totals.layers}}}\n"
    assert [f.code for f in cnncalc.summarize(spec(start, items, held)).findings] == [f.code for f in summary.findings]
    missed = cnncalc.summarize(spec(start, items, f"expect: {{layers: {totals.layers + 1}}}\n"))
    assert [finding.code for finding in missed.findings if finding.severity == "error"] == ["expectation"]


@given(inputs, inputs, chains)
def test_another_input_is_an_edited_file(start: str, other: str, items: list[str]) -> None:
    given_, edited = cnncalc.summarize(spec(start, items), input=other), cnncalc.summarize(spec(other, items))
    assert figures(given_) == figures(edited)
    assert given_.totals == edited.totals


@given(inputs, chains)
def test_the_order_of_keys_is_irrelevant(start: str, items: list[str]) -> None:
    text = spec(start, items)
    turned = text.partition("\n")[2] + text.partition("\n")[0] + "\n"
    assert figures(cnncalc.summarize(text)) == figures(cnncalc.summarize(turned))


@given(inputs, chains)
def test_every_format_says_the_same(start: str, items: list[str]) -> None:
    summary = cnncalc.summarize(spec(start, items))
    decoded = json.loads("".join(summary_json(summary, View())))
    assert decoded["totals"] == dict(summary.totals)
    written = "".join(summary_csv(summary, View(["path", "output", "params", "macs"])))
    table = list(csv.DictReader(io.StringIO(written)))
    for layer, row, item in zip(summary.layers, table, decoded["layers"], strict=True):
        assert (row["path"], row["params"] or None) == (layer.path, None if layer.params is None else str(layer.params))
        assert item.get("macs") == layer.macs
        assert item["output_shape"] == (None if layer.output is None else layer.output.shape)


@given(inputs, chains, st.integers(1, 4), st.one_of(st.none(), st.integers(0, 3)))
def test_the_rows_of_a_table_add_up(start: str, items: list[str], times: int, depth: int | None) -> None:
    body = "".join(f"      - {item}\n" for item in items)
    summary = cnncalc.summarize(
        spec(start, [f"body: {{repeat: {times}}}", "residual: [relu]"], f"blocks:\n  body:\n    layers:\n{body}")
    )
    if not sound(summary):
        return
    for column in ("params", "macs", "mult_adds", "activations"):
        cells = [row.cell(column, "hwc") for row in rows(summary, depth, 1)]
        assert sum(cell for cell in cells if isinstance(cell, int)) == getattr(summary.totals, column)


@given(inputs, chains)
def test_a_receptive_field_is_composed(start: str, items: list[str]) -> None:
    """The field of a chain that is cut in two is the first part's, stretched by the second's."""
    whole = cnncalc.summarize(spec(start, items))
    if not sound(whole) or len(items) < 2:
        return
    head = cnncalc.summarize(spec(start, items[:-1]))
    assert isinstance(head.output, Volume)
    tail = cnncalc.summarize(spec(str(head.output), items[-1:]))
    one, two, both = head.layers[-1], tail.layers[-1], whole.layers[-1]
    assert one.receptive_field is not None
    assert two.receptive_field is not None
    assert one.jump is not None
    assert two.jump is not None
    composed = zip(one.receptive_field, one.jump, two.receptive_field, strict=True)
    assert both.receptive_field == tuple(r + (s - 1) * j for r, j, s in composed)
    assert both.jump == tuple(j * k for j, k in zip(one.jump, two.jump, strict=True))

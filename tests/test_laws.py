"""Laws that hold for all networks: what repeats, blocks, batches and orders may not change."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

import cnncalc
from cnncalc import Summary, Volume
from cnncalc.layers.figures import FIGURES, KEPT
from cnncalc.render.data import summary_csv, summary_json
from cnncalc.render.folding import counted, rows
from cnncalc.render.formats import View
from tests.networks import Block, File, Item, Networks, spec

randoms = st.randoms(use_true_random=False)
files = st.builds(lambda random, wild: Networks(random, wild=wild).file(), randoms, st.sampled_from([0, 0, 10]))
"""Networks of all kinds, a third of them with layers that may not fit."""
chains = randoms.map(lambda random: Networks(random).chain())


def in_a_block(file: File, call: Item) -> File:
    return file._replace(blocks={**file.blocks, call.word: Block({}, file.items)}, items=[call])


def figures(summary: Summary) -> list[object]:
    return [(layer.type, layer.output, layer.figures, layer.receptive_field, layer.jump) for layer in summary.layers]


def sound(summary: Summary) -> bool:
    return summary.ok and summary.totals.params is not None


@given(chains, st.integers(0, 4))
def test_repeat_is_writing_it_out(file: File, times: int) -> None:
    first, *rest = file.items
    once = cnncalc.summarize(spec(file._replace(items=[*rest, *[first] * times])))
    again = cnncalc.summarize(spec(file._replace(items=[*rest, replace(first, repeat=times)])))
    assert figures(once) == figures(again)
    assert [layer.path for layer in once.layers] == [layer.path for layer in again.layers]


@given(files)
def test_a_block_is_its_body(file: File) -> None:
    plain, block = cnncalc.summarize(spec(file)), cnncalc.summarize(spec(in_a_block(file, Item("body"))))
    assert figures(plain) == figures(block)
    assert plain.totals == block.totals
    assert [f.code for f in plain.findings] == [f.code for f in block.findings]


@given(files, st.integers(2, 9))
def test_a_batch_multiplies_what_it_should(file: File, batch: int) -> None:
    one, many = cnncalc.summarize(spec(file)), cnncalc.summarize(spec(file), batch=batch)
    assert one.output == many.output
    kept = [one.totals.kept(batch) for batch in (2, 3, 4)]
    assert many.totals.kept_bytes == (one.totals.kept(batch) if isinstance(kept[0], int) else None)
    assert all(isinstance(each, str) for each in kept) or kept[2] - kept[1] == kept[1] - kept[0]  # type: ignore[operator]
    for name, value in one.totals.items():
        if name == KEPT:
            continue  # the statistics of a batch norm are once for all
        figure = FIGURES.get(name.removesuffix("_bytes"))
        scales = name in ("input_bytes", "peak_bytes", "peak_bytes_in_place") or (figure is not None and figure.scales)
        assert getattr(many.totals, name) == (value * batch if scales and value is not None else value)


@given(files)
def test_what_was_printed_is_what_holds(file: File) -> None:
    summary = cnncalc.summarize(spec(file))
    if not sound(summary):
        return
    totals = summary.totals
    claims = f"params: {totals.params}, macs: {totals.macs}, mult_adds: {totals.mult_adds}, output: {summary.output}"
    held = f"expect: {{{claims}, activations: {totals.activations}, layers: {totals.layers}}}\n"
    assert [f.code for f in cnncalc.summarize(spec(file) + held).findings] == [f.code for f in summary.findings]
    missed = cnncalc.summarize(f"{spec(file)}expect: {{layers: {totals.layers + 1}}}\n")
    assert [finding.code for finding in missed.findings if finding.severity == "error"] == ["expectation"]


@given(files, st.integers(1, 9), st.integers(1, 99))
def test_another_input_is_an_edited_file(file: File, channels: int, size: int) -> None:
    other = Volume(channels, (size, *file.volume.spatial[1:]))
    given_ = cnncalc.summarize(spec(file), input=str(other))
    edited = cnncalc.summarize(spec(file._replace(volume=other)))
    assert figures(given_) == figures(edited)
    assert given_.totals == edited.totals


@given(files)
def test_the_order_of_keys_is_irrelevant(file: File) -> None:
    first, _, rest = spec(file).partition("\n")
    assert figures(cnncalc.summarize(spec(file))) == figures(cnncalc.summarize(f"{rest}{first}\n"))


@given(files)
def test_every_format_says_the_same(file: File) -> None:
    summary = cnncalc.summarize(spec(file))
    decoded = json.loads("".join(summary_json(summary, View())))
    assert decoded["totals"] == summary.totals.to_dict()
    written = "".join(summary_csv(summary, View(["path", "output", "params", "macs"])))
    table = list(csv.DictReader(io.StringIO(written)))
    for layer, row, item in zip(summary.layers, table, decoded["layers"], strict=True):
        assert (row["path"], row["params"] or None) == (layer.path, None if layer.params is None else str(layer.params))
        assert item.get("macs") == layer.macs
        assert item["output_shape"] == (None if layer.output is None else layer.output.shape)


@given(files, st.integers(1, 4), st.one_of(st.none(), st.integers(0, 3)))
def test_the_rows_of_a_table_add_up(file: File, times: int, depth: int | None) -> None:
    summary = cnncalc.summarize(spec(in_a_block(file, Item("body", repeat=times))))
    if not sound(summary):
        return
    for column in ("params", "macs", "mult_adds", "activations"):
        listed = [row for row in rows(summary, depth, 1) if any(counted(layer, column) for layer in row.layers)]
        cells = [row.cell(column, "hwc") for row in listed]
        assert sum(cell for cell in cells if isinstance(cell, int)) == getattr(summary.totals, column)


@given(chains)
def test_a_receptive_field_is_composed(file: File) -> None:
    """The field of a chain that is cut in two is the first part's, stretched by the second's."""
    whole = cnncalc.summarize(spec(file))
    if not sound(whole) or len(file.items) < 2:
        return
    head = cnncalc.summarize(spec(file._replace(items=file.items[:-1])))
    assert isinstance(head.output, Volume)
    tail = cnncalc.summarize(spec(file._replace(volume=head.output, items=file.items[-1:])))
    one, two, both = head.layers[-1], tail.layers[-1], whole.layers[-1]
    assert one.receptive_field is not None
    assert two.receptive_field is not None
    assert one.jump is not None
    assert two.jump is not None
    composed = zip(one.receptive_field, one.jump, two.receptive_field, strict=True)
    assert both.receptive_field == tuple(r + (s - 1) * j for r, j, s in composed)
    assert both.jump == tuple(j * k for j, k in zip(one.jump, two.jump, strict=True))

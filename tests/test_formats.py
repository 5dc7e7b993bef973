"""The table of formats: each of them on every bundled network, and no other list of them."""

from __future__ import annotations

import csv
import re

import click
import pytest

import cnncalc
from cnncalc import Summary
from cnncalc.cli.summarize import summarize
from cnncalc.render.columns import COLUMNS
from cnncalc.render.folding import ALL
from cnncalc.render.formats import FORMATS, View
from tests.bundled import EACH


def rendered(one: Summary, form: str, view: View) -> str:
    """The text, in which the parameters must be: of the network, of each layer, or in a column that sums to them."""
    text = "".join(FORMATS[form].render(one, view))
    if text.startswith("path,"):
        assert sum(int(row["params"]) for row in csv.DictReader(text.splitlines())) == one.totals.params, form
    elif not any(re.search(rf"\b{one.totals.params}\b", each) for each in (text, text.replace(",", ""))):
        assert {str(layer.params) for layer in one.layers} <= {*re.findall(r"\d+", text)}, form
    assert text.endswith("\n"), form
    return text


@pytest.mark.parametrize("name", EACH)
def test_every_format_renders_every_network(name: str) -> None:
    one = cnncalc.summarize(name)
    for form in FORMATS:
        assert "\x1b" not in rendered(one, form, View()), form


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "view",
    [View(columns=list(COLUMNS), layout="chw", depth=ALL), View(depth=0, width=60, color=True)],
    ids=["all of it", "in a narrow terminal"],
)
@pytest.mark.parametrize("name", ["alexnet", "c3d", "googlenet", "unet"])
def test_every_format_takes_every_view(name: str, view: View, form: str) -> None:
    assert rendered(cnncalc.summarize(name), form, view)


def test_the_command_takes_its_choice_from_the_table() -> None:
    (option,) = (option for option in summarize.params if "--format" in option.opts)
    assert isinstance(option.type, click.Choice)
    assert list(option.type.choices) == list(FORMATS)
    assert next(iter(FORMATS)) in (option.help or "")

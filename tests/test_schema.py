"""The published JSON Schemas against what is read and what is printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

import cnncalc
from cnncalc.api import SPECS, bundled_names
from cnncalc.layers import LAYERS
from cnncalc.render.data import json_text
from cnncalc.schema import spec, summary

GOLDEN = Path(__file__).parent / "golden" / "findings"
SPEC, SUMMARY = Draft7Validator(spec()), Draft7Validator(summary())

# Faults that stand in the text alone, so that a schema must see them as the reader does.
TELLING = {
    "a_list", "a_word", "attributes_not_indented", "bad_input_mapping", "bad_figures", "layers_is_a_mapping",
    "missing_attributes", "several_layers_in_one_item", "unknown_attributes", "unknown_keys", "wrong_types",
    "zero_and_negative", "no_input_no_layers", "expect_keys",
}  # fmt: skip


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_schemas_are_schemas() -> None:
    Draft7Validator.check_schema(spec())
    Draft7Validator.check_schema(summary())


@pytest.mark.parametrize("name", bundled_names())
def test_bundled(name: str) -> None:
    assert [error.message for error in SPEC.iter_errors(load(Path(SPECS) / f"{name}.yaml"))] == []
    printed = json.loads(json_text(cnncalc.summarize(name).to_dict()))
    assert [error.message for error in SUMMARY.iter_errors(printed)] == []


def test_every_layer() -> None:
    path = GOLDEN.parent / "every_layer.yaml"
    assert [error.message for error in SPEC.iter_errors(load(path))] == []
    printed = json.loads(json_text(cnncalc.summarize(path).to_dict()))
    assert {layer["type"] for layer in printed["layers"]} >= {layer.type for layer in LAYERS if layer.type != "head"}
    assert [error.message for error in SUMMARY.iter_errors(printed)] == []


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.yaml")), ids=lambda path: path.stem)
def test_findings(path: Path) -> None:
    """What the reader accepts the schema accepts; what both can see both refuse; the output is always valid."""
    found = cnncalc.summarize(path)
    assert [error.message for error in SUMMARY.iter_errors(json.loads(json_text(found.to_dict())))] == []
    try:
        document = load(path)
    except (yaml.YAMLError, UnicodeDecodeError):
        assert not found.ok
        return
    if found.ok:
        assert SPEC.is_valid(document)
    if path.stem in TELLING:
        assert not SPEC.is_valid(document)

"""The published JSON Schemas against what is read and what is printed."""

from __future__ import annotations

import json
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft7Validator

import cnncalc
from cnncalc.api import SPECS
from cnncalc.cli import main
from cnncalc.layers import LAYERS
from cnncalc.render.data import json_text
from cnncalc.schema import SCHEMAS, spec, summary
from tests.bundled import EACH
from tests.test_golden import yaml_of
from tests.transcript import ROOT

GOLDEN = Path(__file__).parent / "golden" / "findings"
SPEC, SUMMARY = Draft7Validator(spec()), Draft7Validator(summary())

# Of the golden files that the reader refuses, those that the schema refuses too: their faults stand in the text alone.
TELLING = {
    "a_list", "a_word", "all_at_once", "attributes_not_indented", "attributes_of_other_tools",
    "bad_input_mapping", "bad_input_volume", "block_parameters", "block_shadows_a_layer", "branches",
    "defaults_of_branches", "empty_file", "expect_keys", "faults_of_defaults", "layers_is_a_mapping",
    "missing_attributes", "missing_space", "names", "nested_too_deep", "no_input_no_layers",
    "numbers_that_are_not_plain", "only_a_comment", "roots", "several_layers_in_one_item", "slips_of_yaml",
    "spaces_missing", "unknown_attributes", "unknown_keys", "unknown_layers", "utf16", "words_for_booleans",
    "wrong_types", "zero_and_negative",
}  # fmt: skip

ACCEPTED = (
    "{name: 2015, input: 8x8x4, layers: [relu]}",
    "{name: , source: 1.5, input: '8x8x4', layers: [relu: , relu: {}]}",
    "{input: [4, '8', 8], layers: [conv: {filters: '8', kernel: 3x3, bias: 'true', padding: half}]}",
    "{input: 8x8x4, defaults: {max_pool: {kernel: 2}, relu: }, layers: [max_pool, max_pool: , max_pool: {name: 3}]}",
    "{input: 8x8x4, blocks: {3: {layers: [fc: channels // 2]}, true: {layers: []}}, layers: [3, true]}",
    "{input: 8x8x4, layers: [residual: [relu], head: {name: a, layers: [], training: 'true'}, dropout: '.5']}",
    "{parameters: {n: 2, e: 2x3}, input: n, layers: [fc: (n + 2) * 3 - -1]}",
    "{input: 8x8x4, layers: [pad: {top: 1}, reshape: {channels: 4, length: 72}, add: [input, input]]}",
    "{input: 8x8x4, layers: [relu], expect: {output: 8x8x4, params: '0', macs: < 1.5k, layers: == 1}}",
)
REFUSED = (
    "{input: banana, layers: [relu]}",
    "{input: 8 x 8 x 3, layers: [relu]}",
    "{input: 8*8, layers: [relu]}",
    "{input: 8x8x4, layers: ['relu,']}",
    "{input: 8x8x4, layers: [relu()]}",
    "{input: 8x8x4, layers: [conv: {filters: 8, kernel: 3, padding: SAME}]}",
    "{input: 8x8x4, layers: [fc: 10 units]}",
    "{input: 8x8x4, layers: [fc: '1e3']}",
    "{input: 8x8x4, layers: [max_pool]}",
    "{input: 8x8x4, layers: [residual: [conv: {filters: 3}]]}",
    "{input: 8x8x4, blocks: {relu: {layers: []}}, layers: [relu]}",
    "{input: 8x8x4, parameters: {3a: 1}, layers: [relu]}",
    "{input: 8x8x4, layers: [relu], expect: {params: -1}}",
)
DOCUMENTS = [text for path in (ROOT / "README.md", ROOT / "specs" / "README.md") for text in yaml_of(path)]


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_schemas_are_schemas() -> None:
    for schema in SCHEMAS.values():
        Draft7Validator.check_schema(schema())


@pytest.mark.parametrize("name", EACH)
def test_bundled(name: str) -> None:
    assert [error.message for error in SPEC.iter_errors(load(Path(SPECS) / f"{name}.yaml"))] == []
    printed = json.loads(json_text(cnncalc.summarize(name).to_dict()))
    # Of the layers, all that a schema can tell apart: it takes long, and a hundred layers are often of one form.
    printed["layers"] = list({form(layer): layer for layer in printed["layers"]}.values())
    assert [error.message for error in SUMMARY.iter_errors(printed)] == []


def form(value: Any) -> Hashable:
    """What a schema of figures looks at: keys, types and signs."""
    if isinstance(value, dict):
        return tuple((key, form(each)) for key, each in value.items())
    if isinstance(value, list):
        return (len(value), *{form(each): None for each in value})
    return type(value), value if isinstance(value, bool) else isinstance(value, int) and (value > 0) - (value < 0)


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


@pytest.mark.parametrize("text", [text for text in DOCUMENTS if "layers:" in text] + [*ACCEPTED])
def test_what_the_tool_accepts_the_schema_accepts(text: str) -> None:
    assert [finding for finding in cnncalc.summarize(text).findings if finding.severity == "error"] == []
    assert [error.message for error in SPEC.iter_errors(yaml.safe_load(text))] == []


@pytest.mark.parametrize("text", REFUSED)
def test_what_a_pattern_can_refuse(text: str) -> None:
    assert not cnncalc.summarize(text).ok
    assert not SPEC.is_valid(yaml.safe_load(text))


@pytest.mark.parametrize(
    "line",
    [
        "summarize lenet5 --json --batch 2",
        "summarize lenet5 inception_v3 -f ndjson",
        "check lenet5 resnet50 --strict --json",
        "check findings/stride_does_not_fit_exact.yaml findings/names.yaml --json",
        "compare lenet5 lenet5_32 alexnet --json",
        "compare vgg16 findings/names.yaml --json",
        "sweep alexnet --over input=66,67 --json",
        "sweep alexnet resnet50 --over input=66 --json",
        "zoo --json",
        "fit 7 --kernel 3 --stride 3 --json",
        "fit 7 --kernel 3 --stride 2 --json",
        "fit 7 --kernel 9 --json",
        "fit 7 --kernel 3 --padding 1,2 --stride 3 --json",
        "fit 227 --output 55 --json",
        "fit 7 --output 99 --json",
        "convolve 1/3 0.5 --padding 1,2 --stride 2 --json",
        "convolve 1 1x1 --pool avg --json",
    ],
)
def test_what_is_printed_has_its_schema(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(GOLDEN.parent)
    printed = CliRunner().invoke(main, line.split()).stdout
    documents = [json.loads(each) for each in (printed.splitlines() if "ndjson" in line else [printed])]
    for document in documents:
        name, version = document["schema"].removeprefix("cnncalc.").split("/")
        schema = Draft7Validator(SCHEMAS[name]())
        assert version == "1"
        assert [error.message for error in schema.iter_errors(document)] == []
        for key in document:
            assert not schema.is_valid({**document, key: {"wrong": 1}}), key
            if key not in ("name", "heads"):
                assert not schema.is_valid({other: value for other, value in document.items() if other != key}), key
        assert not schema.is_valid({**document, "more": 1})

"""JSON Schemas (draft-07): of a specification, drawn from the layer types, and of the summary's JSON."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from cnncalc.arithmetic import ROUNDINGS
from cnncalc.figures.analysis import TOTALS
from cnncalc.figures.counting import CONVENTIONS
from cnncalc.findings import SEVERITIES
from cnncalc.language.files import KEYS
from cnncalc.language.reader import CLAIMS
from cnncalc.layers import LAYERS, Branching, Layer
from cnncalc.layers.base import COMMON, REQUIRED
from cnncalc.layers.figures import FIGURES
from cnncalc.layers.kinds import ARGUMENT, COUNT, REPEAT, SIZES, VOLUME

Schema: TypeAlias = dict[str, Any]

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
_LAYERS: Final[Schema] = {"$ref": "#/definitions/layers"}
_VOLUME: Final = VOLUME.schema()
_OUTPUT: Final[Schema] = {"anyOf": [_VOLUME, {"type": "object", "additionalProperties": _VOLUME}]}
"""A volume, or one by the name of each output."""
_PATH: Final[Schema] = {"type": ["string", "integer"]}


def spec() -> Schema:
    """What a specification may say, as far as a schema can tell: editors complete and check with it.

    Which block names exist, what expressions come to and whether volumes go together is for
    `cnncalc check` alone.
    """
    own: Schema = {
        "name": {"type": "string"},
        "source": {"type": "string"},
        "task": {"type": "string"},
        "extends": {"type": "string"},
        "input": _VOLUME,
        "rounding": {"enum": list(ROUNDINGS)},
        "defaults": _object(
            {layer.type: _attributes(layer, with_common=False) for layer in LAYERS if not issubclass(layer, Branching)}
        ),
        "parameters": {
            "type": ["object", "null"],
            "additionalProperties": ARGUMENT.schema(),
        },
        "blocks": {"type": ["object", "null"], "additionalProperties": _block()},
        "layers": _LAYERS,
        "outputs": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "expect": _object({name: _OUTPUT if name == "output" else {"type": ["integer", "string"]} for name in CLAIMS}),
    }
    return {
        "$schema": DRAFT,
        "title": "cnncalc specification",
        "type": "object",
        "properties": {key: {"description": says, **own[key]} for key, says in KEYS.items()},
        "additionalProperties": False,
        "anyOf": [{"required": ["extends"]}, {"required": ["input", "layers"]}],
        "definitions": {"layers": {"type": "array", "items": _item()}, "volume": _volume(), "common": _common()},
    }


def _object(properties: Schema) -> Schema:
    return {"type": ["object", "null"], "properties": properties, "additionalProperties": False}


def _block() -> Schema:
    parameters = {"anyOf": [{"const": "required"}, ARGUMENT.schema()]}
    return {
        "type": "object",
        "properties": {
            "inputs": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            "parameters": {"type": ["object", "null"], "additionalProperties": parameters},
            "layers": _LAYERS,
        },
        "required": ["layers"],
        "additionalProperties": False,
    }


def _item() -> Schema:
    """A bare word, or a mapping with one key: a layer type, or a block, of which a schema knows nothing."""
    words = [layer.type for layer in LAYERS if _bare(layer)]
    return {
        "anyOf": [
            {"enum": words},
            {"type": "string", "not": {"enum": [layer.type for layer in LAYERS]}},
            {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "properties": {
                    layer.type: {"description": " ".join((layer.__doc__ or "").split()), **_layer(layer)}
                    for layer in LAYERS
                },
                "additionalProperties": {"type": ["object", "null"]},
            },
        ]
    }


def _bare(layer: type[Layer]) -> bool:
    required = any(attribute.default is REQUIRED for attribute in layer.attributes.values())
    return not required and not issubclass(layer, Branching)


def _layer(layer: type[Layer]) -> Schema:
    if issubclass(layer, Branching):
        return _branching(layer)
    forms = [_attributes(layer, with_common=True)]
    if layer.main:
        forms.append(layer.attributes[layer.main].kind.schema())
    if _bare(layer):
        forms.append({"type": "null"})
    return {"anyOf": forms}


def _attributes(layer: type[Layer], with_common: bool) -> Schema:
    properties = {name: attribute.kind.schema() for name, attribute in layer.attributes.items()}
    required = [name for name, attribute in layer.attributes.items() if attribute.default is REQUIRED]
    schema: Schema = {"type": "object", "additionalProperties": False}
    if not with_common:
        return {**schema, "properties": {**properties, "rounding": {"enum": list(ROUNDINGS)}}}
    main = layer.attributes[layer.main].kind if layer.main else None
    if main and main.parts:
        properties |= main.schema_of_parts()
        required = []
    schema["properties"] = {**properties, **_common_refs()}
    return {**schema, "required": required} if required else schema


def _branching(layer: type[Branching]) -> Schema:
    if layer.one_body:
        body: Schema = {"layers": _LAYERS, **_common_refs()}
        if layer.leaves_chain:
            body["training"] = {"type": "boolean"}
        required = ["layers", "name"] if layer.leaves_chain else ["layers"]
        mapping: Schema = {"type": "object", "properties": body, "required": required, "additionalProperties": False}
        return mapping if layer.leaves_chain else {"anyOf": [_LAYERS, mapping]}
    branches: Schema = {
        "type": "object",
        "properties": _common_refs(),
        "additionalProperties": _LAYERS,
        "minProperties": 2,
    }
    if layer.divides:
        branches["properties"]["sizes"] = SIZES.schema()
    names: Schema = {"type": "array", "items": {"type": "string"}, "minItems": 2}
    return {"anyOf": [branches, names]} if layer.takes_references else branches


def _common() -> Schema:
    own: Schema = {
        "name": {"type": ["string", "integer"]},
        "from": {"anyOf": [_PATH, {"type": "array", "items": _PATH, "minItems": 1}]},
        "repeat": REPEAT.schema(),
        "shares": _PATH,
        "rounding": {"enum": list(ROUNDINGS)},
        "expect": _VOLUME,
    }
    return {name: {"description": says, **own[name]} for name, says in COMMON.items()}


def _common_refs() -> Schema:
    return {name: {"$ref": f"#/definitions/common/{name}"} for name in COMMON}


def _volume() -> Schema:
    count = COUNT.schema()
    named = {
        "type": "object",
        "properties": VOLUME.schema_of_parts(),
        "required": ["channels"],
        "additionalProperties": False,
    }
    return {"anyOf": [*count["anyOf"], {"type": "array", "items": count, "minItems": 1, "maxItems": 4}, named]}


# The summary


def summary() -> Schema:
    """What `summarize --json` prints, an object for each network."""
    count: Schema = {"type": "integer", "minimum": 0}
    unknown = {"type": ["integer", "null"], "minimum": 0}
    shape: Schema = {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1, "maxItems": 4}
    maybe = {"anyOf": [shape, {"type": "null"}]}
    axes: Schema = {"type": "array", "items": {"type": "integer"}, "maxItems": 3}
    pairs = {"type": "array", "items": {**axes, "minItems": 2, "maxItems": 2}, "maxItems": 3}
    exact = {"type": "array", "items": {"type": ["integer", "string"]}, "maxItems": 3}
    text: Schema = {"type": "string"}
    texts = {"type": "array", "items": text}
    misfit = {"numerator": {"type": "integer"}, "stride": count, "remainder": count, "unread": count}
    for_values = [name for each in LAYERS for name, attribute in each.attributes.items() if attribute.for_values]
    layer: Schema = {
        "path": text, "type": text, "line": count, "file": text, "inputs": texts, "training": {"const": True},
        "shares": text,
        "input_shape": shape, "input_shapes": {"type": "array", "items": shape}, "output_shape": maybe,
        "kernel": axes, "stride": axes, "padding": pairs, "output_padding": axes, "dilation": axes, "groups": count,
        **{name: {"type": ["number", "boolean", "string"]} for name in for_values},
        **dict.fromkeys(FIGURES, count), "receptive_field": exact, "jump": exact,
        "gemm": _closed({"m": count, "k": count, "n": count, "groups": count}),
        "fit": {"type": "array", "items": _closed(misfit)},
    }  # fmt: skip
    finding: Schema = {
        "code": text, "severity": {"enum": list(SEVERITIES)}, "message": text, "notes": texts,
        "help": texts, "path": text, "file": text, "line": count, "column": count,
        "end_line": count, "end_column": count, "times": count,
    }  # fmt: skip
    own: Schema = {
        "schema": {"const": "cnncalc.summary/1"},
        "name": text,
        "file": text,
        "counting": {"enum": list(CONVENTIONS)},
        "batch": {"type": "integer", "minimum": 1},
        "input_shape": maybe,
        "output_shape": maybe,
        "heads": {"type": "object", "additionalProperties": maybe},
        "outputs": {"type": "object", "additionalProperties": maybe},
        "layers": {"type": "array", "items": _closed(layer, ["path", "type", "line", "inputs", "output_shape"])},
        "totals": _closed(dict.fromkeys(TOTALS, unknown)),
        "findings": {"type": "array", "items": _closed(finding, ["code", "severity", "message", "file"])},
    }
    required = [key for key in own if key not in ("name", "heads", "outputs")]
    return {"$schema": DRAFT, "title": "cnncalc summary", **_closed(own, required)}


def _closed(properties: Schema, required: list[str] | None = None) -> Schema:
    names = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


SCHEMAS: Final = {"spec": spec, "summary": summary}
"""The schemas by the names that `cnncalc schema` takes."""

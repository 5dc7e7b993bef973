"""JSON Schemas (draft-07): of a specification, drawn from the layer types, and of the JSON that is printed."""

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
from cnncalc.layers.figures import DTYPES, FIGURES, SIZE_TOTALS
from cnncalc.layers.kinds import ARGUMENT, COUNT, EXPRESSION_PATTERN, FLAG, REPEAT, SIZES, VOLUME

Schema: TypeAlias = dict[str, Any]

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
_LAYERS: Final[Schema] = {"$ref": "#/definitions/layers"}
_COMPLETE: Final[Schema] = {"$ref": "#/definitions/complete"}
_VOLUME: Final = VOLUME.schema()
_TEXT: Final[Schema] = {"type": ["string", "number", "boolean", "null"]}
"""A text of any kind: YAML makes numbers of some, cnncalc does not."""
_NAME: Final[Schema] = {"type": ["string", "integer", "boolean"], "pattern": "^[^\\s_.,:;()+-][^\\s.,:;()]*$"}
_FIGURE: Final = rf"^\s*(?:[<>]=?|==?)?\s*(?:[0-9.]+\s*[kMGT]|{EXPRESSION_PATTERN})\s*$"
_SIZE: Final = rf"^\s*(?:[<>]=?|==?)?\s*(?:[0-9.]+\s*(?:[kMGT]B?|[KMGT]iB?)|{EXPRESSION_PATTERN})\s*$"
_OUTPUT: Final[Schema] = {"anyOf": [_VOLUME, {"type": "object", "additionalProperties": _VOLUME}]}
"""Of one output, or of several by their names."""
_PLAIN_VOLUME: Final = r"^[0-9]+(x[0-9]+){1,3}$"
_PATH: Final[Schema] = {"type": ["string", "integer"], "minLength": 1}


def spec() -> Schema:
    """What a specification may say, as far as a schema can tell: editors complete and check with it.

    Which block names exist, what expressions come to and whether volumes go together is for
    `cnncalc check` alone.
    """
    own: Schema = {
        "name": _TEXT,
        "source": _TEXT,
        "task": _TEXT,
        "extends": {"type": "string"},
        "input": _VOLUME,
        "rounding": {"enum": list(ROUNDINGS)},
        "defaults": _object(
            {layer.type: _attributes(layer, with_common=False) for layer in LAYERS if not issubclass(layer, Branching)}
        ),
        "parameters": {
            "type": ["object", "null"],
            "propertyNames": {"pattern": "^[A-Za-z_]"},
            "additionalProperties": ARGUMENT.schema(),
        },
        "blocks": {
            "type": ["object", "null"],
            "propertyNames": {"not": {"enum": [layer.type for layer in LAYERS]}},
            "additionalProperties": _block(),
        },
        "layers": _LAYERS,
        "outputs": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "expect": _object(
            {
                name: _OUTPUT if name == "output" else _figure(_SIZE if name in SIZE_TOTALS else _FIGURE)
                for name in CLAIMS
            }
        ),
    }
    return {
        "$schema": DRAFT,
        "title": "cnncalc specification",
        "type": "object",
        "properties": {key: {"description": says, **own[key]} for key, says in KEYS.items()},
        "additionalProperties": False,
        "anyOf": [{"required": ["extends"]}, {"required": ["input", "layers"]}],
        "allOf": [_without(["parameters", "extends"], _no_names()), _without(["defaults", "extends"], _all_given())],
        "definitions": {
            "layers": {"type": "array", "items": _item()},
            "complete": _complete(),
            "volume": _volume(),
            "common": _common(),
        },
    }


def _figure(pattern: str) -> Schema:
    return {"type": ["integer", "string"], "minimum": 0, "pattern": pattern}


def _without(keys: list[str], then: Schema) -> Schema:
    """What holds where a file has none of the keys."""
    return {"anyOf": [*({"required": [key]} for key in keys), then]}


def _no_names() -> Schema:
    """Without parameters, no name stands in the input."""
    return {"properties": {"input": {"not": {"type": "string", "pattern": "[A-Za-wyz_]"}}}}


def _all_given() -> Schema:
    """Without defaults, each layer has what its type requires."""
    blocks = {"additionalProperties": {"properties": {"layers": _COMPLETE}}}
    return {"properties": {"layers": _COMPLETE, "blocks": blocks}}


def _complete() -> Schema:
    """A list of layers of which each has what its type requires, and so the lists within."""
    bare = [layer.type for layer in LAYERS if not issubclass(layer, Branching) and _required(layer)]
    types: Schema = {layer.type: _of_branches(layer) for layer in LAYERS if issubclass(layer, Branching)}
    types |= {layer.type: _with_all(layer) for layer in LAYERS if layer.type in bare}
    return {"items": {"not": {"enum": bare}, "properties": types}}


def _of_branches(layer: type[Branching]) -> Schema:
    own: Schema = {"additionalProperties": _COMPLETE}
    return {"allOf": [_COMPLETE, own]} if layer.one_body else own


def _with_all(layer: type[Layer]) -> Schema:
    required = _required(layer)
    main = layer.attributes[layer.main].kind if layer.main else None
    forms: list[Schema] = [{"type": "object", "required": [] if main and main.parts else required}]
    if required == [layer.main]:
        forms.append({"not": {"type": ["object", "null"]}})
    return {"anyOf": forms}


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
    words = [layer.type for layer in LAYERS if not issubclass(layer, Branching)]
    return {
        "anyOf": [
            {"enum": words},
            {**_NAME, "not": {"enum": [layer.type for layer in LAYERS]}},
            {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "properties": {
                    layer.type: {"description": " ".join((layer.__doc__ or "").split()), **_layer(layer)}
                    for layer in LAYERS
                },
                "propertyNames": {"pattern": _NAME["pattern"]},
                "additionalProperties": {"type": ["object", "null"]},
            },
        ]
    }


def _required(layer: type[Layer]) -> list[str]:
    return [name for name, attribute in layer.attributes.items() if attribute.default is REQUIRED]


def _layer(layer: type[Layer]) -> Schema:
    if issubclass(layer, Branching):
        return _branching(layer)
    forms = [_attributes(layer, with_common=True)]
    if layer.main:
        forms.append(layer.attributes[layer.main].kind.schema())
    return {"anyOf": [*forms, {"type": "null"}]}


def _attributes(layer: type[Layer], with_common: bool) -> Schema:
    properties = {name: attribute.kind.schema() for name, attribute in layer.attributes.items()}
    if not with_common:
        return _object({**properties, "rounding": {"enum": list(ROUNDINGS)}})
    main = layer.attributes[layer.main].kind if layer.main else None
    if main and main.parts:
        properties |= main.schema_of_parts()
    return {"type": "object", "additionalProperties": False, "properties": {**properties, **_common_refs()}}


def _branching(layer: type[Branching]) -> Schema:
    if layer.one_body:
        body: Schema = {"layers": _LAYERS, **_common_refs()}
        if layer.leaves_chain:
            body["training"] = FLAG.schema()
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
    several = {"anyOf": [{"minItems": 2}, {"contains": {"type": "string", "pattern": r"_\*"}}]}  # or all turns of one
    names: Schema = {"type": "array", "items": {"type": "string"}, **several}
    return {"anyOf": [branches, names]} if layer.takes_references else branches


def _common() -> Schema:
    own: Schema = {
        "name": _NAME,
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
    plain = {"type": "string", "pattern": _PLAIN_VOLUME}
    product = {"type": "string", "pattern": r"^[0-9]+(\s*[*,×X]\s*[0-9]+)+\s*$"}  # which is refused as a volume
    extent, expression = count["anyOf"]
    forms = [extent, {**expression, "not": product}, plain]
    return {"anyOf": [*forms, {"type": "array", "items": count, "minItems": 1, "maxItems": 4}, named]}


# What is printed

_TEXTS: Final[Schema] = {"type": "array", "items": {"type": "string"}}
_STRING: Final[Schema] = {"type": "string"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_ONE: Final[Schema] = {"type": "integer", "minimum": 1}
_UNKNOWN: Final[Schema] = {"type": ["integer", "null"], "minimum": 0}
_SHAPE: Final[Schema] = {"type": "array", "items": _ONE, "minItems": 1, "maxItems": 4}
_MAYBE: Final[Schema] = {"anyOf": [_SHAPE, {"type": "null"}]}
_PAIR: Final[Schema] = {"type": "array", "items": _COUNT, "minItems": 2, "maxItems": 2}
_TOTALS: Final = {**dict.fromkeys(TOTALS, _UNKNOWN), "peak_at": {"type": ["string", "null"]}}


def summary() -> Schema:
    """What `summarize --json` prints, an object for each network."""
    own: Schema = {
        "name": _STRING,
        "file": _STRING,
        "counting": {"enum": list(CONVENTIONS)},
        "batch": _ONE,
        "dtype": {"enum": list(DTYPES)},
        "input_shape": _MAYBE,
        "output_shape": _MAYBE,
        "heads": {"type": "object", "additionalProperties": _MAYBE},
        "outputs": {"type": "object", "additionalProperties": _MAYBE},
        "layers": _list(_layer_printed()),
        "totals": _closed(_TOTALS),
        "findings": _list(_finding()),
    }
    return _printed("summary", own, optional=("name", "heads", "outputs"))


def findings() -> Schema:
    """What `check --json` prints."""
    return _printed("findings", {"files": _TEXTS, "findings": _list(_finding())})


def comparison() -> Schema:
    """What `compare --json` prints."""
    network = {"file": _STRING, "name": _STRING, "input_shape": _MAYBE, "output_shape": _MAYBE}
    totals = _closed(_TOTALS)
    side = {"anyOf": [_layer_printed(), {"type": "null"}]}
    change = {"file": _STRING, "change": {"enum": ["added", "removed", "changed"]}, "before": side, "after": side}
    networks = _list(_closed({**network, "totals": totals}, ["file", "input_shape", "output_shape", "totals"]))
    own: Schema = {
        "counting": {"enum": list(CONVENTIONS)},
        "dtype": {"enum": list(DTYPES)},
        "networks": {**networks, "minItems": 2},
        "changes": _list(_closed(change)),
    }
    return _printed("comparison", own)


def sweep() -> Schema:
    """What `sweep --json` prints; beside these keys a row has those of what varies."""
    own = {"file": _STRING, "output_shape": _MAYBE, **_TOTALS, "misfits": _UNKNOWN, "lost": _UNKNOWN}
    keys: Schema = {**own, "error": {"anyOf": [_finding(), {"type": "null"}]}}
    row = {
        **_closed(keys, [key for key in keys if key != "file"]),
        "additionalProperties": {"type": ["number", "string"]},
    }
    return _printed("sweep", {"rows": _list(row)})


def zoo() -> Schema:
    """What `zoo --json` prints."""
    maybe = {"type": ["string", "null"]}
    texts = {"name": _STRING, "title": maybe, "task": maybe, "source": maybe}
    figures = {"input_shape": _MAYBE, "params": _UNKNOWN, "macs": _UNKNOWN}
    return _printed("zoo", {"networks": _list(_closed({**texts, **figures}))})


def fit() -> Schema:
    """What `fit --json` prints of one stride."""
    counts = _list(_COUNT)
    repairs = {"sizes": counts, "strides": counts, "kernels": counts, "padding": counts}
    own: Schema = {
        "size": _ONE, "kernel": _ONE, "stride": _ONE, "padding": _PAIR, "dilation": _ONE, "effective_kernel": _ONE,
        "numerator": {"type": "integer"}, "remainder": _COUNT, "unread": _COUNT, "fits": {"type": "boolean"},
        "output": _UNKNOWN, "working": _STRING, "repairs": {"anyOf": [_closed(repairs), {"type": "null"}]},
    }  # fmt: skip
    return _printed("fit", own)


def fit_solutions() -> Schema:
    """What `fit --output N --json` prints."""
    solution = _closed({"kernel": _ONE, "stride": _ONE, "padding": _PAIR, "dilation": _ONE})
    return _printed("fit-solutions", {"size": _ONE, "output": _ONE, "solutions": _list(solution)})


def convolve() -> Schema:
    """What `convolve --json` prints; a number that does not end as a decimal is a text such as `1/3`."""
    axes = {"type": "array", "items": _ONE, "minItems": 2, "maxItems": 2}
    numbers = {"type": "array", "items": {"type": ["number", "string"]}, "minItems": 1}
    own: Schema = {
        "operation": {"enum": ["conv", "max_pool", "avg_pool"]}, "input_shape": axes, "kernel": axes, "stride": axes,
        "padding": {"type": "array", "items": _PAIR, "minItems": 2, "maxItems": 2}, "dilation": axes,
        "fits": _list({"type": "boolean"}), "output_shape": axes, "output": {**_list(numbers), "minItems": 1},
    }  # fmt: skip
    return _printed("convolve", own)


def _layer_printed() -> Schema:
    axes: Schema = {"type": "array", "items": {"type": "integer"}, "maxItems": 3}
    exact = {"type": "array", "items": {"type": ["integer", "string"]}, "maxItems": 3}
    misfit = {"numerator": {"type": "integer"}, "stride": _COUNT, "remainder": _COUNT, "unread": _COUNT}
    for_values = [name for each in LAYERS for name, attribute in each.attributes.items() if attribute.for_values]
    layer: Schema = {
        "path": _STRING, "type": _STRING, "line": _COUNT, "file": _STRING, "inputs": _TEXTS,
        "training": {"const": True}, "shares": _STRING, "input_shape": _SHAPE, "input_shapes": _list(_SHAPE), "output_shape": _MAYBE,
        "kernel": axes, "stride": axes, "padding": {**_list(_PAIR), "maxItems": 3}, "output_padding": axes,
        "dilation": axes, "groups": _COUNT,
        **{name: {"type": ["number", "boolean", "string"]} for name in for_values}, **dict.fromkeys(FIGURES, _COUNT), "receptive_field": exact, "jump": exact, "live": _COUNT,
        "gemm": _closed({"m": _COUNT, "k": _COUNT, "n": _COUNT, "groups": _COUNT}), "fit": _list(_closed(misfit)),
    }  # fmt: skip
    return _closed(layer, ["path", "type", "line", "inputs", "output_shape"])


def _finding() -> Schema:
    finding: Schema = {
        "code": _STRING, "severity": {"enum": list(SEVERITIES)}, "message": _STRING, "notes": _TEXTS,
        "help": _TEXTS, "path": _STRING, "file": _STRING, "line": _COUNT, "column": _COUNT,
        "end_line": _COUNT, "end_column": _COUNT, "times": _COUNT,
    }  # fmt: skip
    return _closed(finding, ["code", "severity", "message", "file"])


def _printed(name: str, own: Schema, optional: tuple[str, ...] = ()) -> Schema:
    """The schema of a document that says by `schema` which one it is."""
    keys = {"schema": {"const": f"cnncalc.{name}/1"}, **own}
    return {"$schema": DRAFT, "title": f"cnncalc {name}", **_closed(keys, [key for key in keys if key not in optional])}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _closed(properties: Schema, required: list[str] | None = None) -> Schema:
    names = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


SCHEMAS: Final = {
    "spec": spec,
    "summary": summary,
    "findings": findings,
    "comparison": comparison,
    "sweep": sweep,
    "zoo": zoo,
    "fit": fit,
    "fit-solutions": fit_solutions,
    "convolve": convolve,
}
"""The schemas by the names that `cnncalc schema` takes."""

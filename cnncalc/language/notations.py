"""What an item of a list of layers was meant to be: classes of other tools with their arguments, notations of papers.

Only slips need this, so it is imported for them. Every function gives text that passes when it is typed in the place of
the item, or None where that is not plain.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from cnncalc.language.attributes import proper_attribute
from cnncalc.language.source import Mapping as Pairs
from cnncalc.language.source import Node, Scalar
from cnncalc.language.values import written
from cnncalc.layers import TYPES, Layer
from cnncalc.layers.base import REQUIRED, foreign_remedy
from cnncalc.layers.foreign import plain, proper_type

_NOT_SAID: Final = "-"
"""An argument that there is no attribute for, as the channels that come in are those of the volume before."""
_PYTORCH: Final = {
    "conv": "- filters kernel stride padding dilation groups bias",
    "convtranspose": "- filters kernel stride padding output_padding groups bias dilation",
    "linear": "- units bias",
    "batchnorm": "- - - affine",
    "instancenorm": "- - - affine",
    "layernorm": "- - affine",
    "groupnorm": "groups - - affine",
    "maxpool": "kernel stride padding dilation",
    "avgpool": "kernel stride padding",
    "adaptiveavgpool": "size",
    "adaptivemaxpool": "size",
    "dropout": "rate -",
    "prelu": "- -",
    "relu": "-",
    "leakyrelu": "- -",
    "silu": "-",
    "sigmoid": "",
    "tanh": "",
    "gelu": "-",
    "softmax": "-",
    "flatten": "",
    "pixelshuffle": "factor",
    "channelshuffle": "groups",
}
"""The arguments of a class of torch.nn by place, by the attribute here."""
_KERAS: Final = {
    "conv": "filters kernel stride padding",
    "convtranspose": "filters kernel stride padding",
    "depthwiseconv": "kernel stride padding",
    "maxpooling": "kernel stride padding",
    "averagepooling": "kernel stride padding",
    "dense": "units",
    "dropout": "rate",
    "spatialdropout": "rate",
    "flatten": "",
    "relu": "",
    "softmax": "",
    "batchnormalization": "-",
    "globalaveragepooling": "",
    "globalmaxpooling": "",
    "upsampling": "factor",
}
"""The same of keras.layers."""
_ARGUMENT: Final = r"\s*(?:([a-z_]+)\s*=\s*)?(\([0-9, ]{1,40}\)|[\w.]{1,30}|'[a-z]{1,20}'|\"[a-z]{1,20}\")\s*(?:,|\Z)"


def call(text: str) -> str | None:
    """The item that `conv(16, 3)`, `nn.Conv2d(3, 16, 3, padding=1)` and `MaxPooling2D((2, 2))` stand for."""
    word, _, rest = text.partition("(")
    if not rest.endswith(")") or len(text) > 200:
        return None
    by_place: list[str] = []
    by_name: dict[str, str] = {}
    at, rest = 0, rest[:-1]
    while at < len(rest):
        found = re.compile(_ARGUMENT).match(rest, at)
        if found is None or (by_name and not found[1]):
            return None
        if found[1]:
            by_name[found[1]] = found[2]
        else:
            by_place.append(found[2])
        at = found.end()
    return item(word.strip(), by_place, by_name)


def item(word: str, by_place: list[str], by_name: Mapping[str, str]) -> str | None:
    """The item that a class, or a layer type, is with these arguments."""
    type = word if word in TYPES else proper_type(word)
    places = _places(word)
    if type is None or places is None or len(by_place) > len(places):
        return None
    cls = TYPES[type]
    named = {proper_attribute(cls, name) or name: value for name, value in by_name.items()}
    given = {**{place: value for place, value in zip(places, by_place, strict=False) if place != _NOT_SAID}, **named}
    given = {name: value for name, value in given.items() if not _inert(cls, name)}
    values = {name: _value(value) for name, value in given.items() if value != "None"}
    return written_out(cls, values)


def _places(word: str) -> list[str] | None:
    """The attributes of a class in the order of its arguments; of a type of ours, those that it must have."""
    if word in TYPES:
        cls = TYPES[word]
        return [name for name, each in cls.attributes.items() if each.default is REQUIRED]
    bare = plain(word)
    keras = re.search("[123]D", word) or bare not in _PYTORCH
    places = (_KERAS if keras else _PYTORCH).get(bare)
    return None if places is None else places.split()


def _inert(cls: type[Layer], name: str) -> bool:
    """Whether an argument is one that is left away here."""
    return name not in cls.attributes and (foreign_remedy(name) or "").startswith("leave it away")


def _value(text: str) -> str:
    """An argument of Python's as YAML has it."""
    if text in ("True", "False"):
        return text.lower()
    if text[0] == "(":
        return "x".join(re.findall("[0-9]+", text))
    return text.strip("'\"")


def written_out(cls: type[Layer], values: Mapping[str, str]) -> str | None:
    """A layer with the values of its attributes, as it is written; None where it cannot be."""
    known = all(name in cls.attributes and _fits(cls, name, value) for name, value in values.items())
    missing = any(each.default is REQUIRED and name not in values for name, each in cls.attributes.items())
    if not known or missing:
        return None
    if not values:
        return cls.type
    if [*values] == [cls.main]:
        return f"{cls.type}: {values[cls.main or '']}"
    return f"{cls.type}: {{{', '.join(f'{name}: {value}' for name, value in values.items())}}}"


def _fits(cls: type[Layer], name: str, value: str) -> bool:
    """Whether a plain value is of the attribute's kind."""
    kind = cls.attributes[name].kind
    if kind.word(value) is not None:
        return True
    parts = value.split("x") if kind.per_axis else [value]
    return kind.numeric and all(part.isdigit() and kind.holds(int(part)) for part in parts)


# Notations of papers


def notation(text: str) -> str | None:
    """The item of `conv3-64` and `FC-4096` (VGG), `3x3 conv, 64, /2` (ResNet), `64C3` and `MP2` (Cireşan), `pool/2`."""
    if len(text) > 40:
        return None
    conv = re.match(
        r"conv(?:olution)?([1-9][0-9]?)-([1-9][0-9]{0,4})\Z"
        r"|([1-9][0-9]?) ?[x×] ?\3 conv(?:olution)?, ?([1-9][0-9]{0,4})(?:, ?/([1-9]))?\Z"
        r"|conv ([1-9][0-9]?)[x×]\6, ?([1-9][0-9]{0,4})(?:, ?/([1-9]))?\Z",
        text.lower(),
    )
    if conv:
        kernel, filters = conv[1] or conv[3] or conv[6], conv[2] or conv[4] or conv[7]
        return _convolution(int(kernel), filters, conv[5] or conv[8])
    small = re.match(r"([1-9][0-9]{0,4})C([1-9][0-9]?)\Z", text)
    if small:
        return f"conv: {{filters: {small[1]}, kernel: {small[2]}}}"
    pool = re.match(r"(?:(max|avg|average)[ _-]?)?pool(?:ing)?,? ?/([2-9])\Z", text.lower()) or re.match(
        r"()mp([2-9])\Z", text.lower()
    )
    if pool:
        return f"{'avg' if pool[1] in ('avg', 'average') else 'max'}_pool: {pool[2]}"
    dense = re.match(r"fc-([1-9][0-9]{0,5})\Z", text.lower())
    return f"fc: {dense[1]}" if dense else None


def _convolution(kernel: int, filters: str, stride: str | None) -> str:
    """A convolution as these papers mean it, padded so that it keeps the extents of its input."""
    padding = f", padding: {kernel // 2}" if kernel % 2 and kernel > 1 else ""
    return f"conv: {{filters: {filters}, kernel: {kernel}{f', stride: {stride}' if stride else ''}{padding}}}"


# Layers for which there are two here


def separable(value: Node) -> list[str] | None:
    """The two layers that Keras' SeparableConv2D is with these attributes, which has no bias between them."""
    given = {}
    for key, node in value.pairs if isinstance(value, Pairs) else ():
        proper = proper_attribute(TYPES["conv"], key.value) or proper_attribute(TYPES["depthwise_conv"], key.value)
        name = key.value if key.value in TYPES["conv"].attributes else proper or key.value
        if isinstance(node, Scalar) and not (proper is None and _inert(TYPES["conv"], name)):
            given[name] = _value(node.value or "-")
    if not {"filters", "kernel"} <= given.keys():
        return None
    point = {"filters": given.pop("filters"), "kernel": "1", **({"bias": given["bias"]} if "bias" in given else {})}
    layers = [written_out(TYPES["depthwise_conv"], {**given, "bias": "false"}), written_out(TYPES["conv"], point)]
    return None if None in layers else [f"- {layer}" for layer in layers]


def in_braces(cls: type[Layer], value: Node, more: Iterable[tuple[Scalar, Node]]) -> str | None:
    """The layer with what it says and attributes that stand elsewhere, as one mapping."""
    pairs = value.pairs if isinstance(value, Pairs) else []
    if isinstance(value, Scalar) and value.value:
        main = cls.main if cls.main and re.match("[0-9]", value.value) else "name"
        pairs = [(Scalar(main, value.start), value)]
    given = {key.value: written(node) for key, node in (*pairs, *more)}
    text = f"{cls.type}: {{{', '.join(f'{name}: {text}' for name, text in given.items())}}}"
    return text if len(text) < 100 and all(given.values()) and len(given) == len(pairs) + len([*more]) else None

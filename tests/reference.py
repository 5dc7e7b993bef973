"""The parts of specs/README.md that are drawn from the layer types themselves."""

from __future__ import annotations

from cnncalc.figures.counting import CONVENTIONS
from cnncalc.language.files import KEYS
from cnncalc.layers import LAYERS, Branching, Layer
from cnncalc.layers.base import COMMON, REQUIRED, Attribute, plain


def layers() -> str:
    """The table of all layer types: attributes with their defaults, the main one in bold, what the layer is."""
    lines = ["| layer | attributes (default) | what it is |", "|---|---|---|"]
    for layer in LAYERS:
        given = ", ".join(_attribute(name, attribute) for name, attribute in layer.attributes.items())
        if issubclass(layer, Branching):
            given = f"`{layer.example.removeprefix('- ')}`"
        lines.append(f"| `{layer.type}` | {given or '-'} | {_says(layer)} |")
    return "\n".join(lines) + "\n"


def _attribute(name: str, attribute: Attribute) -> str:
    word = f"**{name}**" if attribute.main else name
    if attribute.default is REQUIRED:
        return word
    default = attribute.default_says or plain(attribute.default)
    return f"{word} ({default})"


def _says(layer: type[Layer]) -> str:
    return " ".join((layer.__doc__ or "").split())


def kinds() -> str:
    """What a value of each attribute is."""
    found: dict[str, list[str]] = {}
    for layer in LAYERS:
        for name, attribute in layer.attributes.items():
            users = found.setdefault(attribute.kind.says, [])
            if name not in users:
                users.append(name)
    return "".join(f"- {', '.join(f'`{name}`' for name in names)}: {says}\n" for says, names in found.items())


def common() -> str:
    """The attributes that every layer takes."""
    return "".join(f"- `{name}`: {says}\n" for name, says in COMMON.items())


def keys() -> str:
    """The keys of a file."""
    return "| key | what it says |\n|---|---|\n" + "".join(f"| `{key}` | {says} |\n" for key, says in KEYS.items())


def words() -> str:
    """What other tools call the layer types."""
    lines = [f"- `{layer.type}`: {', '.join(layer.also)}\n" for layer in LAYERS if layer.also]
    return "".join(lines)


def counting() -> str:
    """The conventions of counting mult-adds."""
    rows = [f"| `{name}` | {convention.says} |\n" for name, convention in CONVENTIONS.items()]
    return "| name | what it counts |\n|---|---|\n" + "".join(rows)


SECTIONS = {"counting": counting, "keys": keys, "layers": layers, "kinds": kinds, "common": common, "words": words}
"""The parts by the name that the markers in the reference have: `<!-- keys -->` to `<!-- end -->`."""


def filled(text: str) -> str:
    """A reference with every part between its markers drawn anew."""
    for name, part in SECTIONS.items():
        start, marker = text.partition(f"<!-- {name} -->\n")[0], f"<!-- {name} -->\n"
        if marker not in text:
            continue
        rest = text.partition(marker)[2].partition("<!-- end -->")[2]
        text = f"{start}{marker}{part()}<!-- end -->{rest}"
    return text

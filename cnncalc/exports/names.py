"""Names of a specification as identifiers of Python: none a keyword, none taken."""

import builtins
import keyword
import re
from collections.abc import Collection, Container
from typing import Final

_WORDS: Final = re.compile(r"[^0-9A-Za-z_]+")
_RESERVED: Final = frozenset([*keyword.kwlist, *keyword.softkwlist, *dir(builtins)])


def identifier(name: str, taken: Container[str] = (), prefix: str = "_") -> str:
    """A name as an identifier that is no keyword, no builtin, and not among those that are taken.

    Letters outside of ASCII are left out. What starts with a digit gets the prefix, what is reserved a `_` behind it,
    what is taken a number.
    """
    clean = _WORDS.sub("_", name).strip("_") or prefix.strip("_") or "layer"
    if clean[0].isdigit():
        clean = f"{prefix.strip('_')}_{clean}" if prefix.strip("_") else f"_{clean}"
    if clean in _RESERVED:
        clean += "_"
    return unique(clean, taken)


def unique(name: str, taken: Container[str]) -> str:
    """The name, with the first number from 2 behind it with which it is not taken."""
    if name not in taken:
        return name
    number, joint = 2, "_" if name[-1].isdigit() else ""
    while f"{name}{joint}{number}" in taken:
        number += 1
    return f"{name}{joint}{number}"


def plural(word: str) -> str:
    """A word for several of it: `identities`, `boxes`, `convs`."""
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"


def class_name(name: str, taken: Collection[str] = (), otherwise: str = "Network") -> str:
    """A name as that of a class: `ResNet50` for `ResNet-50`, `WideResNet50_2`, `ConvSilu` for `conv_silu`."""
    words = [word for word in re.split(r"[^0-9A-Za-z]+", name) if word]
    clean = ""
    for word in words:
        clean += f"{'_' if clean[-1:].isdigit() and word[0].isdigit() else ''}{word[0].upper()}{word[1:]}"
    clean = clean or otherwise
    if clean[0].isdigit():
        clean = otherwise + clean
    return unique(clean + "_" if clean in _RESERVED else clean, taken)

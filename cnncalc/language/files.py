"""A file and those that it extends, gathered: the keys of all of them, the extending file's own first."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias, TypeGuard

from cnncalc import findings
from cnncalc.arithmetic import ROUNDINGS
from cnncalc.language.faults import Faults
from cnncalc.language.source import Mapping, Node, Scalar, Sequence, UnreadableError, decode, parse
from cnncalc.language.values import Pairs, ValueReader, empty
from cnncalc.layers import TYPES
from cnncalc.limits import Limits

Loader: TypeAlias = Callable[[str, str], tuple[str, bytes]]
"""The file that `extends` names, as seen from another file: its own name and its bytes. Raises OSError."""

KEYS: Final = {
    "name": "what the network is called",
    "source": "where it was published",
    "task": "what it is for: `cnncalc zoo` lists the bundled ones by it",
    "extends": "another file to start from",
    "input": "the volume that comes in",
    "rounding": f"{', '.join(ROUNDINGS)}: for all layers that do not say",
    "defaults": "attributes for all layers of a type",
    "parameters": "numbers that expressions can name",
    "blocks": "layer types of the file's own",
    "layers": "the layers, in order",
    "outputs": "what the network gives, by the names of layers; otherwise what comes out of the last",
    "expect": "figures that the network must have",
}
"""The keys of a specification."""
_WHOLE: Final = "network"
_FOREIGN: Final = {
    **dict.fromkeys((_WHOLE, "net", "model", "architecture"), _WHOLE),
    **dict.fromkeys(("input_shape", "input_size", "image_size"), "input"),
    **dict.fromkeys(("params", "variables", "vars", "constants"), "parameters"),
    **dict.fromkeys(("base", "parent", "extend", "inherits", "include"), "extends"),
    "title": "name",
}
"""Other words for the keys; what `network` means depends on what stands behind it."""
_SURE: Final = 0.8
"""How alike (`difflib`) a misspelt key must be to one for being read as it."""
_MERGED: Final = ("parameters", "blocks")
"""What `extends` merges by name."""


def _is_specification(data: bytes) -> bool:
    """Whether a file has a key of a specification, `extends` aside. Of one that has none no word may be shown.

    By its text, as what is none may be no YAML either; keys stand at the start of a line, or in braces.
    """
    text = data.decode("utf-8-sig", "replace")
    start = r"^|[{,]\s*" if text.lstrip().startswith("{") else "^"
    keys = "|".join(key for key in KEYS if key != "extends")
    return re.search(rf"(?:{start})[\"']?(?:{keys})[\"']?[ \t]*:", text, re.MULTILINE) is not None


def _holds_all(node: Node, word: str) -> TypeGuard[Mapping]:
    """Whether a key has the keys of a specification inside it, as in `network: {input: …, layers: …}`."""
    whole = _FOREIGN.get(word.lower()) == _WHOLE
    return whole and isinstance(node, Mapping) and any(key.value.lower() in KEYS for key, _ in node.pairs)


class Gathered:
    """The keys of a file and of those that it extends, each with the file that it is in."""

    def __init__(self, values: ValueReader, faults: Faults, limits: Limits, loader: Loader) -> None:
        self.values, self.faults, self.limits, self.loader = values, faults, limits, loader
        self.keys: dict[str, tuple[str, Node]] = {}
        self.merged: dict[str, dict[str, tuple[str, Scalar, Node]]] = {key: {} for key in _MERGED}
        """The file, the key and the value of each entry."""
        self.beneath: dict[str, dict[str, Node | None]] = {key: {} for key in _MERGED}
        """Of each entry of a file that extends another: the other's entry in whose place it comes, where it has one."""
        self.defaults: dict[str, list[tuple[str, Scalar, Node]]] = {}
        """What each layer type is given: by the file that is extended first, and by the extending one over it."""
        self.size = 0
        """Bytes of all files read so far."""
        self.extends = False
        """Whether a file that is extended has been gathered."""
        self.whole = True
        """Whether all files that are extended could be read, so that what is missing is."""

    def gather(self, data: str | bytes, chain: tuple[str, ...]) -> None:
        """Collect the keys of the chain's last file over those of the file that it extends.

        Raises UnreadableError, after a report, where one of them cannot be read on.
        """
        file = chain[-1]
        with self.faults.within(file):
            root = self.mapping(data, len(chain) > 1)
            pairs = self.proper(root.pairs)
            for key, node in pairs:
                if key.value == "extends":
                    self.extend(node, chain)
            for key, node in pairs:
                if key.value in self.merged:
                    entries = {k.value: (file, k, v) for k, v in self.values.pairs(f"`{key.value}`", node)}
                    merged = self.merged[key.value]
                    if self.extends:
                        self.beneath[key.value] |= {
                            name: merged[name][2] if name in merged else None for name in entries
                        }
                    merged |= entries
                elif key.value == "defaults":
                    for word, attributes in self.values.pairs("`defaults`", node):
                        self.defaults.setdefault(word.value, []).append((file, word, attributes))
                else:
                    self.keys[key.value] = (file, node)

    def proper(self, pairs: Pairs) -> Pairs:
        """The pairs whose keys are known, others by the key that they stand for, where that is sure and not given."""
        given, right = {key.value for key, _ in pairs}, []
        for key, node in pairs:
            if key.value in KEYS:
                right.append((key, node))
            elif _holds_all(node, key.value):
                self.faults.report(findings.keys_inside(key.value), key)
                right += [pair for pair in self.proper(node.pairs) if pair[0].value not in given]
            elif not self.values.run_together(key, node, KEYS):
                word = self.proper_key(key, node)
                if word and word not in given:
                    given.add(word)
                    right.append((Scalar(word, key.start, key.end), node))
        return right

    def proper_key(self, key: Scalar, node: Node) -> str | None:
        """Report a word that is no key; the key that it stands for, where that is sure."""
        word = _FOREIGN.get(key.value.lower(), key.value.lower())
        if word == _WHOLE:
            word = "layers" if isinstance(node, Sequence) else "name" if isinstance(node, Scalar) else word
        if word in KEYS:
            self.faults.report(findings.foreign_key(key.value, word), key)
            return word
        if key.value in TYPES:
            self.faults.report(findings.layer_as_key(key.value), key)
            return None
        self.faults.report(findings.unknown_key(key.value, list(KEYS)), key)
        return findings.closest(word, KEYS, cutoff=_SURE)

    def mapping(self, data: str | bytes, extended: bool) -> Mapping:
        """The one mapping that a file is."""
        encoded = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        self.size += len(encoded)
        if self.size > self.limits.bytes:
            self.refuse(findings.too_large(self.limits.bytes, extended), None)
        text = decode(encoded, self.faults.report)
        root = parse(text, self.limits, self.faults.report)
        if isinstance(root, Mapping):
            return root
        if empty(root):
            self.refuse(findings.empty_file(), None)
        if isinstance(root, Scalar):
            line = re.split(r"\s#", text.splitlines()[root.start.line][root.start.column :])[0].rstrip()
            if self.values.run_together(Scalar(line, root.start), Scalar("", root.start), KEYS):
                raise UnreadableError
        kind = "a list" if isinstance(root, Sequence) else "a single word"
        self.refuse(findings.no_mapping(kind), root)
        raise AssertionError

    def refuse(self, fault: findings.Fault, spot: Node | None) -> None:
        self.faults.report(fault, spot)
        raise UnreadableError

    def extend(self, node: Node, chain: tuple[str, ...]) -> None:
        """Gather the file that `extends` names, if it can be read."""
        target = self.values.text("extends", node)
        if target is None:
            self.whole = False
            return
        try:
            base, data = self.loader(target, chain[-1])
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            self.faults.report(findings.cannot_extend(target, reason), node)
            self.whole = False
            return
        if not _is_specification(data):
            self.faults.report(findings.extends_no_specification(target), node)
            self.whole = False
        elif base in chain:
            cycle = " → ".join((*chain[chain.index(base) :], base))
            self.faults.report(findings.cannot_extend(target, f"that is a cycle, {cycle}"), node)
            self.whole = False
        elif len(chain) >= self.limits.depth:
            self.faults.report(findings.too_deep(self.limits.depth), node)
        else:
            self.gather(data, (*chain, base))
            self.extends = True

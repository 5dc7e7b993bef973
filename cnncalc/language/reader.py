"""A text to a `Document`: the file and what it extends, its definitions, its layers, its claims; all faults at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Sequence as SequenceOf
from typing import Final, TypeVar

from cnncalc import findings
from cnncalc.arithmetic import ROUNDINGS
from cnncalc.language.attributes import RESERVED, nameable
from cnncalc.language.definitions import Definitions, visible
from cnncalc.language.document import Claim, Document, Reference
from cnncalc.language.expression import Expression, ExpressionError
from cnncalc.language.faults import Faults
from cnncalc.language.files import Gathered, Loader
from cnncalc.language.items import ItemReader
from cnncalc.language.source import Mapping, Node, Scalar, Sequence, UnreadableError
from cnncalc.language.values import ValueReader, shape
from cnncalc.layers.figures import SIZE_TOTALS, STATED
from cnncalc.layers.kinds import REPEAT
from cnncalc.limits import Limits

T = TypeVar("T")

OUTPUT: Final = "output"
CLAIMS: Final = (OUTPUT, *STATED, *SIZE_TOTALS)
"""What `expect` can state."""
RELATIONS: Final = ("<=", ">=", "<", ">", "==", "=")
_UNITS: Final = {letter: 1000**power for power, letter in enumerate("kMGT", 1)}
_BINARY: Final = {f"{letter}i": 1024**power for power, letter in enumerate("KMGT", 1)}
_IN_BYTES: Final = {f"{unit}{byte}": factor for unit, factor in (_UNITS | _BINARY).items() for byte in ("", "B")}
"""Of sizes: `kB` and `KiB`, the B as one likes."""
_MOST_DECIMALS: Final = 40
"""More than a whole number can come of."""


def read(data: str | bytes, file: str, limits: Limits, loader: Loader) -> Document:
    """The document of a text. Never raises for what the text says: faults become its findings."""
    faults = Faults(file, limits.findings)
    values = ValueReader(faults.report, limits)
    gathered = Gathered(values, faults, limits, loader)
    try:
        gathered.gather(data, (file,))
        return _document(gathered, values, faults)
    except UnreadableError:
        return Document(file, faults.findings)


def _document(gathered: Gathered, values: ValueReader, faults: Faults) -> Document:
    def key(name: str, read_it: Callable[[Node], T]) -> T | None:
        if name not in gathered.keys:
            return None
        file, node = gathered.keys[name]
        with faults.within(file):
            return read_it(node)

    rounding = key("rounding", lambda node: values.word("rounding", node, ROUNDINGS))
    items = ItemReader(values, faults, gathered.limits)
    items.whole = gathered.whole
    definitions = Definitions(gathered, items, faults, gathered.limits)
    definitions.read()
    names = {*definitions.parameters}
    values.names = names
    volume, place = key("input", lambda node: (values.volume("input", node), faults.place(node))) or (None, None)
    with items.naming(visible(names)):
        layers = key("layers", items.layers)
    outputs = key("outputs", lambda node: _outputs(node, items)) or []
    for needed, example in (("input", "input: 224x224x3"), ("layers", "layers: [conv: {filters: 8, kernel: 3}]")):
        if needed not in gathered.keys and gathered.whole:
            faults.report(findings.missing_key(needed, example), None)
    document = Document(
        file=faults.file,
        findings=faults.findings,
        name=key("name", lambda node: values.text("name", node)),
        source=key("source", lambda node: values.text("source", node)),
        task=key("task", lambda node: values.text("task", node)),
        input=volume,
        input_place=place,
        rounding=rounding,
        parameters=definitions.parameters,
        blocks=items.blocks,
        items=layers or [],
        outputs=outputs,
        claims=key("expect", ClaimReader(values, faults, [output.path for output in outputs]).claims) or [],
        own_claims="expect" in gathered.keys and gathered.keys["expect"][0] == faults.file,
    )
    definitions.unused(document.items)
    return document


def _outputs(node: Node, items: ItemReader) -> list[Reference]:
    """The names of what the network gives, without those that have a fault."""
    if not isinstance(node, Sequence):
        names = re.split(r"[,\s]+", node.value) if isinstance(node, Scalar) else []
        meant = f"[{', '.join(names)}]" if names and all(map(nameable, names)) else None
        items.faults.report(findings.bad_output(shape(node), meant), node)
        return []
    found: dict[str, Reference] = {}
    for item, reference in zip(node.items, items.attributes.references(node) or (), strict=False):
        if reference.path in RESERVED:
            items.faults.report(findings.bad_output(f"`{reference.path}`"), item)
        elif reference.path in found:
            items.faults.report(findings.output_twice(reference.path), item)
        else:
            found[reference.path] = reference
    return [*found.values()]


class ClaimReader:
    """Reads `expect`."""

    def __init__(self, values: ValueReader, faults: Faults, outputs: SequenceOf[str]) -> None:
        self.values, self.faults, self.outputs = values, faults, outputs
        """`outputs` are those that the file names."""

    def claims(self, node: Node) -> list[Claim]:
        """The claims that are right."""
        found: list[Claim | None] = []
        for key, value in self.values.pairs("`expect`", node):
            if key.value == OUTPUT and self.outputs and isinstance(value, Mapping):
                found += [self.output(name, volume) for name, volume in value.pairs]
            else:
                found.append(self.claim(key, value))
        return [claim for claim in found if claim is not None]

    def output(self, name: Scalar, node: Node) -> Claim | None:
        """What is expected of one output of several."""
        if name.value not in self.outputs:
            self.faults.report(findings.unknown_output(name.value, self.outputs), name)
            return None
        volume = self.values.volume(OUTPUT, node)
        return None if volume is None else Claim(OUTPUT, "=", volume, self.faults.place(node), name.value)

    def claim(self, key: Scalar, node: Node) -> Claim | None:
        if key.value not in CLAIMS:
            self.faults.report(findings.unknown_figure(key.value, CLAIMS), key)
        elif key.value == OUTPUT:
            volume = self.values.volume(OUTPUT, node)
            return None if volume is None else Claim(OUTPUT, "=", volume, self.faults.place(node))
        elif isinstance(node, Scalar):
            return self.figure(key.value, node)
        else:
            self.faults.report(findings.bad_figure(key.value, shape(node), in_bytes=key.value in SIZE_TOTALS), node)
        return None

    def figure(self, key: str, node: Scalar) -> Claim | None:
        """`61100840`, `<= 1.2G` or an expression."""
        relation, number = "=", node
        if not (node.value.isascii() and node.value.isdigit()):  # most are: spares compiling the pattern
            text = node.value.strip()
            sign = next((sign for sign in RELATIONS if text.startswith(sign)), "")
            text = text.removeprefix(sign).lstrip()
            in_bytes = key in SIZE_TOTALS
            plain = unscaled(text, in_bytes=in_bytes)
            meant = respelled(node.value, key, in_bytes) if plain in (None, text) else None
            if plain is None or meant or (plain == text and _has_unit(text)):
                self.faults.report(findings.bad_figure(key, node.value, in_bytes, meant), node)
                return None
            relation, number = sign.replace("==", "=") or "=", Scalar(plain, node.start, node.end)
        value = self.values.number(key, REPEAT, number)
        if isinstance(value, Expression) and value.compares:  # here `>=` is the relation that is held to
            self.faults.report(findings.bad_figure(key, value.text, in_bytes=key in SIZE_TOTALS), node)
            return None
        return None if value is None else Claim(key, relation, value, self.faults.place(node))


def _has_unit(text: str) -> bool:
    """Whether a word stands behind a number, which then is not what is meant; `1e6` and `0x10` are numbers themselves."""
    return re.match(r"[0-9][0-9.,_]*\s*(?![eE][-+0-9]|[xXoO][0-9a-fA-F])[A-Za-z]", text) is not None


def respelled(text: str, figure: str, in_bytes: bool) -> str | None:
    """What a claim that is written otherwise was meant to be; None where it is an expression."""
    number = text.lstrip("<>= ")
    if number.isdigit():
        return None
    try:
        Expression(number)
    except ExpressionError:
        pass
    else:
        return None
    from cnncalc.language.spellings import claim_of  # only slips need it

    meant = claim_of(text, figure, in_bytes)
    plain = meant and unscaled(meant.lstrip("<>= "), in_bytes=in_bytes)
    return meant if plain and plain.isdigit() and meant != text.strip() else None


def unscaled(text: str, *, in_bytes: bool = False) -> str | None:
    """`1.2G` as 1200000000, of sizes `1.5 KiB` as 1536; other texts as they are.

    None where a unit leaves a fraction, or is none of a figure.
    """
    scaled = re.match(r"(0|[1-9][0-9]{0,15})(?:\.([0-9]+?)0*)?\s*([kmgt]i?b?)\Z", text, re.IGNORECASE)
    if not scaled:
        return text
    decimals, factor = scaled[2] or "", (_IN_BYTES if in_bytes else _UNITS).get(scaled[3])
    if factor is None or len(decimals) > _MOST_DECIMALS:
        return None
    number, rest = divmod(int(scaled[1] + decimals) * factor, 10 ** len(decimals))
    return None if rest else str(number)

"""A text to a `Document`: the file and what it extends, its definitions, its layers, its claims; all faults at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from cnncalc import findings
from cnncalc.arithmetic import ROUNDINGS
from cnncalc.language.claims import ClaimReader
from cnncalc.language.definitions import CHANNELS, Definitions
from cnncalc.language.document import Document
from cnncalc.language.faults import Faults
from cnncalc.language.files import Gathered, Loader
from cnncalc.language.items import ItemReader
from cnncalc.language.source import Node, UnreadableError
from cnncalc.language.values import ValueReader
from cnncalc.limits import Limits

T = TypeVar("T")


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
    with items.naming({*names, *CHANNELS}):
        layers = key("layers", items.layers)
    for needed, example in (("input", "input: 224x224x3"), ("layers", "layers: [conv: {filters: 8, kernel: 3}]")):
        if needed not in gathered.keys and gathered.whole:
            faults.report(findings.missing_key(needed, example), None)
    return Document(
        file=faults.file,
        findings=faults.findings,
        name=key("name", lambda node: values.text("name", node)),
        source=key("source", lambda node: values.text("source", node)),
        input=volume,
        input_place=place,
        rounding=rounding,
        parameters=definitions.parameters,
        blocks=items.blocks,
        items=layers or [],
        claims=key("expect", ClaimReader(values, faults).claims) or [],
    )

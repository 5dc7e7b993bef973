"""What the comments of a file say of its parameters, its blocks and its layers, as the code can say it too."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from cnncalc.exports.traces import items_of
from cnncalc.exports.written import inert
from cnncalc.findings import Place
from cnncalc.language.document import Document

_PRAGMA: Final = re.compile(r"(?i)(^|#)\s*(no(qa|sec)\b|(fmt|isort|mypy|pragma|pylint|pyright|ruff|type|yapf)\s*:)")
"""What a linter or a type checker would take for a word to itself."""


def remarks(document: Document) -> Mapping[Place, str]:
    """The comments by the places of what they speak of: the first on its line; a parameter only where it is last."""
    ends = {(file, line): column for file, line, column in document.comments}
    firsts = dict[tuple[str, int], Place]()
    for place, is_parameter in _places(document):
        line = place.file, place.line
        behind = ends.get(line, 0) - place.end_column  # 1 behind the brace of `{a: 1, b: 2}`, of which it is the last
        if line in ends and (not is_parameter or behind in (0, 1)):
            firsts[line] = min(place, firsts.get(line, place))
    said = {(file, line): inert(text) for (file, line, _), text in document.comments.items()}
    return {place: said[line] for line, place in firsts.items() if not _PRAGMA.search(said[line])}


def _places(document: Document) -> Iterator[tuple[Place, bool]]:
    """Where everything is written that a comment may speak of, and whether it is a parameter."""
    yield from ((place, True) for _, place in document.parameters.values())
    for block in document.blocks.values():
        yield block.place, False
        yield from ((place, True) for _, place in block.parameters.values())
    yield from ((item.places.layer, False) for item in items_of(document))

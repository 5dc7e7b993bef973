"""YAML text to nodes with positions: the limits, and the YAML that the language leaves out.

Built on the parser's events and not on composed nodes: the nesting is then bounded before it is
built (libyaml's composer recurses on the C stack), an anchor is met where it stands, and it is
several times faster, as no scalar is resolved to a type that the language would not use.
"""

import re
from collections.abc import Callable, Iterable
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from cnncalc import findings
from cnncalc.findings import Fault
from cnncalc.language.expression import call_of, calls_in
from cnncalc.limits import Limits

if TYPE_CHECKING:  # a Protocol takes ten times as long to make as a class

    class Mark(Protocol):
        """A position in the text, counted from 0, as the parser gives it."""

        @property
        def line(self) -> int: ...
        @property
        def column(self) -> int: ...


class Scalar:
    """A YAML scalar: its text, where it starts and ends, and whether it stands without quotes."""

    __slots__ = ("end", "plain", "start", "value")

    def __init__(self, value: str, start: "Mark", end: "Mark | None" = None, plain: bool = True) -> None:
        self.value, self.start, self.end, self.plain = value, start, end, plain


class Sequence:
    """A YAML list, and where it starts and ends."""

    __slots__ = ("end", "items", "start")

    def __init__(self, start: "Mark") -> None:
        self.items: list[Node] = []
        self.start = start
        self.end: Mark | None = None


class Mapping:
    """A YAML mapping, and where it starts and ends. Keys are scalars; each stands once, but for what a comma cuts off a number."""

    __slots__ = ("end", "pairs", "start")

    def __init__(self, start: "Mark", end: "Mark | None" = None) -> None:
        self.pairs: list[tuple[Scalar, Node]] = []
        self.start, self.end = start, end


Node: TypeAlias = Scalar | Sequence | Mapping


class Position(NamedTuple):
    """A place of one character that no node stands for."""

    line: int
    column: int

    @property
    def start(self) -> "Position":
        return self

    @property
    def end(self) -> None:
        return None


class Stretch:
    """A place that no node stands for, from its first character to behind its last."""

    __slots__ = ("end", "start")

    def __init__(self, start: "Mark", end: "Mark | None") -> None:
        self.start, self.end = start, end


Spot: TypeAlias = Node | Position | Stretch
"""What a fault can be found at."""
Report: TypeAlias = Callable[[Fault, Spot | None], None]


class UnreadableError(Exception):
    """The text is no YAML that can be read on; the fault has been reported."""


def decode(data: bytes, report: Report) -> str:
    """The file's text. Raises UnreadableError, after a report, where it is no UTF-8."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        report(findings.not_utf8("it begins like UTF-16"), None)
        raise UnreadableError
    data = data.removeprefix(b"\xef\xbb\xbf")  # the codec `utf-8-sig` would have to be imported
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        report(findings.not_utf8(f"it has the byte 0x{data[error.start]:02x}"), _position(before, len(before)))
        raise UnreadableError from None


def parse(text: str, limits: Limits, report: Report) -> Node:
    """The one document of the text. Raises UnreadableError, after a report, where there is none."""
    plain = text.isprintable() or text.replace("\n", "").isprintable()  # spares compiling the pattern, 3 ms
    unusual = None if plain else re.search(_NOT_IN_YAML, text)
    if unusual:
        fault = findings.bad_yaml(f"the character U+{ord(unusual[0]):04X} is not allowed in YAML", ("delete it",))
        report(fault, _position(text, unusual.start()))
        raise UnreadableError
    tab = re.search(f"{_LINE_START} *\t", text) if "\t" in text else None
    if tab:  # not every parser minds it
        report(findings.tab_indentation(), _position(text, tab.end() - 1))
        raise UnreadableError
    directive = re.search(f"{_LINE_START}%", text) if "%" in text else None
    if directive:  # before the parser meets it, which compares each with all others
        instead = "leave it away; an expression with `%` belongs on the line of its key"
        report(findings.not_plain_yaml("directives (`%`)", instead), _position(text, directive.end() - 1))
        raise UnreadableError
    try:
        return _Builder(_loader()(text).get_event, limits, report, calls_in(text)).document()
    except yaml.MarkedYAMLError as error:
        from cnncalc.language.syntax import diagnosis  # most texts are YAML

        mark = error.problem_mark
        noticed = Position(mark.line, mark.column) if mark else Position(len(text), 0)
        report(*diagnosis(text, error.problem or "", noticed))
        raise UnreadableError from None
    except yaml.YAMLError as error:
        report(findings.bad_yaml(str(error)), None)
        raise UnreadableError from None


def comments(text: str) -> dict[tuple[int, int], str]:
    """What the comments of a text that is sound YAML say.

    They go by the line that they stand on or right above, and the column behind what else is on it, both from 1.
    """
    ends = _ends(text)
    found, above = dict[tuple[int, int], str](), list[str]()
    for number, line in enumerate(re.split(_BREAK, text)):
        start = ends.get(number, 0)
        said = "" if start is None else line[start:].strip()
        words = [said.lstrip("#").strip()] if said.startswith("#") else []
        if number in ends:
            if words or above:
                found[number + 1, (start or 0) + 1] = " ".join(above + words)
            above = []
        else:
            above = above + words if words else []
    return found


def _ends(text: str) -> dict[int, int | None]:
    """The column behind the last token of each line that has one; None within those of several lines."""
    loader, ends = _loader()(text), dict[int, int | None]()
    while loader.check_token():
        token = loader.get_token()
        start, end = token.start_mark, token.end_mark
        if end.index > start.index:
            ends.update(dict.fromkeys(range(start.line, end.line)))
            if end.column:  # not behind the last line break of a block scalar
                ends[end.line] = end.column
    return ends


def _loader() -> Callable[[str], Any]:
    if yaml.__with_libyaml__:
        return yaml.CBaseLoader
    from cnncalc.language.source_pure import Loader  # hardly any run is without libyaml

    return Loader


def _position(text: str, offset: int) -> Position:
    """The line and the column of a character; lines end as YAML 1.1 has it."""
    lines = re.split(_BREAK, text[:offset])
    return Position(len(lines) - 1, len(lines[-1]))


# YAML 1.1, 5.1: the characters that are not printable, and lone surrogates, which str can hold.
_NOT_IN_YAML: Final = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufeff"
_BREAK: Final = "\r\n|[\n\r\x85\u2028\u2029]"
_LINE_START: Final = "(?:^|[\n\r\x85\u2028\u2029])"


_PIECES: Final = 100
"""The most that a call is looked for in: an expression is not longer than twice as many characters."""


def _opens_call(node: "Node") -> bool:
    """Whether a word begins what may be a call, and does not end it."""
    return isinstance(node, Scalar) and node.plain and node.value.count("(") > node.value.count(")")


def _is_piece(node: "Node") -> bool:
    return isinstance(node, Scalar) and node.plain


def _is_empty(node: "Node") -> bool:
    return isinstance(node, Scalar) and node.plain and not node.value


class _Builder:
    """Nodes from events, without recursion deeper than the limit."""

    def __init__(self, event: Callable[[], Any], limits: Limits, report: Report, calls: bool) -> None:
        self.event, self.limits, self.report = event, limits, report
        self.calls = calls
        """Whether there can be functions in the text."""

    def document(self) -> Node:
        event = self.event
        event()  # the stream's start
        if type(event()) is StreamEndEvent:  # otherwise the document's start
            self.refuse(findings.empty_file(), None)
        node = self.node(event(), 0)
        if type(event()) is not DocumentEndEvent:
            raise AssertionError("a document holds one node")
        following: Any = event()
        if type(following) is not StreamEndEvent:
            self.refuse(
                findings.not_plain_yaml(
                    "several documents in one file", "one file is one network: use a file for each"
                ),
                _first(following),
            )
        return node

    def refuse(self, fault: Fault, spot: Spot | None) -> None:
        self.report(fault, spot)
        raise UnreadableError

    def node(self, event: Any, depth: int) -> Node:
        kind = type(event)
        if kind is ScalarEvent:
            if event.anchor or event.tag:
                self.decorated(event)
            return Scalar(event.value, event.start_mark, event.end_mark, not event.style)
        if kind is AliasEvent:
            return self.alias(event)
        if event.anchor or event.tag:
            self.decorated(event)
        if depth >= self.limits.depth:
            self.refuse(findings.too_deep(self.limits.depth), _first(event))
        following = self.event
        if kind is SequenceStartEvent:
            sequence = Sequence(event.start_mark)
            item = following()
            while type(item) is not SequenceEndEvent:
                sequence.items.append(self.node(item, depth + 1))
                item = following()
            # What follows a block list ends it, so it ends where its last item does.
            sequence.end = item.end_mark if event.flow_style else sequence.items[-1].end
            if event.flow_style and self.calls:
                sequence.items = self.whole_items(sequence.items)
            return sequence
        assert kind is MappingStartEvent
        mapping = Mapping(event.start_mark)
        pairs: list[tuple[Any, Node]] = []
        item = following()
        while type(item) is not MappingEndEvent:
            key = self.node(item, depth + 1)
            value = self.node(following(), depth + 1)
            item = following()
            mapping.end = value.end
            pairs.append((key, value))
        if event.flow_style:
            mapping.end = item.end_mark
            if self.calls:
                pairs = self.whole_values(pairs)
        words = {key.value for key, _ in pairs if type(key) is Scalar and key.value != "<<"}
        mapping.pairs = pairs if len(words) == len(pairs) else self.sound(pairs)
        return mapping

    def sound(self, pairs: list[tuple[Any, Node]]) -> list[tuple[Scalar, Node]]:
        """The pairs whose keys are words that stand once, after a report of the others."""
        found: list[tuple[Scalar, Node]] = []
        lines: dict[str, int] = {}
        for key, value in pairs:
            if not isinstance(key, Scalar):
                self.report(findings.key_is_no_word(), key)
                continue
            word, line = key.value, key.start.line + 1
            cut_off = word.rstrip(")").isdigit() and isinstance(value, Scalar) and not value.value  # `{kernel: 3,3,3}`
            if word in lines and not cut_off:
                self.report(findings.duplicate_key(word, lines[word], line), key)
            elif word == "<<" and key.plain:
                instead = "use `defaults` for shared attributes, `blocks` for shared layers"
                self.report(findings.not_plain_yaml("merge keys", instead), key)
            else:
                lines[word] = line
                found.append((key, value))
        return found

    # Calls of functions within brackets, which YAML cuts at their commas

    def whole_values(self, pairs: list[tuple[Any, Node]]) -> list[tuple[Any, Node]]:
        """The pairs of a mapping; what is left of a call is a key without a value."""
        found: list[tuple[Any, Node]] = []
        at = 0
        while at < len(pairs):
            key, value = pairs[at]
            at += 1
            if _opens_call(value) and isinstance(key, Scalar):
                alone = takewhile(lambda pair: _is_piece(pair[0]) and _is_empty(pair[1]), pairs[at : at + _PIECES])
                value, count = self.whole(value, (piece for piece, _ in alone), f"{key.value}: ")
                at += count
            found.append((key, value))
        return found

    def whole_items(self, items: list[Node]) -> list[Node]:
        """The items of a list; of `[fc: max(8, 9)]` the first is a mapping."""
        found: list[Node] = []
        at = 0
        while at < len(items):
            item = items[at]
            at += 1
            following = takewhile(_is_piece, items[at : at + _PIECES])
            if _opens_call(item):
                item, count = self.whole(item, following, "")
                at += count
            elif isinstance(item, Mapping) and len(item.pairs) == 1 and _opens_call(item.pairs[0][1]):
                key, value = item.pairs[0]
                value, count = self.whole(value, following, f"{key.value}: ")
                item.pairs[0] = key, value
                at += count
            found.append(item)
        return found

    def whole(self, first: Any, following: Iterable[Any], key: str) -> tuple[Node, int]:
        """The call that a word begins, after a report, and of how many pieces more it is made."""
        others = list(following)
        taken = call_of([first.value, *[other.value for other in others]])
        if not taken:
            return first, 0
        text, rest = ", ".join(taken), len(taken) - 1
        call = Scalar(text, first.start, others[rest - 1].end, plain=False)
        self.report(findings.cut_call(text, key), call)
        return call, rest

    def decorated(self, event: Any) -> None:
        """Report an anchor or a tag and read on, as if it were not there."""
        if event.anchor:
            what = f"anchors ({findings.shown(f'&{event.anchor}')})"
            fault = findings.not_plain_yaml(
                what, "use `blocks` for layers that recur, `defaults` for shared attributes"
            )
        else:
            what = f"tags ({findings.shown(event.tag)})"
            fault = findings.not_plain_yaml(what, "leave it away: values are typed by where they stand")
        self.report(fault, _first(event))

    def alias(self, event: Any) -> Node:
        fault = findings.not_plain_yaml(
            f"aliases ({findings.shown(f'*{event.anchor}')})", "use `blocks`, `defaults` or `extends`"
        )
        self.refuse(fault, Stretch(event.start_mark, event.end_mark))
        raise AssertionError


def _first(event: Any) -> Spot:
    """The first character of what an event begins."""
    return Position(event.start_mark.line, event.start_mark.column)

"""YAML text to nodes with positions: the limits, and the YAML that the language leaves out.

Built on the parser's events and not on composed nodes: the nesting is then bounded before it is
built (libyaml's composer recurses on the C stack), an anchor is met where it stands, and it is
several times faster, as no scalar is resolved to a type that the language would not use.
"""

import re
from collections.abc import Callable
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
        return _Builder(_loader()(text).get_event, limits, report).document()
    except yaml.MarkedYAMLError as error:
        from cnncalc.language.syntax import diagnosis  # most texts are YAML

        mark = error.problem_mark
        noticed = Position(mark.line, mark.column) if mark else Position(len(text), 0)
        report(*diagnosis(text, error.problem or "", noticed))
        raise UnreadableError from None
    except yaml.YAMLError as error:
        report(findings.bad_yaml(str(error)), None)
        raise UnreadableError from None


def _loader() -> Callable[[str], Any]:
    if yaml.__with_libyaml__:
        return yaml.CBaseLoader
    from cnncalc.language.source_pure import Loader  # hardly any run is without libyaml

    return Loader


def _position(text: str, offset: int) -> Position:
    """The line and the column of a character; lines end as YAML 1.1 has it."""
    lines = re.split("\r\n|[\n\r\x85\u2028\u2029]", text[:offset])
    return Position(len(lines) - 1, len(lines[-1]))


# YAML 1.1, 5.1: the characters that are not printable, and lone surrogates, which str can hold.
_NOT_IN_YAML: Final = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufeff"
_LINE_START: Final = "(?:^|[\n\r\x85\u2028\u2029])"


class _Builder:
    """Nodes from events, without recursion deeper than the limit."""

    def __init__(self, event: Callable[[], Any], limits: Limits, report: Report) -> None:
        self.event, self.limits, self.report = event, limits, report

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
            return sequence
        assert kind is MappingStartEvent
        mapping = Mapping(event.start_mark)
        lines: dict[str, int] = {}
        item = following()
        while type(item) is not MappingEndEvent:
            key = self.node(item, depth + 1)
            value = self.node(following(), depth + 1)
            item = following()
            mapping.end = value.end
            if not isinstance(key, Scalar):
                self.report(findings.key_is_no_word(), key)
                continue
            word, line = key.value, key.start.line + 1
            cut_off = word.isdigit() and isinstance(value, Scalar) and not value.value  # `{kernel: 3,3,3}`
            if word in lines and not cut_off:
                self.report(findings.duplicate_key(word, lines[word], line), key)
            elif word == "<<" and key.plain:
                instead = "use `defaults` for shared attributes, `blocks` for shared layers"
                self.report(findings.not_plain_yaml("merge keys", instead), key)
            else:
                lines[word] = line
                mapping.pairs.append((key, value))
        if event.flow_style:
            mapping.end = item.end_mark
        return mapping

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

"""What is wrong with a text that is no YAML, and where: the colon, quote, bracket, comma, dash or space that is missing.

The parser notices that something is missing when a later token does not fit, often at the end of
the file. So the lines up to there are read once more, as people write YAML: what is nested is
indented deeper, and so is what goes on within brackets or quotes. The first line that does not fit
has the slip. Which parser noticed it makes no difference.

What is longer than people write is not read again, and the parser's word is taken.
"""

import re
from typing import Final, NamedTuple, NoReturn

from cnncalc import findings
from cnncalc.findings import Fault, shown
from cnncalc.language.expression import CALL, call_of
from cnncalc.language.source import Position

_LONGEST: Final = 1 << 17
"""Characters of a text that is read again."""
_CALL: Final = 200
"""Characters that a call of a function can have."""

# None of these takes more than linear time, whatever the line.
_DASH: Final = re.compile(r"-(?:\s+|$)")
_KEY: Final = re.compile(
    r"""(?:[&!]\S*\s+)*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'"""
    r"""|[^\s\[\]{},#"'&*!|>%@`:](?:(?:[^\[\]{},"'#:]|:(?=\S))*[^\s\[\]{},"'#:])?)\s*:(?=\s|$)"""
)
_COLON: Final = re.compile(r":(?=\s|$)")
_BRACKETS: Final = re.compile(r"[\[\]{}]")
_BRACKET_BEHIND_WORD: Final = re.compile(r"[\w.+-]+[\s=:]*[\[{]")
_BLOCK_TEXT: Final = re.compile(r"[|>][-+0-9]*$")
_ANCHORS_AND_TAGS: Final = re.compile(r"\s*(?:[&!]\S*(?:\s+|$))*")
_COMMENT: Final = re.compile(r"(?<!\S)#|$")
_PLAIN_END: Final = re.compile(r"[\[\]{},]|:(?=[\s,\[\]{}]|$)|(?<!\S)#|$")
_QUOTED: Final = {
    "'": re.compile("(?:[^']|'')*"),
    '"': re.compile(
        r"""(?:[^"\\]|\\(?:$|[0abtnvfre"/\\N_LP \t]|x[\da-fA-F]{2}|(?:u|U0000)(?![dD][89a-fA-F])[\da-fA-F]{4}"""
        r"""|U00(?:0[1-9a-fA-F]|10)[\da-fA-F]{4}))*"""
    ),
}
"""What stands before the closing quote."""
_CLOSING: Final = {"[": "]", "{": "}"}
_OPENING: Final = {"]": "[", "}": "{"}


class _FoundError(Exception):
    def __init__(self, fault: Fault, place: Position) -> None:
        super().__init__(fault.message)
        self.fault, self.place = fault, place


def diagnosis(text: str, problem: str, noticed: Position) -> tuple[Fault, Position]:
    """What is wrong, and where. `problem` is what the parser calls it, where it noticed."""
    lines = text.splitlines() or [""]
    if noticed.line >= len(lines):  # behind the text: what is missing is missing at its end
        last = max((number for number, line in enumerate(lines) if line.strip()), default=0)
        noticed = Position(last, len(lines[last].rstrip()))
    try:
        if len(text) <= _LONGEST:
            _Blocks(_Text(lines, noticed.line)).read()
    except _FoundError as found:
        return found.fault, found.place
    return _cut_call(lines[noticed.line], noticed) or (
        _as_noticed(problem, lines[noticed.line], noticed.column),
        noticed,
    )


class _Text:
    """The lines, and a place in them."""

    def __init__(self, lines: list[str], last: int) -> None:
        self.lines, self.last = lines, last
        self.number, self.at, self.line = -1, 0, ""

    def next(self) -> bool:
        """Go to the next line that says something; whether there is one among those to be read."""
        while self.number < self.last:
            self.go(self.number + 1)
            if self.line[self.at :].strip() and self.line[self.at] != "#":
                return True
        return False

    def go(self, number: int) -> None:
        self.number, self.line = number, self.lines[number]
        self.at = _column(self.line)

    def rest(self) -> str:
        """The rest of the line without its comment."""
        found = _COMMENT.search(self.line, self.at)
        return self.line[self.at : found.start() if found else None].rstrip()

    def following(self, deepest: int | None = None) -> str:
        """The next line that is not empty, nor deeper than that."""
        rest = (line for line in self.lines[self.number + 1 :] if line.strip())
        return next((line for line in rest if deepest is None or _column(line) <= deepest), "")

    def quoted(self, column: int, ends: str = "") -> None:
        """Go behind the closing quote, which stands before any line that is not deeper than the column."""
        quote, opened, start = self.line[self.at], (self.number, self.at), self.at + 1
        while not self.line.startswith(quote, self.skip(_QUOTED[quote], start)):
            if self.at < len(self.line):
                self.fail(_unknown_escape(self.line[self.at : self.at + 2]))
            number, start = self.number + 1, 0
            if number == len(self.lines) or (self.lines[number].strip() and _column(self.lines[number]) <= column):
                self.number, self.at = opened
                self.line = self.lines[self.number]
                self.fail(_missing_quote(self.rest(), ends))
            self.go(number)
        self.at += 1

    def skip(self, pattern: re.Pattern[str], start: int) -> int:
        """Go behind what matches from the start on."""
        found = pattern.match(self.line, start)
        self.at = found.end() if found else start
        return self.at

    def fail(self, fault: Fault, at: int | None = None) -> NoReturn:
        raise _FoundError(fault, Position(self.number, self.at if at is None else at))


def _column(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


class _Level:
    """A mapping or a list over several lines that has not ended yet."""

    def __init__(self, column: int, items: bool, line: int) -> None:
        self.column, self.items, self.line = column, items, line
        self.odd: int | None = line if column else None
        """The line of its last key or item, where that is the only one, or may be an item without its dash."""

    def goes_on(self, line: int, listed: bool) -> None:
        """A key or an item more; whether it stands where the items of a list could."""
        self.odd = line if listed and not self.items else None


class _Plain(NamedTuple):
    """A text without quotes: the value of a key, an item, or a line that lacks its colon or its dash."""

    text: str
    line: int
    column: int
    key: str
    item: bool

    def fail(self, fault: Fault, at: int = 0) -> NoReturn:
        raise _FoundError(fault, Position(self.line, self.column + at))


class _Blocks:
    """Reads what is indented: keys, items and their values."""

    def __init__(self, text: _Text) -> None:
        self.text = text
        self.levels: list[_Level] = []
        self.awaited = True
        """Whether a value may stand on the next line, as below `layers:`."""
        self.goes_on = False
        """Whether the last value may go on in deeper lines."""
        self.indent = 0
        """That of the text after `|` or `>`, where the last value was one."""
        self.plain: _Plain | None = None
        """The last value, where it was one and has a line."""

    def read(self) -> None:
        text = self.text
        while text.next():
            if text.line.startswith(("--- ", "...", "? ", ": ")):
                return  # nothing that is known here
            if text.line != "---":
                self.line()

    def line(self) -> None:
        text, start = self.text, self.text.at
        while dash := _DASH.match(text.line, text.at):
            self.dash(dash)
        rest = text.rest()
        if re.match(r"-[^\W\d]", rest):
            text.fail(findings.missing_space_after_dash(rest), text.at + 1)
        if key := _KEY.match(text.line, text.at):
            self.enter(items=False)
            if key[1][0] in _QUOTED:
                text.at = key.start(1)
                text.quoted(self.column())
            text.at = key.end()
            self.value(key[1], item=False)
        elif rest:
            self.keyless(rest, item=text.at > start)

    def dash(self, dash: re.Match[str]) -> None:
        self.enter(items=True)
        if "\t" in dash[0]:
            self.text.fail(findings.bad_yaml("a tab stands after `-`", ("write a space",)))
        self.awaited, self.goes_on, self.indent, self.plain = True, False, 0, None
        self.text.at = dash.end()

    # Columns

    def column(self) -> int:
        return self.levels[-1].column if self.levels else -1

    def leave(self) -> list[_Level]:
        """End the levels that are deeper than the place; the deepest first."""
        ended = []
        while self.column() > self.text.at:
            ended.append(self.levels.pop())
        return ended

    def enter(self, items: bool) -> None:
        """A key, or the dash of an item, stands here."""
        at, levels = self.text.at, self.levels
        ended = self.leave()
        if len(levels) > 1 and not items and levels[-1].items and levels[-2].column == at:
            ended = [*ended, levels.pop()]  # a list in the column of its key
        if levels and (levels[-1].column, levels[-1].items) == (at, items):
            listed = self.awaited if not ended else ended[-1].column == at
            levels[-1].goes_on(self.text.number, listed)
        elif self.awaited and not ended and (items or at > self.column()):
            levels.append(_Level(at, items, self.text.number))
        else:
            self.misfit(items, ended)

    def misfit(self, items: bool, ended: list[_Level]) -> NoReturn:
        """A key or a dash stands where nothing of its kind does; or the line before it is the odd one."""
        text, at, beside = self.text, self.text.at, self.column() == self.text.at
        if beside and not items and not (text.rest().endswith(":") and _column(text.following()) <= at):
            text.fail(_missing_dash(text.rest()))
        kin = [level.column for level in (*self.levels, *ended) if level.items == items]
        for level in (*(self.levels[-1:] if beside else ()), *ended[-1:]):
            self.odd(level, items, kin)
        if not ended:
            self.below(items)
        text.fail(_indentation(kin, at))

    def odd(self, level: _Level, items: bool, kin: list[int]) -> None:
        """Report the level's one line, where it lacks the dash or has not the indentation of those around it."""
        text, at, column = self.text, self.text.at, level.column
        if level.odd is None or _column(text.lines[level.odd]) != column:
            return
        dashless = items and not level.items and _column(text.following()) not in kin
        if dashless or _column(text.following(column)) == at < column:
            text.go(level.odd)
            text.fail(_missing_dash(text.rest(), at - column) if dashless else _indentation([at], column))

    def below(self, items: bool) -> None:
        """A key or an item stands deeper than a value that is there already."""
        text, at, plain = self.text, self.text.at, self.plain
        if not plain:
            return
        word, beside = _word(plain.text), at == plain.column and not items
        if beside and plain.item:
            text.fail(_missing_dash_or_colon(text.rest(), word))
        elif plain.key and " " in plain.text:
            plain.fail(_text_and_more(plain.key))
        elif items and not plain.item and not plain.key and at <= plain.column:
            plain.fail(_missing_dash(plain.text, at - plain.column))
        elif not plain.key and (beside or (at > plain.column and word == plain.text.rstrip(" ="))):
            plain.fail(_missing_colon(plain.text), len(word))

    # Values

    def value(self, key: str, item: bool) -> None:
        """What stands behind a key; without one, behind a dash or on a line of its own."""
        text = self.text
        text.skip(_ANCHORS_AND_TAGS, text.at)
        rest = text.rest()
        self.awaited, self.goes_on, self.indent, self.plain = not rest, False, 0, None
        if _BLOCK_TEXT.match(rest):
            self.block_text()
        elif rest[:1] in _CLOSING:
            _Flow(text, self.column()).read()
            self.behind("bracket")
        elif rest[:1] in _QUOTED:
            text.quoted(self.column())
            self.behind("quote")
        elif rest:
            self.goes_on = True
            self.plain = _Plain(rest, text.number, text.at, key, item)
            self.words(key, rest)

    def block_text(self) -> None:
        """Skip the text after `|` or `>`, which is what is deeper."""
        text, column = self.text, self.column()
        for line in text.lines[text.number + 1 : text.last + 1]:
            if line.strip():
                if _column(line) <= column:
                    return
                self.indent = self.indent or _column(line)
                if _column(line) < self.indent:
                    text.go(text.number + 1)
                    text.fail(_unlike_the_text(self.indent))
            text.number += 1

    def words(self, key: str, rest: str) -> None:
        text, second = self.text, _COLON.search(rest)
        if not key and _BRACKET_BEHIND_WORD.match(rest):
            text.fail(_missing_colon(rest), text.at + len(_word(rest)))
        if key and _DASH.match(rest):
            text.fail(_list_behind_key(key))
        if key and second:
            sign = _unopened_in(rest)
            if sign:
                text.fail(_missing_opening(sign, _word(rest), f"{key}: {sign}{rest}"))
            text.fail(_second_colon(key, rest, second.start()), text.at + second.start())

    def behind(self, what: str) -> None:
        """Nothing but a comment may stand behind a closing bracket or quote."""
        text = self.text
        text.at = len(text.line) - len(text.line[text.at :].lstrip())
        rest = text.rest()
        if rest[:1] in _OPENING:
            text.fail(_unopened(rest[0]))
        if rest:
            text.fail(_text_behind(what))

    # Lines without a key

    def keyless(self, rest: str, item: bool) -> None:
        """A text without a key: behind a dash, as a value below its key, or where it should not be."""
        at, deeper = self.text.at, self.text.at > self.column()
        if item or (deeper and self.awaited):
            self.value("", item)
        elif deeper and self.goes_on:
            self.plain = None
        else:
            self.stray(rest)
        colon = _COLON.search(rest)
        if self.goes_on and colon and not item:
            self.text.fail(_colon_in_text(rest), at + colon.start())

    def stray(self, rest: str) -> NoReturn:
        """A text stands where a key or an item should."""
        text = self.text
        self.leave()
        here = [level for level in self.levels if level.column == text.at]
        if rest[0] in _OPENING:
            text.fail(_unopened(rest[0]))
        if self.indent and not (here and (len(rest.split()) < 3 or _BRACKET_BEHIND_WORD.match(rest))):
            text.fail(_unlike_the_text(self.indent))
        if here and self.listed(here, rest):
            lists = [level.column for level in self.levels if level.items]
            text.fail(_missing_dash(rest, max(lists, default=text.at) - text.at))
        text.fail(_missing_colon(rest), text.at + len(_word(rest)))

    def listed(self, here: list[_Level], rest: str) -> bool:
        """Whether an item should stand here, and not a key."""
        text, first = self.text, here[0]
        if len(here) == 1 and (first.items or _column(text.lines[first.line]) < text.at):
            return True  # in the column of a list, or of the key of an item, which has one key only
        begun = self.awaited or len(here) > 1  # a list in the column of its key
        return begun and " " not in rest and text.following().startswith("- ", text.at)


class _Open:
    """A bracket that is open."""

    def __init__(self, sign: str, line: int, column: int) -> None:
        self.sign, self.line, self.column = sign, line, column
        self.keyed = False
        """Whether there has been a colon since the last comma."""


class _Flow:
    """Reads what stands in brackets, from the first one to that which closes it."""

    def __init__(self, text: _Text, column: int) -> None:
        self.text, self.column = text, column
        self.open: list[_Open] = []
        self.before = ""
        """What came last: a `word`, a `value` in quotes or brackets, a `:`, or nothing of the same entry."""
        self.word, self.start = "", Position(0, 0)
        """The last word that there was, and where."""
        self.gap: Position | None = None
        """Before that word, where something of the same entry stands before it."""
        self.end = Position(0, 0)
        """Behind what came last."""

    def read(self) -> None:
        text = self.text
        self.signs()
        while self.open and text.next():
            if text.at <= self.column and text.line[text.at] not in "]}":
                self.unclosed()
            self.signs()
        if self.open and text.last == len(text.lines) - 1:
            self.unclosed()

    def signs(self) -> None:
        """Read to the end of the line, or behind the last bracket."""
        text = self.text
        while text.at < len(text.line) and not _COMMENT.match(text.line, text.at):
            if text.line[text.at].isspace():
                text.at += 1
                continue
            self.sign(text.line[text.at])
            if not self.open:
                return

    def sign(self, sign: str) -> None:
        text = self.text
        following = text.line[text.at + 1 : text.at + 2]
        if sign in _CLOSING:
            self.opening(sign)
        elif sign in _OPENING:
            self.closing(sign)
        elif sign == ",":
            self.open[-1].keyed = False
            self.step("", 1)
        elif sign == ":" and (following in "[]{}," or following.isspace()):
            self.colon(following)
        elif sign in _QUOTED and self.before in ("", ":"):
            text.quoted(self.column, ",[]{}")
            self.step("value", 0)
        else:
            self.plain()

    def step(self, before: str, length: int) -> None:
        self.text.at += length
        self.before, self.end = before, Position(self.text.number, self.text.at)

    def opening(self, sign: str) -> None:
        if self.before == "word" and not self.open[-1].keyed:
            self.fail(_missing_colon(f"{self.word} {self.text.rest()}"))
        if self.before in ("word", "value"):
            self.fail(_missing_comma(sign))
        self.open.append(_Open(sign, self.text.number, self.text.at))
        self.step("", 1)

    def closing(self, sign: str) -> None:
        if _CLOSING[self.open[-1].sign] != sign:
            self.mismatch(sign)
        self.open.pop()
        self.step("value", 1)

    def mismatch(self, sign: str) -> NoReturn:
        """Either what is open is not closed before this bracket, or this one was not opened."""
        signs = [bracket.sign for bracket in self.open]
        rest, missing = self.text.line[self.text.at + 1 :], ""
        unopened = _balanced(signs, rest)
        if _OPENING[sign] not in signs and not _BRACKETS.search(rest):
            self.text.fail(_other_closing(sign, signs[-1]))
        while signs and _CLOSING[signs[-1]] != sign:
            missing += _CLOSING[signs.pop()]
        if not signs or (unopened and not _balanced(signs[:-1], rest)):
            self.text.fail(_unopened(sign))
        self.fail(_missing_closing(missing, sign))

    def colon(self, following: str) -> None:
        text, bracket = self.text, self.open[-1]
        if self.before == "word" and following in _CLOSING:
            self.fail(findings.missing_space(self.word, _bracketed(text.line[text.at + 1 :])), self.start)
        if self.before == "word" and bracket.keyed and self.gap:
            self.fail(_missing_comma(self.word), self.gap)
        if self.before == "word" and bracket.keyed:
            self.fail(_missing_opening("{", self.word, f"{{{self.word}: …}}"), self.start)
        bracket.keyed = True
        self.step(":", 1)

    def plain(self) -> None:
        text, number, at = self.text, self.text.number, self.text.at
        if self.before == "value":
            glued = text.line[:at].endswith(tuple(_QUOTED))
            self.fail(_text_behind("quote") if glued else _missing_comma(_word(text.rest())))
        found = _PLAIN_END.search(text.line, at)
        piece = text.line[at : found.start() if found else None].rstrip()
        said = piece.rstrip(" =")
        *first, self.word = said.rsplit(None, 1) or [""]
        self.gap = self.end if self.before == "word" else None
        if first:
            self.gap = Position(number, at + len(first[0]))
        self.step("word", len(piece))
        self.start, self.end = Position(number, at + len(said) - len(self.word)), Position(number, at + len(said))

    def unclosed(self) -> NoReturn:
        bracket = self.open[-1]
        closing = "".join(_CLOSING[each.sign] for each in reversed(self.open))
        same = bracket.line == self.end.line
        where = f"column {bracket.column + 1}" if same else f"line {bracket.line + 1}"
        problem = f"{_missing(closing)}: the `{bracket.sign}` of {where} is not closed"
        self.fail(findings.bad_yaml(problem, (f"write `{closing}` here",)))

    def fail(self, fault: Fault, place: Position | None = None) -> NoReturn:
        """Where no place is given, something is missing behind what came last."""
        raise _FoundError(fault, place or self.end)


# Brackets in a text


def _balanced(signs: list[str], rest: str) -> bool:
    """Whether the rest of the line closes what is open in turn, as far as it goes."""
    signs = signs[:]
    for sign in _BRACKETS.findall(rest):
        if sign in _CLOSING:
            signs.append(sign)
        elif not signs or _CLOSING[signs.pop()] != sign:
            return False
    return True


def _unopened_in(text: str) -> str:
    """What would open the first bracket that is closed without having been opened."""
    depth = 0
    for sign in _BRACKETS.findall(text):
        depth += 1 if sign in _CLOSING else -1
        if depth < 0:
            return _OPENING[sign]
    return ""


def _bracketed(text: str) -> str:
    """The text up to the bracket that closes its first one."""
    depth = 0
    for found in _BRACKETS.finditer(text):
        depth += 1 if found[0] in _CLOSING else -1
        if depth == 0:
            return text[: found.end()]
    return text


def _cut_call(line: str, noticed: Position) -> tuple[Fault, Position] | None:
    """The fault of a call within brackets one of whose pieces is no YAML, as in `{filters: max(8, - width)}`."""
    for call in re.compile(CALL).finditer(line, max(0, noticed.column - _CALL), noticed.column):
        near = max(0, call.start() - _CALL)
        start = max(line.rfind(sign, near, call.start()) for sign in "[{,:") + 1 or near
        value = re.split(r"[\[\]{}]", line[start : start + 2 * _CALL])[0].lstrip()
        start = line.index(value, start)
        text = ",".join(call_of(value.split(",")))
        if text and start + len(text) > noticed.column:
            key = re.split(r"[\s,\[{]", line[max(0, start - _CALL) : start].rstrip())[-1]
            key = f"{key} " if key.endswith(":") else ""
            return findings.cut_call(text.rstrip(), key), Position(noticed.line, start)
    return None


# Wording


def _word(text: str) -> str:
    """The first word, up to where its colon should be."""
    found = re.match(r"[^\s=:,\[\]{}]+", text)
    return found[0] if found else ""


def _missing(what: str) -> str:
    return f"a `{what}` is missing" if len(what) == 1 else f"`{what}` is missing"


def _if_comment(text: str) -> tuple[str, ...]:
    sentence = len(text.split()) > 2 and not _BRACKETS.search(text)
    return ("put `#` before it, if it is a comment",) if sentence else ()


def _missing_colon(text: str) -> Fault:
    word = _word(text)
    rest = text[len(word) :]
    value = _bracketed(rest.lstrip(" =:"))
    if not word:
        return findings.bad_yaml(f"a key is missing before {shown(text)}", _if_comment(text))
    if _COLON.match(rest):
        return findings.bad_yaml(f"{shown(word)} cannot be a key", ("put quotes around it",))
    if rest.startswith(":"):
        return findings.missing_space(word, value)
    return findings.missing_colon(word, value, _if_comment(text))


def _missing_dash(text: str, change: int = 0) -> Fault:
    moved = f", {findings.plural(abs(change), 'column')} further {'left' if change < 0 else 'right'}" if change else ""
    remedy = f"write {shown(f'- {text}')}{moved}"
    return findings.bad_yaml(f"a `-` is missing before {shown(_word(text) or text)}", (remedy, *_if_comment(text)))


def _missing_dash_or_colon(text: str, word: str) -> Fault:
    problem = f"a `-` is missing before {shown(_word(text) or text)}, or a `:` after {shown(word)}"
    return findings.bad_yaml(problem, ("give each item a line with its own `-`; indent what belongs to one below it",))


def _missing_comma(word: str) -> Fault:
    return findings.bad_yaml(f"a `,` is missing before {shown(word)}", (f"write {shown(f', {word}')}",))


def _missing_opening(sign: str, word: str, right: str) -> Fault:
    return findings.bad_yaml(f"a `{sign}` is missing before {shown(word)}", (f"write {shown(right)}",))


def _missing_closing(closing: str, sign: str) -> Fault:
    return findings.bad_yaml(f"{_missing(closing)} before `{sign}`", (f"write `{closing}{sign}`",))


def _missing_quote(text: str, ends: str) -> Fault:
    found = re.match(f"[^{re.escape(ends)}\"'“”„‘’‚]*", text[1:])
    remedy = f"write {shown(f'{text[0]}{found[0].strip() if found else text}{text[0]}')}"
    return findings.bad_yaml(f"a `{text[0]}` is missing: the one here is not closed", (remedy,))


def _unknown_escape(escape: str) -> Fault:
    return findings.bad_yaml(f"{shown(escape)} begins no character that there is", (_BACKSLASH,))


def _unopened(sign: str) -> Fault:
    remedy = f"take it away, or write the `{_OPENING[sign]}` that it closes"
    return findings.bad_yaml("a bracket is closed that was not opened", (remedy,))


def _other_closing(sign: str, opening: str) -> Fault:
    return findings.bad_yaml(f"`{sign}` does not close `{opening}`", (f"write `{_CLOSING[opening]}`",))


def _indentation(columns: list[int], at: int) -> Fault:
    nearest = min(columns, key=lambda column: abs(column - at), default=-1)
    remedy = f"indent the line by {findings.plural(nearest, 'space')}" if nearest else "do not indent the line"
    help = (remedy if nearest >= 0 else _ALIKE,)
    return findings.bad_yaml(_INDENTATION, help)


def _unlike_the_text(indent: int) -> Fault:
    problem = "a line of the text above is not indented like it"
    return findings.bad_yaml(problem, (f"indent the line by {findings.plural(indent, 'space')}",))


def _list_behind_key(key: str) -> Fault:
    return findings.bad_yaml(
        f"a list begins on the line of {shown(f'{key}:')}", ("put each item on a line of its own",)
    )


def _colon_in_text(text: str) -> Fault:
    remedy = "put quotes around the text, or write `>-` before its first line"
    return findings.bad_yaml("a `:` stands within a text", (remedy, *_if_comment(text)))


def _text_and_more(key: str) -> Fault:
    help = ("put `#` before it, if it is a comment", "otherwise indent the next line like this one")
    return findings.bad_yaml(f"a text stands behind {shown(f'{key}:')}, and more below it", help)


def _text_behind(what: str) -> Fault:
    help = ("put `#` before a comment", "put a whole text into quotes of the other kind")
    return findings.bad_yaml(f"text stands behind the closing {what}", help[: 1 + (what == "quote")])


def _second_colon(key: str, text: str, at: int) -> Fault:
    """Of `name: a: b`, `conv: filters: 8` or `input: 8x8x3  a picture: small`."""
    quote = '"' if "'" in text else "'"
    if key in ("name", "source", "task"):
        remedy = f"write {shown(f'{key}: {quote}{text}{quote}')}"
    elif " " not in text[:at].strip():
        remedy = f"write {shown(f'{key}: {{{text}}}')}"
    else:
        remedy = "put `#` before a comment, and each key on a line of its own"
    return findings.bad_yaml("a second `:` in one line", (remedy,))


_INDENTATION: Final = "the indentation does not match the lines around"
_ALIKE: Final = "indent what belongs together alike"
_BACKSLASH: Final = "write `\\\\` for a backslash, or use single quotes"
_SEVERAL_LINES: Final = "`>` and `|` start a text of several lines"
_QUOTES: Final = "put quotes around it, as in `params: '> 1M'`"

_PROBLEMS: Final = (
    (
        "mapping values are not allowed",
        "a second `:` in one line, or a key below a value",
        "put the key on its own line",
    ),
    ("expected ',' or", "a bracket is not closed, or a comma is missing", "close every `[` and `{`"),
    ("expected key", _INDENTATION, _ALIKE),
    ("expected '-' indicator", _INDENTATION, _ALIKE),
    ("expected <block end>", _INDENTATION, _ALIKE),
    ("sequence entries are not allowed", "an item of a list stands where none can", "give each item a line of its own"),
    ("could not find expected ':'", "a key without a colon", "write `key: value`"),
    ("unexpected ':'", "a value is missing after `:`", "write the value, or take the colon away"),
    ("unexpected end of stream", "a quote is not closed", "close it on the same line"),
    ("comment or line break", _SEVERAL_LINES, _QUOTES),
    ("comment or a line break", _SEVERAL_LINES, _QUOTES),
    ("indentation indicator", _SEVERAL_LINES, _QUOTES),
    ("escape", "a `\\` begins no character that there is", _BACKSLASH),
    ("hexdecimal number", "a `\\` begins no character that there is", _BACKSLASH),
    ("alphabetic or numeric", "a name is missing after `&` or `*`", "put quotes around the text"),
    ("mapping keys are not allowed", "a `?` stands where no key can", "put quotes around it"),
    ("URI", "a tag begins after `!`, and is not finished", "put quotes around the text"),
    ("node content", "a value is missing", "write the value, or take the bracket or comma away"),
    ("document start", "something stands behind the end of the file's mapping", "take it away"),
    ("document separator", "a line of `---` or `...` stands within quotes", "close the quote before it"),
)
"""What both parsers say, in words of ours, and a remedy."""


def _as_noticed(problem: str, line: str, column: int) -> Fault:
    """Where nothing is known to be missing, what the parser says."""
    sign = line[column : column + 1]
    if sign and sign in "]}" and "expected ',' or" not in problem:
        return _unopened(sign)
    if sign and "cannot start any token" in problem:
        remedy = _QUOTES if sign == ">" else "put quotes around it"
        return findings.bad_yaml(f"a value cannot start with {shown(sign)}", (remedy,))
    known = next((each for each in _PROBLEMS if each[0] in problem), None)
    return findings.bad_yaml(known[1], known[2:]) if known else findings.bad_yaml(f"this is no YAML: {problem}")

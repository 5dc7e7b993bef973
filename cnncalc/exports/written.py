"""Python source as values: calls, lists and statements, laid out as `ruff format` does at its defaults."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, Self, TypeAlias

WIDTH: Final = 88
"""The columns of a line, by `ruff format`."""
INDENT: Final = "    "

Code: TypeAlias = "str | Call"
"""A piece of an expression: a text that stays in one line, or a call or a list, which can be broken."""


class Call(NamedTuple):
    """What stands between brackets: the arguments of a call, or the members of a list (`opening` is then `[`)."""

    opening: str
    """All in front of the arguments, with the bracket: `nn.Sequential(`."""
    arguments: Sequence[Code]
    comment: str = ""

    @property
    def closing(self) -> str:
        return {"(": ")", "[": "]", "{": "}"}[self.opening[-1]]


class Remarked(str):
    """A piece of an expression in one line, with a comment."""

    __slots__ = ("comment",)

    def __new__(cls, text: str, comment: str) -> Self:
        made = super().__new__(cls, text)
        made.comment = comment
        return made

    comment: str


def call(function: str, *arguments: Code) -> Call:
    """`function(arguments)`; the comment of a single argument is that of the whole."""
    if len(arguments) == 1 and isinstance(arguments[0], Call):
        return Call(f"{function}(", [arguments[0]._replace(comment="")], arguments[0].comment)
    return Call(f"{function}(", arguments)


def keyword(name: str, value: Code) -> Code:
    """`name=value`, as an argument."""
    return f"{name}={value}" if isinstance(value, str) else value._replace(opening=f"{name}={value.opening}")


def listed(values: tuple[object, ...]) -> Code:
    """A tuple of constants, which can be broken."""
    return Call("(", [repr(value) for value in values]) if len(values) > 1 else f"({values[0]!r},)"


def assigned(name: str, value: Code) -> Code:
    """`name = value`, as a statement."""
    return f"{name} = {value}" if isinstance(value, str) else value._replace(opening=f"{name} = {value.opening}")


def bounds(first: str, end: str) -> str:
    """A slice as `ruff format` writes it."""
    simple = first.isalnum() and end.isalnum()
    if first == "0":
        return f":{end}" if simple else f": {end}"
    return f"{first}:{end}" if simple else f"{first} : {end}"


def flat(code: Code) -> str:
    """The code on one line."""
    if isinstance(code, str):
        return code
    return f"{code.opening}{', '.join(map(flat, code.arguments))}{code.closing}"


def statement(code: Code, depth: int, before: str = "", after: str = "") -> list[str]:
    """The lines of a statement at a depth of indentation: broken where it does not fit, as `ruff format` breaks it.

    First all arguments move to a line of their own together, then each to one with a comma behind it.
    """
    indent = INDENT * depth
    line = f"{indent}{before}{flat(code)}{after}"
    whole = isinstance(code, str) or not code.arguments
    if whole or (len(line) <= WIDTH and not _has_comments(code)):
        return remarked([line], comment_of(code), depth)
    assert isinstance(code, Call)
    together = f"{indent}{INDENT}{', '.join(map(flat, code.arguments))}"
    if len(together) <= WIDTH and not _has_comments(code):
        lines = [f"{indent}{before}{code.opening}", together, f"{indent}{code.closing}{after}"]
        return remarked(lines, code.comment, depth)
    return each_line(code, depth, before, after)


def each_line(code: Call, depth: int, before: str = "", after: str = "") -> list[str]:
    """As `statement`, with each argument on lines of its own, even if they would fit together."""
    inner = [line for argument in code.arguments for line in statement(argument, depth + 1, after=",")]
    indent = INDENT * depth
    return remarked([f"{indent}{before}{code.opening}", *inner, f"{indent}{code.closing}{after}"], code.comment, depth)


def remarked(lines: list[str], comment: str, depth: int) -> list[str]:
    """Lines with a comment: behind it where they are one and it fits, otherwise above."""
    if not comment:
        return lines
    beside = f"{lines[0]}  # {comment}"
    return [beside] if len(lines) == 1 and len(beside) <= WIDTH else [*wrapped(comment, depth, "# "), *lines]


def comment_of(code: Code) -> str:
    """The comment of a piece of an expression."""
    return code.comment if isinstance(code, Call | Remarked) else ""


def with_comment(code: Code, comment: str) -> Code:
    """A piece of an expression with a comment, where there is one."""
    if not comment:
        return code
    return Remarked(code, comment) if isinstance(code, str) else code._replace(comment=comment)


def _has_comments(code: Code) -> bool:
    """Whether something within it has a comment."""
    return isinstance(code, Call) and any(comment_of(part) or _has_comments(part) for part in code.arguments)


def indented(lines: Iterable[str], depth: int) -> Iterator[str]:
    """Lines further in, blank ones left blank."""
    return (f"{INDENT * depth}{line}" if line else line for line in lines)


def wrapped(text: str, depth: int, start: str = "") -> list[str]:
    """A text in lines of words, indented, each behind the same start."""
    indent = INDENT * depth + start
    lines, line = list[str](), indent
    for word in text.split():
        if len(line) + 1 + len(word) > WIDTH and line != indent:
            lines.append(line)
            line = indent
        line += word if line == indent else f" {word}"
    return [*lines, line] if line != indent else lines


def docstring(text: str, depth: int) -> list[str]:
    """A docstring of one sentence, and a blank line behind it."""
    sentence = f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"
    lines = wrapped(f'"""{sentence}', depth)
    return [*lines, f'{INDENT * depth}"""', ""] if len(lines) > 1 else [f'{lines[0]}"""', ""]


def inert(text: str) -> str:
    """A text of a file as it can stand in a docstring or a comment, on one line, and end neither."""
    shown = "".join(c if c.isprintable() else " " if c.isspace() else f"<{ord(c):x}>" for c in " ".join(text.split()))
    return shown.replace("\\", "\\\\").replace('"""', "'''")

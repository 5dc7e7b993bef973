"""The inputs: mutations of real specifications, random documents, and hostile ones by design."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final, TypeAlias

import yaml

from cnncalc.arithmetic import ROUNDINGS
from cnncalc.language.attributes import RESERVED
from cnncalc.language.files import KEYS
from cnncalc.language.reader import CLAIMS
from cnncalc.layers import LAYERS, TYPES, Branching
from cnncalc.layers.base import COMMON
from cnncalc.volume import ALL_SIDES, AXES, Volume
from tests.fuzz import Case
from tests.fuzz.hostile import LONG, any_long_scalar, hostile
from tests.networks import File, Item, Networks, spec

ROOT: Final = Path(__file__).resolve().parent.parent.parent
Tree: TypeAlias = "str | list[Tree] | dict[str, Tree]"

# The words of the language, and those that are none

NUMBERS: Final = (
    "0", "1", "2", "3", "4", "5", "7", "8", "11", "16", "63", "64", "224", "1000", "65536", "4294967295",
    "9007199254740991", "9007199254740992", "9007199254740993", "94906265", "94906266", "3037000500",
    "18446744073709551616", "1" + 30 * "0", "1" + 50 * "0", "-1", "-9007199254740992", "010", "0x1F", "0o17", "1_000",
    "1e3", "64.0", "0.5", "1.5", ".5", "1/3", "22:22", "1,000", "+1", "--1", "٣", "１２", "²", "½", "1.", "00", "-0",
)  # fmt: skip
EXPRESSIONS: Final = (
    "channels", "2 * channels", "channels / 2", "channels // 2", "channels - 1", "channels % 3", "block.channels",
    "channels / 3 * 3", "1 / 0", "1 // 0", "1 % 0", "(1", "1)", "1 +", "* 1", "1 2", "a", "width", "a.channels",
    "channels * channels * channels * channels", "1/3 + 1/7", "(((((1)))))", "1 - 1", "0 * channels", "-channels",
    "channels.channels", "1 / (channels - channels)", "9007199254740992 * 9007199254740992", "0.1 + 0.2",
    "max(channels, 8)", "make_divisible(3 * channels, 8)", "min(1", "floor(1 / 2)", "max()", "clip(1)", "channels > 1",
    "1 < channels < 3", "(channels != 3) * 2", "2 ** channels", "2 ** 9007199254740992", "2 ** 2 ** 2 ** 2 ** 2", "2 ** -1",
    "turn", "1 + turn", "volume.height", "volume.length // 2", "volume", "a = 1", "a and b",
)  # fmt: skip
VOLUMES: Final = (
    "8x8x3", "224x224x3", "1x1x1", "3x8x8", "16", "16000x1", "4x8x8x3", "1x1x1x1", "[3, 8, 8]", "[3]",
    "{channels: 3, height: 8, width: 8}", "{channels: 4}", "8x8", "8*8*3", "0x8x3", "x", "8x", "x8", "[]", "{}",
    "9007199254740992", "94906265x94906265x1", "9007199254740992x1x1", "[channels, 8, 8]", "[1, 2, 3, 4, 5]", "8X8X3", "[8, 8, 3]", "[1, 3, 8, 8]",
)  # fmt: skip
UGLY: Final = (
    "\x1b[31mred\x1b[0m", "\x07", "\x00", "\x7f", "\x9b31m", "\x85", "\u2028", "\u2029", "\u202eback", "\u2066iso\u2069",
    "\u200f", "\u200e", "\u061c", "\ufeff", "\ufffe", "\ud800", "\udfff", "\xad", "\u200b", "\ue000", "\U000e0041",
    "e\u0301", "\u0301", "漢字", "אב", "🏳️\u200d🌈", "\r", "\t", "\x0b", "\x0c", "a\nb", "\U0010ffff", "[bold]x[/bold]", "[/]",
    ":smile:", "%s", "{0}", "`", "|", "=1+1", "<script>",
)  # fmt: skip
SYNTAX: Final = (
    "{", "}", "[", "]", ":", ": ", ",", "- ", "-", "?", "? ", "&a ", "*a", "!!int ", "!<x> ", "!", "<<", "<<: ", "|", ">", "'",
    '"', "#", " #", "%", "@", "`", "---\n", "...\n", "\n", "\n\n", "\t", "  ", "~", "null", "true", "false", "yes", "", "''", "=",
    "%YAML 1.2\n---\n", "%TAG ! x\n---\n", "required", "> 1", "<= 1M", "'>= 1.2G'", "1.2k", "previous", "input", "_", "__class__",
)  # fmt: skip


def _words() -> tuple[str, ...]:
    words = {*KEYS, *CLAIMS, *COMMON, *ALL_SIDES, *RESERVED, *ROUNDINGS, *AXES[1], *AXES[3]}
    words |= {"channels", "training", "true", "false", "layers", "required"}
    for layer in LAYERS:
        words |= {layer.type, *layer.also, *layer.attributes}
        for attribute in layer.attributes.values():
            words |= {*attribute.kind.words, *attribute.also}
    return tuple(sorted(words))


WORDS: Final = _words()
ODD: Final = (*NUMBERS, *EXPRESSIONS)
"""What may stand in the place of a number."""


@cache
def corpus() -> tuple[tuple[str, bytes], ...]:
    """The specifications that there are, sound and faulty, with their paths."""
    golden = ROOT / "tests" / "golden"
    files = [*(ROOT / "specs").glob("*.yaml"), *golden.glob("*.yaml"), *(golden / "findings").glob("*.yaml")]
    return tuple((str(path), path.read_bytes()) for path in sorted(files))


# Mutations


def mutated(draw: Random) -> Case:
    """A specification that is there, changed in one to five ways."""
    path, data = _specification(draw)
    kinds = []
    for _ in range(draw.choice((1, 1, 1, 2, 3, 5))):
        change = draw.choice(_CHANGES)
        kinds.append(change.__name__)
        data = change(draw, data)
    return Case(f"mutation: {', '.join(dict.fromkeys(kinds))}", data, file=path)


def _specification(draw: Random) -> tuple[str, bytes]:
    """Small ones more often than large ones."""
    return min((draw.choice(corpus()) for _ in range(2)), key=lambda found: len(found[1]))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _bytes(draw: Random, data: bytes) -> bytes:
    """Bytes flipped, taken away, doubled, put in; at times all that follows taken away too."""
    start = draw.randrange(len(data) + 1)
    end = min(len(data), start + int(draw.choice((1, 1, 2, 5, 20, 200)) * (0.5 + draw.random())))
    some, rest = data[start:end], data[end:] if draw.random() < 0.9 else b""
    flipped = bytes(byte ^ 1 << draw.randrange(8) for byte in some[:8]) + some[8:]
    put_in = draw.choice((_encoded(_token(draw)), draw.randbytes(3))) + some
    return data[:start] + draw.choice((flipped, b"", some * draw.choice((2, 2, 3, 51)), put_in)) + rest


def _token(draw: Random) -> str:
    return draw.choice(draw.choice((WORDS, WORDS, NUMBERS, NUMBERS, EXPRESSIONS, VOLUMES, UGLY, SYNTAX)))


def _tokens(draw: Random, data: bytes) -> bytes:
    """Tokens in the places of others: of the file's own, of the language, hostile ones."""
    parts = re.findall(r"[\w.]+|\s+|.", data.decode("utf-8", "replace"), re.DOTALL)
    places = [index for index, part in enumerate(parts) if not part.isspace()]
    for _ in range(draw.choice((1, 1, 2, 4)) if places else 0):
        index, other = draw.choices(places, k=2)
        new = draw.choice((parts[other], parts[other], "", *[_token(draw)] * 3))
        if draw.random() < 0.2:
            parts[other] = parts[index]
        parts[index] = new
    return _encoded("".join(parts))


def _lines(draw: Random, data: bytes) -> bytes:
    """Lines taken away, moved, doubled, indented, joined, or put in from another file."""
    lines, other = data.split(b"\n"), _specification(draw)[1].split(b"\n")
    start, at = draw.randrange(len(lines)), draw.randrange(len(other))
    some = lines[start : start + draw.choice((1, 1, 2, 5))]
    rest = lines[:start] + lines[start + len(some) :]
    changes: tuple[list[bytes], ...] = (
        [],
        some * draw.choice((2, 2, 4, 101)),
        [draw.choice((b" ", b"  ", b"    ", b"\t")) + line for line in some],
        [line[draw.choice((1, 2, 4)) :] for line in some],
        [b" ".join(some)],
        other[at : at + draw.choice((1, 3, 10))] + some,
    )
    if draw.random() < 0.15:
        changes, start = (some,), draw.randrange(len(rest) + 1)
    return b"\n".join(rest[:start] + draw.choice(changes) + rest[start:])


def _breaks(draw: Random, data: bytes) -> bytes:
    """Other line ends, other encodings, marks in front."""
    text = data.decode("utf-8", "replace")
    line = draw.choice(("\n", "\r\n", "\r", "\x85", "\u2028", "\u2029", "\n\r"))
    text = text.replace("\n", line, draw.choice((-1, -1, 1, 3)))
    others = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252", "utf-7")
    other = text.encode(draw.choice(others), "replace")
    return draw.choice((_encoded(text), _encoded(text), other, b"\xef\xbb\xbf" * draw.choice((1, 2)) + data))


def _ugly(draw: Random, data: bytes) -> bytes:
    """A character that steers or hides, raw or as an escape within quotes."""
    text, ugly = data.decode("utf-8", "replace"), draw.choice(UGLY)
    words = [match.span() for match in re.finditer(r"[^\s:,{}\[\]#-][^:,{}\[\]#\n]*", text)]
    start, end = draw.choice(words) if words else (0, 0)
    at = draw.randint(start, end)
    word = text[start:at] + ugly + text[at:end]
    written = word if draw.random() < 0.5 else json.dumps(word)
    return _encoded(text[:start] + written + text[end:])


def _structure(draw: Random, data: bytes) -> bytes:
    """Layers, keys and blocks nested into one another; values of other shapes and sizes."""
    tree, other = [_parsed(data)], [_parsed(_specification(draw)[1])]
    for _ in range(draw.choice((1, 1, 2, 4))):
        holder, key = draw.choice(_places(tree) or [(tree, slice(0))])
        from_holder, place = draw.choice(_places(draw.choice((tree, other))) or [([""], 0)])
        value, word, token = holder[key], draw.choice(WORDS), _token(draw)
        if draw.random() < 0.2:
            del holder[key]
            if isinstance(holder, dict) and draw.random() < 0.5:
                holder[draw.choice((word, token))] = value
            continue
        shapes: tuple[Tree, ...] = ([], {}, {word: value}, {word: value, draw.choice(WORDS): token})
        new = draw.choice((token, draw.choice(NUMBERS), [value] * draw.choice((1, 1, 2, 5)), draw.choice(shapes),
                           from_holder[place], from_holder[place]))  # fmt: skip
        if len(written(new)) < 20_000:
            holder[key] = json.loads(json.dumps(new))
    return _encoded("\n".join(written(part, draw) for part in tree))


_CHANGES: Final = (*[_bytes] * 5, *[_tokens] * 3, *[_lines] * 2, _breaks, _ugly, *[_structure] * 3)


def _parsed(data: bytes) -> Tree:
    try:
        tree: Tree = json.loads(json.dumps(yaml.load(data, Loader=yaml.CBaseLoader)))
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        tree = ""
    return tree or {"input": "8x8x3", "layers": ["relu"]}


def _places(tree: Tree) -> list[tuple[Any, Any]]:
    """Every value in the tree, as what holds it and under what."""
    found: list[tuple[Any, Any]] = []
    left = [tree]
    while left:
        node = left.pop()
        if isinstance(node, dict):
            found += [(node, key) for key in node]
            left += node.values()
        elif isinstance(node, list):
            found += [(node, index) for index in range(len(node))]
            left += node
    return found


_PLAIN: Final = re.compile(r"[\w./*()<>=+][\w ./*()<>=+-]*\Z")


def written(tree: Tree, draw: Random | None = None, indent: int = 0) -> str:
    """The tree as YAML: in flow style, or with a random source in block style as far as that goes."""
    if isinstance(tree, str):
        plain = _PLAIN.match(tree) and not tree.endswith(" ") and tree[0] != ">"
        return tree if plain else json.dumps(tree, ensure_ascii=draw is None or draw.random() < 0.5)
    if draw is None or not tree or (indent and draw.random() < 0.6):
        if isinstance(tree, list):
            return f"[{', '.join(map(written, tree))}]"
        return f"{{{', '.join(f'{written(key)}: {written(value)}' for key, value in tree.items())}}}"
    start = f"\n{'  ' * indent}" if indent else "\n"
    if isinstance(tree, list):
        return "".join(f"{start}- {written(part, draw, indent + 1)}" for part in tree)
    return "".join(f"{start}{written(key)}: {written(value, draw, indent + 1)}" for key, value in tree.items())


# Random documents


def random_yaml(draw: Random) -> Case:
    """Any YAML, or nearly."""
    if draw.random() < 0.3:
        return Case("random tokens", "".join(_token(draw) for _ in range(draw.randrange(60))))
    return Case("random yaml", written(_any(draw, 4), draw))


def _any(draw: Random, depth: int) -> Tree:
    kind = draw.randrange(3) if depth else 0
    if kind == 0:
        return _token(draw)
    if kind == 1:
        return [_any(draw, depth - 1) for _ in range(draw.randrange(4))]
    return {
        draw.choice((*KEYS, *WORDS)) if draw.random() < 0.9 else _token(draw): _any(draw, depth - 1) for _ in range(4)
    }


def random_network(draw: Random) -> Case:
    """A specification with the right words in the right places and numbers of all sizes, often with a fault."""
    networks = Networks(draw, wild=draw.choice((0, 5, 20, 100)), large=draw.choice((0, 0, 5, 30)), odd=ODD)
    text = spec(networks.file())
    if draw.random() < 0.2:
        text = "\n".join([f"input: {draw.choice((networks.any_volume(), *VOLUMES))}", *text.split("\n")[1:]])
    if draw.random() < 0.3:
        claim = f"{draw.choice(CLAIMS[1:])}: '{draw.choice(('<', '<=', '>', '>=', '', '='))} {networks.number(0)}'"
        text += f"rounding: {draw.choice(('exact', 'floor', 'ceil'))}\nexpect: {{{claim}, output: {networks.any_volume()}}}\n"
    data = text.encode()
    for change in draw.choices((_tokens, _structure), k=draw.choice((0, 0, 1, 2))):
        data = change(draw, data)
    return Case("random network", data)


def ugly_text(draw: Random) -> Case:
    """What steers a terminal, or hides, in any place: raw, and as YAML's escape."""
    ugly = "a" + draw.choice(UGLY) + draw.choice(("b", "", draw.choice(UGLY)))
    text = draw.choice((ugly, json.dumps(ugly), json.dumps(ugly, ensure_ascii=False), f"'{ugly}'"))
    made = LONG[draw.choice(list(LONG))].format(x=text)
    return Case("ugly text", made if draw.random() < 0.5 else _encoded(made))


def extremes(draw: Random) -> Case:
    """Layers of any type, their numbers near the limits, on a volume near the limits."""
    networks = Networks(draw, large=80, odd=ODD)
    words = draw.choices([word for word, cls in TYPES.items() if not issubclass(cls, Branching)], k=draw.randint(1, 2))
    items = [Item(word, networks.attributes(word)) for word in words]
    extents = [draw.choice((1, 1, 2, 7, 94906265, (1 << 53) - draw.randrange(3))) for _ in range(networks.rank + 1)]
    return Case("extremes", spec(File(Volume(extents[0], tuple(extents[1:])), {}, {}, {}, items, {})))


# Texts of other kinds


def encodings(draw: Random) -> Case:
    """A small specification with other line ends, encodings and characters at its ends."""
    text = "name: a\ninput: 8x8x3\nlayers:\n- conv: {filters: 8, kernel: 3, pading: 1}\n- fc: 010\n"
    text = draw.choice(("", "\ufeff", "\ufeff\ufeff", "\x00", "\ud800", "\ufeff# a\n")) + text
    text += draw.choice(("", "\x00", "\x1a", "\ufeff", "...", "...\n", "---", "\udcff", "\x1b", "# \u202e"))
    return Case("encodings", text if draw.random() < 0.2 else _breaks(draw, _encoded(text)))


# Files that extend files


def _file(target: str, *more: str) -> bytes:
    return "".join([f"extends: {target}\n", *more]).encode()


def extended(draw: Random) -> Case:
    """Two files, one of which extends the other, itself, a folder, or what is no file."""
    targets = ("other.yaml", "./other.yaml", "fuzz.yaml", "../", ".", "", "/", "/dev/null", "other", "alexnet", '"\\0"',
               '"a\\eb"', "sub/../other.yaml", "[]", "{}", "/proc/self/mem", "a" * 300, "'../' * 9", "~", "'\u202e'")  # fmt: skip
    other = mutated(draw).data
    assert isinstance(other, bytes)
    beside: dict[str, bytes | None] = {"other.yaml": draw.choice((other, _file("fuzz.yaml"), _file("other.yaml"), b""))}
    rest = draw.choice(("", "parameters: {width: 2}\n", "expect: {}\n", "input: 8x8x3\n", "defaults: {conv: {kernel: 0}}\n",
                        "blocks: {b: {layers: [c]}}\n", "layers: [conv: {name: x}]\n", "name: a\n"))  # fmt: skip
    return Case("extends", _file(draw.choice(targets), rest), beside)


def any_case(draw: Random) -> Case:
    """An input of any kind."""
    make = draw.choices(
        (mutated, random_network, random_yaml, extremes, ugly_text, encodings, extended, any_long_scalar, hostile),
        (30, 30, 10, 12, 5, 2, 3, 2, 2),
    )[0]
    return make(draw)

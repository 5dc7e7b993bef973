"""What findings propose passes when it is typed as it stands: each proposal is made in the text, which is read again."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from random import Random
from typing import Any, Final

import pytest

import cnncalc
from cnncalc.findings import Finding
from cnncalc.volume import SIDES

_VALUES = r"`(\w+): ([^`]+)`((?:, `[^`]+`)*(?: or `[^`]+`)?)"
"""`stride: 1`, `2` or `4`."""
_VALUE = r"(?:\[[^\]]*\]|\{[^}]*\}|[^,}\[{]+)"


def proposals(finding: Finding) -> Iterator[tuple[int, str, str]]:
    """The line, the key and the value of each proposal of a change; line 1 has the input."""
    for text in finding.help:
        elsewhere = re.search(", line ([0-9]+), (makes|would)", text)
        if text.startswith("write ") or ("makes them go together" in text and not elsewhere):
            continue  # as a word in the place of another; as a layer more
        for key, first, others in re.findall(_VALUES, text):
            line = 1 if key == "input" else int(elsewhere[1]) if elsewhere else finding.line
            for value in [first, *re.findall("`([^`]+)`", others)]:
                yield line, key, value


def edited(text: str, line: int, key: str, value: str) -> str:
    """The text with one key of one line set."""
    lines = text.split("\n")
    old = lines[line - 1]
    if key == "input":
        new = f"input: {value}"
    elif re.search(rf"[{{ ]{key}: ", old):
        new = re.sub(rf"([{{ ]{key}: ){_VALUE}", lambda found: found[1] + value, old)
    else:
        new = old.replace("}", "", 1) if old.endswith("{}") else old
        new = re.sub(r": \{", f": {{{key}: {value}, ", old, count=1)
    lines[line - 1] = new
    return "\n".join(lines)


# Misfits


def windows(draw: Random, rank: int) -> str:
    """A layer with a window, on an own line."""
    word = draw.choice(("conv", "conv", "depthwise_conv", "max_pool", "max_pool", "avg_pool", "lp_pool"))

    def numbers(least: int, most: int) -> Any:
        each = [draw.randint(least, most) for _ in range(rank)]
        return each if draw.random() < 0.25 else each[0]

    given: dict[str, Any] = {"filters": draw.randint(1, 8)} if word == "conv" else {}
    given["kernel"] = numbers(1, draw.choice((3, 5, 8, 14)))
    if draw.random() < 0.8:
        given["stride"] = numbers(1, 4)
    side = draw.choice([name for pair in SIDES[rank] for name in pair])
    padding = draw.choice(
        (None, None, numbers(0, 2), numbers(0, 4), "half", "same", f"{{{side}: {draw.randint(1, 3)}}}")
    )
    if padding is not None:
        given["padding"] = padding
    if word in ("conv", "max_pool") and draw.random() < 0.25:
        given["dilation"] = numbers(1, 3)
    if draw.random() < 0.5:
        given["rounding"] = draw.choice(("exact", "floor", "ceil"))
    if draw.random() < 0.1:
        given["repeat"] = 2
    return f"{word}: {{{', '.join(f'{key}: {value}' for key, value in given.items())}}}"


def chain(draw: Random) -> str:
    rank = draw.choice((1, 2, 2, 2, 3))
    size = draw.randint(3, 40)
    sizes = [size if draw.random() < 0.7 else draw.randint(3, 40) for _ in range(rank)]
    lines = [f"input: {'x'.join(map(str, sizes))}x4", "layers:"]
    return "\n".join([*lines, *[f"  - {windows(draw, rank)}" for _ in range(draw.randint(1, 4))], ""])


def shrinking(draw: Random) -> str:
    """Layers that take cells away, or add too many."""
    n = [draw.randint(1, 9) for _ in range(5)]
    layer = draw.choice((
        f"crop: {{amount: {n[0]}}}",
        f"crop: {{amount: {{top: {n[0]}, bottom: {n[1]}, left: {n[2]}}}}}",
        f"transposed_conv: {{filters: 2, kernel: {n[0]}, stride: {n[1]}, padding: {n[2] * 2}}}",
        f"transposed_conv: {{filters: 2, kernel: {n[0]}, stride: {n[1]}, output_padding: {n[2]}}}",
        f"transposed_conv: {{filters: 2, kernel: {n[0]}, output_padding: [{n[1]}, {n[2]}]}}",
    ))  # fmt: skip
    return f"input: {draw.randint(2, 9)}x{draw.randint(2, 9)}x4\nlayers:\n  - {layer}\n"


def grouped(draw: Random) -> str:
    channels, groups = draw.randint(4, 40), draw.randint(2, 12)
    layer = draw.choice((
        f"conv: {{filters: {draw.randint(4, 40)}, kernel: 1, groups: {groups}}}",
        f"group_norm: {{groups: {groups}}}",
        f"channel_shuffle: {{groups: {groups}}}",
    ))  # fmt: skip
    return f"input: 8x8x{channels}\nlayers:\n  - {layer}\n"


def joined(draw: Random) -> str:
    """Branches of a stride that differ, or are rounded or padded otherwise."""
    kernel, stride, padding = draw.choice((1, 3, 5)), draw.choice((1, 2, 2, 3)), draw.choice((0, 1, 2))
    filters = draw.choice((8, 16))
    shortcut = draw.choice((
        f"conv: {{filters: {filters}, kernel: 1, stride: {draw.choice((1, 2))}}}",
        "max_pool: {kernel: 2}",
        "avg_pool: {kernel: 3, stride: 2}",
        "batch_norm",
    ))  # fmt: skip
    body = f"conv: {{filters: {draw.choice((8, 16))}, kernel: {kernel}, stride: {stride}, padding: {padding}}}"
    size = draw.randint(8, 32)
    return (
        f"input: {size}x{size}x16\nlayers:\n  - {draw.choice(('add', 'concat'))}:\n      a:\n        - {body}\n"
        f"        - relu\n      b:\n        - {shortcut}\n"
    )


def joined_otherwise(draw: Random) -> str:
    """Branches whose kernels differ, or of which one is made larger again."""
    kernels = [draw.randint(1, 4) * 2 - draw.choice((0, 1, 1)) for _ in range(3)]
    large = draw.choice(("upsample: 2", "upsample: {factor: 2, mode: bilinear}", "upsample: 2"))
    branches = draw.choice((
        [f"        - conv: {{filters: 8, kernel: {kernel}}}\n" for kernel in kernels],
        [f"        - max_pool: 2\n        - conv: {{filters: 4, kernel: {kernels[0]}}}\n        - {large}\n", "        - relu\n"],
    ))  # fmt: skip
    named = "".join(f"      b{index}:\n{layers}" for index, layers in enumerate(branches))
    return f"input: {draw.randint(9, 40)}x{draw.randint(9, 40)}x16\nlayers:\n  - concat:\n{named}"


def behind_a_branch(text: str, remedy: str) -> str | None:
    """The text with the layer that a remedy puts at the end of a branch, or with one padding for all windows."""
    layer = re.match(r"`- (.*)` at the end of the branch `(\w+)`", remedy)
    if layer:
        lines = text.split("\n")
        start = lines.index(f"      {layer[2]}:")
        end = next(n for n in range(start + 1, len(lines)) if not lines[n].startswith("        "))
        return "\n".join([*lines[:end], f"        - {layer[1]}", *lines[end:]])
    every = re.match("`padding: (\\w+)` on every layer with a window", remedy)
    if every:
        bare = re.sub(", padding: [0-9]", "", re.sub("max_pool: ([0-9])", r"max_pool: {kernel: \1}", text))
        return bare.replace("kernel:", f"padding: {every[1]}, kernel:")
    return None


@pytest.mark.parametrize("number", [100, pytest.param(300, marks=pytest.mark.slow)])
def test_joins_are_mended_at_their_branches(number: int) -> None:
    draw, held = Random(5), list[bool]()
    for _ in range(number):
        text = draw.choice((joined, joined_otherwise))(draw)
        for finding in cnncalc.summarize(text).findings:
            for remedy in finding.help if finding.code == "unequal-volumes" else ():
                changed = behind_a_branch(text, remedy)
                if changed is not None:
                    held.append(cnncalc.summarize(changed).ok)
                    assert held[-1], (text, remedy, changed)
    assert len(held) > number // 3


def divided(draw: Random) -> str:
    """Channels that branches cannot share, behind layers that keep them or at once."""
    branches, kept = draw.randint(2, 4), draw.choice(("relu", "max_pool: 2", "batch_norm"))
    layers = draw.choice(([], [kept], [f"conv: {{filters: {draw.randint(2, 40)}, kernel: 1}}", kept]))
    split = [f"split: {{{', '.join(f'way{index}: [relu]' for index in range(branches))}}}"]
    items = "".join(f"  - {layer}\n" for layer in layers + split)
    return f"input: 8x8x{draw.randint(2, 40)}\nlayers:\n{items}"


# Words in the place of others

SLIPS: Final = (
    "reshape: 4x2x{a}",
    "reshape: [{a}, 2, 8]",
    "reshape: 8 x 8 x 15",
    "conv: {{filters: {a} / {b}, kernel: 3}}",
    "conv: {{filters: 2 * channels / {a}, kernel: 3}}",
    "conv: {{filters: 8, kernel: [channels / {a}, 1], padding: same}}",
    "conv: {{filters: 8, kernel: 3, bias: {bit}}}",
    "conv: {{filters: 8, kernel: ({a}, {b}), padding: same}}",
    "conv: {{kernel: ({a},{b}), filters: 8, padding: same}}",
    "max_pool: ({a}, {b})",
    "conv: {a}",
    "celu: {a}",
    "leaky_relu: 0.{a}",
    "batch_norm: {a}e-{b}",
    "max_pool: {a} x {b}",
    "max_pool: {a}X{b}",
    "max_pool: {a}×{b}",
    "max_pool: {{kernel: {a}×{b}, stride: 1}}",
    "dropout: {a}%",
    "dropout: {{rate: {a}.5 %}}",
    "fc({a})",
    "conv({a}, {b})",
    "conv({a}, kernel_size={b})",
    "max_pool({a})",
    "fc: {a} units",
    "conv: {{filters: {a} filters, kernel: 1}}",
    "conv: {{{a}, {b}}}",
    "conv: {a}, {b}",
    "conv: [{a}, {b}]",
    "conv: {{filters: “{a}”, kernel: 1}}",
    "conv: {{filters: 8, kernel: {b}, padding: ‘same’}}",
    "max_pool: {{kernel: {a}, stride: {b} , padding: ”same”}}",
)
INPUTS: Final = ("32 x 32 x 3", "32X32X1", "32*32*3", "32×32×3", "32, 32, 3", "(3, 32, 32)", "(32, 32, 1)")


def slips(draw: Random) -> Iterator[str]:
    for slip in SLIPS:
        layer = slip.format(a=draw.randint(1, 7), b=draw.randint(2, 7), bit=draw.randrange(2))
        yield f"input: 8x8x15\nlayers:\n  - {layer}\n"
    for volume in INPUTS:
        yield f"input: {volume}\nlayers:\n  - relu\n"


def rewritten(text: str, finding: Finding) -> Iterator[str]:
    """The text with each word that is proposed in the place of the one that is marked."""
    lines, place = text.split("\n"), finding.place
    for remedy in finding.help:
        for word in re.findall("`([^`]+)`", remedy if remedy.startswith("write ") else ""):
            line = lines[place.line - 1]
            changed = line[: place.column - 1] + word + line[place.end_column - 1 :]
            yield "\n".join([*lines[: place.line - 1], changed, *lines[place.line :]])


def tried(text: str) -> Iterator[tuple[str, bool, str]]:
    """The code of each proposal, whether it holds, and what was tried."""
    before = cnncalc.summarize(text).findings
    for finding in before:
        for line, key, value in proposals(finding):
            changed = edited(text, line, key, value)
            assert changed != text, (text, key, value)
            after = cnncalc.summarize(changed).findings
            stays = any((each.code, each.line) == (finding.code, finding.line) for each in after)
            known = {(each.code, each.line) for each in before}
            worse = [
                e
                for e in after
                if e.severity == "error" and e.line in (line, finding.line) and (e.code, e.line) not in known
            ]
            yield (
                finding.code,
                not stays and not worse,
                f"{key}: {value} for line {finding.line}, {finding.code} of\n{text}",
            )


def words_tried(text: str) -> Iterator[tuple[str, bool, str]]:
    """As `tried`, for words in the place of others; a slip for which there are none counts as one that does not hold."""
    errors = [finding for finding in cnncalc.summarize(text).findings if finding.severity == "error"]
    for finding in errors:
        changed = list(rewritten(text, finding))
        yield from ((finding.code, cnncalc.summarize(each).ok, f"{each}\nfor\n{text}") for each in changed)
        if not changed:
            yield finding.code, False, text


@pytest.mark.parametrize("number", [15, pytest.param(40, marks=pytest.mark.slow)])
def test_proposals_hold(number: int) -> None:
    draw = Random(1)
    held: dict[str, list[bool]] = defaultdict(list)
    wrong = []
    made = [
        make(draw)
        for make in (chain, chain, chain, shrinking, grouped, joined, joined_otherwise, divided)
        for _ in range(number)
    ]
    found = [each for text in made for each in tried(text)]
    found += [each for _ in range(5) for text in slips(draw) for each in words_tried(text)]
    for code, holds, what in found:
        held[code].append(holds)
        wrong += [] if holds else [what]
    rates = {code: sum(holds) / len(holds) for code, holds in held.items()}
    sys.stdout.writelines(f"{code:28}{len(held[code]):6}{rate:8.1%}\n" for code, rate in sorted(rates.items()))
    assert min(rates.values()) >= 0.98, "\n\n".join(wrong)


def test_no_input_without_cells_is_tried() -> None:
    """Of a transposed convolution an axis of none would have 7 cells, and of what enlarges it none."""
    ways = "a: [transposed_conv: {filters: 1, kernel: 8}], b: [upsample: 8]"
    text = f"{{input: 1x1, layers: [{{concat: {{{ways}}}}}, conv: {{filters: 1, kernel: 1, stride: 2}}]}}"
    assert "stride-does-not-fit" in [finding.code for finding in cnncalc.summarize(text).findings]

"""Documents that ask for much: a table of them, and long texts in every place."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final, NamedTuple, TypeAlias

from cnncalc.limits import Limits
from tests.fuzz import Case

_Make: TypeAlias = Callable[[int], Case | str | bytes]
BYTES: Final = Limits().bytes
HEAD: Final = "input: 8x8x4\n"
RELU: Final = "layers: [relu]\n"
MOST: Final = 1 << 53
SIZES: Final = (MOST, 3, 94906265, 1, MOST - 1, 7)


class Hostile(NamedTuple):
    """A kind of document that asks for much."""

    name: str
    short: int
    """The size at which a fault of this kind shows already."""
    full: int
    """The size that the limits allow."""
    make: _Make

    def case(self, size: int) -> Case:
        """The document of a size."""
        made = self.make(size)
        return made._replace(family=self.name) if isinstance(made, Case) else Case(self.name, made)


def many(n: int, text: str, between: str = "", start: int = 0) -> str:
    """The text n times, with the number of each in the place of `#`."""
    return between.join(text.replace("#", str(each)) for each in range(start, start + n))


def flow(items: str, before: str = "") -> str:
    return f"{HEAD}{before}layers: [{items}]\n"


def each(n: int, item: str, before: str = HEAD, start: int = 0) -> str:
    """A layer a line."""
    return f"{before}layers:\n" + many(n, f"- {item}\n", start=start)


def calls(bodies: list[str], call: str = "b0") -> str:
    """Blocks b0, b1, ..., and a call."""
    return flow(call, "blocks:\n" + "".join(f"  b{i}: {{layers: [{body}]}}\n" for i, body in enumerate(bodies)))


def chain(n: int, link: str, end: str) -> str:
    """Blocks that each call the next, which is `>` in the link."""
    return calls([link.replace(">", f"b{i}") for i in range(1, n)] + [end])


def block(body: str, n: int) -> str:
    """A block, repeated."""
    return flow(f"b: {{repeat: {n}}}", f"blocks:\n  b: {{layers: [{body}]}}\n")


def beside_blocks(n: int, item: str) -> str:
    return each(n, item, HEAD + "blocks:\n" + many(n, "  b#: {layers: [relu]}\n"))


def parameters(n: int) -> str:
    return "parameters:\n" + many(n, "  p#: 1\n")


def files(n: int, rest: str) -> Case:
    """Files that each extend the next, the last of them a network."""
    beside: dict[str, bytes | None] = {f"f{i}.yaml": f"extends: f{i + 1}.yaml\n{rest}".encode() for i in range(n)}
    beside[f"f{n}.yaml"] = b"input: 8x8x4\nlayers: [relu]\n"
    return Case("", beside["f0.yaml"] or b"", beside, "f0.yaml")


def circle(n: int) -> Case:
    beside: dict[str, bytes | None] = {f"f{i}.yaml": f"extends: f{(i + 1) % n}.yaml\n".encode() for i in range(n)}
    return Case("", beside["f0.yaml"] or b"", beside, "f0.yaml")


def deep_forks(n: int) -> str:
    before, after = "residual: [" * (n // 2 - 3), "]" * (n // 2 - 3)
    return chain(n, f"{before}>{after}", f"{before}relu{after}")


_TABLE: tuple[tuple[str, int, int, _Make], ...] = (
    # Nesting
    ("lists_in_lists", 100_000, 500_000, lambda n: f"input: {'[' * n}{']' * n}\n"),
    ("lists_not_closed", 200_000, BYTES - 10, lambda n: f"layers: {'[' * n}"),
    ("mappings_in_mappings", 50_000, 160_000, lambda n: f"layers: {'{a: ' * n}1{'}' * n}\n"),
    ("items_in_items", 100_000, 500_000, lambda n: "layers:\n" + "- " * n + "relu\n"),
    ("block_mappings", 1_000, 1_400, lambda n: "".join(f"{' ' * level}a:\n" for level in range(n))),
    ("keys_in_keys", 100_000, 500_000, lambda n: "? " * n + "a\n"),
    ("residuals_in_residuals", 30, 100, lambda n: f"{HEAD}layers: {'[residual: ' * n}[relu]{']' * n}\n"),
    ("joins_in_joins", 25, 29, lambda n: f"{HEAD}layers: {'[concat: {a: [], b: ' * n}[relu]{'}]' * n}\n"),
    ("deep_forks_in_deep_blocks", 60, 64, deep_forks),
    ("calls_not_closed", 2_000, 90_000, lambda n: flow(many(n, "max(#", ", "))),
    ("calls_cut", 400, 50_000, lambda n: flow(many(n, "fc: max(#, 2)", ", "))),
    ("calls_in_calls", 40, 100_000, lambda n: flow(f"fc: {'max(1, ' * n}1{')' * n}")),
    ("powers", 400, 30_000, lambda n: each(n, "fc: 2 ** 2 ** 2 ** 2 ** #")),
    # What of YAML the language leaves out
    ("billion_laughs", 1_000, 30_000, lambda n: "a0: &a0 [lol, lol]\n" + "".join(
        f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, n)) + f"input: *a{n - 1}\n"),
    ("anchors", 500, 100_000, lambda n: each(n // 2, "&a# relu")),
    ("tags", 500, 100_000, lambda n: each(n, "!x relu")),
    ("tags_with_a_long_prefix", 20, 700, lambda n: (
        f"%TAG !a! {'t' * (BYTES // 2)}\n---\nlayers: [{many(n * 60, '!a!b relu', ', ')}]\n"[: BYTES - 2])),
    ("tag_directives", 5_000, 80_000, lambda n: (
        f"{many(n, '%TAG !#! x' + chr(10))[: BYTES - 30].rpartition(chr(10))[0]}\n---\n{HEAD}{RELU}")),
    ("documents", 20_000, 100_000, lambda n: "---\na: 1\n" * n),
    ("duplicate_keys", 3_000, 90_000, lambda n: HEAD + RELU + "name: a\n" * n),
    ("merge_keys", 2_000, 100_000, lambda n: flow(f"relu: {{{many(n, '<<: a', ', ')}}}")),
    ("blank_lines", 100_000, BYTES - 100, lambda n: "\n" * n + HEAD + RELU),
    ("a_folded_text", 100_000, BYTES - 100, lambda n: "name: >\n" + "  b\n\n" * (n // 5) + HEAD + RELU),
    ("too_large", BYTES + 1, BYTES + 1, lambda n: b"#" * n),
    # Numbers
    ("transposed_doubling", 300, 1_000, lambda n: each(n, "transposed_conv: {filters: 1, kernel: 2, stride: 2}")),
    ("transposed_doubling_and_crop", 1_000, 99_000, lambda n: flow(
        f"b: {{repeat: {max(1, n // 2)}}}",
        "blocks: {b: {layers: [transposed_conv: {filters: 1, kernel: 2, stride: 2}, crop: 4]}}\n")),
    ("strides_on_one_cell", 400, 99_000, lambda n: (
        f"input: 1x1x1\nlayers: [conv: {{filters: 1, kernel: 1, stride: {MOST}, repeat: {n}}}]\n")),
    ("strides_of_two_on_one_cell", 500, 99_000, lambda n: (
        f"input: 1x1x1\nlayers: [conv: {{filters: 1, kernel: 1, stride: 2, repeat: {n}}}]\n")),
    ("kernels_that_keep_the_size", 300, 99_000, lambda n: (
        f"input: 9x9x1\nlayers: [max_pool: {{kernel: {MOST - 1}, stride: 1, padding: half, repeat: {n}}}]\n")),
    ("dilations", 300, 99_000, lambda n: (
        f"input: 9x9x1\nlayers: [conv: {{kernel: {MOST - 1}, dilation: {MOST}, stride: 1, padding: same, filters: 1, "
        f"repeat: {n}}}]\n")),
    ("upsampling_and_striding", 300, 99_000, lambda n: (
        "input: 6x6x1\nblocks: {b: {layers: [upsample: 3, conv: {filters: 1, kernel: 1, stride: 2}, crop: 1]}}\n"
        f"layers: [b: {{repeat: {max(1, n // 3)}}}]\n")),
    ("adaptive_pools_up_and_down", 200, 30_000, lambda n: (
        "input: 7x1\nlayers:\n" + "".join(f"- adaptive_avg_pool: {SIZES[i % 6]}\n" for i in range(n)))),
    ("upsampling_up_and_down", 200, 24_000, lambda n: "input: 7x1\nlayers:\n" + "".join(
        f"- upsample: {{size: {SIZES[i % 6]}, mode: {('nearest', 'linear', 'bicubic')[i % 3]}}}\n" for i in range(n))),
    ("misfits", 200, 14_000, lambda n: f"input: {MOST - 1}x1\nlayers:\n" + "".join(
        f"- head: {{name: h{i}, layers: [max_pool: {{kernel: {i + 2}, stride: {2 * i + 5}}}]}}\n" for i in range(n))),
    ("groups_that_do_not_divide", 200, 15_000, lambda n: "input: 8x9007199254740881\nlayers:\n" + "".join(
        f"- head: {{name: h{i}, layers: [channel_shuffle: {i + 2}]}}\n" for i in range(n))),
    # Much of everything
    ("repeated_layers", 500, 100_000, lambda n: flow(f"relu: {{repeat: {n}}}")),
    ("repeated_expressions", 400, 100_000, lambda n: flow(f"conv: {{filters: channels, kernel: 1, repeat: {n}}}")),
    ("listed_layers", 400, 100_000, lambda n: flow(many(n, "relu", ","))),
    ("listed_convolutions", 300, 22_000, lambda n: each(n, "conv: {filters: #, kernel: 3, padding: 1}", start=1)),
    ("repeated_blocks", 300, 100_000, lambda n: block("relu", n)),
    ("repeated_empty_blocks", 1_000_000, 1_000_000, lambda n: block("", n)),
    ("repeated_empty_forks", 1_000_000, 1_000_000, lambda n: flow(f"head: {{name: h, layers: [], repeat: {n}}}")),
    ("doubling_blocks", 9, 62, lambda n: chain(n, ">: {repeat: 2}", "relu")),
    ("doubling_blocks_of_nothing", 20, 62, lambda n: chain(n, ">, >", "")),
    ("tenfold_blocks", 100, 100, lambda n: chain(n, ">: {repeat: 10}", "relu")),
    ("repeats_beyond_all_limits", 1_000, 1_000, lambda n: flow(many(n, f"relu: {{repeat: {MOST}}}", ", "))),
    ("chained_blocks", 20_000, 28_000, lambda n: chain(n, ">", "relu")),
    ("chained_blocks_that_all_go_back", 5_000, 25_000, lambda n: chain(n, ">, b0", "b0")),
    ("blocks_in_a_circle", 20_000, 28_000, lambda n: chain(n, ">", "b0")),
    ("blocks_that_all_call_all", 150, 400, lambda n: calls([many(n, "b#", ", ")] * n)),
    ("a_long_name_repeated", 300, 1_000, lambda n: flow(f"relu: {{name: {'n' * (BYTES - 100)}, repeat: {n}}}")),
    ("a_long_block_repeated", 1_000, 90_000, lambda n: (
        f"{HEAD}blocks:\n  ? {'n' * (BYTES // 2 - 100)}\n  : {{layers: [relu: {{repeat: {n}}}]}}\n"
        f"layers:\n- {'n' * (BYTES // 2 - 100)}\n")),
    ("equal_names", 400, 30_000, lambda n: each(n, "relu: {name: a}")),
    ("unknown_layers", 300, 90_000, lambda n: each(n, "conw")),
    ("different_unknown_layers", 300, 60_000, lambda n: each(n, "conw#")),
    ("unknown_attributes", 1_000, 60_000, lambda n: flow(f"conv: {{{many(n, 'kernl#: 3', ', ')}}}")),
    ("unknown_keys", 1_000, 60_000, lambda n: HEAD + RELU + many(n, "layrs#: 3\n")),
    ("unknown_figures", 1_000, 60_000, lambda n: HEAD + RELU + "expect:\n" + many(n, "  parms#: 3\n")),
    ("unknown_sides", 1_000, 60_000, lambda n: flow(f"pad: {{amount: {{{many(n, 'topp#: 3', ', ')}}}}}")),
    ("bad_values", 300, 30_000, lambda n: each(n, "max_pool: kernel#")),
    ("bad_flags", 200, 15_000, lambda n: each(n, "conv: {filters: 1, kernel: 1, bias: yes, padding: hlaf}")),
    ("forks_of_nothing", 200, 30_000, lambda n: each(n, "residual: {}")),
    ("several_in_one", 300, 40_000, lambda n: each(n, "{relu: , tanh: }")),
    ("several_in_one_beside_blocks", 600, 25_000, lambda n: beside_blocks(n // 2, "{relu: , tanh: }")),
    ("unknown_layers_beside_blocks", 600, 30_000, lambda n: beside_blocks(n // 2, "x#")),
    ("unknown_references", 800, 30_000, lambda n: (
        f"{each(n // 2, 'relu')}{many(n // 2, '- add: [rleu#, previous]' + chr(10))}")),
    ("unknown_names_beside_parameters", 500, 30_000, lambda n: each(n // 2, "fc: q#", HEAD + parameters(n // 2))),
    ("parameters", 5_000, 80_000, lambda n: flow("fc: p0", parameters(n))),
    ("parameters_and_expressions", 600, 40_000, lambda n: each(n // 2, "fc: p#", HEAD + parameters(n // 2))),
    ("parameters_in_a_chain", 3_000, 40_000, lambda n: flow(f"fc: p{n - 1}", "parameters:\n  p0: 1\n" + "".join(
        f"  p{i}: p{i - 1} + 1\n" for i in range(1, n)))),
    ("parameters_of_a_block", 3_000, 40_000, lambda n: flow(
        f"b: {{{many(n // 2, 'p#: 1', ', ')}}}",
        f"blocks: {{b: {{parameters: {{{many(n // 2, 'p#: 1', ', ')}}}, layers: [fc: p0]}}}}\n")),
    ("parameters_of_a_block_called_often", 5_000, 30_000, lambda n: flow(
        f"b: {{repeat: {n // 10}}}", f"blocks: {{b: {{parameters: {{{many(n, 'p#: 1', ', ')}}}, layers: [relu]}}}}\n")),
    ("a_long_parameter_missing", 300, 20_000, lambda n: flow(
        many(n, "b", ","), f"blocks:\n  b:\n    parameters:\n      ? {'p' * (BYTES // 2)}\n      : required\n    {RELU}")),
    ("unknown_parameters_of_a_long_block", 1_000, 20_000, lambda n: (
        f"{HEAD}blocks:\n  ? {'b' * (BYTES // 3)}\n  : {{parameters: {{p: 1}}, layers: [relu]}}\nlayers:\n"
        f"- ? {'b' * (BYTES // 3)}\n  : {{{many(n, 'q#: 1', ', ')}}}\n")),
    ("a_long_parameter_of_bad_values", 2_000, 20_000, lambda n: flow(
        "relu", f"parameters:\n  ? {'p' * (BYTES // 2)}\n  : [{many(n, '1a', ', ')}]\n")),
    ("a_long_list_in_many_branches", 1_000, 30_000, lambda n: (
        f"{HEAD}parameters: {{k: [{many(n * 5, '1', ', ')}, 0]}}\nlayers:\n- add:\n"
        f"{many(n // 10, '    w#: [max_pool: k]' + chr(10))}")),
    ("branches", 10_000, 68_000, lambda n: f"{HEAD}layers:\n- concat:\n" + many(n, "    w#: []\n")),
    ("uneven_branches", 10_000, 68_000, lambda n: f"{HEAD}layers:\n- split:\n" + many(n, "    w#: []\n")),
    ("references", 10_000, 100_000, lambda n: flow(f"concat: [{many(n, 'input', ',')}]")),
    ("references_in_a_repeated_block", 2_000, 90_000, lambda n: block(
        f"concat: [{many(n, 'input', ',')}], conv: {{filters: 4, kernel: 1}}", n // 2)),
    ("branches_in_a_repeated_fork", 8_000, 20_000, lambda n: (
        f"{HEAD}layers:\n- add:\n    repeat: {n}\n" + many(n, "    w#: []\n"))),
    ("claims", 300, 80_000, lambda n: flow(f"relu: {{expect: 9x9x9, repeat: {n}}}")),
    ("a_long_expression_repeated", 16_000, 50_000, lambda n: flow(
        f"conv: {{filters: 4{' + 1 - 1' * n}, kernel: 1, repeat: {n // 100}}}")),
    ("a_long_default", 16_000, 50_000, lambda n: each(
        n // 100, "conv: {filters: #}", f"{HEAD}defaults: {{conv: {{kernel: 1{' + 1 - 1' * n}}}}}\n", start=1)),
    ("a_long_default_of_a_block", 16_000, 50_000, lambda n: flow(
        f"b: {{repeat: {n // 100}}}", f"blocks: {{b: {{parameters: {{p: 1{' + 1 - 1' * n}}}, layers: [relu]}}}}\n")),
    ("rationals", 1_000, 30_000, lambda n: flow(f"fc: (1{'/3*1/7*3*7' * n})")),
    ("growing_rationals", 1_000, 20_000, lambda n: flow(
        f"fc: 1{'*a/a*b/b' * n}", "parameters: {a: 1/94906265, b: 1/94906266}\n")),
    # Files that extend files
    ("a_chain_of_files", 70, 200, lambda n: files(n, "bad: 1\n")),
    ("a_circle_of_files", 60, 60, circle),
    ("a_chain_of_large_files", 20, 62, lambda n: files(n, f"layers: [{many(100_000, 'relu', ',')}]\n")),
    ("a_file_that_is_a_pipe", 1, 1, lambda n: Case("", b"extends: pipe.yaml\n", {"pipe.yaml": None})),
)  # fmt: skip

HOSTILE: Final = {row[0]: Hostile(*row) for row in _TABLE}


def hostile(draw: Random) -> Case:
    """One of the documents, at a size between the smallest and what the limits allow."""
    row = draw.choice(list(HOSTILE.values()))
    size = draw.choice((1, 2, 3, 10, row.short, row.short, row.full, int(row.full ** draw.random())))
    return row.case(max(1, min(size, row.full)))


# Long scalars, in every place


LONG: Final = {
    "name": "name: {x}\ninput: 8x8x4\nlayers: [relu]\n",
    "source": "source: '{x}'\ninput: 8x8x4\nlayers: [relu]\n",
    "extends": "extends: {x}\n",
    "key": "{x}: 1\ninput: 8x8x4\nlayers: [relu]\n",
    "input": "input: {x}\nlayers: [relu]\n",
    "layer": "input: 8x8x4\nlayers: [{x}]\n",
    "layer with a value": "input: 8x8x4\nlayers:\n- ? {x}\n  : 3\n",
    "name of a layer": "input: 8x8x4\nlayers: [relu: {{name: {x}}}, relu: {{name: {x}}}, add: [{x}, {x}1]]\n",
    "attribute": "input: 8x8x4\nlayers:\n- conv:\n    ? {x}\n    : 3\n",
    "value": "input: 8x8x4\nlayers: [conv: {{filters: {x}, kernel: 3}}]\n",
    "extents": "input: 8x8x4\nlayers: [conv: {{filters: 3, kernel: {x}}}]\n",
    "flag": "input: 8x8x4\nlayers: [conv: {{filters: 3, kernel: 3, bias: {x}}}]\n",
    "padding": "input: 8x8x4\nlayers: [conv: {{filters: 3, kernel: 3, padding: {x}}}]\n",
    "side": "input: 8x8x4\nlayers:\n- pad:\n    ? {x}\n    : 3\n",
    "rate": "input: 8x8x4\nlayers: [dropout: {x}]\n",
    "volume": "input: 8x8x4\nlayers: [reshape: {x}]\n",
    "bare value": "input: 8x8x4\nlayers: [relu: {x}]\n",
    "repeat": "input: 8x8x4\nlayers: [relu: {{repeat: {x}}}]\n",
    "parameter": "input: 8x8x4\nparameters:\n  ? {x}\n  : 1\nlayers: [fc: {x}]\n",
    "value of a parameter": "input: 8x8x4\nparameters: {{a: {x}}}\nlayers: [fc: a]\n",
    "block": "input: 8x8x4\nblocks:\n  ? {x}\n  : layers: [relu]\nlayers: [{x}]\n",
    "branch": "input: 8x8x4\nlayers:\n- add:\n    ? {x}\n    : [relu]\n    b: [relu]\n",
    "reference": "input: 8x8x4\nlayers: [add: [{x}, previous]]\n",
    "figure": "input: 8x8x4\nlayers: [relu]\nexpect: {{params: {x}}}\n",
    "claim": "input: 8x8x4\nlayers: [relu]\nexpect:\n  ? {x}\n  : 1\n",
    "comment": "# {x}\ninput: 8x8x4\nlayers: [relu]\n",
    "anchor": "input: &{x} 8x8x4\nlayers: [relu]\n",
    "tag": "input: !{x} 8x8x4\nlayers: [relu]\n",
    "default": "input: 8x8x4\ndefaults:\n  ? {x}\n  : {{kernel: 3}}\nlayers: [relu]\n",
}
"""Where a text can stand."""

LENGTHY: Final[dict[str, Callable[[int], str]]] = {
    "letters": lambda size: "a" * size,
    "digits": lambda size: "9" * size,
    "zeros": lambda size: "0" * size,
    "octal": lambda size: "0" + "7" * (size - 1),
    "hexadecimal": lambda size: "0x" + "f" * size,
    "base 60": lambda size: ":".join(["1"] * (size // 2)),
    "underscores": lambda size: "_".join(["1"] * (size // 2)),
    "extents": lambda size: "x".join(["1"] * (size // 2)),
    "product": lambda size: "*".join(["1"] * (size // 2)),
    "sum": lambda size: " + ".join(["1"] * (size // 4)),
    "minus": lambda size: "1" + " - 1" * (size // 4),
    "signs": lambda size: "+" * size,
    "rationals": lambda size: "1/3" + "*1/7" * (size // 4),
    "fractions": lambda size: "1" + " + 1/3 - 1/7" * (size // 12),
    "parentheses": lambda size: "(" * (size // 2) + "1" + ")" * (size // 2),
    "dots": lambda size: ".".join(["1"] * (size // 2)),
    "decimals": lambda size: "0." + "3" * size,
    "blanks": lambda size: f'"1{" " * size}1"',
    "blanks between": lambda size: f'"< {" " * size}a"',
    "breaks": lambda size: f'"a{chr(10) * size} b"',
    "words": lambda size: "a " * (size // 2) + "b",
    "names": lambda size: "+".join(["channels"] * (size // 9)),
    "wide": lambda size: "漢" * (size // 3),
    "escapes": lambda size: f'"{chr(92)}e{"[31m" * (size // 4)}"',
    "quotes": lambda size: "'" + "''" * (size // 2) + "'",
    "arabic digits": lambda size: "٣" * (size // 2),
    "exponent": lambda size: "1e" + "9" * size,
}
"""What can be long."""


def long_scalar(place: str, kind: str, size: int) -> Case:
    """A long text of one kind in one place; where the place comes three times, each a third of it."""
    times = LONG[place].count("{x}")
    return Case(f"long {kind} as {place}", LONG[place].format(x=LENGTHY[kind](size // times)))


def any_long_scalar(draw: Random) -> Case:
    """A text of any length, of any kind, in any place."""
    size = int((BYTES - 300) ** draw.choice((1.0, 0.8, draw.random())))
    return long_scalar(draw.choice(list(LONG)), draw.choice(list(LENGTHY)), max(size, 16))

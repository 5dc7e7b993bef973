"""Documents that ask for much, one row each: how large it is made, and how it is made of a size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Final, NamedTuple, TypeAlias

from cnncalc.limits import Limits
from tests.fuzz import Case

_Make: TypeAlias = Callable[[int], Case | str | bytes]
_BYTES: Final = Limits().bytes
_HEAD: Final = "input: 8x8x4\n"


class Hostile(NamedTuple):
    """A kind of document that asks for much."""

    short: int
    """The size for the short run: where a fault of this kind shows already."""
    full: int
    """The size that the limits allow."""
    make: _Make

    def case(self, name: str, size: int) -> Case:
        """The document of a size."""
        made = self.make(size)
        return made._replace(family=name) if isinstance(made, Case) else Case(name, made)


def hostile(draw: Random) -> Case:
    """One of the documents, at a size between the smallest and what the limits allow."""
    name, each = draw.choice(list(HOSTILE.items()))
    size = draw.choice((1, 2, 3, 10, each.short, each.short, each.full, int(each.full ** draw.random())))
    return each.case(name, max(1, min(size, each.full)))


def _layers(items: Iterator[str] | list[str], before: str = "") -> str:
    return f"{_HEAD}{before}layers:\n" + "".join(f"- {item}\n" for item in items)


def _blocks(bodies: Iterator[tuple[str, str]] | list[tuple[str, str]], call: str) -> str:
    blocks = "".join(f"  {name}: {{layers: [{body}]}}\n" for name, body in bodies)
    return f"{_HEAD}blocks:\n{blocks}layers: [{call}]\n"


def _file(target: str, *more: str) -> bytes:
    return "".join([f"extends: {target}\n", *more]).encode()


# Those that take more than an expression


def _deep_forks_in_deep_blocks(size: int) -> str:
    forks = size // 2 - 3
    inner = [
        f"{'residual: [' * forks}{f'b{index + 1}' if index < size - 1 else 'relu'}{']' * forks}"
        for index in range(size)
    ]
    return _blocks([(f"b{index}", body) for index, body in enumerate(inner)], "b0")


def _billion_laughs(size: int) -> str:
    lines = ["a0: &a0 [lol, lol]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, size)]
    return "\n".join(lines) + f"\ninput: *a{size - 1}\n"


def _transposed_doubling_and_crop(size: int) -> str:
    body = "transposed_conv: {filters: 1, kernel: 2, stride: 2}, crop: 4"
    return f"{_HEAD}blocks: {{b: {{layers: [{body}]}}}}\nlayers: [b: {{repeat: {max(1, size // 2)}}}]\n"


def _dilations(size: int) -> str:
    text = f"kernel: {(1 << 53) - 1}, dilation: {1 << 53}, stride: 1, padding: same, filters: 1, repeat: {size}"
    return f"input: 9x9x1\nlayers: [conv: {{{text}}}]\n"


def _upsampling_and_striding(size: int) -> str:
    body = "upsample: 3, conv: {filters: 1, kernel: 1, stride: 2}, crop: 1"
    blocks = f"blocks: {{b: {{layers: [{body}]}}}}\n"
    return f"input: 6x6x1\n{blocks}layers: [b: {{repeat: {max(1, size // 3)}}}]\n"


def _adaptive_pools_up_and_down(size: int) -> str:
    sizes = (1 << 53, 3, 94906265, 1, (1 << 53) - 1, 7)
    return "input: 7x1\nlayers:\n" + "".join(f"- adaptive_avg_pool: {sizes[n % 6]}\n" for n in range(size))


def _upsampling_up_and_down(size: int) -> str:
    sizes = (1 << 53, 3, 94906265, 1, (1 << 53) - 1, 7)
    modes = ("nearest", "linear", "bicubic")
    items = [f"upsample: {{size: {sizes[n % 6]}, mode: {modes[n % 3]}}}" for n in range(size)]
    return "input: 7x1\nlayers:\n" + "".join(f"- {item}\n" for item in items)


def _a_long_block_repeated(size: int) -> str:
    name = "n" * (_BYTES // 2 - 100)
    return f"{_HEAD}blocks:\n  ? {name}\n  : {{layers: [relu: {{repeat: {size}}}]}}\nlayers:\n- {name}\n"


def _several_in_one_beside_blocks(size: int) -> str:
    blocks = "blocks:\n" + "".join(f"  b{n}: {{layers: [relu]}}\n" for n in range(size // 2))
    return _layers(["{relu: , tanh: }"] * (size // 2), blocks)


def _unknown_layers_beside_blocks(size: int) -> str:
    blocks = "blocks:\n" + "".join(f"  b{n}: {{layers: [relu]}}\n" for n in range(size // 2))
    return _layers([f"x{n}" for n in range(size // 2)], blocks)


def _unknown_names_beside_parameters(size: int) -> str:
    parameters = "parameters:\n" + "".join(f"  p{n}: 1\n" for n in range(size // 2))
    return _layers([f"fc: q{n}" for n in range(size // 2)], parameters)


def _parameters_and_expressions(size: int) -> str:
    listed = "parameters:\n" + "".join(f"  p{n}: 1\n" for n in range(size // 2))
    return _layers([f"fc: p{n}" for n in range(size // 2)], listed)


def _parameters_in_a_chain(size: int) -> str:
    listed = "".join(f"  p{n}: p{n - 1} + 1\n" if n else "  p0: 1\n" for n in range(size))
    return f"{_HEAD}parameters:\n{listed}layers: [fc: p{size - 1}]\n"


def _parameters_of_a_block(size: int) -> str:
    listed = ", ".join(f"p{n}: 1" for n in range(size // 2))
    block = f"blocks: {{b: {{parameters: {{{listed}}}, layers: [fc: p0]}}}}\n"
    return f"{_HEAD}{block}layers: [b: {{{listed}}}]\n"


def _parameters_of_a_block_called_often(size: int) -> str:
    listed = ", ".join(f"p{n}: 1" for n in range(size))
    return (
        f"{_HEAD}blocks: {{b: {{parameters: {{{listed}}}, layers: [relu]}}}}\nlayers: [b: {{repeat: {size // 10}}}]\n"
    )


def _a_long_parameter_missing(size: int) -> str:
    name = "p" * (_BYTES // 2)
    return f"{_HEAD}blocks:\n  b:\n    parameters:\n      ? {name}\n      : required\n    layers: [relu]\nlayers: [{','.join(['b'] * size)}]\n"


def _unknown_parameters_of_a_long_block(size: int) -> str:
    name, given = "b" * (_BYTES // 3), ", ".join(f"q{n}: 1" for n in range(size))
    return f"{_HEAD}blocks:\n  ? {name}\n  : {{parameters: {{p: 1}}, layers: [relu]}}\nlayers:\n- ? {name}\n  : {{{given}}}\n"


def _a_long_list_in_many_branches(size: int) -> str:
    ways = "".join(f"    w{n}: [max_pool: k]\n" for n in range(size // 10))
    return f"{_HEAD}parameters: {{k: [{', '.join(['1'] * (size * 5))}, 0]}}\nlayers:\n- add:\n{ways}"


def _references_in_a_repeated_block(size: int) -> str:
    body = f"concat: [{','.join(['input'] * size)}], conv: {{filters: 4, kernel: 1}}"
    return _blocks([("b", body)], f"b: {{repeat: {size // 2}}}")


def _a_long_default(size: int) -> str:
    items = [f"conv: {{filters: {n + 1}}}" for n in range(size // 100)]
    return _layers(items, f"defaults: {{conv: {{kernel: 1{' + 1 - 1' * size}}}}}\n")


def _a_long_default_of_a_block(size: int) -> str:
    block = f"blocks: {{b: {{parameters: {{p: 1{' + 1 - 1' * size}}}, layers: [relu]}}}}\n"
    return f"{_HEAD}{block}layers: [b: {{repeat: {size // 100}}}]\n"


def _a_chain_of_files(size: int) -> Case:
    beside: dict[str, bytes | None] = {f"f{n}.yaml": _file(f"f{n + 1}.yaml", "bad: 1\n") for n in range(size)}
    beside[f"f{size}.yaml"] = b"input: 8x8x4\nlayers: [relu]\n"
    return Case("", beside["f0.yaml"] or b"", beside, "f0.yaml")


def _a_circle_of_files(size: int) -> Case:
    beside: dict[str, bytes | None] = {f"f{n}.yaml": _file(f"f{(n + 1) % size}.yaml") for n in range(size)}
    return Case("", beside["f0.yaml"] or b"", beside, "f0.yaml")


def _a_chain_of_large_files(size: int) -> Case:
    rest = f"layers: [{','.join(['relu'] * 100_000)}]\n"
    beside: dict[str, bytes | None] = {f"f{n}.yaml": _file(f"f{n + 1}.yaml", rest) for n in range(size)}
    beside[f"f{size}.yaml"] = b"input: 8x8x4\nlayers: [relu]\n"
    return Case("", beside["f0.yaml"] or b"", beside, "f0.yaml")


HOSTILE: Final[dict[str, Hostile]] = {
    # Nesting
    "lists_in_lists": Hostile(100_000, 500_000, lambda size: f"input: {'[' * size}{']' * size}\n"),
    "lists_not_closed": Hostile(200_000, _BYTES - 10, lambda size: f"layers: {'[' * size}"),
    "mappings_in_mappings": Hostile(50_000, 160_000, lambda size: f"layers: {'{a: ' * size}1{'}' * size}\n"),
    "items_in_items": Hostile(100_000, 500_000, lambda size: "layers:\n" + "- " * size + "relu\n"),
    "block_mappings": Hostile(1_000, 1_400, lambda size: "".join(f"{' ' * level}a:\n" for level in range(size))),
    "keys_in_keys": Hostile(100_000, 500_000, lambda size: "? " * size + "a\n"),
    "residuals_in_residuals": Hostile(
        30, 100, lambda size: f"{_HEAD}layers: {'[residual: ' * size}[relu]{']' * size}\n"
    ),
    "joins_in_joins": Hostile(
        25, 29, lambda size: f"{_HEAD}layers: {'[concat: {a: [], b: ' * size}[relu]{'}]' * size}\n"
    ),
    "deep_forks_in_deep_blocks": Hostile(60, 64, _deep_forks_in_deep_blocks),
    # What of YAML the language leaves out
    "billion_laughs": Hostile(1_000, 30_000, _billion_laughs),
    "anchors": Hostile(500, 100_000, lambda size: _layers([f"&a{n} relu" for n in range(size // 2)])),
    "tags": Hostile(500, 100_000, lambda size: _layers(["!x relu"] * size)),
    "tags_with_a_long_prefix": Hostile(
        20,
        700,
        lambda size: f"%TAG !a! {'t' * (_BYTES // 2)}\n---\nlayers: [{', '.join(['!a!b relu'] * (size * 60))}]\n"[
            : _BYTES - 2
        ],
    ),
    "tag_directives": Hostile(
        5_000,
        80_000,
        lambda size: (
            "".join(f"%TAG !{n}! x\n" for n in range(size))[: _BYTES - 30].rpartition("\n")[0]
            + f"\n---\n{_HEAD}layers: [relu]\n"
        ),
    ),
    "documents": Hostile(20_000, 100_000, lambda size: "---\na: 1\n" * size),
    "duplicate_keys": Hostile(3_000, 90_000, lambda size: f"{_HEAD}layers: [relu]\n" + "name: a\n" * size),
    "merge_keys": Hostile(2_000, 100_000, lambda size: f"{_HEAD}layers: [relu: {{{', '.join(['<<: a'] * size)}}}]\n"),
    "blank_lines": Hostile(100_000, _BYTES - 100, lambda size: "\n" * size + _HEAD + "layers: [relu]\n"),
    "a_folded_text": Hostile(
        100_000, _BYTES - 100, lambda size: "name: >\n" + "  b\n\n" * (size // 5) + f"{_HEAD}layers: [relu]\n"
    ),
    "too_large": Hostile(_BYTES + 1, _BYTES + 1, lambda size: b"#" * size),
    # Numbers
    "transposed_doubling": Hostile(
        300, 1_000, lambda size: _layers(["transposed_conv: {filters: 1, kernel: 2, stride: 2}"] * size)
    ),
    "transposed_doubling_and_crop": Hostile(1_000, 99_000, _transposed_doubling_and_crop),
    "strides_on_one_cell": Hostile(
        400,
        99_000,
        lambda size: f"input: 1x1x1\nlayers: [conv: {{filters: 1, kernel: 1, stride: {1 << 53}, repeat: {size}}}]\n",
    ),
    "strides_of_two_on_one_cell": Hostile(
        500,
        99_000,
        lambda size: f"input: 1x1x1\nlayers: [conv: {{filters: 1, kernel: 1, stride: 2, repeat: {size}}}]\n",
    ),
    "kernels_that_keep_the_size": Hostile(
        300,
        99_000,
        lambda size: (
            f"input: 9x9x1\nlayers: [max_pool: {{kernel: {(1 << 53) - 1}, stride: 1, padding: half, repeat: {size}}}]\n"
        ),
    ),
    "dilations": Hostile(300, 99_000, _dilations),
    "upsampling_and_striding": Hostile(300, 99_000, _upsampling_and_striding),
    "adaptive_pools_up_and_down": Hostile(200, 30_000, _adaptive_pools_up_and_down),
    "upsampling_up_and_down": Hostile(200, 24_000, _upsampling_up_and_down),
    "misfits": Hostile(
        200,
        14_000,
        lambda size: (
            "input: 9007199254740991x1\nlayers:\n"
            + "".join(
                f"- head: {{name: h{n}, layers: [max_pool: {{kernel: {n + 2}, stride: {2 * n + 5}}}]}}\n"
                for n in range(size)
            )
        ),
    ),
    "groups_that_do_not_divide": Hostile(
        200,
        15_000,
        lambda size: (
            "input: 8x9007199254740881\nlayers:\n"
            + "".join(f"- head: {{name: h{n}, layers: [channel_shuffle: {n + 2}]}}\n" for n in range(size))
        ),
    ),
    # Much of everything
    "repeated_layers": Hostile(500, 100_000, lambda size: f"{_HEAD}layers: [relu: {{repeat: {size}}}]\n"),
    "repeated_expressions": Hostile(
        400, 100_000, lambda size: f"{_HEAD}layers: [conv: {{filters: channels, kernel: 1, repeat: {size}}}]\n"
    ),
    "listed_layers": Hostile(400, 100_000, lambda size: f"{_HEAD}layers: [{','.join(['relu'] * size)}]\n"),
    "listed_convolutions": Hostile(
        300, 22_000, lambda size: _layers([f"conv: {{filters: {n + 1}, kernel: 3, padding: 1}}" for n in range(size)])
    ),
    "repeated_blocks": Hostile(300, 100_000, lambda size: _blocks([("b", "relu")], f"b: {{repeat: {size}}}")),
    "repeated_empty_blocks": Hostile(1_000_000, 1_000_000, lambda size: _blocks([("b", "")], f"b: {{repeat: {size}}}")),
    "repeated_empty_forks": Hostile(
        1_000_000, 1_000_000, lambda size: f"{_HEAD}layers: [head: {{name: h, layers: [], repeat: {size}}}]\n"
    ),
    "doubling_blocks": Hostile(
        9,
        62,
        lambda size: _blocks(
            [(f"b{n}", f"b{n + 1}: {{repeat: 2}}" if n < size - 1 else "relu") for n in range(size)], "b0"
        ),
    ),
    "doubling_blocks_of_nothing": Hostile(
        20,
        62,
        lambda size: _blocks([(f"b{n}", f"b{n + 1}, b{n + 1}" if n < size - 1 else "") for n in range(size)], "b0"),
    ),
    "tenfold_blocks": Hostile(
        100,
        100,
        lambda size: _blocks(
            [(f"b{n}", f"b{n + 1}: {{repeat: 10}}" if n < size - 1 else "relu") for n in range(size)], "b0"
        ),
    ),
    "repeats_beyond_all_limits": Hostile(
        1_000, 1_000, lambda size: f"{_HEAD}layers: [{', '.join([f'relu: {{repeat: {1 << 53}}}'] * size)}]\n"
    ),
    "chained_blocks": Hostile(
        20_000,
        28_000,
        lambda size: _blocks([(f"b{n}", f"b{n + 1}" if n < size - 1 else "relu") for n in range(size)], "b0"),
    ),
    "chained_blocks_that_all_go_back": Hostile(
        5_000,
        25_000,
        lambda size: _blocks([(f"b{n}", f"b{n + 1}, b0" if n < size - 1 else "b0") for n in range(size)], "b0"),
    ),
    "blocks_in_a_circle": Hostile(
        20_000, 28_000, lambda size: _blocks([(f"b{n}", f"b{(n + 1) % size}") for n in range(size)], "b0")
    ),
    "blocks_that_all_call_all": Hostile(
        400, 400, lambda size: _blocks([(f"b{n}", ", ".join(f"b{m}" for m in range(size))) for n in range(size)], "b0")
    ),
    "a_long_name_repeated": Hostile(
        300, 1_000, lambda size: f"{_HEAD}layers: [relu: {{name: {'n' * (_BYTES - 100)}, repeat: {size}}}]\n"
    ),
    "a_long_block_repeated": Hostile(1_000, 90_000, _a_long_block_repeated),
    "equal_names": Hostile(400, 30_000, lambda size: _layers(["relu: {name: a}"] * size)),
    "unknown_layers": Hostile(300, 90_000, lambda size: _layers(["conw"] * size)),
    "different_unknown_layers": Hostile(300, 60_000, lambda size: _layers([f"conw{n}" for n in range(size)])),
    "unknown_attributes": Hostile(
        1_000, 60_000, lambda size: f"{_HEAD}layers: [conv: {{{', '.join(f'kernl{n}: 3' for n in range(size))}}}]\n"
    ),
    "unknown_keys": Hostile(
        1_000, 60_000, lambda size: f"{_HEAD}layers: [relu]\n" + "".join(f"layrs{n}: 3\n" for n in range(size))
    ),
    "unknown_figures": Hostile(
        1_000,
        60_000,
        lambda size: f"{_HEAD}layers: [relu]\nexpect:\n" + "".join(f"  parms{n}: 3\n" for n in range(size)),
    ),
    "unknown_sides": Hostile(
        1_000,
        60_000,
        lambda size: f"{_HEAD}layers: [pad: {{amount: {{{', '.join(f'topp{n}: 3' for n in range(size))}}}}}]\n",
    ),
    "bad_values": Hostile(300, 30_000, lambda size: _layers([f"max_pool: kernel{n}" for n in range(size)])),
    "bad_flags": Hostile(
        200, 15_000, lambda size: _layers(["conv: {filters: 1, kernel: 1, bias: yes, padding: hlaf}"] * size)
    ),
    "forks_of_nothing": Hostile(200, 30_000, lambda size: _layers(["residual: {}"] * size)),
    "several_in_one": Hostile(300, 40_000, lambda size: _layers(["{relu: , tanh: }"] * size)),
    "several_in_one_beside_blocks": Hostile(600, 25_000, _several_in_one_beside_blocks),
    "unknown_layers_beside_blocks": Hostile(600, 30_000, _unknown_layers_beside_blocks),
    "unknown_references": Hostile(
        800,
        30_000,
        lambda size: _layers([*["relu"] * (size // 2), *(f"add: [rleu{n}, previous]" for n in range(size // 2))]),
    ),
    "unknown_names_beside_parameters": Hostile(500, 30_000, _unknown_names_beside_parameters),
    "parameters": Hostile(
        5_000,
        80_000,
        lambda size: f"{_HEAD}parameters:\n" + "".join(f"  p{n}: 1\n" for n in range(size)) + "layers: [fc: p0]\n",
    ),
    "parameters_and_expressions": Hostile(600, 40_000, _parameters_and_expressions),
    "parameters_in_a_chain": Hostile(3_000, 40_000, _parameters_in_a_chain),
    "parameters_of_a_block": Hostile(3_000, 40_000, _parameters_of_a_block),
    "parameters_of_a_block_called_often": Hostile(5_000, 30_000, _parameters_of_a_block_called_often),
    "a_long_parameter_missing": Hostile(300, 20_000, _a_long_parameter_missing),
    "unknown_parameters_of_a_long_block": Hostile(1_000, 20_000, _unknown_parameters_of_a_long_block),
    "a_long_parameter_of_bad_values": Hostile(
        2_000,
        20_000,
        lambda size: (
            f"{_HEAD}parameters:\n  ? {'p' * (_BYTES // 2)}\n  : [{', '.join(['1a'] * size)}]\nlayers: [relu]\n"
        ),
    ),
    "a_long_list_in_many_branches": Hostile(1_000, 30_000, _a_long_list_in_many_branches),
    "branches": Hostile(
        10_000, 68_000, lambda size: f"{_HEAD}layers:\n- concat:\n" + "".join(f"    w{n}: []\n" for n in range(size))
    ),
    "uneven_branches": Hostile(
        10_000, 68_000, lambda size: f"{_HEAD}layers:\n- split:\n" + "".join(f"    w{n}: []\n" for n in range(size))
    ),
    "references": Hostile(10_000, 100_000, lambda size: f"{_HEAD}layers: [concat: [{','.join(['input'] * size)}]]\n"),
    "references_in_a_repeated_block": Hostile(2_000, 90_000, _references_in_a_repeated_block),
    "branches_in_a_repeated_fork": Hostile(
        2_000,
        20_000,
        lambda size: f"{_HEAD}layers:\n- add:\n    repeat: {size}\n" + "".join(f"    w{n}: []\n" for n in range(size)),
    ),
    "claims": Hostile(300, 80_000, lambda size: f"{_HEAD}layers: [relu: {{expect: 9x9x9, repeat: {size}}}]\n"),
    "a_long_expression_repeated": Hostile(
        16_000,
        50_000,
        lambda size: f"{_HEAD}layers: [conv: {{filters: 4{' + 1 - 1' * size}, kernel: 1, repeat: {size // 100}}}]\n",
    ),
    "a_long_default": Hostile(16_000, 50_000, _a_long_default),
    "a_long_default_of_a_block": Hostile(16_000, 50_000, _a_long_default_of_a_block),
    "rationals": Hostile(1_000, 30_000, lambda size: f"{_HEAD}layers: [fc: (1{'/3*1/7*3*7' * size})]\n"),
    "growing_rationals": Hostile(
        1_000,
        20_000,
        lambda size: f"{_HEAD}parameters: {{a: 1/94906265, b: 1/94906266}}\nlayers: [fc: 1{'*a/a*b/b' * size}]\n",
    ),
    # Files that extend files
    "a_chain_of_files": Hostile(70, 200, _a_chain_of_files),
    "a_circle_of_files": Hostile(60, 60, _a_circle_of_files),
    "a_chain_of_large_files": Hostile(20, 62, _a_chain_of_large_files),
    "a_file_that_is_a_pipe": Hostile(1, 1, lambda size: Case("", _file("pipe.yaml"), {"pipe.yaml": None})),
}

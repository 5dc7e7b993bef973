"""A window over a matrix: the exercises of courses, exact numbers, laws, and what is no matrix."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import cnncalc
from cnncalc import LayerError
from cnncalc.cli import main
from cnncalc.convolving import Convolved
from cnncalc.exact import plain, written
from cnncalc.matrices import MOST, Matrix, MatrixError, parse

convolve = cnncalc.convolve

# "Feature extraction using convolution", Stanford's UFLDL tutorial.
UFLDL = "1 1 1 0 0; 0 1 1 1 0; 0 0 1 1 1; 0 0 1 1 0; 0 1 1 0 0", "1 0 1; 0 1 0; 1 0 1"
# Stanford CS231n, course notes, "Convolutional Neural Networks": max pooling with 2x2 filters and stride 2.
CS231N = "1 1 2 4; 5 6 7 8; 3 2 1 0; 1 2 3 4"

numbers = st.one_of(
    st.integers(-99, 99), st.decimals(-9, 9, places=2).map(Fraction), st.fractions(-9, 9, max_denominator=7)
)


@st.composite
def matrices(draw: st.DrawFn, most: int = 7) -> list[list[Any]]:
    rows, columns = draw(st.integers(1, most)), draw(st.integers(1, most))
    return draw(st.lists(st.lists(numbers, min_size=columns, max_size=columns), min_size=rows, max_size=rows))


def test_the_exercises() -> None:
    assert convolve(*UFLDL).output == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
    assert convolve(CS231N, 2, pool="max").output == [[6, 8], [3, 4]]


def is_too_large(error: LayerError) -> None:
    assert error.fault.code == "kernel-too-large"


@given(matrices(), matrices(3), st.integers(1, 3), st.integers(0, 3), st.integers(1, 2))
def test_the_output_is_its_definition(matrix: Any, kernel: Any, stride: int, padding: int, dilation: int) -> None:
    try:
        found = convolve(matrix, kernel, stride=stride, padding=padding, dilation=dilation)
    except LayerError as error:
        is_too_large(error)
        return

    def at(y: int, x: int) -> Any:
        return matrix[y][x] if 0 <= y < len(matrix) and 0 <= x < len(matrix[0]) else 0

    for row, values in enumerate(found.output):
        for column, value in enumerate(values):
            assert value == found.value(row, column)
            assert value == sum(
                weight * at(row * stride - padding + i * dilation, column * stride - padding + j * dilation)
                for i, weights in enumerate(kernel)
                for j, weight in enumerate(weights)
            )
            assert value == sum(term.value * term.weight for term in found.terms(row, column))


@given(matrices(), st.integers(1, 3), st.integers(1, 3), st.booleans())
def test_pools_are_their_definition(matrix: Any, size: int, stride: int, padded: bool) -> None:
    def pooled(pool: str) -> Convolved:
        return convolve(matrix, size, pool=pool, stride=stride, padding=size // 2 if padded else 0)

    try:
        largest, mean = pooled("max"), pooled("avg")
    except LayerError as error:
        is_too_large(error)
        return
    for row in range(largest.shape[0]):
        for column in range(largest.shape[1]):
            terms = largest.terms(row, column)
            assert largest.value(row, column) == max(term.value for term in terms if not term.padding)
            assert mean.value(row, column) == Fraction(sum(term.value for term in terms), size * size)


def test_numbers_are_exact() -> None:
    assert convolve([[Fraction(1, 3), Decimal("0.1")], ["2/6", ".5"]], "3 10; 3 2").output == [[4]]
    assert convolve("1/3 2", "1 1").output == [[Fraction(7, 3)]]
    assert [written(Fraction(*each)) for each in ((-7, 40), (1, 3), (6, 2), (5, 1024))] == [
        "-0.175", "1/3", "3", "0.0048828125"
    ]  # fmt: skip
    assert [plain(Fraction(*each)) for each in ((-7, 40), (1, 3), (6, 2))] == [-0.175, "1/3", 3]


@given(matrices())
def test_what_is_written_is_read_again(matrix: Any) -> None:
    text = "\n".join(",".join(written(Fraction(number)) for number in row) for row in matrix)
    assert parse(text, "it") == Matrix.of(matrix)


@pytest.mark.parametrize(
    "text", ["1 2;3 4", "1 2\n3 4\n", " 1,2 ; 3,\t4", "1 2;\n\n3 4;\r\n", "+1 2.0; 6/2 4.", "1\t2\n3\t4", "01 02; 03 4"]
)
def test_ways_to_write_a_matrix(text: str) -> None:
    if text.endswith("4."):
        with pytest.raises(MatrixError):
            parse(text, "it")
        text = text[:-1]
    assert parse(text, "it") == Matrix(((1, 2), (3, 4)))


def test_a_minus_sign_from_print() -> None:
    assert parse("−1 2", "it") == Matrix(((-1, 2),))


@pytest.mark.parametrize(
    ("matrix", "kernel", "given", "error"),
    [
        ([[0.5]], "1", {}, TypeError),
        ([[True]], "1", {}, TypeError),
        (5, "1", {}, TypeError),
        ([["a"]], "1", {}, MatrixError),
        ([[1, 2], [3]], "1", {}, MatrixError),
        ([], "1", {}, MatrixError),
        ([[]], "1", {}, MatrixError),
        ("1", "1", {"stride": 0}, LayerError),
        ("1", "1", {"padding": -1}, LayerError),
        ("1", "1", {"padding": (1, 1, 1)}, LayerError),
        ("1", "1 1", {}, LayerError),
        ("1 1", 1, {"pool": "mean"}, ValueError),
        ("1 1", 1, {"pool": "avg", "dilation": 2}, LayerError),
        ("1 1", "1 1", {"pool": "max"}, LayerError),
        ("1", "1", {"padding": 1 << 40}, LayerError),
    ],
)
def test_what_cannot_be(matrix: Any, kernel: Any, given: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        convolve(matrix, kernel, **given)


def test_denominators_stay_short() -> None:
    primes = [10**39 + 3 + 2 * each for each in range(40)]
    with pytest.raises(MatrixError, match="denominator"):
        convolve([[Fraction(1, each) for each in primes]], "1")


def test_too_many_numbers() -> None:
    with pytest.raises(MatrixError, match="1,000,000"):
        parse("1 " * (MOST + 1), "it")


# The command


def test_a_large_map_is_short_and_whole_as_csv(tmp_path: Path) -> None:
    file, out = tmp_path / "large.csv", tmp_path / "out.csv"
    file.write_text("\n".join(",".join(str(row * column % 7) for column in range(300)) for row in range(300)))
    done = CliRunner().invoke(main, ["convolve", str(file), "1 0; 0 -1"])
    assert done.exit_code == 0
    assert len(done.output.splitlines()) < 70
    assert "299 x 299 numbers" in done.output
    assert CliRunner().invoke(main, ["convolve", str(file), "1 0; 0 -1", "-o", str(out)]).exit_code == 0
    assert Matrix.of(out.read_text()).shape == (299, 299)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-", "-"], "not both"),
        (["1", "2x2"], "--pool max"),
        (["1", "1 2", "--pool", "max"], "no window"),
        (["1", "0", "--pool", "max"], "no window"),
        (["1", "2", "--pool", "avg", "--dilation", "2"], "--dilation"),
        (["1", "1", "--padding", "some"], "some"),
        (["1", "1", "--stride", "0"], "--stride"),
        (["1", "1", "--strid", "1"], "--stride"),
        (["1"], "KERNEL"),
        (["missing.csv", "1"], "No such file"),
        (["1", "/"], "directory"),
        (["1", "1", "-o", "net.png"], ".png"),
    ],
)
def test_wrong_usage(arguments: list[str], says: str) -> None:
    done = CliRunner().invoke(main, ["convolve", *arguments])
    assert done.exit_code == 2
    assert says in done.stderr


def test_the_output_does_not_overwrite_a_matrix(tmp_path: Path) -> None:
    file = tmp_path / "it.csv"
    file.write_text("1,2")
    assert CliRunner().invoke(main, ["convolve", str(file), "1", "-o", str(file)]).exit_code == 2
    assert file.read_text() == "1,2"


def test_hostile_names_and_bytes(tmp_path: Path) -> None:
    file = tmp_path / "a\x1b[31m\u202e.csv"
    file.write_bytes(b"\xff\xfe\x00,\x1b[2J\x9b,\xe2\x80\xae")
    done = CliRunner().invoke(main, ["convolve", str(file), "1"])
    assert done.exit_code == 2
    assert not {"\x1b", "\u202e", "\x00"} & set(done.stderr)

"""Matrices of exact numbers: read from a text, or made of rows."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from math import lcm
from typing import Final, NamedTuple

from cnncalc import findings
from cnncalc.exact import Number, quotient
from cnncalc.findings import Finding, Place
from cnncalc.limits import Limits
from cnncalc.network import Ledger

MOST: Final = 1_000_000
"""Numbers of a matrix."""
_DIGITS: Final = 40
"""Of a number on each side of its point or its bar."""
_COMMON: Final = 10**100
"""The largest denominator that a matrix's numbers may have in common: what is made of them stays short enough to write."""
_WHOLE: Final = re.compile(rf"[+-]?[0-9]{{1,{_DIGITS}}}")
_BROKEN: Final = re.compile(
    rf"[+-]?(?:[0-9]{{0,{_DIGITS}}}\.[0-9]{{1,{_DIGITS}}}|[0-9]{{1,{_DIGITS}}}/0{{0,{_DIGITS}}}[1-9][0-9]{{0,{_DIGITS}}})"
)


class MatrixError(ValueError):
    """What is no matrix; `findings` have all that is wrong with it, and where."""

    def __init__(self, found: Sequence[Finding]) -> None:
        super().__init__("; ".join(": ".join((each.message, *each.notes)) for each in found))
        self.findings = found


class Matrix(NamedTuple):
    """Rows of exact numbers, kept as whole numbers over one denominator."""

    cells: tuple[tuple[int, ...], ...]
    denominator: int = 1

    @property
    def shape(self) -> tuple[int, int]:
        """How many rows and columns."""
        return len(self.cells), len(self.cells[0])

    def at(self, row: int, column: int) -> Number:
        """One of the numbers."""
        return quotient(self.cells[row][column], self.denominator)

    @classmethod
    def of(cls, rows: object) -> "Matrix":
        """The matrix of a text, or of rows of numbers: ints, Fractions, Decimals, and texts such as `"1/3"`.

        Raises MatrixError for a text that is none, for rows of different lengths and for no numbers at
        all, TypeError for what is not exact.
        """
        if isinstance(rows, Matrix):
            return rows
        if isinstance(rows, str):
            return parse(rows, "<text>")
        if not isinstance(rows, Iterable):
            raise TypeError(f"{rows!r} is no matrix: give a text such as '1 0; 0 1' or a list of rows")
        ledger, place = Ledger("<rows>", Limits()), Place("<rows>")
        return _matrix([_Row([_exact(value) for value in row], place) for row in rows], ledger)


class _Row(NamedTuple):
    numbers: list[Number]
    place: Place


def parse(text: str, file: str) -> Matrix:
    """Read `1 1 0; 0 1 1`, or a row a line; between numbers (-1, 0.5, 1/3) stand spaces, or commas.

    Raises MatrixError with all that is wrong, each at its place in `file`, as the text is called.
    """
    ledger, rows, count = Ledger(file, Limits()), list[_Row](), 0
    for line, column, piece in _pieces(text, ledger):
        words = _words(piece, column)
        count += len(words)
        if count > MOST:
            raise MatrixError([Finding(findings.matrix_too_large(MOST), Place(file))])
        if words:
            (_, first), (word, last) = words[0], words[-1]
            numbers = [_number(word, line, column, ledger) for word, column in words]
            rows.append(_Row(numbers, Place(file, line, first, line, last + len(word))))
    return _matrix(rows, ledger)


def _pieces(text: str, ledger: Ledger) -> Iterator[tuple[int, int, str]]:
    """The text of each row, with the line and the column where it starts."""
    lines = text.splitlines()
    several = sum(bool(line.strip(" \t;")) for line in lines) > 1
    for number, line in enumerate(lines, 1):
        column = line.rstrip(" \t;").find(";") + 1
        if several and column:  # spreadsheets of some countries have it between columns
            ledger.add(findings.semicolon_within_line(), None, Place(ledger.file, number, column, number, column + 1))
            line = line.replace(";", " ")
        column = 1
        for piece in line.split(";"):
            yield number, column, piece
            column += len(piece) + 1


def _words(piece: str, column: int) -> list[tuple[str, int]]:
    """What stands between spaces, or between commas where there are any, and in which column."""
    if "," not in piece:
        return [(match[0], column + match.start()) for match in re.finditer(r"\S+", piece)]
    found = []
    for part in piece.split(","):
        word = part.strip()
        found.append((word, column + part.index(word)))
        column += len(part) + 1
    return found


def _number(word: str, line: int, column: int, ledger: Ledger) -> Number:
    """The number that is written; 0 after a report."""
    text = word.replace("\N{MINUS SIGN}", "-")
    if _WHOLE.fullmatch(text):
        return int(text)
    if _BROKEN.fullmatch(text):
        from fractions import Fraction  # whole numbers need none

        return Fraction(text)
    place = Place(ledger.file, line, column, line, column + max(1, len(word)))
    ledger.add(findings.not_a_number(word), None, place)
    return 0


def _exact(value: object) -> Number:
    """The number that is given from Python. Raises TypeError for what is not exact, MatrixError for a text that is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        ledger = Ledger("<rows>", Limits())
        number = _number(value.strip(), 0, 0, ledger)
        if ledger.met:
            raise MatrixError(ledger.findings())
        return number
    from decimal import Decimal
    from fractions import Fraction

    if isinstance(value, Fraction) or (isinstance(value, Decimal) and value.is_finite()):
        return Fraction(value)
    hint = f" such as {str(value)!r}" if isinstance(value, float) else ""
    raise TypeError(f"{value!r}: the numbers of a matrix are exact, an int, a Fraction, a Decimal or a text{hint}")


def _matrix(rows: Sequence[_Row], ledger: Ledger) -> Matrix:
    """The matrix of the rows. Raises MatrixError with what is in the ledger, and where they make none."""
    lengths = Counter(len(row.numbers) for row in rows)
    usual = lengths.most_common(1)[0][0] if rows else 0
    for number, row in enumerate(rows, 1):
        if len(row.numbers) != usual:
            ledger.add(findings.ragged_row(number, len(row.numbers), usual), None, row.place)
    if not usual:
        ledger.add(findings.no_numbers(), None, None)
    if ledger.met:
        raise MatrixError(ledger.findings())
    common = 1
    for denominator in {number.denominator for row in rows for number in row.numbers}:
        common = lcm(common, denominator)
        if common > _COMMON:
            raise MatrixError([Finding(findings.fractions_too_unlike(len(str(_COMMON)) - 1), Place(ledger.file))])
    cells = (tuple([n.numerator * (common // n.denominator) for n in row.numbers]) for row in rows)
    return Matrix(tuple(cells), common)

"""Sweeps: one specification on many inputs and with many values of its parameters, a row for each."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from cnncalc import findings
from cnncalc.api import Given, Input, Source, Spec, asked, exact, no_collector, source_of, tells_parameters
from cnncalc.convolutional import as_convolutions
from cnncalc.exact import plain, quotient, written
from cnncalc.figures.analysis import TOTALS, LayerSummary, Summary, analyse
from cnncalc.figures.counting import DEFAULT
from cnncalc.findings import ERROR, closest_figure, either, hint
from cnncalc.language.build import build_alone, in_other_order, own_input
from cnncalc.language.document import MEASURES, Document, ForkSpec, Item
from cnncalc.language.expression import Expression, Number
from cnncalc.language.reader import RELATIONS, respelled, unscaled
from cnncalc.layers.figures import DTYPE
from cnncalc.limits import Limits
from cnncalc.network import Network, moved
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from collections.abc import Collection

INPUT: Final = "input"
MOST: Final = 10_000
"""Rows of a sweep, where no other limit is given."""
LOSSES: Final = ("misfits", "lost")
RESERVED: Final = ("file", INPUT, "output", "output_shape", *TOTALS, "peak_at", *LOSSES, "error")
"""What no column of a parameter is called."""

Value: TypeAlias = "Number | Volume"
Written: TypeAlias = "Number | tuple[int, ...] | Volume"
"""A value as it is written: of `input`, a size or sizes whose other extents are the file's."""


class Steps(NamedTuple):
    """Numbers from `first` on, `step` apart: counted, and not made, until they are needed."""

    first: Number
    step: Number
    length: int

    @classmethod
    def between(cls, text: str, first: Number, last: Number, step: Number) -> "Steps":
        """The numbers of a range. Raises ValueError where it has none, or no end."""
        if step <= 0:
            raise ValueError(f"{text}: the step of a range is above 0, not {step}")
        return cls(first, step, int((last - first) // step) + 1)

    def values(self) -> Iterator[Number]:
        """The numbers, one after another."""
        return (self.first + index * self.step for index in range(self.length))


class Over:
    """What varies: `input` or a parameter, and its values in their order."""

    def __init__(self, name: str, parts: "Sequence[Written | Steps]") -> None:
        self.name, self.parts = name, parts

    @classmethod
    def parse(cls, text: str) -> "Over":
        """Read `input=128..224/32` or `width=1/2,0.75,1`. Raises ValueError where the text is no such thing."""
        name, sign, values = text.partition("=")
        if not sign or not name.strip() or not values.strip():
            raise ValueError(f"{text!r} does not say what varies: write it like input=128..224/32 or width=0.5,1")
        return cls.of(name.strip(), values)

    @classmethod
    def of(cls, name: str, values: object) -> "Over":
        """The values of a text, or of a list of numbers, texts and volumes.

        Raises ValueError for a text that is none, TypeError for what is no exact number.
        """
        if isinstance(values, str):
            return cls(name, [_part(name, part.strip()) for part in values.split(",")])
        if not isinstance(values, Iterable) or isinstance(values, Volume | Mapping):
            raise TypeError(f"{name} varies over a list or a text such as '128..224/32', not over {values!r}")
        if isinstance(values, range):
            if name == INPUT and values:
                _extent(str(min(values[0], values[-1])))
            length = max(0, -((values.start - values.stop) // values.step))  # its own may be more than `len` can say
            values = [Steps(values.start, values.step, length)] if length else []
        parts = [value if isinstance(value, Steps) else _given(name, value) for value in values]
        if not parts:
            raise ValueError(f"{name} has no values to vary over")
        return cls(name, parts)

    @property
    def count(self) -> int:
        """How many values there are."""
        return sum(part.length if isinstance(part, Steps) else 1 for part in self.parts)

    @property
    def column(self) -> str:
        """What its column is called: its name, where no other column has it."""
        return self.name if self.name == INPUT or self.name not in RESERVED else f"parameter_{self.name}"

    def values(self) -> Iterator[Written]:
        """The values, one after another."""
        for part in self.parts:
            if isinstance(part, Steps):
                yield from part.values()
            else:
                yield part


def _part(name: str, text: str) -> "Written | Steps":
    """One value, or the values of a range."""
    if ".." in text:
        return _range(name, text)
    return _sizes(text) if name == INPUT else exact(name, text)


def _range(name: str, text: str) -> Steps:
    """The values of `128..224/32`. Raises ValueError for one that runs backwards, or of fractions without a step."""

    def number(text: str) -> Number:
        return _extent(text) if name == INPUT else exact(name, text)

    start, _, rest = text.partition("..")
    end, slash, by = rest.partition("/")
    first, last = number(start), number(end)
    if last < first:
        step = number(by.strip().removeprefix("-")) if slash else 1
        raise ValueError(f"{text} runs backwards: write `{_upwards(name, first, last, step)}`")
    if not slash and first != last and (first.denominator, last.denominator) != (1, 1):
        like = f"{text}/{written(quotient(1, 2) * (last - first))}"
        raise ValueError(f"{text} needs a step, as its ends are not both whole numbers: write it like {like}")
    return Steps.between(text, first, last, number(by) if slash else 1)


def _upwards(name: str, first: Number, last: Number, step: Number) -> str:
    """The options for the values of a range that runs backwards, in their order."""
    least = first - (first - last) // step * step if step > 0 else last
    behind = f"/{written(step)}" if step > 0 and step != 1 else ""
    return f"--over {name}={written(least)}..{written(first)}{behind} --sort -{Over(name, []).column}"


def _sizes(text: str) -> tuple[int, ...]:
    """The extents of `224`, `224x160` or `224x224x3`."""
    extents = tuple(map(_extent, text.split("x")))
    if len(extents) > 4:
        raise ValueError(f"{text!r} is no input: write a size, or a volume such as 224x224x3")
    return extents


def _extent(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 40):
        raise ValueError(f"{text!r} is no size: write an input like 224, 224x224, 224x224x3 or 128..224/32")
    if int(text) == 0:
        raise ValueError(f"a size, and a step between sizes, is above 0, not {text}")
    return int(text)


def _given(name: str, value: object) -> "Written | Steps":
    """The values that one from Python stands for."""
    if isinstance(value, str):
        return _part(name, value.strip())
    if name == INPUT:
        if isinstance(value, int) and not isinstance(value, bool):
            return _extent(str(value))
        return Volume.of(value)
    return exact(name, value)


class Row:
    """One network of a sweep."""

    def __init__(self, file: str, varied: Mapping[str, Value], summary: Summary, own: Volume | None = None) -> None:
        self.file, self.varied, self.own = file, varied, own
        """With the file's own input, where another is in its place."""
        self.output, self.totals = summary.output, summary.totals
        known = summary.totals.params is not None
        self.misfits: int | None = None
        self.lost: int | None = None
        if known:
            self.misfits, self.lost = _counted(summary.layers)
        self.error = next((finding for finding in summary.findings if finding.severity == ERROR), None)

    def figure(self, column: str) -> "Number | None":
        """The number in a column, by which rows are sorted and chosen; of a volume its cells; None where it is unknown."""
        if column == "output":
            return self.output and self.output.elements
        if column in LOSSES:
            return self.misfits if column == "misfits" else self.lost
        value: Any = self.varied[column] if column in self.varied else self.totals[column]
        if isinstance(value, Volume):
            return value.elements
        return None if isinstance(value, str) else value

    def to_dict(self, with_file: bool = False) -> dict[str, object]:
        """The row as JSON has it: what varies, the output, the totals, and the first error whole, or None."""
        return {
            **({"file": self.file} if with_file else {}),
            **{name: json_value(value) for name, value in self.varied.items()},
            "output_shape": self.output.shape if self.output else None,
            **self.totals.to_dict(),
            "misfits": self.misfits,
            "lost": self.lost,
            "error": self.error and self.error.to_dict(),
        }


def json_value(value: Value) -> int | float | str:
    """A value as JSON can hold it: a number, or text where it is none there, and so of a volume."""
    return str(value) if isinstance(value, Volume) else plain(value)


def number_text(value: Value) -> str:
    """A value as tables have it: `0.75`, `1/3`, `224x224x3`."""
    return str(value) if isinstance(value, Volume) else written(value)


def _counted(layers: Iterable[LayerSummary]) -> tuple[int, int]:
    """How many layers' strides do not fit, and how many leave real cells unread; rounded up, they leave none."""
    misfits = lost = 0
    for layer in layers:
        rests = [window for window in layer.figures.windows if window.remainder] if layer.figures else []
        if rests and layer.layer is not None:
            misfits += 1
            lost += layer.layer.rounding != "ceil" and any(window.unread for window in rests)
    return misfits, lost


class Sweep:
    """The rows of one file: it is read here, once, and built anew for each of them.

    Raises ValueError where the file has nothing of the name that varies.
    """

    def __init__(
        self, source: Source, overs: Sequence[Over], parameters: Mapping[str, Number] = {}, fc_as_conv: bool = False
    ) -> None:
        self.source, self.overs, self.parameters, self.fc_as_conv = source, overs, parameters, fc_as_conv
        self._last: tuple[Mapping[str, Number], Volume | None, Network | None] | None = None
        """The parameters of the row before, the file's own input under them, and the network."""
        self._kernels: tuple[Mapping[str, Number], Network] | None = None
        """The parameters of the row before, and under them the network on the file's own input."""
        with no_collector():
            self.document: Document = source.document()
        self._by_extents = _by_extents(self.document)
        if self.status == 0:  # it may stand in what was not read
            for name in [over.name for over in overs if over.name != INPUT] + [*parameters]:
                if name not in self.document.parameters:
                    raise ValueError(source.no_parameter(name))
        for over in overs:
            if over.name == INPUT:
                for part in over.parts:
                    self.check_input(part)

    def check_input(self, value: object) -> None:
        """Raises ValueError for sizes that make no input of the file, or a volume in another order."""
        rank = _rank(self.document)
        if rank is not None:
            _fits(value, rank)
            _in_order(value, self.document)

    @property
    def status(self) -> int:
        """1 where the file itself has errors, so that no row can be."""
        return int(any(finding.severity == ERROR for finding in self.document.findings))

    def rows(self, input: Volume | None = None, **asked: Any) -> Iterator[Row]:
        """The rows, the last of what varies changing fastest; `asked` is what `analyse` takes."""
        names, columns = [over.name for over in self.overs], [over.column for over in self.overs]
        for values in product(*[[*over.values()] for over in self.overs]):
            given = dict(zip(names, values, strict=True))
            varied: dict[str, Any] = dict(zip(columns, values, strict=True))
            size, own = given.pop(INPUT, None), None
            with no_collector():
                parameters: Any = {**self.parameters, **given}
                if size is not None:
                    own = self._own_input(parameters)
                    input = varied[INPUT] = _input(size, own)
                network = self._network(parameters, input)
                if self.fc_as_conv:
                    network = as_convolutions(self._own(parameters), network, self.source.limits)
                summary = analyse(network, self.source.limits, remedies=False, **asked)
            yield Row(self.source.file, varied, summary, own)

    def _own_input(self, parameters: Mapping[str, Number]) -> Volume | None:
        """The file's own input under the parameters."""
        if self._last is None or self._last[0] != parameters:
            self._last = parameters, own_input(self.document, self.source.limits, parameters), None
        return self._last[1]

    def _own(self, parameters: Mapping[str, Number]) -> Network:
        """The network on the file's own input under the parameters."""
        if self._kernels is None or self._kernels[0] != parameters:
            self._kernels = parameters, build_alone(self.document, self.source.limits, parameters=parameters)
        return self._kernels[1]

    def _network(self, parameters: Mapping[str, Number], input: Volume | None) -> Network:
        """The network of a row: the layers of the row before it on other volumes, where that is the same, or built anew.

        Of resnet50 a row takes 2.5 times as long where all are built anew.
        """
        limits, last = self.source.limits, self._last
        if last is None or input is None:
            return build_alone(self.document, limits, input, parameters)
        network = None
        if last[2] is not None and last[0] == parameters and not self._by_extents:
            network = moved(last[2], input, limits)
        if network is None:
            network = build_alone(self.document, limits, input, parameters)
            self._last = last[0], last[1], network
        return network


def _by_extents(document: Document) -> bool:
    """Whether an expression in it names an extent of a volume: then layers may be others on another input."""
    blocks = document.blocks.values()
    defaults = [value for block in blocks for value, _ in block.parameters.values() if isinstance(value, Expression)]
    lists = [document.items, *(block.items for block in blocks)]
    return any(map(_names_extents, lists)) or any(not MEASURES.isdisjoint(value.names) for value in defaults)


def _names_extents(items: Iterable[Item]) -> bool:
    for spec in (item.spec for item in items):
        inner = [branch for _, branch, _ in spec.branches] if isinstance(spec, ForkSpec) else []
        if spec.by_volume or any(map(_names_extents, inner)):
            return True
    return False


def _rank(document: Document) -> int | None:
    """How many axes the file's own input has; None where that could not be read."""
    if document.input is None:
        return None
    return len(document.input.spatial if isinstance(document.input, Volume) else document.input) - (
        not isinstance(document.input, Volume)
    )


def _fits(value: object, rank: int) -> None:
    """Raises ValueError for sizes that make no volume of the file's own number of axes."""
    extents = value if type(value) is tuple else ()
    if len(extents) > 1 and len(extents) not in (rank, rank + 1):
        text = "x".join(map(str, extents))
        axes = "x".join(["224"] * rank)
        raise ValueError(
            f"{text} does not suit the file's input: write {either(dict.fromkeys([axes, axes + 'x3']), 'or')}"
        )


def _in_order(value: object, document: Document) -> None:
    """Raises ValueError for a volume that has the channels of the file's input along an axis."""
    if type(value) is tuple and len(value) > 2:
        value = Volume(value[-1], value[:-1])
    if isinstance(value, Volume) and document.input is not None:
        given = document.input.channels if isinstance(document.input, Volume) else document.input[0]
        meant = in_other_order(value, given)
        if meant is not None:
            raise ValueError(f"{findings.input_in_other_order(value, meant).message}: did you mean {meant}?")


def _input(size: object, own: Volume | None) -> Volume:
    """The volume of a size: along all axes of the file's own input, or along each, or with the channels too."""
    if isinstance(size, Volume):
        return size
    extents: tuple[int, ...] = size if isinstance(size, tuple) else (size,)
    if own is None or len(extents) == len(own.spatial) + 1:
        return Volume(extents[-1], extents[:-1])
    return Volume(own.channels, extents * len(own.spatial) if len(extents) == 1 else extents)


# What of the rows is wanted


def rows_of(overs: Sequence[Over], most: int, files: int = 1) -> int:
    """How many rows it comes to. Raises ValueError for more than `most`, or for what varies twice."""
    names = [over.name for over in overs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name} varies twice: write its values behind one {name}=, with commas")
    count = prod(over.count for over in overs) * files
    if count > most:
        raise ValueError(f"that is {count:,} rows, more than the limit of {most:,}: take fewer values, or raise it")
    return count


def figures(overs: Sequence[Over]) -> tuple[str, ...]:
    """The columns with numbers, by which rows can be chosen and sorted."""
    return (*[over.column for over in overs], "output", *TOTALS, *LOSSES)


class Condition(NamedTuple):
    """What is asked of a row."""

    column: str
    relation: str
    bound: "Number | tuple[int, ...]"
    """Of `input` its extents: those that are not there are the file's."""

    def holds(self, row: Row) -> bool:
        """Whether it is so."""
        value = row.figure(self.column)
        bound = _input(self.bound, row.own).elements if isinstance(self.bound, tuple) else self.bound
        return value is not None and _HOLDS[self.relation](value, bound)


def condition(text: str, known: "Collection[str]") -> Condition:
    """What `macs <= 300M`: a figure, a relation and a number, as `expect` has them.

    Of `input` it is a size or sizes, as --over has them, and the cells are compared. A row whose figure
    is unknown keeps nothing. Raises ValueError where the text is no such thing.
    """
    match = re.match(rf"\s*(\w+)\s*({'|'.join(RELATIONS)})(.*)\Z", text, re.DOTALL)
    if match is None:
        raise ValueError(f"{text!r} is no condition: write it like 'macs <= 300M'")
    column, relation, bound = match[1], match[2].replace("==", "="), match[3].strip()
    if column not in known:
        raise _none("figure", column, known)
    if column == INPUT:
        return Condition(column, relation, _bound_of_input(text, bound))
    in_bytes = column in TOTALS and "_bytes" in column
    stated = unscaled(bound, in_bytes=in_bytes)
    meant = respelled(match[2] + bound, column, in_bytes) if stated in (None, bound) else None
    if stated is None or meant:
        flops = f"; {findings.FLOPS}" if "flop" in bound.lower() else ""
        remedy = f": write '{column} {meant if meant[0] in '<>' else f'= {meant}'}'{flops}" if meant else ""
        raise ValueError(f"{text!r}: {bound} is no whole number{remedy}")
    return Condition(column, relation, exact(column, stated))


def _bound_of_input(text: str, bound: str) -> tuple[int, ...]:
    try:
        return _sizes(bound)
    except ValueError:
        raise ValueError(f"{text!r}: write it like 'input < 224', 'input < 224x160' or 'input < 224x224x3'") from None


_HOLDS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def in_order(rows: Iterable[Row], column: str) -> list[Row]:
    """The rows by a column, the smallest first, or with `-` before it the largest; what is unknown comes last.

    Equal ones keep their order.
    """
    name = column.removeprefix("-")
    known, unknown = list[tuple[Any, Row]](), list[Row]()
    for row in rows:
        value = row.figure(name)
        if value is None:
            unknown.append(row)
        else:
            known.append((-value if column.startswith("-") else value, row))
    return [row for _, row in sorted(known, key=lambda pair: pair[0])] + unknown


def check_column(column: str, known: "Collection[str]") -> str:
    """The column to sort by. Raises ValueError where there is none of that name."""
    if column.removeprefix("-") not in known:
        raise _none("column", column, known)
    return column


def _none(kind: str, word: str, known: "Collection[str]") -> ValueError:
    return ValueError(f"no {kind} {word!r}: {hint(closest_figure(word, known), known, 'there are')}")


@tells_parameters
def sweep(
    spec: Spec,
    over: Mapping[str, object],
    *,
    max_rows: int = MOST,
    input: Input = None,
    parameters: Mapping[str, Given] | None = None,
    batch: int = 1,
    strict: bool = False,
    counting: str = DEFAULT,
    dtype: str = DTYPE,
    fc_as_conv: bool = False,
    limits: Limits = Limits(),
) -> list[dict[str, object]]:
    """A row for each combination of values, as `pandas.DataFrame` takes them.

    `over` says what varies: `input`, or parameters of the file. Each has its values as a text, such
    as `"128..224/32"` or `"0.5,0.75,1"`, or as a list: numbers without a float among them, texts, and
    for `input` sizes and volumes. The rest is what `cnncalc.summarize` takes.

        rows = cnncalc.sweep("resnet50", {"input": range(200, 261)})
        [row["input"] for row in rows if row["lost"] == 0]

    A row has what varies, `output_shape`, the totals, `misfits` (layers whose stride does not fit),
    `lost` (those that leave real cells unread) and `error`: None, or the first error of a network that
    cannot be.
    """
    if not isinstance(over, Mapping) or not over:
        raise TypeError(f"over is {over!r}: write what varies like {{'input': '128..224/32'}}")
    overs = [Over.of(name, values) for name, values in over.items()]
    rows_of(overs, max_rows)
    given = asked(input, parameters, batch=batch, counting=counting, dtype=dtype)
    one = Sweep(source_of(spec, limits), overs, given.parameters, fc_as_conv)
    found = one.rows(given.input, batch=batch, strict=strict, counting=counting, dtype=dtype)
    return [row.to_dict() for row in found]

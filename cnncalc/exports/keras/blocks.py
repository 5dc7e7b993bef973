"""The blocks of a network as functions: what is written out alike but for its values becomes one, called with them.

It looks at what the blocks were written out to, not at what the file says of them: the inner ones first, so that a block
of equal calls is itself like others.
"""

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from cnncalc.exports.keras.layers import INPUT, NAMED
from cnncalc.exports.names import identifier
from cnncalc.exports.program import Piece, Step
from cnncalc.exports.written import Call, Code
from cnncalc.network import BLOCK, Group, Network

_POSITIONS: Final = {
    "Conv": ("filters", "kernel"),
    "Depthwise": ("kernel",),
    "Dense": ("units",),
    "ZeroPadding": ("padding",),
}
"""What the first arguments of layers are called, by the start of their names."""


_NUMBERED: Final = re.compile(r"(.*?)([1-9][0-9]*)\Z", re.DOTALL)


class Function(NamedTuple):
    """A block that is called."""

    name: str
    parameters: tuple[str, ...]
    steps: Sequence[Step]
    input: int
    output: int


class Block(NamedTuple):
    """Where a block was written out to."""

    word: str
    prefix: str
    """What the names of its layers begin with."""
    places: range
    """Those of its steps."""


class Instance(NamedTuple):
    """What a block was written out to at one place."""

    word: str
    prefix: str
    first: int
    """The place of its first step."""
    places: range
    steps: Sequence[Step]
    input: int
    output: int


class Value(NamedTuple):
    """An argument's value in the code, and what it might be called."""

    hint: str
    text: str


def _argument(code: str, hint: str) -> tuple[str, Value | None]:
    """An argument as what is alike in all instances, and its value."""
    if code in (INPUT, NAMED):
        return code, None
    head, sign, value = code.partition("=")
    return (f"{head}=", Value(head, value)) if sign and head.isidentifier() else ("", Value(hint, code))


def _hints(opening: str, count: int) -> Iterator[str]:
    kind = opening.removeprefix("layers.").rstrip("(")
    known = next((words for start, words in _POSITIONS.items() if kind.startswith(start)), ())
    yield from (*known, *["value"] * count)


def values_of(step: Step) -> Iterator[Value]:
    """The values in the code of a step, in their order."""
    for piece in step.pieces:
        for module in piece.modules:
            if isinstance(module, Call):
                for argument, hint in zip(
                    module.arguments, _hints(module.opening, len(module.arguments)), strict=False
                ):
                    if isinstance(argument, str) and (value := _argument(argument, hint)[1]):
                        yield value
        if piece.around:
            yield Value("depth", piece.around)


def with_values(step: Step, values: Iterator[str]) -> Step:
    """The step with other values, in their order."""

    def changed(argument: Code) -> Code:
        if not isinstance(argument, str):
            return argument
        head, value = _argument(argument, "")
        return argument if value is None else f"{head}{next(values)}"

    def of_piece(piece: Piece) -> Piece:
        modules = [
            module if isinstance(module, str) else module._replace(arguments=[*map(changed, module.arguments)])
            for module in piece.modules
        ]
        return piece._replace(modules=tuple(modules), around=next(values) if piece.around else "")

    return step._replace(pieces=tuple(map(of_piece, step.pieces)))


def likeness(instance: Instance) -> Hashable:
    """What instances have in common that are calls of one function."""
    places = {instance.input: -1}
    for place, step in enumerate(instance.steps):
        places[step.gives[0]] = place
    return tuple(
        (
            step.word,
            step.name.removeprefix(instance.prefix),
            tuple(places[read] for read in step.reads),
            step.channels,
            tuple((bool(piece.around), tuple(map(_alike, piece.modules))) for piece in step.pieces),
        )
        for step in instance.steps
    )


def _alike(module: Code) -> Hashable:
    if isinstance(module, str):
        return module
    return module.opening, tuple(_argument(a, "")[0] if isinstance(a, str) else repr(a) for a in module.arguments)


class Blocks:
    """Takes the blocks of a list of steps out of it."""

    def __init__(self, steps: Sequence[Step], outputs: Iterable[int], reserved: Iterable[str]) -> None:
        self.steps: list[Step | None] = [*steps]
        self.outputs = {*outputs}
        self.taken = {*reserved, "x", "y", "name", "i"}
        self.functions: list[Function] = []
        self.readers: dict[int, list[int]] = {}
        """Where each variable is read."""

    def take(self, levels: Iterable[Sequence[Block]]) -> list[Step]:
        """The steps with calls in the place of blocks. A level has the blocks whose own are in those before it."""
        for level in levels:
            self.note()
            found: dict[Hashable, list[Instance]] = {}
            for block in level:
                instance = self.instance(block)
                if instance is not None and len(instance.steps) > 1:
                    found.setdefault((block.word, likeness(instance)), []).append(instance)
            for instances in found.values():
                if len(instances) > 1:
                    self.call(instances)
            self.note()
            self.loop()
        return [step for step in self.steps if step is not None]

    def note(self) -> None:
        """Note where each variable is read."""
        self.readers = {}
        for place, step in enumerate(self.steps):
            for variable in step.reads if step is not None else ():
                self.readers.setdefault(variable, []).append(place)

    def instance(self, block: Block) -> Instance | None:
        """A block that reads one volume and gives one; None of any other."""
        places = block.places
        steps = [step for place in places if (step := self.steps[place]) is not None]
        given = {step.gives[0] for step in steps}
        read = {variable for step in steps for variable in step.reads} - given
        out = [v for v in given if v in self.outputs or any(r not in places for r in self.readers.get(v, ()))]
        if len(read) != 1 or len(out) != 1 or any(step.attribute or step.tied for step in steps):
            return None
        if not all(step.name.startswith(block.prefix) for step in steps if step.word != "part"):
            return None
        first = next(place for place in places if self.steps[place] is not None)
        return Instance(block.word, block.prefix, first, places, steps, *read, *out)

    def call(self, instances: Sequence[Instance]) -> None:
        """Make a function of instances that are alike, and calls of them."""
        one = instances[0]
        rows = [[value for step in each.steps for value in values_of(step)] for each in instances]
        columns = [tuple(value.text for value in column) for column in zip(*rows, strict=True)]
        parameters: dict[tuple[str, ...], str] = {}
        for column, value in zip(columns, rows[0], strict=True):
            if len({*column}) > 1 and column not in parameters:
                parameters[column] = identifier(value.hint, {*self.taken, *parameters.values()})
        name = identifier(one.word, self.taken, "block")
        self.taken.add(name)
        values = iter([parameters.get(column, column[0]) for column in columns])
        steps = [with_values(step, values)._replace(name=step.name.removeprefix(one.prefix)) for step in one.steps]
        self.functions.append(Function(name, (*parameters.values(),), steps, one.input, one.output))
        for index, each in enumerate(instances):
            arguments = [f"{parameter}={column[index]}" for column, parameter in parameters.items()]
            made = Call(f"{name}(", [INPUT, *arguments, NAMED])
            for place in each.places:
                self.steps[place] = None
            piece = Piece((made,))
            self.steps[each.first] = Step("run", each.prefix[:-1], (each.input,), (each.output,), (piece,))

    def loop(self) -> None:
        """Make loops of calls that follow one another and differ in the number in their names."""
        chain: list[int] = []
        for place, step in [*enumerate(self.steps), (len(self.steps), None)]:
            if step is None and place < len(self.steps):
                continue
            if step is not None and chain and self.goes_on(chain[-1], step):
                chain.append(place)
                continue
            if len(chain) > 1:
                self.looped(chain)
            chain = [place] if step is not None and self.is_call(step) else []

    def is_call(self, step: Step) -> bool:
        """Whether a step is a call of a function whose name ends in a number."""
        if step.word != "run" or len(step.pieces) != 1 or step.pieces[0].around or not _NUMBERED.match(step.name):
            return False
        (module, *_) = step.pieces[0].modules or ("",)
        return isinstance(module, Call) and any(module.opening == f"{f.name}(" for f in self.functions)

    def goes_on(self, place: int, step: Step) -> bool:
        """Whether a step does the same once more with what the one before it gives."""
        before = self.steps[place]
        assert before is not None
        if not self.is_call(step) or step.pieces != before.pieces or step.reads != before.gives:
            return False
        (base, number), (other, last) = _split(step.name), _split(before.name)
        alone = len(self.readers.get(before.gives[0], ())) == 1 and before.gives[0] not in self.outputs
        return base == other and number == last + 1 and alone

    def looped(self, chain: Sequence[int]) -> None:
        first, last = self.steps[chain[0]], self.steps[chain[-1]]
        assert first is not None
        assert last is not None
        base, number = _split(first.name)
        if number != 1:
            return
        piece = first.pieces[0]._replace(around=str(len(chain)))
        for place in chain:
            self.steps[place] = None
        self.steps[chain[0]] = first._replace(name=base, gives=last.gives, pieces=(piece,))


def _split(name: str) -> tuple[str, int]:
    match = _NUMBERED.match(name)
    assert match is not None
    return match[1], int(match[2])


def levels_of(network: Network, places: Sequence[int]) -> list[list[Block]]:
    """The blocks by how deep others are in them. `places` has where the step of each node is, and of those that have none
    where it would be.
    """
    levels: list[list[Block]] = []

    def visit(group: Group) -> int:
        height = max(map(visit, group.groups), default=0)
        if group.kind != BLOCK or group.training or group.first >= group.end:
            return height
        levels.extend([] for _ in range(height + 1 - len(levels)))
        start = places[group.first - 1] + 1 if group.first else 0
        prefix = f"{re.sub(r'[^0-9A-Za-z_]+', '_', group.path).strip('_')}_"
        levels[height].append(Block(group.word, prefix, range(start, places[group.end - 1] + 1)))
        return height + 1

    for group in network.root.groups:
        visit(group)
    return levels

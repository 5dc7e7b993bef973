"""What a list of layers does, as steps from variable to variable, and what the variables are called.

A step gives variables that no other step gives. A maker of code turns steps into statements; `named` says by which
names, so that a chain goes on under one.
"""

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from cnncalc.exports.names import identifier, unique
from cnncalc.exports.written import Code, flat

JOINS: Final = ("add", "multiply", "concat")
"""The words of the steps that join."""
_LONGEST: Final = 24
"""Of a name in the midst of an expression."""
MAIN: Final = "x"
"""The variable that a chain goes on in."""


class Piece(NamedTuple):
    """What one item of a list puts into a chain, and under what."""

    modules: tuple[Code, ...]
    around: str = ""
    """The head of the `if` or `for` that it stands in, without the colon."""
    before: tuple[Code, ...] = ()
    """Assignments before it."""
    behind: tuple[Code, ...] = ()
    """Assignments behind it, within what is around."""
    after: tuple[Code, ...] = ()
    """Assignments behind all of it."""

    @property
    def simple(self) -> bool:
        """Whether it is modules alone."""
        return not (self.around or self.before or self.behind or self.after)

    def texts(self) -> Iterator[str]:
        """All of its code, in pieces."""
        yield from (self.around, *map(flat, (*self.modules, *self.before, *self.behind, *self.after)))


class Step(NamedTuple):
    """One step. It runs the pieces one after another on what it reads, or joins what it reads, or takes a part of it."""

    word: str
    """`run`, the type of a join, `part`, or `divide`."""
    name: str
    """What it might be called."""
    reads: tuple[int, ...]
    gives: tuple[int, ...]
    """More than one, where a block gives more than its last volume."""
    pieces: tuple[Piece, ...] = ()
    attribute: str = ""
    """Of a step that runs what an earlier step has made: under which name."""
    tied: tuple[str, ...] = ()
    """Statements that give what it runs the weights of something else."""
    channels: tuple[str, ...] = ()
    """Of a part: its first channel, and the one behind its last; of what is divided unequally: those of each part."""
    names: tuple[str, ...] = ()
    """Of what it gives, where it gives several volumes."""
    training: bool = False
    """Whether only training runs it."""
    branch: str = ""
    """What the file calls the branch that it is the whole of."""
    comment: str = ""
    """What the file says of a join."""


class Program(NamedTuple):
    """The steps of a list of layers, and what it takes and gives."""

    inputs: tuple[int, ...]
    input_names: tuple[str, ...]
    steps: Sequence[Step]
    output: int
    more: Mapping[str, int] = {}
    """What it gives beside its output, by its names."""
    referred: Collection[int] = ()
    """The variables that are read by name."""

    @property
    def is_chain(self) -> bool:
        """Whether it is a chain of what runs, each step reading what the one before it gives."""
        last = self.inputs[0]
        if self.more or len(self.inputs) > 1 or not self.steps:
            return False
        for step in self.steps:
            if (
                step.word != "run"
                or step.attribute
                or step.training
                or step.tied
                or step.reads != (last,)
                or len(step.gives) > 1
            ):
                return False
            (last,) = step.gives
        return last == self.output

    def needed(self) -> set[int]:
        """The steps that lead to what comes out."""
        wanted, found = {self.output, *self.more.values()}, set[int]()
        for index in range(len(self.steps) - 1, -1, -1):
            if wanted.intersection(self.steps[index].gives):
                wanted.update(self.steps[index].reads)
                found.add(index)
        return found

    def given_in_training(self) -> list[int]:
        """What comes out in training alone."""
        training = {variable for step in self.steps if step.training for variable in step.gives}
        return [variable for variable in self.more.values() if variable in training]

    def last_uses(self) -> dict[int, int]:
        """The index of the last step that reads each variable; that behind all steps for what comes out."""
        last = {variable: index for index, step in enumerate(self.steps) for variable in step.reads}
        return last | dict.fromkeys([self.output, *self.more.values()], len(self.steps))

    def uses(self) -> dict[int, int]:
        """How often each variable is read."""
        counts: dict[int, int] = {}
        for variable in [v for step in self.steps for v in step.reads] + [self.output, *self.more.values()]:
            counts[variable] = counts.get(variable, 0) + 1
        return counts

    def folded(self) -> set[int]:
        """The steps that are put into the join behind them, as that alone reads what they give.

        Between the two stand only steps of which the same is true, so that nothing is worked out in another order.
        """
        uses, found = self.uses(), set[int]()
        for index, join in enumerate(self.steps):
            before = index - 1
            while join.word in JOINS and before >= 0 and self._fits(self.steps[before], join, uses):
                found.add(before)
                before -= 1
        return found

    def _fits(self, step: Step, join: Step, uses: Mapping[int, int]) -> bool:
        if step.word in JOINS or len(step.gives) > 1 or step.training != join.training or len(step.name) > _LONGEST:
            return False
        return step.gives[0] in join.reads and uses.get(step.gives[0]) == 1

    def named(self, reserved: Container[str] = ()) -> dict[int, str]:
        """A name for each variable. A chain goes on under `x`; what is read later and by name has its own."""
        last, names = self.last_uses(), dict[int, str]()
        for variable, name in zip(self.inputs, self.input_names, strict=True):
            names[variable] = unique(name, {*names.values()})
        live = dict(names)
        for index, step in enumerate(self.steps):
            live = {variable: name for variable, name in live.items() if last.get(variable, -1) > index}
            for place, variable in enumerate(step.gives):
                hint = step.names[place] if step.names else step.name
                kept = variable in self.referred and last.get(variable, -1) > index + 1
                taken = live.values()
                free = MAIN not in taken and not kept and len(step.gives) == 1
                names[variable] = MAIN if free else identifier(hint, _Either(taken, reserved))
                live[variable] = names[variable]
        return names


class _Either:
    def __init__(self, *containers: Container[str]) -> None:
        self.containers = containers

    def __contains__(self, name: object) -> bool:
        return any(name in container for container in self.containers)

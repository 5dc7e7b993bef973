"""Steps in the end: those of a branch that run one after another put together, names settled, what nothing names left out."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from cnncalc.exports.names import identifier
from cnncalc.exports.program import Step

BODY: Final = "body"
"""What a branch is called that the file has no name for."""


class Branches(NamedTuple):
    """What is known of the steps, by their index."""

    owner: Mapping[int, str]
    """Of those in branches: the branch, as a number and its name."""
    calls: Mapping[int, str]
    """Of those that call a block: what the file calls that."""
    ends: Collection[int]
    """The variables that come out."""

    def name(self, index: int) -> str:
        """The name of the branch that a step is in; nothing of one in none."""
        return self.owner.get(index, "").partition(" ")[2]


def merged(steps: Sequence[Step], branches: Branches, reserved: Collection[str]) -> list[Step]:
    """The steps with their names; what runs one after another in a branch is one."""
    runs = _runs(steps, branches)
    count = Counter(branches.owner.get(run[0]) for run in runs)
    places = {index: place for place, run in enumerate(runs) for index in run}
    found = list[Step]()
    for run in runs:
        pieces = tuple([piece for index in run for piece in steps[index].pieces])
        own = branches.name(run[0]) if count[branches.owner.get(run[0])] == 1 else ""
        name, branch = _name(steps, run, branches, own), "" if own == BODY else own
        found.append(steps[run[0]]._replace(gives=steps[run[-1]].gives, pieces=pieces, name=name, branch=branch))
    return _with_names(found, places, reserved)


def _runs(steps: Sequence[Step], branches: Branches) -> list[list[int]]:
    """The indices of the steps that become one."""
    reads = Counter(variable for step in steps for variable in step.reads)
    owners = {int(step.attribute[1:]) for step in steps if step.attribute}
    runs = list[list[int]]()
    for index, step in enumerate(steps):
        before = steps[index - 1] if runs else None
        if (
            before is not None
            and branches.owner.get(index) == branches.owner.get(index - 1) is not None
            and step.word == before.word == "run"
            and not step.attribute
            and not before.attribute
            and len(step.gives) == len(before.gives) == len(step.reads) == 1
            and len(steps[runs[-1][0]].reads) == 1
            and step.reads == before.gives
            and reads[before.gives[0]] == 1
            and before.gives[0] not in branches.ends
            and owners.isdisjoint((index - 1, index))
        ):
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs


def _name(steps: Sequence[Step], run: Sequence[int], branches: Branches, own: str) -> str:
    """What steps that become one are called: like the branch of their `own`, or like the first block among them."""
    first = steps[run[0]]
    if run[0] not in branches.owner or first.word != "run":
        return first.name
    if own:
        return own
    called = next((branches.calls[index] for index in run if index in branches.calls), None)
    return called or (first.name if len(run) == 1 else branches.name(run[0]))


def _with_names(steps: Sequence[Step], places: Mapping[int, int], reserved: Collection[str]) -> list[Step]:
    """The steps with names that no two have; `places` says which step each of the first ones has become."""
    taken = {*reserved}
    named = list[Step]()
    for step in steps:
        makes = step.word == "run" and not step.attribute
        name = identifier(step.name, taken if makes else (), "branch")
        if makes:
            taken.add(name)
        named.append(step._replace(name=name))
    return [
        step._replace(attribute=named[places[int(step.attribute[1:])]].name) if step.attribute else step
        for step in named
    ]

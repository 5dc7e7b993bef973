"""Steps in the end: those of a branch that run one after another put together, names settled, what nothing names left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from cnncalc.exports.names import identifier
from cnncalc.exports.program import Step

BODY: Final = "body"
"""What a branch is called that the file has no name for."""


def merged(
    steps: Sequence[Step], branches: Mapping[int, str], ends: Collection[int], reserved: Collection[str]
) -> list[Step]:
    """The steps with their names; what runs one after another in a branch is one."""
    counts: dict[int, int] = {}
    for step in steps:
        for variable in step.reads:
            counts[variable] = counts.get(variable, 0) + 1
    owners = {int(step.attribute[1:]) for step in steps if step.attribute}
    found: list[Step] = []
    places: dict[int, int] = {}
    last: str | None = None
    for index, step in enumerate(steps):
        branch = branches.get(index)
        before = found[-1] if found else None
        if (
            before is not None
            and branch is not None
            and branch == last
            and step.word == before.word == "run"
            and not step.attribute
            and not before.attribute
            and len(step.gives) == len(before.gives) == len(step.reads) == len(before.reads) == 1
            and step.reads == before.gives
            and counts.get(before.gives[0]) == 1
            and before.gives[0] not in ends
            and index not in owners
            and index - 1 not in owners
        ):
            found[-1] = before._replace(
                gives=step.gives, pieces=before.pieces + step.pieces, name=branch.partition(" ")[2]
            )
        else:
            found.append(step)
        places[index] = len(found) - 1
        last = branch
    return _with_names(found, places, branches, reserved)


def _with_names(
    steps: Sequence[Step], places: Mapping[int, int], branches: Mapping[int, str], reserved: Collection[str]
) -> list[Step]:
    """The steps with names that no two have; `places` says which step each of the first ones has become."""
    only: dict[str, set[int]] = {}
    for index, place in places.items():
        if index in branches:
            only.setdefault(branches[index], set()).add(place)
    whole = {found.pop(): branch.partition(" ")[2] for branch, found in only.items() if len(found) == 1}
    taken = {*reserved}
    named = list[Step]()
    for index, step in enumerate(steps):
        name = whole.get(index, step.name) if step.word == "run" else step.name
        name = identifier(name, taken if step.word == "run" and not step.attribute else (), "branch")
        if step.word == "run" and not step.attribute:
            taken.add(name)
        named.append(step._replace(name=name, branch=whole.get(index, "").replace(BODY, "")))
    return [
        step._replace(attribute=named[places[int(step.attribute[1:])]].name) if step.attribute else step
        for step in named
    ]

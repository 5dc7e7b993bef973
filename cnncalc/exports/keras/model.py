"""A program as a function of Keras' functional API: a statement for each thing that is applied."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from cnncalc.exports.keras.layers import INPUT
from cnncalc.exports.names import identifier, unique
from cnncalc.exports.program import MAIN, Program, Step
from cnncalc.exports.written import (
    INDENT,
    WIDTH,
    Call,
    Code,
    bounds,
    call,
    comment_of,
    docstring,
    flat,
    remarked,
    statement,
    with_comment,
)  # fmt: skip

_JOINS: Final = {"add": "Add", "multiply": "Multiply", "concat": "Concatenate"}
BRANCH: Final = "y"
"""The variable of a branch that the file has no name for, while the chain is read by others."""
_WORD: Final = re.compile(r"\w+")
_QUOTED: Final = re.compile(r'"[^"]*"')


class Function(NamedTuple):
    """A function to be written."""

    name: str
    arguments: Sequence[Code]
    """As they are declared, defaults included."""
    locals: Sequence[Code]
    """Statements at its start."""
    program: Program
    reads: Mapping[str, int] = {}
    """The variables that hold the channels of an input, by its number."""
    says: str = ""
    """What the file says of it."""


def lines_of(made: Function) -> list[str]:
    """The function of a block: volumes to volumes."""
    names = _named(made)
    inputs = [names[variable] for variable in made.program.inputs]
    channels = [f"    {name} = {inputs[place]}.shape[-1]" for name, place in made.reads.items()]
    return [*_defined(made, inputs), *channels, *_indented(made.locals), *_body(made.program, names)]


def lines_of_model(made: Function, shape: str) -> list[str]:
    """The function that makes the whole model."""
    names, program = _named(made), made.program
    (inputs,) = (names[variable] for variable in program.inputs)
    given: Code = names[program.output]
    if program.more:
        given = Call("{", [f'"{end}": {names[variable]}' for end, variable in program.more.items()])
    model = Call("keras.Model(", [inputs, given, f'name="{made.name}"'])
    return [
        *_defined(made, []),
        f"    {inputs} = keras.Input({shape})",
        *_indented(made.locals),
        *_steps(program, names, None),
        *statement(model, 1, before="return "),
    ]


def _defined(made: Function, inputs: Sequence[str]) -> list[str]:
    lines = statement(Call(f"def {made.name}(", [*inputs, *made.arguments]), 0, after=":")
    return [*lines, *docstring(made.says, 1)[:-1]] if made.says else lines


def _indented(codes: Iterable[Code], depth: int = 1) -> Iterator[str]:
    return (line for code in codes for line in statement(code, depth))


def _named(made: Function) -> dict[int, str]:
    """A name for each variable: a chain goes on under `x`, a branch beside it under that of the file, or `y`."""
    program, live = made.program, dict[int, str]()
    last, taken = program.last_uses(), {*_WORD.findall(_QUOTED.sub("", " ".join(_texts(made))))}
    for variable, name in zip(program.inputs, program.input_names, strict=True):
        live[variable] = unique(name, {*live.values(), *(taken - {MAIN})})
    names = dict(live)
    for index, step in enumerate(program.steps):
        live = {variable: name for variable, name in live.items() if last.get(variable, -1) > index}
        for place, variable in enumerate(step.gives):
            kept = variable in program.referred and last.get(variable, -1) > index + 1
            hint = step.names[place] if len(step.gives) > 1 else step.branch or (step.name if kept else "")
            if hint:
                beside = {*live.values(), *taken, MAIN}
                name = identifier(f"branch_{hint}" if step.branch in taken else hint, beside, "branch")
            else:
                name = unique(BRANCH, {*live.values(), *taken}) if MAIN in live.values() else MAIN
            names[variable] = live[variable] = name
    return names


def _texts(made: Function) -> Iterator[str]:
    """The pieces of the function's code, in which no variable of volumes is named."""
    yield from (*made.reads, *map(flat, (*made.arguments, *made.locals)))
    yield from (text for step in made.program.steps for piece in step.pieces for text in piece.texts())


def _body(program: Program, names: Mapping[int, str]) -> list[str]:
    """The statements of a block, which returns what the last of them gives, where that is all."""
    last = next(reversed(program.steps), None)
    if last is not None and not program.more and last.gives == (program.output,) and _is_returned(last, program):
        return [*_steps(program, names, last)]
    given = [names[variable] for variable in (program.output, *program.more.values())]
    return [*_steps(program, names, None), f"    return {', '.join(given)}"]


def _is_returned(step: Step, program: Program) -> bool:
    """Whether the step ends in a statement that can be returned."""
    if step.word != "run":
        return step.word == "part" or len(step.reads) > 1
    piece = next(reversed(step.pieces), None)
    shared = step.attribute or step.name in _owners(program)
    return piece is not None and piece.simple and bool(piece.modules) and not shared


def _owners(program: Program) -> dict[str, str]:
    """The variables of the layers that are run by several steps, by the name of the step that makes them."""
    return {step.attribute: f"{step.attribute}_layer" for step in program.steps if step.attribute}


def _steps(program: Program, names: Mapping[int, str], returned: Step | None) -> Iterator[str]:
    owners = _owners(program)
    for step in program.steps:
        targets, reads = [names[variable] for variable in step.gives], [names[variable] for variable in step.reads]
        before = "return " if step is returned else f"{', '.join(targets)} = "
        if step.attribute:
            owner = next(other for other in program.steps if other.name == step.attribute)
            yield from _shared(owner.pieces[0].modules, owners[step.attribute], targets[0], reads[0])
        elif step.name in owners and step.word == "run":
            itself = layer_of(step.pieces[0].modules)
            assert itself is not None
            yield from statement(itself, 1, before=f"{owners[step.name]} = ")
            yield from _shared(step.pieces[0].modules, owners[step.name], targets[0], reads[0])
        elif step.word == "run":
            yield from _run(step, targets, reads, before)
        elif step.word in _JOINS:
            yield from remarked([*_join(step, targets[0], reads, before)], step.comment, 1)
        else:
            yield from statement(_parts(step, reads[0]), 1, before=before)


def _parts(step: Step, whole: str) -> Code:
    """A part of a volume, or all of its parts."""
    if step.word == "part":
        first, end = (bound.format(f"{whole}.shape[-1]") for bound in step.channels)
        return f"{whole}[..., {bounds(first, end)}]"
    sizes = accumulate(map(int, step.channels[:-1]))
    cuts: Code = Call("[", [*map(str, sizes)]) if step.channels else str(len(step.gives))
    return call("ops.split", whole, cuts, "axis=-1")


def _join(step: Step, target: str, reads: Sequence[str], before: str) -> Iterator[str]:
    """The statement of a join; of one volume it is that volume."""
    if len(reads) > 1:
        yield from _applied(call(f"layers.{_JOINS[step.word]}"), [Call("[", reads)], 1, before)
    elif target != reads[0]:
        yield f"    {target} = {reads[0]}"


def _run(step: Step, targets: Sequence[str], reads: Sequence[str], before: str) -> Iterator[str]:
    """The statements of what is applied one behind another; where nothing is, it is the volume itself."""
    last = len(step.pieces) - 1
    for place, piece in enumerate(step.pieces):
        yield from _indented(piece.before)
        depth = 1
        if piece.around:
            yield from [f"    {targets[0]} = {reads[0]}"] * (reads[0] != targets[0])
            yield f"    {piece.around}:"
            reads, depth = targets, 2
        for number, code in enumerate(piece.modules, 1):
            ends = place == last and number == len(piece.modules)
            yield from _applied(code, reads, depth, before if ends or len(targets) > 1 else f"{targets[0]} = ")
            reads = targets
        yield from _indented(piece.behind, depth)
        yield from _indented(piece.after)
    yield from [f"    {targets[0]} = {reads[0]}"] * (reads[0] != targets[0])


def _shared(modules: Sequence[Code], layer: str, target: str, read: str) -> Iterator[str]:
    """The statements of what is applied, with one layer that has been made."""
    itself = layer_of(modules)
    for code in modules:
        yield from [f"    {target} = {layer}({read})"] if code is itself else _applied(code, [read], 1, f"{target} = ")
        read = target


def _applied(code: Code, reads: Sequence[Code], depth: int, before: str) -> list[str]:
    """The statement of what is applied: broken behind the layer, or within it where that is too long."""
    if isinstance(code, str):
        return statement(with_comment(code.replace(INPUT, flat(reads[0])), comment_of(code)), depth, before=before)
    if INPUT in code.arguments:
        arguments = [each for argument in code.arguments for each in (reads if argument == INPUT else [argument])]
        return statement(code._replace(arguments=arguments), depth, before=before)
    opening = f"{flat(code)}("
    if len(INDENT * depth + before + opening) <= WIDTH:
        return statement(Call(opening, reads, code.comment), depth, before=before)
    return statement(code, depth, before=before, after=f"({', '.join(map(flat, reads))})")


def layer_of(modules: Sequence[Code]) -> Call | None:
    """The one of what is applied that is the layer itself: padding before it and cropping behind it are others."""
    layers = [code for code in modules if isinstance(code, Call) and INPUT not in code.arguments]
    beside = ("layers.ZeroPadding", "layers.Cropping", "layers.Flatten", "layers.Permute")
    return next((layer for layer in layers if not layer.opening.startswith(beside)), None)

"""A program as a function that makes a model by Keras' functional API: a statement for each thing that is applied."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from cnncalc.exports.keras.layers import INPUT, NAMED
from cnncalc.exports.names import unique
from cnncalc.exports.program import MAIN, Program, Step
from cnncalc.exports.written import INDENT, WIDTH, Call, Code, call, flat, statement

_JOINS: Final = {"add": "Add", "multiply": "Multiply", "concat": "Concatenate"}
BRANCH: Final = "y"
"""The variable of a branch, while the chain is read by others."""


def body(program: Program, owners: Mapping[str, str], within: bool = False) -> Iterator[str]:
    """The statements of a function. `owners` says which steps have the layer of which; `within` that it is a block's."""
    names = named(program)
    for step in program.steps:
        target, reads = names[step.gives[0]], [names[variable] for variable in step.reads]
        if step.word == "part":
            yield f"    {target} = {reads[0]}[..., {_bounds(*step.channels)}]"
        elif step.word in _JOINS:
            yield from _join(step, target, reads, within)
        else:
            yield from _run(step, target, reads[0], owners.get(step.name), within)


def named(program: Program) -> dict[int, str]:
    """A name for each variable: a chain goes on under the one that it has, a branch beside it has one of its own."""
    last, names = program.last_uses(), dict(zip(program.inputs, program.input_names, strict=True))
    live = dict(names)
    for index, step in enumerate(program.steps):
        read = [variable for variable in step.reads if variable in live and variable not in program.inputs]
        ending = [live[variable] for variable in read if last[variable] == index]
        live = {variable: name for variable, name in live.items() if last[variable] > index}
        name = MAIN if MAIN not in live.values() else next(iter(ending), unique(BRANCH, live.values()))
        names[step.gives[0]] = live[step.gives[0]] = name
    return names


def _bounds(first: str, end: str) -> str:
    return f":{end}" if first == "0" else f"{first}:{end}"


def _join(step: Step, target: str, reads: Sequence[str], within: bool) -> Iterator[str]:
    """The statement of a join; of one volume it is that volume."""
    if len(reads) > 1:
        layer = call(f"layers.{_JOINS[step.word]}", _name(step, within))
        yield from _applied(layer, [Call("[", reads)], f"{target} = ")
    elif target != reads[0]:
        yield f"    {target} = {reads[0]}"


def _name(step: Step, within: bool) -> str:
    """The argument that names a layer: in a block behind the block's own name, in a loop with the turn."""
    turn = "{i}" if any(piece.around for piece in step.pieces) else ""
    return f'name={"f" if within or turn else ""}"{"{name}_" if within else ""}{step.name}{turn}"'


def _run(step: Step, target: str, read: str, owner: str | None, within: bool) -> Iterator[str]:
    """The statements of a layer; where nothing is applied, it is the volume itself."""
    (piece,) = step.pieces
    applied = piece.modules
    if piece.around:
        yield from _loop(step, target, read, within)
        return
    itself = None if owner is None else layer_of(applied)
    if not applied and target != read:
        yield f"    {target} = {read}"
    for code in applied:
        made = put(code, {INPUT: read, NAMED: _name(step, within)})
        if is_function(code):
            yield from statement(made, 1, before=f"{target} = ")
        elif code is itself:
            if owner == step.name:
                yield from statement(made, 1, before=f"{owner}_layer = ")
            yield f"    {target} = {owner}_layer({read})"
        else:
            yield from _applied(made, [read], f"{target} = ")
        read = target


def _loop(step: Step, target: str, read: str, within: bool) -> Iterator[str]:
    """The statements of a block that is called again and again."""
    ((made,), turns) = step.pieces[0].modules, step.pieces[0].around
    if target != read:
        yield f"    {target} = {read}"
    yield f"    for i in range(1, {int(turns) + 1 if turns.isdecimal() else f'{turns} + 1'}):"
    yield from statement(put(made, {INPUT: target, NAMED: _name(step, within)}), 2, before=f"{target} = ")


def _applied(layer: Code, reads: Sequence[Code], before: str) -> list[str]:
    """The statement of a layer on what it reads: broken behind the layer, or within it where that is too long."""
    opening = f"{flat(layer)}("
    if len(INDENT + before + opening) <= WIDTH:
        return statement(Call(opening, reads), 1, before=before)
    return statement(layer, 1, before=before, after=f"({', '.join(map(flat, reads))})")


def is_function(code: Code) -> bool:
    """Whether it is a function of what it is applied to, and not a layer."""
    return isinstance(code, str) or INPUT in code.arguments


def put(code: Code, texts: Mapping[str, str]) -> Code:
    """The code with texts for what stands for something in it."""
    if isinstance(code, Call):
        return code._replace(arguments=[put(argument, texts) for argument in code.arguments])
    for sign, text in texts.items():
        code = code.replace(sign, text)
    return code


def layer_of(modules: Sequence[Code]) -> Call | None:
    """The one of what is applied that is the layer itself and has its name."""
    layers = [code for code in modules if isinstance(code, Call) and not is_function(code)]
    return next((layer for layer in layers if NAMED in layer.arguments), None)

"""Names of layers, as the file has them: none that Keras would also give by itself."""

import re
from collections.abc import Callable, Iterable
from typing import Final

from cnncalc.exports.keras.helpers import HELPERS
from cnncalc.exports.keras.layers import NAMED
from cnncalc.exports.names import unique
from cnncalc.exports.program import Piece, Program
from cnncalc.exports.written import Code, flat

_CALLED: Final = re.compile(r"(\w+)\(")
_BY_OPERATORS: Final = ("input_layer", "get_item", "add", "divide", "multiply", "power", "true_divide")
"""Names that Keras gives where no class is named: to the input, and to what Python's operators do."""


def named(program: Program, others: Iterable[Program]) -> Program:
    """The program with names in the place of what stands for them; `others` make layers without names."""
    names, taken, given = (
        dict[str, str](),
        set[str](),
        {*_BY_OPERATORS, *map(_by_keras, _CALLED.findall(" ".join(HELPERS.values())))},
    )
    for each in (program, *others):
        modules = (module for step in each.steps for piece in step.pieces for module in piece.modules)
        given.update(_by_keras(name) for module in modules for name in _CALLED.findall(flat(module)))

    def name_of(path: str) -> str:
        if path not in names:
            name = re.sub(r"\W+", "_", path).strip("_") or "layer"
            if re.sub(r"_\d+$", "", name) in given:
                taken.add(name)
            names[path] = unique(name, taken)
            taken.add(names[path])
        return names[path]

    steps = [step._replace(pieces=tuple(_piece(each, name_of) for each in step.pieces)) for step in program.steps]
    return program._replace(steps=steps)


def _piece(piece: Piece, name_of: Callable[[str], str]) -> Piece:
    return piece._replace(modules=tuple(_with_names(module, name_of) for module in piece.modules))


def _with_names(code: Code, name_of: Callable[[str], str]) -> Code:
    if isinstance(code, str):
        return f'name="{name_of(code.removeprefix(NAMED))}"' if code.startswith(NAMED) else code
    return code._replace(arguments=[_with_names(argument, name_of) for argument in code.arguments])


def _by_keras(kind: str) -> str:
    """What Keras calls a layer of a class that has no name, but for a number."""
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind)).lower()

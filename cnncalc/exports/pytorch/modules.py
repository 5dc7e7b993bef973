"""A program as a class of PyTorch: an `nn.Sequential` where it is a chain, otherwise a module with a `forward`."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from cnncalc.exports.program import Piece, Program, Step
from cnncalc.exports.written import WIDTH, Call, Code, bounds, call, docstring, each_line, flat, remarked, statement

RESERVED: Final = frozenset(
    [
        *("Dropout", "Embedding", "Flatten", "Fold", "Identity", "Linear", "Module", "ReLU", "SiLU", "Sequential"),
        *("Sigmoid", "Softmax", "Tanh", "Transformer", "Unfold", "Upsample"),
        "T_destination",
        "add_module",
        "append",
        "apply",
        "bfloat16",
        "buffers",
        "call_super_init",
        "children",
        "compile",
        "cpu",
        "cuda",
        "double",
        "dump_patches",
        "eval",
        "extend",
        "extra_repr",
        "float",
        "forward",
        "get_buffer",
        "get_extra_state",
        "get_parameter",
        "get_submodule",
        "half",
        "insert",
        "ipu",
        "load_state_dict",
        "modules",
        "mtia",
        "named_buffers",
        "named_children",
        "named_modules",
        "named_parameters",
        "nn",
        "parameters",
        "pop",
        "register_backward_hook",
        "register_buffer",
        "register_forward_hook",
        "register_forward_pre_hook",
        "register_full_backward_hook",
        "register_full_backward_pre_hook",
        "register_load_state_dict_post_hook",
        "register_load_state_dict_pre_hook",
        "register_module",
        "register_parameter",
        "register_state_dict_post_hook",
        "register_state_dict_pre_hook",
        "requires_grad_",
        "self",
        "set_extra_state",
        "set_submodule",
        "share_memory",
        "state_dict",
        "super",
        "to",
        "to_empty",
        "torch",
        "train",
        "training",
        "type",
        "x",
        "xpu",
        "zero_grad",
    ]
)
"""The attributes of `nn.Module` and `nn.Sequential`, the classes of `nn` that a block may well be called like, and the
names that the code itself uses."""


class Class(NamedTuple):
    """A class to be written."""

    name: str
    arguments: tuple[Code, ...]
    """As they are declared, defaults included."""
    locals: tuple[Code, ...]
    """Statements at the start of `__init__`."""
    program: Program
    by_name: bool = False
    """Whether what it gives is given by names, where it is several volumes, and not one after another."""
    training: frozenset[str] = frozenset()
    """The names of what it gives in training alone."""
    says: str = ""
    """What the file says of it."""


def lines_of(made: Class) -> list[str]:
    """The lines of the class."""
    chain = made.program.is_chain
    lines = [f"class {made.name}(nn.{'Sequential' if chain else 'Module'}):"]
    lines += docstring(made.says, 1) if made.says else []
    # By name alone in the network itself: a slice of an `nn.Sequential` hands its modules in by place.
    by_name = ["*"] if made.by_name and made.arguments else []
    lines += statement(Call("def __init__(", ["self", *by_name, *made.arguments]), 1, after=":")
    lines += [line for code in made.locals for line in statement(code, 2)]
    if chain:
        return [
            *lines,
            *_filled("super().__init__", "self", [piece for step in made.program.steps for piece in step.pieces]),
        ]
    lines.append("        super().__init__()")
    for step in made.program.steps:
        if step.word == "run" and not step.attribute:
            lines += _attribute(step)
            lines += [f"        {line}" for line in step.tied]
    return [*lines, "", *_forward(made)]


def _filled(start: str, name: str, pieces: Sequence[Piece]) -> Iterator[str]:
    """Statements that make a chain and put the pieces into it one after another."""
    first = next((index for index, piece in enumerate(pieces) if not piece.simple), len(pieces))
    if first < len(pieces) and pieces[first]._replace(after=()).simple:
        first += 1
    modules = [module for piece in pieces[:first] for module in piece.modules]
    whole = Call(f"{start}(", modules)
    yield from each_line(whole, 2) if len(modules) > 1 else statement(whole, 2)
    yield from _assignments([line for piece in pieces[:first] for line in piece.after], 2)
    for piece in pieces[first:]:
        yield from _assignments(piece.before, 2)
        depth = 2
        if piece.around:
            yield f"        {piece.around}:"
            depth = 3
        for module in piece.modules:
            yield from statement(call(f"{name}.append", module), depth)
        yield from _assignments(piece.behind, depth)
        yield from _assignments(piece.after, 2)


def _assignments(lines: Iterable[Code], depth: int) -> Iterator[str]:
    return (text for line in lines for text in statement(line, depth))


def _attribute(step: Step) -> Iterator[str]:
    """Statements that make what a step runs."""
    name = f"self.{step.name}"
    (piece, *more) = step.pieces
    if not more and len(piece.modules) == 1 and not piece.around:
        yield from _assignments(piece.before, 2)
        yield from statement(piece.modules[0], 2, before=f"{name} = ")
        yield from _assignments(piece.after, 2)
    else:
        yield from _filled(f"{name} = nn.Sequential", name, step.pieces)


def _forward(made: Class) -> Iterator[str]:
    program = made.program
    names, folded = program.named(RESERVED), program.folded()
    texts: dict[int, Code] = dict(names)
    yield f"    def forward(self, {', '.join(names[variable] for variable in program.inputs)}):"
    within, needed = False, program.needed()
    last = max(needed, default=-1)
    for index, step in enumerate(program.steps):
        if index not in needed:
            continue
        if step.training and not within:
            if not made.by_name:
                yield from (f"        {names[v]} = None" for v in program.given_in_training())
            yield "        if self.training:"
        within = step.training
        code = _expression(step, [texts[variable] for variable in step.reads])
        depth = 3 if within else 2
        if index in folded:
            texts[step.gives[0]] = code
            continue
        if index == last and step.gives == (program.output,) and not program.more:
            yield from remarked(statement(code, depth, before="return "), step.comment, depth)
            return
        targets = ", ".join(names[variable] for variable in step.gives)
        yield from remarked(statement(code, depth, before=f"{targets} = "), step.comment, depth)
    yield from _returned(made, names, texts)


def _expression(step: Step, reads: Sequence[Code]) -> Code:
    """What a step makes of what it reads."""
    if step.word == "run":
        return call(f"self.{step.attribute or step.name}", *reads)
    if step.word == "part":
        whole = flat(reads[0])
        first, end = (bound.format(f"{whole}.shape[1]") for bound in step.channels)
        return f"{whole}[:, {bounds(first, end)}]"
    if step.word == "divide" and step.channels:
        return call(f"{flat(reads[0])}.split", Call("[", step.channels), "dim=1")
    if step.word == "divide":
        return call(f"{flat(reads[0])}.chunk", str(len(step.gives)), "dim=1")
    if step.word == "concat":
        return call("torch.cat", Call("[", reads), "1")
    sign = {"add": " + ", "multiply": " * "}[step.word]
    text = sign.join(map(flat, reads))
    return text if len(text) < WIDTH - 20 else _summed(step.word, reads)


def _summed(word: str, reads: Sequence[Code]) -> Code:
    """A long sum or product."""
    if word == "add":
        return call("sum", Call("[", reads))
    total: Code = reads[0]
    for other in reads[1:]:
        total = call("torch.mul", total, other)
    return total


def _returned(made: Class, names: dict[int, str], texts: dict[int, Code]) -> Iterator[str]:
    """The return statements."""
    program = made.program
    more = {name: variable for name, variable in program.more.items() if name not in made.training}
    main = names[program.output]
    if not made.by_name:
        yield f"        return {', '.join([main, *(names[variable] for variable in program.more.values())])}"
        return
    if len(more) < len(program.more):
        yield "        if self.training:"
        yield from statement(_by_name(program, names), 3, before="return ")
    kept = program._replace(more=more)
    yield from statement(_by_name(kept, names) if len(more) > 1 else main, 2, before="return ")


def _by_name(program: Program, names: dict[int, str]) -> Code:
    return Call("{", [f'"{name}": {names[variable]}' for name, variable in program.more.items()])

"""What is shorter in Keras: an activation within the layer before it, a global pool that gives a vector."""

from collections.abc import Mapping, Sequence

from cnncalc.exports.keras.layers import NAMED
from cnncalc.exports.program import Piece, Program, Step
from cnncalc.exports.written import Call, Code

_KEEPS = "keepdims=True"


def shortened(program: Program) -> Program:
    """The program with what runs one after another in one step, and as short as Keras has it."""
    uses, runs = program.uses(), list[list[Step]]()
    owners = {step.attribute for step in program.steps}
    for step in program.steps:
        if runs and _goes_on(runs[-1], step, uses) and owners.isdisjoint((runs[-1][-1].name, step.name)):
            runs[-1].append(step)
        else:
            runs.append([step])
    return program._replace(steps=[run[0] if run[0].name in owners else _as_one(run) for run in runs])


def _goes_on(run: Sequence[Step], step: Step, uses: Mapping[int, int]) -> bool:
    """Whether a step alone reads what those before it give, and nothing stands between."""
    before = run[-1]
    plain = all(each.word == "run" and not each.attribute and len(each.gives) == 1 for each in (before, step))
    return plain and step.reads == before.gives and uses[before.gives[0]] == 1 and not (step.branch and run[0].branch)


def _as_one(run: Sequence[Step]) -> Step:
    """Steps that run one after another as one."""
    pieces = [piece for step in run for piece in step.pieces]
    return run[-1]._replace(reads=run[0].reads, pieces=_short(pieces), branch=run[0].branch)


def _short(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    found = list[Piece]()
    for piece in pieces:
        if piece.simple and found and found[-1].simple and found[-1].modules:
            word, last = _activation(piece.modules), found[-1].modules[-1]
            if word and isinstance(last, Call) and _takes_activation(last):
                found[-1] = Piece((*found[-1].modules[:-1], _with_activation(last, word)))
                continue
        pool = _pool_before(found)
        if pool is not None and piece.simple and _opens(piece, "layers.Flatten("):
            found[pool] = _without_extents(found[pool])
            piece = piece._replace(modules=piece.modules[1:])
        found.append(piece)
    return tuple(found)


def _activation(modules: Sequence[Code]) -> str:
    """The activation's name as an argument, if these are one."""
    module = modules[0] if len(modules) == 1 else ""
    if isinstance(module, str):
        return ""
    arguments = [str(argument) for argument in module.arguments if not str(argument).startswith(NAMED)]
    match module.opening, arguments:
        case "layers.ReLU(", []:
            return '"relu"'
        case "layers.ReLU(", ["max_value=6"]:
            return '"relu6"'
        case "layers.Softmax(", []:
            return '"softmax"'
        case "layers.Activation(", [word]:
            return word
    return ""


def _takes_activation(layer: Call) -> bool:
    """Whether it can have an activation, and has none."""
    has = any(str(argument).startswith("activation=") for argument in layer.arguments)
    return layer.opening.startswith(("layers.Conv", "layers.Dense")) and not has


def _with_activation(layer: Call, word: str) -> Call:
    """The layer with an activation, in front of what it does with its weights."""
    behind = (NAMED, "use_bias", "trainable")
    place = next((i for i, code in enumerate(layer.arguments) if str(code).startswith(behind)), len(layer.arguments))
    return layer._replace(arguments=[*layer.arguments[:place], f"activation={word}", *layer.arguments[place:]])


def _pool_before(pieces: Sequence[Piece]) -> int | None:
    """The place of the global pool that comes last, but for dropout."""
    for place in range(len(pieces) - 1, -1, -1):
        if not pieces[place].simple:
            return None
        if _opens(pieces[place], "layers.Global"):
            return place
        if not _opens(pieces[place], "layers.Dropout("):
            return None
    return None


def _opens(piece: Piece, start: str) -> bool:
    """Whether the piece begins with a layer of which the code begins so; it is alone where it is no `Flatten`."""
    first = next(iter(piece.modules), "")
    alone = len(piece.modules) == 1 or start == "layers.Flatten("
    return isinstance(first, Call) and first.opening.startswith(start) and alone and _is_plain(first)


def _is_plain(layer: Call) -> bool:
    return not any(str(argument).startswith("noise_shape") for argument in layer.arguments)


def _without_extents(piece: Piece) -> Piece:
    (pool,) = piece.modules
    assert isinstance(pool, Call)
    return piece._replace(modules=(pool._replace(arguments=[each for each in pool.arguments if each != _KEEPS]),))

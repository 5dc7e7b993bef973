"""A network as a function that makes a model of Keras 3, by its functional API, for any of its backends."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from cnncalc import findings
from cnncalc.exports.flat import Flat, in_training_alone, outputs_of
from cnncalc.exports.keras.blocks import Blocks, Function, levels_of
from cnncalc.exports.keras.helpers import HELPERS, used_in
from cnncalc.exports.keras.layers import CODE, TARGET
from cnncalc.exports.keras.model import body, layer_of, named
from cnncalc.exports.names import class_name
from cnncalc.exports.program import Piece, Program, Step
from cnncalc.exports.sites import Site
from cnncalc.exports.written import Call, Code, inert, statement, wrapped
from cnncalc.figures.analysis import Summary
from cnncalc.findings import LayerError
from cnncalc.language.document import Document
from cnncalc.network import Ledger

RESERVED: Final = frozenset(["inputs", "keras", "layers", "ops", *HELPERS])
"""The names that the code itself uses."""
_CALLED: Final = re.compile(r"(?<![.\w])(\w+)\(")


def write(document: Document, summary: Summary, ledger: Ledger) -> Iterable[str]:
    """The source of the module, in lines."""
    if _refused(summary, ledger):
        return ()
    flat = Flat(summary.network, _made, RESERVED)
    program = _kept(flat, in_training_alone(summary.network))
    _left_out(flat, program, ledger)
    owners = _owners(flat, program, ledger)
    name = class_name(summary.network.name or "", RESERVED)
    places = _places(flat, program)
    blocks = Blocks(program.steps, [program.output, *program.more.values()], {*RESERVED, name})
    if not owners:  # a layer that is shared is a variable of the whole
        program = program._replace(steps=blocks.take(levels_of(summary.network, places)))
    return _file(summary, program, owners, blocks.functions)


def _places(flat: Flat, program: Program) -> list[int]:
    """Where the step of each node is; of a node without one, where that before it is."""
    at = {step.name: place for place, step in enumerate(program.steps) if step.word != "part"}
    places = list[int]()
    for index in range(len(flat.network.nodes)):
        places.append(at.get(flat.names[index], places[-1] if places else -1))
    return places


def _block(function: Function) -> list[str]:
    """The lines of a block's function."""
    program = Program((function.input,), ("x",), function.steps, function.output)
    arguments = ["x", *function.parameters, "name"]
    lines = statement(Call(f"def {function.name}(", arguments), 0, after=":")
    return [*lines, *body(program, {}, within=True), f"    return {named(program)[function.output]}"]


def _made(site: Site) -> list[Code]:
    return CODE[site.layer.type](site)


def _refused(summary: Summary, ledger: Ledger) -> bool:
    """Whether there are layers that Keras has not; they are taken down."""
    refused = False
    for node in summary.network.nodes:
        volume = node.edges[0].volume
        if node.layer is None or volume is None or node.type not in CODE:
            continue
        try:
            _made(Site([node.layer], [volume]))
        except LayerError as error:
            refused = True
            ledger.add(error.fault, node.path, node.places.of(error.fault.attribute), node.caller)
    return refused


def _kept(flat: Flat, training: set[str]) -> Program:
    """The program without what only training runs, and without what leads to no output."""
    program = flat.program()
    more = {name: variable for name, variable in program.more.items() if name not in training}
    wanted, steps = {program.output, *more.values()}, list[Step]()
    for step in reversed(program.steps):
        if not step.training and wanted.intersection(step.gives):
            wanted.update(step.reads)
            steps.append(_whole(step, flat))
    return program._replace(steps=steps[::-1], more=more if len(more) > 1 else {}, input_names=("inputs",))


def _whole(step: Step, flat: Flat) -> Step:
    """A step that shares a layer as one that makes it too."""
    if not step.attribute:
        return step
    owner = next(index for index, name in flat.names.items() if name == step.attribute)
    return step._replace(pieces=(Piece(tuple(flat.made[owner])),))


def _left_out(flat: Flat, program: Program, ledger: Ledger) -> None:
    """Take down which layers are not in the model."""
    written = {step.name for step in program.steps}
    for index, name in flat.names.items():
        if name not in written:
            node = flat.network.nodes[index]
            what = "what only training runs" if node.training else "what leads to no output"
            ledger.add(findings.left_out(TARGET, what), node.path, node.places.layer, node.caller)


def _owners(flat: Flat, program: Program, ledger: Ledger) -> dict[str, str]:
    """The steps that share a layer, each with the first of them. A layer of Keras has its stride and padding in it."""
    written, owners = {step.name for step in program.steps}, dict[str, str]()
    first: dict[int, int] = {}
    for index, name in flat.names.items():
        node = flat.network.nodes[index]
        shared = index if node.shares is None else node.shares
        if name not in written or node.type not in CODE:
            continue
        own = first.setdefault(shared, index)
        if own == index:
            continue
        one, other = (layer_of(flat.made[each]) for each in (own, index))
        if one is None or one != other:
            fault = findings.cannot_export(TARGET, "weights that unlike layers share", "make them alike", "shares")
            ledger.add(fault, node.path, node.places.of("shares"), node.caller)
        owners[name] = owners[flat.names[own]] = flat.names[own]
    return owners


def _file(
    summary: Summary, program: Program, owners: Mapping[str, str], functions: Sequence[Function]
) -> Iterator[str]:
    name, volume = class_name(summary.network.name or "", RESERVED), summary.network.input
    assert volume is not None
    shape = f"({', '.join(map(str, (*volume.spatial, volume.channels)))}{'' if volume.spatial else ','})"
    lines = [f"def {name}():", f"    inputs = keras.Input({shape})", *body(program, owners)]
    lines += _returned(program, named(program), name)
    blocks = [_block(function) for function in functions]
    helpers = used_in(_called([*blocks, lines]))
    text = "".join(line for part in (*blocks, *helpers, lines) for line in part)
    imported = ", ".join(word for word in ("layers", "ops") if f"{word}." in text)
    head = [*_docstring(summary), "", "import keras", *([f"from keras import {imported}"] if imported else [])]
    for part in [*helpers, *blocks, lines, _main(name, shape, bool(program.more))]:
        head += ["", "", *part]
    return (f"{line}\n" for line in head)


def _called(parts: Iterable[Iterable[str]]) -> set[str]:
    """The functions and classes that are called by their bare names."""
    return {name for part in parts for line in part for name in _CALLED.findall(line)}


def _returned(program: Program, names: Mapping[int, str], name: str) -> list[str]:
    given: Code = names[program.output]
    if program.more:
        given = Call("{", [f'"{end}": {names[variable]}' for end, variable in program.more.items()])
    return statement(Call("keras.Model(", ["inputs", given, f'name="{name}"']), 1, before="return ")


def _docstring(summary: Summary) -> list[str]:
    """What it is, where it was published, what goes in and comes out, and its figures."""
    network, totals = summary.network, summary.totals
    training = in_training_alone(network)
    ends = ", ".join(f"{name} {edge.volume}" for name, edge in outputs_of(network).items() if name not in training)
    figures = f"Input {network.input}, {ends}; {totals.params:,} parameters, {totals.macs:,} macs."
    title = inert(network.name or "").strip(' "') or "A network"
    paragraphs = [title, *([inert(network.source)] if network.source else []), figures]
    lines = [line for paragraph in paragraphs for line in [*wrapped(paragraph, 0), ""]]
    return [f'"""{lines[0]}', *lines[1:-1], '"""']


def _main(name: str, shape: str, several: bool) -> list[str]:
    """What runs when the module is run: one input, what comes out, how many numbers the model holds."""
    shown = ["    for name, volume in y.items():", "        print(name, tuple(volume.shape))"]
    return [
        'if __name__ == "__main__":',
        f"    network = {name}()",
        f"    y = network(keras.random.normal((1, {shape[1:].replace(',)', ')')}))",
        *(shown if several else ["    print(tuple(y.shape))"]),
        '    print(network.count_params(), "weights")',
    ]

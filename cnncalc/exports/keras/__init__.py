"""A network as a function that makes a model of Keras 3, by its functional API, for any of its backends."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from cnncalc import findings
from cnncalc.exports.flat import Flat, in_training_alone
from cnncalc.exports.forms import Form, Forms, Target, UnwritableError
from cnncalc.exports.framed import docstring, main, module
from cnncalc.exports.keras.helpers import HELPERS
from cnncalc.exports.keras.idioms import shortened
from cnncalc.exports.keras.layers import CODE, INPUT, TARGET
from cnncalc.exports.keras.model import Function, layer_of, lines_of, lines_of_model
from cnncalc.exports.keras.named import named
from cnncalc.exports.names import class_name, identifier
from cnncalc.exports.sites import Site
from cnncalc.exports.written import Call, Code
from cnncalc.figures.analysis import Summary
from cnncalc.findings import LayerError
from cnncalc.language.document import Document
from cnncalc.network import INPUT as FIRST
from cnncalc.network import Ledger, Network

RESERVED: Final = frozenset(["inputs", "keras", "layers", "ops", "y", *HELPERS])
"""The names that the code itself uses."""
_CALLED: Final = re.compile(r"(\w+)\(")


def write(document: Document, summary: Summary, ledger: Ledger) -> Iterable[str]:
    """The source of the module, in lines."""
    network = summary.network
    if _refused(network, ledger):
        return ()
    _left_out(network, ledger)
    constants: Mapping[str, Code] = {}
    try:
        forms = Forms(document, network, Target(_made, _call, _block_name, RESERVED, reads_channels=True))
        functions = [_function(form) for form in forms.write()]
        constants = forms.definitions()
    except UnwritableError:
        flat = Flat(network, _made, RESERVED)
        functions = [Function(class_name(network.name or "", RESERVED), (), (), flat.program())]
        _unlike(flat, ledger)
    *blocks, whole = functions
    run = [_shortened(block) for block in blocks if not _is_for_training(block)]
    return _file(summary, [*run, _shortened(_kept(whole, network))], constants)


def _made(site: Site) -> list[Code]:
    return CODE[site.layer.type](site)


def _call(name: str, codes: Sequence[Code]) -> Code:
    return Call(f"{name}(", [INPUT, *codes])


def _block_name(name: str, taken: Collection[str]) -> str:
    return identifier(name, taken, "block")


def _function(form: Form) -> Function:
    if form.block is not None and form.program.given_in_training():
        raise UnwritableError("a block gives what the model leaves out")
    made = {step.name: step for step in form.program.steps if step.word == "run" and not step.attribute}
    for step in form.program.steps:
        if step.attribute and layer_of(made[step.attribute].pieces[0].modules) is None:
            raise UnwritableError("a function that makes layers has none to share")
    return Function(form.name, form.declared(), form.assigned(), form.program, form.reads, form.says)


def _is_for_training(made: Function) -> bool:
    """Whether only training runs what a function gives."""
    return any(step.training and made.program.output in step.gives for step in made.program.steps)


def _shortened(made: Function) -> Function:
    """A function without what leads to nothing, as short as Keras has it."""
    needed = made.program.needed()
    steps = [step for index, step in enumerate(made.program.steps) if index in needed and not step.training]
    return made._replace(program=shortened(made.program._replace(steps=steps)))


def _kept(whole: Function, network: Network) -> Function:
    """The model without what comes out in training alone."""
    training, program = in_training_alone(network), whole.program
    more = {name: variable for name, variable in program.more.items() if name not in training}
    return whole._replace(program=program._replace(more=more if len(more) > 1 else {}, input_names=("inputs",)))


def _refused(network: Network, ledger: Ledger) -> bool:
    """Whether there are layers that Keras has not; they are taken down."""
    refused = False
    for node in network.nodes:
        volume = node.edges[0].volume
        if node.layer is None or volume is None or node.type not in CODE:
            continue
        try:
            _made(Site([node.layer], [volume]))
        except LayerError as error:
            refused = True
            ledger.add(error.fault, node.path, node.places.of(error.fault.attribute), node.caller)
    return refused


def _left_out(network: Network, ledger: Ledger) -> None:
    """Take down which layers are not in the model."""
    nodes = network.nodes
    ends = [edge for edge in network.ends() if edge.source == FIRST or not nodes[edge.source].training]
    wanted = network.leading_to(ends)
    for index, node in enumerate(nodes):
        if index not in wanted:
            what = "what only training runs" if node.training else "what leads to no output"
            ledger.add(findings.left_out(TARGET, what), node.path, node.places.layer, node.caller)


def _unlike(flat: Flat, ledger: Ledger) -> None:
    """Take down the layers that share weights with others than they are: one of Keras has its stride and padding in it."""
    for index, node in enumerate(flat.network.nodes):
        if node.shares is None or node.type not in CODE:
            continue
        one, other = (layer_of(flat.made[each]) for each in (node.shares, index))
        if one is None or one != other:
            fault = findings.cannot_export(TARGET, "weights that unlike layers share", "make them alike", "shares")
            ledger.add(fault, node.path, node.places.of("shares"), node.caller)


def _file(summary: Summary, functions: Sequence[Function], constants: Mapping[str, Code]) -> Iterator[str]:
    volume = summary.network.input
    assert volume is not None
    shape = ", ".join(map(str, (*volume.spatial, volume.channels)))
    *blocks, whole = functions
    whole = whole._replace(program=named(whole.program, [block.program for block in blocks]))
    bodies = [*map(lines_of, blocks), lines_of_model(whole, f"({shape}{'' if volume.spatial else ','})")]
    called = {whole.name}
    for made, lines in reversed([*zip(functions, bodies, strict=True)]):
        if made.name in called:
            called.update(name for line in lines for name in _CALLED.findall(line))
    bodies = [lines for made, lines in zip(functions, bodies, strict=True) if made.name in called]
    text = "\n".join(
        [*(line for lines in bodies for line in lines), *(HELPERS[each] for each in called & HELPERS.keys())]
    )
    imported = ", ".join(word for word in ("layers", "ops") if f"{word}." in text)
    head = [*docstring(summary, lambda volume: (*volume.spatial, volume.channels), training=False), "", "import keras"]
    head += [f"from keras import {imported}"] if imported else []
    run = [f"network = {whole.name}()", f"y = network(keras.random.normal((1, {shape})))"]
    return module(head, constants, HELPERS, bodies, main(summary, run, 'network.count_params(), "weights"'))

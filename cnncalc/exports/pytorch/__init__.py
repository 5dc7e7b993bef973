"""A network as a module of PyTorch."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from cnncalc.exports.flat import Flat, in_training_alone
from cnncalc.exports.forms import Form, Forms, Target, UnwritableError
from cnncalc.exports.framed import docstring, main, module
from cnncalc.exports.names import class_name, unique
from cnncalc.exports.pytorch.helpers import HELPERS
from cnncalc.exports.pytorch.layers import CODE
from cnncalc.exports.pytorch.modules import RESERVED, Class, lines_of
from cnncalc.exports.sites import Site
from cnncalc.exports.written import Call, Code, call
from cnncalc.figures.analysis import Summary
from cnncalc.language.document import Document
from cnncalc.network import Ledger


def write(document: Document, summary: Summary, ledger: Ledger) -> Iterable[str]:
    """The source of the module, in lines."""
    network = summary.network
    training = frozenset(in_training_alone(network))
    target = Target(_made, lambda name, codes: call(name, *codes), _class_name, {*RESERVED, *HELPERS})
    constants: dict[str, Code] = {}
    try:
        forms = Forms(document, network, target)
        classes = [_class(form) for form in forms.write()]
        constants = forms.definitions()
    except UnwritableError:
        name = class_name(network.name or "", HELPERS)
        classes = [Class(name, (), (), Flat(network, _made, RESERVED).program())]
    return _file(summary, [*classes[:-1], classes[-1]._replace(by_name=True, training=training)], constants)


def _made(site: Site) -> Sequence[Call]:
    return CODE[site.layer.type](site)


def _class_name(name: str, taken: Collection[str]) -> str:
    own = class_name(name, otherwise="Block")
    return unique(f"{own}Block" if own in RESERVED else own, taken)


def _class(form: Form) -> Class:
    return Class(form.name, form.declared(), form.assigned(), form.program, says=form.says)


def _file(summary: Summary, classes: Sequence[Class], constants: Mapping[str, Code]) -> Iterator[str]:
    network = summary.network
    assert network.input is not None
    name, shape = classes[-1].name, ", ".join(map(str, (1, *network.input.shape)))
    run = [f"network = {name}().eval()", "with torch.no_grad():", f"    y = network(torch.randn({shape}))"]
    count = 'sum(weight.numel() for weight in network.parameters()), "parameters"'
    head = [*docstring(summary, lambda volume: volume.shape, training=True), "", "import torch", "from torch import nn"]
    return module(head, constants, HELPERS, [lines_of(each) for each in classes], main(summary, run, count))

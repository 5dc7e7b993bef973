"""A network as a module of PyTorch."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from cnncalc.exports.flat import Flat, in_training_alone, outputs_of
from cnncalc.exports.forms import Form, Forms, Target, UnwritableError
from cnncalc.exports.names import class_name
from cnncalc.exports.pytorch.helpers import HELPERS, used_in
from cnncalc.exports.pytorch.layers import CODE
from cnncalc.exports.pytorch.modules import RESERVED, Class, lines_of
from cnncalc.exports.sites import Site
from cnncalc.exports.written import Call, Code, call, docstring, flat, inert, statement, wrapped
from cnncalc.figures.analysis import Summary
from cnncalc.language.document import Document
from cnncalc.network import Ledger

_WORD: Final = re.compile(r"\w+")


def write(document: Document, summary: Summary, ledger: Ledger) -> Iterable[str]:
    """The source of the module, in lines."""
    network = summary.network
    training = frozenset(in_training_alone(network))
    target = Target(_made, lambda name, arguments: call(name, *arguments), {*RESERVED, *HELPERS}, classes=True)
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


def _class(form: Form) -> Class:
    return Class(form.name, form.declared(), form.assigned(), form.program, says=form.says)


def _file(summary: Summary, classes: Sequence[Class], constants: Mapping[str, Code]) -> Iterator[str]:
    bodies = [lines_of(each) for each in classes]
    words = {word for lines in bodies for line in lines for word in _WORD.findall(line.partition("#")[0])}
    lines = [*_docstring(summary), "", "import torch", "from torch import nn"]
    named = list[str]()
    for name, number in reversed([*constants.items()]):
        if name in words:
            words |= {*_WORD.findall(flat(number))}  # that it follows from
            named = [*statement(number, 0, before=f"{name} = "), *named]
    lines += ["", *named] if named else []
    for body in [*used_in(words), *map(_with_docstring, classes, bodies)]:
        lines += ["", "", *body]
    lines += ["", "", *_main(summary, classes[-1].name)]
    return (f"{line}\n" for line in lines)


def _with_docstring(made: Class, lines: Sequence[str]) -> Sequence[str]:
    return [lines[0], *docstring(made.says, 1), *lines[1:]] if made.says else lines


def _docstring(summary: Summary) -> list[str]:
    network, totals = summary.network, summary.totals
    ends = ", ".join(f"{name} {edge.volume}" for name, edge in outputs_of(network).items())
    figures = f"Input {network.input}, {ends}; {totals.params:,} parameters, {totals.macs:,} macs."
    title = inert(network.name or "").strip(' "') or "A network"
    paragraphs = [title, *([inert(network.source)] if network.source else []), figures]
    lines = [line for paragraph in paragraphs for line in [*wrapped(paragraph, 0), ""]]
    return [f'"""{lines[0]}', *lines[1:-1], '"""']


def _main(summary: Summary, name: str) -> list[str]:
    network = summary.network
    assert network.input is not None
    shape = ", ".join(map(str, (1, *network.input.shape)))
    by_name = len(outputs_of(network).keys() - in_training_alone(network)) > 1
    shown = ["    for name, volume in y.items():", "        print(name, tuple(volume.shape))"]
    return [
        'if __name__ == "__main__":',
        f"    network = {name}().eval()",
        "    with torch.no_grad():",
        f"        y = network(torch.randn({shape}))",
        *(shown if by_name else ["    print(tuple(y.shape))"]),
        '    print(sum(weight.numel() for weight in network.parameters()), "parameters")',
    ]

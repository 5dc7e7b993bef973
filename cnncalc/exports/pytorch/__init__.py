"""A network as a module of PyTorch."""

from collections.abc import Iterable, Iterator, Sequence

from cnncalc.exports.flat import Flat, in_training_alone, outputs_of
from cnncalc.exports.names import class_name
from cnncalc.exports.pytorch.helpers import HELPERS, used_in
from cnncalc.exports.pytorch.layers import CODE
from cnncalc.exports.pytorch.modules import RESERVED, Class, lines_of
from cnncalc.exports.sites import Site
from cnncalc.exports.written import Code, inert, wrapped
from cnncalc.figures.analysis import Summary
from cnncalc.language.document import Document
from cnncalc.network import Ledger


def write(document: Document, summary: Summary, ledger: Ledger) -> Iterable[str]:
    """The source of the module, in lines."""
    called = set[str]()

    def made(site: Site) -> Sequence[Code]:
        modules = CODE[site.layer.type](site)
        called.update(name for name in HELPERS for module in modules if name in str(module))
        return modules

    network = summary.network
    program = Flat(network, made, RESERVED).program()
    name = class_name(network.name or "", HELPERS)
    whole = Class(name, (), "", (), program, by_name=bool(program.more))
    return _file(summary, name, [*used_in(called), lines_of(whole)])


def _file(summary: Summary, name: str, classes: list[list[str]]) -> Iterator[str]:
    lines = [*_docstring(summary), "", "import torch", "from torch import nn"]
    for each in classes:
        lines += ["", "", *each]
    lines += ["", "", *_main(summary, name)]
    return (f"{line}\n" for line in lines)


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

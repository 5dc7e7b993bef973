"""A network as a module of PyTorch."""

from collections.abc import Iterable, Iterator

from cnncalc.exports.flat import Flat
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

    def made(site: Site) -> list[Code]:
        modules = CODE[site.layer.type](site)
        called.update(name for name in HELPERS for module in modules if name in str(module))
        return [*modules]

    network = summary.network
    program = Flat(network, made, RESERVED).program()
    name = class_name(network.name or "", HELPERS)
    classes = [lines_of(Class(name, (), "", (), program, by_name=bool(program.more)))]
    return _file(summary, name, [*used_in(called), *classes], bool(program.more))


def _file(summary: Summary, name: str, classes: list[list[str]], several: bool) -> Iterator[str]:
    lines = [*_docstring(summary), "", "import torch", "from torch import nn"]
    for each in classes:
        lines += ["", "", *each]
    lines += ["", "", *_main(summary, name, several)]
    return (f"{line}\n" for line in lines)


def _docstring(summary: Summary) -> list[str]:
    network, totals = summary.network, summary.totals
    ends = ", ".join(f"{key} {edge.volume}" for key, edge in _ends(summary).items())
    figures = f"Input {network.input}, {ends}; {totals.params:,} parameters, {totals.macs:,} macs."
    title = inert(network.name or "A network").strip(' "') or "A network"
    paragraphs = [title, *([inert(network.source)] if network.source else []), figures]
    lines = [line for paragraph in paragraphs for line in [*wrapped(paragraph, 0), ""]]
    return [f'"""{lines[0]}', *lines[1:-1], '"""']


def _ends(summary: Summary) -> dict[str, object]:
    from cnncalc.exports.flat import outputs_of

    return outputs_of(summary.network)


def _main(summary: Summary, name: str, several: bool) -> list[str]:
    shape = ", ".join(map(str, (1, *summary.network.input.shape)))
    shown = (
        ["    for key, volume in y.items():", "        print(key, tuple(volume.shape))"]
        if several
        else ["    print(tuple(y.shape))"]
    )
    return [
        'if __name__ == "__main__":',
        f"    network = {name}().eval()",
        "    with torch.no_grad():",
        f"        y = network(torch.randn({shape}))",
        *shown,
        '    print(sum(weight.numel() for weight in network.parameters()), "parameters")',
    ]

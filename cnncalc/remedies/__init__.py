"""What would mend a network: changes of a layer, of a branch or of the input, each tried before it is proposed.

Only findings need this, so it is imported for them.
"""

from collections.abc import Sequence
from typing import Final

from cnncalc import findings
from cnncalc.findings import Fault, Finding
from cnncalc.network import BRANCH, Network
from cnncalc.remedies.inputs import fitting_inputs, is_next_turn
from cnncalc.remedies.join import of_join
from cnncalc.remedies.layer import CHANGED, TURNS, Asked, of_layer

_UNEQUAL: Final = "unequal-volumes"
_OF_SIZES: Final = ("stride-does-not-fit", "kernel-too-large", "nothing-left", _UNEQUAL)
"""What another input may mend."""
_JOINS: Final = 50
"""Joins whose branches are changed to see what mends them: each may take 10 ms."""


def with_remedies(found: Sequence[Finding], network: Network, largest: int) -> list[Finding]:
    """The findings with what would mend them.

    The first that another input may mend proposes the nearest on which every layer fits, and so none of the others.
    """
    if not any(finding.code in CHANGED or finding.code == _UNEQUAL for finding in found):
        return list(found)
    places = {node.path: index for index, node in enumerate(network.nodes)}
    branches = _on_branches(network)
    mended, joins = [], 0
    for finding in found:
        joins += finding.code == _UNEQUAL
        index = places.get(finding.path or "")
        if index is not None and (finding.code in CHANGED or (finding.code == _UNEQUAL and joins <= _JOINS)):
            finding = finding._replace(fault=_of_node(finding.fault, network, index, branches[index] == 1))
        mended.append(finding)
    return _with_inputs(mended, network, largest)


def _on_branches(network: Network) -> bytearray:
    """For each node 1 where it stands on a branch of several, which go together as they are."""
    found = bytearray(len(network.nodes))
    for group in network.root.walk():
        if group.kind == BRANCH and not group.training:
            found[group.first : group.end] = b"\1" * (group.end - group.first)
    return found


def _of_node(fault: Fault, network: Network, index: int, on_branch: bool) -> Fault:
    """The fault of one node, with changes of its attributes or of a layer on its branches."""
    nodes, layer = network.nodes, network.nodes[index].layer
    if fault.code == _UNEQUAL:
        return of_join(fault, network, nodes[index])
    if layer is None:
        return fault
    first, end = index, index + 1
    while first > max(0, index - TURNS) and is_next_turn(nodes, first):
        first -= 1
    while end < min(len(nodes), index + TURNS) and is_next_turn(nodes, end):
        end += 1
    volume = nodes[first].edges[0].volume
    if volume is None:
        return fault
    return of_layer(fault, Asked(layer, volume, end - first, nodes[end - 1].output if on_branch else None))


def _with_inputs(found: list[Finding], network: Network, largest: int) -> list[Finding]:
    """The first of the findings that another input mends proposes one that mends all of them, where one lies near."""
    paths = {finding.path for finding in found if finding.code in _OF_SIZES}
    first = next((node.path for node in network.nodes if node.path in paths), None)
    inputs = fitting_inputs(network, paths, largest) if first else []
    if not inputs:
        return found
    whole = all(node.layer is not None for node in network.nodes)
    line = findings.inputs_fit(inputs, whole)
    index = next(i for i, finding in enumerate(found) if finding.path == first and finding.code in _OF_SIZES)
    fault = found[index].fault
    found[index] = found[index]._replace(fault=fault._replace(help=(*fault.help, line)))
    return found

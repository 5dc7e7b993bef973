"""What a file claims of itself under `expect`: figures of the totals, and the output volume."""

from __future__ import annotations

import re
from typing import Final

from cnncalc import findings
from cnncalc.language.document import Claim
from cnncalc.language.faults import Faults
from cnncalc.language.source import Node, Scalar
from cnncalc.language.values import ValueReader, shape
from cnncalc.layers.figures import STATED
from cnncalc.layers.kinds import REPEAT

OUTPUT: Final = "output"
CLAIMS: Final = (OUTPUT, *STATED)
"""What `expect` can state."""
_RELATIONS: Final = ("<=", ">=", "<", ">", "==", "=")
_UNITS: Final = "kMGT"
"""Powers of 1000."""


class ClaimReader:
    """Reads `expect`."""

    def __init__(self, values: ValueReader, faults: Faults) -> None:
        self.values, self.faults = values, faults

    def claims(self, node: Node) -> list[Claim]:
        """The claims that are right."""
        found = [self.claim(key, value) for key, value in self.values.pairs("`expect`", node)]
        return [claim for claim in found if claim is not None]

    def claim(self, key: Scalar, node: Node) -> Claim | None:
        if key.value not in CLAIMS:
            self.faults.report(findings.unknown_figure(key.value, CLAIMS), key)
        elif key.value == OUTPUT:
            volume = self.values.volume(OUTPUT, node)
            return None if volume is None else (OUTPUT, "=", volume, self.faults.place(node))
        elif isinstance(node, Scalar):
            return self.figure(key.value, node)
        else:
            self.faults.report(findings.bad_figure(key.value, shape(node)), node)
        return None

    def figure(self, key: str, node: Scalar) -> Claim | None:
        """`61100840`, `<= 1.2G` or an expression."""
        relation, number = "=", node
        if not (node.value.isascii() and node.value.isdigit()):  # most are: spares compiling the pattern
            text = node.value.strip()
            sign = next((sign for sign in _RELATIONS if text.startswith(sign)), "")
            text = text.removeprefix(sign).lstrip()
            plain = _unscaled(text)
            if plain is None:
                self.faults.report(findings.bad_figure(key, text), node)
                return None
            relation, number = sign.replace("==", "=") or "=", Scalar(plain, node.start, node.end)
        value = self.values.number(key, REPEAT, number)
        return None if value is None else (key, relation, value, self.faults.place(node))


def _unscaled(text: str) -> str | None:
    """`1.2G` as 1200000000; other texts as they are; None where a unit leaves a fraction."""
    scaled = re.match(rf"(0|[1-9][0-9]{{0,15}})(?:\.([0-9]+?)0*)?\s*([{_UNITS}])\Z", text)
    if not scaled:
        return text
    digits = 3 * (_UNITS.index(scaled[3]) + 1)
    decimals = scaled[2] or ""
    return None if len(decimals) > digits else str(int(scaled[1] + decimals.ljust(digits, "0")))

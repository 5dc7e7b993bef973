"""The bundled networks for what takes long on all of them: one of each family by default, `-m slow` has the others."""

from __future__ import annotations

import re
from typing import Final

import pytest

from cnncalc.api import bundled_names


def _family(name: str) -> str:
    """As `vgg` of `vgg16_bn`, `mobilenet_v2` of `mobilenet_v2_035`: a version is a family of its own."""
    found = re.match(r"[a-z]+?(_?v\d+|(?=\d|_|$))", name)
    assert found
    return found[0]


def _of_each_family() -> list[str]:
    first = dict[str, str]()
    for name in sorted(bundled_names(), key=len):
        first.setdefault(_family(name), name)
    return sorted(first.values())


FEW: Final = _of_each_family()
EACH: Final = [name if name in FEW else pytest.param(name, marks=pytest.mark.slow) for name in bundled_names()]
"""One network a test."""
MANY: Final = [pytest.param(FEW, id="few"), pytest.param(bundled_names(), id="all", marks=pytest.mark.slow)]
"""Many networks in one test."""

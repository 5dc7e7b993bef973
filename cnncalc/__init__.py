"""cnncalc: shapes, parameters and mult-adds of convolutional networks, by exact integer arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.api import export, summarize
    from cnncalc.convolving import convolve
    from cnncalc.exports import Export
    from cnncalc.figures.analysis import Figures, LayerSummary, Summary, Totals
    from cnncalc.findings import Finding, LayerError
    from cnncalc.limits import Limits
    from cnncalc.pictures import draw
    from cnncalc.sweeping import sweep
    from cnncalc.volume import Volume

__all__ = [
    "Export",
    "Figures",
    "Finding",
    "LayerError",
    "LayerSummary",
    "Limits",
    "Summary",
    "Totals",
    "Volume",
    "convolve",
    "draw",
    "export",
    "summarize",
    "sweep",
]

_HOMES = {
    "Export": "exports",
    "Figures": "figures.analysis",
    "Finding": "findings",
    "LayerError": "findings",
    "LayerSummary": "figures.analysis",
    "Limits": "limits",
    "Summary": "figures.analysis",
    "Totals": "figures.analysis",
    "Volume": "volume",
    "convolve": "convolving",
    "draw": "pictures",
    "export": "api",
    "summarize": "api",
    "sweep": "sweeping",
}


def __getattr__(name: str) -> object:
    """Import what is asked for when it is: `cnncalc.arithmetic` needs nothing else, and a run less."""
    if name not in _HOMES:
        raise AttributeError(f"module 'cnncalc' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"cnncalc.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """What is there, and so what `help(cnncalc)` shows."""
    return sorted({*globals(), *__all__} - {"TYPE_CHECKING", "annotations"})

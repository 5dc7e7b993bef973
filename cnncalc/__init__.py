"""cnncalc: shapes, parameters and mult-adds of convolutional networks, by exact integer arithmetic."""

from __future__ import annotations

from cnncalc.analysis import Figures, LayerSummary, Summary, Totals
from cnncalc.api import summarize
from cnncalc.findings import Finding, LayerError
from cnncalc.limits import Limits
from cnncalc.volume import Volume

__all__ = ["Figures", "Finding", "LayerError", "LayerSummary", "Limits", "Summary", "Totals", "Volume", "summarize"]

"""JSON read as what it must be: every figure a whole number, and attributes alone that are real numbers."""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn

from cnncalc.layers import TYPES
from cnncalc.layers.kinds import Real

REALS: Final = {name for cls in TYPES.values() for name, each in cls.attributes.items() if isinstance(each.kind, Real)}


def exact_json(text: str) -> Any:
    """The value. Raises ValueError where a figure is written as a float, or a number is none."""
    return json.loads(text, object_pairs_hook=_object, parse_constant=_refuse)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for name, value in pairs:
        if name not in REALS and _has_floats(value):
            _refuse(f"{name}: {value}")
    return dict(pairs)


def _has_floats(value: object) -> bool:
    return isinstance(value, float) or (isinstance(value, list) and any(map(_has_floats, value)))


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is a float")

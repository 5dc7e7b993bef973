"""Expressions by Python's own arithmetic, every literal a fraction: what the language's are held against."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any


def make_divisible(v: Any, divisor: Any) -> Any:
    """As tensorflow/models has it in research/slim/nets/mobilenet/mobilenet.py, without its floats."""
    new_v = max(divisor, int(v + Fraction(divisor) / 2) // divisor * divisor)
    return new_v + divisor if new_v < Fraction(9, 10) * v else new_v


FUNCTIONS = {"Fraction": Fraction, "floor": math.floor, "ceil": math.ceil, "make_divisible": make_divisible}


class _Exact(ast.NodeTransformer):
    """Divisions of fractions: Python's of whole numbers, as `//` and comparisons give them, is a float."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.BinOp:
        self.generic_visit(node)
        if isinstance(node.op, ast.Div):
            node.left = ast.Call(ast.Name("Fraction", ast.Load()), [node.left], [])
        return node


def by_python(text: str, names: Mapping[str, Any]) -> Any:
    """What the expression comes to; a name with a dot stands in `names` with a `_` in its place."""
    python = re.sub(r"\b([A-Za-z_]\w*)\.", r"\1_", text)
    tree = ast.parse(re.sub(r"\b\d+(\.\d+)?\b", r"Fraction('\g<0>')", python), mode="eval")
    return eval(
        compile(ast.fix_missing_locations(_Exact().visit(tree)), "<expression>", "eval"), FUNCTIONS, dict(names)
    )

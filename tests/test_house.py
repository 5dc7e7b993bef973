"""The directions of imports, and what the start of a run may cost."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

import cnncalc

PACKAGE = Path(cnncalc.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# The rooms from the ground up: a module imports from its own room and from those before it.
ROOMS = (
    ("arithmetic", "exact", "volume", "limits"),
    ("repairs",),
    ("findings",),
    ("layers",),
    ("network",),
    ("convolutional",),
    ("remedies",),
    ("language",),
    ("figures",),
    ("paddings",),
    ("exports",),
    ("explain", "timeline", "compare", "schema", "api", "sweeping", "matrices", "convolving"),
    ("", "render", "pictures"),
    ("cli", "__main__"),
)
ONLY_IN = {"click": ("cli",), "rich": ("render.table", "cli.progress"), "yaml": ("language.source",)}


def name(path: Path) -> str:
    parts = list(path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(module: str) -> int:
    return next(level for level, names in enumerate(ROOMS) if module.partition(".")[0] in names)


NAMES = {f"cnncalc.{name(path)}" for path in MODULES}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [module if module in NAMES else node.module for module in inner]
    return found


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_imports_point_down(path: Path) -> None:
    module = name(path)
    for imported in imports(path):
        top, _, rest = imported.partition(".")
        if top == "cnncalc":
            assert room(rest) <= room(module), f"{module} imports {imported}"
        assert module.startswith(ONLY_IN.get(top, ("",))), f"{module} imports {imported}"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_first_line_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree(path))


def test_arithmetic_stands_alone() -> None:
    assert not [module for module in imports(PACKAGE / "arithmetic.py") if module.startswith("cnncalc")]


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_records_keep_their_annotations(path: Path) -> None:
    """A NamedTuple compiles each annotation that `from __future__` left as a text: that would be a tenth of a start."""
    text = path.read_text(encoding="utf-8")
    assert "(NamedTuple)" not in text or "from __future__ import annotations" not in text

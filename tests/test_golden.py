"""What the commands print, word by word: the sessions in golden/, the README's and the reference's.

`pytest tests/test_golden.py --update` writes what is printed now; read the difference before you keep it.
"""

from __future__ import annotations

import doctest
import io
import re
from pathlib import Path

import pytest

import cnncalc
from tests.reference import SECTIONS, filled
from tests.transcript import ROOT, run, sessions, update

GOLDEN = Path(__file__).parent / "golden"
SESSIONS = sorted(GOLDEN.glob("*.txt"))
FINDINGS = sorted((GOLDEN / "findings").glob("*.yaml"))
DOCUMENTS = [ROOT / "README.md", ROOT / "specs" / "README.md", ROOT / "docs" / "course.md"]


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_session(path: Path, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update"):
        update(path, GOLDEN)
    assert list(sessions(path)), "a session has at least one command"
    for step in sessions(path):
        assert run(step.command, GOLDEN) == step.expected


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: path.stem)
def test_findings(path: Path, request: pytest.FixtureRequest) -> None:
    printed = run(f"cnncalc check {path.name}", path.parent) + "\n"
    golden = path.with_suffix(".txt")
    if request.config.getoption("--update"):
        golden.write_text(printed, encoding="utf-8")
    assert printed == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_document(path: Path, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update"):
        update(path, ROOT)
    assert list(sessions(path)), "the document shows at least one command"
    for step in sessions(path):
        assert run(step.command, ROOT) == step.expected


def test_reference_is_drawn_from_the_layers(request: pytest.FixtureRequest) -> None:
    path = ROOT / "specs" / "README.md"
    text = path.read_text(encoding="utf-8")
    if request.config.getoption("--update"):
        path.write_text(filled(text), encoding="utf-8")
    assert filled(text) == text, "run pytest tests/test_golden.py --update"
    assert all(f"<!-- {name} -->" in text for name in SECTIONS)


def yaml_of(path: Path) -> list[str]:
    """The document's examples as specifications: a list of layers gets an input, as does a file without one."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", path.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    texts = [f"layers:\n{block}" if block.startswith("- ") else block for block in blocks]
    return [
        text if re.search("^(input|extends):", text, re.MULTILINE) else f"input: 32x32x64\n{text}" for text in texts
    ]


@pytest.mark.parametrize("text", [text for path in DOCUMENTS for text in yaml_of(path) if "layers:" in text])
def test_yaml_of_the_documents(text: str) -> None:
    found = cnncalc.summarize(text).findings
    assert [finding for finding in found if finding.severity == "error"] == []


def test_examples_of_the_library() -> None:
    """The page's sessions, one after another, as Python's own prompt would show them."""
    page = ROOT / "docs" / "library.md"
    blocks = re.findall(r"^```pycon\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    printed = io.StringIO()
    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, page.name, str(page), 0)
    doctest.DocTestRunner().run(test, out=printed.write)
    assert len(test.examples) > 40
    assert printed.getvalue() == ""


@pytest.mark.parametrize(
    "block", re.findall(r"^```python\n(.*?)^```", DOCUMENTS[0].read_text("utf-8"), re.DOTALL | re.MULTILINE)
)
def test_python_of_the_readme(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "torch" in block:
        pytest.skip("runs among the tests against PyTorch")
    monkeypatch.chdir(ROOT)
    exec(compile(block, "README.md", "exec"), {})

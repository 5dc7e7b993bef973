"""Options of the test run."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# No deadline: the machine may be slow, and others at work on it.
settings.register_profile("few", deadline=None, max_examples=30)
settings.register_profile("many", deadline=None, max_examples=200)
settings.load_profile("few")


def pytest_configure(config: pytest.Config) -> None:
    if config.option.markexpr == "slow":
        settings.load_profile("many")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The laws are tried with few examples by default, and again with many among the slow tests."""
    if config.option.markexpr == "slow":
        for item in items:
            law = isinstance(item, pytest.Function) and getattr(item.obj, "is_hypothesis_test", False)
            if law and not item.get_closest_marker("conformance"):
                item.add_marker("slow")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write what is printed now into the golden files")


@pytest.fixture(scope="session", autouse=True)
def _bytecode(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where no bytecode is to be written, commands that tests start still share theirs: compiling is most of a start."""
    with pytest.MonkeyPatch.context() as patch:
        if os.environ.get("PYTHONDONTWRITEBYTECODE"):
            patch.delenv("PYTHONDONTWRITEBYTECODE")
            patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.getbasetemp() / "bytecode"))
        yield

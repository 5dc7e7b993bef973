"""The report in HTML: one file, what is in it, and what it does in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import cnncalc
from cnncalc.cli import main
from cnncalc.render.formats import View
from cnncalc.render.html import page

HOSTILE = "</script><script>alert(1)</script>\"'<b>&\u202e\n🏔 名前"
BROKEN = """\
input: 7x7x3
layers:
  - conv: {filters: 8, kernel: 3, stride: 3}
  - max_pool: 9
"""


def html(source: Any, **view: Any) -> str:
    return "".join(page(cnncalc.summarize(source), View(**view)))


VOID = ("meta", "input", "br")
"""Tags that nothing closes."""


class Outline(HTMLParser):
    """Tags that are open, ids, and what would ask for something from elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.asked: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.asked += [
            f"{tag} {key}={value}" for key, value in attrs if key in ("src", "href", "action", "data", "srcset")
        ]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Of SVG: nothing stays open."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    "source", ["alexnet", "resnet50", "googlenet", "resnet50_fpn", BROKEN, "input: 8x8x3\nlayers: []"]
)
def test_it_is_one_well_formed_file(source: str) -> None:
    outline = Outline(html(source))
    assert outline.open == []
    assert outline.asked == []
    assert len(outline.ids) == len(set(outline.ids))


def test_a_large_network_is_under_a_megabyte() -> None:
    assert len(html("resnet152").encode()) < 1_000_000


def test_what_is_in_it() -> None:
    text = html("alexnet")
    assert "62,378,344" in text
    assert 'data-path="conv1" data-box="conv1"' in text
    assert "11·11·3·96·55·55 = 105,415,200" in text
    texts = {"<text>": BROKEN}
    assert "conv: {filters: 8, kernel: 3, stride: 3}" in html(BROKEN, texts=texts)
    assert 'class="finding error"' in html(BROKEN)


def test_the_columns_are_those_that_are_wanted() -> None:
    text = html("resnet18", columns=["output", "path", "weights", "inputs"], layout="chw")
    heading = '<tr><th scope="col">layer</th><th scope="col">output</th><th scope="col" class="n">weights</th>'
    assert heading in text
    assert "<td>64x112x112</td>" in text
    assert Outline(text).open == []


def test_hostile_names() -> None:
    network = {"name": HOSTILE, "source": HOSTILE, "input": "8x8x3", "layers": ["relu"]}
    text = html(network)
    assert "<script>alert" not in text
    assert "\u202e" not in text
    assert Outline(text).open == []


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(BROKEN, "utf-8")
    done = CliRunner().invoke(main, ["summarize", str(tmp_path / "net.yaml"), "-o", str(tmp_path / "net.html")])
    assert done.exit_code == 1
    written = (tmp_path / "net.html").read_text("utf-8")
    assert written.startswith("<!doctype html>")
    assert "kernel-too-large" in written
    assert CliRunner().invoke(main, ["summarize", "alexnet", "lenet5", "-f", "html"]).exit_code == 2


def test_two_in_a_notebook_share_no_ids() -> None:
    assert Outline(cnncalc.summarize("resnet18")._repr_html_()).ids == []
    hatched = cnncalc.summarize(BROKEN)
    both = Outline(hatched._repr_html_() + hatched._repr_html_())
    assert both.open == []
    assert len(set(both.ids)) == len(both.ids) == 2
    cell = cnncalc.summarize("resnet18")._repr_html_()
    assert "<script" not in cell
    assert "11,689,512" in cell


# In a browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, without a network."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="needs the extra `browser`: pip install -e '.[browser]'"
    )
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("needs Chromium")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


class Opened:
    """A report in a page of the browser, with what it said and asked for."""

    def __init__(self, browser: Any, path: Path, source: str, width: int = 1280) -> None:
        path.write_text(html(source), "utf-8")
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
        self.page = context.new_page()
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.errors.append(message.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())

    def row(self, path: str) -> Any:
        return self.page.locator(f'#layers tr[data-path="{path}"]')


def test_folding_and_search(browser: Any, tmp_path: Path) -> None:
    opened = Opened(browser, tmp_path / "net.html", "resnet50")
    inner = opened.row("stage2.projection1.add1.shortcut.conv1")
    assert not inner.is_visible()
    for path in ("stage2.projection1", "stage2.projection1.add1"):
        opened.row(path).get_by_role("button").click()
    assert inner.is_visible()
    opened.row("stage2").get_by_role("button").click()
    assert not inner.is_visible()
    opened.page.get_by_label("Search").fill("shortcut.conv")
    opened.page.get_by_label("Search").fill("2048 of 1x1")
    assert opened.row("stage4.projection1.add1.shortcut.conv1").is_visible()
    assert not opened.row("conv1").is_visible()
    assert "rows" in opened.page.locator("#count").inner_text()
    assert opened.row("stage4.projection1").is_visible()  # where it is
    assert not opened.row("stage1").is_visible()
    opened.page.get_by_label("Search").fill("STAGE3.projection1.add1.shortcut")
    assert opened.row("stage3.projection1.add1.shortcut.conv1").is_visible()
    assert not opened.row("stage4.projection1.add1.shortcut.conv1").is_visible()
    opened.page.get_by_label("Search").fill("")
    assert opened.row("conv1").is_visible()
    opened.page.get_by_role("button", name="Unfold all").click()
    assert inner.is_visible()
    opened.page.get_by_role("button", name="Fold all", exact=True).click()
    assert not opened.row("stage2.projection1").is_visible()
    assert opened.errors == []
    assert len(opened.requests) == 1  # the file itself


def test_highlight_both_ways(browser: Any, tmp_path: Path) -> None:
    opened = Opened(browser, tmp_path / "net.html", "alexnet")
    for picture in ("bars", "graph"):
        shape = opened.page.locator(f'.{picture} [data-path="conv2"]')
        opened.row("conv1").hover()
        assert "marked" not in (shape.get_attribute("class") or "")
        opened.row("conv2").hover()
        assert "marked" in (shape.get_attribute("class") or "")
        shape.locator("text").first.hover()
        assert "marked" in (opened.row("conv2").get_attribute("class") or "")
    assert opened.errors == []


def test_a_row_within_a_folded_block_marks_that(browser: Any, tmp_path: Path) -> None:
    opened = Opened(browser, tmp_path / "net.html", "resnet50")
    opened.row("stage2.identity3").hover()
    for picture in ("bars", "graph"):
        folded = opened.page.locator(f'.{picture} [data-path="stage2.identity1"]')
        assert "marked" in (folded.get_attribute("class") or "")


def test_a_row_scrolls_the_picture_and_a_shape_the_table(browser: Any, tmp_path: Path) -> None:
    opened = Opened(browser, tmp_path / "net.html", "resnet50")
    shape = opened.page.locator('.graph [data-path="fc1"]').first
    inside = "shape => { const own = shape.getBoundingClientRect(), box = shape.closest('.picture').getBoundingClientRect(); return own.top >= box.top && own.bottom <= box.bottom; }"
    assert not shape.evaluate(inside)
    opened.row("fc1").hover()
    assert shape.evaluate(inside)
    opened.page.get_by_role("button", name="Fold all", exact=True).click()
    opened.page.locator('.graph [data-path="stage4.projection1"]').first.click()
    assert opened.row("stage4.projection1").is_visible()
    assert opened.row("stage4.projection1").get_by_role("button").evaluate("own => own === document.activeElement")
    assert not opened.row("stage3.projection1").is_visible()
    assert opened.errors == []


def test_the_keyboard_shows_a_working(browser: Any, tmp_path: Path) -> None:
    opened = Opened(browser, tmp_path / "net.html", "alexnet")
    button = opened.row("conv1").get_by_role("button")
    button.focus()
    opened.page.keyboard.press("Enter")
    assert opened.page.get_by_text("11·11·3·96·55·55 = 105,415,200").is_visible()
    assert button.get_attribute("aria-expanded") == "true"
    opened.page.keyboard.press("Space")
    assert opened.page.get_by_text("11·11·3·96·55·55 = 105,415,200").count() == 0


def test_on_a_phone_and_on_paper(browser: Any, tmp_path: Path) -> None:
    opened = Opened(browser, tmp_path / "net.html", "resnet50", width=390)
    opened.row("conv1").get_by_role("button").click()
    working = opened.page.locator(".working dl").bounding_box()
    assert 0 <= working["x"] <= 390 - working["width"]  # whole, though the table is wider
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390
    opened.page.emulate_media(media="print")
    assert opened.row("stage2.projection1.add1.shortcut.conv1").is_visible()

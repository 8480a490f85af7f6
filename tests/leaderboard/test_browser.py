"""The site in a real browser, from the disk and offline: nothing breaks, nothing scrolls sideways, the table sorts."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from harness.nouns import Entry
from leaderboard.board import standings
from leaderboard.figures import slug
from leaderboard.pages import render, write_site
from tests.leaderboard.board_samples import COMPETITION, PICTURES, READINGS, realistic, run

try:
    from playwright.sync_api import sync_playwright
except ImportError:
    sync_playwright = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
LONG = "W" * 10_000
VISITED = ("index.html", "../empty/index.html", "e/ink-and-ocean/index.html", "e/unlucky/index.html", f"e/{slug(LONG)}/index.html",
           "e/conv-only/index.html", "method.html", "404.html")  # fmt: skip
WIDTHS = (320, 390, 768, 1280, 1920)
Open = Callable[..., AbstractContextManager["Page"]]

SIDEWAYS = """() => {
  const boxes = [...document.querySelectorAll("html, body, main, section, table, tr, td, th, pre, p, ol, ul, dl, dd, div")];
  const wide = boxes.filter(box => !box.closest(".sr") && box.scrollWidth > box.clientWidth + (box.tagName === "TR"));
  const out = [...document.querySelectorAll("body *")].filter(box => !box.closest(".sr, .skip")
    && box.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5);
  return [...wide, ...out].map(box => box.outerHTML.slice(0, 120));
}"""
COLUMN = """key => [...document.querySelectorAll("table[data-sortable] tbody tr")].map(row =>
  row.cells[document.querySelector(`th[data-key=${key}]`).cellIndex].dataset.value)"""
SORTED = "() => [...document.querySelectorAll('[aria-sort]')].map(th => [th.dataset.key, th.getAttribute('aria-sort')])"


def missing(reason: str) -> None:
    """Skip, or fail where every part is required."""
    pytest.fail(reason) if os.environ.get("HTR_REQUIRE") == "all" else pytest.skip(reason)


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    if sync_playwright is None:
        missing("playwright is not installed")
    if not CHROMIUM.exists():
        missing(f"{CHROMIUM} is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), chromium_sandbox=False, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The realistic board with one hostile entry more, written to a disk."""
    out = tmp_path_factory.mktemp("board") / "site"
    hostile = run(LONG, 650, 4, entry=Entry(LONG, LONG, (LONG,), LONG), readings=READINGS)
    write_site(render(COMPETITION, standings([*realistic(), hostile]), PICTURES), out)
    write_site(render(COMPETITION, standings([])), out.with_name("empty"))
    return out


@pytest.fixture
def visit(browser: "Browser", folder: Path) -> Open:
    """Opens a page offline; leaving it fails if the browser complained or asked for anything but files."""

    @contextmanager
    def opened(path: str, width: int = 1280, **settings: Any) -> Iterator["Page"]:
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, **settings)
        page, complaints = context.new_page(), list[str]()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: request.url.startswith("file:") or complaints.append(request.url))
        page.goto((folder / path).as_uri())
        yield page
        context.close()
        assert complaints == []

    return opened


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_complains_or_scrolls_sideways(visit: Open, folder: Path, scheme: str, script: bool) -> None:
    """At every width, in both schemes, with JavaScript on and off, with names of ten thousand characters."""
    with visit("index.html", color_scheme=scheme, java_script_enabled=script) as page:
        for path in VISITED:
            page.goto((folder / path).as_uri())
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                assert page.evaluate(SIDEWAYS) == [], f"{path} at {width} pixels"


def test_the_first_row_stands_high(visit: Open) -> None:
    """All of it within 500 pixels of the top, so that a board looks like one at once."""
    with visit("index.html") as page:
        box = page.locator("table[data-sortable] tbody tr").first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 500


def test_a_telephone_shows_three_columns_and_the_figures_below_the_name(visit: Open) -> None:
    """Rank, entry with a second line, accuracy."""
    with visit("index.html", 390) as page:
        row = page.locator("table[data-sortable] tbody tr").first
        assert [cell.is_visible() for cell in row.locator("td, th").all()].count(True) == 3
        assert row.locator(".more").is_visible()


def test_a_desk_shows_every_column(visit: Open) -> None:
    """With the plot, and without the telephone's line."""
    with visit("index.html") as page:
        row = page.locator("table[data-sortable] tbody tr").first
        assert all(cell.is_visible() for cell in row.locator("td, th").all())
        assert not row.locator(".more").is_visible()


def test_dark_is_dark(visit: Open) -> None:
    """The reader's scheme is followed, with light letters."""
    shade = "() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    for scheme, dark in (("light", False), ("dark", True)):
        with visit("index.html", color_scheme=scheme) as page:
            assert (sum(page.evaluate(shade)) < 150) is dark


def test_without_javascript_the_table_stands_by_rank(visit: Open) -> None:
    """And offers no button that would do nothing."""
    with visit("index.html", java_script_enabled=False) as page:
        ranks = [int(rank) for rank in page.evaluate(COLUMN, "rank")]
        assert ranks == sorted(ranks)
        assert len(ranks) == 10
        assert page.evaluate(SORTED) == [["rank", "ascending"]]
        assert page.locator("th button").count() == 0


def test_a_click_sorts_and_a_second_click_turns_round(visit: Open) -> None:
    """The heading says so to those who cannot see the arrow."""
    with visit("index.html") as page:
        button = page.get_by_role("button", name="Model, MB")
        for direction, turned in (("ascending", False), ("descending", True)):
            button.click()
            values = page.evaluate(COLUMN, "size")
            numbers = [float(value) for value in values if value]
            assert numbers == sorted(numbers, reverse=turned)
            assert values[-1] == ""
            assert page.evaluate(SORTED) == [["size", direction]]
            assert direction in page.get_by_role("status").text_content()


def test_sorting_survives_a_reload_and_leaves_no_trace_at_rank(visit: Open) -> None:
    """The address carries the order, so that it can be sent to somebody."""
    with visit("index.html") as page:
        page.get_by_role("button", name="CER").click()
        page.get_by_role("button", name="CER").click()
        before = page.evaluate(COLUMN, "cer")
        assert parse_qs(urlsplit(page.url).query) == {"sort": ["cer"], "order": ["descending"]}
        page.reload()
        assert page.evaluate(COLUMN, "cer") == before
        assert page.evaluate(SORTED) == [["cer", "descending"]]
        page.get_by_role("button", name="Rank").click()
        assert urlsplit(page.url).query == ""


def test_an_address_with_nonsense_in_it_shows_the_table_by_rank(visit: Open, folder: Path) -> None:
    """A stranger's link cannot break the page."""
    with visit("index.html") as page:
        page.goto((folder / "index.html").as_uri() + "?sort=__proto__&order=sideways")
        assert page.evaluate(SORTED) == [["rank", "ascending"]]


def test_a_keyboard_and_a_telephone_can_sort(visit: Open) -> None:
    """Enter on a heading; a list of choices where headings are hidden."""
    with visit("index.html") as page:
        page.get_by_role("button", name="Entry").focus()
        page.keyboard.press("Enter")
        assert page.evaluate(SORTED) == [["entry", "ascending"]]
    with visit("index.html", 390) as page:
        page.get_by_label("Sort by").select_option("ms a line, lowest first")
        assert page.evaluate(SORTED) == [["speed", "ascending"]]
        assert page.evaluate(COLUMN, "speed")[-1] == ""


def test_links_lead_on_from_the_disk(visit: Open) -> None:
    """From the board to an entry and back, by the pages' own links."""
    with visit("index.html") as page:
        page.get_by_role("link", name="Reference baseline").click()
        assert page.locator("h1").text_content() == "Reference baseline"
        assert page.locator(".picture img").first.evaluate("image => image.complete && image.naturalWidth") == 620
        page.locator(".crumb a").click()
        assert page.locator("table[data-sortable]").is_visible()

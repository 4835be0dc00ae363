"""/overview in a real browser: the figures of the mail, periods and language in the address, the wall, a publication under an open page."""

import re
import zipfile

import httpx
import pytest

from reports.blocks import Kpi
from reports.compute import compute
from reports.context import Context
from reports.figures.receivables import RECEIVABLES
from reports.figures.revenue import REVENUE_DAY, REVENUE_MONTH
from reports.periods import parse_period
from reports.published import Published
from reports.wording import load_words
from tests.dashboards.conftest import Site, Window, downloaded, visit
from tests.dashboards.full_fixture import build_full

pytestmark = pytest.mark.xdist_group("browser")


def test_the_figures_are_those_of_the_report(site: Site, window: Window) -> None:
    page = window()
    visit(page, f"{site.url}/overview")
    with Published.current(site.folder / "data" / "published") as published:
        context = Context.make(published, parse_period("2026-03-30"), "ru")
        for block in (REVENUE_DAY, REVENUE_MONTH, RECEIVABLES):
            section = compute(block, context)
            assert section is not None
            kpi = section.contents[0]
            assert isinstance(kpi, Kpi)
            for figure in kpi.figures:
                shown = page.locator(f"[data-figure={figure.name}] .value").first.inner_text()
                assert shown.removeprefix("! ").removeprefix("!\u00a0").strip() == context.form.value(figure.kind, figure.value)
                if figure.definition:
                    assert page.locator(f"[data-figure={figure.name}] .defined").first.get_attribute("title") == figure.definition


def test_the_root_leads_to_the_page_and_keeps_what_was_asked(site: Site, window: Window) -> None:
    page = window()
    visit(page, f"{site.url}/?lang=en&period=2026-03-20")
    assert page.url == f"{site.url}/overview?lang=en&period=2026-03-20"
    assert page.get_by_text("Friday, 20 March 2026").first.is_visible()


def test_period_and_language_are_kept_in_the_address(site: Site, window: Window, told: list[str]) -> None:
    page = window()
    visit(page, f"{site.url}/overview")
    page.get_by_label(load_words("ru").text("frame.languages")).click()
    page.get_by_role("option", name="English").click()
    page.wait_for_url(re.compile("lang=en"))
    words = load_words("en")
    page.get_by_label(words.text("filter.period")).click()
    page.get_by_role("option", name=words.text("stretch.quarter"), exact=True).click()
    page.wait_for_url(re.compile("period=quarter"))
    page.get_by_role("heading", name=words.text("section.revenue_stretch")).wait_for()
    page.reload()
    page.get_by_role("heading", name=words.text("section.revenue_stretch")).wait_for()
    assert told == []


@pytest.mark.parametrize("period", ["the day before", "2030-01-01"])
def test_a_period_that_is_none_gets_a_sentence_and_the_last_complete_day(site: Site, window: Window, period: str) -> None:
    page = window(390)
    visit(page, f"{site.url}/overview?period={period}")
    assert page.get_by_text(load_words("ru").text("page.bad_period")).is_visible()
    assert page.get_by_text("понедельник, 30 марта 2026").first.is_visible()


def test_the_tables_are_downloaded_as_xlsx(site: Site, window: Window) -> None:
    page = window()
    visit(page, f"{site.url}/overview?lang=en")
    workbook = downloaded(page, "Download xlsx")
    assert workbook.suggested_filename == "overview-2026-03-30-en.xlsx"
    with zipfile.ZipFile(workbook.path()) as archive:
        told = archive.read("xl/sharedStrings.xml").decode()
    period = load_words("en").text("filter.period")
    assert re.search(rf"<t>{period}: \w+ \(Monday, [^<]*30[^<]*\)</t>", told), "the file says what was chosen on the page"


def test_a_card_leads_to_the_page_that_it_is_an_extract_of(site: Site, window: Window, told: list[str]) -> None:
    page = window(390)
    visit(page, f"{site.url}/overview?lang=en")
    words = load_words("en")
    page.locator(".st-key-card-receivables").get_by_role("link", name=words.text("page.more")).click()
    page.wait_for_url(f"{site.url}/receivables?lang=en")
    page.get_by_role("heading", name=words.text("nav.receivables"), level=1).wait_for()
    assert told == []


def test_the_wall_shows_large_figures_on_dark_and_no_controls(site: Site, window: Window, told: list[str]) -> None:
    page = window(1920)
    page.set_viewport_size({"width": 1920, "height": 1080})
    visit(page, f"{site.url}/overview?wall=1", ".wall-head")
    page.wait_for_selector("[data-figure=revenue_day] .value")
    size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.lead .value')).fontSize)")
    assert size >= 60
    assert page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor") == "rgb(15, 19, 25)"
    assert page.locator("[data-testid=stSelectbox], .st-key-bar, .sk h2 a").count() == 0
    assert told == []


def test_a_publication_under_an_open_page_shows_on_the_next_action(site: Site, window: Window, told: list[str]) -> None:
    page = window()
    visit(page, f"{site.url}/overview?lang=en")
    build_full(site.folder / "data" / "published", run_id="20260402T060000Z")
    page.get_by_label("Language").click()
    page.get_by_role("option", name="Polski").click()
    page.get_by_text(load_words("pl").text("note.new_publication")).wait_for()
    page.get_by_text("publikacja 20260402T060000Z", exact=False).wait_for()
    health = httpx.get(f"{site.url}/health", timeout=60).json()
    assert health == {"status": "ok", "published": "marts-20260402T060000Z", "as_of": "2026-03-31"}
    assert told == []

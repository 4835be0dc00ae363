"""/overview in a real browser: on a desk and on a phone, in two languages, with the figures of the mail, without a complaint."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from reports.blocks import Kpi
from reports.compute import compute
from reports.context import Context
from reports.figures.receivables import RECEIVABLES
from reports.figures.revenue import REVENUE_DAY, REVENUE_MONTH
from reports.periods import parse_period
from reports.published import Published
from reports.wording import load_words
from tests.reports.published_fixture import build_published

ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
READY = "[data-figure=revenue_day] .value"

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture
def told() -> list[str]:
    """What the browser complained of."""
    return []


def opened(browser: Browser, told: list[str], url: str, width: int, ready: str = READY) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.on("console", lambda message: told.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("requestfailed", lambda request: told.append(f"failed {request.url}"))
    page.on("response", lambda response: told.append(f"{response.status} {response.url}") if response.status >= 400 else None)
    page.goto(url)
    page.wait_for_selector(ready, timeout=60_000)
    return page


@pytest.mark.parametrize("locale", ["ru", "en"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_fits_and_nobody_complains(
    address: str, browser: Browser, told: list[str], width: int, locale: str, tmp_path: Path
) -> None:
    page = opened(browser, told, f"{address}/overview?lang={locale}", width)
    page.wait_for_selector(".js-plotly-plot .main-svg >> nth=3", timeout=60_000)
    page.wait_for_timeout(500)
    main = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"{main}.scrollWidth") <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("[data-testid=stException], [data-testid=stAlert]").count() == 0
    words = load_words(locale)
    for section in ("revenue_day", "revenue_month", "cash", "receivables", "funnel", "managers", "marketing", "calls", "freshness"):
        assert page.get_by_role("heading", name=words.text(f"section.{section}"), exact=True).is_visible()
    assert words.text("page.overview") in page.title()
    for clutter in ("stToolbar", "stDecoration", "stStatusWidget", "stAppDeployButton"):
        assert not page.get_by_test_id(clutter).is_visible()
    assert told == []
    page.close()


def test_the_figures_are_those_of_the_report(address: str, browser: Browser, told: list[str], company: Path) -> None:
    page = opened(browser, told, f"{address}/overview", 1440)
    page.wait_for_selector("[data-figure=debt] .value")
    with Published.current(company / "data" / "published") as published:
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
    page.close()


def test_the_root_leads_to_the_page_and_keeps_what_was_asked(address: str, browser: Browser, told: list[str]) -> None:
    page = opened(browser, told, f"{address}/?lang=en&period=2026-03-20", 1440)
    assert page.url == f"{address}/overview?lang=en&period=2026-03-20"
    assert page.get_by_text("Friday, 20 March 2026").is_visible()
    page.close()


def test_day_and_language_are_kept_in_the_address(address: str, browser: Browser, told: list[str]) -> None:
    page = opened(browser, told, f"{address}/overview", 1440)
    page.get_by_label("Язык").click()
    page.get_by_role("option", name="English").click()
    page.wait_for_url(re.compile("lang=en"))
    page.get_by_text("Gross profit", exact=True).first.wait_for()
    page.reload()
    page.get_by_text("Gross profit", exact=True).first.wait_for()
    assert told == []
    page.close()


@pytest.mark.parametrize("period", ["yesterday", "2030-01-01"])
def test_a_period_that_is_none_gets_a_sentence_and_the_last_complete_day(
    address: str, browser: Browser, told: list[str], period: str
) -> None:
    page = opened(browser, told, f"{address}/overview?period={period}", 390)
    assert page.get_by_text(load_words("ru").text("page.bad_period")).is_visible()
    assert page.get_by_text("понедельник, 30 марта 2026").is_visible()
    page.close()


def test_the_tables_are_downloaded_as_xlsx(address: str, browser: Browser, told: list[str]) -> None:
    page = opened(browser, told, f"{address}/overview?lang=en", 1440)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download xlsx").click()
    assert download.value.suggested_filename == "overview-2026-03-30-en.xlsx"
    assert Path(download.value.path()).read_bytes().startswith(b"PK")
    page.close()


def test_a_publication_under_an_open_page_shows_on_the_next_action(address: str, browser: Browser, told: list[str], company: Path) -> None:
    page = opened(browser, told, f"{address}/overview?lang=en", 1440)
    build_published(company / "data" / "published", run_id="20260401T060000Z")
    page.get_by_label("Language").click()
    page.get_by_role("option", name="Polski").click()
    page.get_by_text("publikacja 20260401T060000Z", exact=False).wait_for()
    health = httpx.get(f"{address}/health", timeout=5).json()
    assert health == {"status": "ok", "published": "marts-20260401T060000Z", "as_of": "2026-03-31"}
    assert told == []
    page.close()

"""Every page in a real browser: on a desk and on a phone, in two languages, without a complaint; search, card, drill-down, download."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from dashboards.navigation import ADDRESSES
from reports.wording import load_words
from tests.dashboards.conftest import serving
from tests.dashboards.full_fixture import build_full

ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
CONFIG = '[company]\nname = "ООО Ромашка"\n\n[warehouse]\npath = "data"\n\n[dashboard]\nauth = "none"\n'
# the last thing that every page draws
READY = "text=/marts-|20260401T050000Z/"
MAIN = "document.querySelector('[data-testid=stMain]')"
CLUTTER = ("stToolbar", "stDecoration", "stAppDeployButton", "stException")

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of pages over a publication with every mart of the contract."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "skvoz.toml").write_text(CONFIG, encoding="utf-8")
    build_full(folder / "data" / "published")
    yield from serving(folder)


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


def window(browser: Browser, told: list[str], width: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.on("console", lambda message: told.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("response", lambda response: told.append(f"{response.status} {response.url}") if response.status >= 400 else None)
    return page


def visit(page: Page, url: str) -> None:
    """Opens an address and waits until the page has drawn its last line."""
    page.goto(url)
    page.wait_for_selector(READY, timeout=60_000)


@pytest.mark.parametrize("name", [name for name in ADDRESSES if name != "overview"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_fits_and_nobody_complains(site: str, browser: Browser, told: list[str], width: int, name: str) -> None:
    page = window(browser, told, width)
    for locale in ("ru", "en"):
        words = load_words(locale)
        visit(page, f"{site}/{name}?lang={locale}")
        page.wait_for_timeout(250)
        assert page.get_by_role("heading", level=1).inner_text() == words.text(f"nav.{name}")
        assert page.evaluate(f"{MAIN}.scrollWidth") <= width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for clutter in CLUTTER:
            assert not page.get_by_test_id(clutter).is_visible()
        assert words.text("frame.failed_note") not in page.inner_text("body")
        assert words.text(f"nav.{name}") in page.title()
    assert told == []
    page.close()


def test_from_the_search_to_the_card_and_its_workbook(site: str, browser: Browser, told: list[str]) -> None:
    page = window(browser, told, 1440)
    visit(page, f"{site}/customers?lang=en")
    words = load_words("en")
    page.get_by_label(words.text("filter.customer"), exact=True).fill("Вектор 2")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=words.text("section.customers_found")).wait_for()
    page.wait_for_url(re.compile("q="))
    page.get_by_role("link", name="ООО «Вектор 2»").click()
    page.wait_for_url(re.compile("customer=books"))
    page.get_by_role("heading", name="ООО «Вектор 2»", level=1).wait_for()
    page.get_by_text(words.text("figure.card_leaving_next_month")).first.wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name=words.text("page.download")).click()
    assert Path(download.value.path()).read_bytes().startswith(b"PK")
    with page.expect_download() as table:
        page.get_by_role("button", name=words.text("table.csv")).first.click()
    assert table.value.suggested_filename.endswith("-en.csv")
    page.reload()
    page.get_by_role("heading", name="ООО «Вектор 2»", level=1).wait_for()
    page.get_by_role("button", name=words.text("page.back_to_customers")).click()
    page.get_by_role("heading", name=words.text("section.customers_found")).wait_for()
    assert told == []
    page.close()


def test_a_stage_opens_its_deals_and_a_table_sorts_and_searches(site: str, browser: Browser, told: list[str]) -> None:
    page = window(browser, told, 1440)
    visit(page, f"{site}/funnel?lang=en")
    words = load_words("en")
    page.get_by_role("link", name="Квалификация").click()
    page.wait_for_url(re.compile("stage=sales"))
    card = page.locator(".st-key-card-stage_deals")
    card.get_by_role("heading", name=words.text("section.stage_deals")).wait_for()
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    amounts = card.locator("tbody tr td:last-child")
    amounts.first.wait_for()
    for _ in range(2):
        card.get_by_role("button", name=re.compile(f"^{words.text('column.amount')}( [↑↓])?$")).click()
    shown = [int(re.sub(r"\D", "", text)) for text in amounts.all_inner_texts()]
    assert shown == sorted(shown)
    card.get_by_role("searchbox").fill("no such deal")
    card.get_by_text(words.text("table.nothing")).wait_for()
    assert told == []
    page.close()


def test_a_cell_of_the_matrix_lists_its_customers_who_lead_to_their_cards(site: str, browser: Browser, told: list[str]) -> None:
    page = window(browser, told, 390)
    visit(page, f"{site}/abc_xyz?lang=en")
    cells = page.locator("button.cell")
    cells.first.wait_for()
    filled = next(cell for cell in cells.all() if cell.locator("strong").inner_text() != "0")
    filled.click()
    page.wait_for_url(re.compile("segment="))
    page.locator(".st-key-card-abc_items a.opens").first.click()
    page.wait_for_url(re.compile(r"/customers\?.*customer=books"))
    page.get_by_text(load_words("en").text("section.card_turnover")).wait_for()
    assert told == []
    page.close()


def test_the_bar_leads_to_other_pages_in_the_same_language(site: str, browser: Browser, told: list[str]) -> None:
    page = window(browser, told, 390)
    visit(page, f"{site}/receivables?lang=pl")
    words = load_words("pl")
    page.get_by_role("heading", name=words.text("section.debts_now")).wait_for()
    page.get_by_role("link", name=words.text("nav.customers"), exact=True).click()
    page.get_by_role("heading", name=words.text("nav.customers"), level=1).wait_for()
    assert page.url == f"{site}/customers?lang=pl"
    assert told == []
    page.close()

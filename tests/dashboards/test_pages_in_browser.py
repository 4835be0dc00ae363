"""Every page in a real browser: on a desk and on a phone, in two languages, without a complaint; search, card, drill-down, download."""

import os
import re
from pathlib import Path

import pytest

from dashboards.navigation import ADDRESSES
from reports.wording import load_words
from tests.dashboards.conftest import MAIN, Site, Window, downloaded, settled, visit

CLUTTER = ("stToolbar", "stDecoration", "stAppDeployButton", "stException")

# No table of a page is wider than its card, where its last column would be cut.
TABLET = 768
NOTHING_CUT = "[...document.querySelectorAll('.table-root .scroll')].every((one) => one.scrollWidth <= one.clientWidth)"

# Where continuous integration keeps a picture of every page; no pictures without it.
SCREENSHOTS = os.environ.get("SKVOZ_SCREENSHOTS", "")

pytestmark = pytest.mark.xdist_group("browser")


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize(("locale", "width", "other_width"), [("ru", 1440, 390), ("en", 390, 1440)])
def test_the_page_fits_and_nobody_complains(
    site: Site, window: Window, told: list[str], locale: str, width: int, other_width: int, name: str
) -> None:
    """As it was opened, and after the window has become a phone's, a desk's, a tablet's (1.3 s of a processor to open, 0.1 s for each)."""
    page = window(width)
    words = load_words(locale)
    visit(page, f"{site.url}/{name}?lang={locale}")
    for shown in (width, other_width, TABLET):
        page.set_viewport_size({"width": shown, "height": 900})
        page.wait_for_function(f"window.innerWidth === {shown} && {MAIN}.scrollWidth <= {shown}")  # charts are drawn anew
        assert page.evaluate("document.documentElement.scrollWidth") <= shown
        page.wait_for_function(NOTHING_CUT)
        assert page.get_by_role("heading", level=1).inner_text() == words.text(f"nav.{name}")
        tab = page.locator(".st-key-bar .st-key-here a").bounding_box()
        assert tab is not None
        assert tab["x"] >= 0, "the tab of the page that is open stays on the screen"
        assert tab["x"] + tab["width"] <= shown
        for clutter in CLUTTER:
            assert not page.get_by_test_id(clutter).is_visible()
        assert words.text("frame.failed_note") not in page.inner_text("body")
        assert words.text(f"nav.{name}") in page.title()
        if SCREENSHOTS:
            page.screenshot(path=Path(SCREENSHOTS) / f"{name}-{locale}-{shown}.png", full_page=True)
    assert told == []


def test_from_the_search_to_the_card_and_its_workbook(site: Site, window: Window, told: list[str]) -> None:
    page = window(1440)
    visit(page, f"{site.url}/customers?lang=en")
    words = load_words("en")
    page.get_by_label(words.text("filter.customer"), exact=True).fill("Вектор 2")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=words.text("section.customers_found")).wait_for()
    page.wait_for_url(re.compile("q="))
    page.get_by_role("link", name="ООО «Вектор 2»").click()
    page.wait_for_url(re.compile("customer=books"))
    page.get_by_role("heading", name="ООО «Вектор 2»", level=1).wait_for()
    page.get_by_text(words.text("figure.card_leaving_next_month")).first.wait_for()
    assert Path(downloaded(page, words.text("page.download")).path()).read_bytes().startswith(b"PK")
    assert downloaded(page, words.text("table.csv")).suggested_filename.endswith("-en.csv")
    page.reload()
    page.get_by_role("heading", name="ООО «Вектор 2»", level=1).wait_for()
    page.get_by_role("button", name=words.text("page.back_to_customers")).click()
    page.get_by_role("heading", name=words.text("section.customers_found")).wait_for()
    assert told == []


def test_a_stage_opens_its_deals_and_a_table_sorts_and_searches(site: Site, window: Window, told: list[str]) -> None:
    page = window(1440)
    visit(page, f"{site.url}/funnel?lang=en")
    words = load_words("en")
    page.get_by_role("link", name="Квалификация").click()
    page.wait_for_url(re.compile("stage=sales"))
    card = page.locator(".st-key-card-stage_deals")
    card.get_by_role("heading", name=words.text("section.stage_deals")).wait_for()
    settled(page)
    amounts = card.locator("tbody tr td:last-child")
    amounts.first.wait_for()
    for _ in range(2):
        card.get_by_role("button", name=re.compile(f"^{words.text('column.amount')}( [↑↓])?$")).click()
    shown = [int(re.sub(r"\D", "", text)) for text in amounts.all_inner_texts()]
    assert shown == sorted(shown)
    card.get_by_role("searchbox").fill("no such deal")
    card.get_by_text(words.text("table.nothing")).wait_for()
    assert told == []


def test_a_campaign_opens_its_deals_which_a_phone_sorts_too(site: Site, window: Window, told: list[str]) -> None:
    """On a phone rows are cards without headings; the list of orders stands in their place, and only there."""
    page = window(390)
    words = load_words("en")
    visit(page, f"{site.url}/marketing?lang=en&period=2026-03")
    page.locator(".st-key-card-campaign_campaigns a.opens").first.click()
    page.wait_for_url(re.compile(r"period=2026-03.*campaign=|campaign=.*period=2026-03"))
    card = page.locator(".st-key-card-campaign_deals")
    card.get_by_role("heading", name=words.text("section.campaign_deals")).wait_for()
    settled(page)
    card.get_by_label(words.text("table.sort")).select_option(label=f"{words.text('column.amount')} ↑")
    amounts = card.locator(f"td[data-label='{words.text('column.amount')}']")
    shown = [int(re.sub(r"\D", "", text)) for text in amounts.all_inner_texts()]
    assert len(shown) > 1
    assert shown == sorted(shown)
    page.set_viewport_size({"width": 1440, "height": 900})
    card.get_by_label(words.text("table.sort")).wait_for(state="hidden")
    card.locator("a.opens").first.click()
    page.wait_for_url(re.compile("/funnel.*deal="))
    assert told == []


def test_a_cell_of_the_matrix_lists_its_customers_who_lead_to_their_cards(site: Site, window: Window, told: list[str]) -> None:
    page = window(390)
    visit(page, f"{site.url}/abc_xyz?lang=en")
    cells = page.locator("button.cell")
    cells.first.wait_for()
    filled = next(cell for cell in cells.all() if cell.locator("strong").inner_text() != "0")
    filled.click()
    page.wait_for_url(re.compile("segment="))
    page.locator(".st-key-card-abc_items a.opens").first.click()
    page.wait_for_url(re.compile(r"/customers\?.*customer=books"))
    page.get_by_text(load_words("en").text("section.card_turnover")).wait_for()
    assert told == []


def test_a_manager_of_a_table_narrows_the_page_and_a_telephone_number_is_called(site: Site, window: Window, told: list[str]) -> None:
    page = window(390)
    visit(page, f"{site.url}/calls?lang=en&period=2026-03")
    page.locator(".st-key-card-calls_missed_list a[href^='tel:+7']").first.wait_for()
    page.locator(".st-key-card-calls_managers a.opens").first.click()
    page.wait_for_url(re.compile(r"period=2026-03.*manager=books|manager=books.*period=2026-03"))
    assert told == []


def test_a_dark_page_is_printed_dark_on_white(site: Site, window: Window, told: list[str]) -> None:
    """Browsers leave grounds out on paper: the light letters of a dark page would be white on white."""
    page = window(1440)
    page.emulate_media(color_scheme="dark")
    visit(page, f"{site.url}/receivables?lang=en")
    name = page.locator(".st-key-card-debts_customers a.opens").first
    name.wait_for()
    colour = "one => getComputedStyle(one).color"
    assert name.evaluate(colour) == "rgb(95, 177, 236)"
    page.emulate_media(media="print", color_scheme="dark")
    assert name.evaluate(colour) == "rgb(23, 32, 46)"
    assert not page.locator(".st-key-bar").is_visible()
    assert told == []


def test_the_bar_leads_to_other_pages_in_the_same_language(site: Site, window: Window, told: list[str]) -> None:
    page = window(390)
    visit(page, f"{site.url}/receivables?lang=pl")
    words = load_words("pl")
    page.get_by_role("heading", name=words.text("section.debts_now")).wait_for()
    page.get_by_role("link", name=words.text("nav.customers"), exact=True).click()
    page.get_by_role("heading", name=words.text("nav.customers"), level=1).wait_for()
    assert page.url == f"{site.url}/customers?lang=pl"
    assert told == []

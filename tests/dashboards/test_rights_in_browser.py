"""Logging in and out in a real browser, and that manager A never sees B's customers by any page, address, search or download."""

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page

from dashboards.navigation import ADDRESSES
from reports.access import Scope
from reports.published import Published
from reports.wording import load_words
from tests.dashboards.conftest import DIRECTOR, MANAGER, MANAGER_KEY, MARKETER, PASSWORD, READY, Site, Window, downloaded, settled, visit

pytestmark = pytest.mark.xdist_group("browser")
WORDS = load_words("en")


def rows(site: Site, sql: str) -> list[str]:
    with Published.current(site.folder / "data" / "published") as published:
        return [str(next(iter(row.values()))) for row in published.select(sql)]


def foreign_names(site: Site) -> set[str]:
    """Names that only customers of other managers have, long enough not to stand in other words."""
    others = "select customer_name from marts.dim_customers where manager_key <> '{0}' and length(customer_name) between 7 and 60 except"
    others += " select customer_name from marts.dim_customers where manager_key = '{0}'"
    found = set(rows(site, others.format(MANAGER_KEY)))
    own = "\n".join(rows(site, f"select customer_name from marts.dim_customers where manager_key = '{MANAGER_KEY}'"))
    return {name for name in found if name not in own}


def fill_in(page: Page, name: str, password: str) -> None:
    page.get_by_label(WORDS.text("login.name")).fill(name)
    page.get_by_label(WORDS.text("login.password")).fill(password)
    page.get_by_role("button", name=WORDS.text("login.enter")).click()


def test_a_stranger_logs_in_reads_what_was_asked_and_logs_out(site: Site, window: Window) -> None:
    page = window(390, who="")
    page.goto(f"{site.url}/calls?lang=en")
    assert "/login?next=" in page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    fill_in(page, DIRECTOR, "not this one")
    page.get_by_role("alert").get_by_text(WORDS.text("login.wrong")).wait_for()
    fill_in(page, DIRECTOR, PASSWORD)
    page.wait_for_selector(READY)
    settled(page)
    assert page.url == f"{site.url}/calls?lang=en"
    page.locator(".account a").click()
    page.get_by_role("heading", name=DIRECTOR).wait_for()
    page.get_by_role("button", name=WORDS.text("login.leave")).click()
    page.wait_for_url(f"{site.url}/login")
    page.goto(f"{site.url}/calls?lang=en")
    assert "/login?next=" in page.url


def test_a_session_that_ended_elsewhere_ends_on_the_next_action(site: Site, window: Window) -> None:
    site.people.add("leaver", "director", Scope())
    site.people.set_password("leaver", PASSWORD)
    page = window(cookie=site.log_in("leaver"))
    visit(page, f"{site.url}/receivables?lang=en")
    site.people.remove("leaver")
    page.get_by_role("link", name=WORDS.text("nav.customers"), exact=True).click()
    page.get_by_text(WORDS.text("login.ended")).wait_for()
    assert page.locator(".st-key-bar, table").count() == 0
    page.get_by_role("link", name=WORDS.text("login.again_link")).click()
    page.get_by_label(WORDS.text("login.password")).wait_for()


def test_a_new_password_is_set_and_the_other_window_is_out(site: Site, window: Window) -> None:
    site.people.add("renewer", "analyst", Scope())
    site.people.set_password("renewer", PASSWORD)
    other = window(cookie=site.log_in("renewer"))
    visit(other, f"{site.url}/data?lang=en")
    page = window(cookie=site.log_in("renewer"))
    page.goto(f"{site.url}/account?lang=en")
    page.get_by_label(WORDS.text("login.password"), exact=True).fill(PASSWORD)
    page.get_by_label(WORDS.text("login.new")).fill("another good word")
    page.get_by_label(WORDS.text("login.again")).fill("another good word")
    page.get_by_role("button", name=WORDS.text("login.change_now"), exact=True).click()
    page.wait_for_url(re.compile("changed=1"))
    other.get_by_label(WORDS.text("frame.languages")).click()
    other.get_by_role("option", name="Polski").click()
    other.get_by_text(load_words("pl").text("login.ended")).wait_for()


def test_no_page_shows_a_manager_anybody_elses_customers(site: Site, window: Window, told: list[str]) -> None:
    names = foreign_names(site)
    assert len(names) > 20
    page = window(who=MANAGER)
    for name in ADDRESSES:
        visit(page, f"{site.url}/{name}?lang=en")
        shown = page.inner_text("body")
        assert not [foreign for foreign in names if foreign in shown], name
    assert told == []


def test_no_address_opens_anybody_elses_card(site: Site, window: Window) -> None:
    page = window(who=MANAGER)
    customer = rows(site, f"select customer_key from marts.dim_customers where manager_key <> '{MANAGER_KEY}' order by revenue_base desc")[
        0
    ]
    visit(page, f"{site.url}/customers?lang=en&customer={customer}")
    assert page.get_by_text(WORDS.text("page.no_customer")).is_visible()
    others = (
        "select d.deal_key from marts.fct_deals as d inner join marts.dim_customers as c on c.customer_key = d.customer_key"
        f" where c.manager_key <> '{MANAGER_KEY}' order by d.deal_key limit 1"
    )
    visit(page, f"{site.url}/funnel?lang=en&deal={rows(site, others)[0]}")
    assert page.get_by_text(WORDS.text("page.no_deal")).is_visible()


def test_no_search_finds_and_no_download_holds_anybody_elses_customers(site: Site, window: Window, tmp_path: Path) -> None:
    names = foreign_names(site)
    page = window(who=MANAGER)
    visit(page, f"{site.url}/customers?lang=en&q={sorted(names)[0]}")
    page.get_by_text(WORDS.text("empty.customers_found")).wait_for()
    visit(page, f"{site.url}/customers?lang=en&q=ооо&list=new")
    for button in (WORDS.text("page.download"), WORDS.text("table.csv")):
        download = downloaded(page, button)
        path = tmp_path / download.suggested_filename
        download.save_as(path)
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                held = "\n".join(book.read(name).decode(errors="replace") for name in book.namelist())
        else:
            held = path.read_text(encoding="utf-8-sig")
        assert len(held) > 200
        assert not [foreign for foreign in names if foreign in held], path.name


def test_a_marketer_sees_no_phone_and_finds_nobody_by_one(site: Site, window: Window) -> None:
    asked = "select customer_key from marts.dim_customers where phone is not null order by customer_key"
    customer = rows(site, asked)[0]
    phone = rows(site, f"select phone from marts.dim_customers where customer_key = '{customer}'")[0]
    for who, seen in ((DIRECTOR, True), (MARKETER, False)):
        page = window(who=who)
        visit(page, f"{site.url}/customers?lang=en&customer={customer}")
        page.locator("[data-figure=card_phone]").wait_for()
        assert (phone in page.inner_text("body")) == seen
        visit(page, f"{site.url}/customers?lang=en&q={phone[-10:]}")
        assert page.get_by_text(WORDS.text("empty.customers_found")).is_visible() != seen

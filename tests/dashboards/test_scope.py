"""Through every page's questions a manager sees own customers only: no name, no key, no colleague, by any filter or address."""

import importlib
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dashboards.app_pages import calls, customers, funnel, managers, marketing
from dashboards.navigation import ADDRESSES
from dashboards.screen import Screen
from reports.access import ALL, Scope, masked_text, row_filter, scope_of
from reports.blocks import Section, Table
from reports.compute import Block, compute
from reports.context import Context
from reports.figures.call_hours import Asked as CallsAsked
from reports.figures.call_hours import call_blocks
from reports.figures.cells_abc import Asked as CellsAsked
from reports.figures.cells_abc import cell_block, item_block
from reports.figures.class_moves import SINCE, moved_block, moves_block
from reports.figures.class_moves import Asked as MovesAsked
from reports.figures.customer_card import card_blocks
from reports.figures.customer_lists import search_block
from reports.figures.deal_card import deal_blocks
from reports.figures.debts_in_depth import Asked as DebtsAsked
from reports.figures.debts_in_depth import debt_blocks
from reports.figures.disagreements import Asked as IssuesAsked
from reports.figures.disagreements import disagreement_blocks
from reports.figures.people import Asked as PeopleAsked
from reports.figures.people import people_blocks
from reports.figures.pipeline import Asked as PipelineAsked
from reports.figures.pipeline import pipeline_blocks, stage_block
from reports.figures.rfm import members_block
from reports.figures.stretch_revenue import stretch_block
from reports.periods import Period
from reports.published import Published
from tests.dashboards.full_fixture import build_full
from tests.reports.published_fixture import MANAGERS

KEYS = tuple(manager[0] for manager in MANAGERS)
NAMES = {key: name for key, name, _ in MANAGERS}
MARCH = Period("month", date(2026, 3, 1))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    folder: Path = tmp_path_factory.mktemp("scope")
    with Published(build_full(folder)) as opened:
        yield opened


@pytest.fixture(scope="module")
def owners(published: Published) -> dict[str, dict[str, Any]]:
    """Customers by key."""
    return {row["customer_key"]: row for row in published.select("select * from marts.dim_customers")}


def asked_blocks(draw: random.Random, foreign: str) -> list[Block]:
    """Blocks of every page under filters drawn at random, foreign keys among them."""
    manager = draw.choice(("", "none", *KEYS))
    channel = draw.choice(("", "organic", "none"))
    stage = f"sales:1:{draw.randint(10, 15)}"
    pipeline = PipelineAsked("sales", "Продажи", draw.choice(("month", "months_12")), manager, channel, stage)
    cells = CellsAsked("customer", "revenue", draw.choice((None, (80, 95, 10, 25))), draw.choice("ABC") + draw.choice("XYZN"))
    return [
        *pipeline_blocks(pipeline),
        stage_block(pipeline),
        *people_blocks(PeopleAsked(manager)),
        *call_blocks(CallsAsked("months_12", manager, draw.choice(("", "year")))),
        *debt_blocks(DebtsAsked(manager, draw.choice(("", "90+", "not_due")))),
        cell_block(cells),
        item_block(cells),
        search_block(draw.choice(("ооо", "7700", "ромашка"))),
        *card_blocks(foreign),
        members_block(draw.choice(("champions", "promising"))),
        *deal_blocks(f"sales:{draw.randint(1, 400)}"),
        moves_block(MovesAsked(since=draw.choice(SINCE))),
        moved_block(MovesAsked(move=draw.choice("ABC0") + draw.choice("ABC0"))),
        stretch_block(draw.choice(("month", "last_week", "year"))),
        *disagreement_blocks(IssuesAsked(draw.choice(("", "amount_differs", "duplicate_customer")))),
    ]


def held(sections: list[Section]) -> Iterator[Any]:
    """Every value that a page would show or hand over as a file."""
    for section in sections:
        assert section.state != "failed", (section.name, section.reason)
        for content in section.contents:
            if isinstance(content, Table):
                for row in content.rows:
                    yield from row
            else:
                yield repr(content)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_no_filter_shows_a_manager_what_is_not_theirs(
    published: Published, owners: dict[str, dict[str, Any]], key: str, seed: int | None
) -> None:
    """Every block of every page as it opens (no seed), and the blocks that filters change under filters drawn at random."""
    foreign = {customer for customer, row in owners.items() if row["manager_key"] != key}
    names = {owners[customer]["customer_name"] for customer in foreign if owners[customer]["customer_name"]}
    names -= {row["customer_name"] for row in owners.values() if row["manager_key"] == key}
    colleagues = {name for other, name in NAMES.items() if other != key}
    context = Context.make(published, MARCH, "ru", Scope("manager", key))
    if seed is None:
        blocks = [block for name in ADDRESSES for block in importlib.import_module(f"dashboards.app_pages.{name}").BLOCKS]
    else:
        draw = random.Random(f"{key}{seed}")
        blocks = asked_blocks(draw, draw.choice(sorted(foreign)))
    found = [section for section in (compute(block, context) for block in blocks) if section is not None]
    values = [str(value) for value in held(found) if value is not None]
    assert not foreign & set(values)
    assert not names & set(values)
    told = "\n".join(values)
    assert not [name for name in colleagues if name in told]
    assert not [name for name in names if len(name) > 6 and name in told]


@pytest.mark.parametrize("key", KEYS)
def test_the_filters_offer_only_what_is_theirs(published: Published, key: str) -> None:
    context = Context.make(published, MARCH, "ru", Scope("manager", key))
    for page in (funnel, managers, calls):
        for question in page.LOOKUPS:
            rows = context.ask(question)
            assert {row["manager_key"] for row in rows if row.get("manager_key")} <= {key}, (page, question)


@pytest.mark.parametrize("key", KEYS)
def test_a_foreign_card_does_not_open_and_an_own_one_does(published: Published, owners: dict[str, dict[str, Any]], key: str) -> None:
    screen = Screen("customers", Context.make(published, MARCH, "ru", Scope("manager", key)))
    for customer, row in owners.items():
        assert (customers.present_key(screen, customer) is not None) == (row["manager_key"] == key), customer


def test_everybody_together_sees_what_the_company_sees(published: Published) -> None:
    """The scopes narrow, they do not lose: own debts of all managers and of customers without one are all debts."""

    def debt(scope: Scope, asked: DebtsAsked) -> float:
        context = Context.make(published, MARCH, "ru", scope)
        return float(sum(row["debt"] for row in context.ask("receivables/buckets", asked.values(context))))

    parts = sum(debt(Scope("manager", key), DebtsAsked()) for key in KEYS) + debt(ALL, replace(DebtsAsked(), manager="none"))
    assert parts == pytest.approx(debt(ALL, DebtsAsked()))


def test_the_companys_marketing_is_closed_to_a_manager(published: Published) -> None:
    context = Context.make(published, MARCH, "ru", Scope("manager", KEYS[0]))
    for block in marketing.BLOCKS:
        section = compute(block, context)
        assert section is None or section.state == "empty", block.name


@pytest.mark.parametrize("role", ["marketer", "analyst"])
def test_who_need_not_call_sees_no_number_and_no_address_on_any_page(published: Published, role: str) -> None:
    """Whatever is shown or handed over as a file, by every block of every page."""
    rows = published.select("select phone, email from marts.dim_customers union all select phone, null from marts.fct_calls")
    secret = {value for row in rows for value in row.values() if value}
    context = Context.make(published, MARCH, "ru", scope_of(role, ALL))
    blocks = [block for name in ADDRESSES for block in importlib.import_module(f"dashboards.app_pages.{name}").BLOCKS]
    customers_shown = [row["customer_key"] for row in published.select("select customer_key from marts.dim_customers limit 20")]
    blocks += [block for customer in customers_shown for block in card_blocks(customer)]
    blocks += [search_block(value) for value in ("+7495", "7495", "info@")]
    found = [section for section in (compute(block, context) for block in blocks) if section is not None]
    assert not secret & {str(value) for value in held(found) if value is not None}
    assert not context.ask("customers/search", {"first": "7495000", "second": "", "third": "", "limit": 10})
    assert Context.make(published, MARCH, "ru", ALL).ask("customers/search", {"first": "7495000", "second": "", "third": "", "limit": 10})


@pytest.mark.parametrize("role", ["director", "manager"])
def test_who_calls_sees_numbers(published: Published, role: str) -> None:
    context = Context.make(published, MARCH, "ru", scope_of(role, ALL))
    assert context.published.select("select phone from marts.dim_customers limit 1", {}, context.scope)[0]["phone"].startswith("+7")


def test_a_text_loses_numbers_and_addresses_and_keeps_days_and_money(published: Published) -> None:
    def masked(text: str) -> str:
        return str(published.select(f"select {masked_text('cast($text as varchar)')} as told", {"text": text})[0]["told"])

    assert masked("Звонок с +7 (973) 233-03-95") == "Звонок с •••"
    assert masked("Письмо anna@example.ru получено") == "Письмо •••@••• получено"
    assert masked("выиграна 2026-04-15 на 153369.00 RUB") == "выиграна 2026-04-15 на 153369.00 RUB"


def test_an_issue_about_two_customers_is_only_for_who_sees_both(published: Published) -> None:
    assert "duplicate_customer" in row_filter("reconciliation", ("customer_key", "manager_key"), Scope("manager", KEYS[0]), "p", "a")
    assert row_filter("reconciliation", ("customer_key", "manager_key"), ALL, "p", "a") == "true"

"""Accounts, what opened them, and debts to suppliers: the streams behind cash balances and payables."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import pytest

from ingestion.sandbox.company import Company
from ingestion.sandbox.onec_accounts import accounts, owed, positions
from ingestion.sandbox.onec_movements import debts
from ingestion.spec import Mode
from tests.ingestion.sources.onec_odata.conftest import Open


def figure(payload: dict[str, Any], *names: str) -> Decimal:
    """The first of the figures that is there and not nothing."""
    return next((Decimal(str(payload[name])) for name in names if payload.get(name)), Decimal(0))


@pytest.mark.parametrize("profile", ["ut", "unf", "bp"])
def test_opening_balances_are_of_the_midnight_that_opens_the_first_day(open_books: Open, company: Company, profile: str) -> None:
    books = open_books(profile)
    books.zone.since = since = company.started_on + timedelta(days=60)
    books.load("bank_opening_balance", "cash_opening_balance")
    records = [*books.zone.records("bank_opening_balance").values(), *books.zone.records("cash_opening_balance").values()]
    assert {payload["_balance_at"] for payload in records} == {f"{since}T00:00:00"}
    told = sorted(figure(payload, "ВалютнаяСуммаBalance", "СуммаВалBalance", "СуммаBalance") for payload in records)
    wanted = positions(company, since - timedelta(days=1))
    if profile != "unf":
        assert told == sorted(amount for amount in wanted.values() if amount)
    else:  # money carried between its places stays the company's
        assert sum(told) == sum(wanted.values())


def test_an_opening_balance_is_asked_for_once_and_again_at_every_sweep(open_books: Open, company: Company) -> None:
    books = open_books("ut")
    books.zone.since = company.started_on
    assert books.load("bank_opening_balance")["bank_opening_balance"].received > 0
    books.zone.now += timedelta(days=1)
    assert books.load("bank_opening_balance")["bank_opening_balance"].received == 0
    assert books.load("bank_opening_balance", mode="sweep")["bank_opening_balance"].received > 0
    assert any("Balance(Period=datetime'" in unquote(str(line)) for line in books.app.state.log)


def test_an_earlier_first_day_is_another_opening_and_a_later_one_is_not(open_books: Open, company: Company) -> None:
    """Documents of the days between stay where they are: an opening of the later day would count what they moved once more."""
    books = open_books("ut")
    openings = []
    for days in (60, 90, 0):
        books.zone.since = company.started_on + timedelta(days=days)
        books.load("cash_opening_balance")
        openings.append(books.zone.records("cash_opening_balance"))
    assert openings[0] == openings[1] != openings[2]
    assert openings[0].keys() == openings[2].keys()


@pytest.mark.parametrize("mode", ["refresh", "full"])
def test_an_opening_is_of_the_first_day_that_documents_are_kept_of(open_books: Open, company: Company, mode: Mode) -> None:
    """Also where it is read for the first time long after them, or everything is read again from a later day."""
    books = open_books("ut")
    books.zone.since = company.started_on + timedelta(days=30)
    books.load("bank_receipts", "shipments")
    books.zone.since = company.started_on + timedelta(days=120)
    books.load("bank_receipts", "shipments", "bank_opening_balance", mode=mode)
    opened = {payload["_balance_at"][:10] for payload in books.zone.records("bank_opening_balance").values()}
    dates = {payload["Date"][:10] for stream in ("bank_receipts", "shipments") for payload in books.zone.records(stream).values()}
    assert opened == {min(dates) if mode == "full" else (company.started_on + timedelta(days=30)).isoformat()}


@pytest.mark.parametrize("profile", ["ut", "unf", "bp"])
def test_debts_to_suppliers_come_document_by_document(open_books: Open, company: Company, profile: str) -> None:
    books = open_books(profile)
    books.load("payables_balance")
    records = books.zone.records("payables_balance").values()
    told = sorted(figure(payload, "ДолгРеглBalance", "СуммаBalanceCr", "СуммаBalance") for payload in records)
    assert told == sorted(round(left * one.rate, 2) for one, left in owed(company))
    accounts_told: set[str | None] = {"60.01", "60.21"} if profile == "bp" else {None}
    assert {payload.get("_account") for payload in records} <= accounts_told


def test_every_account_and_cash_desk_has_a_card(open_books: Open, company: Company) -> None:
    books = open_books("ut")
    books.load("bank_accounts", "cash_desks")
    cards = {**books.held("bank_accounts"), **books.held("cash_desks")}
    assert {key: card["Description"] for key, card in cards.items()} == {one.key: one.name for one in accounts(company)}


def test_a_balance_sees_no_movement_of_its_own_moment(open_books: Open, company: Company) -> None:
    """What 1C's guide says of Balance(Period=…): the movements of the moment itself are later."""
    books = open_books("ut")
    day = company.today - timedelta(days=30)
    at_midnight = books.base.balances("AccumulationRegister_ДенежныеСредстваБезналичные", day - timedelta(days=1))
    assert at_midnight is not None
    books.zone.since = date(day.year, day.month, day.day)
    books.load("bank_opening_balance")
    told = {row["БанковскийСчет_Key"]: row["СуммаBalance"] for row in books.zone.records("bank_opening_balance").values()}
    assert told == {row["БанковскийСчет_Key"]: row["СуммаBalance"] for row in at_midnight}


@pytest.mark.parametrize("profile", ["ut", "unf", "bp"])
def test_what_customers_owed_before_the_first_day(open_books: Open, company: Company, profile: str) -> None:
    books = open_books(profile)
    books.zone.since = since = company.started_on + timedelta(days=60)
    books.load("receivables_opening_balance")
    told = [figure(payload, "СуммаBalance") for payload in books.zone.records("receivables_opening_balance").values()]
    before = debts(company, since - timedelta(days=1))
    assert before
    assert sorted(told) == sorted(one.amount if profile == "ut" else one.base for one in before)


@pytest.mark.parametrize("profile", ["ut", "bp"])
def test_a_base_that_tells_todays_balance_for_every_day_opens_nothing(
    open_books: Open, company: Company, profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = open_books(profile)
    today = books.base.balances
    monkeypatch.setattr(books.base, "balances", lambda register, _upto: today(register, None))
    books.zone.since = company.started_on + timedelta(days=60)
    books.load("receivables_opening_balance", "bank_opening_balance")
    assert books.zone.records("receivables_opening_balance") == books.zone.records("bank_opening_balance") == {}
    assert sum("gives the same balance for every day" in note for note in books.zone.notes) == 2

"""Bases that cannot do what others can, and large ones that are asked less often."""

from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from ingestion.sandbox.company import Company
from ingestion.sources.onec_odata.streams import balances, catalogs
from tests.ingestion.sources.conftest import Serve
from tests.ingestion.sources.onec_odata.conftest import Open
from tests.ingestion.sources.onec_odata.edits import STREAMS, Alter, altered, fewer_lines, shipped, unposted


def answering(app: ASGIApp, marker: bytes, status: int, body: bytes, asked: list[str]) -> ASGIApp:
    """The same base, but every question with `marker` in it gets this answer."""

    async def odd(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and marker in scope["query_string"]:
            asked.append(scope["path"])
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": body})
            return
        await app(scope, receive, send)

    return odd


REFUSED = b'{"odata.error":{"code":"14","message":{"lang":"ru","value":"Recorder"}}}'

INCOMPARABLE = '{"odata.error":{"code":"-1","message":{"value":"Нельзя сравнивать поля неограниченной длины"}}}'.encode()


PAGE_OF_IIS = b"<!DOCTYPE html><html><title>500 - Internal server error.</title></html>"


@pytest.mark.parametrize(("status", "body"), [(400, REFUSED), (500, INCOMPARABLE), (500, PAGE_OF_IIS), (200, b'{"value":[]}')])
def test_a_base_that_cannot_find_rows_by_recorder_is_asked_by_day(
    open_books: Open, serve: Serve, company: Company, status: int, body: bytes
) -> None:
    """Refused, or, worse, answered with nothing: the rows of a posted document are not believed to be gone."""
    books = open_books("ut")
    asked: list[str] = []
    books.url = serve(answering(books.app, b"cast(", status, body, asked))
    books.load(*STREAMS)
    target = shipped(company, ago=(2, 55), lines=2)
    for alter in (fewer_lines, unposted):
        books.write(altered(company, target, alter))
        books.load(*STREAMS)
        assert books.differing(*STREAMS) == []
    assert asked


@pytest.mark.parametrize(("status", "body"), [(400, REFUSED), (500, INCOMPARABLE), (500, PAGE_OF_IIS)])
def test_a_base_that_cannot_order_by_recorder_is_read_all_the_same(
    open_books: Open, serve: Serve, company: Company, status: int, body: bytes
) -> None:
    books = open_books("ut")
    asked: list[str] = []
    books.url = serve(answering(books.app, b"Recorder,LineNumber", status, body, asked))
    books.load(*STREAMS)
    books.write(altered(company, shipped(company, ago=(2, 55), lines=2), fewer_lines))
    books.load(*STREAMS)
    assert books.differing(*STREAMS) == []
    assert asked


@pytest.mark.parametrize("alter", [fewer_lines, unposted])
def test_a_register_whose_documents_are_not_published_is_read_by_its_months(open_books: Open, company: Company, alter: Alter) -> None:
    """The rows name their recorder by a guid alone, so nothing can be cast to its type: months whose count differs are read again."""
    books = open_books("ut", unpublished=("Document_РеализацияТоваровУслуг", "Document_ВозвратТоваровОтКлиента"))
    books.load("sales_register")
    kinds = {payload["Recorder_Type"].partition(".")[0] for payload in books.zone.records("sales_register").values()}
    assert "UnavailableEntities" in kinds
    assert books.differing("sales_register") == []
    books.write(altered(company, shipped(company, ago=(2, 55), lines=2), alter))
    books.load("sales_register")
    assert books.differing("sales_register") == []


def test_a_large_catalog_is_counted_at_most_refreshes_and_listed_once_an_hour(
    open_books: Open, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogs, "_LARGE", 10)
    books = open_books("ut")
    books.load("products")
    renamed = tuple(replace(one, name=one.name.upper()) for one in company.products)
    books.write(replace(company, products=renamed))
    books.load("products")
    assert [request.path.rpartition("/")[2] for request in books.app.state.log] == ["$count"]
    books.zone.now += timedelta(hours=1)
    books.load("products")
    assert books.differing("products") == []


def test_a_large_catalog_that_grew_is_listed_at_once(open_books: Open, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogs, "_LARGE", 10)
    books = open_books("ut")
    books.write(replace(company, claims=company.claims[1:]))
    books.load("partners", "counterparties")
    card = next(one for one in company.cards if one.system == "onec" and one.kind == "partner")
    books.write(replace(company, cards=(*company.cards, replace(card, id=990_001))))
    books.load("partners")
    assert books.differing("partners") == []


def test_a_picture_of_balances_is_taken_when_documents_changed_and_hourly(open_books: Open, company: Company) -> None:
    streams = ("shipments", "receivables_balance")
    books = open_books("ut")
    books.load(*streams)
    assert books.load(*streams)["receivables_balance"].received == 0
    books.write(altered(company, shipped(company, ago=(2, 55), lines=2), fewer_lines))
    changed = books.load(*streams)["receivables_balance"]
    assert changed.received > 0
    books.zone.now += timedelta(hours=1)
    assert books.load(*streams)["receivables_balance"].received > 0


def test_a_picture_whose_first_answer_fails_is_asked_for_again(open_books: Open, serve: Serve) -> None:
    """A failed answer may have been too large; a virtual table that takes no pages is then asked for as a whole once more."""
    books, failing = open_books("unf"), [500, 400]

    async def odd(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith("/Balance()") and failing:
            await send({"type": "http.response.start", "status": failing.pop(0), "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await books.app(scope, receive, send)

    books.url = serve(odd)
    books.load("stock_balance")
    assert len(books.held("stock_balance")) > 20
    assert failing == []


def test_balances_that_are_settled_leave_the_picture(open_books: Open, company: Company) -> None:
    books = open_books("unf")
    books.load("stock_balance")
    before = books.held("stock_balance")
    books.write(replace(company, stock=company.stock[1:]))
    books.load("stock_balance", mode="sweep")
    assert len(books.held("stock_balance")) == len(before) - 1


def test_accounts_are_written_on_the_balances_of_the_accounting_register(open_books: Open) -> None:
    books = open_books("bp")
    books.load("receivables_balance", "stock_balance")
    assert {payload["_account"] for payload in books.zone.records("receivables_balance").values()} <= {"62.01", "62.02"}
    assert {payload["_account"] for payload in books.zone.records("stock_balance").values()} == {"41.01"}


@pytest.mark.parametrize("names_account", [True, False])
def test_balances_of_two_accounts_with_the_same_dimensions_are_two(
    open_books: Open, monkeypatch: pytest.MonkeyPatch, names_account: bool
) -> None:
    """A debt on 62.01 and an advance on 62.02 of one contract; a base may name the account in the row, and may not heed the condition."""
    books = open_books("bp")
    accounts = {"62.01": "a1", "62.02": "a2"}
    row = {"ExtDimension1": "buyer", "ExtDimension1_Type": "StandardODATA.Catalog_Контрагенты", "СуммаBalance": 1}
    rows = [row | {"Account_Key": ref} for ref in accounts.values()] if names_account else [row]
    monkeypatch.setattr(balances, "accounts", lambda _: {ref: code for code, ref in accounts.items()})
    monkeypatch.setattr(balances, "_table", lambda *_: rows)
    books.load("receivables_balance")
    assert sorted(payload["_account"] for payload in books.zone.records("receivables_balance").values()) == ["62.01", "62.02"]

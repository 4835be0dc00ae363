"""БП without a sales register: the entries of account 90 take its place, with cost and with each product's VAT."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from ingestion.sandbox.company import Company
from ingestion.sandbox.onec_movements import Movement, sale_movements
from ingestion.sandbox.onec_values import ref
from ingestion.sources.onec_odata.options import OneCOptions
from tests.ingestion.sources.conftest import Serve
from tests.ingestion.sources.onec_odata.conftest import Books, Open
from tests.ingestion.sources.onec_odata.edits import STREAMS, Alter, altered, erased, fewer_lines, shipped

SOLD: dict[str, Any] = {"sales_from": "accounts"}
Figures = dict[tuple[str, str], list[Decimal]]


def told(books: Books) -> Figures:
    """Quantity, revenue, VAT and cost by recorder and product, as staging will read them."""
    found: Figures = defaultdict(lambda: [Decimal(0)] * 4)
    for recorder, payload in books.zone.records("sales_register").items():
        for row in payload["RecordSet"]:
            names = ("Количество", "СуммаВыручки", "СуммаНДС", "Себестоимость")
            add(found[recorder, row["Номенклатура_Key"]], [row.get(name) for name in names])
    return kept(found)


def expected(books: Books) -> Figures:
    found: Figures = defaultdict(lambda: [Decimal(0)] * 4)
    for one in sale_movements(books.base.company):
        if one.is_active:
            add(found[ref(*one.recorder), ref("product", one.product)], figures(one))
    return kept(found)


def figures(one: Movement) -> list[Decimal]:
    return [one.quantity, one.revenue, one.vat, one.cost]


def add(sums: list[Decimal], values: list[Any]) -> None:
    sums[:] = [total + Decimal(str(value or 0)) for total, value in zip(sums, values, strict=True)]


def kept(found: Figures) -> Figures:
    return {name: sums for name, sums in found.items() if any(sums)}


def agree(books: Books) -> None:
    """Everything but VAT to the unit; VAT to the cent for each document, and within a few cents for each product of it."""
    ours, theirs = told(books), expected(books)
    assert {name: (q, r, c) for name, (q, r, _, c) in ours.items()} == {name: (q, r, c) for name, (q, r, _, c) in theirs.items()}
    vat: dict[str, Decimal] = defaultdict(Decimal)
    for name, sums in ours.items():
        assert abs(sums[2] - theirs[name][2]) <= Decimal("0.05"), name
        vat[name[0]] += sums[2] - theirs[name][2]
    assert not any(vat.values())


def test_entries_make_the_sales_that_documents_made(open_books: Open) -> None:
    books = open_books("bp")
    books.load(*STREAMS, **SOLD)
    agree(books)
    assert len(told(books)) > 50
    assert ref("year", 1) not in books.zone.records("sales_register")  # 90.01 against 90.09 is no sale


@pytest.mark.parametrize("ago", [(2, 20), (130, 190)])
@pytest.mark.parametrize("alter", [fewer_lines, erased])
def test_changed_entries_are_read_again(open_books: Open, company: Company, alter: Alter, ago: tuple[int, int]) -> None:
    books = open_books("bp")
    books.load(*STREAMS, **SOLD)
    books.write(altered(company, shipped(company, ago=ago, lines=2), alter))
    books.load(*STREAMS, **SOLD)
    if ago[1] > 60:
        books.load(*STREAMS, mode="sweep", **SOLD)
    agree(books)


def test_entries_are_not_asked_for_while_nothing_changes(open_books: Open) -> None:
    books = open_books("bp")
    books.load(*STREAMS, **SOLD)
    books.load(*STREAMS, **SOLD)
    assert not [one for one in books.app.state.log if "RecordsWithExtDimensions" in one.path]


def test_a_server_that_fails_at_a_month_is_asked_for_less(open_books: Open, company: Company) -> None:
    books = open_books("bp")
    books.load("shipments", **SOLD)
    books.app.state.options.device_limit = 60_000
    books.load("sales_register", **SOLD)
    asked = [one.query for one in books.app.state.log if "RecordsWithExtDimensions" in one.path]
    assert len(asked) > 10  # seven months, in pieces
    agree(books)


@pytest.mark.parametrize("answer", ["ignored", "refused"])
def test_a_base_that_does_not_filter_entries_gives_the_same_sales(open_books: Open, serve: Serve, answer: str) -> None:
    """Live bases ignore query options of the virtual table, or answer 400; inactive entries and other accounts come along."""
    books = open_books("bp")

    async def odd(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "RecordsWithExtDimensions" in scope["path"]:
            if answer == "refused" and b"$filter" in scope["query_string"]:
                await send({"type": "http.response.start", "status": 400, "headers": []})
                await send({"type": "http.response.body", "body": b'{"odata.error":{"code":"14","message":{"value":"$filter"}}}'})
                return
            scope = {**scope, "query_string": b"$format=json"}
        await books.app(scope, receive, send)

    books.url = serve(odd)
    books.load(*STREAMS, **SOLD)
    agree(books)
    assert len(told(books)) > 50


def test_only_accounting_has_accounts() -> None:
    with pytest.raises(ValueError, match="have a sales register"):
        OneCOptions(url="http://1c/odata", username="o", configuration="ut", sales_from="accounts")


def test_documents_are_the_default(open_books: Open) -> None:
    books = open_books("bp")
    books.load()
    assert "sales_register" not in books.names()

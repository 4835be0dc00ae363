"""Each kind of change that 1C does not announce, and by when it is found."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ingestion.sandbox.company import Company
from ingestion.sandbox.onec_base import EntitySet
from ingestion.sources.onec_odata.streams import documents, registers
from tests.ingestion.sources.onec_odata.conftest import Open
from tests.ingestion.sources.onec_odata.edits import STREAMS, Alter, altered, dated, erased, fewer_lines, marked, shipped, unposted


@pytest.mark.parametrize("alter", [fewer_lines, unposted, marked, erased])
@pytest.mark.parametrize("profile", ["unf", "ut"])
def test_a_refresh_finds_every_change_in_the_open_months(open_books: Open, company: Company, profile: str, alter: Alter) -> None:
    books = open_books(profile)
    books.load(*STREAMS)
    books.write(altered(company, shipped(company, ago=(2, 55), lines=2), alter))
    books.load(*STREAMS)
    assert books.differing(*STREAMS) == []


@pytest.mark.parametrize("alter", [fewer_lines, unposted, marked, erased])
def test_a_sweep_finds_what_is_older_and_a_refresh_does_not_ask(open_books: Open, company: Company, alter: Alter) -> None:
    books = open_books("ut")
    books.load(*STREAMS)
    books.write(altered(company, shipped(company, ago=(130, 190), lines=2), alter))
    books.load(*STREAMS)
    assert "shipments" in books.differing(*STREAMS)
    books.load(*STREAMS, mode="sweep")
    assert books.differing(*STREAMS) == []


@pytest.mark.parametrize("ago", [(2, 20), (130, 190)])
def test_a_document_moved_to_another_month_is_moved_with_its_rows(open_books: Open, company: Company, ago: tuple[int, int]) -> None:
    books = open_books("ut")
    books.load(*STREAMS)
    target = shipped(company, ago=ago)
    books.write(altered(company, target, dated(target.at - timedelta(days=45))))
    books.load(*STREAMS)
    books.load(*STREAMS, mode="sweep")
    assert books.differing(*STREAMS) == []


def test_a_change_seen_by_the_documents_alone_still_reaches_the_register(open_books: Open, company: Company) -> None:
    """A run that dies between the two streams must not leave the register behind."""
    books = open_books("ut")
    books.load(*STREAMS)
    books.write(altered(company, shipped(company, ago=(2, 55), lines=2), fewer_lines))
    books.load("shipments")
    books.load("sales_register")
    assert books.differing(*STREAMS) == []


def test_a_month_posted_again_is_read_in_windows(open_books: Open, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing a month writes every document of it; 20 keys a request would be hundreds of requests."""
    monkeypatch.setattr(documents, "_WHOLE_FROM", 3)
    monkeypatch.setattr(registers, "_WHOLE_FROM", 3)
    books = open_books("ut")
    books.load(*STREAMS)
    start = company.now.replace(month=2, day=1)
    again = tuple(replace(one, manager=one.manager % 2 + 1) if one.at >= start else one for one in company.shipments)
    books.write(replace(company, shipments=again))
    books.load(*STREAMS)
    assert not [request for request in books.app.state.log if "eq%20guid" in request.query or "cast(" in request.query]
    assert books.differing(*STREAMS) == []


def test_costs_written_by_the_closing_of_a_month_arrive(open_books: Open, company: Company) -> None:
    """They are rows of another recorder, whose documents are not read: found by counting."""
    books = open_books("ut")
    books.write(replace(company, corrections=company.corrections[:-2]))
    books.load(*STREAMS)
    books.write(company)
    books.load(*STREAMS)
    books.load(*STREAMS, mode="sweep")
    assert books.differing(*STREAMS) == []


def test_costs_written_anew_arrive_with_the_sweep(open_books: Open, company: Company) -> None:
    books = open_books("ut")
    books.load(*STREAMS)
    corrected = tuple(replace(one, cost=one.cost + 5) for one in company.corrections)
    books.write(replace(company, corrections=corrected))
    books.load(*STREAMS, mode="sweep", register_months=12)
    assert books.differing(*STREAMS) == []


def test_a_register_of_one_document_type_is_read_by_its_recorder_key(open_books: Open, company: Company) -> None:
    books = open_books("unf")
    kind = "StandardODATA.Document_РасходнаяНакладная"

    def single(state: Company) -> None:
        books.write(state)
        name = "AccumulationRegister_Продажи_RecordType"
        kept = [row for row in books.base.sets[name].rows if row["Recorder_Type"] == kind]
        for row in kept:
            row["Recorder_Key"] = row.pop("Recorder")
            del row["Recorder_Type"]
        books.base.sets[name] = EntitySet(name, lambda: kept)
        books.base.sets[name].key = ("Recorder_Key", "LineNumber")

    single(company)
    books.load(*STREAMS)
    single(altered(company, shipped(company, ago=(2, 55), lines=2), fewer_lines))
    books.load(*STREAMS)
    held = books.zone.records("sales_register")
    rows = books.base.sets["AccumulationRegister_Продажи_RecordType"].rows
    assert {row["Recorder_Key"] for row in rows if row["Active"]} == set(held)
    assert sum(len(payload["RecordSet"]) for payload in held.values()) == sum(row["Active"] for row in rows)
    assert {payload["Recorder_Type"] for payload in held.values()} == {kind}


def test_a_base_without_data_versions_is_read_again_where_it_may_have_changed(open_books: Open, company: Company) -> None:
    books = open_books("ut")

    def plain(state: Company) -> None:
        books.write(state)
        for found in books.base.sets.values():
            found.types.pop("DataVersion", None)
            for row in found.rows:
                row.pop("DataVersion", None)

    plain(company)
    books.load(*STREAMS, "products")
    plain(altered(company, shipped(company, ago=(2, 55), lines=2), fewer_lines))
    books.load(*STREAMS, "products")
    assert books.differing(*STREAMS, "products") == []


def test_a_first_load_that_reaches_further_back_adds_the_older_months(open_books: Open, company: Company) -> None:
    books = open_books("ut")
    books.zone.since = company.started_on + timedelta(days=90)
    books.load(*STREAMS)
    assert len(books.held("orders")) < len(company.orders)
    books.zone.since = company.started_on - timedelta(days=30)
    books.load(*STREAMS)
    assert books.differing(*STREAMS) == []


def test_a_later_start_does_not_bury_what_was_loaded_before(open_books: Open, company: Company) -> None:
    """The default start moves with the calendar."""
    books = open_books("ut")
    books.load(*STREAMS)
    books.zone.since = company.started_on + timedelta(days=90)
    books.load(*STREAMS, mode="sweep")
    books.load(*STREAMS, mode="full")
    assert books.differing(*STREAMS) == []


def test_catalog_items_edited_and_erased_are_seen_by_a_refresh(open_books: Open, company: Company) -> None:
    books = open_books("ut")
    books.load("products", "claims")
    products = tuple(replace(one, name=f"{one.name} новый") if one.number == 3 else one for one in company.products)
    books.write(replace(company, products=products, claims=company.claims[1:]))
    result = books.load("products", "claims")
    assert books.differing("products", "claims") == []
    assert result["products"].written == 1
    assert result["claims"].deleted == 1


def test_rates_corrected_within_days_arrive_and_older_ones_with_the_sweep(open_books: Open, company: Company) -> None:
    books = open_books("ut")
    books.load("currency_rates")
    rates = tuple(replace(one, rate=one.rate + 1) for one in company.rates)
    books.write(replace(company, rates=rates))
    result = books.load("currency_rates")
    assert 0 < result["currency_rates"].written < len(rates)
    books.load("currency_rates", mode="sweep")
    assert books.differing("currency_rates") == []

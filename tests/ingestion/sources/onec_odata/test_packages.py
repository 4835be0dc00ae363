"""Change packages of an exchange plan: what they save, what they find, and when 1C may forget them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from ingestion.errors import PermanentError
from ingestion.sandbox.company import Company
from ingestion.sandbox.onec_exchange import NODE_CODE, PLAN, ExchangePlan
from ingestion.sandbox.trade import Shipment
from ingestion.sources.onec_odata.declarations import BALANCES
from ingestion.sources.onec_odata.feed import Written, parse_package
from ingestion.sources.onec_odata.metadata import MetadataError
from ingestion.sources.onec_odata.options import OneCOptions
from ingestion.sources.onec_odata.profiles.catalog import PROFILES
from ingestion.sources.onec_odata.source import active_streams
from tests.ingestion.sources.onec_odata.conftest import Books, Open
from tests.ingestion.sources.onec_odata.edits import STREAMS, Alter, altered, erased, fewer_lines, marked, shipped, unposted

NAMES = (*STREAMS, "stock_balance")
TOLD: dict[str, Any] = {"change_plan": PLAN, "change_node": NODE_CODE}


def a_day_earlier(one: Shipment) -> Shipment:
    return replace(one, at=one.at - timedelta(days=1))


def told_books(open_books: Open, company: Company) -> tuple[Books, ExchangePlan]:
    """A base that was loaded, and has sent one package since, after which its shipments and sales are known to be in the plan."""
    books = open_books("ut")
    plan = ExchangePlan()
    books.base.register_changes(plan)
    books.load(*NAMES, **TOLD)
    books.write(altered(company, shipped(company, ago=(2, 55), lines=2), lambda one: replace(one, manager=one.manager % 2 + 1)))
    books.load(*NAMES, **TOLD)
    assert plan.confirms == [1]
    return books, plan


def asked(books: Books) -> list[str]:
    """Entity sets that were listed, which is what packages save."""
    return [request.path for request in books.app.state.log if "$select" in request.query]


@pytest.mark.parametrize("ago", [(2, 55), (130, 190)])
@pytest.mark.parametrize("alter", [fewer_lines, unposted, marked, erased, a_day_earlier])
def test_a_refresh_finds_changes_of_any_age_without_a_list(open_books: Open, company: Company, alter: Alter, ago: tuple[int, int]) -> None:
    books, plan = told_books(open_books, company)
    books.write(altered(company, shipped(company, ago=ago, lines=2), alter))
    books.load(*NAMES, **TOLD)
    assert books.differing("shipments", "sales_register") == []
    assert not [path for path in asked(books) if "Реализация" in path or "Выручка" in path]
    assert plan.confirms == [1, 2]
    assert not plan.registered


def test_a_quiet_base_is_asked_for_nothing_but_its_packages(open_books: Open, company: Company) -> None:
    books, plan = told_books(open_books, company)
    books.load(*NAMES, **TOLD)  # the first picture that packages stand for
    books.load(*NAMES, **TOLD)
    assert plan.confirms == [1]  # an empty package is not confirmed
    paths = {request.path.rpartition("/")[2].partition("(")[0] for request in books.app.state.log}
    assert {"SelectChanges", PLAN} <= paths
    assert not {path for path in paths if "Реализация" in path or "Выручка" in path or path == "Balance"}


def test_a_package_is_confirmed_only_when_everything_it_names_is_durable(open_books: Open, company: Company) -> None:
    books, plan = told_books(open_books, company)
    books.write(altered(company, shipped(company, ago=(2, 55), lines=2), fewer_lines))
    books.load("orders", "shipments", **TOLD)  # the run dies before the register
    assert plan.confirms == [1]
    books.load("sales_register", "stock_balance", **TOLD)  # another connector, which has not read the shipments itself
    assert plan.confirms == [1]
    books.load(*NAMES, **TOLD)
    assert plan.confirms == [1, 2]
    assert books.differing(*STREAMS) == []


def test_what_is_written_while_a_package_is_read_comes_with_the_next(open_books: Open, company: Company) -> None:
    books, plan = told_books(open_books, company)
    target = shipped(company, ago=(2, 55), lines=2)
    books.write(altered(company, target, fewer_lines))
    connector = books.connect(**TOLD)
    books.zone.extract(connector, "orders", "shipments")
    books.write(altered(company, target, unposted))
    books.zone.extract(connector, "sales_register", "stock_balance")
    assert plan.registered
    books.load(*NAMES, **TOLD)
    assert books.differing(*STREAMS) == []


def test_what_the_plan_leaves_out_is_found_by_comparing(open_books: Open, company: Company) -> None:
    books = open_books("ut")
    plan = ExchangePlan(contents={"AccumulationRegister_ВыручкаИСебестоимостьПродаж"})
    books.base.register_changes(plan)
    books.load(*NAMES, **TOLD)
    for alter in (fewer_lines, unposted, erased):
        books.write(altered(company, shipped(company, ago=(2, 55), lines=2), alter))
        books.load(*NAMES, **TOLD)
        assert books.differing(*STREAMS) == []


def test_a_base_without_packages_is_compared_and_says_so(open_books: Open, company: Company) -> None:
    books = open_books("ut")
    books.load(*STREAMS, **TOLD)
    books.write(altered(company, shipped(company, ago=(2, 55), lines=2), fewer_lines))
    books.load(*STREAMS, **TOLD)
    assert books.differing(*STREAMS) == []
    assert any("by comparing" in note for note in books.zone.notes)


def test_check_names_the_nodes_there_are(open_books: Open) -> None:
    books = open_books("ut")
    books.base.register_changes(ExchangePlan())
    assert "node SK" in books.connect(**TOLD).check()
    with pytest.raises(PermanentError, match="there are: SK"):
        books.connect(change_plan="Витрина", change_node="BI").check()


def test_a_plan_needs_a_node() -> None:
    with pytest.raises(ValueError, match="belong together"):
        OneCOptions(url="http://1c/odata", username="o", configuration="ut", change_plan=PLAN)


@pytest.mark.parametrize("configuration", sorted(PROFILES))
def test_every_configuration_ends_with_a_picture_so_that_a_package_can_be_confirmed(configuration: str) -> None:
    last = active_streams(OneCOptions.model_validate({"url": "http://1c/odata", "username": "o", "configuration": configuration}))[-1]
    assert last.name in BALANCES


def test_a_recorded_form_of_the_feed_is_read() -> None:
    root = "http://1c/base/odata/standard.odata"
    ref, gone = "8d1d7287-6240-11f1-9296-08002761f3c5", "0e617604-55bd-11d9-848a-00112f43529a"
    register = f"AccumulationRegister_ЗаказыКлиентов(Recorder='{ref}', Recorder_Type='StandardODATA.Document_ЗаказКлиента')"
    rates = f"InformationRegister_КурсыВалют(Period=datetime'2026-01-01T00:00:00', Валюта_Key=guid'{gone}')"
    rows = "<RecordSet><element><Period>2026-06-07T10:00:00</Period></element></RecordSet>"
    feed = (
        f"\ufeff<feed xmlns='http://www.w3.org/2005/Atom' xmlns:at='at'><entry><id>{root}/Document_ЗаказКлиента(guid'{ref}')</id></entry>"
        f"<entry><id>{root}/{register}</id><content>{rows}</content></entry><entry><id>{root}/{rates}</id></entry>"
        f"<at:deleted-entry ref=\"{root}/Catalog_{quote('Склады')}(guid'{gone}')\"/><entry><id>what?</id></entry></feed>"
    )
    package = parse_package(feed.encode())
    assert package.written == {
        "Document_ЗаказКлиента": {ref: Written()},
        "AccumulationRegister_ЗаказыКлиентов": {ref: Written("Document_ЗаказКлиента", "2026-06-07T10:00:00")},
        "Catalog_Склады": {gone: Written()},
    }
    assert (package.others, package.unknown) == ({"InformationRegister_КурсыВалют"}, ["what?"])


@pytest.mark.parametrize("content", [b"<feed><entry>", b"<html/>", b'<!DOCTYPE feed [<!ENTITY a "b">]><feed>&a;</feed>'])
def test_a_broken_feed_is_no_package(content: bytes) -> None:
    with pytest.raises(MetadataError):
        parse_package(content)

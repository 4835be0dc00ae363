"""A 7.7 base under the names of its dictionary, tables of 8 in either encoding, and tables that break off."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import PermanentError
from ingestion.formats.damage import DamagedFileError
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.exchange_dbf import DbfField, write_base, write_dbf
from ingestion.sources.onec_dbf.base import moment
from ingestion.sources.onec_dbf.source import SOURCE
from ingestion.sources.onec_dbf.tables import table_rows
from ingestion.spec import Source
from tests.ingestion.fuzzing import fuzzed

Zones = Callable[[Source], Any]
TRADE = {
    "customers": {
        "table": "Справочник.Контрагенты",
        "columns": {"id": "Ид", "name": "Наименование", "tax_id": "ИНН"},
        "deleted": "ПометкаУдаления",
    },
    "products": {"table": "Справочник.Номенклатура", "columns": {"id": "Ид", "name": "Наименование", "sku": "Артикул"}},
    "sales": {
        "table": "Документ.Реализация.Строки",
        "columns": {
            "document_id": "ИдДокумента", "line_number": "НомерСтроки", "document_number": "Номер", "sale_date": "Дата",
            "customer_id": "Документ.Контрагент", "product_id": "Товар", "quantity": "Количество", "revenue": "Сумма",
        },
    },
    "payments": {
        "table": "Документ.ПоступлениеДенег",
        "columns": {"id": "ИдДокумента", "paid_at": "Дата", "amount": "Сумма", "customer_id": "Плательщик"},
        "defaults": {"direction": "in"},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def company() -> Company:
    return build_company(scale=0.05)


def test_a_base_of_7_7_is_read_under_the_names_of_its_dictionary(zone_of: Zones, company: Company) -> None:
    zone = zone_of(SOURCE)
    write_base(company, zone.root / "base")
    zone.extract(zone.connect(path="base", streams=TRADE), "customers", "products", "sales", "payments")
    cards = [card for card in company.cards_of("onec") if card.kind == "counterparty" and not card.is_deleted]
    buyers = zone.records("customers")
    assert sorted(one["name"] for one in buyers.values()) == sorted(card.name.strip() for card in cards)
    assert len(zone.records("products")) == len(company.products)
    sales = zone.records("sales").values()
    assert len(sales) == sum(len(one.lines) for one in company.shipments)
    total = sum(Decimal(f"{line.amount * one.rate:.2f}") for one in company.shipments for line in one.lines)
    assert sum(Decimal(one["revenue"]) for one in sales) == total
    assert sum(Decimal(one["quantity"]) for one in sales) == sum(line.quantity for one in company.shipments for line in one.lines)
    assert {one["customer_id"] for one in sales} <= {one["id"] for one in buyers.values()} | {one["customer_id"] for one in sales}
    assert {one["sale_date"] for one in sales} == {one.at.date().isoformat() for one in company.shipments}


def test_groups_and_what_is_not_posted_are_left_out_by_the_marks_of_the_tables(zone_of: Zones) -> None:
    """The dictionary names the attributes alone here; what every table of 7.7 has is known without it."""
    zone = zone_of(SOURCE)
    zone.root.mkdir()
    tables = "T=SC12 |Справочник Контрагенты|\nT=DH27 |Документ Счет|\nF=SP1 |(P)Сумма|N |12 |3\n"
    (zone.root / "1Cv7.DD").write_bytes(tables.encode("cp1251"))
    item = [DbfField("ID", "C", 9), DbfField("DESCR", "C", 20), DbfField("ISFOLDER", "C", 1), DbfField("ISMARK", "C", 1)]
    cards = [("     1", "Покупатели", "1", ""), ("     2", "Берёзка", "2", ""), ("     3", "Ёлка", "2", "*")]
    write_dbf(zone.root / "SC12.DBF", item, cards, "cp1251")
    journal = [DbfField("IDDOC", "C", 9), DbfField("DATE", "D", 8), DbfField("CLOSED", "N", 1), DbfField("ISMARK", "C", 1)]
    entries = [("     1", "20260301", "1", ""), ("     2", "20260301", "0", ""), ("     3", "20260301", "0", "*")]
    write_dbf(zone.root / "1SJOURN.DBF", journal, entries)
    bills = [("     1", "10.000"), ("     2", "1.500"), ("     3", "7.000")]
    write_dbf(zone.root / "DH27.DBF", [DbfField("IDDOC", "C", 9), DbfField("SP1", "N", 12, 3)], bills)
    streams: dict[str, dict[str, Any]] = {
        "customers": {"table": "Справочник.Контрагенты", "columns": {"id": "Ид", "name": "Наименование"}, "deleted": "ПометкаУдаления"},
        "orders": {"table": "Документ.Счет", "columns": {"id": "ИдДокумента", "order_date": "Дата", "amount": "Сумма"}},
    }
    zone.extract(zone.connect(path=".", streams=streams), "customers", "orders")
    assert [one["name"] for one in zone.records("customers").values()] == ["Берёзка"]
    assert [one["amount"] for one in zone.records("orders").values()] == ["10.000"]
    streams["orders"]["unposted"] = True
    zone.extract(zone.connect(path=".", streams=streams), "orders")
    assert [one["amount"] for one in zone.records("orders").values()] == ["10.000", "1.500"]


def test_a_base_that_did_not_change_asks_nothing_and_what_is_gone_is_deleted(zone_of: Zones, company: Company) -> None:
    zone = zone_of(SOURCE)
    folder = write_base(company, zone.root / "base")
    connector = zone.connect(path="base", streams={"products": TRADE["products"]})
    assert zone.extract(connector, "products")["products"].written == len(company.products)
    assert zone.extract(connector, "products")["products"].received == 0
    (folder / "SC13.DBF").unlink()
    with pytest.raises(PermanentError, match=r"the table SC13\.DBF is not beside the dictionary"):
        zone.extract(connector, "products")
    assert len(zone.records("products")) == len(company.products)


def test_what_a_base_does_not_have_is_said_with_what_it_has(zone_of: Zones, company: Company) -> None:
    zone = zone_of(SOURCE)
    write_base(company, zone.root / "base")
    streams = {"orders": {"table": "Документ.Заявка", "columns": {}}}
    with pytest.raises(PermanentError, match=r"the base has no Документ\.Заявка; it has Справочник\.Контрагенты"):
        zone.extract(zone.connect(path="base", streams=streams), "orders")


@pytest.mark.parametrize(("encoding", "language"), [("cp866", 0), ("cp1251", 0), ("cp866", 0x65), ("cp1251", 0xC9)])
def test_a_table_of_8_is_read_in_the_encoding_it_is_in(zone_of: Zones, encoding: str, language: int) -> None:
    zone = zone_of(SOURCE)
    fields = [DbfField("KOD", "C", 10), DbfField("NAIMENOVAN", "C", 60), DbfField("OTGRUZHEN", "D", 8)]
    rows = [
        (f"{number}", "Общество с ограниченной ответственностью «Берёзка»".replace("«", '"').replace("»", '"'), "20260301")
        for number in range(40)
    ]
    write_dbf(zone.root / "klients.dbf", fields, rows, encoding, language)
    streams = {"customers": {"table": "KLIENTS", "columns": {"id": "KOD", "name": "NAIMENOVAN"}}}
    zone.extract(zone.connect(path="klients.dbf", streams=streams), "customers")
    assert {one["name"] for one in zone.records("customers").values()} == {'Общество с ограниченной ответственностью "Берёзка"'}
    assert len(zone.records("customers")) == 40


def test_a_table_that_breaks_off_is_one_error_and_nothing_is_lost(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    fields = [DbfField("KOD", "C", 10)]
    path = write_dbf(zone.root / "a.dbf", fields, [(str(number),) for number in range(50)])
    connector = zone.connect(path="a.dbf", streams={"customers": {"table": "a.dbf", "columns": {"id": "KOD", "name": "KOD"}}})
    zone.extract(connector, "customers")
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(PermanentError, match=r"crm: a\.dbf: the table breaks off: it has 300 bytes and its header promises"):
        zone.extract(connector, "customers")
    assert len(zone.records("customers")) == 50


def test_the_time_of_a_document_is_base_36_of_parts_of_a_second() -> None:
    assert [moment("2004-05-05", time) for time in ("1Z40HS", "     0", "", "??", "ZZZZZZ")] == [
        "2004-05-05T03:19:04", "2004-05-05T00:00:00", "2004-05-05", "2004-05-05", "2004-05-05",
    ]  # fmt: skip


@fuzzed(100)
@given(st.binary(max_size=80), st.integers(0, 200), st.integers(0, 40))
def test_any_damage_is_rows_or_one_error(tmp_path: Path, noise: bytes, place: int, cut: int) -> None:
    path = write_dbf(
        tmp_path / "a.dbf", [DbfField("KOD", "C", 10), DbfField("SUM", "N", 12, 2), DbfField("DAY", "D", 8)], [("1", "2", "20260101")] * 3
    )
    good = path.read_bytes()
    path.write_bytes(good[:place] + noise + good[place + cut :])
    try:
        for number, _ in enumerate(table_rows(path, "a.dbf", None)):
            assert number < 10_000
    except DamagedFileError as error:
        where = error.where
        assert where == "a.dbf"

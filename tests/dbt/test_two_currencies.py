"""Two 1C bases that keep accounts in different currencies, from raw records to the marts, against figures reckoned on paper.

Moscow keeps roubles, the company's currency; Chișinău keeps lei (accounting_currency) and knows the rouble at 0.2, later 0.25 lei.
"""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import duckdb
import pytest

from ingestion import load
from ingestion.discovery import all_sources
from ingestion.sync import calendar_source
from tests.dbt.kept_dbt import Dbt
from tests.dbt.workbench import systems_of
from tests.marts.built_in_memory import compile_models
from tests.marts.sandbox_warehouse import PublishedSandbox
from tests.properties.compiled import memory

MARTS = ("fct_sales", "fct_orders", "fct_payments", "receivables", "customer_advances", "cash_balances", "payables")
MOSCOW, CHISINAU, TILL = "moscow", "chisinau", "till"
EMPTY = "00000000-0000-0000-0000-000000000000"


def guid(name: str) -> str:
    """The same guid for the same name."""
    return str(uuid5(NAMESPACE_OID, name))


class Books:
    """Raw records of one base, as УНФ sends them."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.records: list[tuple[str, str, dict[str, Any]]] = []

    def add(self, stream: str, entity: str, name: str, **fields: Any) -> None:
        payload = {"Ref_Key": guid(name), "DeletionMark": False, "Posted": True, **fields, "_entity": entity, "_configuration": "unf"}
        self.records.append((stream, guid(name), payload))

    def currency(self, letters: str, code: str) -> None:
        self.add("currencies", "Catalog_Валюты", letters, Description=letters, Code=code)

    def rate(self, currency: str, day: str, rate: float, units: int = 1, **more: Any) -> None:
        row = {"Period": f"{day}T00:00:00", "Валюта_Key": guid(currency), "Курс": rate, "Кратность": str(units), **more}
        self.add("currency_rates", "InformationRegister_КурсыВалют", f"{currency} {day}{more or ''}", **row)

    def document(self, stream: str, entity: str, name: str, day: str, **fields: Any) -> None:
        parties = {"Организация_Key": guid(self.source), "Контрагент_Key": guid(f"buyer of {self.source}")}
        self.add(stream, entity, name, Number=name, Date=f"{day}T12:00:00", СуммаВключаетНДС=True, **(parties | fields))

    def sold(self, name: str, day: str, currency: str, rate: float, amount: float, shipped: str) -> None:
        """An order and its shipment, one line of VAT included."""
        line = {"Номенклатура_Key": guid("bolt"), "Количество": 1, "Цена": amount, "Сумма": amount, "СуммаНДС": 0, "Всего": amount}
        header = {"ВалютаДокумента_Key": guid(currency), "Курс": rate, "Кратность": "1", "СуммаДокумента": amount, "Запасы": [line]}
        self.document("orders", "Document_ЗаказПокупателя", name, day, **header, ВидОперации="ЗаказНаПродажу")
        order = {"Заказ": guid(name), "Заказ_Type": "StandardODATA.Document_ЗаказПокупателя", "ВидОперации": "ПродажаПокупателю"}
        self.document("shipments", "Document_РасходнаяНакладная", f"{name}/1", shipped, **header, **order)

    def paid(self, name: str, day: str, currency: str, rate: float, amount: float, order: str) -> None:
        split = {"Заказ": guid(order), "Заказ_Type": "StandardODATA.Document_ЗаказПокупателя", "СуммаПлатежа": amount, "Курс": rate}
        self.document(
            "bank_receipts", "Document_ПоступлениеНаСчет", name, day, ВидОперации="ОтПокупателя", ВалютаДенежныхСредств_Key=guid(currency),
            СуммаДокумента=amount, РасшифровкаПлатежа=[split], БанковскийСчет_Key=guid(f"{currency} account of {self.source}"),
        )  # fmt: skip

    def write(self, connection: duckdb.DuckDBPyConnection) -> None:
        for stream, key, payload in self.records:
            connection.execute(
                f"insert into raw.onec__{stream} values (?, ?, null, '2026-04-01 03:00+00', 1, 'f', false, ?)",
                [self.source, key, json.dumps(payload, ensure_ascii=False)],
            )


def in_roubles() -> Books:
    books = Books(MOSCOW)
    books.currency("RUB", "643")
    books.currency("EUR", "978")
    books.rate("EUR", "2026-03-01", 100)
    books.rate("EUR", "2026-03-20", 110)
    # ОтносительныеКурсыВалют holds the same euro in other currencies too
    for other, code in {"BYN": "933", "AMD": "051"}.items():
        books.currency(other, code)
        books.rate("EUR", "2026-03-20", 3.4, БазоваяВалюта_Key=guid(other))
    # 400 of 1000 euro are paid when the euro is dearer; another order is paid 200 euro too much
    books.sold("M1", "2026-03-02", "EUR", 100, 1000, shipped="2026-03-05")
    books.paid("PM1", "2026-03-21", "EUR", 110, 400, "M1")
    books.sold("M2", "2026-03-03", "EUR", 100, 500, shipped="2026-03-06")
    books.paid("PM2", "2026-03-21", "EUR", 110, 700, "M2")
    books.add(
        "bank_accounts", "Catalog_БанковскиеСчета", "EUR account of moscow", Description="Евро", Owner=guid(MOSCOW),
        Owner_Type="StandardODATA.Catalog_Организации", ВалютаДенежныхСредств_Key=guid("EUR"),
    )  # fmt: skip
    books.add(
        "cash_opening_balance", "AccumulationRegister_ДенежныеСредства", "opening", Организация_Key=guid(MOSCOW),
        БанковскийСчетКасса=guid("EUR account of moscow"), БанковскийСчетКасса_Type="StandardODATA.Catalog_БанковскиеСчета",
        Валюта_Key=guid("EUR"), СуммаBalance=95000, СуммаВалBalance=1000, _balance_at="2026-03-01T00:00:00",
    )  # fmt: skip
    return books


def in_lei() -> Books:
    books = Books(CHISINAU)
    books.currency("MDL", "498")
    books.currency("RUB", "643")
    books.currency("EUR", "978")
    # a rouble is 0.2 lei from the 1st and 0.25 from the 15th: a leu is 5, then 4 roubles
    books.rate("RUB", "2026-03-01", 2, units=10)
    books.rate("RUB", "2026-03-15", 2.5, units=10)
    books.sold("C1", "2026-03-10", "MDL", 1, 1200, shipped="2026-03-16")
    books.paid("PC1", "2026-03-20", "MDL", 1, 200, "C1")
    # the document's own rate leads into lei: 19.5 lei for a euro on a day when a leu is 4 roubles
    books.sold("C2", "2026-03-17", "EUR", 19.5, 100, shipped="2026-03-18")
    row = {
        "Period": "2026-03-16T12:00:00", "LineNumber": "1", "Active": True, "Номенклатура_Key": guid("bolt"),
        "Контрагент_Key": guid("buyer of chisinau"), "Количество": 1, "Сумма": 1200, "СуммаНДС": 200, "Себестоимость": 600,
    }  # fmt: skip
    books.add(
        "sales_register", "AccumulationRegister_Продажи", "C1/1 sold", Recorder=guid("C1/1"),
        Recorder_Type="StandardODATA.Document_РасходнаяНакладная", RecordSet=[row],
    )  # fmt: skip
    books.add(
        "payables_balance", "AccumulationRegister_РасчетыСПоставщиками", "owed", ТипРасчетов="Долг", СуммаBalance=300, СуммаВалBalance=300,
        Контрагент_Key=guid("supplier"), Документ=guid("supply"), Документ_Type="StandardODATA.Document_ПриходнаяНакладная",
    )  # fmt: skip
    books.add("counterparties", "Catalog_Контрагенты", "supplier", Description="Furnizor SRL", ИНН="1003600000017")
    return books


@pytest.fixture(scope="module")
def built(dbt: Dbt, published_sandbox: PublishedSandbox, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """The marts of both bases in one company; the seeds are the published sandbox's."""
    sources = [
        {"name": MOSCOW, "system": "onec", "type": "1c_odata", "position": 1, "timezone": "Europe/Moscow"},
        {
            "name": CHISINAU,
            "system": "onec",
            "type": "1c_odata",
            "position": 2,
            "timezone": "Europe/Chisinau",
            "accounting_currency": "MDL",
        },
        # a till east of the company's zone, whose export says days alone
        {"name": TILL, "system": "feed", "type": "files", "position": 3, "timezone": "Asia/Yekaterinburg"},
    ]
    # 1C alone where it has the entity: what is not read need not be built
    systems = {entity: ["onec"] if "onec" in names else names[:1] for entity, names in systems_of().items()} | {
        "int_payment_records": ["feed"]
    }
    given = {
        "as_of_date": "2026-03-31",
        "base_currency": "RUB",
        "company_timezone": "Europe/Moscow",
        "sources": sources,
        "systems_of": systems,
    }
    connection = memory(published_sandbox.settings.warehouse_file, ("seeds",))
    load.prepare(connection, [*all_sources().values(), calendar_source().source])
    for books in (in_roubles(), in_lei()):
        books.add("organisations", "Catalog_Организации", books.source, Description=books.source)
        books.add("counterparties", "Catalog_Контрагенты", f"buyer of {books.source}", Description=f"Buyer of {books.source}")
        books.add("products", "Catalog_Номенклатура", "bolt", Description="Болт", IsFolder=False)
        books.write(connection)
    paid = {"id": "7", "paid_at": "2026-03-31T00:00:00+05:00", "amount": "50", "direction": "in"}
    row = [TILL, "7", json.dumps(paid)]
    connection.execute("insert into raw.feed__payments values (?, ?, null, '2026-04-01 03:00+00', 1, 'f', false, ?)", row)
    connection.execute("insert into meta.cursors values ('chisinau', 'payables_balance', 'onec', '{}', 0, now())")
    compile_models(dbt, tmp_path_factory.mktemp("currencies"), given, MARTS).run(connection)
    return connection


def money(marts: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    rows = marts.execute(query).fetchall()
    return [tuple(float(value) if isinstance(value, Decimal) else value for value in row) for row in rows]


def test_a_sale_in_lei_is_worth_the_rate_of_its_day(built: duckdb.DuckDBPyConnection) -> None:
    found = money(built, f"select revenue_base, vat_base, cost_base, gross_profit_base from marts.fct_sales where source = '{CHISINAU}'")
    assert found == [(4800.0, 800.0, 2400.0, 1600.0)]


def test_an_order_keeps_the_rate_of_its_document(built: duckdb.DuckDBPyConnection) -> None:
    found = money(
        built,
        "select order_number, currency_code, amount, amount_base, shipped_base, paid_base, debt_base from marts.fct_orders order by 1",
    )
    assert found == [
        ("C1", "MDL", 1200.0, 6000.0, 6000.0, 1000.0, 5000.0),
        ("C2", "EUR", 100.0, 7800.0, 7800.0, 0.0, 7800.0),
        ("M1", "EUR", 1000.0, 100000.0, 100000.0, 40000.0, 60000.0),
        ("M2", "EUR", 500.0, 50000.0, 50000.0, 70000.0, 0.0),
    ]


def test_a_payment_is_worth_its_own_day(built: duckdb.DuckDBPyConnection) -> None:
    found = money(built, f"select amount, currency_code, amount_base from marts.fct_payments where source <> '{TILL}'")
    assert sorted(found) == [(200.0, "MDL", 800.0), (400.0, "EUR", 44000.0), (700.0, "EUR", 77000.0)]


def test_a_day_that_was_written_is_never_shifted(built: duckdb.DuckDBPyConnection) -> None:
    """Midnight at the till is the evening before in Moscow."""
    found = built.execute(f"select payment_date, paid_at from marts.fct_payments where source = '{TILL}'").fetchall()
    assert found == [(date(2026, 3, 31), datetime(2026, 3, 30, 19, tzinfo=UTC))]


def test_debts_and_advances_stay_at_the_rate_of_the_order(built: duckdb.DuckDBPyConnection) -> None:
    debts = money(built, "select debt from marts.receivables order by debt")
    assert debts == [(5000.0,), (7800.0,), (60000.0,)]
    # 200 euro beyond the debt of M2, at the order's 100 roubles: the debts less the advance are the customer's balance
    assert money(built, "select advance from marts.customer_advances") == [(20000.0,)]


def test_money_on_an_account_is_worth_the_rate_of_as_of(built: duckdb.DuckDBPyConnection) -> None:
    found = money(
        built,
        "select account_name, currency_code, balance, balance_base, opening_balance, opening_date from marts.cash_balances order by 3",
    )
    assert found == [
        ("chisinau · MDL", "MDL", 200.0, 800.0, None, None),
        ("Евро", "EUR", 2100.0, 231000.0, 1000.0, date(2026, 3, 1)),
    ]


def test_a_debt_that_1c_tells_in_its_accounting_currency(built: duckdb.DuckDBPyConnection) -> None:
    found = money(built, "select supplier_name, debt, due_date, bucket from marts.payables")
    assert found == [("Furnizor SRL", 1200.0, None, "not_due")]

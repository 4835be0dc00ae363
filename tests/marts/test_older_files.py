"""From the older doors of 1C and an exchange's database to marts, in one company: КД 2, DBF of 7.7 and of 8, Excel, cdr, СофтФон."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import orjson
import polars as pl
import pytest
import xlsxwriter

from ingestion.sandbox import truth
from ingestion.sandbox.clock import wall
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.exchange_dbf import DbfField, write_base, write_dbf
from ingestion.sandbox.exchange_objects import DUMP_HEAD, write_exchange
from ingestion.sandbox.feeds.call_files import master_csv
from ingestion.sandbox.feeds.exchange import ExchangeCall, exchange_calls
from ingestion.sandbox.onec_values import ref
from ingestion.settings import load_settings
from ingestion.sync import SyncOptions, sync
from tests.dbt.kept_dbt import Dbt
from tests.marts.built_in_memory import BuiltSandbox, built, compile_for
from tests.marts.sandbox_warehouse import PublishedSandbox

AS_OF = date(2026, 3, 31)
MARTS = ("fct_orders", "fct_sales", "fct_payments", "fct_calls", "fct_claims", "cash_balances")
TOML = """[company]
name = "Сандал"
currency = "RUB"
timezone = "Europe/Moscow"
[warehouse]
path = "data"

[sources.books]
type = "1c_kd2"
path = "kd2/*.xml"
configuration = "ut"

[sources.complaints]
type = "1c_v8exch"
path = "claims.xml"
configuration = "ut"

[sources.old]
type = "1c_dbf"
path = "base77"
[sources.old.streams.customers]
table = "Справочник.Контрагенты"
columns = { id = "Ид", name = "Наименование", tax_id = "ИНН" }
deleted = "ПометкаУдаления"
[sources.old.streams.products]
table = "Справочник.Номенклатура"
columns = { id = "Ид", name = "Наименование", sku = "Артикул" }
[sources.old.streams.sales]
table = "Документ.Реализация.Строки"
[sources.old.streams.sales.columns]
document_id = "ИдДокумента"
line_number = "НомерСтроки"
document_number = "Номер"
sale_date = "Дата"
customer_id = "Документ.Контрагент"
product_id = "Товар"
quantity = "Количество"
revenue = "Сумма"
[sources.old.streams.payments]
table = "Документ.ПоступлениеДенег"
columns = { id = "ИдДокумента", paid_at = "Дата", amount = "Сумма", customer_id = "Плательщик" }
defaults = { direction = "in" }

[sources.saved]
type = "1c_dbf"
path = "saved.dbf"
[sources.saved.streams.payments]
table = "SAVED"
columns = { id = "NOMER", paid_at = "DATA", amount = "SUMMA" }
defaults = { direction = "in" }

[sources.reports]
type = "1c_excel"
path = "reports"
[sources.reports.streams.sales]
key = ["Регистратор", "Код"]
groups = ["Контрагент"]
[sources.reports.streams.sales.columns]
document_id = "Регистратор"
sale_date = "Дата"
customer_id = "Контрагент"
product_id = "Код"
quantity = "Количество"
revenue = "Выручка"

[sources.pbx]
type = "asterisk"
dsn = "sqlite:///cdr.sqlite"

[sources.softfon]
type = "1c_v8exch"
path = "softfon.xml"
configuration = "ut"
"""


@pytest.fixture(scope="module")
def company() -> Company:
    return build_company(scale=0.03)


@pytest.fixture(scope="module")
def calls(company: Company) -> list[ExchangeCall]:
    return exchange_calls(company)


@pytest.fixture(scope="module")
def made(
    dbt: Dbt, company: Company, calls: list[ExchangeCall], published_sandbox: PublishedSandbox, tmp_path_factory: pytest.TempPathFactory
) -> BuiltSandbox:
    """One company that has kept its books in all of them."""
    folder = tmp_path_factory.mktemp("older")
    write_exchange(company, "ut", folder / "kd2" / "base.xml")
    (folder / "claims.xml").write_text(claims(company), encoding="utf-8-sig")
    write_base(company, folder / "base77")
    fields = [DbfField("NOMER", "C", 9), DbfField("DATA", "D", 8), DbfField("SUMMA", "N", 15, 2)]
    write_dbf(folder / "saved.dbf", fields, [(f"{n}", "20260301", f"{n}.50") for n in range(1, 11)], "cp866")
    write_report(folder / "reports" / "march.xlsx", company)
    write_cdr(folder / "cdr.sqlite", calls)
    (folder / "softfon.xml").write_text(softfon(calls), encoding="utf-8-sig")
    (folder / "skvoz.toml").write_text(TOML, encoding="utf-8")
    settings = load_settings(folder / "skvoz.toml", today=AS_OF)
    assert [str(one.error) for one in sync(settings, SyncOptions()) if one.error] == []
    put_tills(settings.warehouse_file)
    compiled = compile_for(dbt, settings, AS_OF, folder / "dbt", MARTS)
    return built(published_sandbox, compiled, company, AS_OF, raw=settings.warehouse_file, marts=MARTS)


def write_report(path: Path, company: Company) -> None:
    """Sales of March by buyers as 1C saves a report: title, parameters, groups, a total; numbers as text."""
    path.parent.mkdir()
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("TDSheet")
    page.write_row(0, 0, ["Продажи по контрагентам"])
    page.write_row(2, 0, ["Параметры:", "Период: март"])
    page.write_row(4, 0, ["Регистратор", "Дата", "Код", "Количество", "Выручка"])
    place = 5
    for shipment in march(company):
        page.write_row(place, 0, [company.customer[shipment.customer].name, "", "", "", ""])
        for line in shipment.lines:
            place += 1
            page.set_row(place, None, None, {"level": 1})
            revenue = f"{line.amount:,.2f}".replace(",", "\u00a0").replace(".", ",")
            code = company.product[line.product].code
            page.write_row(place, 0, [shipment.code, f"{shipment.at:%d.%m.%Y}", code, str(line.quantity).replace(".", ","), revenue])
        place += 1
    page.write_row(place, 0, ["Итого"])
    book.close()


def march(company: Company) -> list[Any]:
    return [one for one in company.shipments if (one.at.year, one.at.month) == (2026, 3) and one.is_posted]


def write_cdr(path: Path, calls: list[ExchangeCall]) -> None:
    """FreePBX's table: the columns of Master.csv under their names, the beginning as calldate."""
    names = (
        "accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "calldate", "answer", "end",
        "duration", "billsec", "disposition", "amaflags", "uniqueid", "userfield", "peeraccount", "linkedid", "sequence",
    )  # fmt: skip
    rows = list(csv.reader(io.StringIO(master_csv(calls))))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table cdr ({})".format(", ".join(f'"{name}"' for name in names)))
        connection.executemany(f"insert into cdr values ({', '.join('?' * len(names))})", [row + [""] * (21 - len(row)) for row in rows])


def softfon(calls: list[ExchangeCall]) -> str:
    """«ТелефонныйЗвонок» of the last answered call of the exchange, ten seconds off, and of one that the exchange does not know."""
    known = answered(calls)
    return (
        DUMP_HEAD
        + "".join(
            f"<v8:DocumentObject.ТелефонныйЗвонок><v8:Ref>{ref('softfon', number)}</v8:Ref><v8:DeletionMark>false</v8:DeletionMark>"
            f"<v8:Date>{moment:%Y-%m-%dT%H:%M:%S}</v8:Date><v8:Number>{number}</v8:Number><v8:Posted>true</v8:Posted>"
            f"<v8:Входящий>true</v8:Входящий><v8:АбонентКакСвязаться>{phone}</v8:АбонентКакСвязаться>"
            "</v8:DocumentObject.ТелефонныйЗвонок>\n"
            for number, moment, phone in (
                (1, wall(known.at) + timedelta(seconds=10), known.client),
                (2, wall(known.at) - timedelta(hours=5), "79990001122"),
            )
        )
        + "</V8Exch:Data>\n<PredefinedData/>\n</V8Exch:_1CV8DtUD>\n"
    )


def claims(company: Company) -> str:
    """An act about a shipment that was 150 short, and a buyer's request to take goods back."""
    shipment = next(one for one in company.shipments if one.is_posted)
    line = (
        f"<v8:Товары><v8:Реализация>{ref('shipment', shipment.number)}</v8:Реализация><v8:СуммаСНДС>850</v8:СуммаСНДС>"
        "<v8:СуммаСНДСПоДокументу>1000</v8:СуммаСНДСПоДокументу></v8:Товары>"
    )
    sum_of_request = "<v8:СуммаДокумента>300.50</v8:СуммаДокумента>"
    return (
        DUMP_HEAD
        + "".join(
            f"<v8:DocumentObject.{kind}><v8:Ref>{ref('claim', kind)}</v8:Ref><v8:DeletionMark>false</v8:DeletionMark>"
            f"<v8:Date>2026-03-10T12:00:00</v8:Date><v8:Number>1</v8:Number><v8:Posted>true</v8:Posted>{inside}</v8:DocumentObject.{kind}>\n"
            for kind, inside in (
                ("АктОРасхожденияхПослеОтгрузки", f"<v8:Статус>Отработано</v8:Статус>{line}"),
                ("ЗаявкаНаВозвратТоваровОтКлиента", f"<v8:Статус>КВыполнению</v8:Статус>{sum_of_request}"),
            )
        )
        + "</V8Exch:Data>\n<PredefinedData/>\n</V8Exch:_1CV8DtUD>\n"
    )


def put_tills(warehouse: Path) -> None:
    """A till and what is in it, as OData gives them: no file holds balances."""
    till = {"_entity": "Catalog_КассыККМ", "_configuration": "ut", "Description": "Касса магазина"}
    held = {
        "_entity": "AccumulationRegister_ДенежныеСредстваВКассахККМ",
        "_configuration": "ut",
        "КассаККМ_Key": "till",
        "СуммаBalance": 77.5,
    }
    with duckdb.connect(str(warehouse)) as connection:
        for table, key, payload in (("tills", "till", till), ("till_balance", "org|till", held)):
            connection.execute(
                f"insert into raw.onec__{table} (_source, _key, _loaded_at, _load_id, _file, _deleted, payload)"
                " values ('books', ?, '2026-03-31', 1, '', false, ?)",
                [key, orjson.dumps(payload).decode()],
            )


def answered(calls: list[ExchangeCall]) -> ExchangeCall:
    return next(one for one in reversed(calls) if one.result == "answered" and one.direction == "in")


def test_an_exchange_file_of_kd2_makes_the_companys_orders_sales_and_payments(company: Company, made: BuiltSandbox) -> None:
    # a shipment without an order is an order of its own there
    known = [f"books:{ref('order', one.number)}" for one in company.orders]
    orders = made.mart("fct_orders").filter(pl.col("order_key").is_in(known) & ~pl.col("is_cancelled"))
    expected = truth.orders(company).filter(~pl.col("is_cancelled"))
    assert (orders.height, orders["amount_base"].sum()) == (expected.height, expected["amount_base"].sum())
    sales = made.mart("fct_sales").filter(pl.col("source") == "books")
    assert sales["revenue_base"].sum() == truth.sales(company)["revenue_base"].sum()
    paid = made.mart("fct_payments").filter((pl.col("source") == "books") & (pl.col("direction") == "in"))
    assert paid["amount"].sum() == truth.payments(company).filter(pl.col("direction") == "in")["amount"].sum()


def test_a_base_of_7_7_makes_sales_and_payments_of_known_buyers_and_goods(company: Company, made: BuiltSandbox) -> None:
    sales = made.mart("fct_sales").filter(pl.col("source") == "old")
    lines = [(line, one.rate) for one in company.shipments for line in one.lines]
    assert sales["revenue_base"].sum() == sum((Decimal(f"{line.amount * rate:.2f}") for line, rate in lines), Decimal(0))
    assert sales.height == len(lines)
    assert sales["product_key"].null_count() == 0
    paid = [one for one in company.payments if one.kind == "bank_in" and one.operation == "customer_payment" and one.is_conducted]
    payments = made.mart("fct_payments").filter(pl.col("source") == "old")
    assert payments["amount"].sum() == sum((Decimal(f"{one.amount * one.rate:.2f}") for one in paid), Decimal(0))


def test_a_table_of_8_makes_payments(made: BuiltSandbox) -> None:
    payments = made.mart("fct_payments").filter(pl.col("source") == "saved")
    assert sorted(payments["amount"]) == [Decimal(f"{n}.50") for n in range(1, 11)]


def test_a_report_saved_to_excel_makes_its_sales_without_its_sums(company: Company, made: BuiltSandbox) -> None:
    sales = made.mart("fct_sales").filter(pl.col("source") == "reports")
    assert sales["revenue_base"].sum() == sum((line.amount for one in march(company) for line in one.lines), Decimal(0))
    assert set(sales["sale_date"]) == {one.at.date() for one in march(company)}


def test_a_call_that_softfon_wrote_into_1c_is_the_exchanges_and_another_is_its_own(calls: list[ExchangeCall], made: BuiltSandbox) -> None:
    found = made.mart("fct_calls")
    assert found.height == len(calls) + 1
    merged = found.filter(pl.col("call_key") == f"softfon:call:{ref('softfon', 1)}")
    assert merged["talk_seconds"].to_list() == [answered(calls).talked]
    alone = found.filter(pl.col("call_key") == f"softfon:call:{ref('softfon', 2)}")
    assert (alone["is_answered"].to_list(), alone["talk_seconds"].to_list()) == ([True], [0])


def test_acts_of_discrepancy_and_return_requests_are_claims(made: BuiltSandbox) -> None:
    found = made.mart("fct_claims").filter(pl.col("source") == "complaints").sort("claim_type")
    columns = found.select("claim_type", "registered_date", "amount_base", "claim_status")
    assert columns.rows() == [
        ("discrepancy", date(2026, 3, 10), Decimal("150.00"), "closed"),
        ("return", date(2026, 3, 10), Decimal("300.50"), "in_work"),
    ]


def test_the_money_in_a_till_is_an_account_of_its_own(made: BuiltSandbox) -> None:
    found = made.mart("cash_balances").filter(pl.col("account_key") == "books:till")
    assert found.select("account_name", "currency_code", "balance", "balance_base").rows() == [
        ("Касса магазина", "RUB", Decimal("77.50"), Decimal("77.50"))
    ]

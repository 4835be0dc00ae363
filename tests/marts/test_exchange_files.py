"""From exchange files to marts: a company that sends files only, and one whose dump of 1C meets the bank's statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from ingestion.sandbox import truth
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.exchange_commerceml import write_catalog, write_orders
from ingestion.sandbox.exchange_messages import first_message, message_file
from ingestion.sandbox.exchange_objects import write_dump
from ingestion.sandbox.exchange_statements import executed, write_statements
from ingestion.sandbox.onec_values import ref
from ingestion.settings import load_settings
from ingestion.sync import SyncOptions, sync
from tests.dbt.kept_dbt import Dbt
from tests.marts.built_in_memory import BuiltSandbox, built, compile_for
from tests.marts.sandbox_warehouse import PublishedSandbox
from tests.properties.compiled import CompiledProject

AS_OF = date(2026, 3, 31)
HEAD = '[company]\nname = "Сандал"\ncurrency = "RUB"\ntimezone = "Europe/Moscow"\n[warehouse]\npath = "data"\n'
MARTS = ("fct_orders", "fct_order_lines", "fct_sales", "fct_payments", "fct_stock")


@pytest.fixture(scope="module")
def company() -> Company:
    return build_company(scale=0.05)


Make = Callable[[Path, str], BuiltSandbox]


@pytest.fixture(scope="module")
def make(dbt: Dbt, company: Company, published_sandbox: PublishedSandbox) -> Make:
    """Reads what the configuration names into a warehouse in the folder and gives the marts of it; seeds are those of the sandbox."""

    def made(folder: Path, toml: str) -> BuiltSandbox:
        (folder / "skvoz.toml").write_text(HEAD + toml, encoding="utf-8")
        settings = load_settings(folder / "skvoz.toml", today=AS_OF)
        outcomes = sync(settings, SyncOptions())
        assert [one.error for one in outcomes if one.error] == []
        compiled = compile_for(dbt, settings, AS_OF, folder / "dbt", MARTS)
        return built(published_sandbox, compiled, company, AS_OF, raw=settings.warehouse_file, marts=MARTS)

    return made


def mart(exchanged: BuiltSandbox, sql: str) -> pl.DataFrame:
    return exchanged.connection.sql(sql).pl()


@pytest.fixture(scope="module")
def exchanged(make: Make, company: Company, tmp_path_factory: pytest.TempPathFactory) -> BuiltSandbox:
    """A company without a readable base: its catalogue and documents come by CommerceML."""
    folder = tmp_path_factory.mktemp("exchanged")
    write_catalog(company, folder / "exchange")
    write_orders(company, folder / "exchange")
    return make(folder, '[sources.site]\ntype = "1c_commerceml"\npath = "exchange"\n')


def test_orders_of_commerceml_are_the_companys_orders(company: Company, exchanged: BuiltSandbox) -> None:
    expected = truth.orders(company).filter(~pl.col("is_cancelled"))
    found = mart(exchanged, "select count(*) as n, sum(amount_base) as amount from marts.fct_orders where not is_cancelled")
    assert found.row(0) == (expected.height, expected["amount_base"].sum())


def test_sales_of_commerceml_are_what_was_shipped_less_what_came_back(company: Company, exchanged: BuiltSandbox) -> None:
    lines = [(one, 1) for one in company.shipments if one.is_posted] + [(one, -1) for one in company.returns if one.is_posted]
    expected = sum((sign * (line.amount * one.rate).quantize(Decimal("0.01")) for one, sign in lines for line in one.lines), Decimal(0))
    found = mart(exchanged, "select sum(revenue_base) as revenue, count(distinct product_key) as goods from marts.fct_sales")
    assert found["revenue"][0] == expected
    assert found["goods"][0] == len({line.product for one, _ in lines for line in one.lines})


def test_orders_of_commerceml_are_shipped_paid_and_owed_for(exchanged: BuiltSandbox) -> None:
    """Shipped net of returns, of the sales that name the order; the customer's money beside it leaves no more owed than that."""
    sold = mart(
        exchanged, "select order_key, sum(revenue_base) as sold from marts.fct_sales where order_key is not null group by order_key"
    )
    orders = mart(exchanged, "select order_key, shipped_base, paid_base, debt_base from marts.fct_orders where currency_code = 'RUB'")
    both = orders.join(sold, on="order_key", how="left").with_columns(pl.col("sold").fill_null(0))
    assert both.filter(pl.col("shipped_base") != pl.col("sold")).is_empty()
    assert both["shipped_base"].sum() > 0
    owed = pl.max_horizontal(pl.col("shipped_base") - pl.col("paid_base"), pl.lit(Decimal(0)))
    assert both.filter(pl.col("debt_base") != owed).is_empty()
    assert both["debt_base"].sum() > 0


def test_orders_of_commerceml_stop_no_publication(exchanged: BuiltSandbox, compiled: CompiledProject) -> None:
    made = {name for (name,) in exchanged.connection.execute("select table_name from information_schema.tables").fetchall()}
    checked = {check.name for check in compiled.checks if check.is_blocking and check.parents <= made}
    assert "assert_every_sale_is_of_a_document_that_counts" in checked
    assert compiled.broken(exchanged.connection, made) == {}


def test_payments_of_commerceml_meet_their_orders(company: Company, exchanged: BuiltSandbox) -> None:
    expected = truth.payments(company).filter(pl.col("order").is_not_null() & (pl.col("direction") == "in"))
    found = mart(
        exchanged, "select sum(amount) as amount, count(*) as n, count(order_key) as linked from marts.fct_payments where direction = 'in'"
    )
    assert (found["amount"][0], found["n"][0]) == (expected["amount"].sum(), expected.height)
    assert found["linked"][0] >= found["n"][0] * 0.9  # orders that do not count any more keep their money


def test_stock_of_commerceml_lies_in_its_warehouses(company: Company, exchanged: BuiltSandbox) -> None:
    found = mart(exchanged, "select sum(quantity) as quantity, count(distinct warehouse_key) as places from marts.fct_stock")
    assert found.row(0) == (sum(row.quantity for row in company.stock), len({row.warehouse for row in company.stock}))


def test_a_statement_beside_the_base_counts_no_payment_twice_and_brings_what_the_base_lacks(
    make: Make, company: Company, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("banked")
    known = truth.payments(company)
    lost = {
        one.number for one in executed(company) if one.kind == "bank_in" and one.operation == "customer_payment" and one.number % 3 == 0
    }
    base = replace(company, payments=tuple(one for one in company.payments if one.number not in lost))
    write_dump(base, "ut", folder / "dump" / "base.xml")
    write_statements(company, folder / "bank")
    marts = make(
        folder,
        '[sources.books]\ntype = "1c_v8exch"\npath = "dump"\nconfiguration = "ut"\n'
        '[sources.bank]\ntype = "1c_client_bank"\npath = "bank"\n',
    )
    found = mart(marts, "select source, direction, sum(amount) as amount, count(*) as n from marts.fct_payments group by all")
    of_base = known.filter(~pl.col("payment").is_in(list(lost)))
    for direction in ("in", "out"):
        books = found.filter((pl.col("source") == "books") & (pl.col("direction") == direction))
        assert books["amount"].sum() == of_base.filter(pl.col("direction") == direction)["amount"].sum()
    named = {one.number for one in company.customers if one.tax_id and not one.is_technical and one.organisation is None}
    missing = known.filter(pl.col("payment").is_in(list(lost)) & pl.col("customer").is_in(list(named)))
    bank = found.filter(pl.col("source") == "bank")
    assert (bank["direction"].to_list(), bank["amount"].sum()) == (["in"], missing["amount"].sum())
    assert missing.height > 5
    sales = mart(marts, "select sum(revenue_base) as revenue from marts.fct_sales")
    assert sales["revenue"][0] == truth.sales(company)["revenue_base"].sum()


def test_messages_of_enterprise_data_become_orders_sales_and_payments_beside_a_dump_of_the_shops(
    make: Make, company: Company, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("messages")
    first_message(company, message_file(folder / "exchange"))
    write_dump(company, "retail", folder / "shops.xml")
    marts = make(
        folder,
        '[sources.books]\ntype = "1c_enterprise_data"\npath = "exchange"\n'
        '[sources.shops]\ntype = "1c_v8exch"\npath = "shops.xml"\nconfiguration = "retail"\n',
    )
    orders = truth.orders(company)
    keys = [f"books:{ref('order', number)}" for number in orders["order"]]  # shipments that name no order are orders of their own there
    found = mart(marts, "select order_key, amount_base from marts.fct_orders").filter(pl.col("order_key").is_in(keys))
    assert (found.height, found["amount_base"].sum()) == (orders.height, orders["amount_base"].sum())
    revenue = dict(mart(marts, "select source, sum(revenue_base) from marts.fct_sales group by source").iter_rows())
    for source, documents in (("books", "^(shipment|return):"), ("shops", "^receipt:")):
        expected = truth.sales(company).filter(pl.col("document").str.contains(documents))
        assert revenue[source] == expected["revenue_base"].sum()
    payments = truth.payments(company).filter(pl.col("method") == "bank")
    paid = mart(marts, "select sum(amount_base) as amount, count(*) as n from marts.fct_payments where source = 'books'")
    assert paid.row(0) == (payments["amount_base"].sum(), payments.height)

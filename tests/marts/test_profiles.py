"""The same company in УНФ and in БП: what was sold, ordered, paid and is owed does not depend on the 1C configuration."""

from collections import defaultdict
from decimal import Decimal

import duckdb
import polars as pl
import pytest

from ingestion.sandbox import truth
from ingestion.sandbox.company import Company
from ingestion.sandbox.company_systems import SOURCE_NAMES, running_systems
from ingestion.sandbox.onec_values import ref
from ingestion.sandbox.trade import Return, Shipment
from ingestion.settings import load_settings
from ingestion.sync import SyncOptions, sync
from tests.marts.built_in_memory import built
from tests.marts.expected import MONEY, ZERO, cents
from tests.marts.keys import BOOKS, key
from tests.marts.own_money import owed_to_suppliers, own_money
from tests.marts.sandbox_warehouse import AS_OF, PublishedSandbox
from tests.properties.compiled import CompiledProject

MODELS = ("fct_sales", "fct_orders", "fct_payments", "receivables", "customer_advances", "customer_links", "cash_balances", "payables")
SOURCES = ("books", "sales", "portal", "rates", "matches")


@pytest.fixture(scope="module", params=["unf", "bp"])
def books(
    request: pytest.FixtureRequest,
    published_sandbox: PublishedSandbox,
    compiled: CompiledProject,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[str, duckdb.DuckDBPyConnection]:
    """(profile, database) of the company with its books in another configuration; the SQL of the project is the same for all of them."""
    profile: str = request.param
    company, folder = published_sandbox.company, tmp_path_factory.mktemp(profile)
    with running_systems(company, folder, configuration=profile) as systems:
        (folder / "skvoz.toml").write_text(systems.toml, encoding="utf-8")
        settings = load_settings(folder / "skvoz.toml")
        outcomes = sync(settings, SyncOptions(only=SOURCES))
    assert [str(outcome.error) for outcome in outcomes if outcome.error] == []
    return profile, built(published_sandbox, compiled, company, AS_OF, raw=settings.warehouse_file, marts=MODELS).connection


Books = tuple[str, duckdb.DuckDBPyConnection]


def by_month(company: Company) -> dict[tuple[object, ...], tuple[Decimal, Decimal, Decimal]]:
    sales = truth.sales(company).filter(~pl.col("document").str.starts_with("closing:"))
    found = sales.group_by(pl.col("sale_date").dt.month_start(), "product", "is_return").agg(
        pl.col("quantity", "revenue_base", "vat_base").sum()
    )
    return {(when, key("product", product), back): (q, r, v) for when, product, back, q, r, v in found.iter_rows()}


def test_sold_by_month_product_and_direction(books: Books, published_sandbox: PublishedSandbox) -> None:
    _, connection = books
    rows = connection.execute(
        """
        select date_trunc('month', sale_date)::date, product_key, is_return, sum(quantity), sum(revenue_base), sum(vat_base)
        from marts.fct_sales where is_sale or is_return group by all
        """
    ).fetchall()
    assert {(when, product, back): (q, r, v) for when, product, back, q, r, v in rows} == by_month(published_sandbox.company)


def test_cost_is_told_where_the_configuration_has_it(books: Books, published_sandbox: PublishedSandbox) -> None:
    profile, connection = books
    told = connection.execute("select sum(cost_base), count(*) filter (cost_base is null) from marts.fct_sales").fetchone()
    assert told is not None
    if profile == "unf":
        assert told == (truth.sales(published_sandbox.company)["cost_base"].sum(), 0)
    else:
        # БП keeps the cost of goods in postings that are not published: unknown, never 0
        goods = connection.execute("select count(*) from marts.fct_sales where cost_base is not null and cost_base <> 0").fetchone()
        assert goods == (0,)
        assert told[1] > 0


def test_ordered_by_month(books: Books, published_sandbox: PublishedSandbox) -> None:
    _, connection = books
    orders = truth.orders(published_sandbox.company)
    wanted = orders.group_by(pl.col("order_date").dt.month_start()).agg(pl.len(), pl.col("amount_base").sum())
    rows = connection.execute(
        "select date_trunc('month', order_date)::date, count(*), sum(amount_base) from marts.fct_orders where is_order group by all"
    ).fetchall()
    assert {when: (count, amount) for when, count, amount in rows} == {when: (count, amount) for when, count, amount in wanted.iter_rows()}


def test_paid_by_customers(books: Books, published_sandbox: PublishedSandbox) -> None:
    _, connection = books
    wanted = truth.payments(published_sandbox.company).select(
        pl.col("payment_date"), "direction", pl.col("amount").cast(MONEY), "currency", "amount_base", "method"
    )
    rows = connection.execute(
        """
        select payment_date, direction, amount, currency_code, amount_base, payment_method from marts.fct_payments
        where customer_key is not null
        """
    ).fetchall()
    assert sorted(rows) == sorted(wanted.iter_rows())


def test_owed_by_customers_whose_books_are_in_roubles(books: Books, published_sandbox: PublishedSandbox) -> None:
    _, connection = books
    company = published_sandbox.company
    links = dict(
        connection.execute(f"select source_customer_id, customer_key from marts.customer_links where source = '{BOOKS}'").fetchall()
    )
    own = {one.number for one in company.customers if one.organisation is not None}
    balance: dict[str, Decimal] = defaultdict(lambda: ZERO)
    foreign = set()
    goods: tuple[Shipment | Return, ...] = (*company.shipments, *company.returns)
    for one in goods:
        customer = links.get(ref("counterparty", one.counterparty))
        if one.is_posted and one.customer not in own and customer is not None:
            sign = 1 if isinstance(one, Shipment) else -1
            balance[customer] += sign * cents(sum((line.amount for line in one.lines), ZERO))
            foreign |= {customer} if one.currency != "RUB" else set()
    for payment in company.payments:
        counted = payment.is_posted and payment.is_conducted and payment.operation in ("customer_payment", "customer_refund")
        customer = links.get(ref("counterparty", payment.counterparty)) if payment.counterparty is not None else None
        if counted and customer is not None:
            balance[customer] -= payment.amount * (1 if payment.operation == "customer_payment" else -1)
            foreign |= {customer} if payment.currency != "RUB" else set()
    rows = connection.execute(
        """
        select customer_key, sum(debt) from (
            select customer_key, debt from marts.receivables union all select customer_key, -advance from marts.customer_advances
        ) group by 1
        """
    ).fetchall()
    found = {customer: debt for customer, debt in rows if customer is not None and customer not in foreign}
    assert found == {customer: debt for customer, debt in balance.items() if debt and customer not in foreign}
    assert len(found) > 10


def test_orders_find_their_deals_in_every_configuration(books: Books, published_sandbox: PublishedSandbox) -> None:
    _, connection = books
    company = published_sandbox.company
    named = {deal.order_number: f"{SOURCE_NAMES[deal.system]}:{deal.crm_id}" for deal in company.deals if deal.order_number}
    found = dict(connection.execute("select order_number, deal_key from marts.fct_orders where deal_key is not null").fetchall())
    posted = {one.code for one in company.orders if one.is_posted and not one.is_marked}
    assert {code: found.get(code) for code in named if code in posted} == {code: deal for code, deal in named.items() if code in posted}


def test_own_money_by_account(books: Books, published_sandbox: PublishedSandbox) -> None:
    profile, connection = books
    rows = connection.execute("select account_key, currency_code, balance from marts.cash_balances").fetchall()
    assert {(name, currency): balance for name, currency, balance in rows} == own_money(published_sandbox.company, profile)


def test_debts_to_suppliers_by_document(books: Books, published_sandbox: PublishedSandbox) -> None:
    profile, connection = books
    rows = connection.execute("select document_key, debt, due_date from marts.payables").fetchall()
    wanted = owed_to_suppliers(published_sandbox.company)
    assert {name: debt for name, debt, _ in rows} == {name: debt for name, debt, _ in wanted}
    # БП keeps no day of payment; УНФ tells it by no field of the supply: the company's default terms
    assert {day for _, _, day in rows if profile == "bp"} <= {None}

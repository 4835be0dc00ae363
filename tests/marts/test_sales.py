"""fct_sales, fct_payments and the days they sum to, line by line against the truth."""

from decimal import Decimal

import polars as pl
import pytest

from ingestion.sandbox import truth
from tests.marts.comparing import assert_same_rows
from tests.marts.expected import Expected
from tests.marts.sandbox_warehouse import PublishedSandbox

FIGURES = ("quantity", "revenue_base", "vat_base", "cost_base", "gross_profit_base")


def test_every_line_of_shipments_and_returns_is_one_sale(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    wanted = expected.sales.filter(pl.col("kind").is_in(["shipment", "return"])).drop("kind", "is_sale")
    documents = wanted.select("document_key").unique()
    found = published_sandbox.mart("fct_sales").join(documents, on="document_key", how="semi")
    assert_same_rows(found, wanted, ["sale_key"])


def test_shops_sales_are_counted_once(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    names = ["sale_date", "warehouse_key", "organisation_key", "product_key", "manager_key", "is_return"]
    shops = expected.sales.filter(pl.col("kind") == "receipt")
    wanted = shops.group_by(names).agg(pl.col(*FIGURES).sum())
    found = published_sandbox.mart("fct_sales").join(shops.select("warehouse_key").unique(), on="warehouse_key", how="semi")
    assert found["customer_key"].null_count() == found.height
    assert_same_rows(found.group_by(names).agg(pl.col(*FIGURES).sum()), wanted, names)


def test_month_closings_bring_cost_only(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    names = ["sale_date", "customer_key", "product_key", "organisation_key"]
    wanted = expected.sales.filter(pl.col("kind") == "closing")
    found = published_sandbox.mart("fct_sales").filter((pl.col("quantity") == 0) & (pl.col("revenue_base") == 0))
    assert found.height == wanted.height > 0
    assert found["is_return"].sum() == 0
    figures = [pl.col("cost_base", "gross_profit_base").sum()]
    assert_same_rows(found.group_by(names).agg(figures), wanted.group_by(names).agg(figures), names)


def test_nothing_else_is_in_the_sales(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    sales = published_sandbox.mart("fct_sales")
    for figure in FIGURES:
        assert sales[figure].sum() == expected.sales[figure].sum(), figure
    months = sales.group_by(pl.col("sale_date").dt.month_start()).agg(pl.col("revenue_base").sum())
    assert dict(months.iter_rows()) == truth.monthly_revenue(published_sandbox.company)


def test_every_split_line_of_customers_money_is_one_payment(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    assert_same_rows(published_sandbox.mart("fct_payments"), expected.payments, ["payment_key"])


def test_refunds_are_negative_only_in_the_company_currency(published_sandbox: PublishedSandbox) -> None:
    payments = published_sandbox.mart("fct_payments")
    out = payments.filter(pl.col("direction") == "out")
    assert out.height > 0
    assert out.filter((pl.col("amount") <= 0) | (pl.col("amount_base") >= 0)).is_empty()
    assert payments.filter((pl.col("direction") == "in") & (pl.col("amount_base") <= 0)).is_empty()


@pytest.mark.parametrize("mart", ["fct_sales", "fct_orders", "fct_payments"])
def test_the_channel_is_the_deals_else_the_customers(published_sandbox: PublishedSandbox, mart: str) -> None:
    """A deal that nobody knows the origin of leaves the customer's channel."""
    deals = published_sandbox.mart("fct_deals").select("deal_key", pl.col("channel").alias("of_deal"))
    customers = published_sandbox.mart("dim_customers").select("customer_key", pl.col("channel").alias("of_customer"))
    rows = published_sandbox.mart(mart).join(deals, on="deal_key", how="left").join(customers, on="customer_key", how="left")
    assert rows.filter(pl.col("of_deal").is_null(), pl.col("deal_key").is_not_null(), pl.col("of_customer").is_not_null()).height > 0
    assert rows.filter(pl.col("channel").ne_missing(pl.coalesce("of_deal", "of_customer"))).is_empty()


def test_a_day_of_revenue_is_its_sales_money_and_orders(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    days = expected.sales.group_by(pl.col("sale_date").alias("date"), "manager_key").agg(
        pl.col("revenue_base").sum().alias("revenue"),
        pl.col("gross_profit_base").sum().alias("gross_profit"),
    )
    documents = published_sandbox.mart("fct_sales")
    sold = documents.filter(~pl.col("is_return"), (pl.col("quantity") != 0) | (pl.col("revenue_base") != 0))
    counts = sold.group_by(pl.col("sale_date").alias("date"), "manager_key").agg(pl.col("document_key").n_unique().alias("sales_count"))
    money = expected.payments.group_by(pl.col("payment_date").alias("date"), "manager_key").agg(
        pl.col("amount_base").sum().alias("cash_received")
    )
    orders = (
        truth.orders(published_sandbox.company)
        .filter(~pl.col("is_cancelled"))
        .select(
            pl.col("order_date").alias("date"),
            pl.col("manager").map_elements(lambda number: expected.manager(number), pl.String).alias("manager_key"),
            "amount_base",
        )
        .group_by("date", "manager_key")
        .agg(pl.len().cast(pl.Int64).alias("orders_count"), pl.col("amount_base").sum().alias("orders_amount"))
    )
    names = ["date", "manager_key"]
    wanted = days
    for part in (counts, money, orders):
        wanted = wanted.join(part, on=names, how="full", coalesce=True, nulls_equal=True)
    wanted = wanted.with_columns(pl.exclude(names).fill_null(0))
    wanted = wanted.with_columns(pl.col("sales_count").cast(pl.Int64))
    found = published_sandbox.mart("revenue_daily").group_by(names).agg(pl.exclude("channel", *names).sum())
    assert_same_rows(found, wanted, names)
    assert published_sandbox.mart("revenue_daily")["revenue_without_cost"].sum() == Decimal(0)

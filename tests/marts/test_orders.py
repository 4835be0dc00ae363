"""fct_orders, their lines and deals, and what customers owe: shipped, paid, allotted oldest first, aged."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

import polars as pl

from ingestion.sandbox import truth
from ingestion.sandbox.trade import Shipment
from tests.marts.comparing import assert_same_rows
from tests.marts.expected import MONEY, ZERO, Expected, cents
from tests.marts.keys import key
from tests.marts.sandbox_warehouse import PublishedSandbox


def test_every_posted_order_is_there_with_its_amounts(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    company = published_sandbox.company
    rows = []
    for row in truth.orders(company).iter_rows(named=True):
        order = company.order[row["order"]]
        vat = sum((line.vat for line in order.lines if not line.is_cancelled), ZERO)
        rows.append(
            {
                "order_key": key("order", order.number),
                "order_number": order.code,
                "order_date": row["order_date"],
                "organisation_key": key("organisation", order.organisation),
                "customer_key": expected.keys.buyer(order.partner),
                "manager_key": key("manager", order.manager),
                "deal_key": expected.keys.deal_of_order(order.number),
                "order_channel": order.channel,
                "order_status": {"closed": "shipped"}.get(order.status, order.status),
                "amount": row["amount"],
                "currency_code": order.currency,
                "amount_base": row["amount_base"],
                "vat_base": cents(vat * order.rate),
                "is_cancelled": row["is_cancelled"],
            }
        )
    wanted = pl.DataFrame(rows, schema_overrides=dict.fromkeys(("amount", "amount_base", "vat_base"), MONEY), infer_schema_length=None)
    orders = published_sandbox.mart("fct_orders").filter("is_order")
    # money that names no order closes a shipped one too: that is settled by the debts below
    assert_same_rows(orders.with_columns(pl.col("order_status").replace({"closed": "shipped"})), wanted, ["order_key"])
    assert (orders.filter("is_cancelled")["order_status"] == "cancelled").all()


def test_a_shipment_without_an_order_is_its_own(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    orders = {str(key("order", one.number)) for one in published_sandbox.company.orders}
    wanted = {debt.order for debt in expected.debts if debt.order not in orders}
    found = published_sandbox.mart("fct_orders").filter(~pl.col("is_order"))
    assert set(found["order_key"]) == wanted
    assert found["deal_key"].null_count() == found.height


def test_order_lines_are_the_lines_that_were_not_cancelled(published_sandbox: PublishedSandbox) -> None:
    company = published_sandbox.company
    rows = [
        {
            "order_key": key("order", order.number),
            "line_number": number,
            "product_key": key("product", line.product),
            "quantity": line.quantity,
            "amount_base": cents(line.amount * order.rate),
            "discount_base": cents(line.discount * order.rate),
        }
        for order in company.orders
        if order.is_posted and not order.is_marked
        for number, line in enumerate(order.lines, 1)
        if not line.is_cancelled
    ]
    types: dict[str, pl.DataType | type[pl.DataType]] = {
        "quantity": pl.Decimal(18, 3),
        "amount_base": MONEY,
        "discount_base": MONEY,
        "line_number": pl.Int32,
    }
    wanted = pl.DataFrame(rows, schema_overrides=types, infer_schema_length=None)
    orders = published_sandbox.mart("fct_orders").filter("is_order").select("order_key")
    assert_same_rows(
        published_sandbox.mart("fct_order_lines").join(orders, on="order_key", how="semi"), wanted, ["order_key", "line_number"]
    )


def test_shipped_and_owed_follow_from_documents_and_the_oldest_debt_first(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    rows = []
    for debt in expected.debts:
        owed = expected.settled[debt.order]
        rows.append(
            {
                "order_key": debt.order,
                "customer_key": debt.customer,
                "manager_key": debt.manager,
                "shipped_base": cents(debt.shipped * debt.rate),
                "debt_base": cents(owed * debt.rate),
            }
        )
    wanted = pl.DataFrame(rows, schema_overrides={"shipped_base": MONEY, "debt_base": MONEY}, infer_schema_length=None)
    found = published_sandbox.mart("fct_orders").filter(pl.col("order_date") <= expected.as_of)
    assert_same_rows(found, wanted.drop("debt_base"), ["order_key"])
    plain = pl.col("customer_key").is_in(list(expected.plain_customers))
    assert wanted.filter(plain, pl.col("debt_base") > 0).height > 10
    assert_same_rows(found.filter(plain), wanted.filter(plain), ["order_key"])


def test_debts_less_advances_are_what_1c_says_the_customer_owes(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    balance: dict[str | None, Decimal] = defaultdict(lambda: ZERO)
    for debt in expected.debts:
        balance[debt.customer] += debt.shipped - debt.named
    for (customer, _), pool in expected.loose_money.items():
        balance[customer] -= pool
    found: dict[str | None, Decimal] = defaultdict(lambda: ZERO)
    for customer, debt in published_sandbox.mart("receivables").select("customer_key", "debt").iter_rows():
        found[customer] += debt
    for customer, advance in published_sandbox.mart("customer_advances").select("customer_key", "advance").iter_rows():
        assert advance > 0
        found[customer] -= advance
    for customer in expected.plain_customers:
        assert found[customer] == balance[customer], customer
    assert sum(1 for customer in expected.plain_customers if balance[customer] < 0) > 0


def test_debts_are_aged_by_the_earliest_stage_not_yet_paid(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    company, as_of = published_sandbox.company, expected.as_of
    orders = {str(key("order", one.number)): one for one in company.orders}
    shipments = {expected.keys.order_of(one): one for one in reversed(company.shipments) if one.is_posted}
    rows = []
    for debt in expected.debts:
        owed = expected.settled[debt.order]
        if owed <= 0 or debt.customer not in expected.plain_customers:
            continue
        paid, due = debt.shipped - owed, None
        order = orders.get(debt.order)
        for stage in order.stages if order else ():
            paid -= stage.amount
            if paid < 0:
                due = stage.due_on
                break
        # neither a schedule nor terms: due when it was shipped
        first = shipments[debt.order]
        assert isinstance(first, Shipment)
        due = due or debt.since
        late = max((as_of - due).days, 0)
        bucket = "not_due" if not late else "1-30" if late <= 30 else "31-60" if late <= 60 else "61-90" if late <= 90 else "90+"
        rows.append(
            {
                "order_key": debt.order,
                "customer_key": debt.customer,
                "manager_key": debt.manager,
                "debt": cents(owed * debt.rate),
                "due_date": due,
                "overdue_days": late,
                "bucket": bucket,
            }
        )
    wanted = pl.DataFrame(rows, schema_overrides={"debt": MONEY, "overdue_days": pl.Int32}, infer_schema_length=None)
    found = published_sandbox.mart("receivables").filter(pl.col("customer_key").is_in(list(expected.plain_customers)))
    assert_same_rows(found, wanted, ["order_key"])
    assert wanted["bucket"].n_unique() >= 4


def test_an_unpaid_shipment_is_not_due_on_its_own_day(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    fresh = published_sandbox.mart("receivables").filter(pl.col("due_date") >= expected.as_of)
    assert (fresh["overdue_days"] == 0).all()
    assert (fresh["bucket"] == "not_due").all()
    yesterday = expected.as_of - timedelta(days=1)
    assert published_sandbox.mart("receivables").filter(pl.col("due_date") == yesterday, pl.col("overdue_days") != 1).is_empty()

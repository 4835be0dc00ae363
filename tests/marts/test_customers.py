"""Customer analytics out of the sales lines: turnover and tiers, ABC/XYZ, RFM, lifecycle, the base by months, baskets."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median

import polars as pl
import pytest

from tests.marts.comparing import assert_same_rows
from tests.marts.expected import MONEY, ZERO, Expected, back_months, cents, month
from tests.marts.sandbox_warehouse import PublishedSandbox

MONEY_OF = {"revenue": "revenue_base", "gross_profit": "gross_profit_base", "quantity": "quantity"}
# a sum of doubles in another order differs in the last digits
NEAR = 1e-9


def total(rows: pl.DataFrame, column: str) -> Decimal:
    return Decimal(rows[column].sum() or 0)


def test_turnover_windows_of_every_customer(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    as_of, sales = expected.as_of, expected.known_sales
    tiers = sorted(published_sandbox.company.tiers, key=lambda one: one.min_turnover)
    day, revenue = pl.col("sale_date"), "revenue_base"
    rows = []
    for (customer,), own in sales.group_by("customer_key"):
        last3 = own.filter(expected.windows(3))
        turnover = total(last3, revenue)
        previous = total(own.filter(day > back_months(as_of, 6), day <= back_months(as_of, 3)), revenue)
        leaving = back_months(back_months(as_of, -1), 3)
        sold = last3.filter("is_sale")["document_key"].n_unique()
        reached = [tier for tier in tiers if turnover >= tier.min_turnover]
        kept = [tier for tier in tiers if turnover - total(last3.filter(day <= leaving), revenue) >= tier.min_turnover]
        above = tiers[len(reached)] if len(reached) < len(tiers) else None
        last = own.filter("is_sale")["sale_date"].max()
        assert last is None or isinstance(last, date)
        rows.append(
            {
                "customer_key": customer,
                "as_of_date": as_of,
                "manager_key": expected.keys.customer_manager[str(customer)],
                "turnover_3m": turnover,
                "turnover_previous_3m": previous,
                "turnover_change": float(turnover / previous - 1) if previous > 0 else None,
                "turnover_12m": total(own.filter(expected.windows(12)), revenue),
                "turnover_3_full_months": total(own.filter(day >= back_months(month(as_of), 3), day < month(as_of)), revenue),
                "leaving_next_month": total(last3.filter(day <= leaving), revenue),
                "gross_profit_3m": total(last3, "gross_profit_base"),
                "sales_count_3m": sold,
                "average_sale_3m": cents(turnover / sold) if sold else None,
                "last_sale_date": last,
                "days_since_last_sale": (as_of - last).days if last else None,
                "tier_name": reached[-1].name if reached else None,
                "tier_discount": float(reached[-1].discount) if reached else 0.0,
                "next_tier_name": above.name if above else None,
                "to_next_tier": above.min_turnover - turnover if above else None,
                "tier_name_next_month": kept[-1].name if kept else None,
            }
        )
    found = published_sandbox.mart("customer_turnover")
    types = {name: kind for name, kind in found.schema.items() if name in rows[0]}
    assert_same_rows(found, pl.DataFrame(rows, schema=types), ["customer_key"], near=NEAR)
    assert found["tier_name"].drop_nulls().n_unique() >= 2


def test_turnover_by_months(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    wanted = expected.known_sales.group_by("customer_key", pl.col("sale_date").dt.month_start().alias("month")).agg(
        pl.col("revenue_base").sum().alias("turnover"),
        pl.col("gross_profit_base").sum().alias("gross_profit"),
        pl.col("document_key").filter(pl.col("is_sale")).n_unique().cast(pl.Int64).alias("sales_count"),
    )
    assert_same_rows(published_sandbox.mart("customer_turnover_months"), wanted, ["customer_key", "month"])


def graded(sales: pl.DataFrame, item: str, measure: str, variation_of: str, as_of: date) -> list[dict[str, object]]:
    """ABC and XYZ of the items by the contract's words; shares as exact fractions."""
    begin, end = back_months(month(as_of), 12), month(as_of) - timedelta(days=1)
    months = [back_months(month(as_of), n) for n in range(12, 0, -1)]
    inside = sales.filter(pl.col(item).is_not_null(), pl.col("sale_date").is_between(begin, end))
    values = {str(name): total(own, MONEY_OF[measure]) for (name,), own in inside.group_by(item)}
    firsts = dict(
        sales.filter(pl.col(item).is_not_null(), "is_sale", pl.col("sale_date") <= end)
        .group_by(item)
        .agg(pl.col("sale_date").min())
        .iter_rows()
    )
    whole = sum((max(value, ZERO) for value in values.values()), ZERO)
    monthly: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for name, day, value in inside.select(item, "sale_date", variation_of).iter_rows():
        monthly[name][month(day)] += value
    rows = []
    for name, value in values.items():
        larger = sum((max(other, ZERO) for other in values.values() if other > value), ZERO)
        equal = sum((max(other, ZERO) for other in values.values() if other == value), ZERO)
        abc = "C" if value <= 0 else "A" if larger / whole < Decimal("0.80") else "B" if larger / whole < Decimal("0.95") else "C"
        observed = [one for one in months if name in firsts and one >= month(firsts[name])]
        series = [float(monthly[name][one]) for one in observed]
        mean = sum(series) / len(series) if series else None
        deviation = (sum((one - (mean or 0)) ** 2 for one in series) / len(series)) ** 0.5 if series else None
        variation = deviation / mean if mean and mean > 0 and deviation is not None else None
        xyz = "N" if len(observed) < 3 or variation is None else "X" if variation <= 0.10 else "Y" if variation <= 0.25 else "Z"
        rows.append(
            {
                "measure": measure,
                item: name,
                "window_start": begin,
                "window_end": end,
                "value": value,
                "value_share": float(max(value, ZERO) / whole),
                "cumulative_share": float((larger + equal) / whole),
                "value_rank": 1 + sum(1 for other in values.values() if other > value),
                "abc_class": abc,
                "months_observed": len(observed),
                "monthly_mean": mean,
                "monthly_stddev": deviation,
                "variation": variation,
                "xyz_class": xyz,
                "segment": abc + xyz,
            }
        )
    return rows


@pytest.mark.parametrize(
    ("table", "item", "measures", "variation_of"),
    [
        ("abc_xyz_products", "product_key", ("revenue", "gross_profit", "quantity"), "quantity"),
        ("abc_xyz_customers", "customer_key", ("revenue", "gross_profit"), "revenue_base"),
    ],
)
def test_abc_and_xyz_of_every_item(
    published_sandbox: PublishedSandbox, expected: Expected, table: str, item: str, measures: tuple[str, ...], variation_of: str
) -> None:
    rows = [row for measure in measures for row in graded(expected.sales, item, measure, variation_of, expected.as_of)]
    found = published_sandbox.mart(table)
    types = {name: kind for name, kind in found.schema.items() if name in rows[0]}
    assert_same_rows(found, pl.DataFrame(rows, schema=types), ["measure", item], near=1e-6)
    assert set(found["abc_class"]) == {"A", "B", "C"}


def scores(values: dict[str, float]) -> dict[str, int]:
    """1 to 5 by percent_rank, the best value last; equal values share a score."""
    if len(values) == 1:
        return dict.fromkeys(values, 1)
    ordered = sorted(values.values())
    return {name: min(5, 1 + (5 * ordered.index(value)) // (len(ordered) - 1)) for name, value in values.items()}


def segment(r: int, f: int, m: int, frequency: int) -> str:
    rules: Iterable[tuple[str, bool]] = (
        ("champions", min(r, f, m) >= 4),
        ("loyal", r >= 3 and f >= 4),
        ("big_spenders", r >= 3 and m >= 4),
        ("new", r >= 4 and frequency == 1),
        ("promising", r >= 4),
        ("need_attention", r == 3),
        ("cannot_lose", f >= 4 or m >= 4),
        ("at_risk", r == 2),
        ("lost", True),
    )
    return next(name for name, holds in rules if holds)


def test_rfm_scores_and_segments(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    year = expected.known_sales.filter(expected.windows(12))
    money = {str(name): total(own, "revenue_base") for (name,), own in year.group_by("customer_key")}
    sold = year.filter("is_sale").group_by("customer_key").agg(pl.col("sale_date").max(), pl.col("sale_date").n_unique().alias("days"))
    last = {name: (expected.as_of - day).days for name, day, _ in sold.iter_rows() if money[name] > 0}
    days = {name: count for name, _, count in sold.iter_rows() if name in last}
    r, f = scores({name: -float(value) for name, value in last.items()}), scores({name: float(value) for name, value in days.items()})
    m = scores({name: float(money[name]) for name in last})
    rows = [
        {
            "customer_key": name,
            "recency_days": last[name],
            "frequency": days[name],
            "monetary": money[name],
            "r_score": r[name],
            "f_score": f[name],
            "m_score": m[name],
            "rfm_segment": segment(r[name], f[name], m[name], days[name]),
        }
        for name in last
    ]
    found = published_sandbox.mart("rfm_customers")
    assert_same_rows(found, pl.DataFrame(rows, schema=found.schema), ["customer_key"])
    assert found["rfm_segment"].n_unique() >= 5


def test_a_customers_card_sums_its_sales(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    sold = {name: own for (name,), own in expected.known_sales.group_by("customer_key")}
    rows = []
    for name in {found for found in expected.keys.components.values() if found}:
        own = sold.get(name)
        real = own.filter("is_sale") if own is not None else None
        first, last = (real["sale_date"].min(), real["sale_date"].max()) if real is not None else (None, None)
        ago = (expected.as_of - last).days if isinstance(last, date) else None
        since = (expected.as_of - first).days if isinstance(first, date) else None
        if ago is None or since is None:
            lifecycle = "lead"
        else:
            lifecycle = "lost" if ago > 180 else "sleeping" if ago > 90 else "new" if since <= 90 else "active"
        rows.append(
            {
                "customer_key": name,
                "manager_key": expected.keys.customer_manager[name],
                "first_sale_date": first,
                "last_sale_date": last,
                "sales_count": real["document_key"].n_unique() if real is not None else 0,
                "revenue_base": total(own, "revenue_base") if own is not None else ZERO,
                "lifecycle": lifecycle,
            }
        )
    wanted = pl.DataFrame(rows, schema_overrides={"revenue_base": MONEY, "sales_count": pl.Int64}, infer_schema_length=None)
    found = published_sandbox.mart("dim_customers").join(wanted, on="customer_key", how="semi")
    assert_same_rows(found, wanted, ["customer_key"])
    assert found["lifecycle"].n_unique() >= 4


def test_classes_on_cards_are_those_of_revenue(published_sandbox: PublishedSandbox) -> None:
    classes = published_sandbox.mart("abc_xyz_customers").filter(pl.col("measure") == "revenue")
    cards = published_sandbox.mart("dim_customers").filter(pl.col("abc_class").is_not_null())
    assert_same_rows(cards, classes.select("customer_key", "abc_class", "xyz_class"), ["customer_key"])
    goods = published_sandbox.mart("abc_xyz_products").filter(pl.col("measure") == "revenue")
    items = published_sandbox.mart("dim_products").filter(pl.col("abc_class").is_not_null())
    assert_same_rows(items, goods.select("product_key", "abc_class", "xyz_class"), ["product_key"])


def test_the_customer_base_by_months(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    active: dict[date, set[str]] = defaultdict(set)
    for customer, day, _ in expected.sale_days():
        active[month(day)].add(customer)
    first = {name: min(one for one, names in active.items() if name in names) for names in active.values() for name in names}
    revenue: dict[tuple[date, bool], Decimal] = defaultdict(lambda: ZERO)
    for customer, day, value in expected.known_sales.select("customer_key", "sale_date", "revenue_base").iter_rows():
        revenue[month(day), first.get(customer) == month(day)] += value
    rows = []
    for one in sorted(active):
        before = active.get(back_months(one, 1), set())
        fresh = {name for name in active[one] if first[name] == one}
        rows.append(
            {
                "month": one,
                "customers_new": len(fresh),
                "customers_returning": len(active[one] & before),
                "customers_reactivated": len(active[one] - before - fresh),
                "customers_active": len(active[one]),
                # a month that is not over has lost nobody yet
                "customers_lost": len(before - active[one]) if one < month(expected.as_of) else None,
                "revenue_new": revenue[one, True],
                "revenue_returning": revenue[one, False],
            }
        )
    found = published_sandbox.mart("customer_base_months")
    assert_same_rows(found, pl.DataFrame(rows, schema=found.schema), ["month"])


def test_gaps_in_what_customers_usually_buy(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    year = expected.known_sales.filter(expected.windows(12), "is_sale", pl.col("product_key").is_not_null())
    orders = published_sandbox.mart("fct_orders").filter(
        "is_order", pl.col("order_status") == "open", pl.col("order_date") <= expected.as_of
    )
    waiting = set(orders["customer_key"].drop_nulls())
    lines = orders.join(published_sandbox.mart("fct_order_lines"), on="order_key").select("customer_key", "product_key")
    coming = set(lines.iter_rows())
    stock: dict[object, Decimal] = defaultdict(lambda: ZERO)
    for name, quantity in published_sandbox.mart("fct_stock").select("product_key", "quantity").iter_rows():
        stock[name] += quantity
    rows = []
    for (customer, product), own in year.group_by("customer_key", "product_key"):
        days = own.group_by("sale_date").agg(pl.col("quantity", "revenue_base").sum()).sort("sale_date")
        dates = days["sale_date"].to_list()
        if len(dates) < 3:
            continue
        interval = float(median((after - before).days for before, after in pairwise(dates)))
        has_order, in_order = customer in waiting, (customer, product) in coming
        if not ((expected.as_of - dates[-1]).days > 1.5 * interval or (has_order and not in_order)):
            continue
        usual = median(days["quantity"].to_list())
        # half a day is rounded away from zero
        due = dates[-1] + timedelta(days=int(interval + 0.5))
        rows.append(
            {
                "customer_key": customer,
                "product_key": product,
                "purchases": len(dates),
                "usual_interval_days": interval,
                "usual_quantity": usual,
                "last_sale_date": dates[-1],
                "expected_date": due,
                "days_overdue": (expected.as_of - due).days,
                "in_open_order": in_order,
                "has_open_order": has_order,
                "in_stock": stock[product] > 0,
            }
        )
    found = published_sandbox.mart("customer_basket_gaps")
    types = {name: kind for name, kind in found.schema.items() if name in rows[0]}
    assert_same_rows(found, pl.DataFrame(rows, schema=types), ["customer_key", "product_key"], near=NEAR)

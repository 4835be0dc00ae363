"""Marts beyond the facts: discounts, terms, stock in days, pairs of products, the speed of pipelines and the forecast, from the truth."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise, permutations
from statistics import mean, median
from typing import Any

import polars as pl

from ingestion.sandbox import truth
from ingestion.sandbox.clock import month_end, wall
from ingestion.sandbox.company_systems import SOURCE_NAMES
from ingestion.sandbox.trade import Order
from tests.marts.comparing import assert_same_rows
from tests.marts.expected import ZERO, Expected, back_months, cents, month
from tests.marts.expected_crm import ExpectedCrm
from tests.marts.keys import key, setting
from tests.marts.sandbox_warehouse import PublishedSandbox

NEAR = 1e-9


def frame(rows: list[dict[str, Any]], found: pl.DataFrame) -> pl.DataFrame:
    """Rows as the mart's types have them."""
    return pl.DataFrame(rows, schema={name: found.schema[name] for name in rows[0]})


def counted(expected: Expected, *, with_cancelled: bool = False) -> list[Order]:
    """Orders that count and were not cancelled."""
    cancelled = set() if with_cancelled else set(truth.orders(expected.company).filter("is_cancelled")["order"])
    return [
        one
        for one in expected.company.orders
        if expected.keys.counts(one) and one.number not in cancelled and one.at.date() <= expected.as_of
    ]


def test_discounts_by_month_manager_customer_and_product(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    cells: dict[tuple[Any, ...], dict[str, Any]] = defaultdict(
        lambda: {"full": ZERO, "discount": ZERO, "orders": set(), "discounted": set()}
    )
    for order in counted(expected):
        for line in order.lines:
            if not line.is_cancelled:
                place = (
                    month(order.at.date()),
                    key("manager", order.manager),
                    expected.keys.buyer(order.partner),
                    key("product", line.product),
                )
                discount, amount = cents(line.discount * order.rate), cents(line.amount * order.rate)
                cells[place]["full"] += amount + discount
                cells[place]["discount"] += discount
                cells[place]["orders"].add(order.number)
                if discount > 0:
                    cells[place]["discounted"].add(order.number)
    names = ["month", "manager_key", "customer_key", "product_key"]
    rows = [
        dict(zip(names, place, strict=True))
        | {"full_amount": cell["full"], "discount": cell["discount"], "amount": cell["full"] - cell["discount"]}
        | {"discount_share": float(cell["discount"] / cell["full"]) if cell["full"] else None}
        | {"orders_count": len(cell["orders"]), "orders_discounted": len(cell["discounted"])}
        for place, cell in cells.items()
    ]
    found = published_sandbox.mart("discounts")
    assert_same_rows(found, frame(rows, found), names, near=NEAR)
    assert found["discount"].sum() > 0


def test_days_from_an_order_to_its_shipment_and_its_money(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    """Of buyers whose money all names its order: there nothing depends on how loose money is shared out."""
    loose = {customer for customer, _ in expected.loose_money}
    paid: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for name, day, amount, direction in expected.payments.select("order_key", "payment_date", "amount", "direction").iter_rows():
        if day <= expected.as_of:
            paid[name].append((day, amount if direction == "in" else -amount))
    shipped = {debt.order: debt.since for debt in expected.debts if debt.shipped or debt.since}
    moved = {expected.keys.order_of(one) for one in expected.company.shipments if one.is_posted and one.at.date() <= expected.as_of}
    cells: dict[tuple[Any, ...], list[tuple[int | None, int | None]]] = defaultdict(list)
    unclear: set[tuple[Any, ...]] = set()
    totals = {row["order"]: row["amount"] for row in truth.orders(expected.company).iter_rows(named=True)}
    for order in counted(expected, with_cancelled=True):
        name, day = str(key("order", order.number)), order.at.date()
        place = (month(day), key("manager", order.manager), order.channel)
        customer = expected.keys.buyer(order.partner)
        if customer in loose or customer not in expected.plain_customers:
            unclear.add(place)
            continue
        total, in_full = ZERO, None
        for when, amount in sorted(paid[name]):
            total += amount
            if in_full is None and 0 < totals[order.number] <= total:
                in_full = (when - day).days
        to_shipment = (shipped[name] - day).days if name in moved else None
        if to_shipment is not None or in_full is not None:
            cells[place].append((to_shipment, in_full))
    names = ["month", "manager_key", "order_channel"]
    rows = []
    for place, pairs in cells.items():
        first, second = ([float(pair[n] or 0) for pair in pairs if pair[n] is not None] for n in (0, 1))
        figures = {"days_to_shipment": median(first) if first else None, "days_to_payment": median(second) if second else None}
        if place not in unclear:
            rows.append(dict(zip(names, place, strict=True)) | {"orders": len(pairs)} | figures)
    found = published_sandbox.mart("order_lead_times")
    wanted = frame(rows, found)
    assert_same_rows(found.join(wanted, on=names, how="semi", nulls_equal=True), wanted, names, near=NEAR)
    assert wanted.height > 10


def test_how_fast_pipelines_turn_deals_into_money(published_sandbox: PublishedSandbox, crm: ExpectedCrm) -> None:
    closed: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    deals = crm.keys.live_deals
    for deal in deals:
        if deal.closed_at is not None:
            closed[month(wall(deal.closed_at).date()), SOURCE_NAMES[deal.system], crm.pipeline_of(deal).name].append(deal)
    rows = []
    for (when, source, name), own in closed.items():
        won = [deal for deal in own if deal.status == "won"]
        cycles = [(wall(deal.closed_at).date() - wall(deal.created_at).date()).days for deal in won]
        in_work = sum(
            (SOURCE_NAMES[deal.system], crm.pipeline_of(deal).name) == (source, name)
            and wall(deal.created_at).date() <= month_end(when)
            and (deal.closed_at is None or wall(deal.closed_at).date() >= when)
            for deal in deals
        )
        amount = sum((crm.funnel_amount(deal) for deal in won), ZERO)
        rows.append(
            {
                "month": when,
                "source": source,
                "pipeline_name": name,
                "deals_in_work": in_work,
                "deals_won": len(won),
                "deals_lost": len(own) - len(won),
                "win_rate": len(won) / len(own),
                "won_amount": amount,
                "average_won_amount": cents(amount / len(won)) if won else None,
                "cycle_days_median": float(median(cycles)) if won else None,
                "cycle_days_p75": pl.Series(cycles).quantile(0.75, "linear") if won else None,
            }
        )
    found = published_sandbox.mart("deal_velocity")
    assert_same_rows(found, frame(rows, found), ["month", "source", "pipeline_name"], near=NEAR)


def test_stock_in_days_of_sale(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    days, idle = setting("stock_turnover_days"), setting("stock_idle_days")
    classes = (
        published_sandbox.mart("dim_products")
        .select("product_key", "abc_class", "xyz_class")
        .rows_by_key("product_key", named=True, unique=True)
    )
    stock: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for one in published_sandbox.company.stock:
        stock[str(key("product", one.product))] += one.quantity
    sales = expected.sales.filter(pl.col("sale_date") <= expected.as_of)
    year_ago = expected.as_of.replace(year=expected.as_of.year - 1)
    by_product = {name: own for (name,), own in sales.group_by("product_key")}
    rows = []
    for name in stock.keys() | by_product.keys():
        own = by_product.get(name, sales.clear())
        real, window = own.filter("is_sale"), own.filter(pl.col("sale_date") > expected.as_of - timedelta(days=days))
        first, last = real["sale_date"].min(), real["sale_date"].max()
        sold = Decimal(window["quantity"].sum() or 0)
        observed = max(min(days, (expected.as_of - first).days + 1), 1) if isinstance(first, date) else days
        per_day = float(sold) / observed if sold > 0 else 0.0
        since = (expected.as_of - last).days if isinstance(last, date) else None
        has = stock.get(name, ZERO)
        costed = own.filter(~pl.col("is_return"), pl.col("sale_date") > year_ago, pl.col("cost_base").is_not_null())
        unit_cost = Decimal(costed["cost_base"].sum()) / Decimal(costed["quantity"].sum()) if costed.height else None
        rows.append(
            {
                "product_key": name,
                "on_hand": has,
                # УТ's register of goods holds no cost: a piece is worth what the year's pieces cost that were sold
                "stock_cost": None if unit_cost is None or name not in stock else cents(has * unit_cost),
                "sold_quantity": sold,
                "sold_per_day": per_day,
                "days_of_stock": float(has) / per_day if has > 0 and per_day else 0.0 if per_day else None,
                "last_sale_date": last,
                "is_without_movement": has > 0 and (since is None or since > idle),
                "is_out_of_stock_leader": has <= 0 and (classes[name]["abc_class"] == "A" or classes[name]["xyz_class"] == "X"),
            }
        )
    found = published_sandbox.mart("stock_turnover")
    assert_same_rows(found, frame(rows, found), ["product_key"], near=1e-6)


def test_what_is_bought_together(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    least, best = setting("affinity_min_documents"), setting("affinity_pairs")
    year = expected.sales.filter("is_sale", pl.col("quantity") > 0, pl.col("product_key").is_not_null())
    year = year.filter(expected.windows(setting("affinity_months")))
    shops = set(year.filter(pl.col("kind") == "receipt")["product_key"])
    baskets: dict[str, set[str]] = defaultdict(set)
    for document, product in year.select("document_key", "product_key").iter_rows():
        baskets[document].add(product)
    alone = Counter(product for basket in baskets.values() for product in basket)
    together = Counter(pair for basket in baskets.values() for pair in permutations(basket, 2))
    found = published_sandbox.mart("product_affinity")
    # of the shops the marts have the day's reports, and the truth the receipts: other documents
    told = {(row["product_key"], row["other_product_key"]): row for row in found.iter_rows(named=True)}
    apart = {pair: count for pair, count in together.items() if not shops & set(pair) and count >= least}
    for pair, row in told.items():
        if pair in apart:
            assert (row["documents_together"], row["documents"], row["other_documents"]) == (apart[pair], alone[pair[0]], alone[pair[1]])
            assert abs(row["confidence"] - apart[pair] / alone[pair[0]]) < NEAR
        elif not shops & set(pair):
            raise AssertionError(pair)
    per_product = Counter(pair[0] for pair in told)
    assert max(per_product.values()) <= best
    for row in found.iter_rows(named=True):
        # lift = confidence / how often the other is bought at all
        assert abs(row["lift"] * row["other_documents"] * row["documents"] * row["support"] - row["documents_together"] ** 2) < NEAR * 10**6
    ranked = found.sort("product_key", "pair_rank").select("product_key", "lift").rows()
    assert all(one[0] != other[0] or one[1] >= other[1] for one, other in pairwise(ranked))


def test_the_forecast_is_the_method_that_has_erred_less(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    sums = truth.monthly_revenue(expected.company)
    first, last = min(sums), month(expected.as_of + timedelta(days=1))
    months = [one for one in (back_months(last, n) for n in range(60, 0, -1)) if one >= first]
    revenue = {one: float(sums.get(one, ZERO)) for one in months}
    level = {one: mean(revenue[back_months(one, n)] for n in range(3)) for one in months[2:]}
    told: dict[str, dict[tuple[date, int], float]] = {"level": {}, "seasonal": {}}
    for origin, value in level.items():
        for horizon in (1, 2, 3, 4):
            target = back_months(origin, -horizon)
            told["level"][origin, horizon] = value
            if back_months(target, 12) in revenue and back_months(origin, 12) in level:
                told["seasonal"][origin, horizon] = value * revenue[back_months(target, 12)] / level[back_months(origin, 12)]
    errors: dict[str, dict[tuple[date, int], float]] = {
        method: {
            place: abs(revenue[target] - value) / value
            for place, value in figures.items()
            if (target := back_months(place[0], -place[1])) in revenue and place[0] != months[-1] and value > 0
        }
        for method, figures in told.items()
    }
    usable = {method: found for method, found in errors.items() if len(found) >= setting("forecast_min_errors")}
    shared = set(errors["level"]) & set(errors["seasonal"])

    def rank(method: str) -> float:
        both = [error for place, error in usable[method].items() if place in shared]
        return mean(both or usable[method].values())

    best = min(usable, key=lambda method: (rank(method), method))
    rows = [
        {
            "month": back_months(months[-1], -horizon),
            "horizon_months": horizon,
            "method": best,
            "past_error": mean(usable[best].values()),
            "errors_observed": len(usable[best]),
        }
        for horizon in (1, 2, 3)
    ]
    found = published_sandbox.mart("forecast_revenue")
    assert_same_rows(found, frame(rows, found), ["month"], near=1e-9)
    for row in found.iter_rows(named=True):
        assert abs(float(row["forecast_revenue"]) - told[best][months[-1], row["horizon_months"]]) < 0.01
        assert row["forecast_low"] <= row["forecast_revenue"] <= row["forecast_high"]

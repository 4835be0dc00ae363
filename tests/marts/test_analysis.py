"""Marts of the analysis that look at a process: passages through stages, workload, claims, stock, cash and payment stages."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from ingestion.sandbox.clock import wall
from ingestion.sandbox.company_systems import SOURCE_NAMES
from tests.marts.comparing import assert_same_rows
from tests.marts.expected import MONEY, ZERO, Expected, cents, month
from tests.marts.expected_crm import ExpectedCrm
from tests.marts.keys import key
from tests.marts.sandbox_warehouse import PublishedSandbox

NEAR = 1e-6
WORKLOAD_DAYS = 92


def test_passages_through_stages_by_the_month_they_happened(published_sandbox: PublishedSandbox, crm: ExpectedCrm) -> None:
    cells: dict[tuple[date, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for visits in crm.visits.values():
        for place, visit in enumerate(visits):
            stage = crm.stage_key(visit.pipeline, visit.stage)
            cells[month(wall(visit.entered_at).date()), stage]["entries"] += 1
            if visit.left_at is None:
                continue
            cell, then = cells[month(wall(visit.left_at).date()), stage], visits[place + 1]
            onward = then.stage.kind == "won" or (then.pipeline == visit.pipeline and then.position > visit.position)
            cell["exits_lost"] += then.stage.kind == "lost"
            cell["exits_forward"] += onward and then.stage.kind != "lost"
            cell["hours_in_stage"] += crm.hours(visit) or 0.0
    names = ("entries", "exits_forward", "exits_lost")
    rows = [
        {"passed_month": when, "stage_key": stage} | {name: int(cell[name]) for name in names} | {"hours_in_stage": cell["hours_in_stage"]}
        for (when, stage), cell in cells.items()
    ]
    both = ["passed_month", "stage_key"]
    found = published_sandbox.mart("funnel_passages").group_by(both).agg(pl.col(*names, "hours_in_stage").sum())
    types = {name: found.schema[name] for name in rows[0]}
    assert_same_rows(found, pl.DataFrame(rows, schema=types), both, near=NEAR)


def test_workload_of_every_day(published_sandbox: PublishedSandbox, expected: Expected, crm: ExpectedCrm) -> None:
    first = expected.as_of - timedelta(days=WORKLOAD_DAYS - 1)
    talked: Counter[tuple[date, str | None]] = Counter()
    answered: Counter[tuple[date, str | None]] = Counter()
    for call in published_sandbox.company.calls:
        day = wall(call.started_at).date()
        if call.result == "answered" and call.direction != "internal" and day >= first:
            talked[day, key("manager", call.manager)] += call.talk_seconds
            answered[day, key("manager", call.manager)] += 1
    standing: Counter[tuple[date, str | None]] = Counter()
    for day in (first, expected.as_of):
        for deal in crm.keys.live_deals:
            kinds = [visit.stage.kind for visit in crm.visits[deal.number] if wall(visit.entered_at).date() <= day]
            standing[day, key("manager", deal.manager)] += bool(kinds) and kinds[-1] not in ("won", "lost")
    found = {(row["date"], row["manager_key"]): row for row in published_sandbox.mart("manager_workload").iter_rows(named=True)}
    assert {day for day, _ in found} <= {first + timedelta(days=n) for n in range(WORKLOAD_DAYS)}
    assert {place: found[place]["calls_answered"] for place in answered} == dict(answered)
    for place, seconds in talked.items():
        assert abs(found[place]["talk_minutes"] - seconds / 60) < NEAR
    assert {place: found[place]["open_deals"] for place, deals in standing.items() if deals} == {p: n for p, n in standing.items() if n}


def test_claims_and_their_months(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    claims = published_sandbox.company.claims
    rows = [
        {
            "claim_type": one.kind,
            "registered_date": one.at.date(),
            "resolved_date": one.resolved_on,
            "customer_key": expected.keys.buyer(one.partner),
            "order_key": key("order", one.order),
            "reason": one.reason,
            "amount_base": one.amount,
        }
        for one in claims
    ]
    found = published_sandbox.mart("fct_claims").filter(pl.col("source") == SOURCE_NAMES["onec"])
    wanted = pl.DataFrame(rows, schema={name: found.schema[name] for name in rows[0]})
    names = ["registered_date", "customer_key", "order_key", "claim_type"]
    assert_same_rows(found.join(wanted, on=names, how="semi", nulls_equal=True), wanted, names)
    months = Counter((month(one.at.date()), one.kind) for one in claims)
    told = published_sandbox.mart("claims_months").group_by("month", "claim_type").agg(pl.col("claims").sum())
    assert {(when, kind): told_claims for when, kind, told_claims in told.iter_rows() if (when, kind) in months} == dict(months)


def test_stock_now(published_sandbox: PublishedSandbox) -> None:
    rows = [
        {"product_key": key("product", one.product), "warehouse_key": key("warehouse", one.warehouse), "quantity": one.quantity}
        for one in published_sandbox.company.stock
        if one.quantity
    ]
    found = published_sandbox.mart("fct_stock")
    wanted = pl.DataFrame(rows, schema={name: found.schema[name] for name in rows[0]})
    assert_same_rows(found.filter(pl.col("quantity") != 0), wanted, ["product_key", "warehouse_key"])


def test_all_money_by_day_without_own_transfers(published_sandbox: PublishedSandbox) -> None:
    days: dict[tuple[date, str | None, str], Decimal] = defaultdict(lambda: ZERO)
    for one in published_sandbox.company.payments:
        # cash carried from the shop to the office is the same money in another place
        if one.is_posted and one.is_conducted and one.operation not in ("own_transfer", "retail_cash"):
            out = one.kind.endswith("_out") or one.operation == "customer_refund"
            when = one.bank_on or one.at.date()
            for split in one.splits:
                days[when, key("organisation", one.organisation), "out" if out else "in"] += cents(split.amount * one.rate)
    rows = [(*place, amount) for place, amount in days.items()]
    wanted = pl.DataFrame(
        rows, schema={"date": pl.Date, "organisation_key": pl.String, "direction": pl.String, "amount": MONEY}, orient="row"
    )
    names = ["date", "organisation_key", "direction"]
    found = published_sandbox.mart("cash_flow_daily").group_by(names).agg(pl.col("amount").sum().abs())
    assert_same_rows(found, wanted, names)


def test_payments_fill_the_stages_of_a_schedule_in_order(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    named: dict[str | None, Decimal] = defaultdict(lambda: ZERO)
    for name, amount, direction in expected.payments.select("order_key", "amount", "direction").iter_rows():
        named[name] += amount * (1 if direction == "in" else -1)
    debts = {debt.order: debt for debt in expected.debts}
    rows = []
    for order in published_sandbox.company.orders:
        name = str(key("order", order.number))
        debt = debts.get(name)
        if debt is None or debt.customer not in expected.plain_customers:
            continue
        allotted = max(debt.shipped - debt.named, ZERO) - expected.settled[name]
        left = named[name] + allotted
        for number, stage in enumerate(order.stages, 1):
            paid = max(min(left, stage.amount), ZERO)
            left -= stage.amount
            rows.append((name, number, stage.kind, stage.due_on, stage.amount, paid))
    found = published_sandbox.mart("order_payment_stages")
    names = ["order_key", "stage_number", "stage_kind", "due_date", "planned_base", "paid_base"]
    wanted = pl.DataFrame(rows, schema={name: found.schema[name] for name in names}, orient="row")
    assert_same_rows(found.join(wanted, on="order_key", how="semi"), wanted, names[:2])
    assert wanted.height > 100

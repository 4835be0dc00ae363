"""Managers' months and plans: every figure of manager_kpi, revenue_plan_months and plan_fact, summed from the truth."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

import holidays
import polars as pl

from ingestion.sandbox import truth
from ingestion.sandbox.clock import MOSCOW, wall
from ingestion.sandbox.planning import Plan
from tests.marts.comparing import assert_same_rows
from tests.marts.expected import ZERO, Expected, back_months, cents, month
from tests.marts.expected_crm import ExpectedCrm, truncated
from tests.marts.keys import key
from tests.marts.sandbox_warehouse import PublishedSandbox

Cells = dict[tuple[date, str | None], dict[str, Any]]
OPENS, CLOSES = time(9), time(18)


def workdays(year: int) -> set[date]:
    """Days of the year on which Russia works."""
    off = holidays.country_holidays("RU", years=[year, year + 1])
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    return {day for day in days if day.year == year and off.is_working_day(day)}


def working_minutes(begin: datetime, end: datetime, days: set[date]) -> float:
    """Minutes between two moments that lie in mon-fri 09:00-18:00 of working days."""
    total, day = 0.0, wall(begin).date()
    while day <= wall(end).date():
        if day in days:
            opens, closes = datetime.combine(day, OPENS, MOSCOW), datetime.combine(day, CLOSES, MOSCOW)
            total += max((min(end, closes) - max(begin, opens)).total_seconds(), 0) / 60
        day += timedelta(days=1)
    return total


def kpi(expected: Expected, crm: ExpectedCrm) -> Cells:
    company, keys = expected.company, expected.keys
    cells: Cells = defaultdict(lambda: defaultdict(int))

    def at(moment: datetime) -> date:
        return month(wall(moment).date())

    for deal in keys.live_deals:
        cells[at(deal.created_at), key("manager", deal.manager)]["deals_created"] += 1
        if deal.closed_at is not None:
            cell = cells[at(deal.closed_at), key("manager", crm.manager_at_close(deal))]
            cell["deals_won" if deal.status == "won" else "deals_lost"] += 1
            cell["won_amount"] += crm.funnel_amount(deal) if deal.status == "won" else ZERO
    for (when, manager), own in expected.sales.group_by(pl.col("sale_date").dt.month_start(), "manager_key"):
        cell = cells[when, manager]
        cell["revenue"], cell["gross_profit"] = own["revenue_base"].sum(), own["gross_profit_base"].sum()
    for when, manager, value in expected.payments.select("payment_date", "manager_key", "amount_base").iter_rows():
        cells[month(when), manager]["cash_received"] += value
    for kind, moment, _, manager, _ in crm.work():
        del kind
        cells[at(moment), manager]["contacts"] += 1
    figures = {row["call"]: row for row in truth.calls(company).iter_rows(named=True)}
    for call in company.calls:
        if call.direction != "internal":
            cell = cells[at(call.started_at), crm.call_manager(call, crm.call_customer(call))]
            cell[f"calls_{call.direction}"] += 1
            cell["calls_missed"] += figures[call.number]["is_missed"]
            cell["calls_lost"] += figures[call.number]["is_lost"]
            cell["talk_seconds"] += call.talk_seconds if call.result == "answered" else 0
    return cells


def test_deals_money_calls_and_contacts_of_every_manager_and_month(
    published_sandbox: PublishedSandbox, expected: Expected, crm: ExpectedCrm
) -> None:
    names = ["deals_created", "deals_won", "deals_lost", "won_amount", "revenue", "gross_profit", "cash_received", "contacts"]
    names += ["calls_in", "calls_out", "calls_missed", "calls_lost"]
    found = published_sandbox.mart("manager_kpi")
    rows = []
    for (when, manager), cell in kpi(expected, crm).items():
        closed = cell["deals_won"] + cell["deals_lost"]
        row = {"month": when, "manager_key": manager} | {name: cell[name] for name in names}
        row |= {"talk_minutes": cell["talk_seconds"] / 60, "win_rate": cell["deals_won"] / closed if closed else None}
        rows.append(row)
    types = {name: kind for name, kind in found.schema.items() if name in rows[0]}
    wanted = pl.DataFrame(rows, schema=types)
    both = ["month", "manager_key"]
    assert_same_rows(found.join(wanted, on=both, how="semi", nulls_equal=True), wanted, both, near=1e-9)
    others = found.join(wanted, on=both, how="anti", nulls_equal=True)
    assert all(others[name].sum() == 0 for name in names), "a month of a manager with figures that nobody made"


def test_sales_documents_and_new_customers_of_every_manager(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    sold = expected.sales.filter("is_sale", pl.col("kind") != "receipt")
    counts: Cells = defaultdict(lambda: defaultdict(int))
    for (when, manager), own in sold.group_by(pl.col("sale_date").dt.month_start(), "manager_key"):
        counts[when, manager]["sales_count"] = own["document_key"].n_unique()
    firsts = sold.filter(pl.col("customer_key").is_not_null()).sort("sale_date", "sale_key").group_by("customer_key").first()
    for when, manager in firsts.select("sale_date", "manager_key").iter_rows():
        counts[month(when), manager]["new_customers"] += 1
    shops = set(expected.sales.filter(pl.col("kind") == "receipt")["manager_key"])
    found = published_sandbox.mart("manager_kpi").filter(~pl.col("manager_key").is_in(list(shops)))
    for row in found.iter_rows(named=True):
        cell = counts.pop((row["month"], row["manager_key"]), {})
        assert (row["sales_count"], row["new_customers"]) == (cell.get("sales_count", 0), cell.get("new_customers", 0)), row
        assert row["average_sale"] == (cents(row["revenue"] / row["sales_count"]) if row["sales_count"] else None)
    assert not [place for place in counts if place[1] not in shops]


def test_first_response_counts_working_minutes_only(published_sandbox: PublishedSandbox, crm: ExpectedCrm) -> None:
    first: dict[str, datetime] = {}
    created = {crm.keys.deal(deal): deal for deal in crm.keys.live_deals}
    for _, moment, deal, _, _ in crm.work():
        if deal is not None and moment >= truncated(created[deal].created_at):
            first[deal] = min(moment, first.get(deal, moment))
    days = set().union(*(workdays(year) for year in range(crm.company.started_on.year, crm.company.today.year + 1)))
    waits: dict[tuple[date, str | None], list[float]] = defaultdict(list)
    for name, moment in first.items():
        answered = created[name]
        waits[crm.cohort(answered), key("manager", answered.manager)].append(working_minutes(truncated(answered.created_at), moment, days))
    found = published_sandbox.mart("manager_kpi")
    rows = [(*place, median(minutes), len(minutes)) for place, minutes in waits.items()]
    names = ["month", "manager_key", "first_response_minutes", "first_response_deals"]
    wanted = pl.DataFrame(rows, schema={name: found.schema[name] for name in names}, orient="row")
    assert_same_rows(found.filter(pl.col("first_response_deals") > 0), wanted, names[:2], near=1e-6)


def test_overdue_debt_of_the_running_month_is_that_of_the_receivables(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    debts = published_sandbox.mart("receivables").filter(pl.col("overdue_days") > 0)
    wanted = debts.group_by("manager_key").agg(pl.col("debt").sum().alias("overdue_debt"))
    found = published_sandbox.mart("manager_kpi").filter(pl.col("month") == month(expected.as_of), pl.col("overdue_debt") != 0)
    assert_same_rows(found, wanted, ["manager_key"])


def test_overdue_debt_at_the_end_of_a_past_month(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    """The books as they stood on the last day of a month two months ago, seen by the same rules as today's."""
    end = month(back_months(expected.as_of, 1)) - timedelta(days=1)
    then = Expected(expected.company, end)
    orders = {str(key("order", one.number)): one for one in expected.company.orders}
    plain = then.plain_customers & expected.plain_customers
    owed: dict[str | None, Decimal] = defaultdict(lambda: ZERO)
    mixed: set[str | None] = set()
    for debt in then.debts:
        if debt.customer not in plain:
            mixed.add(debt.manager)
            continue
        left = then.settled[debt.order]
        paid, due = debt.shipped - left, debt.since
        order = orders.get(debt.order)
        for stage in order.stages if order else ():
            paid -= stage.amount
            if paid < 0:
                due = stage.due_on
                break
        if left > 0 and due < end:
            owed[debt.manager] += cents(left * debt.rate)
    found = published_sandbox.mart("manager_kpi").filter(pl.col("month") == month(end))
    told = dict(found.select("manager_key", "overdue_debt").iter_rows())
    compared = [manager for manager in told if manager not in mixed]
    assert {manager: told[manager] for manager in compared} == {manager: owed[manager] for manager in compared}


def test_plans_facts_and_the_forecast(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    company, as_of = published_sandbox.company, expected.as_of
    codes = {one.code: one.number for one in company.managers}
    plans: dict[tuple[date, str | None], Decimal] = {}
    for plan in company.plans:
        if plan.metric == "revenue" and plan.scope_kind == "manager":
            plans[plan.month, key("manager", codes[plan.scope_key])] = plan.value
    for plan in company.plans:
        if plan.metric == "revenue" and plan.scope_kind == "company":
            rest = plan.value - sum((value for (when, _), value in plans.items() if when == plan.month), ZERO)
            plans[plan.month, None] = rest
    revenue: dict[tuple[date, str | None], Decimal] = defaultdict(lambda: ZERO)
    before: dict[str | None, Decimal] = defaultdict(lambda: ZERO)
    for when, manager, value in expected.sales.select("sale_date", "manager_key", "revenue_base").iter_rows():
        revenue[month(when), manager] += value
        if month(when) == month(as_of) and when < as_of:
            before[manager] += value
    days = [day for day in workdays(as_of.year) if month(day) == month(as_of)]
    over = sum(day < as_of for day in days)
    rows = []
    for when, manager in {place for place in plans.keys() | revenue.keys() if place[0] <= month(as_of)}:
        planned, fact = plans.get((when, manager)), revenue[when, manager]
        running = month(as_of) == when
        rows.append(
            {
                "month": when,
                "manager_key": manager,
                "plan_revenue": planned,
                "revenue": fact,
                "plan_completion": float(fact / planned) if planned else None,
                "forecast_revenue": fact if not running else cents(before[manager] * len(days) / over) if over >= 3 else None,
            }
        )
    found = published_sandbox.mart("revenue_plan_months").filter(pl.col("month") <= month(as_of))
    assert_same_rows(found, pl.DataFrame(rows, schema=found.schema), ["month", "manager_key"], near=1e-9)


def test_the_companys_plan_is_the_sum_of_its_rows(published_sandbox: PublishedSandbox) -> None:
    found = dict(published_sandbox.mart("revenue_plan_months").group_by("month").agg(pl.col("plan_revenue").sum()).iter_rows())
    for plan in published_sandbox.company.plans:
        if plan.metric == "revenue" and plan.scope_kind == "company":
            assert found[plan.month] == plan.value


def test_the_plans_beside_the_figures_of_managers_are_the_same(published_sandbox: PublishedSandbox, expected: Expected) -> None:
    place = ["month", "manager_key"]
    plans = published_sandbox.mart("revenue_plan_months").filter(pl.col("month") <= month(expected.as_of))
    told = published_sandbox.mart("manager_kpi").filter(pl.col("plan_revenue").is_not_null())
    wanted = plans.filter(pl.col("plan_revenue").is_not_null() & (pl.col("plan_revenue") != 0)).select(*place, "plan_revenue")
    assert_same_rows(told.filter(pl.col("plan_revenue") != 0).select(*place, "plan_revenue"), wanted, place)


def test_every_plan_stands_beside_its_fact(published_sandbox: PublishedSandbox, expected: Expected, crm: ExpectedCrm) -> None:
    company = expected.company
    managers = {one.code: key("manager", one.number) for one in company.managers}
    departments = {key("manager", one.number): one.department for one in company.managers}
    groups = {one.number: one.name for one in company.groups}
    categories = {key("product", one.number): groups[one.group] for one in company.products}
    people = kpi(expected, crm)
    # a shop's receipts are documents of the day in the books, so documents are counted in the published sales
    documents = published_sandbox.mart("fct_sales").filter("is_sale").group_by(pl.col("sale_date").dt.month_start())
    sold = dict(documents.agg(pl.col("document_key").n_unique()).iter_rows())

    def fact(plan: Plan) -> Decimal | None:
        sales = expected.sales.filter(pl.col("sale_date").dt.month_start() == plan.month)
        if plan.scope_kind == "manager":
            sales = sales.filter(pl.col("manager_key") == managers[plan.scope_key])
        if plan.scope_kind == "product_category":
            sales = sales.filter(pl.col("product_key").replace_strict(categories, default=None) == plan.scope_key)
        if plan.metric in ("revenue", "gross_profit"):
            return sum(sales[f"{plan.metric}_base"].drop_nulls(), ZERO)
        if plan.metric == "average_sale":
            return cents(sum(sales["revenue_base"], ZERO) / sold[plan.month]) if plan.month in sold else None
        column = {"cash": "cash_received"}.get(plan.metric, plan.metric)
        cells = [(manager, cell) for (when, manager), cell in people.items() if when == plan.month]
        whose = [cell for manager, cell in cells if plan.scope_kind == "company" or departments.get(str(manager)) == plan.scope_key]
        return sum((Decimal(cell[column]) for cell in whose), ZERO)

    rows = [
        (plan.month, plan.metric, plan.scope_kind, managers.get(plan.scope_key, plan.scope_key or "company"), plan.value, fact(plan))
        for plan in company.plans
    ]
    found = published_sandbox.mart("plan_fact")
    names = ["month", "metric", "scope_kind", "scope_key", "plan", "fact"]
    wanted = pl.DataFrame(rows, schema={name: found.schema[name] for name in names}, orient="row")
    assert_same_rows(found, wanted, names[:4])


def test_workdays_are_russias(published_sandbox: PublishedSandbox) -> None:
    found = published_sandbox.mart("dim_dates").filter(pl.col("year").is_in([2025, 2026]))
    assert set(found.filter("is_workday")["date"]) == workdays(2025) | workdays(2026)
    assert found.filter(pl.col("week_start").dt.weekday() != 1).is_empty()
    assert found.filter(pl.col("quarter") != pl.col("date").dt.truncate("1q")).is_empty()

"""Managers side by side and one by one: plan and fact, conversion, response, calls, load, discounts; fair to a month that is not over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from reports.blocks import Chart, Comparison, Content, Figure, Kpi
from reports.charts_by_month import months_of_money
from reports.compute import Block
from reports.context import Context
from reports.figures.common import known_sum, share
from reports.figures.compared import against
from reports.figures.funnel import STREAMS as CRM
from reports.figures.plans import QUESTIONS as PLANS_ASKED
from reports.figures.plans import plans, workdays_over
from reports.figures.revenue import STREAMS as BOOKS
from reports.figures.tables import Heading, headed, named
from reports.periods import Period, add_months, period_of
from reports.published import Row
from reports.stretches import read_stretch

MONTHS_DRAWN = 12
SUMS = ("revenue", "plan_revenue", "gross_profit", "deals_won", "deals_lost", "contacts")


@dataclass(frozen=True)
class Asked:
    """What the reader chose: a manager_key and a department (empty for all), a month, and what to compare with (empty for nothing)."""

    manager: str = ""
    department: str = ""
    period: str = "month"
    versus: str = ""

    def month(self, context: Context) -> Period:
        """The month: of a longer period, its last one."""
        return period_of("month", read_stretch(self.period, context.as_of).last)

    def values(self, first: Any, last: Any) -> dict[str, Any]:
        """Parameters of the questions for the months from first to last."""
        return {"manager": self.manager, "department": self.department, "from_month": first, "to_month": last}


def people_blocks(asked: Asked) -> tuple[Block, ...]:
    """The page's blocks for what was chosen."""

    def block(
        name: str, build: Callable[[Asked, Context], Sequence[Content]], questions: tuple[str, ...], *, optional: bool = False
    ) -> Block:
        return Block(name, partial(build, asked), questions, (*CRM, *BOOKS), optional=optional)

    return (
        block("people_month", month, ("managers/months", "plan/by_manager", "calendar/workdays")),
        block("people_months", months, ("managers/months",)),
        block("people_plan", plan, ("managers/months", "plan/by_manager")),
        block("people_plans", other_plans, PLANS_ASKED, optional=True),
        block("people_deals", deals, ("managers/months",)),
        block("people_calls", calls, ("managers/months",)),
        block("people_load", load, ("managers/load",), optional=True),
        block("people_discounts", discounts, ("managers/discounts",), optional=True),
    )


def _month(asked: Asked, context: Context) -> list[dict[str, Any]]:
    start = asked.month(context).start
    return named(context, context.ask("managers/months", asked.values(start, start)))


def month(asked: Asked, context: Context) -> Sequence[Content]:
    """The month of all chosen people together, its plan beside the workdays that are over."""
    words, form = context.words, context.form
    rows = _month(asked, context)
    if not rows:
        return []
    sums = {name: known_sum(row[name] for row in rows) for name in SUMS}
    stretch = read_stretch(asked.month(context).key, context.as_of)
    earlier = stretch.earlier(asked.versus).first
    before = context.ask("managers/months", asked.values(earlier, earlier)) if asked.versus else []

    def compared(name: str) -> tuple[Comparison, ...]:
        return against(context, stretch, asked.versus, sums[name], known_sum(row[name] for row in before))

    shown = {row["manager_key"] for row in rows}
    forecast = known_sum(
        row["forecast_revenue"]
        for row in context.ask("plan/by_manager", {"month": asked.month(context).start})
        if row["manager_key"] in shown
    )
    gone = workdays_over(asked.month(context), context)
    done = share(sums["revenue"], sums["plan_revenue"])
    closed = known_sum((sums["deals_won"], sums["deals_lost"]))
    note = (
        words.text("plan.none")
        if done is None
        else words.text("plan.done", share=form.percent(done), plan=form.money(sums["plan_revenue"]))
    )
    figures = (
        Figure(
            "people_revenue",
            words.text("figure.revenue"),
            "money",
            sums["revenue"],
            words.text("define.revenue"),
            note,
            compared("revenue"),
        ),
        Figure("people_forecast", words.text("figure.forecast_month"), "money", forecast, words.text("define.forecast"), note=gone),
        Figure(
            "people_profit",
            words.text("figure.gross_profit"),
            "money",
            sums["gross_profit"],
            words.text("define.gross_profit"),
            "",
            compared("gross_profit"),
        ),
        Figure(
            "people_won",
            words.text("figure.deals_won"),
            "integer",
            sums["deals_won"],
            words.text("define.deals_won"),
            "",
            compared("deals_won"),
        ),
        Figure(
            "people_win_rate", words.text("column.win_rate"), "percent", share(sums["deals_won"], closed), words.text("define.win_rate")
        ),
        Figure(
            "people_contacts",
            words.text("column.contacts"),
            "integer",
            sums["contacts"],
            words.text("define.contacts"),
            "",
            compared("contacts"),
        ),
    )
    return [Kpi(figures)]


def months(asked: Asked, context: Context) -> Sequence[Content]:
    """Revenue of the last months against the plan."""
    words, form = context.words, context.form
    last = asked.month(context).start
    drawn = [add_months(last, number + 1 - MONTHS_DRAWN) for number in range(MONTHS_DRAWN)]
    rows = context.ask("managers/months", asked.values(drawn[0], last))
    if not rows:
        return []
    fact = [_sum(rows, day, "revenue") or 0 for day in drawn]
    planned = [_sum(rows, day, "plan_revenue") for day in drawn]
    series = [(words.text("chart.fact"), fact)] + ([(words.text("chart.plan"), planned)] if any(planned) else [])
    title = words.text("title.revenue_last_months")
    told = "; ".join(f"{form.month(day)}: {form.money(amount)}" for day, amount in zip(drawn, fact, strict=True))
    return [Chart("people_months", title, lambda theme: months_of_money(drawn, series, form, theme), f"{title}. {told}")]


def _sum(rows: Sequence[Row], day: Any, name: str) -> Any:
    return known_sum(row[name] for row in rows if row["month"] == day)


def plan(asked: Asked, context: Context) -> Sequence[Content]:
    """Plan, fact and where the month is heading; ranked by the forecast's share of the plan, so that a part month is fair to all."""
    heading_to = {
        row["manager_key"]: row["forecast_revenue"] for row in context.ask("plan/by_manager", {"month": asked.month(context).start})
    }
    rows = [
        {
            **row,
            "done": share(row["revenue"], row["plan_revenue"]),
            "forecast": heading_to.get(row["manager_key"]),
            "forecast_share": share(heading_to.get(row["manager_key"]), row["plan_revenue"]),
        }
        for row in _month(asked, context)
        if row["revenue"] or row["plan_revenue"]
    ]
    rows.sort(key=lambda row: (row["forecast_share"] is None, -(row["forecast_share"] or 0), -float(row["revenue"] or 0)))
    headings: tuple[Heading, ...] = (
        ("manager_name", "column.manager", "text", "title"),
        ("department", "column.department", "text", "detail"),
        ("plan_revenue", "column.plan", "money", "value"),
        ("revenue", "column.revenue", "money", "value"),
        ("done", "column.plan_completion", "percent", "value"),
        ("forecast", "column.forecast", "money", "value"),
        ("forecast_share", "column.forecast_share", "percent", "value"),
        ("gross_profit", "column.gross_profit", "money", "value"),
        ("cash_received", "column.cash_received", "money", "workbook"),
        ("average_sale", "column.average_sale", "money", "value"),
        ("new_customers", "column.new_customers", "integer", "value"),
        ("overdue_debt", "column.overdue_debt", "money", "value"),
        ("manager_key", "column.manager_key", "text", "workbook"),
    )
    return [headed(context, "people_plan", headings, rows, shown=30, note=context.words.text("note.fair_ranking"))]


def other_plans(asked: Asked, context: Context) -> Sequence[Content]:
    """The month's plans beyond the revenue of managers."""
    return plans(asked.month(context), {"manager": asked.manager, "department": asked.department}, context)


def deals(asked: Asked, context: Context) -> Sequence[Content]:
    """Deals, conversion, and how soon people answer."""
    rows = [row for row in _month(asked, context) if row["deals_created"] or row["deals_won"] or row["deals_lost"]]
    rows.sort(key=lambda row: -(row["deals_won"] or 0))
    headings: tuple[Heading, ...] = (
        ("manager_name", "column.manager", "text", "title"),
        ("deals_created", "column.deals_created", "integer", "value"),
        ("deals_won", "column.deals_won", "integer", "value"),
        ("deals_lost", "column.deals_lost", "integer", "value"),
        ("win_rate", "column.win_rate", "percent", "value"),
        ("won_amount", "column.won_amount", "money", "workbook"),
        ("first_response_minutes", "column.first_response_minutes", "integer", "value"),
        ("manager_key", "column.manager_key", "text", "workbook"),
    )
    return [headed(context, "people_deals", headings, rows, shown=30)]


def calls(asked: Asked, context: Context) -> Sequence[Content]:
    """Calls and contacts."""
    rows = [row for row in _month(asked, context) if row["contacts"] or row["calls_in"] or row["calls_out"]]
    rows.sort(key=lambda row: -(row["contacts"] or 0))
    headings: tuple[Heading, ...] = (
        ("manager_name", "column.manager", "text", "title"),
        ("contacts", "column.contacts", "integer", "value"),
        ("calls_in", "column.calls_in", "integer", "value"),
        ("calls_out", "column.calls_out", "integer", "value"),
        ("calls_missed", "column.calls_missed", "integer", "value"),
        ("calls_lost", "column.calls_lost", "integer", "workbook"),
        ("talk_minutes", "column.talk_minutes", "integer", "value"),
        ("manager_key", "column.manager_key", "text", "workbook"),
    )
    return [headed(context, "people_calls", headings, rows, shown=30)]


def load(asked: Asked, context: Context) -> Sequence[Content]:
    """Open deals, those without a task and late tasks."""
    last = min(asked.month(context).end, context.as_of)
    rows = named(context, context.ask("managers/load", {"manager": asked.manager, "department": asked.department, "to_date": last}))
    headings: tuple[Heading, ...] = (
        ("manager_name", "column.manager", "text", "title"),
        ("open_deals", "column.deals_now", "integer", "value"),
        ("deals_without_task", "column.deals_without_task", "integer", "value"),
        ("tasks_overdue", "column.tasks_overdue", "integer", "value"),
        ("manager_key", "column.manager_key", "text", "workbook"),
    )
    note = context.words.text("note.as_of", day=context.form.day(rows[0]["date"])) if rows else ""
    return [headed(context, "people_load", headings, rows, shown=30, note=note)]


def discounts(asked: Asked, context: Context) -> Sequence[Content]:
    """What was given away against the price in the month's orders, the most generous first."""
    start = asked.month(context).start
    rows = named(context, context.ask("managers/discounts", asked.values(start, start)))
    # a share of whole percents would be the same for nearly everybody
    rows = [{**row, "discount_share": 100 * float(row["discount"] / row["full_amount"]) if row["full_amount"] else None} for row in rows]
    headings: tuple[Heading, ...] = (
        ("manager_name", "column.manager", "text", "title"),
        ("discount_share", "column.discount_share", "number", "value"),
        ("discount", "column.discount", "money", "value"),
        ("customers", "column.discount_customers", "integer", "value"),
        ("full_amount", "column.full_amount", "money", "workbook"),
        ("manager_key", "column.manager_key", "text", "workbook"),
    )
    return [headed(context, "people_discounts", headings, rows, shown=30)]

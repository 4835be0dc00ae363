"""Revenue of any stretch of days that a page is asked for, running or over, against the one before and the one a year ago."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from reports.blocks import Bar, Bars, Content, Figure, Kpi
from reports.compute import Block
from reports.context import Context
from reports.figures.common import share
from reports.figures.compared import against
from reports.figures.revenue import STREAMS
from reports.formatting import Kind
from reports.periods import add_months
from reports.stretches import VERSUS, Stretch, read_stretch

DAYS_IN_BARS = 14
QUESTIONS = ("revenue/totals", "revenue/by_day", "sales/deals_closed", "sales/leads")


def stretch_block(period: str) -> Block:
    """The block for a stretch as the address writes it."""
    return Block("revenue_stretch", partial(revenue, period), QUESTIONS, STREAMS, page="overview")


def revenue(period: str, context: Context) -> Sequence[Content]:
    """Revenue large with two comparisons, then profit, sales, orders, leads and won deals; its days or months as bars."""
    words, form = context.words, context.form
    stretch = read_stretch(period, context.as_of)
    bounds = context.between(stretch.first, stretch.last)
    totals = context.one("revenue/totals", bounds)
    if totals["revenue"] is None:
        return []
    deals = context.one("sales/deals_closed", bounds)
    compared = tuple(
        comparison
        for versus in VERSUS
        for comparison in against(
            context, stretch, versus, totals["revenue"], _revenue_of(context, *_days_of(stretch.earlier(versus))), daily=True
        )
    )
    margin = share(totals["gross_profit"], totals["revenue"])
    orders = words.text("note.for_amount", amount=form.money(totals["orders_amount"])) if totals["orders_count"] else ""
    won = words.text("note.for_amount", amount=form.money(deals["won_amount"])) if deals["deals_won"] else ""
    told: tuple[tuple[str, Kind, Any, str], ...] = (
        (
            "gross_profit",
            "money",
            totals["gross_profit"],
            "" if margin is None else words.text("note.margin", margin=form.percent(margin, 1)),
        ),
        ("sales", "integer", totals["sales_count"], ""),
        ("orders", "integer", totals["orders_count"], orders),
        ("leads", "integer", context.one("sales/leads", bounds)["leads"], ""),
        ("deals_won", "integer", deals["deals_won"], won),
    )
    figures = (
        Figure(
            "stretch_revenue",
            words.text("figure.revenue"),
            "money",
            context.known(totals["revenue"]),
            words.text("define.revenue"),
            comparisons=compared,
        ),
        *(
            Figure(f"stretch_{name}", words.text(f"figure.{name}"), kind, value, words.text(f"define.{name}"), note)
            for name, kind, value, note in told
        ),
    )
    return [Kpi(figures, lead=True), _bars(context, stretch.first, stretch.last)]


def _days_of(stretch: Stretch) -> tuple[date, date]:
    return stretch.first, stretch.last


def _revenue_of(context: Context, first: date, last: date) -> Any:
    return context.one("revenue/totals", context.between(first, last))["revenue"]


def _bars(context: Context, first: date, last: date) -> Bars:
    words, form = context.words, context.form
    by_day = {row["date"]: row["revenue"] for row in context.ask("revenue/by_day", context.between(first, last))}
    count = (last - first).days + 1
    if count <= DAYS_IN_BARS:
        days = [first + timedelta(days=number) for number in range(count)]
        drawn = tuple(Bar(words.text(f"weekday.{day.weekday()}", day=form.day(day, year=False)), by_day.get(day, 0)) for day in days)
        return Bars("stretch_days", words.text("title.revenue_by_day"), "money", drawn)
    if count <= 31:
        weeks = sorted({day - timedelta(days=day.weekday()) for day in (first + timedelta(days=number) for number in range(count))})
        drawn = tuple(_between(context, by_day, max(week, first), min(week + timedelta(days=6), last)) for week in weeks)
        return Bars("stretch_weeks", words.text("title.revenue_by_week"), "money", drawn)
    months = [add_months(first.replace(day=1), number) for number in range((last.year - first.year) * 12 + last.month - first.month + 1)]
    sums = {month: sum((value for day, value in by_day.items() if day.replace(day=1) == month and value), 0) for month in months}
    return Bars(
        "stretch_months", words.text("title.revenue_last_months"), "money", tuple(Bar(form.month(month), sums[month]) for month in months)
    )


def _between(context: Context, by_day: dict[date, Any], first: date, last: date) -> Bar:
    ends = dict.fromkeys(context.form.day(day, year=False) for day in (first, last))
    return Bar(
        " — ".join(ends),
        sum((value for day, value in by_day.items() if first <= day <= last and value), 0),
    )

"""Revenue of the day and of the month to date against the plan."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from reports import charts
from reports.blocks import Bar, Bars, Chart, Content, Figure, Kpi, Progress, Text
from reports.compute import Block
from reports.context import Context
from reports.figures.common import earlier_days, month_comparisons, month_to_date, period_comparisons, share
from reports.figures.funnel import STREAMS as CRM_STREAMS
from reports.periods import add_months
from reports.published import Row

STREAMS = ("orders", "shipments", "returns", "sales_register", "retail_receipts", "retail_returns", "retail_reports")
DAYS_IN_BARS = 7
MONTHS_IN_BARS = 6


def headline(context: Context) -> Sequence[Content]:
    """The report in two sentences, for those who read only the notification on the phone."""
    words, form = context.words, context.form
    day = context.one("revenue/totals", context.between(context.period.start, context.period.end))["revenue"]
    first, last = month_to_date(context)
    month = context.known(context.one("revenue/totals", context.between(first, last))["revenue"])
    plan = context.one("plan/month", {"month": first})
    if day is None:
        return [Text(words.text("headline.nothing"))]
    sentences = _of_the_period(context, day)
    done = share(month, plan["plan_revenue"])
    name = form.month_name(first)
    if context.period.kind == "month":
        sentences += [] if done is None else [words.text("headline.of_plan", done=form.percent(done))]
    elif done is None:
        sentences.append(words.text("headline.to_date", month=name, revenue=form.money(month)))
    else:
        sentences.append(words.text("headline.to_date_plan", month=name, revenue=form.money(month), done=form.percent(done)))
        forecast = share(plan["forecast_revenue"], plan["plan_revenue"])
        if forecast is not None and last < context.month.end:
            sentences.append(words.text("headline.forecast", forecast=form.percent(forecast)))
    return [Text(" ".join(sentences))]


def _of_the_period(context: Context, revenue: Any) -> list[str]:
    """Revenue of the period; a Monday's mail is about a Sunday, so a day off without sales also tells of the last workday."""
    words, form, end = context.words, context.form, context.period.end
    written = form.money(context.known(revenue))
    if context.period.kind != "day" or revenue:
        return [words.text(f"headline.{context.period.kind}", revenue=written)]
    days = {row["date"]: row["is_workday"] for month in (earlier_days(context, 1)[0], context.month.start) for row in _days(context, month)}
    if days.get(end, True):
        return [words.text("headline.day", revenue=written)]
    last = max((day for day, is_workday in days.items() if is_workday and day < end), default=None)
    sentences = [words.text("headline.day_off", revenue=written)]
    if last is not None:
        sold = context.known(context.one("revenue/totals", context.between(last, last))["revenue"])
        name = words.text(f"weekday.{last.weekday()}", day=form.day(last, year=False))
        sentences.append(words.text("headline.last_workday", day=name, workday=form.money(sold)))
    return sentences


def _days(context: Context, month: date) -> list[Row]:
    return context.ask("calendar/days", {"month": month})


def revenue_period(context: Context) -> Sequence[Content]:
    """The period: revenue large, then profit, sales, orders, leads and won deals; its days or the months up to it as bars."""
    words = context.words
    kind = context.period.kind
    bounds = context.between(context.period.start, context.period.end)
    totals = context.one("revenue/totals", bounds)
    deals = context.one("sales/deals_closed", bounds)
    leads = context.known(context.one("sales/leads", bounds)["leads"], CRM_STREAMS)
    margin = share(totals["gross_profit"], totals["revenue"])
    figures = (
        Figure(
            f"revenue_{kind}",
            words.text("figure.revenue"),
            "money",
            context.known(totals["revenue"]),
            words.text("define.revenue"),
            comparisons=period_comparisons(context, totals["revenue"], "revenue/totals", "revenue"),
        ),
        Figure(
            f"gross_profit_{kind}",
            words.text("figure.gross_profit"),
            "money",
            context.known(totals["gross_profit"]),
            words.text("define.gross_profit"),
            note="" if margin is None else words.text("note.margin", margin=context.form.percent(margin, 1)),
        ),
        Figure(f"sales_{kind}", words.text("figure.sales"), "integer", context.known(totals["sales_count"]), words.text("define.sales")),
        Figure(
            f"orders_{kind}",
            words.text("figure.orders"),
            "integer",
            context.known(totals["orders_count"]),
            words.text("define.orders"),
            note=words.text("note.for_amount", amount=context.form.money(totals["orders_amount"])) if totals["orders_count"] else "",
        ),
        Figure(f"leads_{kind}", words.text("figure.leads"), "integer", leads, words.text("define.leads")),
        Figure(
            f"deals_won_{kind}",
            words.text("figure.deals_won"),
            "integer",
            context.known(deals["deals_won"], CRM_STREAMS),
            words.text("define.deals_won"),
            note=words.text("note.for_amount", amount=context.form.money(deals["won_amount"])) if deals["deals_won"] else "",
        ),
    )
    return [Kpi(figures, lead=True), _last_days(context) if kind in ("day", "week") else _last_months(context)]


def _last_days(context: Context) -> Bars:
    first = context.period.end - timedelta(days=DAYS_IN_BARS - 1)
    revenue = _by_date(context, first, context.period.end)
    days = [first + timedelta(days=number) for number in range(DAYS_IN_BARS)] if revenue else []
    bars = tuple(
        Bar(context.words.text(f"weekday.{day.weekday()}", day=context.form.day(day, year=False)), context.known(revenue.get(day, 0)))
        for day in days
    )
    return Bars("revenue_last_days", context.words.text("title.revenue_last_days"), "money", bars)


def _last_months(context: Context) -> Bars:
    first = add_months(context.month.start, 1 - MONTHS_IN_BARS)
    revenue: dict[date, Any] = {}
    for day, amount in _by_date(context, first, context.period.end).items():
        revenue[day.replace(day=1)] = revenue.get(day.replace(day=1), 0) + amount
    months = [add_months(first, number) for number in range(MONTHS_IN_BARS)] if revenue else []
    bars = tuple(Bar(context.form.month(month), context.known(revenue.get(month, 0))) for month in months)
    return Bars("revenue_last_months", context.words.text("title.revenue_last_months"), "money", bars)


def revenue_month(context: Context) -> Sequence[Content]:
    """The month to date: revenue against plan and forecast, profit, and the curve of the month."""
    words, form = context.words, context.form
    first, last = month_to_date(context)
    totals = context.one("revenue/totals", context.between(first, last))
    plan = context.one("plan/month", {"month": first})
    workdays = context.one("calendar/workdays", {"month": first, "to_date": last})
    pace = share(workdays["workdays_over"], workdays["workdays"])
    done = share(context.known(totals["revenue"]), plan["plan_revenue"])
    forecast_share = share(plan["forecast_revenue"], plan["plan_revenue"])
    margin = share(totals["gross_profit"], totals["revenue"])
    pace_note = words.text(
        "plan.workdays",
        over=form.number(workdays["workdays_over"] or 0),
        total=form.number(workdays["workdays"] or 0),
        share=form.percent(pace),
    )
    progress = Progress(done, pace, words.text("plan.done", share=form.percent(done), plan=form.money(plan["plan_revenue"])), pace_note)
    figures = [
        Figure(
            "revenue_month",
            words.text("figure.revenue_month", month=form.month_name(first)),
            "money",
            context.known(totals["revenue"]),
            words.text("define.revenue"),
            comparisons=month_comparisons(context, totals["revenue"], "revenue/totals", "revenue"),
            progress=progress if plan["plan_revenue"] else None,
            note="" if plan["plan_revenue"] else words.text("plan.none"),
        ),
        Figure(
            "forecast_month",
            words.text("figure.forecast", month=form.month_name(first)),
            "money",
            plan["forecast_revenue"],
            words.text("define.forecast"),
            note="" if forecast_share is None else words.text("plan.share", share=form.percent(forecast_share)),
        ),
        Figure(
            "gross_profit_month",
            words.text("figure.gross_profit"),
            "money",
            context.known(totals["gross_profit"]),
            words.text("define.gross_profit"),
            note="" if margin is None else words.text("note.margin", margin=form.percent(margin, 1)),
        ),
    ]
    if last == context.month.end:
        # a month that is over has its revenue; the same sum again, called a forecast, tells nothing
        figures = [figure for figure in figures if figure.name != "forecast_month"]
    contents: list[Content] = [Kpi(tuple(figures), lead=True)]
    if totals["revenue_without_cost"]:
        contents.append(Text(words.text("note.without_cost", amount=form.money(totals["revenue_without_cost"]))))
    contents.extend(_month_chart(context, plan["plan_revenue"], progress.label))
    return contents


def _month_chart(context: Context, plan: Any, progress: str) -> list[Content]:
    words, form = context.words, context.form
    first, last = month_to_date(context)
    days = _days(context, first)
    revenue = _by_date(context, first, last)
    if not revenue or not days:
        return []
    before_first, before_last = earlier_days(context, 1)
    before = _by_date(context, before_first, max(before_last, first - timedelta(days=1)))
    title = words.text("title.revenue_month_chart", month=form.month(first))
    return [
        Chart(
            "revenue_month_chart",
            title,
            lambda theme: charts.cumulative(
                [(row["date"], bool(row["is_workday"])) for row in days],
                revenue,
                last,
                plan,
                [(day.day, value) for day, value in sorted(before.items())],
                {key: words.text(f"chart.{key}") for key in ("fact", "plan", "previous_month")},
                form,
                theme,
            ),
            f"{title}. {progress}",
        )
    ]


def _by_date(context: Context, first: date, last: date) -> dict[date, Any]:
    return {row["date"]: row["revenue"] for row in context.ask("revenue/by_day", context.between(first, last))}


HEADLINE = Block("headline", headline, ("revenue/totals", "plan/month", "calendar/days"), STREAMS)
_ASKED = ("revenue/totals", "revenue/by_day", "sales/deals_closed", "sales/leads")
REVENUE_DAY = Block("revenue_day", revenue_period, _ASKED, STREAMS, page="overview")
REVENUE_WEEK = Block("revenue_week", revenue_period, _ASKED, STREAMS, page="overview")
REVENUE_WHOLE_MONTH = Block("revenue_whole_month", revenue_period, _ASKED, STREAMS, page="overview")
REVENUE_MONTH = Block(
    "revenue_month",
    revenue_month,
    ("revenue/totals", "revenue/by_day", "plan/month", "calendar/workdays", "calendar/days"),
    STREAMS,
    page="overview",
)

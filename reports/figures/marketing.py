"""Advertising: cost and leads of the day and the month to date, by channel."""

from collections.abc import Sequence
from typing import Any

from reports import charts
from reports.blocks import Chart, Column, Content, Figure, Kpi, Table, Text
from reports.compute import Block
from reports.context import Context
from reports.figures.common import known_sum, month_comparisons, month_to_date, share
from reports.figures.funnel import STREAMS as CRM_STREAMS

STREAMS = ("campaign_costs",)


def marketing(context: Context) -> Sequence[Content]:
    """Totals, a chart of cost beside leads, and the table of channels."""
    words, form = context.words, context.form
    day, month = context.between(context.period.start, context.period.end), context.between(*month_to_date(context))
    cost_day, cost_month = (context.known(context.one("marketing/costs_total", bounds)["cost"]) for bounds in (day, month))
    leads_day, leads_month = (context.known(context.one("sales/leads", bounds)["leads"], CRM_STREAMS) for bounds in (day, month))
    _, per_lead = _paid(context, month)
    whole = context.period.kind == "month"
    figures = (
        Figure("marketing_cost_day", words.text("figure.marketing_cost"), "money", cost_day, words.text("define.marketing_cost")),
        Figure("marketing_leads_day", words.text("figure.leads"), "integer", leads_day, words.text("define.leads")),
        Figure(
            "marketing_cost_month",
            words.text("figure.marketing_cost") if whole else words.text("figure.marketing_cost_month"),
            "money",
            cost_month,
            words.text("define.marketing_cost"),
            comparisons=month_comparisons(context, cost_month, "marketing/costs_total", "cost", growth_is_good=False),
        ),
        Figure(
            "marketing_leads_month",
            words.text("figure.leads") if whole else words.text("figure.leads_month"),
            "integer",
            leads_month,
            words.text("define.leads"),
            note="" if per_lead is None else words.text("note.per_lead", amount=form.money(per_lead)),
            comparisons=month_comparisons(context, leads_month, "sales/leads", "leads"),
        ),
    )
    # in a month's report the month's figures would stand there twice
    return [Kpi(figures[2:] if whole else figures), *_channels(context, month)]


def _channels(context: Context, bounds: dict[str, object]) -> list[Content]:
    words, form = context.words, context.form
    costs = {row["channel"]: row for row in context.ask("marketing/costs_by_channel", bounds)}
    leads = {row["channel"]: row["leads"] for row in context.ask("marketing/leads_by_channel", bounds)}
    rows: list[tuple[Any, ...]] = []
    for channel in {**costs, **leads}:
        cost = costs.get(channel, {}).get("cost")
        count = leads.get(channel, 0)
        clicks = costs.get(channel, {}).get("clicks")
        rows.append((words.choice("channel", channel), clicks, count, cost, share(cost, count)))
    rows.sort(key=lambda row: (-float(row[3] or 0), -row[2], row[0]))
    columns = (
        Column("channel", words.text("column.channel"), "text", "title"),
        Column("clicks", words.text("column.clicks"), "integer", "workbook"),
        Column("leads", words.text("column.leads"), "integer"),
        Column("cost", words.text("column.cost"), "money"),
        Column("cost_per_lead", words.text("column.cost_per_lead"), "money"),
    )
    found: list[Content] = []
    paid = [row for row in rows if row[3]]
    if paid:
        title = words.text("title.marketing_chart", month=form.month(context.month.start))
        told = "; ".join(f"{row[0]}: {form.money(row[3])}, {words.count('plural.leads', row[2], form.number(row[2]))}" for row in paid)
        height = 24 + 50 * len(paid)
        labels, amounts = [str(row[0]) for row in paid], [row[3] for row in paid]
        notes = [words.count("plural.leads", row[2], form.number(row[2])) for row in paid]
        found.append(
            Chart(
                "marketing_chart",
                title,
                lambda theme: charts.horizontal(labels, amounts, form, theme, height, notes),
                f"{title}. {told}",
                height,
            )
        )
    title = words.text("title.channels_month") if context.period.kind == "month" else words.text("title.channels")
    found.append(Table("channels", title, columns, tuple(rows), shown=8))
    return found


def headline(context: Context) -> Sequence[Content]:
    """Advertising in one sentence."""
    words, form = context.words, context.form
    bounds = context.between(context.period.start, context.period.end)
    cost = context.known(context.one("marketing/costs_total", bounds)["cost"])
    leads = context.known(context.one("sales/leads", bounds)["leads"], CRM_STREAMS)
    paid, per_lead = _paid(context, bounds)
    told = {"cost": form.money(cost), "leads": form.number(leads), "paid": form.number(paid), "per_lead": form.money(per_lead)}
    return [Text(words.text("headline.marketing", **told))]


def _paid(context: Context, bounds: dict[str, object]) -> tuple[int, float | None]:
    """Leads of the channels that cost something, and what one of these cost: what came without advertising did not make it cheaper."""
    costs = {row["channel"]: row["cost"] for row in context.ask("marketing/costs_by_channel", bounds) if row["cost"]}
    found = context.ask("marketing/leads_by_channel", bounds)
    leads = sum(row["leads"] for row in found if row["channel"] in costs)
    return leads, share(known_sum(costs.values()), leads)


_BY_CHANNEL = ("marketing/costs_by_channel", "marketing/leads_by_channel")
HEADLINE = Block("headline", headline, ("marketing/costs_total", "sales/leads", *_BY_CHANNEL), STREAMS)
MARKETING = Block(
    "marketing",
    marketing,
    ("marketing/costs_total", "sales/leads", *_BY_CHANNEL),
    STREAMS,
    page="marketing",
)

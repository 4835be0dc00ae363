"""Marketing return by channel and campaign, two attribution models side by side, each measure named."""

from collections.abc import Sequence
from typing import Any

from reports.blocks import Column, Content, Figure, Kpi, Table, Text
from reports.compute import Block
from reports.context import Context
from reports.figures.common import change, known_sum, share
from reports.figures.marketing import STREAMS
from reports.periods import add_months
from reports.published import Row

MODELS = ("last_touch", "first_touch")
MONTHS = 3


def marketing_return(context: Context) -> Sequence[Content]:
    """Cost and what it brought over three months, in total, by channel under both models, and by campaign."""
    words, form = context.words, context.form
    last = context.month.start
    bounds = {"from_month": add_months(last, 1 - MONTHS), "to_month": last}
    by_model = {model: context.ask("marketing/return_by_channel", {**bounds, "attribution_model": model}) for model in MODELS}
    rows = by_model[MODELS[0]]
    # what came without advertising is no merit of it: totals are of the channels that cost something
    paid = [row for row in rows if row["cost"]]
    cost, revenue = known_sum(row["cost"] for row in paid), known_sum(row["revenue"] for row in paid)
    customers = known_sum(row["new_customers"] for row in paid)
    figures = (
        Figure("roi_cost", words.text("figure.marketing_cost"), "money", cost, words.text("define.marketing_cost")),
        Figure("roi_cac", words.text("figure.cac"), "money", share(cost, customers), words.text("define.cac")),
        Figure("roi_romi", words.text("figure.romi_revenue"), "percent", change(revenue, cost), words.text("define.romi_revenue")),
        Figure(
            "roi_ratio", words.text("figure.cost_revenue_ratio"), "percent", share(cost, revenue), words.text("define.cost_revenue_ratio")
        ),
    )
    if not rows:
        return []
    told = Text(words.text("note.attribution", first=form.month(bounds["from_month"]), last=form.month(last)))
    return [Kpi(figures), told, *(_channels(context, model, by_model[model]) for model in MODELS), _campaigns(context, bounds)]


def _measures(context: Context) -> tuple[Column, ...]:
    words = context.words
    return (
        Column("cost", words.text("column.cost"), "money"),
        Column("revenue", words.text("column.revenue"), "money"),
        Column("romi_revenue", words.text("column.romi_revenue"), "percent"),
        Column("leads", words.text("column.leads"), "integer", "detail"),
        Column("deals_won", words.text("column.deals_won"), "integer", "detail"),
        Column("cost_per_lead", words.text("column.cost_per_lead"), "money", "detail"),
        Column("cost_revenue_ratio", words.text("column.cost_revenue_ratio"), "percent", "workbook"),
        Column("gross_profit", words.text("column.gross_profit"), "money", "workbook"),
        Column("romi_margin", words.text("column.romi_margin"), "percent", "workbook"),
    )


def _values(row: Row) -> tuple[Any, ...]:
    cost = row["cost"]
    return (
        cost,
        row["revenue"],
        change(row["revenue"], cost),
        row["leads"],
        row["deals_won"],
        share(cost or None, row["leads"]),
        share(cost or None, row["revenue"]),
        row["gross_profit"],
        change(row["gross_profit"], cost),
    )


def _channels(context: Context, model: str, rows: list[Row]) -> Table:
    words = context.words
    columns = (Column("channel", words.text("column.channel"), "text", "title"), *_measures(context))
    data = tuple((words.choice("channel", row["channel"]), *_values(row)) for row in rows)
    return Table(f"channels_{model}", words.text("title.channels_by_model", model=words.text(f"model.{model}")), columns, data, shown=8)


def _campaigns(context: Context, bounds: dict[str, Any]) -> Table:
    words = context.words
    columns = (
        Column("campaign", words.text("column.campaign"), "text", "title"),
        Column("channel", words.text("column.channel"), "text", "detail"),
        *_measures(context),
    )
    data = tuple(
        (
            row["campaign_name"] or row["utm_campaign"] or words.text("none.campaign"),
            words.choice("channel", row["channel"]),
            *_values(row),
        )
        for row in context.ask("marketing/return_by_campaign", {**bounds, "attribution_model": MODELS[0]})
    )
    # what cost nothing is no campaign to decide about: it is left to the workbook
    paid = sum(bool(row[2]) for row in data)
    return Table(
        "campaigns", words.text("title.campaigns", model=words.text(f"model.{MODELS[0]}")), columns, data, shown=min(10, max(3, paid))
    )


MARKETING_RETURN = Block(
    "marketing_return", marketing_return, ("marketing/return_by_channel", "marketing/return_by_campaign"), STREAMS, page="marketing"
)

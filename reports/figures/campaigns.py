"""Marketing in depth: cost, leads, CPL, CAC, ROMI (named) and ДРР by channel, campaign and month; models side by side; payback."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from reports.blocks import Chart, Column, Comparison, Content, Figure, Kpi, Table, Text
from reports.charts_by_month import grid_of_cells, months_of_money
from reports.compute import Block
from reports.context import Context
from reports.figures.common import change, known_sum, name_or, share
from reports.figures.compared import against
from reports.figures.deal_lists import STAGE_OF_DEAL, deal_list
from reports.figures.marketing import STREAMS
from reports.figures.tables import CAMPAIGN_KEY, CHANNEL, CHANNEL_KEY, PAGE_ROWS, Heading, headed, named
from reports.formatting import Kind
from reports.periods import add_months
from reports.stretches import Stretch, read_stretch

MODELS = ("first_touch", "last_touch", "last_non_direct", "linear", "position_based", "time_decay")
SUMS = ("cost", "leads", "deals_won", "new_customers", "revenue", "gross_profit")
MONTHS_OF_LIFE = 13
COHORTS = 12
MONTHS_DRAWN = 12

MEASURES: tuple[Heading, ...] = (
    ("cost", "column.cost", "money", "value"),
    ("leads", "column.leads", "integer", "value"),
    ("cpl", "column.cost_per_lead", "money", "value"),
    ("deals_won", "column.deals_won", "number", "workbook"),
    ("new_customers", "column.customers_new", "number", "value"),
    ("cac", "column.cac", "money", "value"),
    ("revenue", "column.revenue", "money", "value"),
    ("cost_revenue_ratio", "column.cost_revenue_ratio", "percent", "value"),
    ("romi_margin", "column.romi_margin", "percent", "value"),
    ("romi_revenue", "column.romi_revenue", "percent", "workbook"),
    ("gross_profit", "column.gross_profit", "money", "workbook"),
)


@dataclass(frozen=True)
class Asked:
    """What the reader chose.

    Attributes:
        period: the stretch of months.
        model: the attribution model.
        channel: a channel, `none` for no channel, empty for all.
        versus: what the totals are compared with, empty for nothing.
        campaign: the campaign_key whose deals are listed, empty for none.
    """

    period: str = "months_3"
    model: str = "last_touch"
    channel: str = ""
    versus: str = ""
    campaign: str = ""

    def stretch(self, context: Context) -> Stretch:
        """The chosen months."""
        return read_stretch(self.period, context.as_of)

    def values(self, context: Context, months: Stretch | None = None) -> dict[str, Any]:
        """Parameters of the questions, for the chosen months or others."""
        asked = months or self.stretch(context)
        bounds = {"from_month": asked.first.replace(day=1), "to_month": asked.last_month}
        return {**bounds, "attribution_model": self.model, "channel": self.channel}


def campaign_blocks(asked: Asked) -> tuple[Block, ...]:
    """The page's blocks for what was chosen."""

    def block(name: str, build: Callable[[Asked, Context], Sequence[Content]], question: str, *, optional: bool = False) -> Block:
        return Block(name, partial(build, asked), (question,), STREAMS, optional=optional)

    return (
        block("campaign_totals", totals, "marketing/return_by_channel"),
        block("campaign_chart", by_month_chart, "marketing/months"),
        block("campaign_channels", by_channel, "marketing/return_by_channel"),
        block("campaign_campaigns", by_campaign, "marketing/return_by_campaign"),
        block("campaign_months", by_month, "marketing/months"),
        block("campaign_models", models, "marketing/models"),
        block("campaign_cohorts", cohorts, "marketing/cohorts", optional=True),
    )


def deals_block(asked: Asked) -> Block:
    """The deals of the chosen campaign."""
    return Block("campaign_deals", partial(deals, asked), ("marketing/campaign_deals", "marketing/campaign"), STREAMS)


def measured(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with its ratios, reckoned from its sums; None without a denominator."""
    cost = row["cost"] or None
    ratios = {
        "cpl": share(cost, row["leads"]),
        "cac": share(cost, row["new_customers"]),
        "cost_revenue_ratio": share(cost, row["revenue"]),
        "romi_margin": change(row["gross_profit"], cost),
        "romi_revenue": change(row["revenue"], cost),
    }
    return {**row, **ratios}


def _channels(asked: Asked, context: Context, months: Stretch | None = None) -> list[dict[str, Any]]:
    rows = context.ask("marketing/return_by_channel", asked.values(context, months))
    return [dict(row) for row in rows if asked.channel in ("", row["channel"] or "none")]


def summed(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The sums of some rows with the ratios of the whole."""
    kept = list(rows)
    return measured({name: known_sum(row[name] for row in kept) for name in SUMS})


def totals(asked: Asked, context: Context) -> Sequence[Content]:
    """The channels that cost something, in total: what came without advertising is no merit of it."""
    words, form = context.words, context.form
    rows = _channels(asked, context)
    if not rows:
        return []
    paid = summed(row for row in rows if row["cost"])
    stretch = asked.stretch(context)
    earlier = _channels(asked, context, stretch.earlier(asked.versus)) if asked.versus else []
    before = summed(row for row in earlier if row["cost"])
    names: tuple[tuple[str, str, Kind, str], ...] = (
        ("cost", "figure.marketing_cost", "money", "define.marketing_cost"),
        ("leads", "figure.leads", "integer", "define.leads"),
        ("cpl", "figure.cpl", "money", "define.cpl"),
        ("cac", "figure.cac", "money", "define.cac"),
        ("revenue", "figure.revenue", "money", "define.revenue_by_model"),
        ("cost_revenue_ratio", "figure.cost_revenue_ratio", "percent", "define.cost_revenue_ratio"),
        ("romi_margin", "figure.romi_margin", "percent", "define.romi_margin"),
        ("romi_revenue", "figure.romi_revenue", "percent", "define.romi_revenue"),
    )
    figures = tuple(
        Figure(
            f"paid_{name}",
            words.text(label),
            kind,
            paid[name],
            words.text(told),
            comparisons=_compared(context, stretch, asked.versus, paid[name], before[name], name),
        )
        for name, label, kind, told in names
    )
    bounds = asked.values(context)
    months = dict.fromkeys(form.month(bounds[name]) for name in ("from_month", "to_month"))
    about = words.text("note.paid_channels", months=" — ".join(months), model=words.text(f"model.{asked.model}"))
    return [Kpi(figures), Text(about)]


# More of these is worse.
COSTLY = frozenset({"cost", "cpl", "cac", "cost_revenue_ratio"})


def _compared(context: Context, stretch: Stretch, versus: str, now: Any, before: Any, name: str) -> tuple[Comparison, ...]:
    points = name in ("cost_revenue_ratio", "romi_margin", "romi_revenue")
    return against(context, stretch, versus, now, before, growth_is_good=name not in COSTLY, points=points)


def by_month_chart(asked: Asked, context: Context) -> Sequence[Content]:
    """Cost by month beside the gross profit of campaigns."""
    words, form = context.words, context.form
    last = asked.stretch(context).last_month
    drawn = [add_months(last, number + 1 - MONTHS_DRAWN) for number in range(MONTHS_DRAWN)]
    rows = {row["month"]: row for row in context.ask("marketing/months", {**asked.values(context), "from_month": drawn[0]})}
    if not rows:
        return []
    series = [
        (words.text(word), [rows[month][name] if month in rows else 0 for month in drawn])
        for name, word in (("cost", "column.cost"), ("gross_profit", "column.gross_profit"))
    ]
    title = words.text("title.cost_and_profit")
    told = "; ".join(f"{form.month(month)}: {form.money(cost)}" for month, cost in zip(drawn, series[0][1], strict=True))
    return [Chart("campaign_chart", title, lambda theme: months_of_money(drawn, series, form, theme), f"{title}. {told}")]


def by_channel(asked: Asked, context: Context) -> Sequence[Content]:
    """Every channel by the chosen model."""
    rows = [measured(row) for row in named(context, _channels(asked, context))]
    return [headed(context, "campaign_channels", (CHANNEL, *MEASURES, CHANNEL_KEY), rows)]


def by_campaign(asked: Asked, context: Context) -> Sequence[Content]:
    """Every campaign by the chosen model."""
    words = context.words
    rows = [
        measured({**row, "campaign": _name(context, row), "channel": words.choice("channel", row["channel"])})
        for row in context.ask("marketing/return_by_campaign", asked.values(context))
        if asked.channel in ("", row["channel"] or "none")
    ]
    headings: tuple[Heading, ...] = (
        ("campaign", "column.campaign", "text", "title"),
        ("channel", "column.channel", "text", "detail"),
        *MEASURES,
        CAMPAIGN_KEY,
    )
    return [headed(context, "campaign_campaigns", headings, rows, shown=15, note=words.text("note.open_a_campaign"))]


def _name(context: Context, row: Mapping[str, Any]) -> str:
    return name_or(context, row["campaign_name"] or row["utm_campaign"], "none.campaign")


def deals(asked: Asked, context: Context) -> Sequence[Content]:
    """Deals that came by the chosen campaign, created or ended in the chosen months."""
    stretch = asked.stretch(context)
    values = {"campaign": asked.campaign, **context.between(stretch.first.replace(day=1), stretch.ends), "limit": PAGE_ROWS}
    rows = context.ask("marketing/campaign_deals", values)
    title = ", ".join(
        f"{_name(context, row)} ({context.words.choice('channel', row['channel'])})"
        for row in context.ask("marketing/campaign", {"campaign": asked.campaign})
    )
    return [deal_list(context, "campaign_deals", rows, STAGE_OF_DEAL, title=title, note=context.words.text("note.campaign_deals"))]


def by_month(asked: Asked, context: Context) -> Sequence[Content]:
    """Campaigns month by month."""
    rows = [
        measured({**row, "name": context.form.month(row["month"])})
        for row in context.ask(
            "marketing/months", {**asked.values(context), "from_month": add_months(context.period.start, 1 - MONTHS_DRAWN)}
        )
    ]
    return [headed(context, "campaign_months", (("name", "column.month", "text", "title"), *MEASURES), reversed(rows), shown=12)]


def models(asked: Asked, context: Context) -> Sequence[Content]:
    """What each attribution model gives to each channel: revenue, and ROMI by margin of channels that cost something."""
    words = context.words
    rows = context.ask("marketing/models", asked.values(context))
    channels = list(dict.fromkeys(row["channel"] for row in rows))
    found = {(row["channel"], row["attribution_model"]): row for row in rows}
    empty = {"cost": None, "revenue": None, "gross_profit": None}
    columns = (Column("channel", words.text("column.channel"), "text", "title"),)
    revenue = columns + tuple(Column(model, words.text(f"model.{model}"), "money") for model in MODELS)
    romi = columns + tuple(Column(model, words.text(f"model.{model}"), "percent") for model in MODELS)

    def row_of(channel: Any, reckon: Callable[[Mapping[str, Any]], Any]) -> tuple[Any, ...]:
        return (words.choice("channel", channel), *(reckon(found.get((channel, model), empty)) for model in MODELS))

    paid = [channel for channel in channels if any(found.get((channel, model), empty)["cost"] for model in MODELS)]
    return [
        Table(
            "models_revenue",
            words.text("title.models_revenue"),
            revenue,
            tuple(row_of(channel, lambda row: row["revenue"]) for channel in channels),
        ),
        Table(
            "models_romi",
            words.text("title.models_romi"),
            romi,
            tuple(row_of(channel, lambda row: change(row["gross_profit"], row["cost"] or None)) for channel in paid),
            note=words.text("define.models"),
        ),
    ]


def cohorts(asked: Asked, context: Context) -> Sequence[Content]:
    """How much of its cost each month's cohort has brought back as gross profit by each month of its life."""
    words, form = context.words, context.form
    last = asked.stretch(context).last_month
    bounds = {"from_month": add_months(last, 1 - COHORTS), "to_month": last, "channel": asked.channel}
    rows = [row for row in context.ask("marketing/cohorts", bounds) if row["months_since"] < MONTHS_OF_LIFE]
    if not rows:
        return []
    life = list(range(max(row["months_since"] for row in rows) + 1))
    months = sorted({row["cohort_month"] for row in rows})
    back = {(row["cohort_month"], row["months_since"]): share(row["gross_profit"], row["cost"]) for row in rows}
    values = [[back.get((month, since)) for since in life] for month in months]
    # the title tells the unit: on a phone a cell has room for three digits
    written = [["" if value is None else form.number(100 * value) for value in row] for row in values]
    title = words.text("title.cohort_payback")
    names = [f"{form.month_short(month)} {month:%y}" for month in months]
    height = 30 * len(months) + 40
    chart = Chart(
        "campaign_cohorts",
        title,
        lambda theme: grid_of_cells([str(since) for since in life], names, values, written, form, theme, most=3),
        title,
        height,
    )
    columns = (
        Column("cohort", words.text("column.cohort"), "text", "title"),
        *(Column(f"month_{since}", str(since), "percent") for since in life),
    )
    table = Table(
        "campaign_cohorts_table", "", columns, tuple((form.month(month), *row) for month, row in zip(months, values, strict=True)), shown=0
    )
    return [chart, Text(words.text("define.cohort_payback")), table]

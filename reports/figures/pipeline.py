"""One pipeline in depth: the cohort and the passages side by side, time in stage, velocity, people, channels, losses, a stage's deals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from reports.blocks import Bar, Bars, Chart, Content, Figure, Kpi, Text
from reports.charts_by_month import months_of_money
from reports.compute import Block
from reports.context import Context
from reports.figures.common import known_sum, name_or, share
from reports.figures.compared import against
from reports.figures.deal_lists import CHANNEL_OF_DEAL, deal_list
from reports.figures.funnel import STREAMS
from reports.figures.tables import CHANNEL, CHANNEL_KEY, MANAGER, MANAGER_KEY, PAGE_ROWS, Heading, headed, named
from reports.periods import add_months
from reports.stretches import Stretch, read_stretch

HOURS_IN_DAY = 24
MONTHS_DRAWN = 12


@dataclass(frozen=True)
class Asked:
    """What the reader chose.

    Attributes:
        source: the CRM.
        pipeline: its pipeline.
        period: the stretch of months.
        manager: a manager_key, `none` for deals without one, empty for all.
        channel: a channel, `none` for deals without one, empty for all.
        stage: the stage_key whose deals are listed, empty for none.
        versus: what the cohort is compared with, empty for nothing.
    """

    source: str = ""
    pipeline: str = ""
    period: str = "months_3"
    manager: str = ""
    channel: str = ""
    stage: str = ""
    versus: str = ""

    def stretch(self, context: Context) -> Stretch:
        """The chosen months."""
        return read_stretch(self.period, context.as_of)

    def values(self, context: Context, months: Stretch | None = None) -> dict[str, Any]:
        """Parameters of the questions, for the chosen months or others."""
        asked = months or self.stretch(context)
        first, last = asked.first.replace(day=1), asked.last_month
        chosen = {"source": self.source, "pipeline": self.pipeline, "manager": self.manager, "channel": self.channel, "stage": self.stage}
        return {**chosen, "from_month": first, "to_month": last, **context.between(first, asked.ends)}


def pipeline_blocks(asked: Asked) -> tuple[Block, ...]:
    """The page's blocks for what was chosen."""

    def block(name: str, build: Callable[[Asked, Context], Sequence[Content]], question: str, *, optional: bool = False) -> Block:
        return Block(name, partial(build, asked), (question,), STREAMS, optional=optional)

    return (
        block("pipeline_cohort", cohort, "funnel/cohort"),
        block("pipeline_passages", passages, "funnel/passages", optional=True),
        block("pipeline_time", time_in_stage, "funnel/time_in_stage"),
        block("pipeline_managers", by_manager, "funnel/by_manager"),
        block("pipeline_channels", by_channel, "funnel/by_channel"),
        block("pipeline_velocity", velocity, "funnel/velocity", optional=True),
        block("pipeline_losses", losses, "funnel/losses", optional=True),
    )


def stage_block(asked: Asked) -> Block:
    """The open deals of the chosen stage."""
    return Block("stage_deals", partial(stage_deals, asked), ("funnel/stage_deals",), STREAMS)


def cohort(asked: Asked, context: Context) -> Sequence[Content]:
    """The cohort's deals by the stage they reached, beside what stands open in each stage now."""
    words, form = context.words, context.form
    rows = context.ask("funnel/cohort", asked.values(context))
    stages = [row for row in rows if row["stage_kind"] != "lost"]
    if not stages:
        return []
    created, won = _created_and_won(rows)
    stretch = asked.stretch(context)
    earlier = asked.values(context, stretch.earlier(asked.versus)) if asked.versus else {}
    before, won_before = _created_and_won(context.ask("funnel/cohort", earlier)) if earlier else (None, None)
    figures = (
        Figure(
            "created",
            words.text("figure.deals_created"),
            "integer",
            created,
            words.text("define.funnel_cohort"),
            comparisons=against(context, stretch, asked.versus, created, before),
        ),
        Figure(
            "conversion",
            words.text("figure.cohort_conversion"),
            "percent",
            share(won, created),
            words.text("define.funnel_cohort"),
            comparisons=against(context, stretch, asked.versus, share(won, created), share(won_before, before), points=True),
        ),
        Figure(
            "open",
            words.text("figure.deals_open"),
            "integer",
            known_sum(row["deals_now"] for row in rows),
            words.text("define.funnel_open"),
        ),
        Figure(
            "open_amount",
            words.text("figure.deals_open_amount"),
            "money",
            known_sum(row["amount_now"] for row in rows),
            words.text("define.funnel_open"),
        ),
    )
    bars = tuple(
        Bar(
            str(row["stage_name"]),
            row["deals_reached"],
            form.percent(share(row["deals_reached"], created)),
            "good" if row["stage_kind"] == "won" else "plain",
        )
        for row in stages
    )
    told, reached_before = [], None
    for row in stages:
        told.append(
            {
                **row,
                "from_first": share(row["deals_reached"], created),
                "from_before": None if reached_before is None else share(row["deals_reached"], reached_before),
            }
        )
        reached_before = row["deals_reached"]
    headings: tuple[Heading, ...] = (
        ("stage_name", "column.stage", "text", "title"),
        ("deals_reached", "column.deals_reached", "integer", "value"),
        ("from_before", "column.from_before", "percent", "value"),
        ("from_first", "column.from_first", "percent", "workbook"),
        ("deals_lost", "column.lost_here", "integer", "value"),
        ("deals_now", "column.deals_now", "integer", "value"),
        ("amount_now", "column.amount_now", "money", "value"),
        ("amount_reached", "column.amount_reached", "money", "workbook"),
        ("stage_key", "column.stage_key", "text", "workbook"),
    )
    table = headed(context, "stages", headings, told, shown=20, note=words.text("note.open_a_stage"))
    return [Kpi(figures), Bars("stages_reached", words.text("title.stages_reached"), "integer", bars), table]


def _created_and_won(rows: Sequence[dict[str, Any]]) -> tuple[Any, Any]:
    stages = [row for row in rows if row["stage_kind"] != "lost"]
    won = known_sum(row["deals_reached"] for row in stages if row["stage_kind"] == "won")
    return (stages[0]["deals_reached"], won) if stages else (None, None)


def passages(asked: Asked, context: Context) -> Sequence[Content]:
    """What happened in the months, whatever the deals' creation: entered, went on, were lost."""
    rows = [
        {
            **row,
            "went_on": share(row["exits_forward"], known_sum((row["exits_forward"], row["exits_lost"]))),
            "stage_name": row["stage_name"] or row["stage_key"],
        }
        for row in context.ask("funnel/passages", asked.values(context))
    ]
    headings: tuple[Heading, ...] = (
        ("stage_name", "column.stage", "text", "title"),
        ("entries", "column.entries", "integer", "value"),
        ("exits_forward", "column.exits_forward", "integer", "value"),
        ("exits_lost", "column.exits_lost", "integer", "value"),
        ("went_on", "column.went_on", "percent", "value"),
    )
    return [headed(context, "passages", headings, rows, shown=20, note=context.words.text("define.passages"))]


def time_in_stage(asked: Asked, context: Context) -> Sequence[Content]:
    """Days in stage: the middle deal, and what three deals of four do not exceed."""
    rows = [
        {**row, "days_median": row["hours_median"] / HOURS_IN_DAY, "days_p": row["hours_p"] / HOURS_IN_DAY}
        for row in context.ask("funnel/time_in_stage", asked.values(context))
    ]
    headings: tuple[Heading, ...] = (
        ("stage_name", "column.stage", "text", "title"),
        ("days_median", "column.days_median", "number", "value"),
        ("days_p", "column.days_p", "number", "value"),
        ("passages", "column.passages", "integer", "value"),
    )
    return [headed(context, "time_in_stage", headings, rows, shown=20, note=context.words.text("define.time_in_stage"))]


def velocity(asked: Asked, context: Context) -> Sequence[Content]:
    """The pipeline's velocity and what it is made of: the year to the last chosen month, whoever's deals they are."""
    words, form = context.words, context.form
    last = asked.stretch(context).last_month
    months = [add_months(last, number + 1 - MONTHS_DRAWN) for number in range(MONTHS_DRAWN)]
    rows = context.ask("funnel/velocity", {**asked.values(context), "from_month": months[0], "to_month": last})
    if not rows:
        return []
    known = {row["month"]: row["sales_velocity"] for row in rows}
    drawn = months[months.index(rows[0]["month"]) :]
    values = [known.get(month) for month in drawn]
    title = words.text("title.velocity")
    told = "; ".join(f"{form.month(month)}: {form.money(value)}" for month, value in zip(drawn, values, strict=True))
    chart = Chart("velocity", title, lambda theme: months_of_money(drawn, [(title, values)], form, theme), f"{title}. {told}")
    headings: tuple[Heading, ...] = (
        ("month_name", "column.month", "text", "title"),
        ("deals_won", "column.deals_won", "integer", "value"),
        ("win_rate", "column.win_rate", "percent", "value"),
        ("cycle_days_median", "column.days_median", "number", "value"),
        ("cycle_days_p75", "column.days_p", "number", "value"),
        ("average_won_amount", "column.average_won", "money", "value"),
        ("sales_velocity", "column.sales_velocity", "money", "value"),
        ("deals_in_work", "column.deals_in_work", "integer", "workbook"),
        ("deals_lost", "column.deals_lost", "integer", "workbook"),
        ("won_amount", "column.won_amount", "money", "workbook"),
    )
    named_rows = [{**row, "month_name": form.month(row["month"])} for row in reversed(rows)]
    return [chart, headed(context, "velocity_months", headings, named_rows, shown=12, note=words.text("define.velocity"))]


def _won_of(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {**row, "conversion": share(row["deals_won"], row["deals_created"])} for row in rows if row["deals_created"] or row["deals_now"]
    ]


MEASURES: tuple[Heading, ...] = (
    ("deals_created", "column.deals_created", "integer", "value"),
    ("deals_won", "column.deals_won", "integer", "value"),
    ("conversion", "column.conversion", "percent", "value"),
    ("deals_lost", "column.deals_lost", "integer", "workbook"),
    ("deals_now", "column.deals_now", "integer", "value"),
    ("amount_now", "column.amount_now", "money", "value"),
)


def by_manager(asked: Asked, context: Context) -> Sequence[Content]:
    """The cohort and the open deals by manager."""
    rows = _won_of(named(context, context.ask("funnel/by_manager", asked.values(context))))
    return [headed(context, "pipeline_managers", (MANAGER, *MEASURES, MANAGER_KEY), rows)]


def by_channel(asked: Asked, context: Context) -> Sequence[Content]:
    """The cohort and the open deals by channel."""
    rows = _won_of(named(context, context.ask("funnel/by_channel", asked.values(context))))
    return [headed(context, "pipeline_channels", (CHANNEL, *MEASURES, CHANNEL_KEY), rows)]


def losses(asked: Asked, context: Context) -> Sequence[Content]:
    """Why deals were lost in the months."""
    words, form = context.words, context.form
    bars = tuple(
        Bar(
            name_or(context, row["loss_reason"], "none.reason"),
            row["deals"],
            words.text("note.for_amount", amount=form.money(row["amount"])),
        )
        for row in context.ask("funnel/losses", asked.values(context))
    )
    return [Bars("pipeline_losses", "", "integer", bars)]


def stage_deals(asked: Asked, context: Context) -> Sequence[Content]:
    """Deals of the chosen stage: those that stand there, and those that ended in it in the chosen months."""
    if not asked.stage:
        return [Text(context.words.text("note.open_a_stage"))]
    rows = context.ask("funnel/stage_deals", {**asked.values(context), "limit": PAGE_ROWS})
    return [deal_list(context, "stage_deals", rows, CHANNEL_OF_DEAL)]

"""The sales funnel: deals created in the last months by the stage they reached, and what stands open in each stage now."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from reports import charts
from reports.blocks import Bar, Bars, Chart, Column, Content, Figure, Kpi, Table, Text
from reports.compute import Block
from reports.context import Context
from reports.figures.common import known_sum, name_or, share
from reports.periods import add_months
from reports.published import Row

STREAMS = ("leads", "deals", "events", "stage_history", "pipelines", "categories")
COHORT_MONTHS = 3
PIPELINES_SHOWN = 3
FIRST_PIPELINE = "funnel_0"


def funnel(context: Context) -> Sequence[Content]:
    """Open deals, then per pipeline the cohort's stages as bars; every stage in the workbook."""
    words, form = context.words, context.form
    last = context.month.start
    first = add_months(last, 1 - COHORT_MONTHS)
    rows = context.ask("funnel/stages", {"from_month": first, "to_month": last})
    if not rows:
        return []
    months = words.text("funnel.cohort", first=form.month(first), last=form.month(last))
    deals, amount = known_sum(row["deals_now"] for row in rows), known_sum(row["amount_now"] for row in rows)
    won = known_sum(row["deals_reached"] for row in rows if row["stage_kind"] == "won")
    created = _created(rows)
    figures = (
        Figure("deals_open", words.text("figure.deals_open"), "integer", deals, words.text("define.funnel_open")),
        Figure("deals_open_amount", words.text("figure.deals_open_amount"), "money", amount, words.text("define.funnel_open")),
        Figure(
            "cohort_conversion",
            words.text("figure.cohort_conversion"),
            "percent",
            share(won, created),
            words.text("define.funnel_cohort"),
            note=words.text(
                "note.won_of_created", won=form.number(won), created=words.count("plural.of_deals", int(created or 0), form.number(created))
            ),
        ),
    )
    contents: list[Content] = [Kpi(figures), Text(months)]
    pipelines = [(key, list(group)) for key, group in groupby(rows, lambda row: (row["source"], row["pipeline_name"]))]
    pipelines.sort(key=lambda item: -float(_created(item[1]) or 0))
    for number, ((source, pipeline), stages) in enumerate(pipelines[:PIPELINES_SHOWN]):
        title = words.text("title.funnel", pipeline=name_or(context, pipeline, "none.pipeline"), source=words.source(source))
        contents.extend(_pipeline(context, f"funnel_{number}", title, stages))
    if len(pipelines) > PIPELINES_SHOWN:
        contents.append(Text(words.text("funnel.pipelines", shown=form.number(PIPELINES_SHOWN), total=form.number(len(pipelines)))))
    contents.append(_stages_table(context, rows))
    return contents


def _created(rows: list[Row]) -> Any:
    """Deals of the cohort: every deal has reached the first stage of its pipeline."""
    first = [row["deals_reached"] for row in rows if row["stage_position"] == 1 and row["stage_kind"] == "open"]
    return known_sum(first)


def _pipeline(context: Context, name: str, title: str, stages: list[Row]) -> list[Content]:
    words, form = context.words, context.form
    kept = [row for row in stages if row["stage_kind"] != "lost" and row["deals_reached"]]
    if not kept:
        return []
    top = kept[0]["deals_reached"]
    bars = tuple(
        Bar(
            str(row["stage_name"]),
            row["deals_reached"],
            _note(context, row, top),
            "good" if row["stage_kind"] == "won" else "plain",
        )
        for row in kept
    )
    first = name == FIRST_PIPELINE
    found: list[Content] = [Bars(name, title, "integer", bars, words.text("funnel.note") if first else "")]
    if first:
        open_stages = [row for row in stages if row["stage_kind"] == "open" and row["amount_now"]]
        if open_stages:
            heading = words.text("title.funnel_open_chart", pipeline=title)
            labels = [str(row["stage_name"]) for row in open_stages]
            amounts = [row["amount_now"] for row in open_stages]
            told = "; ".join(f"{label}: {form.money(amount)}" for label, amount in zip(labels, amounts, strict=True))
            height = 24 + 46 * len(labels)
            found.append(
                Chart(
                    "funnel_chart",
                    heading,
                    lambda theme: charts.horizontal(labels, amounts, form, theme, height),
                    f"{heading}. {told}",
                    height,
                )
            )
    return found


def _note(context: Context, row: Row, top: Any) -> str:
    """The share that reached a stage, and how many stand in it; nobody stands in the last one."""
    reached = context.form.percent(share(row["deals_reached"], top))
    return (
        reached
        if row["stage_kind"] == "won"
        else context.words.text("funnel.bar", share=reached, now=context.form.number(row["deals_now"]))
    )


def _stages_table(context: Context, rows: list[Row]) -> Table:
    words = context.words
    columns = (
        Column("stage", words.text("column.stage"), "text", "title"),
        Column("pipeline", words.text("column.pipeline"), "text", "workbook"),
        Column("source", words.text("column.source"), "text", "workbook"),
        Column("deals_reached", words.text("column.deals_reached"), "integer", "workbook"),
        Column("amount_reached", words.text("column.amount_reached"), "money", "workbook"),
        Column("deals_lost", words.text("column.deals_lost"), "integer", "workbook"),
        Column("deals_now", words.text("column.deals_now"), "integer", "workbook"),
        Column("amount_now", words.text("column.amount_now"), "money", "workbook"),
    )
    data = tuple(
        (
            row["stage_name"],
            row["pipeline_name"],
            words.source(row["source"]),
            row["deals_reached"],
            row["amount_reached"],
            row["deals_lost"],
            row["deals_now"],
            row["amount_now"],
        )
        for row in rows
    )
    return Table("funnel_stages", words.text("title.funnel_stages"), columns, data, shown=0)


FUNNEL = Block("funnel", funnel, ("funnel/stages",), STREAMS, page="funnel")

"""/funnel: one pipeline as cohort and as passages, time in stage, people and channels; a stage leads to its deals."""

import streamlit as st

from dashboards import choices
from dashboards.components import Opens
from dashboards.screen import Screen, open_screen
from dashboards.widgets import alarm
from reports.figures.common import name_or
from reports.figures.pipeline import Asked, pipeline_blocks, stage_block

ROWS = (
    (("pipeline_cohort",), ("pipeline_passages", "pipeline_time")),
    (("pipeline_managers",), ("pipeline_channels", "pipeline_losses")),
)
FILTERS = ("lang", "period", "months", "pipeline", "manager", "channel")
OPENS = {"stages": Opens("funnel", "stage", "stage_key", FILTERS), "stage_deals": Opens("customers", "customer", "customer_key")}
BLOCKS = (*pipeline_blocks(Asked()), stage_block(Asked()))
# What the filters offer.
LOOKUPS = ("funnel/pipelines", "funnel/people", "funnel/channels")


def show() -> None:
    """The page."""
    screen = open_screen("funnel")
    if screen is None:
        return
    screen.head(screen.words.text("about.funnel"))
    pipelines = screen.context.ask("funnel/pipelines")
    if not pipelines:
        alarm(screen.words.text("empty.pipeline_cohort"))
        screen.close({})
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        period = choices.month(screen.context)
        asked = _asked(screen, [(row["source"], row["pipeline_name"] or "") for row in pipelines])
    found = screen.reckon(pipeline_blocks(asked), asked, period)
    if asked.stage:
        found |= screen.reckon((stage_block(asked),), asked, period)
        screen.lay_out(found, ((("stage_deals",),),), OPENS)
    screen.lay_out(found, ROWS, OPENS)
    screen.close(found)


def _asked(screen: Screen, pipelines: list[tuple[str, str]]) -> Asked:
    context, words = screen.context, screen.words
    months = choices.span(context)
    names = {f"{source}:{pipeline}": f"{name_or(context, pipeline, 'none.pipeline')} · {source}" for source, pipeline in pipelines}
    first = next(iter(names))
    chosen = choices.select("pipeline", words.text("column.pipeline"), names, first, words.text("page.bad_filter"), forget=("stage",))
    people = {row["manager_key"] or "none": name_or(context, row["manager_name"], "none.manager") for row in context.ask("funnel/people")}
    manager = choices.one_of(context, "manager", words.text("column.manager"), people)
    channels = {row["channel"] or "none": words.choice("channel", row["channel"]) for row in context.ask("funnel/channels")}
    channel = choices.one_of(context, "channel", words.text("column.channel"), channels)
    source, _, pipeline = chosen.partition(":")
    return Asked(source, pipeline, months, manager, channel, st.query_params.get("stage", ""))

"""/funnel: one pipeline as cohort and passages, time in stage, velocity, people, channels; a stage leads to deals, a deal to its card."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboards import choices
from dashboards.components import Opens
from dashboards.screen import Screen, open_screen
from dashboards.widgets import alarm
from reports.figures.common import name_or
from reports.figures.deal_card import deal_blocks
from reports.figures.pipeline import Asked, pipeline_blocks, stage_block
from reports.stretches import MONTHLY_NAMES

ROWS = (
    (("pipeline_cohort",), ("pipeline_passages", "pipeline_time")),
    (("pipeline_velocity",),),
    (("pipeline_managers",), ("pipeline_channels", "pipeline_losses")),
)
FILTERS = ("lang", "period", "versus", "pipeline", "manager", "channel")
OPENS = {
    "stages": Opens("funnel", "stage", "stage_key", FILTERS),
    "stage_deals": Opens("funnel", "deal", "deal_key", (*FILTERS, "stage")),
    "pipeline_managers": Opens("funnel", "manager", "manager_key", (*FILTERS, "stage")),
    "pipeline_channels": Opens("funnel", "channel", "channel_key", (*FILTERS, "stage")),
}
CARD = (
    (("deal_facts",), ("deal_path",)),
    (("deal_orders", "deal_stages"), ("deal_payments", "deal_calls")),
)
CARD_OPENS = {"deal_customer": Opens("customers", "customer", "customer_key")}
BLOCKS = (*pipeline_blocks(Asked()), stage_block(Asked()), *deal_blocks(""))
# What the filters offer.
LOOKUPS = ("funnel/pipelines", "funnel/people", "funnel/channels")


def show() -> None:
    """The page."""
    screen = open_screen("funnel")
    if screen is None:
        return
    deal = st.query_params.get("deal", "")
    if deal:
        known = screen.context.ask("deal/deal", {"deal": deal})
        if known:
            _card(screen, known[0])
            return
    screen.head(screen.words.text("about.funnel"))
    if deal:
        alarm(screen.words.text("page.no_deal"))
    pipelines = screen.context.ask("funnel/pipelines")
    if not pipelines:
        alarm(screen.words.text("empty.pipeline_cohort"))
        screen.close({})
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        asked = _asked(screen, [(row["source"], row["pipeline_name"] or "") for row in pipelines])
    found = screen.reckon(pipeline_blocks(asked), asked)
    if asked.stage:
        found |= screen.reckon((stage_block(asked),), asked)
        screen.lay_out(found, ((("stage_deals",),),), OPENS)
    screen.lay_out(found, ROWS, OPENS)
    screen.close(found)


def _card(screen: Screen, deal: Mapping[str, Any]) -> None:
    words = screen.words
    screen.head(words.text("about.deal"), name_or(screen.context, deal["deal_name"], "none.name"))
    with st.container(horizontal=True, vertical_alignment="center", key="back"):
        if st.button(words.text("page.back_to_funnel"), icon=":material/arrow_back:", type="tertiary"):
            st.query_params.pop("deal", None)
            st.rerun()
        screen.links({words.text("link.crm"): deal["source_url"]})
    found = screen.reckon(deal_blocks(deal["deal_key"]), deal["deal_key"])
    screen.lay_out(found, CARD, CARD_OPENS)
    screen.close(found)


def _asked(screen: Screen, pipelines: list[tuple[str, str]]) -> Asked:
    context, words = screen.context, screen.words
    months = choices.stretch(context, MONTHLY_NAMES, "months_3")
    versus = choices.versus(context)
    names = {
        f"{source}:{pipeline}": words.text(
            "title.funnel", pipeline=name_or(context, pipeline, "none.pipeline"), source=words.source(source)
        )
        for source, pipeline in pipelines
    }
    first = next(iter(names))
    chosen = choices.select("pipeline", words.text("column.pipeline"), names, first, words.text("page.bad_filter"), forget=("stage",))
    manager = choices.manager(context, "funnel/people")
    channels = {row["channel"] or "none": words.choice("channel", row["channel"]) for row in context.ask("funnel/channels")}
    channel = choices.one_of(context, "channel", words.text("column.channel"), channels)
    source, _, pipeline = chosen.partition(":")
    return Asked(source, pipeline, months.key, manager, channel, st.query_params.get("stage", ""), versus)

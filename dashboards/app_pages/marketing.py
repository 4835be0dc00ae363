"""/marketing: cost, leads, CPL, CAC, ROMI and ДРР by channel, campaign and month; models side by side; payback of cohorts."""

import streamlit as st

from dashboards import choices
from dashboards.components import Opens
from dashboards.screen import Screen, open_screen
from dashboards.widgets import alarm
from reports.figures.campaigns import MODELS, Asked, campaign_blocks
from reports.stretches import MONTHLY_NAMES

ROWS = (
    (("campaign_totals",), ("campaign_chart",)),
    (("campaign_channels",),),
    (("campaign_campaigns",),),
    (("campaign_months",),),
    (("campaign_models",),),
    (("campaign_cohorts",),),
)
OPENS = {"campaign_channels": Opens("marketing", "channel", "channel_key", keep=("lang", "period", "versus", "model"))}
BLOCKS = campaign_blocks(Asked())
# What the filters offer.
LOOKUPS = ("marketing/channels",)


def show() -> None:
    """The page."""
    screen = open_screen("marketing")
    if screen is None:
        return
    screen.head(screen.words.text("about.marketing"))
    if screen.context.scope.kind != "all":
        alarm(screen.words.text("page.company_only"))
        screen.close({})
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        asked = _asked(screen)
    found = screen.reckon(campaign_blocks(asked), asked)
    screen.lay_out(found, ROWS, OPENS)
    screen.close(found)


def _asked(screen: Screen) -> Asked:
    context, words = screen.context, screen.words
    months = choices.stretch(context, MONTHLY_NAMES, "months_3")
    versus = choices.versus(context)
    names = {model: words.text(f"model.{model}") for model in MODELS}
    model = choices.select("model", words.text("filter.model"), names, "last_touch", words.text("page.bad_filter"))
    channels = {row["channel"] or "none": words.choice("channel", row["channel"]) for row in context.ask("marketing/channels")}
    return Asked(months.key, model, choices.one_of(context, "channel", words.text("column.channel"), channels), versus)

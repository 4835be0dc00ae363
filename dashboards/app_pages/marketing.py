"""/marketing: cost, leads, CPL, CAC, ROMI and ДРР by channel, campaign and month; models side by side; a campaign leads to its deals."""

import streamlit as st

from dashboards import choices
from dashboards.components import Opens
from dashboards.screen import Screen, open_screen
from dashboards.widgets import alarm
from reports.figures.campaigns import MODELS, Asked, campaign_blocks, deals_block
from reports.stretches import MONTHLY_NAMES

ROWS = (
    (("campaign_totals",), ("campaign_chart",)),
    (("campaign_channels",),),
    (("campaign_campaigns",),),
    (("campaign_months",),),
    (("campaign_models",),),
    (("campaign_cohorts",),),
)
FILTERS = ("lang", "period", "versus", "model")
OPENS = {
    "campaign_channels": Opens("marketing", "channel", "channel_key", FILTERS),
    "campaign_campaigns": Opens("marketing", "campaign", "campaign_key", (*FILTERS, "channel")),
    "campaign_deals": Opens("funnel", "deal", "deal_key"),
}
BLOCKS = (*campaign_blocks(Asked()), deals_block(Asked()))
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
    if asked.campaign:
        if st.button(screen.words.text("page.back_to_campaigns"), icon=":material/arrow_back:", type="tertiary"):
            st.query_params.pop("campaign", None)
            st.rerun()
        found |= screen.reckon((deals_block(asked),), asked)
        screen.lay_out(found, ((("campaign_deals",),),), OPENS)
    screen.lay_out(found, ROWS, OPENS)
    screen.close(found)


def _asked(screen: Screen) -> Asked:
    context, words = screen.context, screen.words
    months = choices.stretch(context, MONTHLY_NAMES, "months_3")
    versus = choices.versus(context)
    names = {model: words.text(f"model.{model}") for model in MODELS}
    model = choices.select("model", words.text("filter.model"), names, "last_touch", words.text("page.bad_filter"))
    channels = {row["channel"] or "none": words.choice("channel", row["channel"]) for row in context.ask("marketing/channels")}
    channel = choices.one_of(context, "channel", words.text("column.channel"), channels, forget=("campaign",))
    return Asked(months.key, model, channel, versus, st.query_params.get("campaign", ""))

"""/calls: missed and not returned, at which hours, by manager."""

import streamlit as st

from dashboards import choices
from dashboards.components import Opens
from dashboards.screen import Screen, open_screen
from reports.figures.call_hours import Asked, call_blocks
from reports.stretches import DAILY_NAMES

ROWS = (
    (("calls_summary",),),
    (("calls_missed_list",), ("calls_managers",)),
    (("calls_hours",),),
)
OPENS = {
    "calls_missed": Opens("customers", "customer", "customer_key"),
    "calls_managers": Opens("calls", "manager", "manager_key", keep=("lang", "period", "versus")),
}
BLOCKS = call_blocks(Asked())
# What the filters offer.
LOOKUPS = ("calls/people",)


def show() -> None:
    """The page."""
    screen = open_screen("calls")
    if screen is None:
        return
    screen.head(screen.words.text("about.calls"))
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        asked = _asked(screen)
    found = screen.reckon(call_blocks(asked), asked)
    screen.lay_out(found, ROWS, OPENS)
    screen.close(found)


def _asked(screen: Screen) -> Asked:
    context = screen.context
    days = choices.stretch(context, DAILY_NAMES, "month")
    versus = choices.versus(context)
    return Asked(days.key, choices.manager(context, "calls/people"), versus)

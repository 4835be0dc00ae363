"""/calls: missed and not returned, at which hours, by manager."""

import streamlit as st

from dashboards import choices
from dashboards.components import Opens
from dashboards.screen import Screen, open_screen
from reports.figures.call_hours import Asked, call_blocks
from reports.figures.common import name_or
from reports.stretches import DAILY_NAMES

ROWS = (
    (("calls_summary",),),
    (("calls_missed_list",), ("calls_managers",)),
    (("calls_hours",),),
)
OPENS = {"calls_missed": Opens("customers", "customer", "customer_key")}
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
    context, words = screen.context, screen.words
    days = choices.stretch(context, DAILY_NAMES, "month")
    versus = choices.versus(context)
    people = {row["manager_key"] or "none": name_or(context, row["manager_name"], "none.manager") for row in context.ask("calls/people")}
    return Asked(days.key, choices.one_of(context, "manager", words.text("column.manager"), people), versus)

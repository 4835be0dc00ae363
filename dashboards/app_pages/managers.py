"""/managers: a month's plan and fact, deals, calls, load and discounts, all people side by side or one of them through the year."""

import streamlit as st

from dashboards import choices
from dashboards.components import Opens
from dashboards.screen import Screen, open_screen
from reports.figures.people import Asked, people_blocks

ROWS = (
    (("people_month",), ("people_months",)),
    (("people_plan",),),
    (("people_plans",),),
    (("people_deals", "people_load"), ("people_calls", "people_discounts")),
)
ONE = Opens("managers", "manager", "manager_key", keep=("lang", "period", "versus"))
OPENS = dict.fromkeys(("people_plan", "people_deals", "people_calls", "people_load", "people_discounts"), ONE)
BLOCKS = people_blocks(Asked())
# What the filters offer.
LOOKUPS = ("managers/people", "managers/departments")


def show() -> None:
    """The page."""
    screen = open_screen("managers")
    if screen is None:
        return
    screen.head(screen.words.text("about.managers"))
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        asked = _asked(screen)
    found = screen.reckon(people_blocks(asked), asked)
    screen.lay_out(found, ROWS, OPENS)
    screen.close(found)


def _asked(screen: Screen) -> Asked:
    context, words = screen.context, screen.words
    month = choices.stretch(context, ("month", "last_month"), "month")
    versus = choices.versus(context)
    departments = {row["department"]: row["department"] for row in context.ask("managers/departments")}
    department = choices.one_of(context, "department", words.text("column.department"), departments, forget=("manager",))
    manager = choices.manager(context, "managers/people")
    return Asked(manager, department, month.key, versus)

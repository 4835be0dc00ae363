"""/receivables: what customers owe by age, by customer and order by order, and the advances."""

import streamlit as st

from dashboards import choices
from dashboards.components import Opens
from dashboards.screen import Screen, open_screen
from reports.figures.debts_in_depth import Asked, debt_blocks
from reports.figures.receivables import BUCKETS, DEBTS_BY_MANAGER

ROWS = (
    (("debts_now", "debts_advances"), ("debts_by_manager",)),
    (("debts_customers",), ("debts_orders",)),
)
CARD = Opens("customers", "customer", "customer_key")
OPENS = {
    "debts_customers": CARD,
    "debts_advances": CARD,
    "debts_by_manager": Opens("receivables", "manager", "manager_key", keep=("lang", "bucket")),
}
BLOCKS = (*debt_blocks(Asked()), DEBTS_BY_MANAGER)
LOOKUPS = ()


def show() -> None:
    """The page."""
    screen = open_screen("receivables")
    if screen is None:
        return
    screen.head(screen.words.text("about.receivables"))
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        asked = _asked(screen)
    found = screen.reckon((*debt_blocks(asked), DEBTS_BY_MANAGER), asked)
    screen.lay_out(found, ROWS, OPENS)
    screen.close(found)


def _asked(screen: Screen) -> Asked:
    context, words = screen.context, screen.words
    manager = choices.manager(context, "receivables/by_manager")
    ages = {bucket: words.text(f"bucket.{bucket}") for bucket in BUCKETS}
    return Asked(manager, choices.one_of(context, "bucket", words.text("filter.bucket"), ages))

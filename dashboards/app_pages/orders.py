"""/orders: how long orders take, which wait past their day, what was changed in them, and claims."""

import streamlit as st

from dashboards import choices
from dashboards.components import Opens
from dashboards.screen import Screen, open_screen
from reports.figures.orders_in_depth import Asked, order_blocks
from reports.stretches import DAILY_NAMES

ROWS = (
    (("orders_summary",),),
    (("orders_months",), ("orders_channels",)),
    (("orders_late",),),
    (("orders_changes",),),
    (("orders_claims",), ("orders_claims_open",)),
)
CARD = Opens("customers", "customer", "customer_key")
OPENS = {"orders_late": CARD, "orders_changes": CARD, "orders_claims_open": CARD}
BLOCKS = order_blocks(Asked())
# What the filters offer.
LOOKUPS = ("orders/people", "orders/channels")


def show() -> None:
    """The page."""
    screen = open_screen("orders")
    if screen is None:
        return
    screen.head(screen.words.text("about.orders"))
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        asked = _asked(screen)
    found = screen.reckon(order_blocks(asked), asked)
    screen.lay_out(found, ROWS, OPENS)
    screen.close(found)


def _asked(screen: Screen) -> Asked:
    context, words = screen.context, screen.words
    days = choices.stretch(context, DAILY_NAMES, "month")
    versus = choices.versus(context)
    manager = choices.manager(context, "orders/people")
    ways = {row["order_channel"]: words.choice("order_channel", row["order_channel"]) for row in context.ask("orders/channels")}
    channel = choices.one_of(context, "channel", words.text("column.order_channel"), ways)
    return Asked(days.key, manager, channel, versus)

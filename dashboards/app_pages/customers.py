"""/customers: find a customer by a part of the name, tax id or phone; its card; lists of those to call."""

import streamlit as st

from dashboards import choices
from dashboards.components import Opens
from dashboards.screen import Screen, open_screen
from dashboards.widgets import alarm
from reports.blocks import Section
from reports.figures.common import name_or
from reports.figures.customer_card import card_blocks
from reports.figures.customer_lists import BASE_NOW, LISTS, search_block
from reports.figures.rfm import SEGMENTS as RFM
from reports.figures.rfm import members_block

CARD = (
    (("card_turnover",), ("card_who", "card_debts")),
    (("card_offer",),),
    (("card_together",),),
    (("card_orders",),),
    (("card_deals",), ("card_purchases",)),
    (("card_calls",), ("card_claims",)),
)
CARD_LINK = Opens("customers", "customer", "customer_key", keep=("lang", "q", "list", "segment"))
ALL_LISTS = {**LISTS, "rfm": RFM}
OPENS = {
    **dict.fromkeys(("customers_found", "rfm_members", *(f"list_{name}" for name in LISTS)), CARD_LINK),
    "rfm_segments": Opens("customers", "segment", "rfm_segment", keep=("lang", "q", "list")),
}
BLOCKS = (search_block(""), BASE_NOW, *ALL_LISTS.values(), members_block(""), *card_blocks(""))
# The card's lookup by key, and by a key from before a merge.
LOOKUPS = ("card/customer", "card/present_key")


def show() -> None:
    """The page: a card when the address names a customer, else the search and the lists."""
    screen = open_screen("customers")
    if screen is None:
        return
    asked = st.query_params.get("customer", "")
    customer = present_key(screen, asked) if asked else None
    if customer is not None:
        _card(screen, customer)
        return
    screen.head(screen.words.text("about.customers"))
    if asked:
        alarm(screen.words.text("page.no_customer"))
    _search_and_lists(screen)


def present_key(screen: Screen, asked: str) -> str | None:
    """The customer_key that an address means: the key itself, or the one that a merged card belongs to now; None for neither."""
    if screen.context.ask("card/customer", {"customer": asked}):
        return asked
    found: str | None = screen.context.one("card/present_key", {"customer": asked})["customer_key"]
    return found if found and screen.context.ask("card/customer", {"customer": found}) else None


def _card(screen: Screen, customer: str) -> None:
    words = screen.words
    name = name_or(screen.context, screen.context.one("card/customer", {"customer": customer})["customer_name"], "none.customer")
    screen.head(words.text("about.card"), name)
    if st.button(words.text("page.back_to_customers"), icon=":material/arrow_back:", type="tertiary"):
        st.query_params.pop("customer", None)
        st.rerun()
    found = screen.reckon(card_blocks(customer), customer)
    screen.lay_out(found, CARD, {"card_deals": Opens("funnel", "deal", "deal_key")})
    screen.close(found)


def _search_and_lists(screen: Screen) -> None:
    words = screen.words
    with st.container(key="search"):
        text = choices.text("q", words.text("filter.customer"), words.text("filter.customer_example"))
    found: dict[str, Section] = {}
    if text:
        found |= screen.reckon((search_block(text),), text)
        screen.lay_out(found, ((("customers_found",),),), OPENS)
    found |= screen.reckon((BASE_NOW,))
    screen.lay_out(found, (((BASE_NOW.name,),),))
    options = {name: words.text(f"list.{name}") for name in ALL_LISTS}
    chosen = choices.tabs("list", words.text("filter.list"), options, "leaving", words.text("page.bad_filter"))
    block = ALL_LISTS[chosen]
    found |= screen.reckon((block,))
    screen.lay_out(found, (((block.name,),),), OPENS)
    segment = st.query_params.get("segment", "") if block is RFM else ""
    if segment:
        members = members_block(segment)
        found |= screen.reckon((members,), segment)
        screen.lay_out(found, (((members.name,),),), OPENS)
    screen.close(found)

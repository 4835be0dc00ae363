"""/overview on the wall of a sales room: today, the month, the people, in large figures on dark; reads itself anew every minute."""

from datetime import datetime

import streamlit as st

from dashboards.screen import open_screen
from dashboards.widgets import markup
from reports.figures.calls import CALLS
from reports.figures.managers import MANAGERS
from reports.figures.revenue import REVENUE_DAY, REVENUE_MONTH
from reports.periods import Period
from reports.wording import Words

EVERY_SECONDS = 60
BLOCKS = (REVENUE_DAY, REVENUE_MONTH, MANAGERS, CALLS)
ROWS = ((("revenue_day",), ("revenue_month", "calls"), ("managers",)),)


def is_asked() -> bool:
    """Whether the address asks for the wall."""
    return st.query_params.get("wall") == "1"


def link(words: Words) -> None:
    """The way to the wall."""
    if st.button(words.text("page.wall"), icon=":material/tv:"):
        st.query_params["wall"] = "1"
        st.rerun()


@st.fragment(run_every=EVERY_SECONDS)
def show() -> None:
    """The wall: the newest publication at every turn, under the rights of whoever logged in here."""
    screen = open_screen("overview")
    if screen is None:
        return
    context = screen.context
    zone = context.form.zone
    markup(
        "wall.html.j2",
        words=screen.words,
        company=context.publication.company_name,
        day=context.form.day_long(context.as_of),
        now=context.form.time(datetime.now(zone)),
        published=context.form.moment(context.publication.published_at),
    )
    found = screen.reckon(BLOCKS, "wall", Period("day", context.as_of))
    screen.lay_out(found, ROWS, plain=True)

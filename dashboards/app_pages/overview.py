"""/overview: a day, a week, a month, a quarter or a year at a glance, by the blocks of the director's reports; `?wall=1` for the wall."""

from dataclasses import replace

import streamlit as st

from dashboards import choices, wall
from dashboards.screen import open_screen
from dashboards.widgets import markup
from reports.blocks import Text
from reports.compute import Block
from reports.figures.calls import CALLS
from reports.figures.cash import CASH, CASH_BALANCES, MONEY_FLOW
from reports.figures.customers import BASE, SEGMENTS
from reports.figures.freshness import FRESHNESS
from reports.figures.funnel import FUNNEL
from reports.figures.managers import MANAGERS
from reports.figures.marketing import MARKETING
from reports.figures.receivables import RECEIVABLES
from reports.figures.revenue import HEADLINE, REVENUE_DAY, REVENUE_MONTH
from reports.figures.stretch_revenue import stretch_block
from reports.figures.team import LOSS_REASONS
from reports.periods import Period, period_of
from reports.stretches import DAILY_NAMES, ROLLING, Stretch

NAMES = tuple(name for name in DAILY_NAMES if name not in ROLLING)
# Rows of two columns; on a phone they stand one below the other in the same order.
DAY_ROWS = (
    (("revenue_day",), ("revenue_month",)),
    (("cash",), ("managers",)),
    (("money_flow",), ("cash_balances",)),
    (("funnel",), ("receivables",)),
    (("marketing",), ("calls", "freshness")),
)
LONG_ROWS = (
    (("revenue_stretch",), ("revenue_month",)),
    (("cash",), ("managers",)),
    (("money_flow",), ("cash_balances",)),
    (("funnel",), ("receivables",)),
    (("marketing",), ("loss_reasons", "freshness")),
    (("customer_base",), ("customer_segments",)),
)
ALWAYS = (REVENUE_MONTH, CASH, MANAGERS, MONEY_FLOW, CASH_BALANCES, FUNNEL, RECEIVABLES, MARKETING, FRESHNESS)
DAY_BLOCKS = (HEADLINE, REVENUE_DAY, CALLS, *ALWAYS)
LONG_BLOCKS = (LOSS_REASONS, BASE, SEGMENTS, *ALWAYS)
BLOCKS = tuple(dict.fromkeys((*DAY_BLOCKS, stretch_block("month"), *LONG_BLOCKS, *wall.BLOCKS)))
LOOKUPS = ()
COMPANY_ONLY = ("money_flow", "cash_balances")


def show() -> None:
    """The page, or what of it hangs on the wall."""
    if wall.is_asked():
        wall.show()
        return
    screen = open_screen("overview")
    if screen is None:
        return
    with st.container(key="head"):
        place = st.container()
        with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
            stretch = choices.stretch(screen.context, NAMES, "yesterday")
            wall.link(screen.words)
    is_day = stretch.first == stretch.ends
    period = _period(stretch)
    screen = replace(screen, context=replace(screen.context, period=period))
    found = screen.reckon(_blocks(stretch) if not is_day else DAY_BLOCKS, stretch.key, period)
    headline = found.pop(HEADLINE.name, None)
    summary = " ".join(content.text for content in headline.contents if isinstance(content, Text)) if headline else ""
    if screen.context.scope.kind != "all":
        # the company's accounts are closed to who sees a part of it; an empty card would read as if they were empty
        for name in COMPANY_ONLY:
            found.pop(name, None)
    with place:
        screen.head(choices.told_days(stretch, screen.context), summary=summary)
    rows = DAY_ROWS if is_day else LONG_ROWS
    screen.lay_out(found, rows[:1], plain=True)
    if (period.start, period.end) != (stretch.first, stretch.last):
        # a year's money would be read as what one month of it brought
        markup("note.html.j2", text=screen.words.text("note.rest_of", period=screen.form.period(period)))
    screen.lay_out(found, rows[1:], plain=True)
    screen.close(found, f"overview-{stretch.last.isoformat() if is_day else stretch.key}")


def _blocks(stretch: Stretch) -> tuple[Block, ...]:
    return (stretch_block(stretch.key), *LONG_BLOCKS)


def _period(stretch: Stretch) -> Period:
    """What the other blocks are about: the whole period when it is one and over; else the last day that is known, for months to date."""
    if stretch.first == stretch.ends or stretch.runs:
        return Period("day", stretch.last)
    if not stretch.months:
        return Period("week", stretch.first)
    return Period("quarter", stretch.first) if stretch.months == 3 else period_of("month", stretch.last)

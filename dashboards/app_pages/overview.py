"""/overview: the day and the month at a glance; the figures of the director's daily report, by the same blocks and queries."""

import streamlit as st

from dashboards import data
from dashboards.frame import choose_language, heading, locale, period, small_print
from dashboards.state import settings
from dashboards.widgets import alarm, section_card
from reports.access import ALL
from reports.blocks import Kpi, Section, Text
from reports.context import Context
from reports.errors import PublishedError
from reports.figures.calls import CALLS
from reports.figures.cash import CASH, CASH_BALANCES, MONEY_FLOW
from reports.figures.freshness import FRESHNESS
from reports.figures.funnel import FUNNEL
from reports.figures.managers import MANAGERS
from reports.figures.marketing import MARKETING
from reports.figures.receivables import RECEIVABLES
from reports.figures.revenue import HEADLINE, REVENUE_DAY, REVENUE_MONTH
from reports.wording import load_words
from reports.workbook import render_workbook

# Rows of two columns; on a phone they stand one below the other in the same order.
ROWS = (
    ((REVENUE_DAY,), (REVENUE_MONTH,)),
    ((CASH,), (MANAGERS,)),
    ((MONEY_FLOW,), (CASH_BALANCES,)),
    ((FUNNEL,), (RECEIVABLES,)),
    ((MARKETING,), (CALLS, FRESHNESS)),
)
BLOCKS = (HEADLINE, *(block for row in ROWS for column in row for block in column))
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show() -> None:
    """The page."""
    words = load_words(locale())
    try:
        published = data.current(settings())
    except PublishedError:
        alarm(words.text("page.empty"))
        return
    day = period(published, "day", words)
    context = Context.make(published, day, words.locale, ALL)
    found = {section.name: section for section in data.sections(published, ALL, day, words.locale, BLOCKS)}
    summary = " ".join(content.text for content in found.pop(HEADLINE.name).contents if isinstance(content, Text))

    text, controls = st.columns((2, 1), vertical_alignment="bottom")
    with text:
        heading(context, words.text("page.overview"), context.form.day_long(day.start), summary)
    with controls, st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        _choose_day(context)
        choose_language(words)
        _download(context, tuple(found.values()))
    for row in ROWS:
        columns = [shown for column in row if (shown := [found[block.name] for block in column if block.name in found])]
        for place, shown in zip(st.columns(len(columns)) if columns else [], columns, strict=True):
            with place:
                for number, section in enumerate(shown, 1):
                    section_card(section, words, context.form, last=number == len(shown))
    _definitions(context, tuple(found.values()))


def _choose_day(context: Context) -> None:
    first, last = data.days_known(context.published)

    def chosen() -> None:
        if st.session_state["day"] is None:
            st.query_params.pop("period", None)
        else:
            st.query_params["period"] = st.session_state["day"].isoformat()

    st.date_input(
        context.words.text("page.choose_day"),
        context.period.start,
        min_value=min(first, context.period.start),
        max_value=last,
        key="day",
        format="DD.MM.YYYY",
        on_change=chosen,
    )


def _download(context: Context, found: tuple[Section, ...]) -> None:
    words = context.words
    title = words.text("page.overview")
    st.download_button(
        words.text("page.download"),
        lambda: render_workbook(found, title, context.publication.company_name, words, context.form),
        file_name=f"overview-{context.period.key}-{words.locale}.xlsx",
        mime=XLSX,
        on_click="ignore",
    )


def _definitions(context: Context, found: tuple[Section, ...]) -> None:
    kpis = (content for section in found for content in section.contents if isinstance(content, Kpi))
    figures = [figure for kpi in kpis for figure in kpi.figures if figure.definition]
    small_print(context, {figure.definition: figure.label for figure in reversed(figures)})

"""What every page has: the reader's language from the address, the heading, the small print."""

import streamlit as st

from dashboards.components import Opens, data_table
from dashboards.state import settings
from dashboards.widgets import alarm, markup
from reports.blocks import Table
from reports.compute import stale_sources
from reports.context import Context
from reports.formatting import Formatter
from reports.wording import LOCALES, Words

LANGUAGE_WIDTH = 120
LANGUAGE_NAMES = {"ru": "Русский", "en": "English", "ro": "Română", "pl": "Polski"}


def locale(own: str = "") -> str:
    """The language: `lang` of the address, else the reader's own, else the company's."""
    asked = st.query_params.get("lang", "")
    return asked if asked in LOCALES else own or settings().company.locale


def heading(context: Context, title: str, period_text: str, summary: str) -> None:
    """The page's head: company, title, period, as-of, and what is stale."""
    stale = stale_sources(context)
    markup(
        "frame.html.j2",
        company=context.publication.company_name,
        title=title,
        period=period_text,
        as_of=as_of_text(context),
        summary=summary,
    )
    if stale:
        alarm(context.words.text("stale.some", sources=", ".join(stale)))


def choose_language(words: Words) -> None:
    """The switch of languages, kept in the address."""

    def switched() -> None:
        st.query_params["lang"] = st.session_state["language"]

    st.selectbox(
        words.text("frame.languages"),
        LOCALES,
        index=LOCALES.index(words.locale),
        format_func=lambda name: LANGUAGE_NAMES[name],
        key="language",
        on_change=switched,
        label_visibility="collapsed",
        width=LANGUAGE_WIDTH,
    )


def small_print(context: Context, definitions: dict[str, str]) -> None:
    """Definitions, currency, zone and version at the foot of the page."""
    markup("foot.html.j2", words=context.words, definitions=definitions, facts=facts(context))


def facts(context: Context) -> tuple[str, str]:
    """Currency and zone, and the version."""
    publication, words = context.publication, context.words
    return (
        words.text("frame.currency", currency=publication.base_currency, timezone=publication.timezone),
        words.text("frame.version", version=publication.skvoz_version, publication=publication.run_id),
    )


def as_of_text(context: Context) -> str:
    """Up to which day the data is."""
    return context.words.text("frame.as_of", day=context.form.day(context.as_of))


def show_table(table: Table, words: Words, form: Formatter, opens: Opens | None) -> str | None:
    """A table under its title, its note below; gives the key of the row that was opened."""
    if not table.rows:
        return None
    # a table of which nothing is shown at first only waits for its download
    if not table.shown:
        if table.note:
            markup("note.html.j2", text=table.note)
        return None
    if table.title:
        markup("title.html.j2", title=table.title)
    hints = {column.name: words.text(key) for column in table.columns if (key := f"define.{column.name}") in words}
    opened = data_table(table, words, form, opens, hints)
    if table.note:
        markup("note.html.j2", text=table.note)
    return opened

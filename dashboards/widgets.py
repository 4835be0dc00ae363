"""Contents as page elements: figures, bars and tables as markup of our own, charts by plotly."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import streamlit as st
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports import cells
from reports.blocks import Chart, Figure, Section, Table, Text
from reports.formatting import MISSING, Formatter
from reports.theme import DARK, LIGHT, Theme
from reports.wording import Words

TEMPLATES = Path(__file__).parent / "templates"
PLOT = {"displayModeBar": False, "responsive": True}


def theme() -> Theme:
    """The reader's theme: their choice in the menu, else that of their system; a wall is always dark."""
    if st.query_params.get("wall") == "1":
        return DARK
    return DARK if st.context.theme.type == "dark" else LIGHT


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def rendered(template: str, **values: Any) -> str:
    """A template as text; every value in it is escaped."""
    return _environment().get_template(template).render(**values)


def markup(template: str, **values: Any) -> None:
    """Shows a template."""
    st.html(rendered(template, **values))


def stylesheet() -> None:
    """The one stylesheet of all pages, in the reader's theme; on paper it is light, whatever the screen is."""
    markup("style.css.j2", theme=theme(), light=LIGHT, wall=st.query_params.get("wall") == "1")


def section_card(
    section: Section,
    words: Words,
    form: Formatter,
    *,
    last: bool = True,
    table: Callable[[Table], None] | None = None,
    drawn: Mapping[str, Callable[[Any], bool]] | None = None,
    more: str = "",
) -> None:
    """A block as a card: its heading, what is stale or failed, and its contents in order.

    Args:
        section: the reckoned block.
        words: the reader's language.
        form: the reader's formats.
        last: whether it is the last of its column and fills what is left of it.
        table: shows a table that can be sorted and searched; without it, a table is drawn as in a mail.
        drawn: contents that the page draws in its own way, by name; one that returns False is left to the card.
        more: the address that shows more.
    """
    with st.container(border=True, height="stretch" if last else "content", key=f"card-{section.name}"):
        # the head of a page has already told what is stale; a card of it only carries the sign and the sentence behind it
        markup("heading.html.j2", section=section, words=words, brief=table is not None, more=more)
        if section.state == "failed":
            return
        for content in section.contents:
            own = (drawn or {}).get(getattr(content, "name", ""))
            if own is not None and own(content):
                continue
            if isinstance(content, Chart):
                markup("title.html.j2", title=content.title)
                st.plotly_chart(content.draw(theme()), theme=None, config=PLOT, key=f"chart-{section.name}-{content.name}", alt=content.alt)
            elif isinstance(content, Table) and table is not None:
                table(content)
            elif section.state == "ok" or isinstance(content, Text):
                _content(content, words, form)


def _content(content: Any, words: Words, form: Formatter) -> None:
    markup(
        "content.html.j2",
        content=content,
        kind=type(content).__name__.lower(),
        words=words,
        form=form,
        missing=MISSING,
        cell=cells.cell,
        details=cells.details,
        arrow=cells.arrow,
        change_text=cells.change_text,
        shortened=cells.shortened,
        shown_rows=cells.shown_rows,
        row_count=cells.row_count,
        width=cells.width,
        reached_by=reached_by,
    )


def reached_by(figure: Figure) -> str:
    """The address by which a telephone rings or a letter is begun; empty for a figure that is neither."""
    if figure.kind != "text" or not isinstance(figure.value, str):
        return ""
    if re.fullmatch(r"\+\d{7,15}", figure.value):
        return f"tel:{figure.value}"
    return f"mailto:{quote(figure.value, safe='@')}" if re.fullmatch(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+", figure.value) else ""


def alarm(text: str) -> None:
    """One line that asks for attention, told by a sign as well as by colour."""
    markup("alarm.html.j2", text=text)

"""What a page is made of: its publication, reader and filters, the cards in rows, the download and the small print."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from dashboards import choices, data, frame
from dashboards.components import Opens, outside
from dashboards.download import csv_file, workbook_file
from dashboards.navigation import go
from dashboards.reader import NOBODY, Reader, reader
from dashboards.state import settings
from dashboards.widgets import alarm, markup, section_card
from reports.blocks import Chart, Kpi, Section, Table
from reports.compute import Block
from reports.context import Context
from reports.errors import PublishedError
from reports.formatting import Formatter
from reports.periods import Period, period_of
from reports.wording import Words, load_words
from reports.workbook import About

Rows = Sequence[Sequence[Sequence[str]]]
# The version that this session has seen last.
_VERSION = "version_seen"


@dataclass(frozen=True)
class Screen:
    """One reader's page over one publication.

    Attributes:
        name: the page's address without its slash.
        context: the publication under the reader's scope, words and formats.
        reader: who reads it.
    """

    name: str
    context: Context
    reader: Reader = NOBODY

    @property
    def words(self) -> Words:
        """The reader's words."""
        return self.context.words

    @property
    def form(self) -> Formatter:
        """The reader's formats."""
        return self.context.form

    def reckon(self, blocks: Sequence[Block], asked: Hashable = None, period: Period | None = None) -> dict[str, Section]:
        """Sections by name, cached by version, scope, period, language and what was asked for."""
        context = self.context
        found = data.sections(context.published, context.scope, period or context.period, self.words.locale, blocks, asked)
        return {section.name: section for section in found}

    def head(self, about: str, title: str = "", summary: str = "") -> None:
        """The heading, the page's name by default, and whether what is shown is newer than before."""
        frame.heading(self.context, title or self.words.text(f"nav.{self.name}"), about, summary)
        version = self.context.published.version
        if st.session_state.get(_VERSION, version) != version:
            markup("note.html.j2", text=self.words.text("note.new_publication"))
        st.session_state[_VERSION] = version

    def lay_out(
        self,
        found: Mapping[str, Section],
        rows: Rows,
        opens: Mapping[str, Opens] | None = None,
        drawn: Mapping[str, Callable[[Chart | Table], bool]] | None = None,
        *,
        plain: bool = False,
    ) -> None:
        """Cards in rows of columns; on a phone they stand one below the other in the same order.

        Args:
            found: the reckoned sections.
            rows: names of sections: rows of columns of cards.
            opens: where the rows of a table lead, by table name.
            drawn: contents that a page draws in its own way, by name; False leaves it to the card.
            plain: tables as in a mail, without search, columns and download.
        """
        for row in rows:
            columns = [shown for column in row if (shown := [found[name] for name in column if name in found])]
            for place, shown in zip(st.columns(len(columns)) if columns else [], columns, strict=True):
                with place:
                    for number, section in enumerate(shown, 1):
                        section_card(
                            section,
                            self.words,
                            self.form,
                            last=number == len(shown),
                            table=None if plain else self._table(opens or {}, section),
                            drawn=drawn or {},
                            more=self._more(section) if plain else "",
                        )

    def _more(self, section: Section) -> str:
        """The address of the page that a card is an extract of; a wall has nobody to go there."""
        page, _, asked = section.page.partition("?")
        if page in ("", self.name) or "wall" in st.query_params:
            return ""
        kept = dict(parse_qsl(asked)) | ({"lang": st.query_params["lang"]} if "lang" in st.query_params else {})
        return f"{page}?{urlencode(kept)}" if kept else page

    def _table(self, opens: Mapping[str, Opens], section: Section) -> Callable[[Table], None]:
        def show(table: Table) -> None:
            leads = opens.get(table.name)
            opened = frame.show_table(table, self.words, self.form, leads)
            if table.rows:
                csv_file(table, f"{self.name}-{table.name}", section.name, self.words, self.form)
            if opened and leads:
                go(leads.page, leads.query(opened))

        return show

    def links(self, found: Mapping[str, str | None]) -> None:
        """Ways into the other systems, each by its name; those without an address of the web are left out."""
        told = {label: url for label, address in found.items() if (url := outside(address)) is not None}
        if told:
            markup("links.html.j2", links=told)

    def close(self, found: Mapping[str, Section], file_name: str = "") -> None:
        """The workbook of the page's tables, the definitions of its figures, currency, zone and version."""
        sections = tuple(found.values())
        kpis = (content for section in sections for content in section.contents if isinstance(content, Kpi))
        figures = [figure for kpi in kpis for figure in kpi.figures if figure.definition]
        definitions = {figure.definition: figure.label for figure in reversed(figures)}
        if any(section.state == "ok" for section in sections):
            workbook_file(sections, self.name, self._about(definitions), self.context, file_name)
        frame.small_print(self.context, definitions)

    def _about(self, definitions: Mapping[str, str]) -> About:
        lines = (frame.as_of_text(self.context), *choices.made(), *frame.facts(self.context))
        told = [(label, definition) for definition, label in definitions.items()]
        return About(self.words.text(f"nav.{self.name}"), self.context.publication.company_name, lines, told)


def open_screen(name: str) -> Screen | None:
    """The page's publication and reader; None, told on the page, before the first publication and after the session."""
    choices.begin()
    present = reader()
    words = load_words(frame.locale(present.locale if present else ""))
    if present is None:
        alarm(words.text("login.ended"))
        return None
    try:
        published = data.current(settings())
    except PublishedError:
        alarm(words.text("page.empty"))
        return None
    period = period_of("month", published.publication.as_of_date)
    return Screen(name, Context.make(published, period, words.locale, present.scope), present)

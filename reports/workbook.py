"""The xlsx that goes along: every table whole, figures on the first sheet; typed cells, and text that can never be a formula."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from reports.blocks import Bars, Kpi, Section, Table, Text
from reports.formatting import Formatter
from reports.wording import Words

FORMATS = {
    "money": "#,##0.00",
    "integer": "#,##0",
    "number": "#,##0.0",
    "days": "#,##0",
    "percent": "0.0%",
    "date": "dd.mm.yyyy",
    "datetime": "dd.mm.yyyy hh:mm",
    "time": "dd.mm.yyyy hh:mm",
    "text": "@",
}
WIDTHS = {"money": 16, "percent": 12, "date": 12, "datetime": 17, "time": 17, "text": 30}
LONGEST_CELL = 32_767  # what Excel holds in a cell


@dataclass(frozen=True)
class About:
    """What the last sheet says, for whoever meets the file a month later.

    Attributes:
        title: what the file is of.
        company: whose figures they are.
        lines: period, day of the data, filters, currency and version, a sentence each.
        definitions: (label, definition) of the figures.
    """

    title: str
    company: str
    lines: Sequence[str] = ()
    definitions: Sequence[tuple[str, str]] = ()


def _sheet_name(wanted: str, taken: set[str]) -> str:
    """At most 31 characters, without what Excel forbids, told apart from the sheets before it."""
    base = re.sub(r"[\[\]:*?/\\']", " ", wanted).strip()[:28] or "-"
    name, number = base, 2
    while name.lower() in taken:
        name, number = f"{base} {number}", number + 1
    taken.add(name.lower())
    return name


class _Writer:
    """Writes typed cells of one workbook."""

    def __init__(self, book: Any, form: Formatter) -> None:
        self._book = book
        self._form = form
        self._formats: Mapping[str, Any] = {kind: book.add_format({"num_format": code}) for kind, code in FORMATS.items()}
        self._head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self._prose = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        self._taken: set[str] = set()

    def sheet(self, title: str, heads: list[tuple[str, str]], rows: list[list[tuple[str, Any]]]) -> None:
        """A sheet with a frozen heading and filters.

        Args:
            title: the sheet's name before it is made fit.
            heads: (label, kind) of the columns.
            rows: (kind, value) of the cells.
        """
        sheet = self._book.add_worksheet(_sheet_name(title, self._taken))
        for place, (label, kind) in enumerate(heads):
            sheet.write_string(0, place, label, self._head)
            sheet.set_column(place, place, WIDTHS.get(kind, 13))
        for line, row in enumerate(rows, 1):
            for place, (kind, value) in enumerate(row):
                self._cell(sheet, line, place, kind, value)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(1, len(rows)), len(heads) - 1)

    def about(self, name: str, about: About) -> None:
        """The sheet of text: a sentence a line, then what each figure means."""
        sheet = self._book.add_worksheet(_sheet_name(name, self._taken))
        sheet.set_column(0, 0, WIDTHS["text"], self._prose)
        sheet.set_column(1, 1, 90, self._prose)
        rows = [(about.company, about.title), *(("", line) for line in about.lines), *about.definitions]
        for line, row in enumerate(rows):
            for place, text in enumerate(row):
                sheet.write_string(line, place, text[:LONGEST_CELL], self._head if line == 0 else self._prose)

    def _cell(self, sheet: Any, line: int, place: int, kind: str, value: Any) -> None:
        form = self._formats[kind]
        if value is None or value == "":
            sheet.write_blank(line, place, None, form)
        elif isinstance(value, datetime):
            sheet.write_datetime(line, place, value.astimezone(self._form.zone).replace(tzinfo=None), form)
        elif isinstance(value, date):
            sheet.write_datetime(line, place, datetime(value.year, value.month, value.day), form)  # noqa: DTZ001 - Excel knows no zones
        elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            sheet.write_number(line, place, float(value), form)
        else:
            # write_string never makes a formula or a link of =, +, -, @ or http
            sheet.write_string(line, place, str(value)[:LONGEST_CELL], self._formats["text"])


def render_workbook(sections: Sequence[Section], about: About, words: Words, form: Formatter) -> bytes:
    """The workbook's bytes, the same for the same sections.

    Args:
        sections: reckoned blocks; figures go to the first sheet, tables and bars to one sheet each.
        about: what the last sheet says.
        words: the reader's language.
        form: the reader's formats.
    """
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": about.title, "company": about.company, "created": datetime(2000, 1, 1)})  # noqa: DTZ001 - fixed: same bytes
        writer = _Writer(book, form)
        figures: list[list[tuple[str, Any]]] = [
            [("text", section.title), ("text", figure.label), (figure.kind, figure.value), ("text", figure.note)]
            for section in sections
            for content in section.contents
            if isinstance(content, Kpi)
            for figure in content.figures
        ]
        heads = [("workbook.section", "text"), ("workbook.figure", "text"), ("workbook.value", "money"), ("workbook.note", "text")]
        writer.sheet(words.text("workbook.figures"), [(words.text(key), kind) for key, kind in heads], figures)
        for section in sections:
            for content in section.contents:
                if isinstance(content, Table) and content.rows:
                    writer.sheet(content.title or section.title, *_table(content))
                elif isinstance(content, Bars) and content.bars:
                    writer.sheet(content.title, *_bars(content, words))
        # why a list ends where it does
        notes = [content.text for section in sections for content in section.contents if isinstance(content, Text)]
        writer.about(words.text("workbook.about"), replace(about, lines=(*about.lines, *dict.fromkeys(notes))))
    return buffer.getvalue()


def _bars(bars: Bars, words: Words) -> tuple[list[tuple[str, str]], list[list[tuple[str, Any]]]]:
    rows: list[list[tuple[str, Any]]] = [[("text", bar.label), (bars.kind, bar.value), ("text", bar.note)] for bar in bars.bars]
    return [(words.text("workbook.figure"), "text"), (bars.title, bars.kind), (words.text("workbook.note"), "text")], rows


def _table(table: Table) -> tuple[list[tuple[str, str]], list[list[tuple[str, Any]]]]:
    heads = [(column.label, str(column.kind)) for column in table.columns]
    rows = [[(str(column.kind), value) for column, value in zip(table.columns, row, strict=True)] for row in table.rows]
    return heads, rows

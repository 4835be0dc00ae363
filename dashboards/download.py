"""Downloads: a page's tables as one xlsx, one table as csv; made when they are asked for."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import streamlit as st

from reports.blocks import Section, Table
from reports.context import Context
from reports.formatting import Formatter
from reports.wording import Words
from reports.workbook import About, render_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a spreadsheet program would take for a formula at the start of a cell.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def csv_cell(value: Any, form: Formatter) -> str:
    """A value for a spreadsheet: decimal comma where the reader writes one, moments in the company's zone, text that is no formula."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(form.zone).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, Decimal | int | float):
        written = f"{value:f}" if isinstance(value, Decimal) else str(value)
        return written if form.locale == "en" else written.replace(".", ",")
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def render_csv(table: Table, form: Formatter) -> bytes:
    """A table whole: semicolons and a byte order mark, as Excel outside English countries opens it by a double click."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter="," if form.locale == "en" else ";", lineterminator="\r\n")
    writer.writerow([csv_cell(column.label, form) for column in table.columns])
    writer.writerows([csv_cell(value, form) for value in row] for row in table.rows)
    return buffer.getvalue().encode("utf-8-sig")


def csv_file(table: Table, name: str, place: str, words: Words, form: Formatter) -> None:
    """The small link under a table."""
    st.download_button(
        words.text("table.csv"),
        lambda: render_csv(table, form),
        file_name=f"{name}-{words.locale}.csv",
        mime="text/csv",
        on_click="ignore",
        type="tertiary",
        key=f"csv-{place}-{table.name}",
    )


def workbook_file(sections: Sequence[Section], name: str, about: About, context: Context, file_name: str = "") -> None:
    """The button that downloads a page's tables."""
    words = context.words
    st.download_button(
        words.text("page.download"),
        lambda: render_workbook(sections, about, words, context.form),
        file_name=f"{file_name or f'{name}-{context.as_of.isoformat()}'}-{words.locale}.xlsx",
        mime=XLSX,
        on_click="ignore",
        key=f"xlsx-{name}",
    )

"""The two elements that Streamlit lacks: a table in our own look that sorts, searches and opens, and a matrix of cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from reports import cells
from reports.blocks import Column, Table
from reports.formatting import Formatter
from reports.wording import Words

ASSETS = Path(__file__).parent / "assets"
LONGEST_CELL = 240
# (as written, what it sorts by, tone)
Cell = tuple[str, float | str | None, str]
NUMERIC = frozenset({"money", "integer", "number", "percent", "days", "date", "datetime", "time"})


@dataclass(frozen=True)
class Opens:
    """Where a row's name leads.

    Attributes:
        page: the page's address without its slash.
        param: the name that carries the key in the address.
        column: the table's column that holds the key; it is not shown.
        keep: names of the present address that go along.
    """

    page: str
    param: str
    column: str
    keep: tuple[str, ...] = ("lang",)

    def query(self, key: str) -> dict[str, str]:
        """What stands behind the question mark."""
        kept = {name: st.query_params[name] for name in self.keep if name in st.query_params}
        return {**kept, self.param: key}


@cache
def _component(name: str) -> Any:
    script = (ASSETS / f"{name}.js").read_text(encoding="utf-8")
    return st.components.v2.component(f"skvoz_{name}", html=f'<div class="sk {name}-root"></div>', js=script, isolate_styles=False)


def _written(column: Column, value: Any, form: Formatter) -> str:
    """A cell as text: a page has room for a sentence, where a mail cuts after a name."""
    written = form.value(column.kind, value)
    return cells.shortened(written, LONGEST_CELL) if column.kind == "text" else written


@lru_cache(maxsize=64)
def _written_rows(table: Table, form: Formatter) -> Sequence[tuple[Sequence[Cell], str | None]]:
    """Every row's cells and its small line; kept, for a thousand sums take Babel 300 ms and stay the same at every opening."""
    return [
        (
            [
                (_written(column, value, form), _sortable(value), _tone(column, value))
                for column, value in zip(table.columns, row, strict=True)
            ],
            cells.details(table, row, form),
        )
        for row in table.rows
    ]


def _sortable(value: Any) -> float | str | None:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, date):
        return float(value.toordinal())
    if isinstance(value, Decimal | int | float):
        return float(value)
    return None if value is None else str(value)


def outside(value: Any) -> str | None:
    """An address of another system; anything but http is no address."""
    text = str(value or "")
    return text if text.startswith(("https://", "http://")) else None


def _tone(column: Column, value: Any) -> str:
    above = column.warn_above is not None and isinstance(value, Decimal | int | float) and value > column.warn_above
    return "bad" if above else ""


def table_data(table: Table, words: Words, form: Formatter, opens: Opens | None, hints: Mapping[str, str]) -> dict[str, Any]:
    """A table as the element draws it: written cells beside the values they sort by.

    Args:
        table: its first column names the row; `workbook` columns wait in the choice of columns; columns named *_url make links.
        words: the reader's language.
        form: the reader's formats.
        opens: where a row's name leads.
        hints: definitions by column name.
    """
    names = [column.name for column in table.columns]
    links = [number for number, name in enumerate(names) if name.endswith("_url")]
    hidden = {opens.column if opens else "", *(names[number] for number in links)}
    places = [number for number, column in enumerate(table.columns) if column.place != "detail" and column.name not in hidden]
    key = names.index(opens.column) if opens and opens.column in names else None
    kept = opens.query("") if opens else {}
    rows = []
    shown: list[list[Cell]] = []
    for row, (cells_of_row, small) in zip(table.rows, _written_rows(table, form), strict=True):
        opened = None if key is None or row[key] is None else str(row[key])
        href = f"{opens.page}?{urlencode({**kept, opens.param: opened})}" if opens and opened else None
        written = [cells_of_row[at] for at in places]
        shown.append(written)
        away = [("" if names[at] == "source_url" else table.columns[at].label, url) for at in links if (url := outside(row[at]))]
        rows.append({"cells": written, "small": small, "key": opened, "href": href, "links": away})
    columns = [
        {
            "label": table.columns[at].label,
            "hint": hints.get(names[at], ""),
            "kind": _kind(table.columns[at], [written[place][0] for written in shown]),
            "hidden": table.columns[at].place == "workbook",
        }
        for place, at in enumerate(places)
    ]
    told = {name: words.text(f"table.{name}") for name in ("search", "nothing", "columns", "more", "sort")}
    return {"columns": columns, "rows": rows, "words": told, "shown": table.shown}


def _kind(column: Column, written: Sequence[str]) -> str:
    """How a column stands: numbers on the right, sentences over the whole width of a phone, moments on two lines there."""
    if column.kind == "datetime":
        return "number moment"
    if column.kind in NUMERIC:
        return "number"
    return "text long" if max(map(len, written), default=0) > cells.LONGEST_NAME else "text"


def data_table(table: Table, words: Words, form: Formatter, opens: Opens | None, hints: Mapping[str, str]) -> str | None:
    """Shows a table; gives the key of the row that was just opened."""
    data = table_data(table, words, form, opens, hints)
    shown = _component("table")(data=data, key=f"table-{table.name}", on_opened_change=_remembered)
    key: str | None = shown.opened
    return key


def matrix(name: str, corner: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str | None:
    """Shows a matrix; gives the key of the cell that was just opened."""
    shown = _component("matrix")(
        data={"corner": corner, "columns": list(columns), "rows": list(rows)}, key=name, on_opened_change=_remembered
    )
    key: str | None = shown.opened
    return key


def _remembered() -> None:
    """Streamlit only reports a trigger that somebody listens to."""

"""Exports with a heading row (csv, tsv, xlsx) as records: the reading of spreadsheets, with what exports of services add to it.

Rows without a day are totals there, `--` is an empty cell, and the decimal mark is one for a whole file, told by the cells that leave
no doubt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from ingestion.errors import PermanentError
from ingestion.feeds.faults import DamagedError, Fault
from ingestion.feeds.paths import FoundFile
from ingestion.sources.spreadsheet.cells import Cell, Sheet
from ingestion.sources.spreadsheet.columns import Layout
from ingestion.sources.spreadsheet.sheets import csv_sheets, sheets_of
from ingestion.sources.spreadsheet.tables import Habits, Heading, find_heading, read_sheet

_EMPTY = frozenset({"--", "—", "–", "-"})
_TOTAL = re.compile(r"[^\W\d][^:\d]*:.*")  # «Total: Account», «Gesamt: Kampagnen» where the day stands first
_MARKED = re.compile(r"[^\d]*[\d\s.,'’\u00a0\u202f]*?([.,])\d{1,2}\D*")


@dataclass(frozen=True, slots=True)
class Export:
    """How exports of one kind are read.

    Attributes:
        layout: their columns.
        day: the column whose emptiness makes a row a total.
        money: the columns that tell the decimal mark.
        columns: logical name → heading, as configured.
        defaults: logical name → value for rows without it.
        mark: decimal mark, if configured.
        days_first: how 03/04/2026 is read where nothing tells.
        guess_mark: take the mark of the doubtless cells for all others; else what is in doubt is refused.
    """

    layout: Layout
    day: str
    money: tuple[str, ...]
    columns: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    mark: Literal[",", "."] | None = None
    days_first: bool = True
    guess_mark: bool = True

    def rows(self, data: bytes, file: FoundFile) -> Iterator[tuple[str, dict[str, str]] | Fault]:
        """(place, payload with normalised texts) of every row, faults between them; DamagedError if there is no heading."""
        sheet, heading = self._table(data, file)
        sheet, heading = self._without_totals(sheet, heading)
        habits = self._habits(sheet, heading)
        reading = read_sheet(sheet, heading, self.layout, habits)
        for fault in reading.faults:
            yield Fault(f"row {fault.row}, column {fault.column}", fault.reason, ";".join(fault.cells))
        for number, part, payload in reading.records:
            yield f"row {number}" + (f".{part}" if part else ""), payload

    def _table(self, data: bytes, file: FoundFile) -> tuple[Sheet, Heading]:
        habits = Habits(self.columns, self.defaults, self.mark, self.days_first)
        try:
            sheets = (
                csv_sheets(_text_bytes(data)) if b"\x00" in data[:4000] and data[:2] != b"PK" else sheets_of(file.path, data, file.name)
            )
        except PermanentError as error:
            raise DamagedError(place="byte 0", cause=str(error)) from None
        except Exception as error:  # noqa: BLE001 - csv and the workbook reader fail in many ways on damaged bytes
            raise DamagedError(place="byte 0", cause=f"it cannot be read as a table ({type(error).__name__})") from None
        found = [(sheet, heading) for sheet in sheets if (heading := find_heading(sheet, self.layout, habits)) is not None]
        if not found:
            required = ", ".join(f"{column.name} ({', '.join(column.names[:3])})" for column in self.layout.columns if column.required)
            cause = f"there is no heading row with the columns {required}; name your headings in columns of skvoz.toml"
            raise DamagedError(place="row 1", cause=cause)
        return max(found, key=lambda one: len(one[1].places))

    def _without_totals(self, sheet: Sheet, heading: Heading) -> tuple[Sheet, Heading]:
        place = heading.places.get(self.day)
        rows = [(number, [Cell("") if cell.text in _EMPTY else cell for cell in cells]) for number, cells in sheet.rows[heading.row + 1 :]]
        if place is not None:
            rows = [(number, cells) for number, cells in rows if place < len(cells) and _may_be_day(cells[place])]
        return Sheet(sheet.name, [sheet.rows[heading.row], *rows]), replace(heading, row=0)

    def _habits(self, sheet: Sheet, heading: Heading) -> Habits:
        mark = self.mark
        if mark is None and self.guess_mark:
            marks = {found[1] for cell in _cells(sheet.rows[1:], heading, self.money) if (found := _MARKED.fullmatch(cell.text))}
            mark = ("," if "," in marks else ".") if len(marks) == 1 else None
        return Habits(self.columns, self.defaults, mark, self.days_first)


def _may_be_day(cell: Cell) -> bool:
    return bool(cell.text) and _TOTAL.fullmatch(cell.text) is None


def _cells(rows: Sequence[tuple[int, list[Cell]]], heading: Heading, names: Sequence[str]) -> Iterator[Cell]:
    places = [heading.places[name] for name in names if name in heading.places]
    return (cells[place] for _, cells in rows for place in places if place < len(cells) and cells[place].kind == "text")


def _text_bytes(data: bytes) -> bytes:
    """UTF-16 without a byte order mark, as some exports are: every second byte of Latin letters is zero."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data
    order = "utf-16-le" if data[1:2] == b"\x00" else "utf-16-be"
    return data.decode(order, "replace").encode()


def summed(
    rows: Iterator[tuple[str, dict[str, str]] | Fault], key: Callable[[dict[str, str]], str], sums: Sequence[str]
) -> Iterator[tuple[str, dict[str, str]] | Fault]:
    """One payload per key: an export cut by device or ad group has several rows for a campaign and day. `sums` are added up exactly."""
    found: dict[str, dict[str, str]] = {}
    for one in rows:
        if isinstance(one, Fault):
            yield one
            continue
        payload = one[1]
        before = found.setdefault(key(payload), payload)
        if before is not payload:
            for name in sums:
                if name in payload:
                    before[name] = f"{Decimal(before.get(name, '0')) + Decimal(payload[name]):f}"
    yield from found.items()

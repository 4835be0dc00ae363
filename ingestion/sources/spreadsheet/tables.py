"""A sheet as records of a stream: the heading row found, columns named, each row read or refused with the reason."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any

from ingestion.sources.spreadsheet import dates
from ingestion.sources.spreadsheet.cells import BadCellError, Cell, Sheet
from ingestion.sources.spreadsheet.columns import Layout, called, normalised, read_as
from ingestion.sources.spreadsheet.values import text_of

HEADING_ROWS = 40  # a heading is looked for in so many first rows: 1C prints parameters of a report above it
_LONGEST_PERIOD = 366  # days that one row may be spread over
# «Total gym repair» is a campaign, «Total:» and «Итого по отделу» are not
_TOTALS = re.compile(r"(итого|итог)\b.*|(всего|total|totals|grand total|сумма)\s*[:.]?|(всего|total)\s*(:| по ).*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the columns of a sheet are.

    Attributes:
        row: place of the heading row in the sheet's rows.
        places: logical name → index of the cell.
        titles: logical name → heading as written.
    """

    row: int
    places: Mapping[str, int]
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that was refused: its number, the heading of the column, why, and its cells as text."""

    row: int
    column: str
    reason: str
    cells: list[str]


@dataclass(slots=True)
class Reading:
    """What a sheet gave: (row number, part of the row, payload) of each record, and the rows refused.

    A row has parts where it covers several days, or stands for a month in each of several columns.
    """

    records: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Habits:
    """How the configuration says that a file is written.

    Attributes:
        columns: logical name → heading in the file, where people name it in their own way.
        defaults: logical name → value for rows without it.
        mark: decimal mark; None to tell by the text, refusing what is in doubt.
        days_first: how 03/04/2026 is read where no other cell of the column tells.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    mark: str | None = None
    days_first: bool = True


def find_heading(sheet: Sheet, layout: Layout, habits: Habits) -> Heading | None:
    """The first row with the most known headings that has every required column; None if there is none."""
    best: Heading | None = None
    for place, (_, cells) in enumerate(sheet.rows[:HEADING_ROWS]):
        places = _places(cells, layout, habits)
        complete = all(column.name in places or column.name in habits.defaults for column in layout.columns if column.required)
        if complete and places and (best is None or len(places) > len(best.places)):
            best = Heading(place, places, {name: cells[index].text for name, index in places.items()})
    return best


def read_sheet(sheet: Sheet, heading: Heading, layout: Layout, habits: Habits, *, by_month: bool = False) -> Reading:
    """Every row below the heading: read, left out (empty, totals, the heading again) or refused; `by_month`: a row has several months."""
    reading = Reading()
    rows = sheet.rows[heading.row + 1 :]
    firsts = {
        column.name: dates.day_first((_at(cells, heading, column.name) for _, cells in rows), default=habits.days_first)
        for column in layout.columns
        if column.kind in {"day", "wall", "month"} and column.name in heading.places
    }
    for number, cells in rows:
        values = {name: _at(cells, heading, name) for name in heading.places}
        if not any(cell.text for cell in values.values()) or is_total(cells) or _is_heading(values, heading):
            continue
        try:
            payload, period = _payload(values, layout, habits, heading, firsts)
        except _RowError as problem:
            reading.faults.append(Fault(number, problem.column, problem.reason, [cell.text for cell in cells]))
        else:
            parts = enumerate(_spread(payload, period))
            reading.records += [(number, str(part) if "spread" in one else one["month"] if by_month else "", one) for part, one in parts]
    return reading


class _RowError(Exception):
    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


def _places(cells: Sequence[Cell], layout: Layout, habits: Habits) -> dict[str, int]:
    places: dict[str, int] = {}
    free = {index: cell.text for index, cell in enumerate(cells) if cell.text}
    for name, wanted in habits.columns.items():
        index = next((index for index, text in free.items() if normalised(text) == normalised(wanted)), None)
        if index is not None:
            places[name] = index
            free.pop(index)
    said = {index: read_as(text) for index, text in free.items()}
    for column in layout.columns:
        if column.name in habits.columns:
            continue
        index = next((index for index in free if said[index] & called(column)), None)
        if index is not None:
            places[column.name] = index
            free.pop(index)
    return places


def _at(cells: Sequence[Cell], heading: Heading, name: str) -> Cell:
    index = heading.places[name]
    return cells[index] if index < len(cells) else Cell("")


def is_total(cells: Sequence[Cell]) -> bool:
    """Whether a row sums others up."""
    first = next((cell.text for cell in cells if cell.text), "")
    return _TOTALS.fullmatch(first) is not None


def _is_heading(values: Mapping[str, Cell], heading: Heading) -> bool:
    return all(cell.text == heading.titles[name] for name, cell in values.items())


def _payload(
    values: Mapping[str, Cell], layout: Layout, habits: Habits, heading: Heading, firsts: Mapping[str, bool]
) -> tuple[dict[str, str], dates.Period | None]:
    payload: dict[str, str] = {}
    periods: dict[str, dates.Period] = {}
    for column in layout.columns:
        cell = values.get(column.name, Cell(""))
        if not cell.text:
            cell = Cell(habits.defaults.get(column.name, ""))
        title = heading.titles.get(column.name, column.name)
        if not cell.text:
            if column.required:
                raise _RowError(title, "is empty")
            continue
        try:
            if column.kind == "day":
                periods[column.name] = dates.period_of(cell, days_first=firsts.get(column.name, habits.days_first))
                payload[column.name] = periods[column.name].first.isoformat()
            else:
                payload[column.name] = text_of(cell, column, title, mark=habits.mark, days_first=firsts.get(column.name, habits.days_first))
        except BadCellError as problem:
            raise _RowError(title, str(problem)) from None
    if layout.one_of and not any(payload.get(name) for name in layout.one_of):
        raise _RowError(", ".join(layout.one_of), "are all empty: nothing says what this row belongs to")
    _imply(payload, layout, heading)
    return payload, _whole_period(payload, periods, heading)


def _imply(payload: dict[str, str], layout: Layout, heading: Heading) -> None:
    """What a sheet says without a column for it: VAT in the heading of the cost, whose plan it is, the campaign by its id."""
    names = {column.name for column in layout.columns}
    told = heading.titles.get("cost", "").lower()
    if "include_vat" in names and "include_vat" not in payload and "ндс" in told:
        payload["include_vat"] = "false" if "без" in told else "true"
    if "campaign_id" in payload:
        payload.setdefault("utm_campaign", payload["campaign_id"])
    if "scope_kind" in names and "scope_kind" not in payload:
        payload["scope_kind"] = "manager" if payload.get("scope_key") else "company"


def _whole_period(payload: dict[str, str], periods: Mapping[str, dates.Period], heading: Heading) -> dates.Period | None:
    """The days a row covers: of its one date column, or of a beginning and an end; None for a single day."""
    if not periods:
        return None
    (name, first), *others = periods.items()
    last = others[0][1].last if others else first.last
    payload.pop("date_to", None)
    if last < first.first or (last - first.first).days >= _LONGEST_PERIOD:
        raise _RowError(heading.titles.get(name, name), f"the period {first.first} to {last} is no period of at most a year")
    return dates.Period(first.first, last) if last > first.first else None


def _spread(payload: dict[str, str], period: dates.Period | None) -> list[dict[str, str]]:
    """A row for several days as a row for each, sums kept to the last cent; `spread` says so."""
    if period is None:
        return [payload]
    days = period.days
    shares: dict[str, list[str]] = {}
    for name, unit in (("cost", Decimal("0.01")), ("impressions", Decimal(1)), ("clicks", Decimal(1))):
        if name in payload:
            shares[name] = [f"{part:f}" for part in _parts(Decimal(payload[name]), len(days), unit)]
    return [
        payload | {name: parts[number] for name, parts in shares.items()} | {_day_name(payload): day.isoformat(), "spread": "true"}
        for number, day in enumerate(days)
    ]


def _day_name(payload: Mapping[str, Any]) -> str:
    return "cost_date" if "cost_date" in payload else "rate_date"


def _parts(total: Decimal, count: int, unit: Decimal) -> list[Decimal]:
    """`total` in `count` parts that differ by one unit at most and sum to it; what is finer than the unit goes to the last."""
    exponent = total.as_tuple().exponent
    unit = unit if not isinstance(exponent, int) else min(unit, Decimal(1).scaleb(exponent))
    marks = [(total * number / count).quantize(unit) for number in range(count + 1)]
    return [after - before for before, after in pairwise(marks)]

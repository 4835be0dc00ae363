"""A table with a month above each column, as most people write plans: the same sheet with a row for each month."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from ingestion.sources.spreadsheet.cells import BadCellError, Cell, Sheet
from ingestion.sources.spreadsheet.dates import month_of
from ingestion.sources.spreadsheet.tables import HEADING_ROWS, is_total

_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_WORD = re.compile(r"[a-zа-яё]+\.?", re.IGNORECASE)


def unfolded(sheet: Sheet, file_name: str) -> Sheet | None:
    """The sheet with `month` and `value` as columns; None if no row names two months or more.

    Args:
        sheet: as it was read.
        file_name: where a year is looked for too.

    Raises:
        BadCellError: the months have no year, and not just one year stands in the sheet's or file's name or above the table.
    """
    for place, (number, cells) in enumerate(sheet.rows[:HEADING_ROWS]):
        above = [cell.text for _, row in sheet.rows[: place + 1] for cell in row]
        months = _months(cells, _only_year([sheet.name, file_name, *above]))
        if months:
            others = [index for index, cell in enumerate(cells) if index not in months and cell.text]
            # first, so that a column «Сумма» behind the months is not taken for the value
            heading = [Cell("month"), Cell("value"), *(cells[index] for index in others)]
            below = [row for row in sheet.rows[place + 1 :] if not is_total(row[1]) and not _is_same(row[1], cells, months)]
            return replace(sheet, rows=[(number, heading), *(one for row in below for one in _by_month(row, months, others))])
    return None


def _months(cells: Sequence[Cell], year: str) -> dict[int, date]:
    """Index of the cell → its month, where two or more cells are months and no two the same; empty otherwise."""
    found: dict[int, date] = {}
    bare = []
    for index, cell in enumerate(cells):
        if cell.kind == "number" or not cell.text:
            continue
        is_word = _WORD.fullmatch(cell.text) is not None
        try:
            found[index] = month_of(Cell(f"{cell.text.rstrip('.')} {year}") if is_word and year else cell)
        except BadCellError as problem:
            if is_word and "without its year" in str(problem):
                bare.append(cell.text)
    if len(bare) > 1:
        months = ", ".join(f"«{text}»" for text in bare[:3])
        message = f"the months {months} … above the columns have no year; write it beside them, or once above the table (План на 2026 год)"
        raise BadCellError(message)
    return found if len(set(found.values())) == len(found) > 1 else {}


def _only_year(texts: Sequence[str]) -> str:
    years = {year for text in texts for year in _YEAR.findall(text)}
    return years.pop() if len(years) == 1 else ""


def _is_same(cells: Sequence[Cell], heading: Sequence[Cell], months: Mapping[int, date]) -> bool:
    return all(index < len(cells) and cells[index].text == heading[index].text for index in months)


def _by_month(row: tuple[int, list[Cell]], months: Mapping[int, date], others: Sequence[int]) -> list[tuple[int, list[Cell]]]:
    number, cells = row
    labels = [cells[index] if index < len(cells) else Cell("") for index in others]
    filled = [(month, cells[index]) for index, month in months.items() if index < len(cells) and cells[index].text]
    return [(number, [Cell(month.isoformat()), value, *labels]) for month, value in filled]

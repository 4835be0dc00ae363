"""The value of a cell by the kind of its column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ingestion.sources.spreadsheet import dates, numbers
from ingestion.sources.spreadsheet.cells import BadCellError, Cell
from ingestion.sources.spreadsheet.columns import CURRENCIES, METRICS, NO, SCOPES, YES, Column, normalised


def text_of(cell: Cell, column: Column, title: str, *, mark: str | None, days_first: bool) -> str:
    """A cell as normalised text: ISO dates, decimals with a point, codes.

    Args:
        cell: as read, not empty.
        column: what it belongs to.
        title: the heading as written, which may say that numbers are percents.
        mark: decimal mark of the file, if it is known.
        days_first: how 03/04/2026 is read.

    Raises:
        BadCellError: it cannot be read, or could be read as two things.
    """
    match column.kind:
        case "money":
            return f"{numbers.decimal_of(cell, mark=mark):f}"
        case "rate":
            # a rate is below a thousand nearly always, so one separator is its decimal mark
            return f"{numbers.decimal_of(cell, mark=mark or _only_mark(cell.text)):f}"
        case "integer":
            return str(numbers.integer_of(cell))
        case "share":
            return f"{numbers.share_of(cell, percent='%' in title or 'процент' in title.lower(), mark=mark):f}"
        case "wall":
            return dates.day_of(cell, days_first=days_first).isoformat() + dates.time_of(cell)
        case "month":
            return dates.month_of(cell, days_first=days_first).isoformat()
        case "flag":
            return _flag(cell)
        case "currency":
            return _currency(cell)
        case "metric":
            return _one_of(cell, METRICS)
        case "scope":
            return _one_of(cell, SCOPES)
    return cell.text


def _only_mark(text: str) -> str | None:
    marks = [sign for sign in text if sign in ",."]
    return marks[0] if len(marks) == 1 else None


def _flag(cell: Cell) -> str:
    word = normalised(cell.text) or cell.text.strip()
    if word in YES:
        return "true"
    if word in NO:
        return "false"
    message = f"«{cell.text}» is neither yes nor no"
    raise BadCellError(message)


def _currency(cell: Cell) -> str:
    word = normalised(cell.text).rstrip(".")
    for code, names in CURRENCIES.items():
        if word == code.lower() or word in names:
            return code
    if re.fullmatch(r"[a-z]{3}", word):
        return word.upper()
    message = f"«{cell.text}» is no currency; write its three letters (RUB, USD, EUR)"
    raise BadCellError(message)


def _one_of(cell: Cell, choices: Mapping[str, Sequence[str]]) -> str:
    word = normalised(cell.text)
    for name, known in choices.items():
        if word == name.replace("_", " ") or cell.text == name or word in known:
            return name
    message = f"«{cell.text}» is none of {', '.join(choices)}"
    raise BadCellError(message)

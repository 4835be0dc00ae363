"""Days, months and periods as people write them."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from ingestion.sources.spreadsheet.cells import BadCellError, Cell, tidy

_EPOCH = date(1899, 12, 30)  # Excel's day 0
_SERIALS = range(20_000, 80_000)  # 1954 to 2119: a bare number in a column of dates
_MONTHS = {
    **dict.fromkeys(("янв", "jan"), 1),
    **dict.fromkeys(("фев", "feb"), 2),
    **dict.fromkeys(("мар", "mar"), 3),
    **dict.fromkeys(("апр", "apr"), 4),
    **dict.fromkeys(("май", "мая", "may"), 5),
    **dict.fromkeys(("июн", "jun"), 6),
    **dict.fromkeys(("июл", "jul"), 7),
    **dict.fromkeys(("авг", "aug"), 8),
    **dict.fromkeys(("сен", "sep"), 9),
    **dict.fromkeys(("окт", "oct"), 10),
    **dict.fromkeys(("ноя", "nov"), 11),
    **dict.fromkeys(("дек", "dec"), 12),
}
_YEAR_FIRST = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?:[ T]\d{1,2}:.*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-./])(\d{1,2})\2(\d{4}|\d{2})(?:,? \d{1,2}:\S+(?: [ap]m)?)?(?: ?г\.?)?", re.IGNORECASE)
_TIME_OF_DAY = re.compile(r"[ T](\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?(?: ?([ap])\.?m\.?)?$", re.IGNORECASE)
_WORDS = re.compile(r"(\d{1,2}) ([a-zа-я]+)\.?,? (\d{4})(?: ?г(?:ода|\.)?)?", re.IGNORECASE)
_WORDS_US = re.compile(r"([a-zа-я]+)\.? (\d{1,2}),? (\d{4})", re.IGNORECASE)
_MONTH_YEAR = re.compile(r"(\d{1,2})[-./](\d{4})")
_YEAR_MONTH = re.compile(r"(\d{4})[-./](\d{1,2})")
_MONTH_WORD = re.compile(r"([a-zа-я]+)\.?,? (\d{4})(?: ?г(?:ода|\.)?)?", re.IGNORECASE)
# «Октябрь 26», окт.26, and Excel's own Oct-26; «Oct 26» with a blank would be a day in American hands
_MONTH_SHORT_YEAR = re.compile(r"([а-я]+[-. ,']+|[a-z]+[-.'])(\d{2}|\d{4})(?: ?г(?:ода|\.)?)?", re.IGNORECASE)
_BETWEEN = re.compile(r" ?(?:/|–|—|-|\bпо\b|\bto\b|\.{2,3}) ?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


def day_first(cells: Iterable[Cell], *, default: bool) -> bool:
    """Whether 03/04/2026 in this column is the third of April: by the first cell that leaves no doubt, else the default."""
    for cell in cells:
        found = _YEAR_LAST.fullmatch(tidy(cell.text)) if cell.kind == "text" else None
        if found and found[2] == "/" and (int(found[1]) > 12) != (int(found[3]) > 12):
            return int(found[1]) > 12
    return default


def day_of(cell: Cell, *, days_first: bool = True) -> date:
    """The day in a cell.

    Args:
        cell: as read; a time of day is left out.
        days_first: how 03/04/2026 is read; with points or dashes the day always comes first.

    Raises:
        BadCellError: it is no day.
    """
    text = tidy(cell.text)
    if cell.kind == "number" and not _COMPACT.fullmatch(text):
        return _serial(text)
    try:
        found = _parts(text, days_first=days_first)
        if found is not None:
            return date(*found)
    except ValueError:
        pass
    message = f"«{cell.text}» is no date"
    raise BadCellError(message)


def time_of(cell: Cell) -> str:
    """The time of day behind a day, `T14:01:02`; '' where there is none, or one that is not in the file's own zone."""
    found = _TIME_OF_DAY.search(tidy(cell.text)) if cell.kind != "number" else None
    if found is None:
        return ""
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4]:
        hour = hour % 12 + (12 if found[4].lower() == "p" else 0)
    return f"T{hour:02d}:{minute:02d}:{second:02d}" if hour < 24 and minute < 60 and second < 60 else ""


def month_of(cell: Cell, *, days_first: bool = True) -> date:
    """The first day of the month in a cell: `март 2026`, `мар.26`, `03.2026`, `2026-03`, or any day of it."""
    text = tidy(cell.text)
    if cell.kind == "text":
        month = _month(text)
        if month is not None:
            return month
        if (found := _MONTH_SHORT_YEAR.fullmatch(text)) and (number := _named(found[1])):
            return date(_century(int(found[2])), number, 1)
        if _named(text.rstrip(".")) and re.fullmatch(r"[a-zа-я]+\.?", text, re.IGNORECASE):
            message = f"«{cell.text}» is a month without its year; write the year after it"
            raise BadCellError(message)
    return day_of(cell, days_first=days_first).replace(day=1)


def period_of(cell: Cell, *, days_first: bool = True) -> Period:
    """A day, a month, or two days with `/`, a dash or `по` between them (Metrica's ranges, feeds.md 3.4)."""
    text = tidy(cell.text)
    if cell.kind == "text":
        month = _month(text)
        if month is not None:
            return Period(month, month.replace(day=calendar.monthrange(month.year, month.month)[1]))
        try:
            day = day_of(cell, days_first=days_first)
        except BadCellError:
            return _range(text, cell, days_first=days_first)
        return Period(day, day)
    day = day_of(cell, days_first=days_first)
    return Period(day, day)


def _range(text: str, cell: Cell, *, days_first: bool) -> Period:
    text = re.sub(r"^(с|from) ", "", text, flags=re.IGNORECASE)
    for found in _BETWEEN.finditer(text):
        try:
            first = day_of(Cell(text[: found.start()]), days_first=days_first)
            last = day_of(Cell(text[found.end() :]), days_first=days_first)
        except BadCellError:
            continue
        if last < first:
            message = f"«{cell.text}» ends before it begins"
            raise BadCellError(message)
        return Period(first, last)
    message = f"«{cell.text}» is no date"
    raise BadCellError(message)


def _serial(text: str) -> date:
    number = int(float(text))
    if number not in _SERIALS:
        message = f"«{text}» is no date"
        raise BadCellError(message)
    return _EPOCH + timedelta(days=number)


def _parts(text: str, *, days_first: bool) -> tuple[int, int, int] | None:
    if found := _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _YEAR_LAST.fullmatch(text):
        day, month = int(found[1]), int(found[3])
        if found[2] == "/" and not days_first:
            day, month = month, day
        return _century(int(found[4])), month, day
    if (found := _WORDS.fullmatch(text)) and (number := _named(found[2])):
        return int(found[3]), number, int(found[1])
    if (found := _WORDS_US.fullmatch(text)) and (number := _named(found[1])):
        return int(found[3]), number, int(found[2])
    return None


def _month(text: str) -> date | None:
    try:
        if found := _MONTH_YEAR.fullmatch(text):
            return date(int(found[2]), int(found[1]), 1)
        if found := _YEAR_MONTH.fullmatch(text):
            return date(int(found[1]), int(found[2]), 1)
    except ValueError:
        return None
    if (found := _MONTH_WORD.fullmatch(text)) and (number := _named(found[1])):
        return date(int(found[2]), number, 1)
    return None


def _named(word: str) -> int | None:
    return _MONTHS.get(word.lower()[:3])


def _century(year: int) -> int:
    return year if year > 99 else 2000 + year

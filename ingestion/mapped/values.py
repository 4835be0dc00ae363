"""One value of a foreign system as normalised text: databases give typed values, files give texts as people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from ingestion.mapped.columns import Column
from ingestion.sources.spreadsheet import dates, numbers
from ingestion.sources.spreadsheet.cells import BadCellError, Cell, tidy
from ingestion.sources.spreadsheet.columns import CURRENCIES, NO, YES, normalised

_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?(?: ?([ap])\.?m\.?)?$", re.IGNORECASE)
_DECIMAL = re.compile(r"-?\d+\.\d+")
_EPOCH = re.compile(r"\d{9,10}|\d{12,13}")  # seconds or milliseconds, 1973 to 2286
_EMPTY_DAYS = ("0001-01-01", "0000-00-00", "1899-12-30", "1753-01-01")  # what 1C, MySQL, Excel and SQL Server write for no date


class Reader:
    """Reads values of one configured source.

    Args:
        zone: of moments that carry no offset.
        mark: decimal mark of texts, if the configuration tells; else what is in doubt is refused.
        days_first: how 03/04/2026 is read.
        by_machine: texts were written by a program: 1.234 is a decimal with three places, never thousands.
    """

    def __init__(self, zone: ZoneInfo, *, mark: str | None = None, days_first: bool = True, by_machine: bool = True) -> None:
        self._zone = zone
        self._mark = mark
        self._by_machine = by_machine
        self._days_first = days_first

    def text(self, value: Any, column: Column) -> str | None:
        """The value as the column keeps it; None where there is none.

        Raises:
            BadCellError: it is nothing of that kind, or could be read as two things.
        """
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        match column.kind:
            case "money" | "number":
                return self._number(value)
            case "integer":
                return self._integer(value)
            case "day":
                return self._day(value)
            case "moment":
                return self._moment(value)
            case "flag":
                return _flag(value)
            case "currency":
                return _currency(value)
            case "word":
                return _word(value, column.words)
        return plain(value)

    def moment(self, value: Any) -> datetime | None:
        """A moment as an aware time; None where there is none; errors as in `text`."""
        text = None if value is None or value == "" else self._moment(value)
        return None if text is None else datetime.fromisoformat(text)

    def _number(self, value: Any) -> str | None:
        if isinstance(value, int | Decimal):
            return f"{Decimal(value):f}"
        if isinstance(value, float):
            return f"{Decimal(repr(value)):f}"
        text = tidy(str(value))
        if self._by_machine and self._mark is None and _DECIMAL.fullmatch(text):
            return text
        return f"{numbers.decimal_of(Cell(text), mark=self._mark):f}"

    def _integer(self, value: Any) -> str:
        if isinstance(value, int | float | Decimal):
            return str(numbers.integer_of(Cell(str(value), "number")))
        return str(numbers.integer_of(Cell(tidy(str(value)))))

    def _day(self, value: Any) -> str | None:
        if isinstance(value, datetime):
            return self._wall(value).date().isoformat()
        if isinstance(value, date):
            return value.isoformat()
        text = tidy(str(value))
        if text.startswith(_EMPTY_DAYS):
            return None
        if re.search(r"T\d\d:\d\d.*(Z|[+-]\d\d:?\d\d)$", text):
            return self._wall(datetime.fromisoformat(text)).date().isoformat()
        if _EPOCH.fullmatch(text):
            return self._wall(_from_epoch(text)).date().isoformat()
        return dates.day_of(Cell(text, "number" if isinstance(value, int | float) else "text"), days_first=self._days_first).isoformat()

    def _moment(self, value: Any) -> str | None:
        if isinstance(value, datetime):
            return self._aware(value).isoformat()
        if isinstance(value, date):
            return self._aware(datetime.combine(value, time())).isoformat()
        text = tidy(str(value))
        if text.startswith(_EMPTY_DAYS):
            return None
        if _EPOCH.fullmatch(text):
            return _from_epoch(text).isoformat()
        try:
            return self._aware(datetime.fromisoformat(text)).isoformat()
        except ValueError:
            pass
        found = _TIME.search(text)
        day = dates.day_of(Cell(text[: found.start()].strip(" ,T") if found else text), days_first=self._days_first)
        return self._aware(datetime.combine(day, _time(found) if found else time())).isoformat()

    def _aware(self, moment: datetime) -> datetime:
        return moment.replace(tzinfo=self._zone) if moment.tzinfo is None else moment

    def _wall(self, moment: datetime) -> datetime:
        return moment if moment.tzinfo is None else moment.astimezone(self._zone)


def plain(value: Any) -> str:
    """Any value as text: whole numbers without a fraction, guids and bytes readable, lists and objects as JSON."""
    if isinstance(value, str):
        return tidy(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value == value.to_integral_value() else f"{value:f}"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list | tuple) and all(isinstance(item, str | int | float) for item in value):
        return ", ".join(plain(item) for item in value)
    if isinstance(value, list | tuple | dict):
        return orjson.dumps(value, default=str).decode()
    return tidy(str(value))


def _time(found: re.Match[str]) -> time:
    hour = int(found[1])
    if found[4]:
        hour = hour % 12 + (12 if found[4].lower() == "p" else 0)
    try:
        return time(hour, int(found[2]), int(found[3] or 0))
    except ValueError:
        message = f"«{found[0]}» is no time of day"
        raise BadCellError(message) from None


def _from_epoch(text: str) -> datetime:
    seconds = int(text)
    return datetime.fromtimestamp(seconds / 1000 if len(text) > 10 else seconds, UTC)


def _flag(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    word = normalised(plain(value)) or plain(value)
    if word in YES:
        return "true"
    if word in NO:
        return "false"
    message = f"«{plain(value)}» is neither yes nor no"
    raise BadCellError(message)


def _currency(value: Any) -> str:
    word = normalised(plain(value)).rstrip(".")
    for code, names in CURRENCIES.items():
        if word == code.lower() or word in names:
            return code
    if re.fullmatch(r"[a-z]{3}", word):
        return word.upper()
    message = f"«{plain(value)}» is no currency; write its three letters (RUB, USD, EUR)"
    raise BadCellError(message)


def _word(value: Any, words: Mapping[str, tuple[str, ...]]) -> str:
    told = normalised(plain(value))
    for name, known in words.items():
        if told == name or told in known:
            return name
    message = f"«{plain(value)}» is none of {', '.join(words)}; say in values what it means"
    raise BadCellError(message)

"""The SMDR listing: columns of fixed width, a heading and a line of dashes on every page, odd lines in between (feeds.md 1.6)."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ingestion.feeds.documents import digest
from ingestion.feeds.faults import Fault
from ingestion.feeds.logs import Block
from ingestion.spec import JsonObject, Record

Pattern = Literal["A", "B", "C"]
_REMEMBERED = 200  # lines: equal ones bear the same minute, so they stand close together
_NAMES = ("date", "time", "ext", "co", "number", "ring", "duration", "account", "code")
# (first character, last + 1) of each column, in the order of the names; B has its cost between duration and account
LAYOUTS: dict[Pattern, tuple[tuple[int, int], ...]] = {
    "A": ((0, 8), (9, 16), (17, 22), (22, 25), (26, 51), (52, 56), (57, 65), (66, 76), (77, 80)),
    "B": ((0, 8), (9, 16), (17, 22), (22, 25), (26, 46), (47, 51), (52, 60), (69, 76), (77, 80)),
    "C": ((0, 8), (9, 16), (17, 22), (23, 27), (28, 78), (79, 83), (84, 92), (93, 103), (104, 107)),
}
_NO_RECORD = re.compile(r"\s*(-{5,}.*|=+|Date\b.*)?\s*")
_LOG = re.compile(r"LOG (IN|OUT)")
_CLOCK_SET = re.compile(r"\*\*/\*\*/\*\*")
_TIME = re.compile(r"(\d{1,2}):(\d\d)\s?([AP]M)?", re.IGNORECASE)
_DURATION = re.compile(r"(\d{1,2}):(\d\d)[':](\d\d)")


@dataclass(frozen=True, slots=True)
class Habits:
    """How this exchange prints.

    Attributes:
        columns: of the fields, as in LAYOUTS.
        days_first: dd/mm/yy, as in Russia; else mm/dd/yy.
        time_is: whether the printed time is the end of the call (KX-TDA, TDE, NS) or its start (KX-TEA).
    """

    columns: tuple[tuple[int, int], ...]
    days_first: bool
    time_is: Literal["end", "start"]


class Listing:
    """The format; equal lines are told apart by their number among the last ones."""

    def __init__(self, habits: Habits) -> None:
        self._habits = habits
        self._last: deque[str] = deque(maxlen=_REMEMBERED)

    def read(self, lines: list[str], first: int) -> Block:
        """Calls of lines; headings, rulers and people logging in give nothing."""
        block = Block()
        for number, line in enumerate(lines, first):
            if _NO_RECORD.fullmatch(line) or _CLOCK_SET.match(line) or _LOG.search(line):
                continue
            fields = {name: line[low:high].strip() for name, (low, high) in zip(_NAMES, self._habits.columns, strict=True)}
            started = self._start(fields)
            if isinstance(started, str):
                block.faults.append(Fault(f"line {number}", started, line))
                continue
            mark = digest(line.rstrip())
            again = self._last.count(mark)
            self._last.append(mark)
            block.records.append(Record(f"{mark}:{again}" if again else mark, {**fields, "_started_at": started.isoformat(sep=" ")}))
        return block

    def state(self) -> JsonObject:
        """Marks of the last lines."""
        return {"last": list(self._last)}

    def restore(self, state: JsonObject) -> None:
        """Take the marks up."""
        self._last.extend(state.get("last", ()))

    def _start(self, fields: dict[str, str]) -> datetime | str:
        """The wall time the call began, or what is wrong with the line."""
        day = _day(fields["date"], days_first=self._habits.days_first)
        time = _TIME.fullmatch(fields["time"])
        if day is None:
            return f"«{fields['date']}» is no date" + (" (dd/mm/yy)" if self._habits.days_first else " (mm/dd/yy)")
        if time is None:
            return f"«{fields['time']}» is no time"
        hour, minute = int(time[1]), int(time[2])
        if time[3]:
            hour = hour % 12 + (12 if time[3].upper() == "PM" else 0)
        if hour > 23 or minute > 59:
            return f"«{fields['time']}» is no time"
        printed = day.replace(hour=hour, minute=minute)
        spent = _seconds(fields["duration"], _DURATION, (3600, 60, 1))
        if spent is None and fields["duration"]:
            return f"«{fields['duration']}» is no duration (hh:mm'ss)"
        return printed if self._habits.time_is == "start" else printed - timedelta(seconds=spent or 0)


def _day(text: str, *, days_first: bool) -> datetime | None:
    try:
        return datetime.strptime(text, "%d/%m/%y" if days_first else "%m/%d/%y")  # noqa: DTZ007 - a wall time of the exchange
    except ValueError:
        return None


def _seconds(text: str, pattern: re.Pattern[str], units: tuple[int, ...]) -> int | None:
    found = pattern.fullmatch(text)
    return sum(int(part) * unit for part, unit in zip(found.groups(), units, strict=True)) if found else None

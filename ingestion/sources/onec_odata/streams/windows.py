"""Windows of time that long lists are read in."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

_FEW = 500
_MANY = 5000
_MOST_MONTHS = 12


def month_start(moment: datetime, shift: int = 0) -> datetime:
    """The first moment of the month, or of one `shift` months away."""
    months = moment.year * 12 + moment.month - 1 + shift
    return datetime(months // 12, months % 12 + 1, 1)  # noqa: DTZ001 - wall time of the base has no zone


def parse_moment(text: Any) -> datetime | None:
    """A moment that a cursor or 1C wrote, None if it is none."""
    try:
        return datetime.fromisoformat(str(text)).replace(tzinfo=None)
    except ValueError:
        return None


def recently(text: Any, now: datetime, within: timedelta) -> bool:
    """Whether the moment lies less than `within` before now."""
    moment = parse_moment(text)
    return moment is not None and timedelta(0) <= now - moment < within


@dataclass(frozen=True, slots=True)
class Span:
    """`start` <= moment < `end`; an end of None is open."""

    start: datetime
    end: datetime | None

    def holds(self, start: datetime, end: datetime) -> bool:
        """Whether [`start`, `end`) lies inside."""
        return self.start <= start and (self.end is None or end <= self.end)


def months_growing(start: datetime, last: datetime, *, open_end: bool) -> Generator[Span, int, None]:
    """Windows of whole months from `start`, longer where little arrives. The caller sends how many entries the last window brought.

    Args:
        start: first moment.
        last: with `open_end` the beginning of the last window; else the end of everything.
        open_end: the last window has no end.
    """
    months = 1
    begin = start
    while begin < last:
        end = min(month_start(begin, months), last)
        arrived = yield Span(begin, end)
        if arrived < _FEW:
            months = min(months * 2, _MOST_MONTHS)
        elif arrived > _MANY:
            months = max(1, months // 2)
        begin = end
    if open_end or begin == start:
        yield Span(begin, None if open_end else last)


def by_years(start: datetime, now: datetime) -> Iterator[Span]:
    """Windows of calendar years; the last one has no end."""
    begin = start
    while begin.year < now.year:
        end = begin.replace(year=begin.year + 1, month=1, day=1, hour=0, minute=0, second=0)
        yield Span(begin, end)
        begin = end
    yield Span(begin, None)


def by_months(start: datetime, now: datetime) -> Iterator[Span]:
    """Windows of calendar months; the last one has no end."""
    begin = start
    while month_start(begin) < month_start(now):
        end = month_start(begin, 1)
        yield Span(begin, end)
        begin = end
    yield Span(begin, None)

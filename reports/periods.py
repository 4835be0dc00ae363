"""Periods of reports: days, ISO weeks, months and quarters, as readers and file names write them."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from reports.errors import PeriodError

PeriodKind = Literal["day", "week", "month", "quarter"]

_SHAPES = {
    "day": re.compile(r"(\d{4})-(\d{2})-(\d{2})"),
    "week": re.compile(r"(\d{4})-W(\d{2})"),
    "month": re.compile(r"(\d{4})-(\d{2})"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])"),
}
_MONTHS = {"month": 1, "quarter": 3}
# a report looks years back from its period, and calendars end at the year 1
FIRST_YEAR = 1900


def add_months(day: date, months: int) -> date:
    """Moves a day by calendar months, subtracted once and cut to the month's length (31 May - 3 = 28 or 29 February)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True)
class Period:
    """A stretch of business days, both ends included; `start` tells it apart within its kind."""

    kind: PeriodKind
    start: date

    @property
    def end(self) -> date:
        """The last day."""
        if self.kind == "day":
            return self.start
        if self.kind == "week":
            return self.start + timedelta(days=6)
        return add_months(self.start, _MONTHS[self.kind]) - timedelta(days=1)

    @property
    def key(self) -> str:
        """As in file names and on the command line: 2026-03-31, 2026-W13, 2026-03, 2026-Q1."""
        if self.kind == "day":
            return self.start.isoformat()
        if self.kind == "week":
            year, week, _ = self.start.isocalendar()
            return f"{year:04}-W{week:02}"
        if self.kind == "month":
            return f"{self.start:%Y-%m}"
        return f"{self.start.year:04}-Q{(self.start.month + 2) // 3}"

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days + 1

    def previous(self) -> "Period":
        """The period just before."""
        return period_of(self.kind, self.start - timedelta(days=1))

    def week_before(self) -> "Period":
        """A day's namesake a week earlier: weekdays differ too much in trade for yesterday to be the measure."""
        return Period("day", self.start - timedelta(days=7)) if self.kind == "day" else self.previous()

    def last_year(self) -> "Period":
        """The same period a year earlier; days and weeks go back 52 weeks, so that weekdays stay the same."""
        if self.kind in ("day", "week"):
            return Period(self.kind, self.start - timedelta(weeks=52))
        return Period(self.kind, add_months(self.start, -12))

    def instants(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its first instant and the first after it, in UTC: business days are days of the company's zone."""
        return instant(self.start, zone), instant(self.end + timedelta(days=1), zone)


def instant(day: date, zone: ZoneInfo) -> datetime:
    """The moment a business day begins, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def period_of(kind: PeriodKind, day: date) -> Period:
    """The period of `kind` that holds the day."""
    if kind == "day":
        return Period(kind, day)
    if kind == "week":
        return Period(kind, day - timedelta(days=day.weekday()))
    if kind == "month":
        return Period(kind, day.replace(day=1))
    return Period(kind, date(day.year, (day.month - 1) // 3 * 3 + 1, 1))


def last_complete(kind: PeriodKind, as_of: date) -> Period:
    """The last period that was over before as_of began: for a daily report, yesterday."""
    return period_of(kind, as_of).previous()


def parse_period(text: str, kind: PeriodKind | None = None) -> Period:
    """Reads 2026-03-31, 2026-W13, 2026-03 or 2026-Q1.

    Args:
        text: the period as written.
        kind: the kind the report needs; any if None.

    Raises:
        PeriodError: if it is not a period, or not of that kind.
    """
    for name, shape in _SHAPES.items():
        match = shape.fullmatch(text.strip())
        if match is None:
            continue
        if kind is not None and name != kind:
            msg = f"The period {text} is a {name}, but this report is made for a {kind}."
            raise PeriodError(msg)
        numbers = [int(group) for group in match.groups()]
        if numbers[0] < FIRST_YEAR:
            msg = f"The period {text} lies before {FIRST_YEAR}; give one that there can be data of."
            raise PeriodError(msg)
        try:
            if name == "day":
                return Period("day", date(*numbers))
            if name == "week":
                return Period("week", date.fromisocalendar(numbers[0], numbers[1], 1))
            if name == "month":
                return Period("month", date(numbers[0], numbers[1], 1))
            return Period("quarter", date(numbers[0], numbers[1] * 3 - 2, 1))
        except ValueError as error:
            msg = f"The period {text} is not on the calendar: {error}."
            raise PeriodError(msg) from error
    msg = f"The period {text!r} cannot be read; write 2026-03-31, 2026-W13, 2026-03 or 2026-Q1."
    raise PeriodError(msg)

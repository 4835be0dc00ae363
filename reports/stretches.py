"""Stretches of business days that a page is asked for by name (the running month, the last whole quarter) or as a period is written."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from reports.errors import PeriodError
from reports.periods import PeriodKind, add_months, parse_period, period_of

RUNNING: dict[str, PeriodKind] = {"today": "day", "week": "week", "month": "month", "quarter": "quarter"}
LAST: dict[str, PeriodKind] = {"yesterday": "day", "last_week": "week", "last_month": "month", "last_quarter": "quarter"}
# Months up to the running one, by name.
ROLLING = {"months_3": 3, "months_6": 6, "months_12": 12}
MONTHLY_NAMES = ("month", "quarter", "year", "last_month", "last_quarter", "last_year", *ROLLING)
DAILY_NAMES = ("today", "yesterday", "week", "last_week", *MONTHLY_NAMES)
VERSUS = ("previous", "year")
WEEK, YEAR_OF_WEEKS = timedelta(days=7), timedelta(weeks=52)
_YEAR = re.compile(r"([0-9]{4})")


@dataclass(frozen=True)
class Stretch:
    """Business days, both ends included.

    Attributes:
        key: as it stands in an address.
        first: its first day.
        last: its last day that is known of: never after as_of.
        ends: its last day on the calendar; after `last` while it runs.
        months: how many calendar months it covers; 0 for days and weeks.
    """

    key: str
    first: date
    last: date
    ends: date
    months: int = 0

    @property
    def runs(self) -> bool:
        """Whether it is not over yet."""
        return self.last < self.ends

    @property
    def last_month(self) -> date:
        """The first day of the month it ends in."""
        return self.last.replace(day=1)

    def earlier(self, versus: str) -> "Stretch":
        """What it is compared with: the stretch before it or the same one a year ago; while it runs, the same days of those.

        A day is held against its weekday a week earlier, a week's year has 52 weeks: weekdays differ too much in trade.
        """
        if not self.months:
            back = YEAR_OF_WEEKS if versus == "year" else max(WEEK, self.ends - self.first + timedelta(days=1))
            return Stretch("", self.first - back, self.last - back, self.ends - back)
        months = 12 if versus == "year" else self.months
        first = add_months(self.first, -months)
        ends = add_months(first, self.months) - timedelta(days=1)
        return Stretch("", first, min(add_months(self.last, -months), ends) if self.runs else ends, ends, self.months)


def read_stretch(key: str, as_of: date) -> Stretch:
    """The stretch of a name or of a period as written: 2026, 2026-Q1, 2026-03, 2026-W13, 2026-03-31.

    Args:
        key: as it stands in the address.
        as_of: the business day that the figures are reckoned at the end of.

    Raises:
        PeriodError: if it is neither, or has not begun by as_of.
    """
    if key in RUNNING or key in LAST:
        period = period_of(RUNNING[key], as_of) if key in RUNNING else period_of(LAST[key], as_of).previous()
        return _stretch(key, period.start, period.end, as_of)
    if key in ROLLING:
        first = add_months(as_of.replace(day=1), 1 - ROLLING[key])
        return _stretch(key, first, add_months(first, ROLLING[key]) - timedelta(days=1), as_of)
    written = _YEAR.fullmatch(key)
    if key in ("year", "last_year") or (written and int(written[1]) > 0):
        year = int(written[1]) if written else as_of.year - (key == "last_year")
        first, ends = date(year, 1, 1), date(year, 12, 31)
    else:
        period = parse_period(key)
        first, ends = period.start, period.end
    if first > as_of:
        msg = f"The period {key} has not begun by {as_of}; choose an earlier one."
        raise PeriodError(msg)
    return _stretch(key, first, ends, as_of)


def _stretch(key: str, first: date, ends: date, as_of: date) -> Stretch:
    whole_months = first.day == 1 and (ends + timedelta(days=1)).day == 1 and ends > first
    months = (ends.year - first.year) * 12 + ends.month - first.month + 1 if whole_months else 0
    return Stretch(key, first, min(ends, as_of), ends, months)

"""Working time of the company: `mon-fri 09:00-18:00` of its zone, without its days off; empty hours mean around the clock.

A Saturday or Sunday that the calendar calls a workday is one whatever the hours say, and one that the hours name is one whatever the
calendar says, which knows nothing of shops.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SATURDAY = _DAYS.index("sat")
_HOURS = re.compile(r"([a-z]{3})(?:-([a-z]{3}))? (\d\d):(\d\d)-(\d\d):(\d\d)")


@dataclass(frozen=True)
class Worktime:
    """When somebody is at work."""

    hours: str
    zone: ZoneInfo
    is_workday: Callable[[date], bool]

    def minutes(self, start: datetime, end: datetime) -> int:
        """Whole minutes of working time between two moments; 0 if the second is not later."""
        match = _HOURS.fullmatch(self.hours)
        if match is None:
            return max(0, int((end - start).total_seconds() // 60))
        first = _DAYS.index(match[1])
        last = _DAYS.index(match[2] or match[1])
        days = {(first + step) % 7 for step in range((last - first) % 7 + 1)}
        opens, closes = time(int(match[3]), int(match[4])), time(int(match[5]), int(match[6]))
        day, total = start.astimezone(self.zone).date(), timedelta()
        while day <= end.astimezone(self.zone).date():
            is_in_week = day.weekday() in days
            if (is_in_week or self.is_workday(day)) if day.weekday() >= _SATURDAY else (is_in_week and self.is_workday(day)):
                begin = max(start, datetime.combine(day, opens, tzinfo=self.zone).astimezone(UTC))
                finish = min(end, datetime.combine(day, closes, tzinfo=self.zone).astimezone(UTC))
                total += max(timedelta(), finish - begin)
            day += timedelta(days=1)
        return int(total.total_seconds() // 60)

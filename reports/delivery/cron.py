"""Five-field cron over wall time: minute, hour, day of month, month, day of week, with lists, ranges, steps and English names.

As in Vixie cron, a day matches by either field when both day fields are given. Wall times that daylight saving leaves out are moved
on by the hour that was taken, doubled ones are taken once, the first time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reports.errors import ReportsError

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class CronError(ReportsError):
    """A schedule that cannot be read."""


@dataclass(frozen=True)
class Cron:
    """A schedule as sets of what matches."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool

    def matches(self, day: date) -> bool:
        """Whether it fires on that day."""
        if day.month not in self.months:
            return False
        by_day, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        if self.any_day or self.any_weekday:
            return by_day and by_weekday
        return by_day or by_weekday

    def instants(self, day: date, zone: ZoneInfo) -> Iterator[datetime]:
        """Its moments on a day of the zone, in UTC, in order."""
        if self.matches(day):
            moments = (
                datetime.combine(day, time(hour, minute), tzinfo=zone).astimezone(UTC)
                for hour in sorted(self.hours)
                for minute in sorted(self.minutes)
            )
            yield from sorted(set(moments))


def parse_cron(text: str) -> Cron:
    """Reads `minute hour day month weekday`.

    Raises:
        CronError: naming the field that cannot be read.
    """
    fields = text.split()
    if len(fields) != 5:
        msg = f"The schedule {text!r} must have five fields: minute hour day month weekday, such as 0 8 * * 1-5."
        raise CronError(msg)
    weekdays = _field(text, fields[4], 0, 7, _DAYS)
    return Cron(
        _field(text, fields[0], 0, 59),
        _field(text, fields[1], 0, 23),
        _field(text, fields[2], 1, 31),
        _field(text, fields[3], 1, 12, _MONTHS, 1),
        frozenset(day % 7 for day in weekdays),
        fields[2].startswith("*"),
        fields[4].startswith("*"),
    )


def last_before(cron: Cron, zone: ZoneInfo, now: datetime, within: timedelta) -> datetime | None:
    """The latest moment of a schedule that is not after `now` and not older than `within`, in UTC."""
    day = now.astimezone(zone).date() + timedelta(days=1)
    for back in range(within.days + 3):
        moments = [moment for moment in cron.instants(day - timedelta(days=back), zone) if moment <= now]
        if moments:
            return moments[-1] if now - moments[-1] <= within else None
    return None


def _field(text: str, field: str, low: int, high: int, names: tuple[str, ...] = (), first: int = 0) -> frozenset[int]:
    found: set[int] = set()
    for part in field.lower().split(","):
        span, _, step = part.partition("/")
        try:
            if span == "*":
                start, end = low, high
            else:
                left, dash, right = span.partition("-")
                start = _number(left, names, first)
                end = _number(right, names, first) if dash else (high if step else start)
            stride = int(step) if step else 1
        except ValueError as error:
            msg = f"The schedule {text!r}: {part!r} cannot be read; write numbers from {low} to {high}, lists, ranges or */N."
            raise CronError(msg) from error
        if not low <= start <= end <= high or stride < 1:
            msg = f"The schedule {text!r}: {part!r} is outside {low} to {high}."
            raise CronError(msg)
        found.update(range(start, end + 1, stride))
    return frozenset(found)


def _number(text: str, names: tuple[str, ...], first: int) -> int:
    return names.index(text) + first if text in names else int(text)

"""The company's time: one zone for every moment in the model.

Moscow has had no clock changes since 2014, so a fixed offset is exact for any history the sandbox makes,
and much faster than a zone database.
"""

from datetime import date, datetime, time, timedelta, timezone

MOSCOW = timezone(timedelta(hours=3), "MSK")
ZONE_NAME = "Europe/Moscow"


def at(day: date, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """The moment of a Moscow wall time."""
    return datetime.combine(day, time(hour, minute, second), MOSCOW)


def wall(moment: datetime) -> datetime:
    """The Moscow wall time of a moment, without a zone: how 1C stores it."""
    return moment.astimezone(MOSCOW).replace(tzinfo=None)


def month_start(day: date) -> date:
    """The first day of the day's month."""
    return day.replace(day=1)


def month_end(day: date) -> date:
    """The last day of the day's month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)

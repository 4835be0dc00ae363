"""Which report is due when: pure reckoning from a plan, the clock, the calendar and what is published.

A plan fires at wall times of its zone. From then on it waits for the publication of that day: one made on the planned business day or
later, whose data reaches the end of the report's period. At the deadline it goes out marked as stale, or not at all. Nothing leaves
outside its hours. An occurrence older than CATCH_UP is over: after an outage nobody wants last week's morning mail.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from reports.delivery.cron import last_before, parse_cron
from reports.errors import ReportsError
from reports.periods import Period, PeriodKind, instant, last_complete

CATCH_UP = timedelta(hours=36)
# the longest row of days off that a week's or a month's report waits over
LONGEST_REST = timedelta(days=14)
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")

Action = Literal["send", "send_stale", "skip_stale", "wait_data", "wait_hours"]


class HoursError(ReportsError):
    """Hours that cannot be read."""


@dataclass(frozen=True)
class Hours:
    """Hours of the day in which messages may arrive; from late to early spans midnight."""

    start: time
    end: time

    def hold(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether the moment lies within."""
        now = moment.astimezone(zone).time().replace(tzinfo=None)
        if self.start == self.end:
            return True
        if self.start < self.end or self.end == time():
            return self.start <= now and (now < self.end or self.end == time())
        return now >= self.start or now < self.end


def parse_hours(text: str) -> Hours:
    """Reads 08:00-20:00; empty means around the clock.

    Raises:
        HoursError: if it cannot be read.
    """
    if not text.strip():
        return Hours(time(), time())
    match = _HOURS.fullmatch(text.strip())
    if match is None or (match[3] == "24" and match[4] != "00"):
        msg = f"The hours {text!r} cannot be read; write them like 08:00-20:00."
        raise HoursError(msg)
    first, last = int(match[1]), int(match[3]) % 24
    return Hours(time(first, int(match[2])), time(last, int(match[4])))


@dataclass(frozen=True)
class Plan:
    """When one subscription goes out.

    Attributes:
        report: its name.
        kind: the kind of its period.
        cron: five fields, wall time of `zone`.
        zone: the zone of the schedule and of the hours.
        company_zone: the zone of business days.
        hours: when messages may arrive.
        workdays_only: not on days off and holidays: a day's report is left out, a longer period's leaves on the next workday.
        paused: sends nothing.
        paused_until: sends nothing before that day, None for no such day.
        deadline: how long it waits for its data.
        when_stale: what happens at the deadline without it.
    """

    report: str
    kind: PeriodKind
    cron: str
    zone: ZoneInfo
    company_zone: ZoneInfo
    hours: Hours = Hours(time(), time())
    workdays_only: bool = False
    paused: bool = False
    paused_until: date | None = None
    deadline: timedelta = timedelta(hours=4)
    when_stale: Literal["send", "skip"] = "send"


@dataclass(frozen=True)
class Freshness:
    """What the present publication reaches; None for both when nothing is published."""

    as_of: date | None
    published_at: datetime | None


@dataclass(frozen=True)
class Due:
    """What is to be done now about a plan's latest occurrence."""

    report: str
    period: Period
    action: Action


def due(plan: Plan, now: datetime, freshness: Freshness, is_workday: Callable[[date], bool]) -> Due | None:
    """The plan's latest occurrence and what is to be done about it now; None when nothing is planned.

    Args:
        plan: the subscription.
        now: the moment, with a zone.
        freshness: what is published.
        is_workday: the company's calendar.
    """
    planned = _planned(plan, now, is_workday)
    if planned is None or plan.paused:
        return None
    day = planned.astimezone(plan.zone).date()
    if plan.paused_until is not None and day < plan.paused_until:
        return None
    if plan.workdays_only and not is_workday(day):
        return None
    business_day = planned.astimezone(plan.company_zone).date()
    period = last_complete(plan.kind, business_day)
    return Due(plan.report, period, _action(plan, now, planned, period, freshness))


def _planned(plan: Plan, now: datetime, is_workday: Callable[[date], bool]) -> datetime | None:
    """The latest moment that the plan fired; the only issue of a week or a month is not lost to a holiday, it leaves after it."""
    cron = parse_cron(plan.cron)
    if not plan.workdays_only or plan.kind == "day":
        return last_before(cron, plan.zone, now, CATCH_UP)
    fired = last_before(cron, plan.zone, now, LONGEST_REST)
    if fired is None:
        return None
    wall = fired.astimezone(plan.zone)
    days = (wall.date() + timedelta(days=number) for number in range(LONGEST_REST.days))
    day = next((day for day in days if is_workday(day)), wall.date())
    moved = fired if day == wall.date() else datetime.combine(day, wall.time(), tzinfo=plan.zone).astimezone(UTC)
    return moved if moved <= now <= moved + CATCH_UP else None


def _action(plan: Plan, now: datetime, planned: datetime, period: Period, freshness: Freshness) -> Action:
    business_day = planned.astimezone(plan.company_zone).date()
    fresh = (
        freshness.as_of is not None
        and freshness.published_at is not None
        and freshness.as_of >= period.end
        and freshness.published_at >= instant(business_day, plan.company_zone)
    )
    if not fresh and now < planned + plan.deadline:
        return "wait_data"
    if not fresh and (plan.when_stale == "skip" or freshness.as_of is None):
        return "skip_stale"
    if not plan.hours.hold(now, plan.zone):
        return "wait_hours"
    return "send" if fresh else "send_stale"

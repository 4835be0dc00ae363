"""When a report is due: wall time through daylight saving, waiting for its data, deadlines, workdays, hours, pauses."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.delivery.cron import CronError, last_before, parse_cron
from reports.delivery.worktime import Worktime
from reports.due import CATCH_UP, Freshness, HoursError, Plan, due, parse_hours
from reports.periods import PeriodKind

MOSCOW = ZoneInfo("Europe/Moscow")
WARSAW = ZoneInfo("Europe/Warsaw")
PLAN = Plan("director_daily", "day", "0 8 * * *", MOSCOW, MOSCOW)
NEVER = Freshness(None, None)


def at(text: str, zone: ZoneInfo = MOSCOW) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def weekday(day: date) -> bool:
    return day.weekday() < 5


def fresh(text: str) -> Freshness:
    moment = at(text)
    return Freshness(moment.date(), moment)


def action(plan: Plan, now: datetime, known: Freshness) -> str:
    found = due(plan, now, known, weekday)
    return "none" if found is None else found.action


def test_a_daily_report_is_about_yesterday_and_leaves_at_its_time() -> None:
    found = due(PLAN, at("2026-03-31T08:00"), fresh("2026-03-31T07:45"), weekday)
    assert found is not None
    assert (found.period.key, found.action) == ("2026-03-30", "send")
    before = due(PLAN, at("2026-03-31T07:59"), fresh("2026-03-31T07:45"), weekday)
    assert before is not None
    assert before.period.key == "2026-03-29", "the occurrence of the day before"


@pytest.mark.parametrize(
    ("kind", "cron", "now", "period"),
    [
        ("week", "0 9 * * 1", "2026-03-30T10:00", "2026-W13"),
        ("month", "0 9 1 * *", "2026-04-01T09:30", "2026-03"),
        ("quarter", "0 9 2 1,4,7,10 *", "2026-04-02T09:00", "2026-Q1"),
    ],
)
def test_longer_periods_are_the_last_that_were_over(kind: PeriodKind, cron: str, now: str, period: str) -> None:
    found = due(replace(PLAN, kind=kind, cron=cron), at(now), fresh(now), weekday)
    assert found is not None
    assert (found.period.key, found.action) == (period, "send")


def test_it_waits_for_the_publication_of_that_day_and_then_goes_marked_or_not_at_all() -> None:
    yesterday = fresh("2026-03-30T23:45")
    assert action(PLAN, at("2026-03-31T08:00"), yesterday) == "wait_data"
    assert action(PLAN, at("2026-03-31T11:59"), yesterday) == "wait_data"
    assert action(PLAN, at("2026-03-31T09:00"), fresh("2026-03-31T08:50")) == "send"
    assert action(PLAN, at("2026-03-31T12:00"), yesterday) == "send_stale"
    assert action(replace(PLAN, when_stale="skip"), at("2026-03-31T12:00"), yesterday) == "skip_stale"
    assert action(PLAN, at("2026-03-31T12:00"), NEVER) == "skip_stale", "there is nothing to send at all"


def test_a_publication_of_that_day_as_of_an_earlier_one_reaches_the_period_or_not() -> None:
    made = at("2026-03-31T07:00")
    assert action(PLAN, at("2026-03-31T08:00"), Freshness(date(2026, 3, 30), made)) == "send"
    assert action(PLAN, at("2026-03-31T08:00"), Freshness(date(2026, 3, 29), made)) == "wait_data"


@pytest.mark.parametrize(
    ("kind", "cron", "off", "sent", "period"),
    [
        ("week", "0 8 * * 1", "2026-03-09", "2026-03-10", "2026-W10"),
        ("month", "0 8 1 * *", "2026-03-01", "2026-03-02", "2026-02"),
    ],
)
def test_the_only_issue_of_a_week_or_month_leaves_after_the_holiday(kind: PeriodKind, cron: str, off: str, sent: str, period: str) -> None:
    plan = replace(PLAN, kind=kind, cron=cron, workdays_only=True)

    def is_workday(day: date) -> bool:
        return weekday(day) and day != date(2026, 3, 9)

    def found(moment: str) -> str:
        one = due(plan, at(moment), fresh(moment), is_workday)
        return "none" if one is None else f"{one.period.key} {one.action}"

    assert found(f"{off}T08:30") == "none"
    assert found(f"{sent}T07:59") == "none"
    assert found(f"{sent}T08:00") == f"{period} send"
    assert found("2026-03-13T08:00") == "none", "what is days late is not caught up with"


def test_workdays_pauses_and_hours() -> None:
    saturday = at("2026-03-28T08:00")
    assert action(PLAN, saturday, fresh("2026-03-28T07:00")) == "send"
    assert action(replace(PLAN, workdays_only=True), saturday, fresh("2026-03-28T07:00")) == "none"
    assert action(replace(PLAN, paused=True), saturday, fresh("2026-03-28T07:00")) == "none"
    assert action(replace(PLAN, paused_until=date(2026, 3, 29)), saturday, fresh("2026-03-28T07:00")) == "none"
    assert action(replace(PLAN, paused_until=date(2026, 3, 28)), saturday, fresh("2026-03-28T07:00")) == "send"
    early = replace(PLAN, cron="0 6 * * *", hours=parse_hours("08:00-20:00"))
    assert action(early, at("2026-03-31T06:30"), fresh("2026-03-31T05:00")) == "wait_hours"
    assert action(early, at("2026-03-31T08:00"), fresh("2026-03-31T05:00")) == "send"
    assert action(early, at("2026-03-31T20:00"), fresh("2026-03-31T05:00")) == "wait_hours"


def test_after_an_outage_the_latest_occurrence_is_caught_up_and_an_old_one_is_over() -> None:
    weekly = replace(PLAN, kind="week", cron="0 9 * * 1")
    assert action(weekly, at("2026-03-31T20:00"), fresh("2026-03-31T20:00")) == "send"
    assert action(weekly, at("2026-03-31T21:01"), fresh("2026-03-31T21:00")) == "none"


def occurrences(cron: str, zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """What a scheduler that asks every ten minutes sees."""
    parsed, seen, now = parse_cron(cron), None, first
    while now <= last:
        moment = last_before(parsed, zone, now, CATCH_UP)
        if moment is not None and moment != seen and moment >= first:
            seen = moment
            yield moment
        now += timedelta(minutes=10)


@pytest.mark.parametrize("hour", [1, 2, 3, 8])
@pytest.mark.parametrize("change", ["2026-03-29", "2026-10-25"])
def test_daylight_saving_neither_skips_nor_doubles_nor_shifts(hour: int, change: str) -> None:
    first = at(change, WARSAW) - timedelta(days=2)
    moments = list(occurrences(f"30 {hour} * * *", WARSAW, first.astimezone(UTC), (first + timedelta(days=5)).astimezone(UTC)))
    local = [moment.astimezone(WARSAW) for moment in moments]
    assert [moment.date() for moment in local] == [first.date() + timedelta(days=number) for number in range(5)]
    shifted = {moment.date(): moment.hour for moment in local if moment.hour != hour}
    assert shifted == ({date(2026, 3, 29): 3} if (hour, change) == (2, "2026-03-29") else {})


@pytest.mark.parametrize(
    ("cron", "day", "fires"),
    [
        ("0 8 * * 1-5", "2026-03-28", False), ("0 8 * * mon-fri", "2026-03-27", True), ("0 8 * * 7", "2026-03-29", True),
        ("0 8 1 * 1", "2026-03-30", True), ("0 8 1 * 1", "2026-04-01", True), ("0 8 1 * 1", "2026-04-02", False),
        ("0 8 31 * *", "2026-04-30", False), ("0 8 */10 * *", "2026-03-11", True), ("0 8 * feb *", "2026-03-11", False),
    ],
)  # fmt: skip
def test_cron_days(cron: str, day: str, fires: bool) -> None:
    assert parse_cron(cron).matches(date.fromisoformat(day)) == fires


@pytest.mark.parametrize("text", ["", "0 8 * *", "60 8 * * *", "0 8 * * 8", "0 8-6 * * *", "a b c d e", "*/0 * * * *"])
def test_a_schedule_that_cannot_be_read_is_told(text: str) -> None:
    with pytest.raises(CronError, match="schedule"):
        parse_cron(text)


def test_hours_span_midnight_and_faults_are_told() -> None:
    night = parse_hours("22:00-06:00")
    assert night.hold(at("2026-03-31T23:00"), MOSCOW)
    assert night.hold(at("2026-03-31T05:59"), MOSCOW)
    assert not night.hold(at("2026-03-31T06:00"), MOSCOW)
    assert parse_hours("").hold(at("2026-03-31T03:00"), MOSCOW)
    assert parse_hours("08:00-24:00").hold(at("2026-03-31T23:59"), MOSCOW)
    for text in ("8-20", "08:00-25:00", "08:00-24:30", "25:00-26:00"):
        with pytest.raises(HoursError, match="write them like"):
            parse_hours(text)


START = datetime(2025, 1, 1, tzinfo=UTC)
moments = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))


@settings(deadline=None)  # a busy machine misses any
@given(moments, st.sampled_from(["Europe/Warsaw", "Europe/Moscow", "America/New_York", "Asia/Kathmandu"]), st.integers(0, 23))
def test_the_latest_occurrence_is_never_in_the_future_nor_older_than_the_catch_up(now: datetime, zone: str, hour: int) -> None:
    found = last_before(parse_cron(f"15 {hour} * * *"), ZoneInfo(zone), now, CATCH_UP)
    assert found is not None
    assert timedelta() <= now - found <= timedelta(hours=25)


def test_working_minutes_count_no_nights_no_weekends_no_holidays() -> None:
    time = Worktime("mon-fri 09:00-18:00", MOSCOW, lambda day: weekday(day) and day != date(2026, 3, 9))
    assert time.minutes(at("2026-03-06T17:50"), at("2026-03-10T09:20")) == 30
    assert time.minutes(at("2026-03-07T12:00"), at("2026-03-08T12:00")) == 0
    assert time.minutes(at("2026-03-10T12:00"), at("2026-03-10T11:00")) == 0
    # a Saturday that works for a Monday, and one of a shop that the calendar knows nothing of
    moved = Worktime("mon-fri 09:00-18:00", MOSCOW, lambda day: weekday(day) or day == date(2025, 11, 1))
    assert moved.minutes(at("2025-10-31T17:50"), at("2025-11-01T09:20")) == 30
    assert Worktime("mon-sat 09:00-18:00", MOSCOW, weekday).minutes(at("2026-03-07T12:00"), at("2026-03-07T12:40")) == 40
    assert Worktime("", MOSCOW, weekday).minutes(at("2026-03-07T12:00"), at("2026-03-07T12:40")) == 40

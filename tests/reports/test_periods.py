"""Periods as people write them, and the days they cover."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.errors import PeriodError
from reports.periods import Period, PeriodKind, add_months, last_complete, parse_period, period_of

KINDS: tuple[PeriodKind, ...] = ("day", "week", "month", "quarter")


@pytest.mark.parametrize(
    ("text", "kind", "first", "last"),
    [
        ("2026-03-31", "day", date(2026, 3, 31), date(2026, 3, 31)),
        ("2026-W13", "week", date(2026, 3, 23), date(2026, 3, 29)),
        ("2020-W53", "week", date(2020, 12, 28), date(2021, 1, 3)),
        ("2026-02", "month", date(2026, 2, 1), date(2026, 2, 28)),
        ("2026-Q1", "quarter", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-Q4", "quarter", date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_is_read_and_covers_its_days(text: str, kind: PeriodKind, first: date, last: date) -> None:
    period = parse_period(text)
    assert (period.kind, period.start, period.end, period.key) == (kind, first, last, text)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-02-30", "2026-W54", "2026-13", "2026-Q5", "0001-01-01", "2026-3-1", "2026-03-31; drop table x"]
)
def test_what_is_no_period_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(PeriodError):
        parse_period(text)


def test_a_period_of_another_kind_is_refused() -> None:
    with pytest.raises(PeriodError, match="is a month, but this report is made for a day"):
        parse_period("2026-03", "day")


@pytest.mark.parametrize(("kind", "key"), [("day", "2026-03-30"), ("week", "2026-W13"), ("month", "2026-02"), ("quarter", "2025-Q4")])
def test_the_default_is_the_last_period_over_before_as_of(kind: PeriodKind, key: str) -> None:
    assert last_complete(kind, date(2026, 3, 31)).key == key


def test_a_year_ago_keeps_weekdays_for_days_and_weeks_and_the_calendar_for_months() -> None:
    assert Period("day", date(2026, 3, 30)).last_year().start == date(2025, 3, 31)
    assert Period("week", date(2026, 3, 23)).last_year().key == "2025-W13"
    assert Period("month", date(2024, 2, 1)).last_year().key == "2023-02"
    assert Period("quarter", date(2026, 1, 1)).last_year().key == "2025-Q1"


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [(date(2026, 5, 31), -3, date(2026, 2, 28)), (date(2024, 5, 31), -3, date(2024, 2, 29)), (date(2026, 1, 31), -12, date(2025, 1, 31))],
)
def test_months_are_subtracted_once_and_cut_to_the_months_length(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


def test_a_day_is_bounded_by_instants_of_the_companys_zone_even_when_clocks_change() -> None:
    zone = ZoneInfo("Europe/Chisinau")
    first, after = Period("day", date(2026, 3, 29)).instants(zone)
    assert (first, after) == (datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 3, 29, 21, tzinfo=UTC))


@settings(deadline=None)  # a busy machine misses any
@given(st.sampled_from(KINDS), st.dates(date(2001, 1, 1), date(2099, 12, 31)))
def test_keys_are_read_back_and_periods_leave_no_gap(kind: PeriodKind, day: date) -> None:
    period = period_of(kind, day)
    assert period.start <= day <= period.end
    assert parse_period(period.key, kind) == period
    assert period.previous().end.toordinal() + 1 == period.start.toordinal()

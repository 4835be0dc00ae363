"""Stretches of days: names and written periods, what runs, and what each is held against."""

from datetime import date

import pytest

from reports.errors import PeriodError
from reports.stretches import DAILY_NAMES, VERSUS, read_stretch

AS_OF = date(2026, 5, 20)  # a Wednesday


def days(key: str) -> tuple[str, str, str, int]:
    found = read_stretch(key, AS_OF)
    return found.first.isoformat(), found.last.isoformat(), found.ends.isoformat(), found.months


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("today", ("2026-05-20", "2026-05-20", "2026-05-20", 0)),
        ("yesterday", ("2026-05-19", "2026-05-19", "2026-05-19", 0)),
        ("week", ("2026-05-18", "2026-05-20", "2026-05-24", 0)),
        ("last_week", ("2026-05-11", "2026-05-17", "2026-05-17", 0)),
        ("month", ("2026-05-01", "2026-05-20", "2026-05-31", 1)),
        ("last_month", ("2026-04-01", "2026-04-30", "2026-04-30", 1)),
        ("quarter", ("2026-04-01", "2026-05-20", "2026-06-30", 3)),
        ("last_quarter", ("2026-01-01", "2026-03-31", "2026-03-31", 3)),
        ("year", ("2026-01-01", "2026-05-20", "2026-12-31", 12)),
        ("last_year", ("2025-01-01", "2025-12-31", "2025-12-31", 12)),
        ("months_3", ("2026-03-01", "2026-05-20", "2026-05-31", 3)),
        ("2025", ("2025-01-01", "2025-12-31", "2025-12-31", 12)),
        ("2026-Q1", ("2026-01-01", "2026-03-31", "2026-03-31", 3)),
        ("2026-02", ("2026-02-01", "2026-02-28", "2026-02-28", 1)),
        ("2026-W20", ("2026-05-11", "2026-05-17", "2026-05-17", 0)),
        ("2026-05-01", ("2026-05-01", "2026-05-01", "2026-05-01", 0)),
    ],
)
def test_a_stretch_ends_where_the_data_ends(key: str, expected: tuple[str, str, str, int]) -> None:
    assert days(key) == expected


@pytest.mark.parametrize(
    ("key", "previous", "year"),
    [
        ("today", ("2026-05-13", "2026-05-13"), ("2025-05-21", "2025-05-21")),
        ("week", ("2026-05-11", "2026-05-13"), ("2025-05-19", "2025-05-21")),
        ("month", ("2026-04-01", "2026-04-20"), ("2025-05-01", "2025-05-20")),
        ("last_month", ("2026-03-01", "2026-03-31"), ("2025-04-01", "2025-04-30")),
        ("quarter", ("2026-01-01", "2026-02-20"), ("2025-04-01", "2025-05-20")),
        ("last_quarter", ("2025-10-01", "2025-12-31"), ("2025-01-01", "2025-03-31")),
        ("2024", ("2023-01-01", "2023-12-31"), ("2023-01-01", "2023-12-31")),
    ],
)
def test_what_runs_is_held_against_the_same_days(key: str, previous: tuple[str, str], year: tuple[str, str]) -> None:
    for versus, expected in zip(VERSUS, (previous, year), strict=True):
        earlier = read_stretch(key, AS_OF).earlier(versus)
        assert (earlier.first.isoformat(), earlier.last.isoformat()) == expected, versus


def test_the_end_of_a_short_month_does_not_reach_into_the_next() -> None:
    earlier = read_stretch("month", date(2026, 3, 30)).earlier("previous")
    assert (earlier.first, earlier.last) == (date(2026, 2, 1), date(2026, 2, 28))


@pytest.mark.parametrize("key", ["", "2026-13", "2026-06", "2027", "0000", "tomorrow", "2026-W60", "' or 1=1", "٢٠٢٦"])
def test_what_is_none_or_has_not_begun_is_refused(key: str) -> None:
    with pytest.raises(PeriodError):
        read_stretch(key, AS_OF)


def test_every_name_that_pages_offer_is_read_on_every_day_of_a_leap_year() -> None:
    for number in range(366):
        as_of = date.fromordinal(date(2028, 1, 1).toordinal() + number)
        for name in DAILY_NAMES:
            found = read_stretch(name, as_of)
            assert found.first <= found.last <= min(as_of, found.ends)
            for versus in VERSUS:
                earlier = found.earlier(versus)
                assert earlier.first <= earlier.last < found.last or name == "today"

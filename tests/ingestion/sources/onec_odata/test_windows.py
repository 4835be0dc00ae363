from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from ingestion.sources.onec_odata.records import DocumentState, marked_date, state_of
from ingestion.sources.onec_odata.streams.recorders import Mark, parse_mark, total
from ingestion.sources.onec_odata.streams.windows import Span, by_months, by_years, month_start, months_growing, parse_moment, recently


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def covered(spans: list[Span], start: datetime) -> None:
    """Windows follow each other without gaps, and the last one is open."""
    assert spans[0].start == start
    assert [span.end for span in spans[:-1]] == [span.start for span in spans[1:]]
    assert spans[-1].end is None


def grown(start: str, last: str, arrivals: list[int]) -> list[Span]:
    windows = months_growing(at(start), at(last), open_end=True)
    spans = [next(windows)]
    for arrived in arrivals:
        try:
            spans.append(windows.send(arrived))
        except StopIteration:
            break
    return spans


def test_months_are_counted_across_years() -> None:
    assert month_start(at("2026-01-15T10:00:00"), -1) == at("2025-12-01")
    assert month_start(at("2025-12-31"), 1) == at("2026-01-01")


def test_windows_grow_where_little_arrives_and_cover_everything() -> None:
    spans = grown("2023-03-15", "2026-03-01", [0] * 30)
    covered(spans, at("2023-03-15"))
    assert len(spans) < 10
    assert spans[0].end == at("2023-04-01")


def test_windows_stay_short_where_much_arrives() -> None:
    spans = grown("2025-01-01", "2026-03-01", [9000] * 30)
    covered(spans, at("2025-01-01"))
    assert len(spans) == 15


def test_a_load_that_begins_this_month_is_one_open_window() -> None:
    assert grown("2026-03-10", "2026-03-01", [5]) == [Span(at("2026-03-10"), None)]


@pytest.mark.parametrize("cut", [by_years, by_months])
def test_calendar_windows_cover_everything(cut: Callable[[datetime, datetime], Iterator[Span]]) -> None:
    covered(list(cut(at("2023-03-15T00:00:00"), at("2026-03-31T12:00:00"))), at("2023-03-15"))


def test_what_is_no_moment_is_none() -> None:
    assert parse_moment(None) is None
    assert parse_moment("0001-01") is None
    assert parse_moment("2026-01-01T00:00:00") == at("2026-01-01")


def test_recently_is_neither_long_ago_nor_in_the_future() -> None:
    now = at("2026-03-31T12:00:00")
    assert recently("2026-03-31T11:30:00", now, timedelta(hours=1))
    assert not recently("2026-03-31T10:30:00", now, timedelta(hours=1))
    assert not recently("2026-03-31T12:30:00", now, timedelta(hours=1))


def test_marks_of_recorders_survive_being_kept() -> None:
    mark = Mark("AAAA|=", "Document_Продажа", (("2026-01-31T10:00:00", 3), ("2026-02", 2)))
    assert parse_mark(Mark("AAAA=", "Document_Продажа", mark.periods).text).periods == mark.periods
    assert parse_mark(None) == Mark("", "", ())
    assert parse_mark("rubbish").periods == ()


def test_rows_are_counted_by_the_span_they_lie_in() -> None:
    marks = [Mark("", "", (("2026-01-31T23:59:59", 3),)), Mark("", "", (("2026-02-01", 2), ("2026-02", 4)))]
    january, february = Span(at("2026-01-01"), at("2026-02-01")), Span(at("2026-02-01"), at("2026-03-01"))
    assert (total(marks, january), total(marks, february)) == (3, 6)
    assert marks[0].inside(january)
    assert not marks[1].inside(january)


def test_a_document_without_a_version_is_always_read_again() -> None:
    assert DocumentState("", "2026-01-01T00:00:00").differs("|2026-01-01T00:00:00")
    same = DocumentState("AAAA", "2026-01-01T00:00:00")
    assert not same.differs(same.mark)
    assert same.differs(None)
    assert marked_date(same.mark) == "2026-01-01T00:00:00"


def test_only_posted_and_unmarked_documents_move_registers() -> None:
    assert state_of({"Posted": True, "DeletionMark": False}).posted
    assert not state_of({"Posted": False}).posted
    assert not state_of({"Posted": True, "DeletionMark": True}).posted

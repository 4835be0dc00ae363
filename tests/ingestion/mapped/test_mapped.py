"""Rows of foreign systems as records of feeds: values as people and programs write them, paths, words, keys, bad rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ingestion.errors import PermanentError
from ingestion.mapped.columns import FEEDS, Column
from ingestion.mapped.mapping import MappedStream, Mapper
from ingestion.mapped.places import list_at, value_at
from ingestion.mapped.values import Reader
from ingestion.sources.rest.options import RestOptions
from ingestion.sources.spreadsheet.cells import BadCellError
from tests.ingestion.fuzzing import fuzzed

MOSCOW = ZoneInfo("Europe/Moscow")


def mapper(name: str, *, by_machine: bool = True, alone: bool = True, **options: Any) -> Mapper:
    return Mapper(name, MappedStream.model_validate(options), Reader(MOSCOW, by_machine=by_machine), alone=alone)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("money", Decimal("10.50"), "10.50"),
        ("money", 10.1, "10.1"),
        ("money", "1234.567", "1234.567"),
        ("money", "1 234,50 руб.", "1234.50"),
        ("number", 3, "3"),
        ("integer", 5.0, "5"),
        ("day", date(2026, 3, 1), "2026-03-01"),
        ("day", datetime(2026, 3, 1, 23, tzinfo=UTC), "2026-03-02"),
        ("day", "01.03.2026 14:30", "2026-03-01"),
        ("day", "2026-03-01T22:30:00Z", "2026-03-02"),
        ("day", "0000-00-00", None),
        ("moment", datetime.fromisoformat("2026-03-01T10:00:00"), "2026-03-01T10:00:00+03:00"),
        ("moment", "01.03.2026 14:30", "2026-03-01T14:30:00+03:00"),
        ("moment", "3/1/2026 2:30 pm", "2026-01-03T14:30:00+03:00"),
        ("moment", "2026-03-01T10:00:00.123Z", "2026-03-01T10:00:00.123000+00:00"),
        ("moment", 1_772_359_200, "2026-03-01T10:00:00+00:00"),
        ("moment", "1772359200000", "2026-03-01T10:00:00+00:00"),
        ("moment", "0001-01-01T00:00:00", None),
        ("flag", True, "true"),
        ("flag", "Нет", "false"),
        ("flag", 1, "true"),
        ("currency", "руб.", "RUB"),
        ("currency", "kzt", "KZT"),
        ("text", 7.0, "7"),
        ("text", UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("text", b"\x01\xff", "01ff"),
        ("text", ["8 495", "8 812"], "8 495, 8 812"),
        ("text", "  a \xa0 b ", "a b"),
        ("text", "", None),
    ],
)
def test_values_are_read_as_they_are_written(kind: Any, value: Any, text: str | None) -> None:
    assert Reader(MOSCOW).text(value, Column("x", kind)) == text


@pytest.mark.parametrize(
    ("kind", "value"), [("money", "twelve"), ("day", "31.02.2026"), ("moment", "25:99"), ("flag", "perhaps"), ("currency", "money")]
)
def test_what_is_no_value_is_refused(kind: Any, value: Any) -> None:
    with pytest.raises(BadCellError):
        Reader(MOSCOW).text(value, Column("x", kind))


def test_money_moved_between_own_accounts_is_nobodys_payment() -> None:
    """A call may be internal; a payment that says so would be counted as a customer's."""
    ways = {feed: next(column for column in FEEDS[feed].columns if column.name == "direction") for feed in ("calls", "payments")}
    assert Reader(MOSCOW).text("внутренний", ways["calls"]) == "internal"
    assert Reader(MOSCOW).text("возврат", ways["payments"]) == "out"
    with pytest.raises(BadCellError):
        Reader(MOSCOW).text("внутренний", ways["payments"])


def test_numbers_in_doubt_are_refused_only_where_people_write() -> None:
    column = Column("x", "money")
    assert Reader(MOSCOW).text("1.234", column) == "1.234"
    with pytest.raises(BadCellError, match="can be read as"):
        Reader(MOSCOW, by_machine=False).text("1.234", column)
    assert Reader(MOSCOW, by_machine=False, mark=",").text("1.234", column) == "1234"


RECORD = {
    "id": 5,
    "company": {"id": 7, "name": None},
    "phones": [{"number": "1"}, {"number": "2"}, {}],
    "a.b": "dotted",
    "Last": "Котова",
    "First": "Анна",
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", 5),
        ("ID", 5),
        ("company.id", 7),
        ("company.name", None),
        ("company.name.x", None),
        ("phones[1].number", "2"),
        ("phones[*].number", ["1", "2"]),
        ("phones[9].number", None),
        ("a.b", "dotted"),
        ("person:{id}", "person:5"),
        ("{Last} {First}", "Котова Анна"),
        ("{nobody}", None),
        ("nobody[*]", None),
    ],
)
def test_paths_lead_to_values(path: str, value: Any) -> None:
    assert value_at(RECORD, path) == value


def test_records_are_a_list_an_object_of_objects_or_one() -> None:
    assert list_at([1], "") == [1]
    assert list_at({"a": {"b": [1, 2]}}, "a.b") == [1, 2]
    assert list_at({"items": {"1": {"x": 1}, "2": {"x": 2}}}, "items") == [{"x": 1}, {"x": 2}]
    assert list_at({"item": {"x": 1}}, "item") == [{"x": 1}]
    assert list_at({"a": 1}, "b") is None


def test_a_row_becomes_a_record_and_a_bad_one_is_told_and_kept() -> None:
    notes: list[str] = []
    deals = mapper(
        "deals",
        columns={"stage": "Stage", "created_at": "Made", "status": "Result"},
        values={"status": {"Продано": "won", "Готово ": "won"}},
        defaults={"currency_code": "RUB"},
        modified="Changed",
        deleted="Gone",
    )
    rows: list[dict[str, Any]] = [
        {"id": 1, "Stage": "Новая", "Made": "2026-03-01", "Result": "готово", "Changed": "2026-03-02T10:00:00Z", "Gone": 0},
        {"id": 2, "Stage": "", "Made": "2026-03-01", "Result": None, "Changed": None, "Gone": 0},
        {"id": 3, "Stage": "Новая", "Made": "then", "Result": None, "Changed": None, "Gone": 0},
        {"id": 4, "Stage": None, "Made": None, "Result": None, "Changed": None, "Gone": 1},
    ]
    page = deals.page(rows, notes.append, places=[f"x:{number}" for number in range(4)])
    assert [(record.key, record.payload is None) for record in page.records] == [("1", False), ("4", True)]
    assert page.records[0].payload == {
        "id": "1", "stage": "Новая", "status": "won", "currency_code": "RUB", "created_at": "2026-03-01T00:00:00+03:00",
    }  # fmt: skip
    assert page.records[0].modified_at == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert [reason for _, reason in page.rejected] == ["stage (Stage) is empty", "created_at (Made): «then» is no date"]
    assert "x:1" in notes[0]


def test_keys_are_the_feeds_own_or_the_configured_and_prefixed_where_streams_share_a_feed() -> None:
    row = {"order_id": 5, "line_number": 2, "amount": 1}
    assert mapper("order_lines").page([row], print).records[0].key == "5|2"
    assert mapper("order_lines", key=["amount", "order_id"]).page([row], print).records[0].key == "1|5"
    assert mapper("persons", feed="customers", alone=False).page([{"id": 1, "name": "A"}], print).records[0].key == "persons:1"


def test_a_mapping_of_fields_that_are_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(PermanentError, match=r"there are no fields Nme; the rows have id, Name"):
        mapper("customers", columns={"name": "Nme"}).check_fields({"id": 1, "Name": "A"}, "crm")
    with pytest.raises(PermanentError, match="nothing says where name is found"):
        mapper("customers").check_fields({"id": 1, "title": "A"}, "crm")


@pytest.mark.parametrize(
    ("stream", "told"),
    [
        ({"persons": {"path": "x"}}, "say which of customers"),
        ({"customers": {"path": "x", "columns": {"nme": "a"}}}, "has no columns nme"),
        ({"Customers": {"path": "x", "feed": "customers"}}, "lower-case"),
    ],
)
def test_options_are_checked_before_anything_runs(stream: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        RestOptions.model_validate({"url": "http://localhost", "streams": stream})


def test_every_feed_has_its_key_among_its_columns() -> None:
    for feed in FEEDS.values():
        assert set(feed.key) <= set(feed.names)
        assert feed.key


@fuzzed(100)
@given(
    st.dictionaries(
        st.sampled_from(["id", "name", "phone", "created_at", "kind"]),
        st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.booleans(), st.datetimes(), st.lists(st.text()), st.binary()),
    )
)
def test_no_row_whatever_it_holds_breaks_the_reading(row: dict[str, Any]) -> None:
    page = mapper("customers").page([row], lambda _text: None)
    assert len(page.records) + len(page.rejected) == 1

"""Loading is a fold over the raw files: the same state however they were split, interrupted, or replayed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion import load
from ingestion.engines.duckdb import open_warehouse
from ingestion.errors import RawZoneError, WarehouseError
from ingestion.rawzone import StreamZone
from ingestion.spec import Connector, Context, Record, Source, SourceOptions, Stream

DEALS = Stream("deals", loads="full", feeds=())
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def no_connection(_options: SourceOptions, _context: Context) -> Connector:
    msg = "loading asks no system"
    raise AssertionError(msg)


CRM = Source("crm", "crm", "A CRM", (DEALS,), SourceOptions, no_connection)


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_warehouse(tmp_path / "warehouse.duckdb", threads=1)
    load.prepare(connection, [CRM])
    yield connection
    connection.close()


def write(root: Path, *chunks: list[Record]) -> None:
    zone = StreamZone(root, "sales", DEALS)
    zone.open()
    for records in chunks:
        for record in records:
            zone.add(record)
        zone.flush()
    zone.close()


def state(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    rows = connection.execute("select _key, _deleted, payload ->> 'n' from raw.crm__deals order by _key").fetchall()
    assert len(rows) == len({row[0] for row in rows}), "a key stands twice"
    return {key: "deleted" if deleted else value for key, deleted, value in rows}


def test_newest_wins_by_the_systems_time_else_by_load_order(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
    late = MONDAY + timedelta(days=1)
    write(tmp_path / "raw", [Record("timed", {"n": "late"}, late), Record("untimed", {"n": "first"}), Record("gone", {"n": "x"}, late)])
    load.load_stream(warehouse, tmp_path / "raw", "sales", CRM, DEALS)
    write(tmp_path / "raw", [Record("timed", {"n": "early"}, MONDAY), Record("untimed", {"n": "second"}), Record("gone", None)])
    load.load_stream(warehouse, tmp_path / "raw", "sales", CRM, DEALS)
    assert state(warehouse) == {"timed": "late", "untimed": "second", "gone": "deleted"}


def test_a_file_is_loaded_once_and_its_cursor_with_it(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
    zone = StreamZone(tmp_path / "raw", "sales", DEALS)
    zone.open()
    zone.add(Record("1", {"n": "a"}))
    zone.checkpoint({"page": 7})
    zone.flush()
    zone.close()
    first = load.load_stream(warehouse, tmp_path / "raw", "sales", CRM, DEALS)
    second = load.load_stream(warehouse, tmp_path / "raw", "sales", CRM, DEALS)
    assert (first.files, first.rows, second.files, second.rows) == (1, 1, 0, 0)
    assert warehouse.execute("select source, stream, cursor ->> 'page' from meta.cursors").fetchall() == [("sales", "deals", "7")]
    assert warehouse.execute("select file, records from meta.files").fetchall() == [("sales/deals/000001.ndjson.zst", 1)]


def test_load_ids_grow_and_mark_only_what_changed(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
    write(tmp_path / "raw", [Record("1", {"n": "a"}), Record("2", {"n": "a"})])
    load.load_stream(warehouse, tmp_path / "raw", "sales", CRM, DEALS)
    write(tmp_path / "raw", [Record("2", {"n": "b"})])
    load.load_stream(warehouse, tmp_path / "raw", "sales", CRM, DEALS)
    ids = dict(warehouse.execute("select _key, _load_id from raw.crm__deals").fetchall())
    assert ids["2"] > ids["1"]


def test_a_versioned_stream_keeps_every_state_it_was_seen_in(tmp_path: Path) -> None:
    orders = Stream("orders", loads="full", feeds=(), versioned=True)
    books = Source("books", "books", "Books", (orders,), SourceOptions, no_connection)
    connection = open_warehouse(tmp_path / "w.duckdb", threads=1)
    load.prepare(connection, [books])
    zone = StreamZone(tmp_path / "raw", "b", orders)
    zone.open()
    for amount in (10, 12, 12, 9):
        zone.add(Record("1", {"n": amount}))
        zone.flush()
    zone.close()
    for _ in range(2):
        load.load_stream(connection, tmp_path / "raw", "b", books, orders)
        versions = connection.execute("select payload ->> 'n' from raw.books__orders__versions order by _file").fetchall()
        assert versions == [("10",), ("12",), ("9",)]
        load.forget_stream(connection, "b", books, orders)
    connection.close()


def test_a_damaged_file_stops_the_load_and_changes_nothing(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
    write(tmp_path / "raw", [Record("1", {"n": "a"})], [Record("1", {"n": "b"})])
    path = tmp_path / "raw" / "sales" / "deals" / "000002.ndjson.zst"
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(RawZoneError, match="000002"):
        load.load_stream(warehouse, tmp_path / "raw", "sales", CRM, DEALS)
    assert state(warehouse) == {}


def test_a_newer_warehouse_refuses_this_program(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("update meta.schema_version set version = 99")
    with pytest.raises(RawZoneError, match="newer"):
        load.prepare(warehouse, [CRM])


def test_payload_text_is_kept_verbatim(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
    write(tmp_path / "raw", [Record("1", {"Сумма": 22729.17, "n": "Ёж «7»", "big": 12345678901234567, "none": None})])
    load.load_stream(warehouse, tmp_path / "raw", "sales", CRM, DEALS)
    [(payload,)] = warehouse.execute("select payload from raw.crm__deals").fetchall()
    assert payload == '{"Сумма":22729.17,"n":"Ёж «7»","big":12345678901234567,"none":null}'


MOMENTS = st.none() | st.integers(0, 3).map(lambda day: MONDAY + timedelta(days=day))
RECORDS = st.builds(
    lambda key, value, moment: Record(key, None if value == 0 else {"n": str(value)}, moment),
    st.sampled_from("ab"),
    st.integers(0, 3),
    MOMENTS,
)


def folded(records: list[Record]) -> dict[str, str]:
    """The rule in words: a record replaces an earlier one unless both have a moment and the earlier one's is newer."""
    present: dict[str, Record] = {}
    for record in records:
        before = present.get(record.key)
        if before is None and record.payload is None:
            continue
        if before is not None and before.modified_at and record.modified_at and before.modified_at > record.modified_at:
            continue
        present[record.key] = record
    return {key: "deleted" if record.payload is None else record.payload["n"] for key, record in present.items()}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(RECORDS, max_size=8), cuts=st.sets(st.integers(0, 8)))
def test_any_split_into_files_and_loads_gives_the_same_state(
    tmp_path_factory: pytest.TempPathFactory, records: list[Record], cuts: set[int]
) -> None:
    folder = tmp_path_factory.mktemp("fold")
    connection = open_warehouse(folder / "w.duckdb", threads=1)
    load.prepare(connection, [CRM])
    for number, record in enumerate(records):
        write(folder / "raw", [record])
        if number in cuts:
            load.load_stream(connection, folder / "raw", "sales", CRM, DEALS)
    load.load_stream(connection, folder / "raw", "sales", CRM, DEALS)
    loaded = state(connection)
    load.forget_stream(connection, "sales", CRM, DEALS)
    load.load_stream(connection, folder / "raw", "sales", CRM, DEALS)
    assert state(connection) == loaded, "a replay differs"
    connection.close()
    assert loaded == folded(records)


def test_a_record_of_forty_megabytes_is_loaded(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
    """DuckDB is prepared for smaller ones first, because it reserves memory for the largest per thread."""
    write(tmp_path / "raw", [Record("small", {"n": "s"}), Record("large", {"n": "l", "text": "x" * 40_000_000})])
    load.load_stream(warehouse, tmp_path / "raw", "sales", CRM, DEALS)
    assert state(warehouse) == {"small": "s", "large": "l"}


def test_a_warehouse_without_memory_says_what_to_do_and_keeps_the_raw_files(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
    write(tmp_path / "raw", [Record("1", {"n": "1", "text": "x" * 40_000_000})])
    warehouse.execute("set memory_limit = '60MB'")
    with pytest.raises(WarehouseError, match="memory_limit"):
        load.load_stream(warehouse, tmp_path / "raw", "sales", CRM, DEALS)
    warehouse.execute("set memory_limit = '1GB'")
    load.load_stream(warehouse, tmp_path / "raw", "sales", CRM, DEALS)
    assert state(warehouse) == {"1": "1"}

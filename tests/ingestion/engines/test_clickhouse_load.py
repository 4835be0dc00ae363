"""Loading into ClickHouse keeps the rules that loading into DuckDB keeps, proved on ClickHouse's own engine in process."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion import load
from ingestion.engines.clickhouse import ClickHouseWarehouse
from ingestion.engines.clickhouse_client import Address, open_client
from ingestion.errors import RawZoneError, WarehouseError
from ingestion.rawzone import StreamZone
from ingestion.spec import Connector, Context, Record, Source, SourceOptions, Stream

DEALS = Stream("deals", loads="full", feeds=())
ORDERS = Stream("orders", loads="full", feeds=(), versioned=True)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def no_connection(_options: SourceOptions, _context: Context) -> Connector:
    msg = "loading asks no system"
    raise AssertionError(msg)


CRM = Source("crm", "crm", "A CRM", (DEALS, ORDERS), SourceOptions, no_connection)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseWarehouse]:
    """One engine for the module: a process has one at a time."""
    address = Address(f"chdb:{tmp_path_factory.mktemp('clickhouse')}")
    opened = ClickHouseWarehouse(open_client(address), address)
    load.prepare(opened, [CRM])
    load.prepare(opened, [CRM])
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def emptied(warehouse: ClickHouseWarehouse) -> None:
    for stream in (DEALS, ORDERS):
        load.forget_stream(warehouse, "sales", CRM, stream)


def write(root: Path, *chunks: list[Record], stream: Stream = DEALS) -> None:
    zone = StreamZone(root, "sales", stream)
    zone.open()
    for records in chunks:
        for record in records:
            zone.add(record)
        zone.flush()
    zone.close()


def state(warehouse: ClickHouseWarehouse) -> dict[str, Any]:
    rows = warehouse.rows("select _key, _deleted, JSONExtractString(ifNull(payload, ''), 'n') from raw.crm__deals order by _key")
    assert len(rows) == len({row[0] for row in rows}), "a key stands twice"
    return {key: "deleted" if deleted else value for key, deleted, value in rows}


def test_newest_wins_by_the_systems_time_else_by_load_order(tmp_path: Path, warehouse: ClickHouseWarehouse) -> None:
    late = MONDAY + timedelta(days=1)
    write(tmp_path, [Record("timed", {"n": "late"}, late), Record("untimed", {"n": "first"}), Record("gone", {"n": "x"}, late)])
    load.load_stream(warehouse, tmp_path, "sales", CRM, DEALS)
    write(tmp_path, [Record("timed", {"n": "early"}, MONDAY), Record("untimed", {"n": "second"}), Record("gone", None)])
    load.load_stream(warehouse, tmp_path, "sales", CRM, DEALS)
    assert state(warehouse) == {"timed": "late", "untimed": "second", "gone": "deleted"}


def test_a_file_is_loaded_once_and_its_cursor_with_it(tmp_path: Path, warehouse: ClickHouseWarehouse) -> None:
    zone = StreamZone(tmp_path, "sales", DEALS)
    zone.open()
    zone.add(Record("1", {"n": "a"}))
    zone.checkpoint({"page": 7})
    zone.flush()
    zone.close()
    first = load.load_stream(warehouse, tmp_path, "sales", CRM, DEALS)
    second = load.load_stream(warehouse, tmp_path, "sales", CRM, DEALS)
    assert (first.files, first.rows, second.files, second.rows) == (1, 1, 0, 0)
    load.mark_extracted(warehouse, "sales", "crm", "deals")
    cursors = warehouse.rows("select source, stream, system, cursor, extracted_at is not null from meta.cursors")
    assert cursors == [("sales", "deals", "crm", '{"page":7}', True)]
    assert warehouse.rows("select file, records from meta.files") == [("sales/deals/000001.ndjson.zst", 1)]


def test_load_ids_grow_and_mark_only_what_changed(tmp_path: Path, warehouse: ClickHouseWarehouse) -> None:
    write(tmp_path, [Record("1", {"n": "a"}), Record("2", {"n": "a"})])
    load.load_stream(warehouse, tmp_path, "sales", CRM, DEALS)
    write(tmp_path, [Record("2", {"n": "b"})])
    load.load_stream(warehouse, tmp_path, "sales", CRM, DEALS)
    ids = {row[0]: row[1] for row in warehouse.rows("select _key, _load_id from raw.crm__deals")}
    assert ids["2"] > ids["1"]
    assert load.newest_load(warehouse) == ids["2"]


def test_a_versioned_stream_keeps_every_state_it_was_seen_in(tmp_path: Path, warehouse: ClickHouseWarehouse) -> None:
    write(tmp_path, *[[Record("1", {"n": amount})] for amount in (10, 12, 12, 9)], stream=ORDERS)
    for _ in range(2):
        load.load_stream(warehouse, tmp_path, "sales", CRM, ORDERS)
        versions = warehouse.rows(
            "select JSONExtractInt(payload, 'n'), _seen_at > '2026-01-01' from raw.crm__orders__versions order by _file"
        )
        assert versions == [(10, True), (12, True), (9, True)]
        load.forget_stream(warehouse, "sales", CRM, ORDERS)


def test_a_damaged_file_stops_the_load_and_changes_nothing(tmp_path: Path, warehouse: ClickHouseWarehouse) -> None:
    write(tmp_path, [Record("1", {"n": "a"})], [Record("1", {"n": "b"})])
    path = tmp_path / "sales" / "deals" / "000002.ndjson.zst"
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(RawZoneError, match="000002"):
        load.load_stream(warehouse, tmp_path, "sales", CRM, DEALS)
    assert state(warehouse) == {}


def test_payload_text_is_kept_verbatim(tmp_path: Path, warehouse: ClickHouseWarehouse) -> None:
    write(tmp_path, [Record("1", {"Сумма": 22729.17, "n": "Ёж «7»\n'\\", "big": 12345678901234567, "none": None})])
    load.load_stream(warehouse, tmp_path, "sales", CRM, DEALS)
    [(payload,)] = warehouse.rows("select payload from raw.crm__deals")
    assert payload == '{"Сумма":22729.17,"n":"Ёж «7»\\n\'\\\\","big":12345678901234567,"none":null}'


def test_a_newer_warehouse_refuses_this_program(warehouse: ClickHouseWarehouse) -> None:
    warehouse.run("insert into meta.schema_version values (99)")
    try:
        with pytest.raises(RawZoneError, match="newer"):
            load.prepare(warehouse, [CRM])
    finally:
        warehouse.run("alter table meta.schema_version delete where version = 99")


def test_what_new_records_look_like_is_compared_with_those_before(tmp_path: Path, warehouse: ClickHouseWarehouse) -> None:
    write(tmp_path, [Record(str(n), {"n": n, "colour": "red", "phone": "1"}) for n in range(120)])
    assert load.load_stream(warehouse, tmp_path, "sales", CRM, DEALS).drifts == ()
    write(tmp_path, [Record(str(n), {"n": n, "colour": "blue", "phone": None}) for n in range(200, 320)])
    told = {drift.field: drift.text for drift in load.load_stream(warehouse, tmp_path, "sales", CRM, DEALS).drifts}
    assert told["colour"] == "has values that were never seen before: blue"
    assert told["phone"].startswith("was filled in 100% of the records and is empty")
    warehouse.run("truncate table meta.profiles")


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


MOMENTS = st.none() | st.integers(0, 3).map(lambda day: MONDAY + timedelta(days=day))
RECORDS = st.builds(
    lambda key, value, moment: Record(key, None if value == 0 else {"n": str(value)}, moment),
    st.sampled_from("ab"),
    st.integers(0, 3),
    MOMENTS,
)


class KilledError(Exception):
    pass


def killed_before(monkeypatch: pytest.MonkeyPatch, step: int) -> list[int]:
    """Every statement counts down; at zero the load ends there, as if its process had been killed."""
    run, left = ClickHouseWarehouse.run, [step]

    def counted(self: ClickHouseWarehouse, sql: str, parameters: dict[str, Any] | None = None) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KilledError
        run(self, sql, parameters)

    monkeypatch.setattr(ClickHouseWarehouse, "run", counted)
    return left


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(RECORDS, min_size=2, max_size=6), loads=st.sets(st.integers(0, 5), max_size=2), stop=st.integers(1, 30))
def test_any_order_split_and_crash_end_in_the_same_state(
    tmp_path_factory: pytest.TempPathFactory, warehouse: ClickHouseWarehouse, records: list[Record], loads: set[int], stop: int
) -> None:
    root = tmp_path_factory.mktemp("raw")
    load.forget_stream(warehouse, "sales", CRM, DEALS)
    with pytest.MonkeyPatch.context() as patched:
        left = killed_before(patched, stop)
        for number, record in enumerate(records):
            write(root, [record])
            if number in loads:
                with suppress(KilledError):
                    load.load_stream(warehouse, root, "sales", CRM, DEALS)
        left[0] = 0
        load.load_stream(warehouse, root, "sales", CRM, DEALS)
    assert state(warehouse) == folded(records)


def test_a_load_that_is_killed_at_any_statement_is_healed_by_the_next(
    tmp_path: Path, warehouse: ClickHouseWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = MONDAY + timedelta(days=1)
    write(
        tmp_path,
        [Record("1", {"n": 1}, late), Record("2", {"n": 1})],
        [Record("1", {"n": 2}, MONDAY), Record("2", {"n": 2})],
        stream=ORDERS,
    )
    survived, step = False, 0
    while not survived:
        step += 1
        load.forget_stream(warehouse, "sales", CRM, ORDERS)
        with monkeypatch.context() as patched:
            killed_before(patched, step)
            try:
                load.load_stream(warehouse, tmp_path, "sales", CRM, ORDERS)
                survived = True
            except KilledError:
                entered = warehouse.rows("select count() from meta.files where stream = 'orders'")[0][0]
                assert entered == 0, "what is in the ledger is never loaded again"
        load.load_stream(warehouse, tmp_path, "sales", CRM, ORDERS)
        rows = warehouse.rows("select _key, JSONExtractInt(payload, 'n') from raw.crm__orders order by _key")
        assert rows == [("1", 1), ("2", 2)]
        assert warehouse.rows("select count() from raw.crm__orders__versions") == [(4,)]
        assert warehouse.rows("select count(), any(records) from meta.files where stream = 'orders'") == [(2, 2)]
        assert warehouse.rows("select count() from meta.cursors where stream = 'orders'") == [(1,)]
    assert step > 10, "the steps were hardly reached"


def test_a_path_that_the_engine_would_take_for_a_pattern_is_refused(tmp_path: Path, warehouse: ClickHouseWarehouse) -> None:
    write(tmp_path / "company {1}", [Record("1", {"n": "a"})])
    with pytest.raises(WarehouseError, match="move the data folder"):
        load.load_stream(warehouse, tmp_path / "company {1}", "sales", CRM, DEALS)

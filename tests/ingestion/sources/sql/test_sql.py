"""The walk over tables: keyset pages, cursors with an overlap, keys that are none, sessions that cannot write."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Select, column, select, table, text
from sqlalchemy.exc import OperationalError

from ingestion.errors import PermanentError, TransientError
from ingestion.sources.sql.database import Database
from ingestion.sources.sql.firebird import FirebirdDialect
from ingestion.sources.sql.source import SOURCE
from ingestion.sources.sql.walk import earlier, packed, unpacked
from ingestion.spec import Source
from tests.ingestion.sources.sql.peer import STREAMS, make_database

Zones = Callable[[Source], Any]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return make_database(tmp_path / "crm.sqlite")


def connect(zone: Any, file: Path, streams: dict[str, Any] | None = None, **options: Any) -> Any:
    return zone.connect(dsn=f"sqlite:///{file}", streams=streams or STREAMS, **options)


def test_a_refresh_reads_what_changed_and_the_overlap(zone_of: Zones, base: Path) -> None:
    zone = zone_of(SOURCE)
    zone.extract(connect(zone, base), "customers")
    with closing(sqlite3.connect(base)) as writing, writing:
        writing.execute("update Clients set ClientName = 'Другой', ChangedAt = '2026-03-30 10:00:00' where ClientID = 4")
    result = zone.extract(connect(zone, base), "customers")["customers"]
    assert result.written == 1
    assert result.received <= 2
    assert zone.records("customers")["4"]["name"] == "Другой"


def test_a_silent_edit_and_a_row_without_a_moment_are_found_at_night(zone_of: Zones, base: Path) -> None:
    zone = zone_of(SOURCE)
    zone.extract(connect(zone, base), "customers")
    with closing(sqlite3.connect(base)) as writing, writing:
        writing.execute("update Clients set ClientName = 'Тихо' where ClientID in (5, 9)")
    assert zone.extract(connect(zone, base), "customers")["customers"].written == 0
    assert zone.extract(connect(zone, base), "customers", mode="sweep")["customers"].written == 2


def test_keys_that_repeat_or_are_empty_are_no_keys(zone_of: Zones, base: Path) -> None:
    zone = zone_of(SOURCE)
    twice = {"deals": {**STREAMS["deals"], "key": ["ClientID"]}}
    assert zone.extract(connect(zone, base, twice, page_rows=3), "deals")["deals"].rejected > 0
    assert "name more fields in key" in (zone.root / "raw" / "crm" / "deals" / "rejected.ndjson").read_text()
    with closing(sqlite3.connect(base)) as writing, writing:
        writing.execute("create table Calls (Id text, Started text, Direction text)")
        writing.execute("insert into Calls values (null, '2026-03-01 10:00:00', 'in')")
    columns = {"started_at": "Started", "direction": "Direction"}
    with pytest.raises(PermanentError, match="is empty in some rows"):
        zone.extract(connect(zone, base, {"calls": {"table": "Calls", "columns": columns}}), "calls")
    with pytest.raises(PermanentError, match="say in key which fields identify a row"):
        connect(zone, base, {"calls": {"table": "Calls", "columns": {**columns, "id": "pbx-{Id}"}}}).check()


def test_two_streams_may_fill_one_feed(zone_of: Zones, base: Path) -> None:
    zone = zone_of(SOURCE)
    with closing(sqlite3.connect(base)) as writing, writing:
        writing.execute("create table Persons (Id integer primary key, Family text, Name text)")
        writing.execute("insert into Persons values (1, 'Котова', 'Анна')")
    persons = {"feed": "customers", "table": "Persons", "columns": {"name": "{Family} {Name}"}, "defaults": {"kind": "person"}}
    zone.extract(connect(zone, base, {"customers": STREAMS["customers"], "persons": persons}), "customers")
    held = zone.records("customers")
    assert held["persons:1"]["name"] == "Котова Анна"
    assert len(held) == 26


def test_a_session_cannot_write_and_says_what_is_wrong(base: Path, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{base}", "crm", tmp_path)
    with pytest.raises(OperationalError, match="readonly"), database._engine.connect() as connection:
        connection.execute(text("delete from Clients"))
    assert list(database.tables()) == ["Clients", "Deals", "OrderLines", "Orders", "Stages", "Users"]
    database.close()
    for dsn, told in (
        ("nothing at all", "dsn is no database address"),
        ("oraclething://a@b/c", "a kind of database that is not known here"),
        ("firebird://reader:secret@127.0.0.1:1/base", "the driver firebirdsql is not installed"),
    ):
        with pytest.raises((PermanentError, TransientError), match=told):
            list(Database(dsn, "crm", tmp_path).tables())


def test_an_unmapped_database_names_its_tables_and_a_wrong_mapping_its_fields(zone_of: Zones, base: Path) -> None:
    zone = zone_of(SOURCE)
    with pytest.raises(PermanentError, match=r"nothing is mapped; it has 6 tables: Clients"):
        zone.connect(dsn=f"sqlite:///{base}").check()
    with pytest.raises(PermanentError, match=r"there are no fields Nme; the rows have ClientID"):
        connect(zone, base, {"customers": {"table": "Clients", "columns": {"id": "ClientID", "name": "Nme"}}}).check()
    with pytest.raises(PermanentError, match="the database lacks what is asked for"):
        connect(zone, base, {"customers": {"table": "Nowhere"}}).check()


@pytest.mark.parametrize("value", [1, "a", 2.5, None, Decimal("1.50"), datetime(2026, 3, 1, 10), date(2026, 3, 1), b"\x00\x01"])  # noqa: DTZ001 - as databases give them
def test_cursors_survive_the_journey_through_json(value: Any) -> None:
    assert unpacked(packed(value)) == value


@pytest.mark.parametrize(
    ("value", "before"),
    [("2026-03-01 10:00:00", "2026-03-01 09:50:00"), ("2026-03-01T00:05:00", "2026-02-28T23:55:00"), (77, 77), ("rev-8", "rev-8")],
)
def test_the_overlap_goes_back_in_time_only(value: Any, before: Any) -> None:
    assert earlier(value, 10) == before


def test_firebird_is_asked_in_its_own_words() -> None:
    statement: Select[tuple[Any]] = (
        select(column("CUSTNO")).select_from(table("CLIENTS")).where(column("CUSTNO") > 5).order_by(column("CUSTNO")).limit(10)
    )
    written = " ".join(str(statement.compile(dialect=FirebirdDialect(paramstyle="qmark"))).split())
    assert written == 'SELECT first 10 "CUSTNO" FROM "CLIENTS" WHERE "CUSTNO" > ? ORDER BY "CUSTNO"'


@pytest.mark.parametrize(
    "stream",
    [{}, {"table": "a", "query": "select 1"}, {"query": "delete from a"}, {"query": "select 1; drop table a"}, {"table": "a", "x": 1}],
)
def test_only_a_table_or_a_single_select_is_taken(stream: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SOURCE.options.model_validate({"dsn": "sqlite://", "streams": {"customers": stream}})

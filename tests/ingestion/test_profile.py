"""New records are compared with those before them: what emptied, vanished, appeared, and choices never seen."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pytest

from ingestion import load
from ingestion.engines.duckdb import open_warehouse
from ingestion.profile import Drift
from ingestion.rawzone import StreamZone
from ingestion.spec import Connector, Context, Record, Source, SourceOptions, Stream

DEALS = Stream("deals", loads="by page", feeds=())


def no_connection(_options: SourceOptions, _context: Context) -> Connector:
    message = "nothing is asked"
    raise AssertionError(message)


CRM = Source("crm", "crm", "A CRM", (DEALS,), SourceOptions, no_connection)


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_warehouse(tmp_path / "warehouse.duckdb", threads=1)
    load.prepare(connection, [CRM])
    yield connection
    connection.close()


def deals(first: int, count: int = 150, **changed: Any) -> list[Record]:
    """Deals with a price, a stage out of three, tags on every second, and a name of their own."""
    records = []
    for number in range(first, first + count):
        deal = {
            "name": f"deal {number}",
            "price": number,
            "stage": ["new", "won", "lost"][number % 3],
            "tags": [1] if number % 2 else [],
            "note": "",
        }
        records.append(Record(str(number), {**deal, **{name: value(number) for name, value in changed.items()}}))
    return records


def take(warehouse: duckdb.DuckDBPyConnection, root: Path, records: list[Record]) -> dict[str, str]:
    zone = StreamZone(root, "sales", DEALS)
    zone.open()
    zone.take(records)
    zone.flush()
    zone.close()
    drifts: tuple[Drift, ...] = load.load_stream(warehouse, root, "sales", CRM, DEALS).drifts
    return {drift.field: drift.text for drift in drifts}


def test_the_usual_is_no_news(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert take(warehouse, tmp_path, deals(0)) == {}, "there is nothing to compare the first load with"
    assert take(warehouse, tmp_path, deals(1000)) == {}
    assert take(warehouse, tmp_path, deals(2000, 20, price=lambda _: None)) == {}, "twenty records say nothing about shares"


def test_what_emptied_vanished_and_appeared_is_told(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    take(warehouse, tmp_path, deals(0))
    told = take(
        warehouse,
        tmp_path,
        deals(
            1000,
            price=lambda _: None,
            tags=lambda _: [],
            stage=lambda number: "paused" if number % 7 == 0 else "won",
            name=lambda number: f"deal {number}" if number % 2 else "",
            budget=lambda number: number,
        ),
    )
    assert told == {
        "price": "was filled in 100% of the records and is empty in all 150 new ones",
        "tags": "was filled in 50% of the records and is empty in all 150 new ones",
        "name": "is filled in 50% of 150 new records (100% before)",
        "stage": "has values that were never seen before: paused",
        "budget": "is new, filled in 100% of 150 new records",
    }


def test_an_empty_choice_a_flag_and_a_reference_are_no_news(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """1C writes the empty reference and the empty choice where others have one: no administrator can do anything about them."""
    firm = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
    take(warehouse, tmp_path, deals(0, paid=lambda _: True, firm=lambda _: firm, kind=lambda _: "wholesale"))
    odd = deals(
        1000,
        paid=lambda number: number % 9 > 0,
        firm=lambda number: firm if number % 9 else str(UUID(int=0)),
        kind=lambda number: "wholesale" if number % 9 else "",
    )
    assert take(warehouse, tmp_path, odd) == {}


def test_profiles_are_kept_for_a_while_and_forgotten(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.profile._KEPT_LOADS", 3)
    for number in range(5):
        take(warehouse, tmp_path, deals(number * 1000, 100))
    kept = warehouse.execute("select distinct load_id from meta.profiles order by 1").fetchall()
    assert kept == [(3,), (4,), (5,)]


def test_ledgers_of_the_first_version_are_brought_forward(tmp_path: Path) -> None:
    """As a warehouse of skvoz 0.1 has them: no profiles, version 1."""
    connection = open_warehouse(tmp_path / "old.duckdb", threads=1)
    connection.execute("create schema meta; create table meta.schema_version (version integer not null)")
    connection.execute(load.MIGRATIONS[0])
    connection.execute("insert into meta.schema_version values (1)")
    connection.execute("insert into meta.loads values (1, 'sales', 'deals', 1, 10, now())")
    load.prepare(connection, [CRM])
    load.prepare(connection, [CRM])
    assert connection.execute("select max(version) from meta.schema_version").fetchone() == (len(load.MIGRATIONS),)
    assert connection.execute("select count(*) from meta.loads").fetchone() == (1,)
    assert connection.execute("select count(*) from meta.profiles").fetchone() == (0,)
    connection.close()

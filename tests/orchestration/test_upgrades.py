"""Files of an earlier version are brought forward when they are opened; those of a later one are refused in a sentence, and untouched."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import orjson
import pytest

from ingestion import load
from ingestion.errors import RawZoneError
from ingestion.load import MIGRATIONS
from ingestion.rawzone import StreamZone, read_manifest
from ingestion.spec import Record, Stream
from reports.alerts_state import AlertState
from reports.delivery.journal_schema import MIGRATIONS as JOURNAL_MIGRATIONS
from reports.errors import ReportsError
from reports.journal import Journal, Key
from reports.people import People

DEALS = Stream("deals", loads="by page", feeds=())
STATE: dict[str, Callable[[Path], object]] = {"journal.sqlite": Journal, "people.sqlite": People, "alerts.sqlite": AlertState}


def zone(root: Path) -> StreamZone:
    """A stream with one record in it, closed."""
    made = StreamZone(root, "sales", DEALS)
    made.open()
    made.add(Record("1", {"n": 1}))
    made.flush()
    made.close()
    return made


@pytest.mark.parametrize("name", STATE)
def test_state_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path, name: str) -> None:
    STATE[name](tmp_path)
    with closing(sqlite3.connect(tmp_path / name)) as connection:
        connection.execute("pragma user_version = 99")
    with pytest.raises(ReportsError, match=r"newer skvoz.*schema 99.*install that version again"):
        STATE[name](tmp_path)
    with closing(sqlite3.connect(tmp_path / name)) as connection:
        assert connection.execute("pragma user_version").fetchone() == (99,)


def test_a_journal_of_every_earlier_version_is_brought_forward_with_its_rows(tmp_path: Path) -> None:
    key = Key("director_daily", "2026-03-31", "email", "a@example.ru")
    for version in range(1, len(JOURNAL_MIGRATIONS) + 1):
        folder = tmp_path / str(version)
        folder.mkdir()
        with closing(sqlite3.connect(folder / "journal.sqlite")) as connection:
            for script in JOURNAL_MIGRATIONS[:version]:
                connection.executescript(script)
            connection.execute(
                "insert into deliveries (report, period, channel, recipient, state, created_at, at) values (?, ?, ?, ?, 'sent', ?, ?)",
                (key.report, key.period, key.channel, key.recipient, "2026-04-01T06:00:00+00:00", "2026-04-01T06:00:00+00:00"),
            )
            connection.execute(f"pragma user_version = {version}")
            connection.commit()
        with Journal(folder) as journal:
            assert journal.claim(key) is None, "what was sent by the earlier version is not sent again"


def test_ledgers_of_every_earlier_version_are_brought_forward_with_their_rows() -> None:
    for version in range(1, len(MIGRATIONS) + 1):
        with duckdb.connect() as connection:
            connection.execute("create schema meta; create table meta.schema_version (version integer not null)")
            for number, script in enumerate(MIGRATIONS[:version], start=1):
                connection.execute(script)
                connection.execute("insert into meta.schema_version values (?)", [number])
            connection.execute("insert into meta.files values ('sales/deals/000001.ndjson.zst', 'sales', 'deals', 1, 'x', 1, now())")
            load.prepare(connection, [])
            assert connection.execute("select max(version) from meta.schema_version").fetchall() == [(len(MIGRATIONS),)]
            assert connection.execute("select file from meta.files").fetchall() == [("sales/deals/000001.ndjson.zst",)]


def test_a_manifest_of_a_newer_version_is_not_called_damaged(tmp_path: Path) -> None:
    manifest = zone(tmp_path).folder / "manifest.ndjson"
    manifest.write_bytes(orjson.dumps({**orjson.loads(manifest.read_bytes()), "codec": "zstd2"}) + b"\n")
    with pytest.raises(RawZoneError, match=r"newer skvoz .*codec"):
        read_manifest(manifest.parent)


def test_an_index_of_another_version_is_made_anew(tmp_path: Path) -> None:
    made = zone(tmp_path)
    with closing(sqlite3.connect(made.folder / "index.sqlite")) as connection:
        connection.execute("update progress set schema = 99")
        connection.commit()
    made.open()
    assert not made.add(Record("1", {"n": 1})), "the record is known from the chunk"
    made.close()

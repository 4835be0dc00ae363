"""A backup made at any moment, also while a run writes, restores to an equal company on another machine."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest

from ingestion import load
from ingestion.errors import BusyError
from ingestion.lock import data_lock
from ingestion.rawzone import StreamZone, read_manifest
from ingestion.settings import Settings, load_settings
from ingestion.spec import Connector, Context, Record, Source, SourceOptions, Stream
from ingestion.state import TokenStore
from ingestion.sync import opened_warehouse
from orchestration.backup import CONTENTS, BackupError, make_backup, read_contents, restore_backup, verify_backup
from orchestration.publish import current_file, point_at
from reports.journal import Journal, Key

DEALS = Stream("deals", loads="by page", feeds=(), versioned=True)
NOW = datetime(2026, 4, 1, 6, tzinfo=UTC)


def no_connection(_options: SourceOptions, _context: Context) -> Connector:
    message = "nothing is asked"
    raise AssertionError(message)


CRM = Source("crm", "crm", "A CRM", (DEALS,), SourceOptions, no_connection)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A company with ten deals loaded, two versions published, a delivery journalled, a rotated token."""
    monkeypatch.setattr("ingestion.sync.all_sources", lambda: {"crm": CRM})
    settings = company(tmp_path / "here")
    write(settings, range(10))
    with opened_warehouse(settings) as connection:
        load.load_stream(connection, settings.raw_dir, "sales", CRM, DEALS)
    published = settings.data_dir / "published"
    published.mkdir()
    for number in (1, 2):
        with duckdb.connect(str(published / f"marts-2026040{number}T060000Z-1.duckdb")) as connection:
            connection.execute(f"create table figure as select {number} as n")
    point_at(published, published / "marts-20260402T060000Z-1.duckdb")
    TokenStore(settings.state_dir, "sales").save({"refresh_token": "second"})
    with Journal(settings.state_dir) as journal:
        journal.claim(Key("director_daily", "2026-03-31", "email", "a@example.ru"))
    return settings


def company(folder: Path) -> Settings:
    folder.mkdir()
    (folder / "skvoz.toml").write_text('[company]\nname = "Ромашка"\n', encoding="utf-8")
    return load_settings(folder / "skvoz.toml")


def write(settings: Settings, keys: range, cursor: int | None = None) -> None:
    zone = StreamZone(settings.raw_dir, "sales", DEALS)
    zone.open()
    zone.take([Record(str(key), {"n": key}) for key in keys])
    zone.checkpoint({"at": cursor or keys[-1]})
    zone.flush()
    zone.close()


def loaded(settings: Settings) -> list[tuple[Any, ...]]:
    with opened_warehouse(settings) as connection:
        load.load_stream(connection, settings.raw_dir, "sales", CRM, DEALS)
        return connection.execute("select _source, _key, _deleted, payload::varchar from raw.crm__deals order by all").fetchall()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Settings:
    return company(tmp_path / "elsewhere")


def test_a_restored_company_is_equal(settings: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    made = make_backup(settings, tmp_path / "backups", now=NOW)
    assert made.folder.name == "skvoz-20260401T060000Z"
    assert made.without_warehouse is None
    restore_backup(elsewhere, tmp_path / "backups")
    assert elsewhere.warehouse_file.read_bytes() == settings.warehouse_file.read_bytes()
    assert loaded(elsewhere) == loaded(settings)
    there = current_file(elsewhere.data_dir / "published")
    assert there is not None
    assert there.name == "marts-20260402T060000Z-1.duckdb"
    with duckdb.connect(str(there), read_only=True) as connection:
        assert connection.execute("select n from figure").fetchall() == [(2,)]
    assert len(list((elsewhere.data_dir / "published").glob("*.duckdb"))) == 2, "versions for a rollback are kept"
    assert TokenStore(elsewhere.state_dir, "sales").load() == {"refresh_token": "second"}
    with Journal(elsewhere.state_dir) as journal:
        assert [delivery.key.report for delivery in journal.recent(5)] == ["director_daily"]
    modes = {path.stat().st_mode & 0o077 for path in elsewhere.data_dir.rglob("*") if path.is_file()}
    assert modes == {0}, "it is as private as before"


def test_during_a_run_the_raw_zone_is_enough(settings: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    expected = loaded(settings)
    with data_lock(settings.data_dir, "extraction"):
        made = make_backup(settings, tmp_path / "backups", wait_seconds=0, now=NOW)
    assert made.without_warehouse is not None
    assert "extraction" in made.without_warehouse
    restore_backup(elsewhere, made.folder)
    assert not elsewhere.warehouse_file.exists()
    assert loaded(elsewhere) == expected


def test_a_cursor_never_stands_ahead_of_the_records(
    settings: Settings, elsewhere: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the backup copies, a run writes a chunk and then a checkpoint behind it."""
    import orchestration.backup as backup

    def meanwhile(folder: Path, *, repair: bool = False) -> list[Any]:
        chunks = read_manifest(folder, repair=repair)
        write(settings, range(10, 20))
        write(settings, range(10, 20), cursor=99)  # nothing new: only the cursor moves
        manifest = folder / "manifest.ndjson"
        manifest.write_bytes(manifest.read_bytes() + b'{"number": 9, "fil')
        return chunks

    monkeypatch.setattr(backup, "read_manifest", meanwhile)
    restore_backup(elsewhere, make_backup(settings, tmp_path / "backups", now=NOW).folder)
    zone = StreamZone(elsewhere.raw_dir, "sales", DEALS)
    zone.open()
    assert zone.cursor == {"at": 9}
    assert zone.known_keys() == {str(key) for key in range(10)}
    zone.close()


def damaged(folder: Path) -> None:
    chunk = next(folder.rglob("*.ndjson.zst"))
    chunk.write_bytes(chunk.read_bytes()[:-1] + b"!")


def lost(folder: Path) -> None:
    next(folder.rglob("tokens-sales.json")).unlink()


def newer(folder: Path) -> None:
    contents = orjson.loads((folder / CONTENTS).read_bytes())
    (folder / CONTENTS).write_bytes(orjson.dumps({**contents, "format": 99, "skvoz": "9.0"}))


def leading_out(folder: Path) -> None:
    contents = orjson.loads((folder / CONTENTS).read_bytes())
    contents["files"]["../../elsewhere/skvoz.toml"] = {"bytes": 1, "sha256": "0"}
    (folder / CONTENTS).write_bytes(orjson.dumps(contents))


def half_made(folder: Path) -> None:
    (folder / CONTENTS).unlink()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (damaged, r"ndjson\.zst: the file is damaged"),
        (lost, "tokens-sales.json: the file is missing"),
        (newer, r"newer skvoz \(9\.0\)"),
        (leading_out, "leads out"),
        (half_made, "no backup here"),
    ],
)
def test_a_backup_that_is_not_whole_is_refused(settings: Settings, elsewhere: Settings, tmp_path: Path, spoil: Any, said: str) -> None:
    made = make_backup(settings, tmp_path / "backups", now=NOW)
    spoil(made.folder)
    with pytest.raises(BackupError, match=said):
        restore_backup(elsewhere, made.folder)
    assert not elsewhere.data_dir.exists(), "nothing of it is left behind"


def test_present_data_is_never_overwritten(settings: Settings, tmp_path: Path) -> None:
    made = make_backup(settings, tmp_path / "backups", now=NOW)
    before = loaded(settings)
    with pytest.raises(BackupError, match="there is data already"):
        restore_backup(settings, made.folder)
    assert loaded(settings) == before
    with pytest.raises(BackupError, match="inside the data folder"):
        make_backup(settings, settings.data_dir / "backups")


def test_a_backup_that_broke_off_is_none(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("orchestration.backup._copy_file", full)
        with pytest.raises(OSError, match="No space"):
            make_backup(settings, tmp_path / "backups", now=NOW)
    with pytest.raises(BackupError, match="no backup here"):
        restore_backup(settings, tmp_path / "backups")
    made = make_backup(settings, tmp_path / "backups", now=NOW)
    verify_backup(made.folder, read_contents(made.folder))


@pytest.fixture
def writer(settings: Settings) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(settings.state_dir / "journal.sqlite", isolation_level=None)) as connection:
        connection.execute("begin immediate")
        connection.execute("delete from deliveries")
        yield connection
        connection.execute("rollback")


@pytest.mark.usefixtures("writer")
def test_a_journal_in_the_middle_of_a_transaction_is_copied_whole(settings: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    restore_backup(elsewhere, make_backup(settings, tmp_path / "backups", now=NOW).folder)
    with Journal(elsewhere.state_dir) as journal:
        assert len(journal.recent(5)) == 1


def test_a_backup_waits_its_turn_and_lets_go(settings: Settings, tmp_path: Path) -> None:
    make_backup(settings, tmp_path / "backups", now=NOW)
    with data_lock(settings.data_dir, "a run"), pytest.raises(BusyError, match="a run"), data_lock(settings.data_dir, "another"):
        pass

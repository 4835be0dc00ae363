"""Dagster's event log with open connections keeps what Dagster's own keeps, and is readable by it."""

import logging
import time
from pathlib import Path
from typing import Any

import pytest
from dagster import AssetKey, DagsterEvent, DagsterEventType, EventLogEntry
from dagster._core.events import AssetMaterializationPlannedData
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

from orchestration.eventlog import _OPEN_SHARDS, EventLog


def planned(run_id: str, asset: str) -> EventLogEntry:
    event = DagsterEvent.build_asset_materialization_planned_event(
        "refresh", "models", AssetMaterializationPlannedData(AssetKey([asset]), partition=None, partitions_subset=None)
    )
    return EventLogEntry(  # type: ignore[no-untyped-call] # Dagster leaves it untyped
        error_info=None, level=logging.DEBUG, user_message="", run_id=run_id, timestamp=time.time(), job_name="refresh", dagster_event=event
    )


def stored(log: SqliteEventLogStorage, run_id: str) -> list[str]:
    entries = log.get_logs_for_run(run_id, of_type=DagsterEventType.ASSET_MATERIALIZATION_PLANNED)
    return [entry.dagster_event.asset_key.to_user_string() for entry in entries if entry.dagster_event and entry.dagster_event.asset_key]


def asset_keys(log: SqliteEventLogStorage) -> set[AssetKey]:
    return set(log.all_asset_keys())  # type: ignore[no-untyped-call] # Dagster leaves it untyped


def test_a_batch_is_stored_like_single_events(tmp_path: Path) -> None:
    log = EventLog(str(tmp_path))
    log.store_event(planned("one", "first"))
    log.store_event_batch([planned("one", "second"), planned("one", "third")])
    assert stored(log, "one") == ["first", "second", "third"]
    assert asset_keys(log) == {AssetKey([name]) for name in ("first", "second", "third")}
    log.dispose()
    plain = SqliteEventLogStorage(str(tmp_path))
    assert stored(plain, "one") == ["first", "second", "third"], "Dagster's own class must be able to take over"
    assert len(asset_keys(plain)) == 3


def test_a_batch_that_fails_leaves_nothing(tmp_path: Path) -> None:
    broken: Any = None
    log = EventLog(str(tmp_path))
    with pytest.raises(AttributeError):
        log.store_event_batch([planned("one", "first"), broken])
    assert stored(log, "one") == []
    log.dispose()


def test_only_so_many_runs_are_kept_open(tmp_path: Path) -> None:
    log = EventLog(str(tmp_path))
    for number in range(_OPEN_SHARDS + 4):
        log.store_event(planned(f"run{number}", "asset"))
    assert len(log._shards) == _OPEN_SHARDS
    assert stored(log, "run0") == ["asset"]
    log.dispose()

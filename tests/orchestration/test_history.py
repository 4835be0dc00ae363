"""Dagster's history does not grow for ever: what went well goes after days, what failed after weeks, and nothing of it stays behind."""

import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from dagster import AssetKey, DagsterEvent, DagsterInstance, DagsterRunStatus, EventLogEntry, RunsFilter
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationPlanned
from dagster._core.events import DagsterEventType
from dagster._core.storage.compute_log_manager import ComputeIOType
from dagster._core.test_utils import create_run_for_test
from sqlalchemy.exc import OperationalError

from ingestion.settings import Settings, load_settings
from orchestration.eventlog import EventLog
from orchestration.history import forget_old_runs
from orchestration.run import open_instance

WELL = DagsterRunStatus.SUCCESS
ILL = DagsterRunStatus.FAILURE


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("DAGSTER_HOME", "")
    (tmp_path / "skvoz.toml").write_text('[company]\nname = "Ромашка"\n', encoding="utf-8")
    return load_settings(tmp_path / "skvoz.toml")


@pytest.fixture
def instance(settings: Settings) -> Iterator[DagsterInstance]:
    with open_instance(settings) as opened:
        yield opened


def run(instance: DagsterInstance, status: DagsterRunStatus = WELL, job: str = "refresh") -> str:
    """A run that meant to make a check and printed something."""
    run_id = str(create_run_for_test(instance, job_name=job, status=status).run_id)
    meant = DagsterEvent(
        DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED.value,
        job,
        event_specific_data=AssetCheckEvaluationPlanned(asset_key=AssetKey("a"), check_name="sound"),
    )
    entry = EventLogEntry(None, logging.DEBUG, "", run_id, time.time(), job_name=job, dagster_event=meant)  # type: ignore[no-untyped-call] # untyped there
    instance.event_log_storage.store_event(entry)
    with instance.compute_log_manager.open_log_stream([run_id, "compute_logs", "step"], io_type=ComputeIOType.STDOUT) as stream:
        assert stream is not None
        stream.write("12 of 300 OK")  # type: ignore[call-overload] # a file of text, which Dagster says to be one of bytes
    return run_id


def left(instance: DagsterInstance) -> set[str]:
    return {record.dagster_run.run_id for record in instance.get_run_records(RunsFilter())}


def after(**age: float) -> datetime:
    return datetime.now(UTC) + timedelta(**age)


def test_what_went_well_goes_after_days_and_what_failed_after_weeks(instance: DagsterInstance) -> None:
    failed = run(instance, ILL)
    stopped = run(instance, DagsterRunStatus.CANCELED)
    under_way = run(instance, DagsterRunStatus.STARTED)
    well = run(instance)
    newest = {run(instance) for _ in range(5)}
    assert forget_old_runs(instance, 3, after(days=2.9)) == []
    assert forget_old_runs(instance, 3, after(days=3.1)) == [well]
    assert forget_old_runs(instance, 3, after(days=29.9)) == []
    assert set(forget_old_runs(instance, 3, after(days=30.1))) == {failed, stopped}
    assert left(instance) == {under_way, *newest}, "and the newest of a job stay, however old"


def test_the_newest_runs_of_a_seldom_job_do_not_keep_others_back(instance: DagsterInstance) -> None:
    seldom = {run(instance, job="nightly") for _ in range(5)}
    many = [run(instance) for _ in range(28)]
    first, second = (forget_old_runs(instance, 3, after(days=4)) for _ in range(2))
    assert [*first, *second] == many[:23], "the oldest first, so many at once that whoever asks is not held up"
    assert len(first) == 20
    assert left(instance) == {*seldom, *many[23:]}


def test_nothing_of_a_run_stays_behind(settings: Settings, instance: DagsterInstance) -> None:
    gone = run(instance)
    newest = [run(instance) for _ in range(5)]
    home = settings.state_dir / "dagster"
    assert _named_after(home, gone)
    assert forget_old_runs(instance, 3, after(days=4)) == [gone]
    assert _named_after(home, gone) == []
    assert _named_after(home, newest[0])
    log = instance.event_log_storage
    assert isinstance(log, EventLog)
    with log.index_connection() as index:
        tables = ("event_logs", "asset_check_executions")
        runs = {table: {row[0] for row in index.exec_driver_sql(f"select run_id from {table}")} for table in tables}
    assert runs == {table: set(newest) for table in tables}
    assert list(log.get_logs_for_run(newest[0])), "the others are read as before"


def test_what_cannot_be_taken_out_keeps_nobody_waiting(instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    """(The sensor that sends reports asks for it.)"""
    first, second = run(instance), run(instance)
    newest = {run(instance) for _ in range(5)}
    delete = instance.event_log_storage.delete_events

    def locked(run_id: str) -> None:
        if run_id == first:
            statement, reason = "delete from event_logs", Exception("database is locked")
            raise OperationalError(statement, {}, reason)
        delete(run_id)

    monkeypatch.setattr(instance.event_log_storage, "delete_events", locked)
    assert forget_old_runs(instance, 3, after(days=4)) == [second]
    assert left(instance) == {first, *newest}
    monkeypatch.undo()
    assert forget_old_runs(instance, 3, after(days=4)) == [first], "and the next minute tries it again"


def _named_after(home: Path, run_id: str) -> list[Path]:
    return sorted(path for path in home.rglob("*") if path.name.startswith(run_id))

"""Runs on several machines: sources are extracted by workers into the store, one run builds; Dagster's configuration and its memory."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster
import duckdb
import pytest
import yaml
from dagster import DagsterInstance

from ingestion.errors import ConfigurationError
from ingestion.settings import Settings, load_settings
from ingestion.sync import SyncOptions, sync
from orchestration.errors import MigrationError
from orchestration.extraction import build_extraction_jobs, pool_of
from orchestration.home import home_folder, instance_text, prepare_home
from orchestration.move_runs import copy_runs, move_runs
from orchestration.schedules import extraction_schedule
from tests.object_store import ObjectPeer, running_store

CONFIG = """
[company]
name = "Ромашка"
[warehouse]
path = "data"
raw = "s3://raw-zone"
raw_endpoint = "{endpoint}"
raw_key = "key"
raw_secret = "${{STORE_SECRET}}"
[runs]
per_source = true
max_runs = 4
{runs}
[sources.plan]
type = "spreadsheet"
path = "plan.csv"
stream = "plans"
"""
PLAN = "metric;scope;key;month;amount\nrevenue;company;;2026-03;100\n"


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectPeer]:
    monkeypatch.setenv("STORE_SECRET", "made-up")
    with running_store() as running:
        yield running


def machine(folder: Path, peer: ObjectPeer, runs: str = "") -> Settings:
    folder.mkdir()
    (folder / "plan.csv").write_text(PLAN, encoding="utf-8")
    (folder / "skvoz.toml").write_text(CONFIG.format(endpoint=peer.endpoint, runs=runs), encoding="utf-8")
    return load_settings(folder / "skvoz.toml")


def test_a_worker_extracts_and_the_run_that_builds_loads(peer: ObjectPeer, tmp_path: Path) -> None:
    worker, builder = machine(tmp_path / "worker", peer), machine(tmp_path / "builder", peer)
    [job] = build_extraction_jobs(worker)
    assert job.name == "extract_plan"
    assert job.nodes[0].definition.pools == {pool_of("plan")}
    assert job.execute_in_process().success
    assert not worker.warehouse_file.exists(), "a worker opens no warehouse"
    outcomes = {outcome.name: outcome for outcome in sync(builder, SyncOptions(steps="load"))}
    assert sum(result.rows for result in outcomes["plan"].loads) == 1
    assert not outcomes["plan"].streams, "nothing was asked of the source here"
    with duckdb.connect(str(builder.warehouse_file), read_only=True) as connection:
        read = connection.execute("select extracted_at is not null from meta.cursors where source = 'plan'").fetchall()
    assert read == [(True,)], "how fresh a source is is known where it is loaded"


def test_a_source_that_cannot_be_read_fails_its_own_run(peer: ObjectPeer, tmp_path: Path) -> None:
    worker = machine(tmp_path / "worker", peer)
    (tmp_path / "worker" / "plan.csv").unlink()
    result = build_extraction_jobs(worker)[0].execute_in_process(raise_on_error=False)
    assert not result.success
    failed = result.failure_data_for_node("read_plan")
    assert failed is not None
    assert "plan" in str(failed.error)


def test_a_lost_object_stops_its_source_and_no_other(peer: ObjectPeer, tmp_path: Path) -> None:
    worker, builder = machine(tmp_path / "worker", peer), machine(tmp_path / "builder", peer)
    sync(worker, SyncOptions(steps="extract"))
    del peer.objects["raw-zone/plan/plans/000001.ndjson.zst"]
    outcomes = {outcome.name: outcome for outcome in sync(builder, SyncOptions(steps="load"))}
    assert "the store has lost this object" in str(outcomes["plan"].error)
    assert outcomes["skvoz"].error is None


def test_workers_without_a_store_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "skvoz.toml"
    file.write_text('[company]\nname = "x"\n[runs]\nper_source = true\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="per_source: needs"):
        load_settings(file)


def instance(settings: Settings) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(instance_text(settings, home_folder(settings)))
    return found


def test_dagster_is_told_where_it_keeps_runs_and_where_it_launches_them(
    peer: ObjectPeer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNS", "postgresql://skvoz:made-up@db/dagster")
    docker = machine(tmp_path / "docker", peer, 'storage = "${RUNS}"\nlauncher = "docker"\nnetwork = "skvoz"')
    told = instance(docker)
    assert told["storage"] == {"postgres": {"postgres_url": {"env": "SKVOZ_RUNS_STORAGE"}}}
    assert "event_log_storage" not in told
    assert told["concurrency"]["runs"]["max_concurrent_runs"] == 4
    assert told["concurrency"]["runs"]["tag_concurrency_limits"] == [{"key": "skvoz/writes", "value": "warehouse", "limit": 1}]
    assert told["concurrency"]["pools"] == {"default_limit": 1, "granularity": "run"}
    launcher = told["run_launcher"]
    assert (launcher["module"], launcher["class"]) == ("dagster_docker", "DockerRunLauncher")
    assert launcher["config"]["network"] == "skvoz"
    assert {"RUNS", "STORE_SECRET", "SKVOZ_CONFIG", "DAGSTER_HOME"} <= set(launcher["config"]["env_vars"])
    assert "made-up" not in instance_text(docker, home_folder(docker))
    kubernetes = machine(tmp_path / "kubernetes", peer, 'launcher = "kubernetes"\nimage = "registry/skvoz:1"')
    assert instance(kubernetes)["run_launcher"]["config"]["job_image"] == "registry/skvoz:1"
    assert instance(kubernetes)["event_log_storage"]["class"] == "EventLog"


def test_the_default_is_as_it_was(peer: ObjectPeer, tmp_path: Path) -> None:
    plain = replace(machine(tmp_path / "plain", peer), runs=load_runs_default())
    told = instance(plain)
    assert set(told) == {"telemetry", "retention", "concurrency", "event_log_storage"}
    assert told["concurrency"]["runs"]["max_concurrent_runs"] == 2


def load_runs_default() -> Any:
    from ingestion.settings import Runs

    return Runs()


def test_a_worker_is_asked_every_quarter_of_an_hour_before_the_run_that_loads() -> None:
    schedule = extraction_schedule("extract_plan", "Europe/Moscow")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("10,25,40,55 * * * *", "Europe/Moscow")


@dagster.op
def said(context: dagster.OpExecutionContext) -> None:
    context.log.info("said")


@dagster.job
def talk() -> None:
    said()


def test_runs_move_with_their_events_and_a_move_can_be_repeated(tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    (tmp_path / "to").mkdir()
    with DagsterInstance.local_temp(str(tmp_path / "from")) as source, DagsterInstance.local_temp(str(tmp_path / "to")) as destination:
        first = talk.execute_in_process(instance=source)
        talk.execute_in_process(instance=source)
        assert copy_runs(source, destination, lambda _text: None) == 2
        assert copy_runs(source, destination, lambda _text: None) == 0
        before, after = source.get_run_record_by_id(first.run_id), destination.get_run_record_by_id(first.run_id)
        assert before is not None
        assert after is not None
        assert (after.dagster_run.status, after.start_time, after.end_time) == (
            before.dagster_run.status,
            before.start_time,
            before.end_time,
        )
        assert len(destination.all_logs(first.run_id)) == len(source.all_logs(first.run_id))
        snapshot = after.dagster_run.job_snapshot_id
        assert snapshot is not None
        assert destination.run_storage.has_job_snapshot(snapshot)


def test_a_move_says_what_it_needs(peer: ObjectPeer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = machine(tmp_path / "a", peer)
    with pytest.raises(MigrationError, match="add storage"):
        move_runs(settings, lambda _text: None)
    there = replace(settings, runs=settings.runs.model_copy(update={"storage": "postgresql://skvoz:made-up@127.0.0.1:9/dagster"}))
    with pytest.raises(MigrationError, match="no runs to move"):
        move_runs(there, lambda _text: None)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setenv("SKVOZ_RUNS_STORAGE", "")
    prepare_home(settings)
    (home_folder(settings) / "history").mkdir()
    (home_folder(settings) / "schedules").mkdir()
    with pytest.raises(MigrationError, match="cannot be opened") as caught:
        move_runs(there, lambda _text: None)
    assert "made-up" not in str(caught.value)

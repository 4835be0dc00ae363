"""Dagster's memory moved from the files of the data folder to PostgreSQL: runs with their events, and which schedules are on.

Everything goes through Dagster's own storage interface, so that whatever either side keeps beside it (indexes, statuses, asset keys) is
made by Dagster itself. A run that is there already is left as it is, so that a move that was stopped can be repeated.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from dagster import DagsterInstance, DagsterInvariantViolationError

from ingestion.settings import Settings
from orchestration.errors import MigrationError
from orchestration.home import HOME_VARIABLE, STORAGE_VARIABLE, home_folder, instance_text, storage_address


def move_runs(settings: Settings, say: Callable[[str], None]) -> int:
    """Copy everything from the files into [runs] storage: how many runs were copied; the caller holds the data folder's lock.

    Raises:
        MigrationError: there is nothing to move, nowhere to move it, or the other side cannot be opened.
    """
    home = home_folder(settings)
    if not settings.runs.storage:
        message = f'{settings.file.name}: add storage = "postgresql://user:password@host/database" to [runs], then move again.'
        raise MigrationError(message)
    if not (home / "history").exists():
        message = f"{home}: there are no runs to move; skvoz writes to [runs] storage from its next start."
        raise MigrationError(message)
    os.environ[STORAGE_VARIABLE] = storage_address(settings)
    files = replace(settings, runs=settings.runs.model_copy(update={"storage": "", "launcher": "process"}))
    target = replace(settings, runs=settings.runs.model_copy(update={"launcher": "process"}))
    with tempfile.TemporaryDirectory() as folder, _opened(files, home, Path(folder) / "from") as source:
        try:
            instance = _opened(target, home, Path(folder) / "to")
        except Exception as error:  # noqa: BLE001 - drivers of three packages raise what they like
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            message = f"[runs] storage cannot be opened ({said}); see that PostgreSQL runs and that skvoz[scale] is installed."
            raise MigrationError(message.replace(storage_address(settings), "…").replace(settings.runs.storage, "…")) from None
        with instance as destination:
            return copy_runs(source, destination, say)


def copy_runs(source: DagsterInstance, destination: DagsterInstance, say: Callable[[str], None]) -> int:
    """Copy runs, oldest first, with their events, and the state of schedules and sensors: how many runs."""
    present = {run.run_id for run in destination.get_runs()}
    runs = [run for run in reversed(source.get_runs()) if run.run_id not in present]
    for number, run in enumerate(runs, start=1):
        snapshot_id = run.job_snapshot_id
        if snapshot_id and not destination.run_storage.has_job_snapshot(snapshot_id):
            destination.run_storage.add_job_snapshot(source.run_storage.get_job_snapshot(snapshot_id))
        plan_id = run.execution_plan_snapshot_id
        if plan_id and not destination.run_storage.has_execution_plan_snapshot(plan_id):
            destination.run_storage.add_execution_plan_snapshot(source.run_storage.get_execution_plan_snapshot(plan_id))
        # events first: a move that is stopped here leaves no run that looks moved, and its events are written anew
        destination.event_log_storage.delete_events(run.run_id)
        for event in source.all_logs(run.run_id):
            # the outcome of a check that a stopped move has left is there twice now and is what it was
            with suppress(DagsterInvariantViolationError):
                destination.event_log_storage.store_event(event)
        destination.run_storage.add_run(run)
        for event in source.all_logs(run.run_id):
            if event.is_dagster_event and event.get_dagster_event().is_job_event:
                moment = datetime.fromtimestamp(event.timestamp, UTC)
                destination.run_storage.handle_run_event(run.run_id, event.get_dagster_event(), moment)
        if number % 100 == 0:
            say(f"{number} of {len(runs)} runs")
    if source.schedule_storage is not None and destination.schedule_storage is not None:
        known = {state.selector_id for state in destination.schedule_storage.all_instigator_state()}
        for state in source.schedule_storage.all_instigator_state():
            if state.selector_id not in known:
                destination.schedule_storage.add_instigator_state(state)
    return len(runs)


def _opened(settings: Settings, home: Path, folder: Path) -> DagsterInstance:
    """An instance of a configuration, its dagster.yaml in a folder of its own; files stay where they are."""
    folder.mkdir(parents=True)
    text = instance_text(settings, home)
    if not settings.runs.storage:
        (folder / "history").symlink_to(home / "history")
        (folder / "schedules").symlink_to(home / "schedules")
    (folder / "dagster.yaml").write_text(text, encoding="utf-8")
    os.environ[HOME_VARIABLE] = str(folder)
    return DagsterInstance.from_config(str(folder))

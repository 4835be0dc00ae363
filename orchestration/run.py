"""Runs a job in this process, without any daemon: what `skvoz run`, `skvoz build` and the demo do is the job the schedule runs."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

import dagster
from dagster import DagsterInstance

from ingestion.settings import Settings
from orchestration.definitions import build_definitions
from orchestration.errors import OrchestrationError
from orchestration.history import forget_old_runs
from orchestration.home import prepare_home
from orchestration.liveness import bury_dead_runs
from orchestration.printed import QUIET
from orchestration.runlog import Listener, RunLog, RunReport


def open_instance(settings: Settings) -> DagsterInstance:
    """The Dagster instance of this data folder (SQLite in `<path>/state/dagster`), shared by terminal and schedules."""
    prepare_home(settings)
    try:
        return DagsterInstance.get()
    except Exception as error:
        if not settings.runs.storage:
            raise
        said = (str(error).splitlines() or [type(error).__name__])[0].replace(settings.runs.storage, "…")
        message = f"[runs] storage cannot be opened ({said}); see that PostgreSQL runs and that skvoz[scale] is installed."
        raise OrchestrationError(message) from None


def run_job(settings: Settings, job: str, config: dict[str, Any], listener: Listener) -> RunReport:
    """Execute a job of the definitions here and now.

    Args:
        settings: skvoz.toml.
        job: refresh, nightly or build.
        config: op configuration by op name.
        listener: told about progress.

    Returns:
        What came of it; `failure` says in plain words what stopped it.
    """
    run_log = RunLog(listener)
    report = run_log.report
    logging.getLogger("dagster").setLevel(logging.CRITICAL)  # the listener speaks; the instance keeps the whole log
    day = config.get("models", {}).get("as_of", "")
    # parsed for the day that is built: where own models ask for it, dbt would parse all once more, 10 s of one processor
    definitions = build_definitions(settings, date.fromisoformat(day) if day else None, run_log=run_log)
    with open_instance(settings) as instance:
        bury_dead_runs(instance)
        forget_old_runs(instance, settings.runs.keep_days)
        result = definitions.resolve_job_def(job).execute_in_process(
            run_config={**QUIET, "ops": {name: {"config": values} for name, values in config.items()}},
            instance=instance,
            raise_on_error=False,
        )
    if not result.success:
        report.failure = _failure_text(result)
    return report


def build_config(as_of: date | None, *, full_refresh: bool = False, force: bool = False, nightly: bool = False) -> dict[str, Any]:
    """Configuration of the build step of a run that somebody waits for."""
    return {
        "as_of": as_of.isoformat() if as_of else "",
        "full_refresh": full_refresh,
        "force": force,
        "nightly": nightly,
        "wait_for_lock": 0.0,
    }


def _failure_text(result: dagster.ExecuteInProcessResult) -> str:
    for event in result.all_events:
        data = event.event_specific_data
        error = getattr(data, "error", None)
        if event.is_step_failure and error is not None:
            cause = error.cause or error
            while cause.cause is not None:
                cause = cause.cause
            return str(cause.message).split(": ", 1)[-1].strip() if cause.cls_name in _OWN_ERRORS else str(cause.message).strip()
    return "the run failed; its log is in Dagster's UI (skvoz serve)"


_OWN_ERRORS = {
    "BuildError",
    "BusyError",
    "PublishError",
    "ConfigurationError",
    "RawZoneError",
    "WarehouseError",
    "Failure",
    OrchestrationError.__name__,
}

"""When the jobs run: wall time in the company's zone (a change of the clock skips or doubles no tick), one run at a time."""

from __future__ import annotations

from typing import Any

from dagster import DagsterRunStatus, DefaultScheduleStatus, RunsFilter, ScheduleDefinition, ScheduleEvaluationContext

from orchestration.liveness import bury_dead_runs

REFRESH_CRON = "*/15 * * * *"
NIGHTLY_CRON = "30 2 * * *"
EXTRACTION_CRON = "10,25,40,55 * * * *"
RETENTION_CRON = "0 4 * * 0"
_WRITERS = ("refresh", "nightly", "build", "retention")
_UNDER_WAY = [DagsterRunStatus.QUEUED, DagsterRunStatus.STARTING, DagsterRunStatus.STARTED]


def refresh_schedule(zone: str) -> ScheduleDefinition:
    """Every 15 minutes, unless a run is still under way: a long first load must not pile up a queue of refreshes behind it."""
    return ScheduleDefinition(
        name="refresh_schedule",
        job_name="refresh",
        cron_schedule=REFRESH_CRON,
        execution_timezone=zone,
        should_execute=nothing_under_way,
        default_status=DefaultScheduleStatus.RUNNING,
    )


def nightly_schedule(zone: str, run_config: dict[str, Any]) -> ScheduleDefinition:
    """At 02:30; waits in the queue behind a refresh rather than being left out."""
    return ScheduleDefinition(
        name="nightly_schedule",
        job_name="nightly",
        cron_schedule=NIGHTLY_CRON,
        execution_timezone=zone,
        run_config=run_config,
        default_status=DefaultScheduleStatus.RUNNING,
    )


def extraction_schedule(job: str, zone: str) -> ScheduleDefinition:
    """Every 15 minutes, five before the run that loads; one that is still under way is left to finish."""

    def not_under_way(context: ScheduleEvaluationContext) -> bool:
        return context.instance.get_runs_count(RunsFilter(job_name=job, statuses=_UNDER_WAY)) == 0

    return ScheduleDefinition(
        name=f"{job}_schedule",
        job_name=job,
        cron_schedule=EXTRACTION_CRON,
        execution_timezone=zone,
        should_execute=not_under_way,
        default_status=DefaultScheduleStatus.RUNNING,
    )


def retention_schedule(zone: str) -> ScheduleDefinition:
    """Sundays at 04:00: old publications go and the warehouse is rewritten, which is no work for a weekday; queues behind a sweep."""
    return ScheduleDefinition(
        name="retention_schedule",
        job_name="retention",
        cron_schedule=RETENTION_CRON,
        execution_timezone=zone,
        default_status=DefaultScheduleStatus.RUNNING,
    )


def nothing_under_way(context: ScheduleEvaluationContext) -> bool:
    """Whether no run that writes the warehouse is queued or running; deliveries do not stand in the way, nor do runs that died."""
    bury_dead_runs(context.instance)
    return all(context.instance.get_runs_count(RunsFilter(job_name=job, statuses=_UNDER_WAY)) == 0 for job in _WRITERS)

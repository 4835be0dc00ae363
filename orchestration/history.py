"""Runs that Dagster need not remember any longer: there is one every quarter of an hour, and each leaves 2 to 7 MiB behind."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from dagster import DagsterInstance, DagsterRunStatus, RunRecord, RunsFilter
from sqlalchemy.exc import SQLAlchemyError

logger = logging.getLogger(__name__)

_ENDED_WELL = [DagsterRunStatus.SUCCESS]
_ENDED_ILL = [DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED]
_ILL_TIMES_LONGER = 10  # somebody may come back from a holiday to what failed
_NEWEST_STAY = 5  # of each job, however old: a company that runs once a month still sees what its last run did
_AT_ONCE = 20  # a run is forgotten in some 30 ms, and the sensor that asks for it has deliveries to see to
_LOOKED_AT = 200


def forget_old_runs(instance: DagsterInstance, keep_days: int, now: datetime | None = None) -> list[str]:
    """Take the oldest ended runs out of Dagster's history, with their events and what their steps printed; their ids.

    Args:
        instance: whose history.
        keep_days: for how long a run that went well stays; one that failed or was stopped stays ten times as long.
        now: the present moment.
    """
    moment = now or datetime.now(UTC)
    old = [
        *_before(instance, _ENDED_WELL, moment - timedelta(days=keep_days)),
        *_before(instance, _ENDED_ILL, moment - timedelta(days=keep_days * _ILL_TIMES_LONGER)),
    ]
    jobs = {record.dagster_run.job_name for record in old}
    newest = {
        record.dagster_run.run_id for job in jobs for record in instance.get_run_records(RunsFilter(job_name=job), limit=_NEWEST_STAY)
    }
    due = [record.dagster_run.run_id for record in old if record.dagster_run.run_id not in newest][:_AT_ONCE]
    return [run_id for run_id in due if _forget(instance, run_id)]


def _forget(instance: DagsterInstance, run_id: str) -> bool:
    try:
        instance.compute_log_manager.delete_logs(prefix=[run_id])
        instance.event_log_storage.delete_events(run_id)  # before the run itself, by which the next try finds what is left
        instance.delete_run(run_id)
    except (OSError, SQLAlchemyError) as error:  # a disk that is read-only, another process at the same: no report waits for this
        logger.warning("run %s stays in Dagster's history: %s", run_id, error)
        return False
    return True


def _before(instance: DagsterInstance, statuses: list[DagsterRunStatus], moment: datetime) -> list[RunRecord]:
    """The oldest first."""
    return list(instance.get_run_records(RunsFilter(statuses=statuses, created_before=moment), limit=_LOOKED_AT, ascending=True))

"""Schedules keep wall time through changes of the clock, and a long run lets no queue of refreshes gather behind it."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from dagster import DagsterRunStatus, build_schedule_context, instance_for_test, job, op
from dagster._utils.schedules import schedule_execution_time_iterator

from orchestration.schedules import NIGHTLY_CRON, nightly_schedule, nothing_under_way, refresh_schedule

ZONE = "Europe/Bucharest"


def nights(start: datetime, count: int) -> list[datetime]:
    ticks = schedule_execution_time_iterator(start.timestamp(), NIGHTLY_CRON, ZONE, ascending=True)
    return [next(ticks).astimezone(ZoneInfo(ZONE)) for _ in range(count)]


def test_every_night_has_one_sweep_whatever_the_clock_does() -> None:
    for start in (datetime(2026, 3, 27, 12, tzinfo=UTC), datetime(2026, 10, 23, 12, tzinfo=UTC)):
        found = nights(start, 4)
        assert [tick.date().toordinal() - start.date().toordinal() for tick in found] == [1, 2, 3, 4]
        assert {tick.hour for tick in found} <= {2, 3}, "only the hour that does not exist moves"


def test_schedules_run_without_being_switched_on_in_the_ui() -> None:
    for schedule in (refresh_schedule(ZONE), nightly_schedule(ZONE, {})):
        assert schedule.default_status.value == "RUNNING"
        assert schedule.execution_timezone == ZONE


@op
def wait() -> None: ...


@job
def nightly() -> None:
    wait()


def test_a_refresh_is_left_out_while_a_run_is_under_way(tmp_path: Path) -> None:
    with instance_for_test(temp_dir=str(tmp_path)) as instance:
        assert nothing_under_way(build_schedule_context(instance=instance))
        instance.create_run_for_job(nightly, status=DagsterRunStatus.STARTED)
        assert not nothing_under_way(build_schedule_context(instance=instance))

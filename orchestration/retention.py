"""The weekly job of `[warehouse] forget_after_days`: `skvoz forget` in a process of its own, for the course has a build inside."""

import os
import subprocess
import sys

import dagster
from dagster import JobDefinition, OpExecutionContext, in_process_executor

from ingestion.settings import Settings
from orchestration.home import HOME_VARIABLE, WRITES, WRITES_TAG
from orchestration.liveness import mark
from orchestration.printed import QUIET, say_what_failed
from orchestration.runlog import RunLog

_PROGRAM = "from orchestration.cli import main; main()"


def build_retention_job(settings: Settings, days: int) -> JobDefinition:
    """Forgets persons with whom nothing has happened for so many days; fails with what the command said."""

    @dagster.op(name="forget_idle_persons")
    def forget_idle_persons(context: OpExecutionContext, run_log: dagster.ResourceParam[RunLog]) -> None:
        mark(context.instance, context.run.run_id)
        command = [sys.executable, "-c", _PROGRAM, "forget", "--idle-days", str(days), "--yes", "--config", str(settings.file)]
        environment = {name: value for name, value in os.environ.items() if name != HOME_VARIABLE}
        done = subprocess.run(command, cwd=settings.base_dir, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
        # whom it forgot is exactly what a log must not keep
        lines = [
            line for line in done.stdout.splitlines() if not line.startswith(("card ", "phone ", "e-mail ", "tax id ", "name ", "stays "))
        ]
        for line in lines:
            context.log.info("%s", line)
            run_log.say(line)
        if done.returncode != 0:
            raise dagster.Failure(done.stderr.strip()[-2000:] or "skvoz forget failed", allow_retries=False)

    @dagster.job(
        name="retention",
        description="forget persons with whom nothing has happened for long",
        executor_def=in_process_executor,
        hooks={say_what_failed},
        config=QUIET,
        tags={WRITES_TAG: WRITES},
    )
    def retention() -> None:
        forget_idle_persons()

    return retention

"""What a run that the schedules start says in the log of `skvoz serve`: what came of it, a line each, with the run's name and id."""

from __future__ import annotations

import contextlib
import io
import re
import sys
import traceback
from collections.abc import Iterator
from typing import Any, TextIO

import dagster
from dagster import HookContext, InitResourceContext

from ingestion.errors import IngestionError
from ingestion.redaction import redact
from ingestion.sync import SourceOutcome
from orchestration.errors import OrchestrationError
from orchestration.runlog import Listener, RunLog, outcome_lines
from reports.errors import ReportsError

# for a run's configuration: of its thousand events a console is told none, for Dagster's UI shows them all
QUIET: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_OWN = (IngestionError, OrchestrationError, ReportsError, dagster.Failure)
# a build of dbt prints 700 lines when nothing is wrong; Dagster's UI shows each model and test anyway
_NO_NEWS = re.compile(
    r"\s*(?:$|\d+ of \d+ (?:START|OK|PASS|NO-OP)|Running with dbt|Registered adapter|Found \d|Concurrency:|Finished running|"
    r"Completed successfully|Done\. |Unable to do partial parsing)"
)


_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Printed(Listener):
    """Lines of one run.

    Args:
        job: of the run.
        run_id: of the run.
        out: where to; standard output if not given.
    """

    def __init__(self, job: str, run_id: str, out: TextIO | None = None) -> None:
        self._who = f"{job} {run_id}"
        self._out = out or sys.stdout

    def source_done(self, outcome: SourceOutcome) -> None:
        """A source that brought something, or could not be read; 96 times a day most have nothing new."""
        changed = any(result.written or result.deleted or result.rejected for result in outcome.streams)
        if changed or outcome.error is not None:
            for line in outcome_lines(outcome):
                self.say(line)

    @contextlib.contextmanager
    def child_output(self) -> Iterator[None]:
        """Of dbt's log what is not as it should be."""
        with contextlib.redirect_stdout(_News(self)):
            yield

    def failed(self, text: str) -> None:
        """Why a step failed."""
        self.say(f"FAILED: {text}")

    def say(self, text: str) -> None:
        """Lines at once, so that those of two runs do not mix."""
        lines = [f"{self._who} {line}\n" for line in redact(text).splitlines()]
        self._out.write("".join(lines))
        self._out.flush()


class _News(io.TextIOBase):
    def __init__(self, printed: Printed) -> None:
        self._printed = printed

    def write(self, text: str) -> int:
        for line in _COLOUR.sub("", text).splitlines():
            if not _NO_NEWS.match(line):
                self._printed.say(line)
        return len(text)


@dagster.resource(description="tells what came of a run")
def run_log(context: InitResourceContext) -> RunLog:
    """The log of one run that the daemon has started."""
    run = context.run
    if run is None:
        return RunLog()
    printed = Printed(run.job_name, run.run_id)
    printed.say("began")
    return RunLog(printed)


@dagster.failure_hook(required_resource_keys={"run_log"})
def say_what_failed(context: HookContext) -> None:
    """One sentence where we know what to say, else where in the program it happened."""
    error = context.op_exception
    if error is None:
        return
    known = isinstance(error, _OWN)
    text = (error.description or "") if isinstance(error, dagster.Failure) else str(error)
    context.resources.run_log.failed(text if known else "".join(traceback.format_exception(error)).rstrip())

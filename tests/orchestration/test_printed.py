"""The log of `skvoz serve` says what came of a run, and not that 300 models are as they should be."""

import io
import sys

import dagster
import pytest
from dagster import DagsterInstance, Definitions, in_process_executor

from ingestion.errors import PermanentError
from ingestion.extract import StreamResult
from ingestion.sync import SourceOutcome
from orchestration.errors import BuildError
from orchestration.printed import QUIET, Printed, run_log, say_what_failed
from orchestration.runlog import RunLog

RUN = "3f0d2c1e-5a77-4c55-9a10-0c9be4a1d111"
DBT = """\
Running with dbt=1.11.16
Found 494 models, 125 data tests
Concurrency: 2 threads (target='duckdb')

1 of 337 START sql table model intermediate.int_newest_load .................... [RUN]
1 of 337 OK created sql table model intermediate.int_newest_load ............... [OK in 0.15s]
2 of 337 PASS mart_is_sound_int_sales_sale_key ................................. [PASS in 1.70s]
3 of 337 WARN 2 assert_a_mart_of_ours .......................................... [WARN 2 in 0.02s]
4 of 337 ERROR creating sql table model marts.fct_sales ........................ [ERROR in 0.10s]
\x1b[32mCompleted successfully\x1b[0m
Finished running 1 incremental model in 0 hours
Done. PASS=2 WARN=1 ERROR=1
"""


def said(out: io.StringIO) -> list[str]:
    lines = out.getvalue().splitlines()
    assert all(line.startswith(f"refresh {RUN} ") for line in lines), "every line names its run"
    return [line.removeprefix(f"refresh {RUN} ") for line in lines]


def test_of_sources_only_news_is_said() -> None:
    out = io.StringIO()
    printed = Printed("refresh", RUN, out)
    printed.source_done(SourceOutcome("books", [StreamResult("books", "orders", received=7)], notes=["told before"], seconds=1.0))
    printed.source_done(SourceOutcome("sales", [StreamResult("sales", "leads", 5, 2, rejected=1)], notes=["look"], seconds=0.26))
    printed.source_done(
        SourceOutcome(
            "portal", arrived={"deals": (50, 40)}, error=PermanentError("portal: the token is refused; make a new one."), seconds=0.1
        )
    )
    assert said(out) == [
        "sales: 5 records read, 2 new or changed, 1 not understood and kept aside (0.3 s)",
        "  note: look",
        "portal: 50 records read, 40 new or changed (0.1 s)",
        "  FAILED: portal: the token is refused; make a new one.",
    ]


def test_of_dbt_only_what_is_wrong_is_said() -> None:
    out = io.StringIO()
    with Printed("refresh", RUN, out).child_output():
        sys.stdout.write(DBT)
    assert [line.split(" ..")[0] for line in said(out)] == [
        "3 of 337 WARN 2 assert_a_mart_of_ours",
        "4 of 337 ERROR creating sql table model marts.fct_sales",
    ]


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (
            BuildError("the build failed:\n- fct_sales: no such column"),
            ["- fct_sales: no such column"],
        ),
        (dagster.Failure("no source could be read: books is away"), ["FAILED: no source could be read: books is away"]),
        (ZeroDivisionError("a fault of ours"), ["FAILED: Traceback (most recent call last):", "ZeroDivisionError: a fault of ours"]),
    ],
)
def test_a_run_that_fails_says_why_once(error: Exception, shown: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    """(As the daemon runs it: with the resource, the hook and the configuration of the definitions.)"""

    @dagster.op
    def step(run_log: dagster.ResourceParam[RunLog]) -> None:
        run_log.say("at work")
        raise error

    @dagster.job(executor_def=in_process_executor, hooks={say_what_failed}, config=QUIET)
    def refresh() -> None:
        step()

    definitions = Definitions(jobs=[refresh], resources={"run_log": run_log})
    with DagsterInstance.ephemeral() as instance:
        result = definitions.resolve_job_def("refresh").execute_in_process(instance=instance, raise_on_error=False)
    printed = capfd.readouterr()
    lines = printed.out.splitlines()
    assert not result.success
    assert lines[:2] == [f"refresh {result.run_id} began", f"refresh {result.run_id} at work"]
    for text in shown:
        assert sum(line.endswith(text) for line in lines) == 1, lines
    assert all(line.startswith(f"refresh {result.run_id} ") for line in lines)
    assert printed.err == "", "and Dagster's events are not told a second time"

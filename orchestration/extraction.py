"""Extraction on workers: a job per source, in a pool of its own, so that it runs on one machine at a time and beside all other sources.

A worker writes the raw zone and takes it up to the store; it opens no warehouse. The run that builds loads what has come there.
"""

from collections.abc import Sequence
from typing import Any, cast

import dagster
from dagster import JobDefinition, OpExecutionContext, in_process_executor
from pydantic import Field

from ingestion.lock import data_lock
from ingestion.settings import ConfiguredSource, Settings
from ingestion.spec import Mode
from ingestion.sync import SyncOptions, sync
from orchestration.liveness import mark
from orchestration.printed import QUIET, run_log, say_what_failed
from orchestration.runlog import RunLog


class ExtractConfig(dagster.Config):
    """How a source is read: mode."""

    mode: str = Field(default="refresh")


def build_extraction_jobs(settings: Settings, only: Sequence[str] = ()) -> list[JobDefinition]:
    """`extract_<source>` for every configured source, or for those named.

    Raises:
        ConfigurationError: there is no source of a name.
    """
    chosen = [settings.configured(name) for name in only] if only else settings.sources
    return [_job(settings, source) for source in chosen]


def pool_of(source: str) -> str:
    """The pool that a source's extraction belongs to."""
    return f"source_{source}"


def _job(settings: Settings, source: ConfiguredSource) -> JobDefinition:
    @dagster.op(name=f"read_{source.name}", pool=pool_of(source.name))
    def read(context: OpExecutionContext, config: ExtractConfig, run_log: dagster.ResourceParam[RunLog]) -> None:
        mark(context.instance, context.run.run_id)
        options = SyncOptions(mode=cast(Mode, config.mode), only=(source.name,), steps="extract")
        with data_lock(settings.state_dir / "extraction" / source.name, f"extraction of {source.name}", wait_seconds=60.0):
            [outcome] = sync(settings, options)
        run_log.source_done(outcome)
        totals: dict[str, Any] = {
            name: sum(getattr(result, name) for result in outcome.streams)
            for name in ("received", "written", "deleted", "rejected", "files")
        }
        context.log.info("%s: %s", source.name, totals)
        for note in outcome.notes:
            context.log.info("%s: %s", source.name, note)
        if outcome.error is not None:
            raise dagster.Failure(str(outcome.error), allow_retries=False)

    @dagster.job(
        name=f"extract_{source.name}",
        executor_def=in_process_executor,
        hooks={say_what_failed},
        config=QUIET,
        resource_defs={"run_log": run_log},
        description=f"read {source.name} into the raw zone",
    )
    def extract() -> None:
        read()

    return extract

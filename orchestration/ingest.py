"""The assets of ingestion: one multi-asset for all configured streams, because sources are extracted side by side in one process."""

from collections.abc import Iterator
from typing import Any, cast

import dagster
from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetsDefinition,
    AssetSpec,
    MaterializeResult,
)
from pydantic import Field

from ingestion.lock import data_lock
from ingestion.settings import ConfiguredSource, Settings
from ingestion.spec import Mode
from ingestion.sync import SourceOutcome, SyncOptions, sync
from orchestration.liveness import mark
from orchestration.runlog import RunLog
from orchestration.translator import stream_key


class SyncConfig(dagster.Config):
    """How a run extracts: mode, the sources (all if empty), and how long to wait for another holder of the data folder."""

    mode: str = "refresh"
    sources: list[str] = Field(default_factory=list)
    steps: str = "both"
    wait_for_lock: float = 600.0


def build_ingest_assets(settings: Settings) -> AssetsDefinition:
    """The multi-asset of every stream of every configured source, with one check per source: it was read completely."""
    specs: dict[dagster.AssetKey, AssetSpec] = {}
    checks = []
    for source in settings.sources:
        streams = source.source.streams_for(source.options)
        for stream in streams:
            key = stream_key(source.source, stream)
            specs[key] = AssetSpec(key, group_name=source.source.system, description=stream.loads, kinds={"duckdb"})
        checks.append(AssetCheckSpec(_check_name(source), asset=stream_key(source.source, streams[0])))

    @dagster.multi_asset(name="extract_and_load", specs=list(specs.values()), check_specs=checks, can_subset=False)
    def extract_and_load(
        context: AssetExecutionContext, config: SyncConfig, run_log: dagster.ResourceParam[RunLog]
    ) -> Iterator[MaterializeResult[Any] | AssetCheckResult]:
        mark(context.instance, context.run.run_id)
        # where workers extract, the run that builds only loads
        steps: Any = "load" if settings.runs.per_source and config.steps == "both" else config.steps
        options = SyncOptions(mode=cast(Mode, config.mode), only=tuple(config.sources), steps=steps)
        with data_lock(settings.data_dir, "extraction", wait_seconds=config.wait_for_lock):
            outcomes = sync(settings, options, progress=run_log.progress, done=run_log.source_done)
        for outcome in outcomes:
            for note in outcome.notes:
                context.log.info("%s: %s", outcome.name, note)
        configured = [outcome for outcome in outcomes if outcome.name != "skvoz"]
        if configured and all(outcome.error is not None for outcome in configured):
            raise dagster.Failure("no source could be read: " + " | ".join(str(o.error) for o in configured), allow_retries=False)
        yield from _results(settings, configured)

    return extract_and_load


def _results(settings: Settings, outcomes: list[SourceOutcome]) -> Iterator[MaterializeResult[Any] | AssetCheckResult]:
    """A result for every stream, also for one that was not read (it says so by zero `times_read`).

    Dagster skips a step that lacks an input, and the marts are to be built of what the other sources brought.
    """
    rows: dict[dagster.AssetKey, dict[str, int]] = {}
    for source in settings.sources:
        for stream in source.source.streams_for(source.options):
            rows[stream_key(source.source, stream)] = {"received": 0, "changed": 0, "deleted": 0, "files": 0, "times_read": 0}
    for outcome in outcomes:
        source = settings.configured(outcome.name)
        streams = {stream.name: stream for stream in source.source.streams_for(source.options)}
        for result in outcome.streams:
            total = rows[stream_key(source.source, streams[result.stream])]
            total["received"] += result.received
            total["changed"] += result.written
            total["deleted"] += result.deleted
            total["files"] += result.files
            total["times_read"] += 1
    for key, total in rows.items():
        yield MaterializeResult(asset_key=key, metadata=total)
    for outcome in outcomes:
        source = settings.configured(outcome.name)
        first = source.source.streams_for(source.options)[0]
        yield AssetCheckResult(
            passed=outcome.error is None,
            asset_key=stream_key(source.source, first),
            check_name=_check_name(source),
            severity=AssetCheckSeverity.ERROR,
            description=str(outcome.error) if outcome.error else None,
            metadata={"seconds": outcome.seconds, "notes": "\n".join(outcome.notes)},
        )


def _check_name(source: ConfiguredSource) -> str:
    return f"{source.name}_was_read_completely"

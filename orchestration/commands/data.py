"""`skvoz sync`, `build` and `run`: the main job and its halves."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestration.cli import config_option

if TYPE_CHECKING:
    from ingestion.settings import Settings
    from ingestion.spec import Mode
    from ingestion.sync import SourceOutcome
    from orchestration.runlog import RunReport


class Day(click.ParamType[date]):
    """A date like 2026-03-31."""

    name = "date"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date; a usage error says what was expected."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - a business day has no zone
        except ValueError:
            self.fail(f"{value!r} is no date; write it like 2026-03-31", param, ctx)


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE…]")
@click.option("--full", is_flag=True, help="Read everything again, as if nothing were known.")
@click.option("--sweep", is_flag=True, help="The nightly reading: also finds silent edits of old records and deletions.")
@click.option("--since", type=Day(), help="Read again from this day on.")
@click.option("--replay", is_flag=True, help="Rebuild the raw tables from the raw zone, asking no system.")
@click.option("--accept-loss", is_flag=True, help="Confirm that records missing from a full listing are really gone.")
@config_option
def sync(sources: tuple[str, ...], full: bool, sweep: bool, since: date | None, replay: bool, accept_loss: bool, config: Path) -> None:
    """Extract into the raw zone and load; all sources, or those named."""
    if replay and (full or sweep or since or accept_loss):
        message = "--replay asks no system, so --full, --sweep, --since and --accept-loss have no meaning beside it; give one or the other."
        raise click.UsageError(message)
    if full and sweep:
        message = "--full reads everything that --sweep would; give one of them."
        raise click.UsageError(message)
    from ingestion.lock import data_lock
    from ingestion.sync import SyncOptions
    from ingestion.sync import replay as replay_sources
    from ingestion.sync import sync as sync_sources
    from orchestration.configuration import whole_settings
    from orchestration.terminal import Terminal

    settings = whole_settings(config)
    for name in sources:
        settings.configured(name)
    _something_to_read(settings)
    with data_lock(settings.data_dir, "skvoz sync"):
        if replay:
            results = replay_sources(settings, sources)
            rows = sum(result.rows for result in results)
            click.echo(f"rebuilt {len(results)} raw tables from {sum(result.files for result in results)} raw files: {rows} rows")
            return
        mode: Mode = "full" if full else "sweep" if sweep else "refresh"
        with Terminal() as terminal:
            options = SyncOptions(mode=mode, only=sources, since=since, accept_loss=accept_loss)
            outcomes = sync_sources(settings, options, progress=terminal.page, done=terminal.source_done)
    if _failed(outcomes):
        sys.exit(1)


@click.command()
@click.option("--as-of", type=Day(), help="The business day to build for (its end); default today.")
@click.option("--full-refresh", is_flag=True, help="Also rebuild what is usually only added to.")
@config_option
def build(as_of: date | None, full_refresh: bool, config: Path) -> None:
    """Build the marts with their tests and publish them if no blocking test fails."""
    from orchestration.configuration import whole_settings

    settings = whole_settings(config)  # a fault in it is told before Dagster is imported, which takes seconds
    from orchestration.run import build_config, run_job
    from orchestration.terminal import Terminal

    with Terminal() as terminal:
        report = run_job(settings, "build", {"models": build_config(as_of, full_refresh=full_refresh, force=True)}, terminal)
    _finish(report)


@click.command()
@click.option("--as-of", type=Day(), help="The business day to build for (its end); default today.")
@click.option("--nightly", is_flag=True, help="The nightly job: sweeps, and every test.")
@config_option
def run(as_of: date | None, nightly: bool, config: Path) -> None:
    """The main job: extract what changed, load, build, publish. The same job that the schedule runs."""
    from orchestration.configuration import whole_settings

    settings = whole_settings(config)  # a fault in it is told before Dagster is imported, which takes seconds
    _something_to_read(settings)
    from orchestration.run import build_config, run_job
    from orchestration.terminal import Terminal

    operations = {"models": build_config(as_of, nightly=nightly)}
    if settings.sources:
        operations["extract_and_load"] = {"mode": "sweep" if nightly else "refresh", "wait_for_lock": 0.0}
    with Terminal() as terminal:
        report = run_job(settings, "nightly" if nightly else "refresh", operations, terminal)
    _finish(report)


def _something_to_read(settings: Settings) -> None:
    """ConfigurationError where no source is named and nothing was ever loaded: an empty company would be built and published."""
    if not settings.sources and not settings.warehouse_file.exists():
        from ingestion.errors import ConfigurationError

        raise ConfigurationError([f"{settings.file.name} names no sources yet; add a [sources.<name>] table (see: skvoz sources)"])


def _finish(report: RunReport) -> None:
    failed = [outcome.name for outcome in report.outcomes if outcome.error is not None]
    if failed and report.failure is None:
        click.echo(
            f"not read: {', '.join(failed)} (why stands above); everything else is up to date, these figures are as old as "
            "marts.data_freshness says, and the next run asks again",
            err=True,
        )
    if report.failure is not None:
        click.echo(report.failure, err=True)
    if report.failure is not None or _failed(report.outcomes):
        sys.exit(1)


def _failed(outcomes: list[SourceOutcome]) -> bool:
    return any(outcome.error is not None for outcome in outcomes)

"""Everything Dagster knows, assembled by one function. Asset and resource code lives in its own modules."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import dagster
from dagster import AssetSelection, Definitions, define_asset_job, in_process_executor

from ingestion.settings import Settings, load_settings
from orchestration.deliver import build_alerts_asset, build_delivery_assets, build_delivery_sensor, delivery_selection
from orchestration.extraction import build_extraction_jobs
from orchestration.home import CONFIG_VARIABLE, WORKER_VARIABLE, WRITES, WRITES_TAG
from orchestration.ingest import build_ingest_assets
from orchestration.printed import QUIET, run_log, say_what_failed
from orchestration.publication import build_publication_asset
from orchestration.retention import build_retention_job
from orchestration.schedules import extraction_schedule, nightly_schedule, refresh_schedule, retention_schedule
from orchestration.thresholds import check_vars
from orchestration.transform import build_dbt_assets


def build_definitions(settings: Settings | None = None, as_of: date | None = None, **overrides: Any) -> Definitions:
    """Assets from the declarations, the jobs over them, and their schedules in the company's time zone.

    Args:
        settings: skvoz.toml, default the file that SKVOZ_CONFIG names.
        as_of: the business day that the marts will be built for, default today.
        **overrides: resources by name, replacing the production ones.

    One run at a time writes: runs meet at the data folder's lock, steps of a run share one process.
    """
    if settings is None:
        settings = load_settings(Path(os.environ.get(CONFIG_VARIABLE, "skvoz.toml")))
    asked = os.environ.get(WORKER_VARIABLE, "")
    if asked:
        return build_worker_definitions(settings, asked.split(","))
    check_vars(settings)
    assets = [build_dbt_assets(settings, as_of), build_publication_asset(settings), build_alerts_asset(settings)]
    if settings.sources:
        assets.insert(0, build_ingest_assets(settings))
    everything = AssetSelection.assets(*[key for definition in assets for key in definition.keys])
    build_only = AssetSelection.assets(*[key for definition in assets[-3:] for key in definition.keys])
    told: dict[str, Any] = {"executor_def": in_process_executor, "hooks": {say_what_failed}, "config": QUIET}
    writes = {"tags": {WRITES_TAG: WRITES}, **told}
    refresh = define_asset_job("refresh", everything, description="extract what changed, load, build, publish", **writes)
    nightly = define_asset_job("nightly", everything, description="the same with sweeps and every test", **writes)
    build = define_asset_job("build", build_only, description="build and publish what is loaded", **writes)
    deliver = define_asset_job("deliver", delivery_selection(), description="send what is due, try again what was refused", **told)
    days = settings.warehouse.forget_after_days
    extraction_jobs = build_extraction_jobs(settings) if settings.runs.per_source and not settings.runs.workers else []
    sweep = {"extract_and_load": {"config": {"mode": "sweep"}}} if settings.sources else {}
    return Definitions(
        assets=[*assets, *build_delivery_assets(settings)],
        jobs=[refresh, nightly, build, deliver, *extraction_jobs, *([build_retention_job(settings, days)] if days else [])],
        sensors=[build_delivery_sensor(settings, deliver)],
        schedules=[
            refresh_schedule(settings.company.timezone),
            nightly_schedule(settings.company.timezone, {**QUIET, "ops": {**sweep, "models": {"config": {"nightly": True}}}}),
            *(extraction_schedule(job.name, settings.company.timezone) for job in extraction_jobs),
            *([retention_schedule(settings.company.timezone)] if days else []),
        ],
        resources={"run_log": run_log, **overrides},
        executor=in_process_executor,
    )


def build_worker_definitions(settings: Settings, sources: list[str]) -> Definitions:
    """What a worker's code server offers: the extraction of its sources, and their schedules."""
    jobs = build_extraction_jobs(settings, sources)
    return Definitions(jobs=jobs, schedules=[extraction_schedule(job.name, settings.company.timezone) for job in jobs])


@dagster.definitions
def defs() -> Definitions:
    """What Dagster's daemon and UI load; evaluated then, not at import."""
    return build_definitions()

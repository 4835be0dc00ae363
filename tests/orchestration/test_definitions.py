"""What Dagster is told: assets named like dbt's sources and models, the jobs, and schedules in the company's own time."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
from dagster import AssetKey, Definitions, ScheduleDefinition

from orchestration.definitions import build_definitions
from orchestration.project import Project
from orchestration.translator import PUBLICATION_KEY
from tests.marts.sandbox_warehouse import PublishedSandbox


@pytest.fixture(scope="module", autouse=True)
def _parsed(published_sandbox: PublishedSandbox) -> Iterator[None]:
    """The manifest of the company's build: for another day or time zone dbt would parse the project anew, 16 s each time."""
    manifest = published_sandbox.settings.data_dir / "dbt" / "manifest.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Project, "manifest", lambda _: manifest)
        yield


@pytest.fixture(scope="module")
def definitions(published_sandbox: PublishedSandbox) -> Definitions:
    return build_definitions(published_sandbox.settings)


@pytest.fixture(scope="module")
def keys(definitions: Definitions) -> dict[AssetKey, set[AssetKey]]:
    graph = definitions.resolve_asset_graph()
    return {key: set(graph.get(key).parent_keys) for key in graph.get_all_asset_keys()}


def test_every_stream_of_every_source_is_an_asset_that_staging_reads(
    keys: dict[AssetKey, set[AssetKey]], published_sandbox: PublishedSandbox
) -> None:
    # Dagster leaves ephemeral models out of its graph, and with them what only they read
    manifest = orjson.loads(Project(published_sandbox.settings, published_sandbox.as_of).manifest().read_bytes())
    read = {AssetKey([node["source_name"], node["name"]]) for name, node in manifest["sources"].items() if manifest["child_map"][name]}
    for source in published_sandbox.settings.sources:
        for stream in source.source.streams_for(source.options):
            key = AssetKey([source.source.system, stream.name])
            assert key in keys, f"{key} is no asset"
            assert key in read, f"no staging model reads {key}"


def test_marts_are_published_after_they_are_built(keys: dict[AssetKey, set[AssetKey]]) -> None:
    assert AssetKey(["marts", "fct_sales"]) in keys
    assert keys[PUBLICATION_KEY] == {AssetKey(["marts", "publication"])}


def test_jobs_run_in_one_process_and_schedules_follow_the_companys_clock(published_sandbox: PublishedSandbox) -> None:
    settings = published_sandbox.settings
    elsewhere = replace(settings, company=settings.company.model_copy(update={"timezone": "Europe/Bucharest"}))
    definitions = build_definitions(elsewhere)
    for name in ("refresh", "nightly", "build"):
        assert definitions.resolve_job_def(name).executor_def.name == "in_process"
    schedules: dict[str, ScheduleDefinition] = {}
    for schedule in definitions.schedules or []:
        assert isinstance(schedule, ScheduleDefinition)
        schedules[schedule.name] = schedule
    assert {schedule.execution_timezone for schedule in schedules.values()} == {"Europe/Bucharest"}
    assert schedules["refresh_schedule"].cron_schedule == "*/15 * * * *"


def test_persons_are_forgotten_by_themselves_only_where_a_term_is_set(published_sandbox: PublishedSandbox) -> None:
    settings = published_sandbox.settings
    assert "retention" not in {job.name for job in build_definitions(settings).jobs or []}
    termed = replace(settings, warehouse=settings.warehouse.model_copy(update={"forget_after_days": 1095}))
    definitions = build_definitions(termed)
    assert definitions.resolve_job_def("retention").executor_def.name == "in_process"
    assert "retention_schedule" in {schedule.name for schedule in definitions.schedules or []}


def test_nothing_secret_reaches_dbt(published_sandbox: PublishedSandbox) -> None:
    handed_over = str(Project(published_sandbox.settings, published_sandbox.as_of).vars())
    for source in published_sandbox.settings.sources:
        for name in ("password", "token", "webhook", "client_secret", "refresh_token"):
            value: Any = getattr(source.options, name, None)
            secret = value.get_secret_value() if hasattr(value, "get_secret_value") else value
            assert not secret or str(secret) not in handed_over


def test_dagster_holds_what_a_model_is_but_not_how_it_is_reckoned(definitions: Definitions) -> None:
    """Three processes of `skvoz serve` hold it for weeks."""
    graph = definitions.resolve_asset_graph()
    described = graph.get(AssetKey(["marts", "fct_sales"])).description
    assert described is not None
    assert described.startswith("One row per")
    assert "select" not in described
    assert not any("column_schema" in name for key in graph.get_all_asset_keys() for name in graph.get(key).metadata)

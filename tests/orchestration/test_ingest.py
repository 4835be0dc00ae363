"""The extraction as Dagster sees it: a source that is down fails its own check, and what depends on the others goes on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster
import pytest
from dagster import AssetKey

from ingestion.errors import PermanentError
from ingestion.settings import ConfiguredSource, Settings, load_settings
from ingestion.spec import Connector, Context, Extraction, Page, Record, Source, SourceOptions, Stream
from orchestration.ingest import build_ingest_assets
from orchestration.runlog import RunLog


class Crm:
    """Two streams of one record each; `dead` from the second stream on, or from the first."""

    def __init__(self, dead: str = "") -> None:
        self.dead = dead

    def check(self) -> str:
        return "ok"

    def extract(self, request: Extraction) -> Iterator[Page]:
        if request.stream.name == self.dead:
            message = "crm: the credentials are wrong; renew them"
            raise PermanentError(message)
        yield Page([Record("1", {"n": 1})])

    def close(self) -> None: ...


def configured(name: str, crm: Crm) -> ConfiguredSource:
    def connect(_options: SourceOptions, _context: Context) -> Connector:
        return crm

    streams = tuple(Stream(stream, loads="whole", feeds=()) for stream in ("users", "deals"))
    source = Source(f"{name}_type", name, name, streams, SourceOptions, connect)
    return ConfiguredSource(name, source, SourceOptions(), ZoneInfo("UTC"), date(2024, 1, 1), 1)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    file = tmp_path / "skvoz.toml"
    file.write_text('[company]\nname = "Ромашка"\n', encoding="utf-8")
    monkeypatch.setattr("ingestion.sync.all_sources", lambda: {name: configured(name, Crm()).source for name in ("crm", "shop")})
    return load_settings(file)


def materialize(settings: Settings, **systems: Crm) -> tuple[dagster.ExecuteInProcessResult, RunLog]:
    settings = replace(settings, sources=tuple(configured(name, crm) for name, crm in systems.items()))
    keys = [AssetKey([name, stream]) for name in systems for stream in ("users", "deals")]

    @dagster.asset(deps=keys)
    def marts() -> None: ...

    run_log = RunLog()
    with dagster.DagsterInstance.ephemeral() as instance:
        result = dagster.materialize(
            [build_ingest_assets(settings), marts], resources={"run_log": run_log}, instance=instance, raise_on_error=False
        )
    return result, run_log


@pytest.mark.parametrize("dead", ["users", "deals"])
def test_the_marts_are_built_without_a_source_that_is_down(settings: Settings, dead: str) -> None:
    result, run_log = materialize(settings, crm=Crm(dead), shop=Crm())
    assert result.success
    assert result.asset_materializations_for_node("marts"), "what depends on the streams was skipped"
    passed = {check.check_name: check.passed for check in result.get_asset_check_evaluations()}
    assert passed == {"crm_was_read_completely": False, "shop_was_read_completely": True}
    read = {
        tuple(event.asset_key.path): event.metadata["times_read"].value
        for event in result.asset_materializations_for_node("extract_and_load")
    }
    assert read[("shop", "deals")] == 1
    assert read[("crm", "deals")] == 0
    assert [outcome.name for outcome in run_log.report.outcomes if outcome.error is not None] == ["crm"]


def test_a_run_that_could_read_nothing_fails(settings: Settings) -> None:
    result, _ = materialize(settings, crm=Crm("users"))
    assert not result.success
    assert not result.asset_materializations_for_node("marts")

"""Deliveries in Dagster: one asset per subscribed report by one factory, a sensor that asks for just what is due."""

from collections.abc import Callable
from pathlib import Path

import dagster
import pytest
from dagster import AssetKey, DagsterInstance, build_sensor_context

from ingestion.settings import load_settings as load_ingestion_settings
from orchestration.deliver import (
    ALERTS_KEY,
    RETRIES_KEY,
    build_alerts_asset,
    build_delivery_assets,
    build_delivery_sensor,
    delivery_key,
    delivery_selection,
    failing_runs,
)
from orchestration.home import WRITES, WRITES_TAG
from orchestration.overview import read_deliveries
from orchestration.runlog import RunLog
from reports.delivery.office import Office
from reports.delivery.send import tell_of_run
from tests.reports.delivery.conftest import Clock
from tests.reports.delivery.mail_server import MailServer

BOSS = "boss@example.ru"
TEXT = f"""
[[reports.subscriptions]]
report = "director_daily"
to = ["email:{BOSS}"]
schedule = "0 8 * * *"

[[reports.subscriptions]]
report = "director_weekly"
to = ["email:{BOSS}"]
schedule = "0 9 * * 1"

[[alerts]]
name = "stale"
rule = "source_stale"
to = ["email:{BOSS}"]
send_hours = ""
"""


@pytest.fixture
def configured(company: Path) -> Path:
    company.write_text(company.read_text(encoding="utf-8") + TEXT, encoding="utf-8")
    return company


def materialize(assets: list[dagster.AssetsDefinition]) -> dagster.ExecuteInProcessResult:
    with DagsterInstance.ephemeral() as instance:
        return dagster.materialize(assets, resources={"run_log": RunLog()}, instance=instance)


def test_every_subscribed_report_is_an_asset_and_a_rerun_sends_nothing_twice(
    configured: Path, open_office: Callable[[], Office], mail: MailServer
) -> None:
    assets = build_delivery_assets(load_ingestion_settings(configured), open_office)
    keys = {key for definition in assets for key in definition.keys}
    assert keys == {delivery_key("director_daily"), delivery_key("director_weekly"), RETRIES_KEY}
    for _ in range(2):
        assert materialize(assets).success
    assert [str(letter["To"]) for letter in mail.mails(BOSS)] == [BOSS]


def test_alerts_are_reckoned_in_the_run_that_published(configured: Path, open_office: Callable[[], Office], mail: MailServer) -> None:
    asset = build_alerts_asset(load_ingestion_settings(configured), open_office)
    result = materialize([asset])
    assert result.success
    [event] = result.get_asset_materialization_events()
    assert event.asset_key == ALERTS_KEY
    assert len(mail.mails(BOSS)) == 1


def test_the_sensor_asks_for_just_what_is_due(
    configured: Path, open_office: Callable[[], Office], monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr("orchestration.deliver.open_office", lambda _settings: open_office())
    settings = load_ingestion_settings(configured)
    assets = build_delivery_assets(settings, open_office)
    job = dagster.define_asset_job("deliver", delivery_selection())
    sensor = build_delivery_sensor(settings, job)
    definitions = dagster.Definitions(assets=assets, jobs=[job], sensors=[sensor], resources={"run_log": RunLog()})
    with DagsterInstance.ephemeral() as instance:

        def tick() -> list[AssetKey]:
            context = build_sensor_context(instance=instance, definitions=definitions)
            data = sensor.evaluate_tick(context)
            return [key for request in data.run_requests or [] for key in request.asset_selection or []]

        assert tick() == [delivery_key("director_daily")]
        started = instance.create_run_for_job(definitions.resolve_job_def("deliver"), status=dagster.DagsterRunStatus.STARTING)
        assert tick() == [], "a run that takes longer to start than a minute is not started again"
        instance.report_run_failed(started)
        configured.with_name("alerts.toml").write_text("[[alerts", encoding="utf-8")
        assert tick() == [delivery_key("director_daily")], "a slip in alerts.toml keeps no report back"
        configured.with_name("alerts.toml").unlink()
        materialize(assets)
        assert tick() == []
        clock.move(days=5)  # Monday 6 April, 09:00: the week is due, but its publication is not there yet
        assert tick() == []


def test_runs_that_fail_one_after_another_are_told_to_the_administrator_once(configured: Path, open_office: Callable[[], Office]) -> None:
    settings = load_ingestion_settings(configured)

    @dagster.op
    def models() -> None:
        message = "the test assert_debts_add_up fails for 3 rows"
        raise ValueError(message)

    @dagster.job(name="refresh", tags={WRITES_TAG: WRITES})
    def refresh() -> None:
        models()

    with DagsterInstance.ephemeral() as instance:
        refresh.execute_in_process(instance=instance, raise_on_error=False)
        assert failing_runs(instance) == "", "the next one may mend it"
        refresh.execute_in_process(instance=instance, raise_on_error=False)
        reason = failing_runs(instance)
    assert reason == "the test assert_debts_add_up fails for 3 rows"
    with open_office() as office:
        for _ in range(2):
            tell_of_run(office, "refresh", reason)
    [told] = (settings.base_dir / "admin").glob("*.txt")
    assert told.read_text(encoding="utf-8").startswith("skvoz: обновление не удаётся, читатели видят прежние данные")
    assert "skvoz run" in told.read_text(encoding="utf-8")


def test_status_shows_deliveries(configured: Path, open_office: Callable[[], Office]) -> None:
    settings = load_ingestion_settings(configured)
    assert read_deliveries(settings) == []
    materialize(build_delivery_assets(settings, open_office))
    [row] = read_deliveries(settings)
    assert {key: row[key] for key in ("report", "period", "channel", "recipient", "state")} == {
        "report": "director_daily",
        "period": "2026-03-31",
        "channel": "email",
        "recipient": BOSS,
        "state": "sent",
    }
    assert row["at"].endswith("+00:00")

"""One skvoz.toml has two readers, the job and what people look at: a key that one of them knows must not stop the other."""

import re
from pathlib import Path

import pytest

import ingestion.settings
import reports.settings
from ingestion.errors import ConfigurationError
from ingestion.settings import load_settings
from orchestration.configuration import whole_settings
from orchestration.thresholds import check_vars
from reports.alerts import load_alerts
from reports.delivery.recipients import resolve
from reports.people import People

EXAMPLE = Path(__file__).resolve().parents[2] / "skvoz.example.toml"
_OPTION = re.compile(r"^# (\[.*\].*|[a-z_]+ = .*)$")


def test_both_know_the_same_keys() -> None:
    for section in ("Company", "Warehouse"):
        job, readers = (set(getattr(module, section).model_fields) for module in (ingestion.settings, reports.settings))
        assert job == readers, section
    tables = {info.alias or name for name, info in reports.settings.Settings.model_fields.items()}
    assert tables - {"company", "warehouse"} | {"alerts"} == ingestion.settings.READER_SECTIONS
    assert reports.settings.FOREIGN_TABLES - {"alerts"} == {"sources", "vars", "dbt", "runs"}


def test_every_option_of_the_example_may_be_switched_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new administrator takes the # away and fills in: each commented line has to be one that both readers accept."""
    text = EXAMPLE.read_text(encoding="utf-8")
    switched = "\n".join(_OPTION.sub(r"\1", line) for line in text.splitlines())
    switched = switched.replace("${NAME}", "")
    for name in set(re.findall(r"\$\{([A-Z0-9_]+)\}", switched)):
        monkeypatch.setenv(name, "https://example.ru/rest/1/code/" if name == "BITRIX24_WEBHOOK" else "sqlite:///some.db")
    file = tmp_path / "skvoz.toml"
    file.write_text(switched, encoding="utf-8")
    settings = load_settings(file)
    assert len(settings.sources) > 10
    assert settings.warehouse.forget_after_days == 1095
    check_vars(settings)
    read = reports.settings.load_settings(file)
    assert read.dashboard.oidc is not None
    assert load_alerts(file)
    for subscription in read.reports.subscriptions:
        assert len(resolve(subscription.to, People(tmp_path / "state"))) == len(subscription.to)


def test_a_dbt_project_that_is_not_there_is_told_before_anything_runs(tmp_path: Path) -> None:
    file = tmp_path / "skvoz.toml"
    file.write_text('[company]\nname = "x"\n[dbt]\nproject = "company_dbt"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"\[dbt\] project: there is no company_dbt/dbt_project.yml beside it"):
        whole_settings(file)

"""[vars] is checked against what the dbt projects declare, before anything runs."""

from pathlib import Path

import pytest

from ingestion.errors import ConfigurationError
from ingestion.settings import Settings, load_settings
from orchestration.thresholds import check_vars


def _settings(folder: Path, variables: str, rest: str = "") -> Settings:
    file = folder / "skvoz.toml"
    file.write_text(f'[company]\nname = "x"\n[vars]\n{variables}\n{rest}')
    return load_settings(file)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    settings = _settings(tmp_path, 'abc_shar_a = 0.7\ncallback_hours = "24"\nbase_currency = "USD"\nlink_by_match = true\nabc_share_b = 1')
    with pytest.raises(ConfigurationError) as fault:
        check_vars(settings)
    text = str(fault.value)
    assert "[vars] abc_shar_a: unknown key (is abc_share_a meant?)" in text
    assert "[vars] callback_hours: must be a number" in text
    assert "[vars] base_currency: this comes from [company] currency" in text
    assert "link_by_match" not in text
    assert "abc_share_b" not in text


def test_the_companys_own_project_declares_vars_too(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "dbt_project.yml").write_text("name: own\nvars:\n  bonus_share: 0.1\n  own:\n    nested: 1\n")
    check_vars(_settings(tmp_path, "bonus_share = 0.2\nnested = 3", '[dbt]\nproject = "own"\n'))

"""All systems of the company start together, and the configuration they come with is one that skvoz accepts."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ingestion.sandbox.company import Company
from ingestion.sandbox.company_systems import running_systems
from ingestion.settings import load_settings


def test_they_run_while_asked_for_and_their_configuration_is_valid(small: Company, tmp_path: Path) -> None:
    with running_systems(small, tmp_path) as systems:
        (tmp_path / "skvoz.toml").write_text(systems.toml, encoding="utf-8")
        settings = load_settings(tmp_path / "skvoz.toml")
        ports = [urlsplit(url).port for url in systems.urls.values()]
        for port in ports:
            socket.create_connection(("127.0.0.1", port or 0), timeout=5).close()
    assert [source.name for source in settings.sources][:4] == ["books", "sales", "portal", "ads"]
    assert {source.source.type for source in settings.sources} == {"1c_odata", "amocrm", "bitrix24", "yandex_direct", "spreadsheet"}
    assert all((tmp_path / "input" / name).exists() for name in ("costs.csv", "plans.xlsx", "tiers.csv", "matches.csv", "rates.csv"))
    for port in ports:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", port or 0), timeout=5)


def test_secrets_stand_beside_the_configuration_not_in_it(small: Company, tmp_path: Path) -> None:
    with running_systems(small, tmp_path) as systems:
        for value in systems.environment.values():
            assert value not in systems.toml
        assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600

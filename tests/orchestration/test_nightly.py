"""What the nightly job does beyond a refresh."""

from pathlib import Path

import pytest

from ingestion.settings import load_settings
from orchestration import transform
from orchestration.runlog import Listener, RunLog
from tests.analyst import held_open


class Heard(Listener):
    """Keeps what was said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "skvoz.toml"
    file.write_text('[company]\nname = "Ромашка"\n', encoding="utf-8")
    (tmp_path / "data").mkdir()
    return file


def test_compaction_tells_what_it_gave_back(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(config)
    settings.warehouse_file.write_bytes(b"0" * 3 * 2**20)

    def halve(path: Path, *, memory_limit: str) -> bool:
        path.write_bytes(b"0" * 2**20)
        return memory_limit == "auto"

    monkeypatch.setattr(transform, "compact", halve)
    heard = Heard()
    transform.compact_warehouse(settings, RunLog(heard))
    assert heard.lines == ["the warehouse file was compacted from 3 to 1 MiB"]


def test_an_open_shell_costs_the_compaction_and_not_the_run(config: Path) -> None:
    settings = load_settings(config)
    heard = Heard()
    with held_open(settings.warehouse_file):
        transform.compact_warehouse(settings, RunLog(heard))
    [line] = heard.lines
    assert "not compacted" in line
    assert "close it" in line

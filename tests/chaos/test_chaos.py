"""A short campaign in every test run; the long one is `make chaos`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.readers import publish_and_read
from tests.chaos.stage import Stage, staged
from tests.chaos.trials import FAULTS, STEPS, Trial

SHORT = ("a full disk", "mail and Telegram down for hours", "kill -9 of a reading", "kill -9 of a publication")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("chaos") / "stage", seed=2, scale=0.02) as made:
        yield made


@pytest.mark.parametrize("fault", SHORT)
def test_the_company_survives(stage: Stage, fault: str) -> None:
    trials: dict[str, Trial] = {**FAULTS, **STEPS}
    result = trials[fault](stage)
    stage.tidy()
    assert result.survived, result.said


def test_readers_see_whole_versions_while_others_are_published_and_pruned(tmp_path: Path) -> None:
    found = publish_and_read(tmp_path / "company", publications=10, processes=3, reads=45)
    wrong = [line for line in found if not line.startswith("reads ")]
    assert wrong == []
    assert sum(int(line.split()[1]) for line in found) >= 45
    kept = list((tmp_path / "company" / "data" / "published").glob("marts-*.duckdb"))
    assert 1 < len(kept) < 10, "old versions are pruned, the last minute's stay for those who are about to open them"

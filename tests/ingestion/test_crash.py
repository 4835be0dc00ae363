"""Kill -9 at every durable step, then run again: the same final state as a run that was never killed."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb

PROGRAM = Path(__file__).with_name("crashing_sync.py")


def run(folder: Path, step: int) -> int:
    return subprocess.run([sys.executable, str(PROGRAM), str(folder), str(step)], check=False, capture_output=True).returncode


def state(folder: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute("select _source, _key, _deleted, payload::varchar from raw.crm__deals order by all").fetchall()


def test_any_crash_is_healed_by_the_next_run(tmp_path: Path) -> None:
    assert run(tmp_path / "calm", 0) == 0
    expected = state(tmp_path / "calm")
    assert len(expected) == 40
    assert sum(row[2] for row in expected) == 4

    def crashed_and_healed(step: int) -> tuple[int, int, list[tuple[Any, ...]]]:
        folder = tmp_path / str(step)
        folder.mkdir()
        first = run(folder, step)
        return first, run(folder, 0), state(folder)

    survived = 0
    with ThreadPoolExecutor(2) as pool:
        for first, second, healed in pool.map(crashed_and_healed, range(1, 56, 2)):
            assert first in {0, -signal.SIGKILL}
            assert second == 0
            assert healed == expected
            survived += first == -signal.SIGKILL
    assert survived >= 25, "the steps were hardly reached"

"""Kill -9 at every durable step, then run again: the same final state as a run that was never killed."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

PROGRAM = Path(__file__).with_name("crashing_sync.py")


Run = Callable[[Path, int], int]


@pytest.fixture
def run() -> Iterator[Run]:
    """Syncs into a folder until a step; gives the exit code."""
    with subprocess.Popen([sys.executable, str(PROGRAM)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        wanted, answers = program.stdin, program.stdout

        def ask(folder: Path, step: int) -> int:
            wanted.write(f"{folder}\t{step}\n")
            wanted.flush()
            return int(answers.readline())

        yield ask


def state(folder: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute("select _source, _key, _deleted, payload::varchar from raw.crm__deals order by all").fetchall()


def test_any_crash_is_healed_by_the_next_run(run: Run, tmp_path: Path) -> None:
    assert run(tmp_path / "calm", 0) == 0
    expected = state(tmp_path / "calm")
    assert len(expected) == 40
    assert sum(row[2] for row in expected) == 4
    survived = 0
    for step in range(1, 56, 2):
        folder = tmp_path / str(step)
        folder.mkdir()
        first = run(folder, step)
        assert first in {0, -signal.SIGKILL}
        assert run(folder, 0) == 0
        assert state(folder) == expected
        survived += first == -signal.SIGKILL
    assert survived >= 25, "the steps were hardly reached"

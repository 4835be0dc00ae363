"""Two writers never meet in one data folder, and the one who has to wait is told by whom."""

import subprocess
import sys
from pathlib import Path

import pytest

from ingestion.errors import BusyError
from ingestion.lock import data_lock

HOLDER = """
import pathlib, sys
from ingestion.lock import data_lock
with data_lock(pathlib.Path(sys.argv[1]), "a long build"):
    print("held", flush=True)
    input()
"""


def test_the_second_holder_is_told_who_the_first_is(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(BusyError, match=rf"process {first.pid} is at a long build"), data_lock(tmp_path, "sync"):
            pass
        first.kill()
    with data_lock(tmp_path, "sync"):
        assert (tmp_path / "lock").exists(), "a killed holder leaves nothing locked"

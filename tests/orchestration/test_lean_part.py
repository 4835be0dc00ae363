"""A part of `skvoz serve` is the program it names, without the colours of a terminal."""

import subprocess
import sys

import pytest

from orchestration import lean_part

_IMPORTS = """
import sys
from orchestration.lean_part import leave_out_colours
leave_out_colours()
import httpx, structlog
print(sorted(name for name in ("rich", "pygments") if sys.modules[name]), httpx.Client.__name__)
"""


@pytest.mark.parametrize(("words", "status", "answer"), [(["--version"], 0, "version"), (["nonsense"], 2, "No such command 'nonsense'")])
def test_it_does_what_the_program_does(words: list[str], status: int, answer: str) -> None:
    """Also its exit code, by which the supervisor knows an end from a fault; a path stands for the program of that name."""
    command = [sys.executable, str(lean_part.__file__), "/somewhere/bin/skvoz", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert answer in done.stdout + done.stderr


def test_what_would_load_the_colours_does_without() -> None:
    done = subprocess.run([sys.executable, "-c", _IMPORTS], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "[] Client"

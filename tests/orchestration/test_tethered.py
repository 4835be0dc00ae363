"""A program started tethered ends with its parent, and is otherwise left alone."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from orchestration.tethered import PARENT_VARIABLE, write_launcher

_PARENT = """
import os, subprocess, sys
os.environ[{variable!r}] = str(os.getpid())
child = subprocess.Popen([{launcher!r}, "-c", "import time; time.sleep(3600)"])
print(child.pid, flush=True)
child.wait()
"""


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    launcher = write_launcher(tmp_path / "launch", Path(sys.executable))
    script = _PARENT.format(variable=PARENT_VARIABLE, launcher=str(launcher))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert _alive(child)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    deadline = time.monotonic() + 120
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _alive(child)


def test_arguments_and_exit_code_pass_through(tmp_path: Path) -> None:
    launcher = write_launcher(tmp_path / "launch", Path(sys.executable))
    command = [str(launcher), "-c", "import sys; print(sys.argv[1]); sys.exit(3)", "a 'b' \"c\" $d"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, env={**os.environ, PARENT_VARIABLE: str(os.getpid())})
    assert (done.returncode, done.stdout.strip()) == (3, "a 'b' \"c\" $d")

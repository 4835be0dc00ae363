"""A part that ends is started again, later each time; all stop together; what they print is one log without secrets."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ingestion.redaction import register_secret
from orchestration.partlog import PartLog
from orchestration.supervisor import STOP_SECONDS, Part, Supervisor

SLEEPS = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(3600)"]
DIES = [sys.executable, "-c", "import sys; print('no such table', flush=True); sys.exit(3)"]
STUBBORN = [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(3600)"]
WITH_CHILD = [
    sys.executable,
    "-c",
    "import subprocess, sys, time; c = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)']);"
    " print(c.pid, flush=True); time.sleep(3600)",
]


class Heard:
    """The lines told, and a way to wait for one."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def __call__(self, part: str, line: str) -> None:
        self.lines.append((part, line))

    def wait_for(self, part: str) -> str:
        return str(until(lambda: next((line for name, line in self.lines if name == part), "")))


def until(found: Callable[[], Any], seconds: float = 120) -> Any:
    """What is found in the end; a busy machine may take its time."""
    deadline = time.monotonic() + seconds
    while not (result := found()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)
    return result


def ticked(supervisor: Supervisor, heard: Heard, told: int, wanted: Callable[[str, str], bool]) -> bool:
    """Whether, after one more tick, a line that came after the first `told` is a wanted one."""
    supervisor.tick()
    return any(wanted(name, line) for name, line in heard.lines[told:])


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def supervise(heard: Heard) -> Iterator[Callable[..., Supervisor]]:
    made: list[Supervisor] = []

    def make(*parts: Part, clock: Callable[[], float] = time.monotonic) -> Supervisor:
        made.append(Supervisor(parts, heard, clock=clock))
        return made[-1]

    yield make
    for supervisor in made:
        supervisor.stop()


def part(name: str, command: list[str], ask: Callable[[], str | None] | None = None, after: str | None = None) -> Part:
    return Part(name, command, dict(os.environ), ask, after=after)


def test_a_part_that_ends_waits_longer_each_time(supervise: Callable[..., Supervisor], heard: Heard) -> None:
    now = [0.0]
    supervisor = supervise(part("pages", DIES), clock=lambda: now[0])
    waits = []
    for _ in range(3):
        supervisor.tick()
        told = len(heard.lines)
        until(partial(ticked, supervisor, heard, told, lambda name, _line: not name))
        [state] = supervisor.report()
        assert state["state"] == "waiting"
        assert state["last_exit"] == 3
        before = len([line for line in heard.lines if line[0] == "pages"])
        supervisor.tick()
        assert len([line for line in heard.lines if line[0] == "pages"]) == before, "it was started before its time"
        waits.append(next(line for name, line in reversed(heard.lines) if not name).rpartition(" in ")[2])
        now[0] += 100
    assert waits == ["1 s", "2 s", "4 s"]
    assert ("pages", "no such table") in heard.lines, "its last lines say why"


def test_a_part_waits_for_the_one_it_needs(supervise: Callable[..., Supervisor], heard: Heard) -> None:
    problem: list[str | None] = ["its socket is not there yet"]
    supervisor = supervise(part("code", SLEEPS, lambda: problem[0]), part("schedules", SLEEPS, after="code"))
    supervisor.tick()
    supervisor.tick()
    assert [state["state"] for state in supervisor.report()] == ["starting", "starting"]
    problem[0] = None
    supervisor.tick()
    heard.wait_for("schedules")
    assert [state["state"] for state in supervisor.report()] == ["running", "running"]
    problem[0] = "it does not answer"
    assert supervisor.report()[0]["state"] == "silent", "it answered once: this is no slow start"


def test_a_part_that_ended_with_the_one_it_needs_waits_for_it_again_but_not_for_ever(
    supervise: Callable[..., Supervisor], heard: Heard
) -> None:
    """Started at once, Dagster's UI prints sixty lines about a code server that is not there yet."""
    now, problem = [0.0], [None, "its socket is not there yet"]
    supervisor = supervise(part("code", SLEEPS, lambda: problem[0]), part("ui", DIES, after="code"), clock=lambda: now[0])
    supervisor.tick()
    until(partial(ticked, supervisor, heard, 0, lambda _name, line: line.startswith("ui ended")))
    problem.reverse()
    now[0] += 5
    supervisor.tick()
    assert supervisor.report()[1]["since"] is None
    now[0] += 60
    supervisor.tick()
    assert supervisor.report()[1]["since"] is not None


def test_what_parts_say_when_they_are_stopped_is_not_told(supervise: Callable[..., Supervisor], heard: Heard) -> None:
    """Stopped while it starts, Dagster's code server answers with a trace of fifty lines."""
    says = "import signal, sys, time; signal.signal(15, lambda *_: sys.exit('Traceback')); print('up', flush=True); time.sleep(3600)"
    supervisor = supervise(part("code", [sys.executable, "-c", says]))
    supervisor.tick()
    heard.wait_for("code")
    supervisor.stop()
    assert [line for name, line in heard.lines if name] == ["up"]


def test_everything_stops_in_ten_seconds_with_what_it_started(
    supervise: Callable[..., Supervisor], heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever stops the service kills it after ten seconds (Docker does): the patience with a part leaves time for the rest."""
    assert STOP_SECONDS <= 7
    monkeypatch.setattr("orchestration.supervisor.STOP_SECONDS", 1.0)
    supervisor = supervise(part("bot", STUBBORN), part("code", WITH_CHILD))
    stop = threading.Event()
    running = threading.Thread(target=supervisor.run, args=(stop,))
    running.start()
    heard.wait_for("bot")
    grandchild = int(heard.wait_for("code"))
    stop.set()
    running.join(timeout=120)
    assert not running.is_alive()
    assert ("", "bot did not stop in 1 s and is killed") in heard.lines
    until(lambda: not is_running(grandchild))


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_parts_end_with_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    tethered = Path(__file__).resolve().parents[2] / "orchestration" / "tethered.py"
    program = (
        "import os, subprocess, sys, time\n"
        f"p = subprocess.Popen([sys.executable, {str(tethered)!r}, sys.executable, '-c', 'import time; time.sleep(3600)'],"
        " env={**os.environ, 'SKVOZ_PARENT': str(os.getpid())}, start_new_session=True)\n"
        "print(p.pid, flush=True); time.sleep(3600)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=tmp_path) as supervisor:
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline())
        supervisor.send_signal(signal.SIGKILL)
        supervisor.wait()
    until(lambda: not is_running(child))


RUN = "3f0d2c1e-5a77-4c55-9a10-0c9be4a1d111"
TOKEN = "123456789:" + "made-up" * 5
LINES = [
    ("schedules", f"2026-04-01 06:00:00 +0000 - dagster.daemon - INFO - launched run {RUN}", "dagster.daemon - INFO"),
    ("bot", f"\x1b[31mhttps://api.telegram.org/bot{TOKEN}/getMe failed\x1b[0m", "***"),
    ("code", "password=hunter-of-words", "password=***"),
    ("pages", "the value is sesame-open", "the value is ***"),
]


@pytest.mark.parametrize(("name", "line", "shown"), LINES)
def test_the_log_shows_a_moment_and_no_secret(name: str, line: str, shown: str) -> None:
    register_secret("sesame-open")
    out = io.StringIO()
    log = PartLog("lines", out, lambda: datetime(2026, 4, 1, 6, tzinfo=UTC))
    log.tell(name, line)
    text = out.getvalue()
    assert text.startswith(f"2026-04-01T06:00:00+00:00 {name}")
    assert shown in text
    for secret in ("made-up", "hunter", "sesame", "\x1b"):
        assert secret not in text


def test_json_lines_carry_the_level_and_the_run() -> None:
    out = io.StringIO()
    log = PartLog("json", out, lambda: datetime(2026, 4, 1, 6, tzinfo=UTC))
    for name, line, _ in LINES:
        log.tell(name, line)
    log.tell("", "stopped")
    entries = [json.loads(line) for line in out.getvalue().splitlines()]
    assert (entries[0]["run"], entries[0]["level"], entries[0]["part"]) == (RUN, "info", "schedules")
    assert entries[-1] == {"at": "2026-04-01T06:00:00+00:00", "part": "skvoz", "message": "stopped"}


def test_people_are_shown_the_beginning_of_a_run_as_dagster_shows_it() -> None:
    out = io.StringIO()
    PartLog("lines", out, lambda: datetime(2026, 4, 1, 6, tzinfo=UTC)).tell("code", f"refresh {RUN} published marts-1.duckdb")
    assert out.getvalue() == "2026-04-01T06:00:00+00:00 code      refresh 3f0d2c1e published marts-1.duckdb\n"

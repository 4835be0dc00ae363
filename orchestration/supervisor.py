"""Keeps programs running: starts them, restarts one that ended (the longer the oftener it did), stops all together.

Knows nothing of what they do; a part is a command, and a question that tells whether it answers.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Literal

Ask = Callable[[], str | None]
Tell = Callable[[str, str], None]
State = Literal["starting", "running", "silent", "waiting", "stopped"]

STOP_SECONDS = 6.0
_TICK = 0.5
_FIRST_WAIT = 1.0
_LONGEST_WAIT = 60.0
_STEADY_SECONDS = 60.0  # after so long without an end a part's earlier ends are forgotten


@dataclass(frozen=True, slots=True)
class Part:
    """One program.

    Attributes:
        name: as people know it.
        command: program and arguments.
        environment: its whole environment.
        ask: None if it answers, else what is wrong; asked from the health endpoint, so it must be quick.
        patience: seconds a part may take until it answers for the first time.
        after: name of a part that must answer before this one is started, for as long as that one's patience lasts at a restart.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    ask: Ask | None = None
    patience: float = 60.0
    after: str | None = None


@dataclass(slots=True)
class Running:
    """A part and what became of it; times are of the monotonic clock."""

    part: Part
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    since: datetime | None = None
    ends: int = 0
    restarts: int = 0
    next_start: float = 0.0
    last_exit: int | None = None
    answered: bool = False


class Supervisor:
    """The parts of one `skvoz serve`.

    Args:
        parts: in the order they are started.
        tell: told every line a part prints, and what the supervisor does ("" as the part).
        clock: replaced in tests.
    """

    def __init__(self, parts: Sequence[Part], tell: Tell, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._running = [Running(part) for part in parts]
        self._tell = tell
        self._clock = clock
        self._stopped = False

    def run(self, stop: threading.Event) -> None:
        """Supervise until the event is set, then stop everything."""
        try:
            while not stop.is_set():
                self.tick()
                stop.wait(_TICK)
        finally:
            self.stop()

    def tick(self) -> None:
        """Start what is due, notice what ended."""
        for running in self._running:
            now = self._clock()
            if running.process is None:
                if now >= running.next_start and self._may_start(running):
                    self._start(running)
                continue
            code = running.process.poll()
            if code is not None:
                self._ended(running, code)
            elif now - running.started >= _STEADY_SECONDS:
                running.ends = 0

    def report(self) -> list[dict[str, object]]:
        """What each part is doing: {part, state, since, restarts, last_exit, problem}."""
        return [self._describe(running) for running in self._running]

    def stop(self) -> None:
        """Ask every part to end, and end what has not after a while; nothing of theirs is left."""
        self._stopped = True
        alive = [(running, running.process) for running in self._running if running.process is not None]
        for _, process in alive:
            _signal(process, signal.SIGTERM)
        deadline = self._clock() + STOP_SECONDS
        for running, process in alive:
            try:
                process.wait(max(0.0, deadline - self._clock()))
            except subprocess.TimeoutExpired:
                self._tell("", f"{running.part.name} did not stop in {STOP_SECONDS:.0f} s and is killed")
            _signal(process, signal.SIGKILL)  # also what it has started and left behind
            process.wait()
            running.process = None

    def _may_start(self, running: Running) -> bool:
        if running.part.after is None:
            return True
        before = next(other for other in self._running if other.part.name == running.part.after)
        if before.process is not None and (before.part.ask is None or before.part.ask() is None):
            return True
        # one that ran before is not held back for ever by another that does not come up
        return running.restarts > 0 and self._clock() - running.next_start > before.part.patience

    def _start(self, running: Running) -> None:
        part = running.part
        process = subprocess.Popen(  # noqa: S603 - our own programs
            list(part.command), env=dict(part.environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        )
        running.process, running.started, running.since, running.answered = process, self._clock(), datetime.now(UTC), False
        threading.Thread(target=self._pass_on, args=(part.name, process.stdout), name=f"lines of {part.name}", daemon=True).start()

    def _pass_on(self, name: str, lines: IO[bytes] | None) -> None:
        if lines is None:
            return
        with lines:
            for line in lines:
                text = line.decode("utf-8", "replace").rstrip()
                if text and not self._stopped:  # what a part that is asked to end says of it is a trace at best
                    self._tell(name, text)

    def _ended(self, running: Running, code: int) -> None:
        _signal(running.process, signal.SIGKILL)  # its group: what it left would hold its port
        running.process, running.since, running.last_exit = None, None, code
        wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2**running.ends)
        running.ends += 1
        running.restarts += 1
        running.next_start = self._clock() + wait
        self._tell("", f"{running.part.name} ended (exit code {code}); its last lines say why; started again in {wait:.0f} s")

    def _describe(self, running: Running) -> dict[str, object]:
        state, problem = self._state(running)
        return {
            "part": running.part.name,
            "state": state,
            "since": running.since.isoformat(timespec="seconds") if running.since else None,
            "restarts": running.restarts,
            "last_exit": running.last_exit,
            "problem": problem,
        }

    def _state(self, running: Running) -> tuple[State, str | None]:
        if self._stopped:
            return "stopped", None
        process = running.process
        if process is None and running.last_exit is None:
            return "starting", f"it waits for {running.part.after}" if running.part.after else None
        if process is None or process.poll() is not None:
            return "waiting", f"it ended (exit code {running.last_exit if process is None else process.returncode}) and is started again"
        problem = None if running.part.ask is None else running.part.ask()
        if problem is None:
            running.answered = True
            return "running", None
        young = not running.answered and self._clock() - running.started < running.part.patience
        return ("starting" if young else "silent"), problem


def _signal(process: subprocess.Popen[bytes] | None, number: int) -> None:
    if process is not None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)

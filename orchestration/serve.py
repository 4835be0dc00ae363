"""Everything in the foreground: Dagster's daemon and UI, and the pages, as child processes that stop together."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import click

from ingestion.settings import Settings
from orchestration.definitions import CONFIG_VARIABLE
from orchestration.errors import OrchestrationError
from orchestration.run import open_instance
from reports.settings import load_settings as load_reader_settings

_STOP_SECONDS = 10.0
_MODULE = "orchestration.definitions"


def serve_all(settings: Settings, port: int, dagster_port: int) -> None:
    """Run until a signal arrives, or until a part dies.

    Raises:
        OrchestrationError: a part ended by itself; says which.
    """
    with open_instance(settings) as instance:
        home = instance.root_directory
    environment = {**os.environ, "DAGSTER_HOME": home, CONFIG_VARIABLE: str(settings.file)}
    folder = Path(sys.executable).parent
    commands: dict[str, Sequence[str]] = {
        "schedules": [str(folder / "dagster-daemon"), "run", "-m", _MODULE],
        "Dagster's UI": [str(folder / "dagster-webserver"), "-m", _MODULE, "-h", "127.0.0.1", "-p", str(dagster_port)],
        "pages": [str(folder / "skvoz"), "dashboard", "--port", str(port), "--config", str(settings.file)],
    }
    if load_reader_settings(settings.file).telegram is not None:
        commands["the bot"] = [str(folder / "skvoz"), "report", "bot", "--config", str(settings.file)]
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask_to_stop)
    parts = {name: subprocess.Popen(command, env=environment, start_new_session=True) for name, command in commands.items()}  # noqa: S603 - our own programs
    click.echo(f"pages at http://127.0.0.1:{port}/overview, Dagster at http://127.0.0.1:{dagster_port}; stop with Ctrl-C")
    dead = None
    try:
        while not stop.wait(0.5) and dead is None:
            dead = next((name for name, part in parts.items() if part.poll() is not None), None)
    finally:
        _stop(list(parts.values()))
    if dead is not None:
        message = f"{dead} ended by itself (exit code {parts[dead].returncode}); its last lines above say why."
        raise OrchestrationError(message)


def _stop(parts: list[subprocess.Popen[bytes]]) -> None:
    for part in parts:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(part.pid, signal.SIGTERM)
    for part in parts:
        try:
            part.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(part.pid, signal.SIGKILL)
            part.wait()

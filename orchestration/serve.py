"""`skvoz serve`: everything in the foreground: the supervised parts, and the endpoints that other systems push to.

The parts are the code server, schedules, Dagster's UI, the pages and the bot.
Dagster's daemon and UI share one code server over a private socket (each would load the whole project by itself otherwise, 150 MiB more).
Nothing here imports Dagster.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from ingestion.errors import ConfigurationError
from ingestion.lock import data_lock
from ingestion.receiving import listening
from ingestion.settings import Settings, load_settings
from orchestration.errors import OrchestrationError
from orchestration.health import ask_address, ask_heartbeat, ask_socket, health_server, overall
from orchestration.home import CONFIG_VARIABLE, HOME_VARIABLE, MODULE, prepare_home, write_workspace
from orchestration.partlog import Format, PartLog
from orchestration.supervisor import Part, Supervisor
from orchestration.tethered import PARENT_VARIABLE
from reports.settings import load_settings as load_reader_settings

_CHECK = "orchestration.configuration"
_SERVED = "open the pages of that one, or stop it first"
_TETHERED = Path(__file__).with_name("tethered.py")
_LEAN = Path(__file__).with_name("lean_part.py")


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How `skvoz serve` was asked to run.

    Attributes:
        host: address of the pages and of the health endpoint; Dagster's UI knows no login and stays on loopback.
        port: of the pages.
        dagster_port: of Dagster's UI; None leaves it out (schedules run all the same).
        health_port: of the health endpoint.
        log_format: lines for people, json for machines.
    """

    host: str = "127.0.0.1"
    port: int = 8501
    dagster_port: int | None = 3000
    health_port: int = 8502
    log_format: Format = "lines"


def settings_checked_elsewhere(file: Path) -> Settings:
    """The job's settings, once another process has found nothing wrong in skvoz.toml.

    What the whole check imports (dbt's project, the readers' half, 50 MiB) would stay in a process that then serves for weeks.

    Raises:
        ConfigurationError: with every fault of every table.
    """
    told = subprocess.run([sys.executable, "-m", _CHECK, str(file)], capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    try:
        problems = json.loads(told.stdout)
    except ValueError:
        message = f"{file}: it could not be checked ({(told.stderr.strip().splitlines() or ['no word'])[-1]}); see: skvoz check"
        raise OrchestrationError(message) from None
    if problems:
        raise ConfigurationError(problems)
    return load_settings(file)


def serve_all(settings: Settings, options: ServeOptions) -> None:
    """Run until SIGINT or SIGTERM; a part that ends is started again.

    Raises:
        OrchestrationError: a port is taken.
        BusyError: `skvoz serve` runs already over this data folder.
    """
    log = PartLog(options.log_format)
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask_to_stop)
    with ExitStack() as stack:
        stack.enter_context(data_lock(settings.state_dir / "serve", "skvoz serve", otherwise=_SERVED))
        for name, port, host in _ports(options):
            must_be_free(name, port, host)
        path = stack.enter_context(_private_socket())
        receivers = stack.enter_context(listening(settings))
        supervisor = Supervisor(build_parts(settings, options, path), log.tell)
        with health_server(options.host, options.health_port, lambda: overall(supervisor.report())):
            log.tell("", _greeting(options))
            if not settings.sources:
                log.tell("", f"{settings.file.name} names no sources yet; add a [sources.<name>] table and start again")
            for source, address in receivers.items():
                log.tell("", f"{source} takes exchanges at {address}")
            supervisor.run(stop)
    log.tell("", "stopped")


def build_parts(settings: Settings, options: ServeOptions, code_socket: Path) -> list[Part]:
    """What runs, in the order it is started.

    Args:
        settings: skvoz.toml.
        options: ports, and whether Dagster's UI is wanted.
        code_socket: where the code server listens.
    """
    home = prepare_home(settings)
    workspace = str(write_workspace(home, code_socket, settings.runs.workers))
    folder = Path(sys.executable).parent
    environment = {
        **os.environ,
        HOME_VARIABLE: str(home),
        CONFIG_VARIABLE: str(settings.file),
        PARENT_VARIABLE: str(os.getpid()),
        "PYTHONUNBUFFERED": "1",
        "MALLOC_ARENA_MAX": "2",  # glibc keeps an arena for each of many threads otherwise
        # and a large block that was freed, for the next one: what a part reads once at its start stayed with it for weeks
        "MALLOC_MMAP_THRESHOLD_": "65536",
        "MALLOC_TRIM_THRESHOLD_": "65536",
    }
    config = ["--config", str(settings.file)]

    def command(program: str, *arguments: str) -> list[str]:
        return [sys.executable, str(_TETHERED), sys.executable, str(_LEAN), str(folder / program), *arguments]

    code = ["api", "grpc", "--socket", str(code_socket), "--module-name", MODULE, "--location-name", "skvoz", "--log-level", "warning"]
    daemon = ["run", "--workspace", workspace, "--log-level", "warning"]
    pages = ["dashboard", "--host", options.host, "--port", str(options.port), *config]
    answer = f"http://{_own_address(options.host)}:{options.port}/health"
    parts = [
        Part("code", command("dagster", *code), environment, ask_socket(code_socket)),
        Part("schedules", command("dagster-daemon", *daemon), environment, ask_heartbeat(home), patience=180.0, after="code"),
        Part("pages", command("skvoz", *pages), environment, ask_address(answer)),
    ]
    if options.dagster_port is not None:
        ui = ["--workspace", workspace, "--host", "127.0.0.1", "--port", str(options.dagster_port), "--log-level", "warning"]
        info = f"http://127.0.0.1:{options.dagster_port}/server_info"
        parts.append(Part("ui", command("dagster-webserver", *ui), environment, ask_address(info), after="code"))
    if load_reader_settings(settings.file).telegram is not None:
        parts.append(Part("bot", command("skvoz", "report", "bot", *config), environment))
    return parts


def _own_address(host: str) -> str:
    """Where this machine reaches what listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - compared with


def _ports(options: ServeOptions) -> list[tuple[str, int, str]]:
    ports = [("--port", options.port, options.host), ("--health-port", options.health_port, options.host)]
    if options.dagster_port is not None:
        ports.append(("--dagster-port", options.dagster_port, "127.0.0.1"))
    return ports


def must_be_free(name: str, port: int, host: str) -> None:
    """OrchestrationError if something listens at a port already, or nobody may."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            message = f"{name} {port}: it cannot be listened on ({error.strerror}); choose another, or stop what uses it."
            raise OrchestrationError(message) from None


@contextmanager
def _private_socket() -> Iterator[Path]:
    """A place for the code server's socket that no other user reaches; a data folder's path may be too long for one (108 bytes)."""
    with tempfile.TemporaryDirectory(prefix="skvoz-") as folder:
        yield Path(folder) / "code.sock"


def _greeting(options: ServeOptions) -> str:
    dagster = "" if options.dagster_port is None else f", Dagster at http://127.0.0.1:{options.dagster_port}"
    return (
        f"pages at http://{_own_address(options.host)}:{options.port}/overview{dagster}, "
        f"health at http://{_own_address(options.host)}:{options.health_port}/health; stop with Ctrl-C"
    )

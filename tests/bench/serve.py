"""`skvoz serve` of the sandbox company with Dagster's UI and the Telegram bot: seconds of start and stop, memory while nothing happens."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ingestion.sandbox.amocrm_records import company_store
from ingestion.sandbox.company import build_company
from ingestion.sandbox.company_systems import running_systems
from ingestion.settings import load_settings
from orchestration.home import CONFIG_VARIABLE, HOME_VARIABLE
from orchestration.publish import versions
from tests.bench.measure import tell, timed
from tests.ports import free_port
from tests.reports.delivery.bot_api_server import TOKEN, running_bot_api

SKVOZ = Path(sys.executable).with_name("skvoz")
QUIET_SECONDS = 60
PATIENCE_SECONDS = 900
WANTED_MIB = 700


def run(scale: float) -> None:
    """First run, start, memory, a refresh by Dagster's daemon, memory again, stop."""
    company = build_company(seed=1, scale=scale, today=datetime.now(UTC).date())
    with tempfile.TemporaryDirectory() as name, running_systems(company, Path(name)) as systems, running_bot_api() as bot_api:
        folder = Path(name)
        config = folder / "skvoz.toml"
        config.write_text(f'{systems.toml}\n[telegram]\ntoken = "{TOKEN}"\nurl = "{bot_api.url}"\n', encoding="utf-8")
        os.environ.update(systems.environment)
        subprocess.run([str(SKVOZ), "run", "--config", str(config)], check=True, capture_output=True)
        settings = load_settings(config)
        health, dagster, pages = free_port(), free_port(), free_port()
        ports = ["--port", str(pages), "--dagster-port", str(dagster), "--health-port", str(health)]
        with (folder / "serve.log").open("wb") as log, timed() as starting:
            serving = subprocess.Popen([str(SKVOZ), "serve", *ports, "--config", str(config)], stdout=log, stderr=log)
            _wait(lambda: _is_well(health))
        try:
            tell("from the command until every part answers", f"{starting.seconds:.1f} s")
            time.sleep(QUIET_SECONDS)
            _tell_memory("idle after the start", serving.pid)
            systems.apps["amocrm"].state.store.become(company_store(company.evolve(1)))
            published = len(versions(settings))
            home = settings.state_dir / "dagster"
            environment = {**os.environ, HOME_VARIABLE: str(home), CONFIG_VARIABLE: str(config)}
            launch = [str(SKVOZ.with_name("dagster")), "job", "launch", "--workspace", str(home / "workspace.yaml"), "--job", "refresh"]
            subprocess.run(launch, check=True, capture_output=True, env=environment)
            _wait(lambda: len(versions(settings)) > published)
            time.sleep(QUIET_SECONDS)
            _tell_memory("idle after a run", serving.pid)
        finally:
            with timed() as stopping:
                serving.send_signal(signal.SIGTERM)
                serving.wait()
        tell("from SIGTERM until nothing is left (10 s wanted)", f"{stopping.seconds:.1f} s")


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not until():
        if time.monotonic() > deadline:
            message = f"nothing came of it in {PATIENCE_SECONDS} s"
            raise TimeoutError(message)
        time.sleep(0.2)


def _is_well(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=30) as answer:
            return bool(json.loads(answer.read())["status"] == "ok")
    except (OSError, urllib.error.HTTPError):
        return False


def _tell_memory(when: str, process: int) -> None:
    sizes = {_program(one): _share_mib(one) for one in _tree(process)}
    parts = ", ".join(f"{program} {size:.0f}" for program, size in sizes.items())
    tell(f"memory {when}, proportional share of all processes (at most {WANTED_MIB} wanted)", f"{sum(sizes.values()):.0f} MiB: {parts}")


def _tree(process: int) -> list[int]:
    """A process and all below it."""
    children = [int(child) for task in Path(f"/proc/{process}/task").iterdir() for child in (task / "children").read_text().split()]
    return [process, *(one for child in children for one in _tree(child))]


def _share_mib(process: int) -> float:
    """Its own memory and its share of what it has in common with others (PSS, as proc(5) defines it)."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _program(process: int) -> str:
    words = Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8").split("\0")
    known = {"serve": "supervisor", "grpc": "code server", "dashboard": "pages", "bot": "bot", "run": "daemon", "dagster-webserver": "UI"}
    return next((name for word, name in known.items() if any(Path(given).name == word for given in words)), f"process {process}")

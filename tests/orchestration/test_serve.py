"""What `skvoz serve` runs: the parts, their order, and that two of it never share a data folder or a port."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingestion.errors import BusyError
from ingestion.lock import data_lock
from ingestion.settings import Settings, load_settings
from orchestration.errors import OrchestrationError
from orchestration.home import WRITES, WRITES_TAG
from orchestration.serve import ServeOptions, build_parts, serve_all
from tests.ports import free_port

TOML = """[company]
name = "Ромашка"
[dashboard]
auth = "none"
"""
BOT = f"""[telegram]
token = "123456789:{"made-up" * 5}"
url = "http://127.0.0.1:9"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "skvoz.toml"
    file.write_text(TOML, encoding="utf-8")
    return file


@pytest.fixture
def settings(config: Path) -> Settings:
    return load_settings(config)


def test_the_parts_share_one_code_server_and_the_ui_can_be_left_out(settings: Settings, config: Path, tmp_path: Path) -> None:
    code_socket = tmp_path / "code.sock"
    parts = {part.name: part for part in build_parts(settings, ServeOptions(dagster_port=None), code_socket)}
    assert list(parts) == ["code", "schedules", "pages"]
    assert str(code_socket) in parts["code"].command
    assert parts["schedules"].after == "code", "a scheduler without its code server complains at length"
    home = settings.state_dir / "dagster"
    workspace = yaml.safe_load((home / "workspace.yaml").read_text(encoding="utf-8"))
    assert workspace["load_from"][0]["grpc_server"]["socket"] == str(code_socket)
    limits = yaml.safe_load((home / "dagster.yaml").read_text(encoding="utf-8"))["concurrency"]["runs"]
    assert limits["tag_concurrency_limits"] == [{"key": WRITES_TAG, "value": WRITES, "limit": 1}]
    config.write_text(TOML + BOT, encoding="utf-8")
    assert [part.name for part in build_parts(load_settings(config), ServeOptions(), code_socket)] == [
        "code",
        "schedules",
        "pages",
        "ui",
        "bot",
    ]
    for part in build_parts(load_settings(config), ServeOptions(), code_socket):
        assert not any("made-up" in word for word in part.command), "the process list is for every user"


def test_a_port_that_is_taken_is_named(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OrchestrationError, match=r"--port \d+: it cannot be listened on"):
            serve_all(settings, ServeOptions(port=taken.getsockname()[1], dagster_port=None, health_port=free_port()))


def test_only_one_serves_a_data_folder(settings: Settings) -> None:
    """Also said where the second one asks for the ports of the first: that they are taken is not the reason."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with (
            socket.create_server(("127.0.0.1", 0)) as taken,
            data_lock(settings.state_dir / "serve", "skvoz serve"),
            pytest.raises(BusyError, match=r"is at skvoz serve since .* open the pages of that one, or stop it first"),
        ):
            serve_all(settings, ServeOptions(port=taken.getsockname()[1], dagster_port=None, health_port=free_port()))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_it_answers_and_stops_when_asked(config: Path) -> None:
    """The pages and the health endpoint only need seconds; the scheduler is still starting when everything is asked to stop."""
    port, health = free_port(), free_port()
    options = ["--no-ui", "--port", str(port), "--health-port", str(health), "--log-format", "json", "--config", str(config)]
    program = [sys.executable, "-c", "from orchestration.cli import main; main()", "serve", *options]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SKVOZ_", "DAGSTER_"))}
    log = config.with_name("serve.log")
    with (
        log.open("wb") as out,
        subprocess.Popen(program, cwd=config.parent, env=environment, stdout=out, stderr=subprocess.STDOUT) as serving,
    ):
        states: dict[str, Any] = {}
        deadline = time.monotonic() + 300
        while states.get("pages") != "running" and time.monotonic() < deadline:
            assert serving.poll() is None, log.read_text(encoding="utf-8")[-2000:]
            states = asked(health)
            time.sleep(0.3)
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(120) == 0
    assert states["pages"] == "running"
    entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert entries[-1]["message"] == "stopped"
    assert "names no sources yet" in entries[1]["message"]
    assert [entry["message"] for entry in entries if entry["part"] == "pages"] == [f"pages at http://127.0.0.1:{port}/overview"]
    assert {"at", "part", "message"} <= entries[0].keys()


def asked(port: int) -> dict[str, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=30) as answer:
            body = answer.read()
    except urllib.error.HTTPError as error:
        with error:
            body = error.read()
    except OSError:
        return {}
    return {part["part"]: part["state"] for part in json.loads(body)["parts"]}

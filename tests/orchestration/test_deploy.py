"""The files of a server installation stay true: their options exist, nothing runs as root, the parts get their time to stop."""

import configparser
import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from orchestration.cli import main
from orchestration.supervisor import STOP_SECONDS

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "docs" / "deploy"


def instructions() -> list[tuple[str, str]]:
    """(instruction, its argument) of the Dockerfile, continued lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]


def argument(name: str) -> str:
    return [text for instruction, text in instructions() if instruction == name][-1]


def serve_options() -> set[str]:
    command = main.get_command(click.Context(main), "serve")
    assert command is not None
    return {option for parameter in command.params for option in parameter.opts}


def check_command(words: list[str]) -> None:
    assert words[0] == "serve"
    assert {word for word in words if word.startswith("--")} <= serve_options()


@pytest.fixture(scope="module")
def service() -> dict[str, Any]:
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    assert set(composed) == {"services", "volumes"}
    found: dict[str, Any] = composed["services"]["skvoz"]
    return found


@pytest.fixture(scope="module")
def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=True, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # keys of units are case-sensitive
    parser.read(DEPLOY / "skvoz.service", encoding="utf-8")
    return parser


def test_the_image_runs_as_nobody_special_and_says_how_it_feels() -> None:
    assert argument("USER") == "skvoz"
    names = [name for name, _ in instructions()]
    assert "RUN" not in names[names.index("USER") :], "what is installed is installed before"
    assert re.search(r"--uid \d{5}\b", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", argument("FROM")), "the base is named with its release"
    assert "8502/health" in argument("HEALTHCHECK")
    check_command([word.strip('",[]') for word in argument("CMD").split()])


def test_the_image_holds_every_package_and_nothing_of_the_company() -> None:
    copied = {word.rstrip("/") for name, text in instructions() if name == "COPY" for word in text.split()[:-1]}
    packages = {"ingestion", "orchestration", "reports", "dashboards", "dbt_project"}
    assert packages <= copied
    for name in copied:
        assert (ROOT / name).exists(), f"{name} is copied and does not exist"
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")}
    assert allowed == copied, "what is sent to the build is what is copied"
    assert (ROOT / ".dockerignore").read_text(encoding="utf-8").startswith("*\n")


def test_the_container_has_a_read_only_root_and_no_rights(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["init"] is True, "runs that end leave processes for somebody to reap"
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert service["tmpfs"], "Chromium and the code server need a /tmp"
    writable = [volume for volume in service["volumes"] if not volume.endswith(":ro")]
    assert writable == ["data:/company/data"]
    assert float(service["stop_grace_period"].rstrip("s")) > STOP_SECONDS


def test_the_unit_is_closed_and_stops_in_time(unit: configparser.ConfigParser) -> None:
    assert unit.sections() == ["Unit", "Service", "Install"]
    section = unit["Service"]
    check_command(shlex.split(section["ExecStart"])[1:])
    assert section["User"] != "root"
    assert section["KillMode"] == "mixed", "the supervisor stops its parts itself"
    assert float(section["TimeoutStopSec"]) > STOP_SECONDS
    assert section["ProtectSystem"] == "strict"
    assert section["ReadWritePaths"].startswith(section["WorkingDirectory"])
    assert section["UMask"] == "0077"
    assert section["NoNewPrivileges"] == "yes"
    assert "MemoryDenyWriteExecute" not in section, "Chromium compiles scripts in memory"


def test_the_proxy_passes_websockets_and_speaks_https_only() -> None:
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert text.count("{") == text.count("}")
    assert "proxy_set_header Upgrade $http_upgrade;" in text
    assert "proxy_set_header Connection $connection_upgrade;" in text
    assert "return 301 https://" in text
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in text
    assert "limit_req zone=skvoz_login" in text
    assert "server 127.0.0.1:8501;" in text


def test_every_option_of_serve_is_explained() -> None:
    text = (DEPLOY / "README.md").read_text(encoding="utf-8")
    for option in serve_options() - {"--config", "--help", "-h"}:
        assert f"`{option}" in text, f"{option} is not in docs/deploy/README.md"

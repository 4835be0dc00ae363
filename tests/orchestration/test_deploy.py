"""The files of a server installation stay true: their options exist, nothing runs as root, the parts get their time to stop."""

import configparser
import os
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import click
import pytest
import yaml

from orchestration.cli import main
from orchestration.supervisor import STOP_SECONDS
from tests.reports.delivery.mail_server import make_certificate

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


class UnitParser(configparser.ConfigParser):
    """Keys of units are case-sensitive."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


@pytest.fixture(scope="module")
def unit() -> configparser.ConfigParser:
    parser = UnitParser(strict=True, interpolation=None)
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


def test_a_real_nginx_hands_a_websocket_on_through_tls(tmp_path: Path) -> None:
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if nginx is None:
        return  # the text above is all that can be tried without one
    make_certificate(tmp_path)
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    text = re.sub(r" +listen \[::\].*\n", "", text).replace("listen 80;", f"listen unix:{tmp_path}/plain;")
    text = text.replace("listen 443 ssl;", f"listen unix:{tmp_path}/tls ssl;").replace("127.0.0.1:8501", f"unix:{tmp_path}/pages")
    text = text.replace("/etc/ssl/skvoz/fullchain.pem", f"{tmp_path}/cert.pem").replace("/etc/ssl/skvoz/privkey.pem", f"{tmp_path}/key.pem")
    paths = "".join(f"{name}_temp_path {tmp_path}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    head = f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/errors;{'user root;' if os.geteuid() == 0 else ''}"
    (tmp_path / "nginx.conf").write_text(f"{head} events {{}} http {{ access_log off; {paths} {text} }}", encoding="utf-8")
    with pages_of(tmp_path / "pages") as asked, subprocess.Popen([nginx, "-c", f"{tmp_path}/nginx.conf", "-p", str(tmp_path)]) as process:
        try:
            wait_for(tmp_path / "tls", process)
            assert ask(tmp_path / "plain", "/", None).startswith("HTTP/1.1 301 ")
            upgraded = ask(tmp_path / "tls", "/_stcore/stream", ssl.create_default_context(cafile=str(tmp_path / "cert.pem")))
        finally:
            process.terminate()
    assert upgraded.startswith("HTTP/1.1 101 ")
    assert "Upgrade: websocket" in asked[0]
    assert "Connection: upgrade" in asked[0]
    assert "X-Forwarded-Proto: https" in asked[0]
    assert "Host: 127.0.0.1" in asked[0]


@contextmanager
def pages_of(path: Path) -> Iterator[list[str]]:
    """A server that takes one websocket; the requests it has had."""
    asked: list[str] = []

    def serve() -> None:
        with suppress(OSError):
            client, _ = listener.accept()
            with client:
                asked.append(client.recv(65536).decode())
                client.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        thread = Thread(target=serve)
        thread.start()
        try:
            yield asked
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    """Until a program listens at a socket."""
    while process.poll() is None:
        with socket.socket(socket.AF_UNIX) as knock, suppress(OSError):
            knock.connect(str(path))
            return
        time.sleep(0.01)
    message = f"nginx ended with {process.returncode}"
    raise AssertionError(message)


def ask(path: Path, address: str, context: ssl.SSLContext | None) -> str:
    """The head of the answer to a websocket's request."""
    with socket.socket(socket.AF_UNIX) as plain:
        plain.settimeout(30)
        plain.connect(str(path))
        with context.wrap_socket(plain, server_hostname="127.0.0.1") if context else nullcontext(plain) as wire:
            lines = (
                f"GET {address} HTTP/1.1",
                "Host: 127.0.0.1",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Version: 13",
                "",
                "",
            )
            wire.sendall("\r\n".join(lines).encode())
            return wire.recv(65536).decode()


def test_every_option_of_serve_is_explained() -> None:
    text = (DEPLOY / "README.md").read_text(encoding="utf-8")
    for option in serve_options() - {"--config", "--help", "-h"}:
        assert f"`{option}" in text, f"{option} is not in docs/deploy/README.md"

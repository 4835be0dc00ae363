"""dbt for tests: the project is parsed once for the whole run, and a command costs what it does and not the start of dbt."""

import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
SERVER = Path(__file__).with_name("forking_dbt.py")
FOLDERS = ("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT))
# What makes the graph the largest there is, beside all systems and checks, which the project has of itself; others are parts of it.
WHOLE = {
    "sources": [
        # without one of the services two models are no tables (macro has_service_payments)
        {"name": "kassa", "system": "yookassa", "type": "yookassa", "position": 1, "timezone": "Europe/Moscow", "url": ""},
        # without accounts in another currency than the company's no rate is looked up (macro left_join_rate)
        {"name": "books", "system": "onec", "type": "1c_odata", "position": 2, "timezone": "Europe/Moscow", "accounting_currency": "EUR"},
    ],
    # without them no working day is looked up (int_first_responses)
    "working_hours": "mon-fri 09:00-18:00",
}
# what a compilation leaves in its folder for tests.properties.compiled
COMPILED = "compiled.json"
# a command that hangs must fail its test, not stop the run; nothing here is expected to take a tenth of it
_SECONDS = 900


@dataclass
class Dbt:
    """A connection to a started dbt that knows the project.

    Attributes:
        server: see forking_dbt.
    """

    server: socket.socket

    def run(self, command: str, *arguments: str, folder: Path, environment: Mapping[str, str], variables: Mapping[str, Any]) -> None:
        """Run a command; fails the test with dbt's own words.

        Args:
            command: run, seed, build, compile, …
            arguments: further ones, such as a selection.
            folder: of the artefacts (target) and logs.
            environment: the whole environment of the command.
            variables: dbt vars.
        """
        # two threads that take turns at Python cost a quarter more than one
        words = ["--quiet", "--no-use-colors", "--no-write-json", command, *arguments, "--threads", "1"]
        words += [*FOLDERS, *_target(folder), "--vars", json.dumps(variables)]
        compiled = {"compiled": str(folder / COMPILED)} if command == "compile" else {}
        self._obeyed(f"dbt {command}", folder, {"arguments": words, "environment": dict(environment), **compiled})

    def build_companies(self, told: Mapping[str, Any], folder: Path, seconds: float = _SECONDS) -> None:
        """Build companies on ClickHouse's engine; fails the test with the words of the model that failed.

        Args:
            told: see clickhouse_company.Order.
            folder: of the logs.
            seconds: that it may take at most.
        """
        self.server.settimeout(seconds)
        environment = {**plain_environment(), "SKVOZ_ENGINE": "clickhouse"}
        self._obeyed("the build on ClickHouse", folder, {"companies": told, "environment": environment})
        self.server.settimeout(_SECONDS)

    def _obeyed(self, what: str, folder: Path, order: Mapping[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        output = folder / "dbt.out"
        self.server.sendall(f"{json.dumps({**order, 'folder': str(folder), 'output': str(output)})}\n".encode())
        code = self.server.recv(16).decode().strip()
        assert code == "0", f"{what} ended with {code}: {output.read_text(encoding='utf-8')[-4000:]}"


@contextmanager
def started(folder: Path, address: Path) -> Iterator[None]:
    """dbt that has parsed the project, or read what an earlier one has left in the folder, and answers at a Unix socket.

    Its warnings are as quiet as those of a command of dbt's own; its words go to a file in that folder. At the end it is waited for: it
    serves those who are still connected.
    """
    words = [sys.executable, str(SERVER), str(address), *FOLDERS, *_target(folder), "--vars", json.dumps(WHOLE)]
    with (folder / f"server-{os.getpid()}.log").open("w") as log:
        process = subprocess.Popen(
            words, env=_environment(folder), cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            assert process.stdout is not None
            ready, _, _ = select.select([process.stdout], [], [], _SECONDS)
            assert ready, f"dbt has not answered for {_SECONDS} s"
            answer = process.stdout.readline().strip()
            assert answer == "ready", f"dbt did not start: {answer}"
            yield
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(_SECONDS)
            assert process.stdout is not None
            process.stdout.close()


@contextmanager
def connected(address: Path) -> Iterator[Dbt]:
    """A connection to the dbt that answers there."""
    with socket.socket(socket.AF_UNIX) as server:
        server.settimeout(_SECONDS)
        server.connect(str(address))
        yield Dbt(server)


def plain_environment() -> dict[str, str]:
    """The environment of the tests without anything meant for skvoz or dbt."""
    known = {name: value for name, value in os.environ.items() if not name.startswith(("SKVOZ_", "DBT_"))}
    return {**known, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_LOG_LEVEL_FILE": "info"}


def _environment(folder: Path) -> dict[str, str]:
    return {**plain_environment(), "SKVOZ_WAREHOUSE": str(folder / "warehouse.duckdb"), "SKVOZ_TEMP": str(folder / "tmp")}


def _target(folder: Path) -> tuple[str, ...]:
    return ("--target-path", str(folder / "target"), "--log-path", str(folder / "logs"))

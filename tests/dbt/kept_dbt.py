"""dbt for tests: the project is parsed once for the whole run, and a command costs what it does and not the start of dbt."""

import json
import os
import select
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
# a command that hangs must fail its test, not stop the run; nothing here is expected to take a tenth of it
_SECONDS = 900


@dataclass
class Dbt:
    """A started dbt that knows the project.

    Attributes:
        process: see forking_dbt.
    """

    process: subprocess.Popen[str]

    def run(self, command: str, *arguments: str, folder: Path, environment: Mapping[str, str], variables: Mapping[str, Any]) -> None:
        """Run a command; fails the test with dbt's own words.

        Args:
            command: run, seed, build, compile, …
            arguments: further ones, such as a selection.
            folder: of the artefacts (target) and logs.
            environment: the whole environment of the command.
            variables: dbt vars.
        """
        folder.mkdir(parents=True, exist_ok=True)
        output = folder / "dbt.out"
        # what was done is only asked for after a compilation; writing it takes 0.5 s of the 1.1 s of a command
        artefacts = "--write-json" if command == "compile" else "--no-write-json"
        words = ["--quiet", "--no-use-colors", artefacts, command, *arguments, *FOLDERS, *_target(folder), "--vars", json.dumps(variables)]
        order = {"arguments": words, "environment": dict(environment), "folder": str(folder), "output": str(output)}
        code = self._answer(json.dumps(order))
        assert code == "0", f"dbt {command} ended with {code}: {output.read_text(encoding='utf-8')[-4000:]}"

    def _answer(self, line: str = "") -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        if line:
            self.process.stdin.write(f"{line}\n")
            self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], _SECONDS)
        assert ready, f"dbt has not answered for {_SECONDS} s"
        return self.process.stdout.readline().strip()

    def await_start(self) -> None:
        """Until the project is read."""
        answer = self._answer()
        assert answer == "ready", f"dbt did not start: {answer}"


@contextmanager
def started(folder: Path) -> Iterator[Dbt]:
    """dbt that has parsed the project, or read what an earlier one has left in the folder.

    Its warnings are as quiet as those of a command of dbt's own; its words go to a file in that folder.
    """
    words = [sys.executable, str(SERVER), *FOLDERS, *_target(folder), "--vars", json.dumps(WHOLE)]
    with (folder / f"server-{os.getpid()}.log").open("w") as log:
        process = subprocess.Popen(
            words, env=_environment(folder), cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            dbt = Dbt(process)
            dbt.await_start()
            yield dbt
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(_SECONDS)
            assert process.stdout is not None
            process.stdout.close()


def parse(folder: Path) -> None:
    """Leave the parsed project in a folder."""
    with started(folder):
        pass


def plain_environment() -> dict[str, str]:
    """The environment of the tests without anything meant for skvoz or dbt."""
    known = {name: value for name, value in os.environ.items() if not name.startswith(("SKVOZ_", "DBT_"))}
    return {**known, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_LOG_LEVEL_FILE": "info"}


def _environment(folder: Path) -> dict[str, str]:
    return {**plain_environment(), "SKVOZ_WAREHOUSE": str(folder / "warehouse.duckdb"), "SKVOZ_TEMP": str(folder / "tmp")}


def _target(folder: Path) -> tuple[str, ...]:
    return ("--target-path", str(folder / "target"), "--log-path", str(folder / "logs"))

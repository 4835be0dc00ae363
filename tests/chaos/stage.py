"""The stage of the campaign: a small company whose systems run, what an undisturbed run makes of it, and programs that can be killed."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import duckdb

from ingestion.sandbox.company import build_company
from ingestion.sandbox.company_systems import Systems, running_systems
from ingestion.sandbox.faults import FaultPlan, FaultSwitch
from orchestration.publish import current_file

SEED, SCALE, TODAY, AS_OF = 1, 0.05, date(2026, 4, 1), "2026-03-31"
PROGRAM = "from orchestration.cli import main; main()"
LIMIT_SECONDS = 900.0
# what differs between two undisturbed runs: moments and names of the run itself, and what is compared with the publication before
VOLATILE_TABLES = frozenset({"publication", "restatements"})
VOLATILE_COLUMNS = frozenset({"last_loaded_at", "loaded_at", "published_at", "run_id"})

Digest = dict[str, tuple[int, int]]


@dataclass(slots=True)
class Ended:
    """How a program ended: exit code, what it said, how long it ran."""

    code: int
    said: str
    seconds: float

    @property
    def killed(self) -> bool:
        """Whether it was killed before it had ended by itself."""
        return self.code == -signal.SIGKILL

    @property
    def last_line(self) -> str:
        """The sentence a person reads last."""
        lines = [line for line in self.said.splitlines() if line.strip()]
        return lines[-1].strip() if lines else ""

    @property
    def is_plain(self) -> bool:
        """Whether it spoke in sentences."""
        return "Traceback" not in self.said


@dataclass(slots=True)
class Stage:
    """The running company and the folders that trials play in.

    Attributes:
        folder: everything of the campaign.
        systems: of the company.
        switches: of its servers, to spoil their answers.
        chance: the campaign's own randomness.
        raw: digest of the raw tables after an undisturbed reading.
        sync_seconds: how long that took.
    """

    folder: Path
    systems: Systems
    switches: list[FaultSwitch]
    chance: random.Random
    raw: Digest = field(default_factory=dict)
    sync_seconds: float = 0.0
    _made: int = 0

    @property
    def reference(self) -> Path:
        """The folder of the undisturbed run."""
        return self.folder / "reference"

    def fresh(self) -> Path:
        """A company that has loaded nothing yet."""
        self._made += 1
        return self._company(self.folder / f"trial{self._made}")

    def copied(self) -> Path:
        """A company as the undisturbed run left it."""
        folder = self.fresh()
        shutil.copytree(self.reference / "data", folder / "data", symlinks=True)
        return folder

    def tidy(self) -> None:
        """Give the disk back what trials have used."""
        for folder in self.folder.glob("trial*"):
            shutil.rmtree(folder)

    def prepare(self) -> None:
        """The undisturbed reading."""
        self._company(self.reference)
        ended = run(self.reference, "sync")
        if ended.code != 0:
            message = f"the undisturbed reading failed:\n{ended.said}"
            raise RuntimeError(message)
        self.sync_seconds = ended.seconds
        self.raw = raw_digest(self.reference)

    def instant(self, seconds: float) -> float:
        """A random moment of something that takes so long."""
        return self.chance.uniform(0.1, 1.0) * seconds

    @contextmanager
    def spoiled(self, plan: FaultPlan) -> Iterator[None]:
        """Every server answers by the plan while the block runs."""
        before = [switch.plan for switch in self.switches]
        for switch in self.switches:
            switch.plan = plan
        try:
            yield
        finally:
            for switch, old in zip(self.switches, before, strict=True):
                switch.plan = old

    def _company(self, folder: Path) -> Path:
        folder.mkdir()
        (folder / "skvoz.toml").write_text(self.systems.toml, encoding="utf-8")
        shutil.copytree(self.folder / "systems" / "input", folder / "input")
        shutil.copy(self.folder / "systems" / ".env", folder / ".env")
        return folder


@contextmanager
def staged(folder: Path, seed: int, scale: float = SCALE) -> Iterator[Stage]:
    """The company's systems while the block runs, and the undisturbed reading done."""
    company = build_company(seed=SEED, scale=scale, today=TODAY)
    (folder / "systems").mkdir(parents=True)
    with running_systems(company, folder / "systems") as systems:
        switches = [app.state.faults for app in systems.apps.values()]
        stage = Stage(folder, systems, switches, random.Random(seed))
        stage.prepare()
        yield stage


def run(folder: Path, *arguments: str, kill_after: float | None = None) -> Ended:
    """`skvoz …` in a process of its own; killed with all it has started after so many seconds, if any are given."""
    return run_program([sys.executable, "-c", PROGRAM, *arguments, "--config", str(folder / "skvoz.toml")], folder, kill_after)


def run_program(command: list[str], folder: Path, kill_after: float | None = None) -> Ended:
    """A program; SIGKILL goes to it alone, as the kernel would do it: what it has started must end by itself."""
    names = ("SKVOZ_", "DAGSTER_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(names)}
    began = time.monotonic()
    log = folder / "said.log"
    with log.open("wb") as out, subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT) as process:
        try:
            process.wait(kill_after or LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return Ended(process.returncode, log.read_text(encoding="utf-8", errors="replace"), time.monotonic() - began)


def raw_digest(folder: Path) -> Digest:
    """Of every raw table: rows, and a sum over what they say (not when and by which load they came)."""
    with duckdb.connect(str(folder / "data" / "warehouse.duckdb"), read_only=True) as connection:
        tables = [
            row[0]
            for row in connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'raw' and not ends_with(table_name, '__versions')"
            ).fetchall()
        ]
        said = "_source, _key, _modified_at, _deleted, payload::varchar"
        return {table: _digest(connection, f"select hash({said}) as h from raw.{table}") for table in tables}


def marts_digest(path: Path) -> Digest:
    """Of every published mart, what does not change from one undisturbed run to the next."""
    with duckdb.connect(str(path), read_only=True) as connection:
        columns = connection.execute(
            "select table_name, column_name from information_schema.columns where table_schema = 'marts' order by ordinal_position"
        ).fetchall()
        tables: dict[str, list[str]] = {}
        for table, column in columns:
            if table not in VOLATILE_TABLES and column not in VOLATILE_COLUMNS:
                tables.setdefault(table, []).append(f'"{column}"')
        return {table: _digest(connection, f"select hash({', '.join(names)}) as h from marts.{table}") for table, names in tables.items()}


def published_digest(folder: Path) -> Digest:
    """Of what readers see now; empty before the first publication."""
    path = current_file(folder / "data" / "published")
    return {} if path is None else marts_digest(path)


def _digest(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, int]:
    row = connection.execute(f"select count(*), coalesce(sum(h::hugeint), 0)::varchar from ({query})").fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def spoil_every(number: int) -> FaultPlan:
    """Every so manieth answer goes wrong, in all the ways there are."""
    return replace(FaultPlan(), every=number, retry_after=0, slow_seconds=0.05)

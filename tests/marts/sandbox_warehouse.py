"""The sandbox company taken through the whole product once: its systems over HTTP, raw zone, warehouse, marts, publication."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.company_systems import running_systems
from ingestion.settings import Settings, load_settings
from orchestration.project import Project
from orchestration.publish import current_file
from tests.dbt.kept_dbt import Dbt

SEED, SCALE = 1, 0.2
TODAY = date(2026, 4, 1)
AS_OF = date(2026, 3, 31)
# a run that hangs must fail the tests, not the machine that runs them
_RUN_SECONDS = 900


@dataclass(frozen=True)
class PublishedSandbox:
    """The company and what was published about it.

    Attributes:
        company: the truth; frames of it are made by ingestion.sandbox.truth.
        settings: its skvoz.toml (the systems themselves are no longer running).
        path: the published file, schema marts.
        as_of: the business day the build was made for.
    """

    company: Company
    settings: Settings
    path: Path
    as_of: date = AS_OF
    _tables: dict[str, pl.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    def mart(self, table: str) -> pl.DataFrame:
        """All rows of a mart, read once."""
        if table not in self._tables:
            with duckdb.connect(str(self.path), read_only=True) as connection:
                connection.execute("set TimeZone = 'UTC'")
                self._tables[table] = connection.sql(f"select * from marts.{table}").pl()
        return self._tables[table]


def skvoz(folder: Path, *arguments: str) -> str:
    """Run the command line in the folder as an administrator would; gives what it printed, fails the test if it failed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SKVOZ_", "DAGSTER_"))}
    command = [sys.executable, "-c", "from orchestration.cli import main; main()", *arguments, "--config", str(folder / "skvoz.toml")]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=_RUN_SECONDS, check=False)
    assert done.returncode == 0, f"skvoz {' '.join(arguments)}:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout + done.stderr


def build_models(dbt: Dbt, settings: Settings, as_of: date, *selection: str) -> None:
    """Seeds and models of an already loaded warehouse, without tests and publication: far less than a run.

    Args:
        dbt: builds.
        settings: whose warehouse.
        as_of: the business day to build for.
        selection: further arguments of dbt (--select …, --exclude …).
    """
    project = Project(settings, as_of)
    selection = (*selection, "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    dbt.run("build", *selection, folder=project.target, environment=project.environment("test"), variables=project.vars())


def make_company() -> Company:
    """The company of the published sandbox: the same in every process."""
    return build_company(seed=SEED, scale=SCALE, today=TODAY)


def build(folder: Path, company: Company) -> None:
    """Extract, load, build and publish the company's data into `folder` with the command that production runs."""
    with running_systems(company, folder) as systems:
        (folder / "skvoz.toml").write_text(systems.toml, encoding="utf-8")
        skvoz(folder, "run", "--as-of", AS_OF.isoformat())


def opened(folder: Path, company: Company) -> PublishedSandbox:
    """What `build` left in the folder."""
    settings = load_settings(folder / "skvoz.toml")
    path = current_file(settings.data_dir / "published")
    assert path is not None
    return PublishedSandbox(company, settings, path)


def made_once(temporary: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that is filled once in a test run, whichever worker of pytest-xdist comes first; the others wait for it.

    Args:
        temporary: of the session.
        name: of the folder.
        make: fills it; a failure leaves it to be made anew.
    """
    base = temporary.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return filled_once(shared / name, make)


def filled_once(folder: Path, make: Callable[[Path], object]) -> Path:
    """The folder, filled by `make` unless it is already; processes that come meanwhile wait."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
            make(folder)
            (folder / "made").touch()
    return folder

"""The dbt project as orchestration hands it over: its folder, its vars and environment, its manifest, and when a build can be left out."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson
import yaml

from ingestion import calendar
from ingestion.discovery import all_sources
from ingestion.durable import private_folder, write_durably
from ingestion.engines.duckdb import memory_setting
from ingestion.machine import want_of_room
from ingestion.settings import ConfiguredSource, Settings
from ingestion.spec import SourceOptions
from orchestration.clickhouse import clickhouse_environment, previous_publication
from orchestration.errors import BuildError
from orchestration.publish import current_file

LEAN_DBT = Path(__file__).with_name("lean_dbt.py")
IN_PROCESS = Path(__file__).with_name("dbt_in_process.py")
OWN_PROJECT = Path(__file__).resolve().parent.parent / "dbt_project"
PROJECT_FILE = "dbt_project.yml"
PACKAGE = "dbt_packages/skvoz"
_CHECK_PREFIX = "check_"
_SALES = "fct_sales"
_GROWS = re.compile(rb"materialized\s*[=:]\s*['\"]?incremental")
_ASKS_DAY = re.compile(rb"var\(\s*['\"]as_of_date['\"]")
_PROJECT_FILES = ("*.sql", "*.yml", "*.yaml", "*.csv", "*.md")


@dataclass(frozen=True, slots=True)
class Project:
    """The dbt project of a configuration, for one as_of date.

    Attributes:
        settings: skvoz.toml.
        as_of: the business day the build is made for.
    """

    settings: Settings
    as_of: date

    @property
    def folder(self) -> Path:
        """Ours, or the company's own that uses ours as a package."""
        own = self.settings.dbt.project
        return OWN_PROJECT if own is None else (self.settings.base_dir / own).resolve()

    @property
    def target(self) -> Path:
        """Where dbt keeps its artefacts."""
        return self.settings.data_dir / "dbt"

    @property
    def dbt(self) -> tuple[Path, ...]:
        """The program that builds, and what it is to run: dbt, or for ClickHouse's engine in process dbt with that under its adapter."""
        in_process = self.settings.warehouse.engine == "clickhouse" and self.settings.clickhouse.folder is not None
        return (Path(sys.executable), IN_PROCESS) if in_process else (Path(sys.executable), LEAN_DBT)

    def vars(self) -> dict[str, Any]:
        """What models may know of the configuration and the day: never a secret, and nothing that changes between two runs of one day."""
        company = self.settings.company
        return {
            **self.defaults(),
            "reconciliation_checks": self.checks(),
            "systems_of": self.systems_of(),
            "unused_systems": sorted(self._unused_systems()),
            "sales_from_deals": self._sells_by_deals(),
            **self.settings.vars,
            "as_of_date": self.as_of.isoformat(),
            "skvoz_version": version("skvoz"),
            "company_name": company.name,
            "base_currency": company.currency,
            "company_timezone": company.timezone,
            "company_country": company.country,
            "working_hours": company.working_hours,
            "sources": [_source_var(source) for source in self.settings.sources],
        }

    def parsed_vars(self) -> str:
        """The vars that dbt is started with, as JSON: those that are the same every day, unless the company's own models ask for the day.

        (dbt parses the whole project anew when a var changes, 8 to 13 s, a third of a small company's build. Our models ask the
        environment for the day, macro as_of_date, as they do for the run.)
        """
        told = self.vars()
        if self.folder == OWN_PROJECT or not any(_ASKS_DAY.search(content) for _, content in _files_of(self.folder)):
            del told["as_of_date"]
        return orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()

    def defaults(self) -> dict[str, Any]:
        """Our vars for the models of a company's own project, which does not see what a package declares; its own declarations win."""
        if self.settings.dbt.project is None:
            return {}
        theirs = declared_vars(self.folder)
        named = {name for value in theirs.values() if isinstance(value, dict) for name in value}  # under a package's name
        return {name: value for name, value in declared_vars(OWN_PROJECT).items() if name not in theirs and name not in named}

    def checks(self) -> list[str]:
        """Names of the checks of marts.reconciliation: of every model check_<name>.sql, ours and the company's.

        (dbt must know what a model reads while it parses it, and cannot look into folders itself.)
        """
        files = {path.stem for folder in (OWN_PROJECT, self.folder) for path in (folder / "models").rglob(f"{_CHECK_PREFIX}*.sql")}
        return sorted(name.removeprefix(_CHECK_PREFIX) for name in files)

    def systems_of(self) -> dict[str, list[str]]:
        """Which systems give records to which canonical entity: the models <entity>__<system>, ours and the company's, of systems in use.

        (What a company never had costs it nothing: a third of the models, and a sixth of the time of a small company's build.)
        """
        systems: dict[str, set[str]] = {}
        for folder in (OWN_PROJECT, self.folder):
            for path in (folder / "models").rglob("int_*__*.sql"):
                entity, _, system = path.stem.partition("__")
                systems.setdefault(entity, set()).add(system)
        unused = self._unused_systems()
        return {entity: sorted((systems[entity] - unused) or {min(systems[entity])}) for entity in sorted(systems)}

    def _unused_systems(self) -> set[str]:
        """The systems of no source; none while the raw zone keeps what a source gave that is configured no longer (it still counts)."""
        known = {source.name: {stream.name for stream in source.source.streams} for source in self.settings.sources}
        known[calendar.SOURCE.type] = {stream.name for stream in calendar.SOURCE.streams}
        if any(folder.name not in known.get(folder.parent.name, ()) for folder in self.settings.raw_dir.glob("*/*/")):
            return set()
        return {source.system for source in all_sources().values()} - {source.source.system for source in self.settings.sources}

    def _sells_by_deals(self) -> bool:
        """Whether won deals are the company's sales: no source gives sales of its own, and none that is configured no longer ever did."""
        given = [stream for source in self.settings.sources for stream in source.source.streams_for(source.options)]
        return bool(self._unused_systems()) and not any(_SALES in stream.feeds for stream in given)

    def environment(self, run_id: str) -> dict[str, str]:
        """Paths and limits for profiles.yml, over the process environment."""
        threads = str(self.settings.warehouse.threads or os.cpu_count() or 2)
        temp = self.settings.warehouse.temp_directory
        previous = current_file(self.settings.data_dir / "published")
        return {
            **os.environ,
            "SKVOZ_WAREHOUSE": str(self.settings.warehouse_file),
            "SKVOZ_THREADS": threads,
            "SKVOZ_DBT_THREADS": "2",
            "SKVOZ_MEMORY_LIMIT": memory_setting(self.settings.warehouse.memory_limit),
            "SKVOZ_TEMP": str(self.settings.base_dir / temp if temp else self.settings.data_dir / "tmp"),
            "SKVOZ_RUN_ID": run_id,
            "SKVOZ_AS_OF": self.as_of.isoformat(),
            # what readers have now: marts.restatements says what of it has changed
            "SKVOZ_PREVIOUS": previous_publication(self.settings, previous),
            **(clickhouse_environment(self.settings) if self.settings.warehouse.engine == "clickhouse" else {}),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_LOG_PATH": str(self.target / "logs"),
            # debug lines are 10 MB a build and 4 % of its time; the SQL of each model stands in the target folder anyway
            "DBT_LOG_LEVEL_FILE": "info",
        }

    def manifest(self) -> Path:
        """The project's manifest, parsed anew when a file of the project or a var changed.

        Raises:
            BuildError: the project does not parse; says where.
        """
        self.link_package()
        marker = self.target / "manifest.fingerprint"
        manifest = self.target / "manifest.json"
        fingerprint = self.fingerprint()
        if marker.exists() and marker.read_text() == fingerprint and _is_whole(manifest):
            return manifest
        private_folder(self.target)
        marker.touch()  # where this folder cannot be written the operating system says so here; dbt would say it as a traceback
        command = [sys.executable, str(LEAN_DBT), "--quiet", "--no-use-colors", "parse"]
        command += ["--vars", self.parsed_vars(), *self.folders()]
        done = self._parsed(command)
        if done.returncode != 0:
            # dbt 1.11 finds a unit test twice where its file and its model have changed since the parse that it goes on from
            done = self._parsed([*command, "--no-partial-parse"])
        if done.returncode != 0:
            words = done.stdout.strip() or done.stderr.strip()  # dbt tells on stdout; libraries that end badly, on stderr
            raise BuildError(want_of_room(words) or f"the dbt project in {self.folder} does not parse:\n{words[-2000:]}")
        write_durably(marker, fingerprint.encode())
        return manifest

    def _parsed(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, env=self.environment("parse"), capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments

    def link_package(self) -> None:
        """Put our project where a company's own looks for it as a package; what `dbt deps` does, without a path of this machine in a file.

        Raises:
            BuildError: the link cannot be made.
        """
        package = self.folder / PACKAGE
        if not self._uses_package() or (package.is_symlink() and package.resolve() == OWN_PROJECT):
            return
        try:
            package.parent.mkdir(exist_ok=True)
            package.unlink(missing_ok=True)
            package.symlink_to(OWN_PROJECT, target_is_directory=True)
        except OSError as error:
            message = (
                f"{package}: cannot be made a link to {OWN_PROJECT} ({error.strerror}); take away what stands there, or make the link."
            )
            raise BuildError(message) from None

    def _uses_package(self) -> bool:
        try:
            return self.folder != OWN_PROJECT and PACKAGE in (self.folder / PROJECT_FILE).read_text(encoding="utf-8")
        except OSError as error:
            message = (
                f"{self.folder / PROJECT_FILE}: {error.strerror}; [dbt] project names the folder of a dbt project (skvoz new project)."
            )
            raise BuildError(message) from None

    def folders(self) -> list[str]:
        """The options of dbt that name the project, its profile and the artefacts' folder."""
        profiles = self.folder if (self.folder / "profiles.yml").exists() else OWN_PROJECT
        return ["--project-dir", str(self.folder), "--profiles-dir", str(profiles), "--target-path", str(self.target)]

    def fingerprint(self) -> str:
        """Tells one state of project files and of the vars that they are parsed with from another."""
        digest = hashlib.sha256(self.parsed_vars().encode())
        if self.settings.warehouse.engine != "duckdb":
            digest.update(self.settings.warehouse.engine.encode())
        for name, content in self._files():
            digest.update(name.encode() + content)
        return digest.hexdigest()

    def growing_fingerprint(self) -> str:
        """Tells when tables that grow by each load must be made anew: what makes their rows, or a var but the day, is another.

        (A field that skvoz.toml names later, or one that an upgrade reads better, would hold for new records alone otherwise.)
        """
        told = {name: value for name, value in self.vars().items() if name != "as_of_date"}
        digest = hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS))
        for name, content in self._files():
            if name == PROJECT_FILE or name.startswith("macros/") or _GROWS.search(content):
                digest.update(name.encode() + content)
        return digest.hexdigest()

    def _files(self) -> Iterator[tuple[str, bytes]]:
        """The files of our project and of the company's own: path in its project, content."""
        for folder in sorted({OWN_PROJECT, self.folder}):  # a set of paths has another order in every process
            yield from _files_of(folder)


def _is_whole(path: Path) -> bool:
    """Whether a JSON file is there to its end: dbt writes its own in place, and a killed build or a full disk leaves the half of one."""
    try:
        orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return False
    return True


def _files_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(path for pattern in _PROJECT_FILES for path in folder.rglob(pattern)):
        yield str(path.relative_to(folder)), path.read_bytes()


def declared_vars(folder: Path) -> dict[str, Any]:
    """The vars block of a dbt project; empty where there is none, or where dbt itself will say what is wrong with the file."""
    try:
        project = yaml.safe_load((folder / PROJECT_FILE).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError):
        return {}
    declared = project.get("vars") if isinstance(project, dict) else None
    return declared if isinstance(declared, dict) else {}


def as_of_date(settings: Settings, given: date | None = None) -> date:
    """The given day, else today in the company's time zone."""
    return given or datetime.now(settings.zone).date()


def _source_var(source: ConfiguredSource) -> dict[str, Any]:
    options = source.options
    var: dict[str, Any] = {
        "name": source.name,
        "system": source.source.system,
        "type": source.source.type,
        "position": source.position,
        "timezone": source.timezone.key,
        "url": _plain_url(options),
        **({"country": source.country} if source.country else {}),
        **({"title": source.title} if source.title else {}),
    }
    chosen: Mapping[str, Any] = options.model_dump(mode="json", include=set(source.source.dbt_options))
    return {**var, **{name: value for name, value in chosen.items() if value is not None}}


def _plain_url(options: SourceOptions) -> str:
    """The address people open, without the secret that a webhook carries in its path."""
    url = str(getattr(options, "url", None) or "")
    webhook = getattr(options, "webhook", None)
    if not url and webhook is not None:
        secret = webhook.get_secret_value() if hasattr(webhook, "get_secret_value") else str(webhook)
        url = secret.split("/rest/")[0]
    return url.rstrip("/")

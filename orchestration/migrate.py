"""Moving the warehouse to ClickHouse: the raw zone is replayed there, the marts are built and compared row for row with the published ones.

Nothing that readers use is touched until all of that has come out equal; then the one line of skvoz.toml is changed, or said. Every step
may be repeated: the ledger on ClickHouse knows what is loaded, so a migration that was stopped goes on where it stood.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import duckdb
import orjson

from ingestion import load
from ingestion.durable import private_folder, write_durably
from ingestion.settings import Settings, read_toml
from ingestion.sync import calendar_source, opened_raw, opened_warehouse
from orchestration.compare_engines import Compared, Say, compare
from orchestration.errors import MigrationError
from orchestration.project import Project
from orchestration.publish import current_file
from orchestration.tethered import PARENT_VARIABLE, write_launcher
from orchestration.transform import build_state, read_state

_WAREHOUSE = re.compile(r"^\[warehouse\][^\n]*\n", re.MULTILINE)
_ENGINE = re.compile(r'^(\s*engine\s*=\s*)(["\'])duckdb\2', re.MULTILINE)


def on_clickhouse(settings: Settings) -> Settings:
    """The same configuration with the other engine.

    Raises:
        MigrationError: [warehouse] does not say where ClickHouse is.
    """
    if settings.warehouse.engine == "clickhouse":
        message = f'{settings.file.name} says engine = "clickhouse" already; there is nothing to migrate.'
        raise MigrationError(message)
    if not re.fullmatch(r"https?://[^/\s]+/?|chdb:.+", settings.warehouse.url):
        message = (
            f"{settings.file.name}: add url (https://host:8443), user and password of ClickHouse to [warehouse] and leave engine as it is;"
            " then migrate again."
        )
        raise MigrationError(message)
    return replace(settings, warehouse=settings.warehouse.model_copy(update={"engine": "clickhouse"}))


def migrate(settings: Settings, say: Say, *, restart: bool = False) -> list[Compared]:
    """Replay, build and compare; the caller holds the data folder's lock.

    Args:
        settings: as skvoz.toml has them, with engine duckdb.
        say: told about progress.
        restart: empty what an earlier migration loaded, and begin anew.

    Raises:
        MigrationError: there is nothing to compare with, or the build on ClickHouse failed.
        WarehouseError: ClickHouse cannot be reached or refuses something.
    """
    target = on_clickhouse(settings)
    published = current_file(settings.data_dir / "published")
    if published is None or published.suffix != ".duckdb":
        message = "there is no publication made with DuckDB to compare with; run: skvoz build"
        raise MigrationError(message)
    with duckdb.connect(str(published), read_only=True) as connection:
        [(as_of,)] = connection.execute("select as_of_date from marts.publication").fetchall()
    if read_state(settings) != build_state(Project(settings, as_of)):
        message = (
            f"the published marts are older than what is loaded or than the models; run skvoz build --as-of {as_of}, then migrate again."
        )
        raise MigrationError(message)
    rows = replay_into(settings, target, say, restart=restart)
    say(f"{rows} rows loaded; building the marts as of {as_of}")
    build(Project(target, as_of))
    return compare(settings, target, published, say)


def replay_into(settings: Settings, target: Settings, say: Say, *, restart: bool) -> int:
    """Load every raw file into ClickHouse that its ledger does not name, and take over when each stream was read: rows written."""
    rows = 0
    with opened_warehouse(settings) as connection:
        connection.execute("set TimeZone = 'UTC'")
        read_at = connection.execute(
            "select source, stream, system, extracted_at from meta.cursors where extracted_at is not null"
        ).fetchall()
    with opened_raw(target) as warehouse:
        for source in [*settings.sources, calendar_source()]:
            loaded = 0
            for stream in source.source.streams_for(source.options):
                if restart:
                    load.forget_stream(warehouse, source.name, source.source, stream)
                loaded += load.load_stream(warehouse, settings.raw_dir, source.name, source.source, stream).rows
            say(f"{source.name}: {loaded} rows")
            rows += loaded
        for name, stream_name, system, moment in read_at:
            load.mark_extracted(warehouse, name, system, stream_name, moment)
    return rows


def build(project: Project) -> None:
    """`dbt build` with the blocking tests, published to nobody.

    Everything is made anew: ClickHouse writes a table block by block, and what a killed build has left looks like a whole one.

    Raises:
        MigrationError: a model or a test failed; says which.
    """
    private_folder(project.target)
    results = project.target / "run_results.json"
    results.unlink(missing_ok=True)
    arguments = ["--quiet", "build", "--full-refresh", "--exclude-resource-type", "unit_test"]
    arguments += ["--vars", project.parsed_vars()]
    # killed with this process: it would hold a chdb: folder for minutes, and migrating again would find it taken
    launcher = write_launcher(project.target / "dbt-migration", *project.dbt)
    environment = {**project.environment("migration"), PARENT_VARIABLE: str(os.getpid())}
    command = [str(launcher), *arguments, "--exclude", "tag:nightly", *project.folders()]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
    if done.returncode == 0:
        return
    try:
        ended = orjson.loads(results.read_bytes())["results"]
    except (OSError, ValueError, KeyError):
        ended = []
    faults = [
        f"- {result['unique_id'].split('.', 2)[2]}: {(result.get('message') or '').strip()}"
        for result in ended
        if result["status"] in {"error", "fail"}
    ]
    said = "\n".join(faults) or (done.stdout + done.stderr).strip()[-2000:]
    message = f"the build on ClickHouse failed; nothing was changed for readers, and migrating again goes on from here:\n{said}"
    raise MigrationError(message)


def switch(file: Path) -> None:
    """Change the one line of skvoz.toml.

    Raises:
        MigrationError: the line is not there; it has to be added by hand.
    """
    text = file.read_text(encoding="utf-8")
    changed, count = _ENGINE.subn(r"\1\2clickhouse\2", text)
    if count == 0 and "engine" not in read_toml(file).get("warehouse", {}):  # duckdb is the default and need not be written
        changed, count = _WAREHOUSE.subn('\\g<0>engine = "clickhouse"\n', text)
    if count != 1:
        message = f'{file}: write engine = "clickhouse" into [warehouse] yourself; the line could not be found for certain.'
        raise MigrationError(message)
    write_durably(file, changed.encode(), mode=file.stat().st_mode & 0o777)

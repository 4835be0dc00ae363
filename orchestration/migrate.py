"""Moving the warehouse to ClickHouse: the raw zone is replayed there, the marts are built and compared row for row with the published ones.

Nothing that readers use is touched until all of that has come out equal; then the one line of skvoz.toml is changed, or said. Every step
may be repeated: the ledger on ClickHouse knows what is loaded, so a migration that was stopped goes on where it stood.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import orjson

from ingestion import load
from ingestion.durable import private_folder, write_durably
from ingestion.engines.clickhouse_client import told
from ingestion.engines.duckdb import memory_setting
from ingestion.settings import Settings
from ingestion.sync import calendar_source, opened_raw, opened_warehouse
from orchestration.clickhouse import opened_client
from orchestration.errors import MigrationError
from orchestration.project import Project
from orchestration.publish import current_file
from orchestration.transform import build_state, read_state

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

Say = Callable[[str], None]
# these speak of the moment, of the publication or of the one before it
NOT_COMPARED = frozenset({"publication", "data_freshness", "restatements"})
_CLOSE = 1e-9  # doubles may differ by so much of themselves: the engines add up in another order
_ENGINE = re.compile(r'^(\s*engine\s*=\s*)(["\'])duckdb\2', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Compared:
    """One mart on both engines.

    Attributes:
        mart: its name.
        rows: on DuckDB.
        differing: rows of either engine that the other has not; doubles count as equal within 1e-9.
        fault: what is not comparable at all, such as a column that is missing.
    """

    mart: str
    rows: int
    differing: int = 0
    fault: str = ""

    @property
    def equal(self) -> bool:
        """Whether the mart is the same."""
        return not self.differing and not self.fault


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

    Raises:
        MigrationError: a model or a test failed; says which.
    """
    private_folder(project.target)
    results = project.target / "run_results.json"
    results.unlink(missing_ok=True)
    arguments = ["--quiet", "build", "--vars", json.dumps(project.vars(), ensure_ascii=False), "--exclude-resource-type", "unit_test"]
    command = [*map(str, project.dbt), *arguments, "--exclude", "tag:nightly", *project.folders()]
    done = subprocess.run(command, env=project.environment("migration"), capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
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


def compare(settings: Settings, target: Settings, published: Path, say: Say) -> list[Compared]:
    """Every published mart with the one that was built on ClickHouse, which comes over as Parquet."""
    found = []
    folder = private_folder(settings.data_dir / "tmp")
    with tempfile.TemporaryDirectory(dir=folder) as scratch, opened_client(target) as client, duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set memory_limit = '{memory_setting(settings.warehouse.memory_limit)}'")
        connection.execute(f"set temp_directory = '{_quoted(scratch)}'")
        connection.execute(f"attach '{_quoted(str(published))}' as published (read_only)")
        tables = connection.execute(
            "select table_name from duckdb_tables() where database_name = 'published' and schema_name = 'marts' order by 1"
        ).fetchall()
        for (mart,) in tables:
            if mart not in NOT_COMPARED:
                found.append(_compare_mart(connection, client, target, mart, Path(scratch)))
                if not found[-1].equal:
                    say(f"{mart}: {found[-1].fault or f'{found[-1].differing} rows differ'}")
    return found


def switch(file: Path) -> None:
    """Change the one line of skvoz.toml.

    Raises:
        MigrationError: the line is not there; it has to be added by hand.
    """
    text = file.read_text(encoding="utf-8")
    changed, count = _ENGINE.subn(r"\1\2clickhouse\2", text)
    if count != 1:
        message = f'{file}: write engine = "clickhouse" into [warehouse] yourself; the line could not be found for certain.'
        raise MigrationError(message)
    write_durably(file, changed.encode(), mode=file.stat().st_mode & 0o777)


def _compare_mart(connection: duckdb.DuckDBPyConnection, client: Client, target: Settings, mart: str, scratch: Path) -> Compared:
    columns = connection.execute(
        "select column_name, data_type from duckdb_columns() where database_name = 'published' and schema_name = 'marts' and table_name = ?"
        " order by column_index",
        [mart],
    ).fetchall()
    [(rows,)] = connection.execute(f'select count(*) from published.marts."{mart}"').fetchall()
    with told(target.clickhouse):
        there = {
            row[0] for row in client.query(f"select name from system.columns where database = 'marts' and table = '{mart}'").result_rows
        }
    missing = sorted(name for name, _ in columns if name not in there)
    if missing:
        return Compared(mart, rows, fault=f"ClickHouse has no {', '.join(missing) if there else 'such mart'}")
    file = scratch / f"{mart}.parquet"
    names = ", ".join(f"`{name}`" for name, _ in columns)
    with told(target.clickhouse), file.open("wb") as parquet:
        for piece in client.raw_stream(f"select {names} from marts.{mart}", fmt="Parquet"):
            parquet.write(piece)
    typed = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in columns)
    exact = ", ".join(f'"{name}"' for name, kind in columns if kind != "DOUBLE") or "1"
    doubles = [name for name, kind in columns if kind == "DOUBLE"]
    connection.execute(f'create or replace temp view here as select * from published.marts."{mart}"')
    connection.execute(f"create or replace temp view there as select {typed} from read_parquet('{_quoted(str(file))}')")
    [(differing,)] = connection.execute(
        f"select (select count(*) from (select {exact} from here except all select {exact} from there))"
        f" + (select count(*) from (select {exact} from there except all select {exact} from here))"
    ).fetchall()
    if doubles and not differing:
        far = " or ".join(
            f'((h."{name}" is null) <> (t."{name}" is null)'
            f' or abs(h."{name}" - t."{name}") > {_CLOSE} * greatest(abs(h."{name}"), abs(t."{name}"), 1e-300))'
            for name in doubles
        )
        # rows that are equal in all else are put side by side by their doubles, to nine digits
        order = ", ".join([exact, *(f"printf('%.8e', \"{name}\")" for name in doubles)])
        [(differing,)] = connection.execute(
            f"select count(*) from (select *, row_number() over (order by {order}) as place from here) as h"
            f" inner join (select *, row_number() over (order by {order}) as place from there) as t using (place) where {far}"
        ).fetchall()
    file.unlink()
    return Compared(mart, rows, differing)


def _quoted(text: str) -> str:
    return text.replace("'", "''")

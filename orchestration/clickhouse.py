"""Publications on ClickHouse: a database for each, which nobody changes any more, and the database of views that other tools read.

Skvoz's own readers follow published/CURRENT, which moves in one step. Other tools read `[warehouse] database`, a database of views that is
made beside the present one and takes its name by two renames: a statement finds the old publication or the new one, never a mixture, and
only one that arrives in the millisecond between the renames finds none and has to be repeated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from ingestion.engines.clickhouse_client import Address, check_names, open_client, place, told
from ingestion.errors import BusyError, IngestionError, WarehouseError
from ingestion.settings import Settings
from orchestration.dbt_in_process import FOLDER_VARIABLE
from orchestration.errors import PublishError

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client


# source, stream, rows, rows deleted, records rejected, when it was last read through, moment of its newest record
StreamCount = tuple[str, str, int, int, int, datetime | None, datetime | None]


def clickhouse_environment(settings: Settings) -> dict[str, str]:
    """What profiles.yml needs to know of ClickHouse."""
    address = settings.clickhouse
    return {
        "SKVOZ_ENGINE": "clickhouse",
        "SKVOZ_CLICKHOUSE_HOST": address.host or "localhost",
        "SKVOZ_CLICKHOUSE_PORT": str(address.port),
        "SKVOZ_CLICKHOUSE_SECURE": str(address.secure),
        "SKVOZ_CLICKHOUSE_USER": address.user,
        "SKVOZ_CLICKHOUSE_PASSWORD": address.password,
        "SKVOZ_CLICKHOUSE_CLUSTER": address.cluster,
        "SKVOZ_CLICKHOUSE_STORAGE_POLICY": address.storage_policy,
        # one handle on the engine in process at a time is enough: it uses every core for each statement
        **({FOLDER_VARIABLE: str(address.folder), "SKVOZ_DBT_THREADS": "1"} if address.folder is not None else {}),
    }


def previous_publication(settings: Settings, current: Path | None) -> str:
    """What readers have now, as the models are told: a file, or a database of the engine that builds; empty if that engine has none."""
    if current is None or not current.exists():
        return ""
    if settings.warehouse.engine == "clickhouse":
        return database_of(current) if current.suffix == ".clickhouse" else ""
    return str(current) if current.suffix == ".duckdb" else ""


def database_of(path: Path) -> str:
    """The database that a publication's file names.

    Raises:
        PublishError: it names none.
    """
    try:
        return str(orjson.loads(path.read_bytes())["database"])
    except (OSError, ValueError, KeyError, TypeError):
        message = f"{path}: it does not say which database it is; delete it and publish again with skvoz build."
        raise PublishError(message) from None


class Publisher:
    """Copies marts, shows and drops publications.

    Args:
        client: an open connection.
        address: of it.
        name: [warehouse] database.
        reader: [warehouse] reader, the account that publications are granted to; empty for none.
    """

    def __init__(self, client: Client, address: Address, name: str, reader: str) -> None:
        self._client = client
        self._address = address
        self._name = name
        self._reader = reader
        self._everywhere = f" on cluster `{address.cluster}`" if address.cluster else ""

    def copy_marts(self, run_id: str, kept: Collection[Path]) -> str:
        """Make the database of a publication out of schema marts; its name. What an interrupted publication left is dropped first.

        Args:
            run_id: of the publication.
            kept: files of the publications that there are.

        Raises:
            PublishError: there are no marts.
        """
        database = f"{self._name}_{run_id.replace('-', '_')}"
        with told(self._address):
            marts = self._rows(
                "select name, engine from system.tables where database = 'marts' and not startsWith(name, '.') order by name"
            )
            if not marts:
                message = "there are no marts to publish on ClickHouse; run: skvoz build"
                raise PublishError(message)
            known = {database_of(path) for path in kept if path.suffix == ".clickhouse"}
            present = [row[0] for row in self._rows("select name from system.databases")]
            self.drop([name for name in present if name.startswith(f"{self._name}_2") and name not in known])
            self._run(f"create database {database}{self._everywhere}")
            for table, engine in marts:
                if table == "publication":
                    self._copy_publication(database, run_id)
                elif engine == "MergeTree":
                    # parts are immutable, and a clone shares them with the table they were written for
                    self._run(f"create table {database}.{table}{self._everywhere} clone as marts.{table}")
                else:
                    kind = f"{'Replicated' if self._address.cluster else ''}MergeTree order by tuple() empty"
                    self._run(f"create table {database}.{table}{self._everywhere} engine = {kind} as select * from marts.{table}")
                    self._run(f"insert into {database}.{table} select * from marts.{table}")
            if self._reader:
                self._run(f"grant{self._everywhere} select on {database}.* to `{self._reader}`")
        return database

    def columns(self, database: str) -> dict[str, list[str]]:
        """Columns of a publication by table."""
        tables: dict[str, list[str]] = {}
        with told(self._address):
            found = self._rows(f"select table, name from system.columns where database = '{database}' order by table, position")
        for table, name in found:
            tables.setdefault(table, []).append(name)
        return tables

    def roles(self) -> list[str]:
        """Roles that exist on the server."""
        with told(self._address):
            return [row[0] for row in self._rows("select name from system.roles")]

    def apply(self, statements: Sequence[str]) -> None:
        """Run statements that give nothing."""
        with told(self._address):
            for statement in statements:
                self._run(statement)

    def show(self, database: str) -> None:
        """Let the name that other tools read mean this publication.

        Raises:
            PublishError: it is not there any more.
        """
        following, before = f"{self._name}_next", f"{self._name}_before"
        with told(self._address):
            tables = self._rows(f"select name from system.tables where database = '{database}' order by name")
            if not tables:
                message = f"ClickHouse holds no publication {database} (any more); publish again with skvoz build."
                raise PublishError(message)
            for name in (following, before):
                self._run(f"drop database if exists {name}{self._everywhere} sync")
            self._run(f"create database {following}{self._everywhere}")
            for (table,) in tables:
                self._run(f"create view {following}.{table}{self._everywhere} as select * from {database}.{table}")
            if self._rows(f"select 1 from system.databases where name = '{self._name}'"):
                self._run(f"rename database {self._name} to {before}{self._everywhere}")
            self._run(f"rename database {following} to {self._name}{self._everywhere}")
            self._run(f"drop database if exists {before}{self._everywhere} sync")

    def drop(self, databases: Sequence[str]) -> None:
        """Remove publications."""
        with told(self._address):
            for database in databases:
                self._run(f"drop database if exists {database}{self._everywhere} sync")

    def _copy_publication(self, database: str, run_id: str) -> None:
        kind = f"{'Replicated' if self._address.cluster else ''}MergeTree order by tuple() empty"
        self._run(f"create table {database}.publication{self._everywhere} engine = {kind} as select * from marts.publication")
        self._run(
            f"insert into {database}.publication"
            " select * replace ({run_id:String} as run_id, {at:DateTime64(6, 'UTC')} as published_at) from marts.publication",
            {"run_id": run_id, "at": datetime.now(UTC)},
        )

    def _rows(self, sql: str) -> Sequence[Sequence[Any]]:
        found: Sequence[Sequence[Any]] = self._client.query(sql).result_rows
        return found

    def _run(self, sql: str, parameters: dict[str, Any] | None = None) -> None:
        self._client.command(sql, parameters=parameters)


@contextmanager
def opened_client(settings: Settings) -> Iterator[Client]:
    """A connection as the one who loads and builds.

    Raises:
        WarehouseError: ClickHouse cannot be reached.
    """
    client = open_client(settings.clickhouse)
    try:
        yield client
    finally:
        client.close()


def check_server(settings: Settings) -> tuple[bool, str]:
    """Whether ClickHouse answers us, is new enough and knows the names of [warehouse]; which it is, or what to do. Writes nothing."""
    try:
        with opened_client(settings) as client:
            check_names(client, settings.clickhouse)
            return True, f"{place(settings.clickhouse)}, version {client.server_version}"
    except (WarehouseError, BusyError) as error:
        return False, str(error)


@contextmanager
def opened_publisher(settings: Settings) -> Iterator[Publisher]:
    """A connection for publishing.

    Raises:
        WarehouseError: ClickHouse cannot be reached.
    """
    with opened_client(settings) as client:
        yield Publisher(client, settings.clickhouse, settings.warehouse.database, settings.warehouse.reader)


def first_rows(settings: Settings, table: str, limit: int) -> list[dict[str, Any]] | None:
    """The first rows of a table; None if it cannot be read."""
    try:
        with opened_client(settings) as client, told(settings.clickhouse):
            found = client.query(f"select * from {table} limit {limit}")
            rows = [dict(zip(found.column_names, row, strict=True)) for row in found.result_rows]
    except IngestionError:
        return None
    return rows


def counted_streams(settings: Settings) -> list[StreamCount]:
    """Every stream that was loaded, by source and name."""
    found: list[StreamCount] = []
    with opened_client(settings) as client, told(settings.clickhouse):
        known = client.query("select source, stream, system, rejected, extracted_at from meta.cursors order by source, stream")
        for source, stream, system, rejected, extracted_at in known.result_rows:
            rows, deleted, newest = client.query(
                f"select countIf(not _deleted), countIf(_deleted), max(_modified_at) from raw.{system}__{stream}"
                " where _source = {source:String}",
                parameters={"source": source},
            ).result_rows[0]
            found.append((source, stream, rows, deleted, rejected, _aware(extracted_at), _aware(newest)))
    return found


def _aware(moment: datetime | None) -> datetime | None:
    """A moment as the driver gives it: in UTC, without saying so."""
    return None if moment is None else moment.replace(tzinfo=UTC)

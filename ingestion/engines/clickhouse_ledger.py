"""The ledgers of the raw layer on ClickHouse, and the tables it is made of: which files are loaded, up to where, what they looked like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ingestion.engines.clickhouse_client import Address, check_names, told
from ingestion.errors import RawZoneError

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from ingestion.engines.clickhouse_feed import File

MOMENT = "DateTime64(6, 'UTC')"
_RAW = f"_source String, _key String, _modified_at Nullable({MOMENT})"
_RAW_REST = "_load_id Int64, _file String, _deleted Bool, payload Nullable(String)"
# one list per version of the ledgers; one that has been released is never edited: (table, columns, key, column of the newest)
MIGRATIONS: tuple[tuple[tuple[str, str, str, str], ...], ...] = (
    (
        ("load_ids", f"load_id Int64, begun_at {MOMENT}", "load_id", ""),
        (
            "files",
            f"file String, source String, stream String, records Int64, sha256 String, load_id Int64, loaded_at {MOMENT}",
            "file",
            "load_id",
        ),
        (
            "cursors",
            "source String, stream String, system String, cursor Nullable(String), rejected Int64,"
            f" extracted_at Nullable({MOMENT}), _revision UInt64",
            "source, stream",
            "_revision",
        ),
        ("loads", f"load_id Int64, source String, stream String, files Int64, rows Int64, loaded_at {MOMENT}", "load_id", ""),
        (
            "profiles",
            f"source String, stream String, load_id Int64, profiled_at {MOMENT}, records Int64, field String, filled Int64,"
            " known_values Nullable(String)",
            "source, stream, load_id, field",
            "profiled_at",
        ),
    ),
)


class ClickHouseLedger:
    """What is loaded, up to where, and since when.

    Args:
        client: an open connection.
        address: of it.
    """

    def __init__(self, client: Client, address: Address) -> None:
        self.client = client
        self.address = address

    def close(self) -> None:
        """End the connection; the engine in process lets go of its folder."""
        self.client.close()

    def prepare(self, tables: Iterable[tuple[str, bool]]) -> None:
        """Bring the ledgers to this version and make every declared raw table, empty where unused.

        Args:
            tables: (raw table, whether its versions are kept).

        Raises:
            RawZoneError: the warehouse was written by a newer version.
            WarehouseError: the cluster or the storage policy does not exist, or a right is missing.
        """
        with told(self.address):
            check_names(self.client, self.address)
            present = {(row[0], row[1]) for row in self.rows("select database, name from system.tables where database in ('raw', 'meta')")}
            if not present:
                self.run(f"create database if not exists raw{self._everywhere}")
                self.run(f"create database if not exists meta{self._everywhere}")
            self._migrate(("meta", "schema_version") in present)
            for table, versioned in tables:
                if ("raw", table) not in present:
                    self._create("raw", table, f"{_RAW}, _loaded_at {MOMENT}, {_RAW_REST}", "_source, _key", "_load_id", "_source")
                if versioned and ("raw", f"{table}__versions") not in present:
                    columns = f"{_RAW}, _seen_at {MOMENT}, {_RAW_REST}"
                    self._create("raw", f"{table}__versions", columns, "_source, _key, _file", "_load_id", "_source")

    def loaded_files(self, source: str, stream: str) -> set[str]:
        """What the ledger names."""
        parameters = {"source": source, "stream": stream}
        with told(self.address):
            found = self.rows("select file from meta.files where source = {source:String} and stream = {stream:String}", parameters)
        return {row[0] for row in found}

    def begin_load(self) -> int:
        """A load_id greater than any before, remembered before anything is written with it."""
        with told(self.address):
            self.run("insert into meta.load_ids select ifNull(max(load_id), 0) + 1, now64(6) from meta.load_ids")
            return int(self.rows("select max(load_id) from meta.load_ids")[0][0])

    def end_load(self, load_id: int, source: str, stream: str, rows: int, files: Sequence[File]) -> None:
        """The transaction's line, so that a build sees it; `enter_files` then makes it final."""
        with told(self.address):
            self.run(
                "insert into meta.loads values ({id:Int64}, {source:String}, {stream:String}, {files:Int64}, {rows:Int64}, now64(6))",
                {"id": load_id, "source": source, "stream": stream, "files": len(files), "rows": rows},
            )

    def enter_files(self, load_id: int, source: str, stream: str, files: Sequence[File]) -> None:
        """The ledger's lines, in one block that is there whole or not at all."""
        lines = ", ".join(
            f"({literal(file.name)}, {literal(source)}, {literal(stream)}, {file.records}, {literal(file.sha256)}, {load_id}, now64(6))"
            for file in files
        )
        with told(self.address):
            self.run(f"insert into meta.files values {lines}")

    def record_cursor(self, source: str, stream: str, system: str, cursor: str, rejected: int) -> None:
        """Remember up to where a stream is loaded."""
        self._upsert_cursor(source, stream, system, literal(cursor), str(rejected), "extracted_at")

    def mark_extracted(self, source: str, stream: str, system: str, at: datetime | None = None) -> None:
        """Remember that a stream was read through just now or at a moment."""
        moment = "now64(6)" if at is None else f"toDateTime64('{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}', 6, 'UTC')"
        self._upsert_cursor(source, stream, system, "cursor", "rejected", moment)

    def newest_load(self) -> int | None:
        """The greatest load_id of a finished load."""
        with told(self.address):
            found = self.rows("select max(load_id), count() from meta.loads")[0]
        return int(found[0]) if found[1] else None

    def profiles(self, source: str, stream: str, loads: int) -> Sequence[Sequence[Any]]:
        """(load_id, records, field, filled, known_values) of the last loads that were profiled."""
        of = f"source = {literal(source)} and stream = {literal(stream)}"
        newest = f"select distinct load_id from meta.profiles where {of} order by load_id desc limit {loads}"
        with told(self.address):
            return self.rows(
                f"select load_id, records, field, filled, known_values from meta.profiles where {of} and load_id in ({newest})"
            )

    def keep_profile(self, source: str, stream: str, load_id: int, rows: Sequence[Sequence[Any]], kept: int) -> None:
        """Write what a load looked like, as (records, field, filled, known_values), and drop the oldest."""
        of = f"source = {literal(source)} and stream = {literal(stream)}"
        newest = f"select distinct load_id from meta.profiles where {of} order by load_id desc limit {kept}"
        lines = ", ".join(
            f"({literal(source)}, {literal(stream)}, {load_id}, now64(6), {records}, {literal(name)}, {filled},"
            f" {'null' if values is None else literal(values)})"
            for records, name, filled, values in rows
        )
        with told(self.address):
            self.run(f"insert into meta.profiles values {lines}")
            if self.rows(f"select uniqExact(load_id) from meta.profiles where {of}")[0][0] > kept:
                self.run(f"alter table meta.profiles{self._everywhere} delete where {of} and load_id not in ({newest})")

    def rows(self, sql: str, parameters: dict[str, Any] | None = None) -> Sequence[Sequence[Any]]:
        """Rows of a query; raises the driver's own errors."""
        found: Sequence[Sequence[Any]] = self.client.query(sql, parameters=parameters).result_rows
        return found

    def run(self, sql: str, parameters: dict[str, Any] | None = None) -> None:
        """A statement that gives nothing."""
        self.client.command(sql, parameters=parameters)

    @property
    def _everywhere(self) -> str:
        return f" on cluster {_name(self.address.cluster)}" if self.address.cluster else ""

    def _create(self, database: str, table: str, columns: str, key: str, newest: str, partition: str = "") -> None:
        kind = "Replicated" if self.address.cluster else ""
        policy = f" settings storage_policy = {literal(self.address.storage_policy)}" if self.address.storage_policy else ""
        parted = f" partition by {partition}" if partition else ""
        self.run(
            f"create table if not exists {database}.{table}{self._everywhere} ({columns})"
            f" engine = {kind}ReplacingMergeTree({newest}){parted} order by ({key}){policy}"
        )

    def _migrate(self, exists: bool) -> None:
        if not exists:
            self._create("meta", "schema_version", "version Int64", "version", "")
        version = int(self.rows("select max(version) from meta.schema_version")[0][0] or 0)
        if version > len(MIGRATIONS):
            message = (
                f"the warehouse has schema version {version}, newer than this skvoz knows ({len(MIGRATIONS)}); install the newer skvoz."
            )
            raise RawZoneError(message)
        for number, tables in enumerate(MIGRATIONS[version:], start=version + 1):
            for table, columns, key, newest in tables:
                self._create("meta", table, columns, key, newest)
            self.run(f"insert into meta.schema_version values ({number})")

    def _upsert_cursor(self, source: str, stream: str, system: str, cursor: str, rejected: str, extracted: str) -> None:
        # what is there, or a line of nothing, becomes the next revision of itself
        of = f"source = {literal(source)} and stream = {literal(stream)}"
        with told(self.address):
            self.run(
                f"insert into meta.cursors select {literal(source)}, {literal(stream)}, {literal(system)}, {cursor}, {rejected},"
                f" {extracted}, _revision + 1 from (select argMax(tuple(cursor), _revision).1 as cursor,"
                " argMax(rejected, _revision) as rejected, argMax(tuple(extracted_at), _revision).1 as extracted_at,"
                f" max(_revision) as _revision from meta.cursors where {of})"
            )


def literal(text: str) -> str:
    """A text as it stands in a statement."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _name(text: str) -> str:
    return "`" + text.replace("\\", "\\\\").replace("`", "\\`") + "`"

"""Raw zone → `raw.<system>__<stream>`: one transaction merges new files by (_source, _key) and records the files and the cursor.

`meta.files` is the ledger of loaded files, `meta.cursors` the cursor up to which each stream is loaded, `meta.loads` the transactions.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import orjson

from ingestion.chunk import Chunk
from ingestion.durable import sync_file, sync_folder
from ingestion.engines import duckdb as engine
from ingestion.engines.clickhouse import ClickHouseWarehouse
from ingestion.errors import RawZoneError, WarehouseError
from ingestion.profile import PROFILED_RECORDS, Drift, profile_load
from ingestion.rawzone import read_checkpoint, read_manifest, rejected_count, verify_chunk
from ingestion.spec import Cursor, Source, Stream

Warehouse = duckdb.DuckDBPyConnection | ClickHouseWarehouse

# one script per version of the ledgers; one that has been released is never edited
MIGRATIONS = (
    """
    create sequence if not exists meta.load_ids;
    create table if not exists meta.files (file varchar primary key, source varchar not null, stream varchar not null,
        records bigint not null, sha256 varchar not null, load_id bigint not null, loaded_at timestamptz not null);
    create table if not exists meta.cursors (source varchar not null, stream varchar not null, system varchar not null, cursor json,
        rejected bigint not null, extracted_at timestamptz, primary key (source, stream));
    create table if not exists meta.loads (load_id bigint primary key, source varchar not null, stream varchar not null,
        files bigint not null, rows bigint not null, loaded_at timestamptz not null);
    """,
    """
    create table meta.profiles (source varchar not null, stream varchar not null, load_id bigint not null, profiled_at timestamptz not null,
        records bigint not null, field varchar not null, filled bigint not null, known_values json,
        primary key (source, stream, load_id, field));
    """,
)
_BATCH_BYTES = 256 * 1024 * 1024  # compressed bytes of one transaction, so that a long first load needs bounded memory


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What loading one stream did: files read, rows written, and what looks different from the loads before."""

    source: str
    stream: str
    files: int
    rows: int
    drifts: tuple[Drift, ...] = ()


@dataclass(frozen=True, slots=True)
class RawFile:
    """A chunk that waits: its name in the ledger, its own, and what its manifest says."""

    name: str
    file: str
    records: int
    sha256: str
    written_at: str


def prepare(connection: Warehouse, sources: list[Source]) -> None:
    """Bring the ledgers to this version and make every declared raw table, empty where unused.

    Raises:
        RawZoneError: the warehouse was written by a newer version.
    """
    if isinstance(connection, ClickHouseWarehouse):
        connection.prepare((table_name(source, stream), stream.versioned) for source in sources for stream in source.streams)
        return
    connection.execute("create schema if not exists raw")
    connection.execute("create schema if not exists meta")
    connection.execute("create table if not exists meta.schema_version (version integer not null)")
    row = connection.execute("select max(version) from meta.schema_version").fetchone()
    version = row[0] if row and row[0] is not None else 0
    if version > len(MIGRATIONS):
        message = f"the warehouse has schema version {version}, newer than this skvoz knows ({len(MIGRATIONS)}); install the newer skvoz."
        raise RawZoneError(message)
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.execute("begin")
        connection.execute(script)
        connection.execute("insert into meta.schema_version values (?)", [number])
        connection.execute("commit")
    present = {row[0] for row in connection.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall()}
    connection.execute("begin")  # on a disk that is slow to confirm, 170 commits are seconds
    for source in sources:
        for stream in source.streams:
            table = table_name(source, stream)
            if table not in present:
                engine.create_raw_table(connection, table)
            if stream.versioned and f"{table}__versions" not in present:
                engine.create_versions_table(connection, table)
    connection.execute("commit")


def table_name(source: Source, stream: Stream) -> str:
    """Name of the raw table of a stream, without the schema."""
    return f"{source.system}__{stream.name}"


def load_stream(connection: Warehouse, root: Path, source_name: str, source: Source, stream: Stream) -> LoadResult:
    """Load every chunk that the ledger does not name yet; several transactions if there is much, each whole by itself.

    Raises:
        RawZoneError: a file differs from its checksum; nothing of its transaction is kept.
        WarehouseError: memory or disk do not suffice; the same.
    """
    folder = root / source_name / stream.name
    chunks = read_manifest(folder)
    loaded = _loaded_files(connection, source_name, stream.name)
    waiting = [chunk for chunk in chunks if _ledger_name(source_name, stream, chunk) not in loaded]
    files = rows = 0
    drifts: list[Drift] = []
    for batch in _batches(waiting):
        try:
            load_id, written = _load_batch(connection, folder, source_name, source, stream, batch)
            rows += written
            if written >= PROFILED_RECORDS:
                drifts += profile_load(connection, table_name(source, stream), source_name, stream.name, load_id)
        except duckdb.Error as error:
            if not isinstance(error, duckdb.OutOfMemoryException | duckdb.IOException) and "No space left" not in str(error):
                raise
            message = (
                f"{source_name}/{stream.name}: the warehouse cannot take the new records ({str(error).splitlines()[0]}); give it more "
                "memory ([warehouse] memory_limit) or room on the disk; the raw files are kept and the next run loads them."
            )
            raise WarehouseError(message) from None
        files += len(batch)
    checkpoint = read_checkpoint(folder)
    if checkpoint is not None and checkpoint["chunk"] >= (chunks[-1].number if chunks else 0):
        _record_cursor(connection, folder, source_name, source, stream, checkpoint["cursor"])
    return LoadResult(source_name, stream.name, files, rows, tuple(drifts))


def newest_load(connection: Warehouse) -> int | None:
    """The load_id of the newest load; None before the first."""
    if isinstance(connection, ClickHouseWarehouse):
        return connection.newest_load()
    row = connection.execute("select max(load_id) from meta.loads").fetchone()
    return row[0] if row else None


def mark_extracted(connection: Warehouse, source_name: str, system: str, stream: str, at: datetime | None = None) -> None:
    """Remember that a stream was read through just now or at a moment, whether or not it brought anything."""
    if isinstance(connection, ClickHouseWarehouse):
        connection.mark_extracted(source_name, stream, system, at)
        return
    connection.execute(
        "insert into meta.cursors values ($source, $stream, $system, null, 0, coalesce($at, now())) on conflict (source, stream)"
        " do update set extracted_at = coalesce($at, now())",
        {"source": source_name, "stream": stream, "system": system, "at": at},
    )


def forget_stream(connection: Warehouse, source_name: str, source: Source, stream: Stream) -> None:
    """Empty the part of a raw table that came from one source, so that it is rebuilt from the raw zone alone."""
    if isinstance(connection, ClickHouseWarehouse):
        connection.forget(table_name(source, stream), source_name, stream.name, versioned=stream.versioned)
        return
    connection.execute("begin")
    connection.execute(f"delete from raw.{table_name(source, stream)} where _source = ?", [source_name])
    if stream.versioned:
        connection.execute(f"delete from raw.{table_name(source, stream)}__versions where _source = ?", [source_name])
    connection.execute("delete from meta.files where source = ? and stream = ?", [source_name, stream.name])
    connection.execute("commit")


def compact(path: Path, *, memory_limit: str = "auto", at_least_blocks: int = 1000, always: bool = False) -> bool:
    """Rewrite the warehouse file without its free space when that is more than half of it; True if it was done.

    The copy takes the file's place only when it is whole and durable; without room for it the file stays as it is. The caller holds the
    data folder's lock.

    Args:
        path: of the warehouse.
        memory_limit: as [warehouse] memory_limit.
        at_least_blocks: a smaller file (in blocks of 256 KiB) is not worth the copy.
        always: also when little is free: what was deleted stands in the free space until then.

    Raises:
        BusyError: another program has the file open.
    """
    copy = path.with_suffix(".compact")
    copy.unlink(missing_ok=True)  # of a compaction that was interrupted
    connection = engine.open_warehouse(path, memory_limit=memory_limit)
    try:
        row = connection.execute("select total_blocks, used_blocks, block_size, current_database() from pragma_database_size()").fetchone()
        if row is None:
            return False
        total, used, size, name = row
        worth_it = always or (total >= at_least_blocks and used * 2 < total)
        if not worth_it or shutil.disk_usage(path.parent).free < used * size * 2:
            return False
        connection.execute("set disabled_compression_methods = 'zstd'")  # the tables of the models were written with dict_fsst
        connection.execute(f"attach '{str(copy).replace(chr(39), chr(39) * 2)}' as compacted")
        connection.execute(f'copy from database "{name}" to compacted')
        connection.execute("detach compacted")
    except duckdb.IOException:
        copy.unlink(missing_ok=True)
        raise
    finally:
        connection.close()
    copy.chmod(0o600)
    sync_file(copy)
    copy.replace(path)
    sync_folder(path.parent)
    return True


def _batches(chunks: list[Chunk]) -> list[list[Chunk]]:
    batches: list[list[Chunk]] = []
    size = 0
    for chunk in chunks:
        if not batches or size + chunk.bytes > _BATCH_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(chunk)
        size += chunk.bytes
    return batches


def _loaded_files(connection: Warehouse, source: str, stream: str) -> set[str]:
    if isinstance(connection, ClickHouseWarehouse):
        return connection.loaded_files(source, stream)
    found = connection.execute("select file from meta.files where source = ? and stream = ?", [source, stream]).fetchall()
    return {row[0] for row in found}


def _load_batch(
    connection: Warehouse, folder: Path, source_name: str, source: Source, stream: Stream, batch: list[Chunk]
) -> tuple[int, int]:
    """Load chunks in one transaction: its load_id and the rows written."""
    if isinstance(connection, ClickHouseWarehouse):
        return _load_into_clickhouse(connection, folder, source_name, source, stream, batch)
    for chunk in batch:
        verify_chunk(folder, chunk)
    engine.stage_files(connection, [(folder / chunk.file, _ledger_name(source_name, stream, chunk), chunk.written_at) for chunk in batch])
    connection.execute("begin")
    try:
        row = connection.execute("select nextval('meta.load_ids')").fetchone()
        load_id = int(row[0]) if row else 0
        if stream.versioned:
            engine.keep_versions(connection, table_name(source, stream), source_name, load_id)
        rows = engine.merge_incoming(connection, table_name(source, stream), source_name, load_id)
        connection.executemany(
            "insert into meta.files values (?, ?, ?, ?, ?, ?, now())",
            [[_ledger_name(source_name, stream, chunk), source_name, stream.name, chunk.records, chunk.sha256, load_id] for chunk in batch],
        )
        connection.execute("insert into meta.loads values (?, ?, ?, ?, ?, now())", [load_id, source_name, stream.name, len(batch), rows])
        _record_cursor(connection, folder, source_name, source, stream, batch[-1].cursor)
        connection.execute("commit")
    except BaseException:
        with suppress(duckdb.Error):  # a commit that failed has rolled back by itself
            connection.execute("rollback")
        raise
    return load_id, rows


def _load_into_clickhouse(
    warehouse: ClickHouseWarehouse, folder: Path, source_name: str, source: Source, stream: Stream, batch: list[Chunk]
) -> tuple[int, int]:
    """The same in steps that may be repeated; the ledger's lines come last."""
    table = table_name(source, stream)
    files = [
        RawFile(_ledger_name(source_name, stream, chunk), chunk.file, chunk.records, chunk.sha256, chunk.written_at) for chunk in batch
    ]
    by_name = {chunk.file: chunk for chunk in batch}
    feed = warehouse.feed(folder, lambda name: verify_chunk(folder, by_name[name]), list(by_name))
    load_id = warehouse.begin_load()
    rows = warehouse.write_records(table, source_name, load_id, files, feed, versioned=stream.versioned)
    warehouse.end_load(load_id, source_name, stream.name, rows, files)
    _record_cursor(warehouse, folder, source_name, source, stream, batch[-1].cursor)
    warehouse.enter_files(load_id, source_name, stream.name, files)
    return load_id, rows


def _record_cursor(connection: Warehouse, folder: Path, source_name: str, source: Source, stream: Stream, cursor: Cursor | None) -> None:
    if isinstance(connection, ClickHouseWarehouse):
        connection.record_cursor(source_name, stream.name, source.system, orjson.dumps(cursor).decode(), rejected_count(folder))
        return
    connection.execute(
        "insert into meta.cursors values (?, ?, ?, ?, ?, null) on conflict (source, stream) do update"
        " set cursor = excluded.cursor, rejected = excluded.rejected",
        [source_name, stream.name, source.system, orjson.dumps(cursor).decode(), rejected_count(folder)],
    )


def _ledger_name(source_name: str, stream: Stream, chunk: Chunk) -> str:
    return f"{source_name}/{stream.name}/{chunk.file}"

"""DuckDB: how the warehouse file is opened, and the statements that load raw files into it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import duckdb

from ingestion.errors import BusyError

# dict_fsst takes more than twice as long to write payloads (2.2 s against 4.9 s to load 200,000 records of 2.2 KB, 2 cores, DuckDB 2.0.0)
# and saves half of their size, zstd takes 3-4 times as long to read back; the raw zone keeps the small copy. Without either DuckDB leaves
# texts as they are, so that the tables of the models, columns of words, are written with dict_fsst (profiles.yml), and so is a compaction
LOAD_SETTINGS = {"disabled_compression_methods": "zstd,dict_fsst", "preserve_insertion_order": "false"}

# bytes of the shortest file: three header blocks (duckdb.org, docs/stable/internals/storage)
_HEADERS = 3 * 4096
_RECORD = "{_key: 'VARCHAR', _modified_at: 'TIMESTAMPTZ', _deleted: 'BOOLEAN', payload: 'JSON'}"
# bytes of one record, tried in turn: fat 1C documents reach 5.8 MB, registers more; DuckDB takes twice as much for every thread, so that
# the largest from the start would need 1 GiB for the smallest file
_OBJECT_SIZES = (16 * 1024 * 1024, 64 * 1024 * 1024, 256 * 1024 * 1024)


def open_warehouse(
    path: Path, *, memory_limit: str = "auto", threads: int | None = None, temp_directory: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """Open the private warehouse file for writing, with limits and time zone set.

    Raises:
        BusyError: another process (an analyst's shell, say) holds the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists() and path.stat().st_size < _HEADERS:
        path.unlink()  # begun on a full disk: it never held anything, and cannot be opened again
    try:
        connection = duckdb.connect(str(path))
    except duckdb.IOException as error:
        if "lock" not in str(error).lower():
            raise
        message = f"{path}: another program has the warehouse open for writing; close it (a DuckDB shell, perhaps) and run again."
        raise BusyError(message) from None
    temporary = temp_directory or path.parent / "tmp"
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"set memory_limit = '{memory_setting(memory_limit)}'")
    connection.execute(f"set temp_directory = '{str(temporary).replace(chr(39), chr(39) * 2)}'")
    if threads:
        connection.execute(f"set threads = {int(threads)}")
    for name, value in LOAD_SETTINGS.items():
        connection.execute(f"set {name} = '{value}'")
    return connection


def memory_setting(limit: str) -> str:
    """What DuckDB may take: as configured, or with "auto" half of the machine's memory, at most 5 GiB (DuckDB's default is 80 %).

    It fills what it may take, and beside it come dbt and what it does not count: with 8 GiB the build of 5 million sale lines peaked at
    8.7 GiB, and what does not fit it writes aside and reads again.
    """
    if limit != "auto":
        return limit
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{min(total // 2, 5 * 1024**3) // 1024**2}MiB"


def create_raw_table(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Make `raw.<table>` if it is missing."""
    connection.execute(
        f"create table if not exists raw.{table} (_source varchar not null, _key varchar not null, _modified_at timestamptz,"
        " _loaded_at timestamptz not null, _load_id bigint not null, _file varchar not null, _deleted boolean not null, payload json)"
    )


def create_versions_table(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Make `raw.<table>__versions`, the history of a versioned stream, if it is missing."""
    connection.execute(
        f"create table if not exists raw.{table}__versions (_source varchar not null, _key varchar not null, _modified_at timestamptz,"
        " _seen_at timestamptz not null, _load_id bigint not null, _file varchar not null, _deleted boolean not null, payload json)"
    )


def keep_versions(connection: duckdb.DuckDBPyConnection, table: str, source: str, load_id: int) -> None:
    """Append every record of the staged files to the stream's history, seen when its chunk was written; before they are merged."""
    connection.execute(
        f"insert into raw.{table}__versions"
        " select $source, _key, _modified_at, seen_at, $load_id, _file, _deleted, payload from incoming_lines",
        {"source": source, "load_id": load_id},
    )


def stage_files(connection: duckdb.DuckDBPyConnection, files: Sequence[tuple[Path, str, str]]) -> None:
    """Read chunk files into the temporary table `incoming_lines`, and into `incoming` which of them wins among those of its key.

    A record replaces an earlier one unless both carry the system's modification moment and the earlier is newer; `_resets` says that a
    record without such a moment was among them, so that nothing loaded before can be newer than the winner. A key stands once in a chunk.

    Args:
        connection: the warehouse.
        files: (path on disk, name in the ledger, ISO moment it was written), oldest first.
    """
    connection.execute("create or replace temp table incoming_files (path varchar, file varchar, seen_at timestamptz, file_order bigint)")
    connection.executemany(
        "insert into incoming_files values (?, ?, ?, ?)",
        [[str(path), name, seen_at, order] for order, (path, name, seen_at) in enumerate(files)],
    )
    paths = [str(path) for path, _, _ in files]
    for object_size in _OBJECT_SIZES:
        try:
            _read_lines(connection, paths, object_size)
        except duckdb.InvalidInputException as error:
            if "maximum_object_size" not in str(error) or object_size == _OBJECT_SIZES[-1]:
                raise
        else:
            break
    # without the payloads: to order those too took 8 of the 10 s of a million receipts of 2.4 KB (2 cores, DuckDB 2.0.0)
    connection.execute(
        "create or replace temp table incoming as"
        " with placed as ("
        " select rowid as line, _key, _modified_at, file_order,"
        " max(case when _modified_at is null then file_order end) over (partition by _key) as last_reset"
        " from incoming_lines"
        ")"
        " select line, _key, _modified_at, last_reset is not null as _resets from placed"
        " where last_reset is null or file_order >= last_reset"
        " qualify row_number() over (partition by _key order by _modified_at desc nulls last, file_order desc) = 1"
    )


def _read_lines(connection: duckdb.DuckDBPyConnection, paths: Sequence[str], object_size: int) -> None:
    connection.execute(
        "create or replace temp table incoming_lines as"
        " select lines._key, lines._modified_at, lines._deleted, lines.payload, incoming_files.file as _file, incoming_files.seen_at,"
        " incoming_files.file_order"
        f" from read_json($paths, format = 'newline_delimited', compression = 'zstd', columns = {_RECORD},"
        f" maximum_object_size = {object_size}, filename = true) as lines"
        " join incoming_files on incoming_files.path = lines.filename",
        {"paths": paths},
    )


def merge_incoming(connection: duckdb.DuckDBPyConnection, table: str, source: str, load_id: int) -> int:
    """Merge what stage_files left into `raw.<table>`: by (_source, _key) the newest wins; the number of rows written."""
    connection.execute(
        f"delete from incoming using raw.{table} as present where present._source = $source and present._key = incoming._key"
        " and not incoming._resets and present._modified_at > incoming._modified_at",
        {"source": source},
    )
    connection.execute(
        f"delete from raw.{table} as present using incoming where present._source = $source and present._key = incoming._key",
        {"source": source},
    )
    connection.execute(
        f"insert into raw.{table} select $source, lines._key, lines._modified_at, now(), $load_id, lines._file, lines._deleted,"
        " lines.payload from incoming_lines as lines join incoming on incoming.line = lines.rowid",
        {"source": source, "load_id": load_id},
    )
    rows = connection.execute("select count(*) from incoming").fetchone()
    connection.execute("drop table incoming")
    connection.execute("drop table incoming_lines")
    return int(rows[0]) if rows else 0

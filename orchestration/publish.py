"""Write, audit, publish: the marts of the private warehouse become a new versioned file, then the pointer moves.

Readers open the path that `published/CURRENT` names and never see a file change under them (replacing a file at the same path leaves a
process with any open connection on the old data).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import orjson

from ingestion.durable import private_folder, sync_file, sync_folder, write_durably
from ingestion.engines.duckdb import memory_setting
from ingestion.settings import Settings
from orchestration.clickhouse import database_of, opened_publisher
from orchestration.errors import NoVersionError, PublishError
from reports.people import People

_PREFIX = "marts-"
_SUFFIX = ".duckdb"
_ON_CLICKHOUSE = ".clickhouse"  # a file that names the database the marts were copied to
_READER_SECONDS = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Version:
    """One published file.

    Attributes:
        name: of the run that made it; sorts by time.
        path: of the file.
        is_current: readers are pointed at it.
    """

    name: str
    path: Path
    is_current: bool

    @property
    def published_at(self) -> datetime:
        """When it was made (UTC), from its name."""
        return datetime.strptime(self.name[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def new_run_id(now: datetime | None = None) -> str:
    """A name for a run that sorts by time and is unique: 20260331T060000Z-<process>."""
    return f"{now or datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.getpid()}"


def publish(settings: Settings, run_id: str, now: datetime | None = None) -> Version:
    """Copy the marts into a new file, make it durable, point CURRENT at it and prune old versions.

    Raises:
        PublishError: the warehouse holds no marts.
    """
    folder = private_folder(settings.data_dir / "published")
    for leftover in folder.glob(".*.tmp*"):
        leftover.unlink()
    if settings.warehouse.engine == "clickhouse":
        path = folder / f"{_PREFIX}{run_id}{_ON_CLICKHOUSE}"
        with opened_publisher(settings) as publisher:
            database = publisher.copy_marts(run_id, {version.path for version in versions(settings)})
            if settings.warehouse.accounts:
                from orchestration.clickhouse_access import publication_statements  # its parser of SQL is 29 MiB of every process

                people = People(settings.state_dir).everybody()
                publisher.apply(publication_statements(settings, database, publisher.columns(database), people, publisher.roles()))
            write_durably(path, orjson.dumps({"engine": "clickhouse", "database": database}))
            point_at(folder, path)
            publisher.show(database)
        prune(settings, now)
        return Version(run_id, path, is_current=True)
    path = folder / f"{_PREFIX}{run_id}{_SUFFIX}"
    temporary = folder / f".{path.name}.tmp"
    _copy_marts(settings, temporary, run_id)
    sync_file(temporary)
    temporary.chmod(0o600)
    temporary.replace(path)
    sync_folder(folder)
    point_at(folder, path)
    prune(settings, now)
    return Version(run_id, path, is_current=True)


def versions(settings: Settings) -> list[Version]:
    """All published versions, newest first."""
    folder = settings.data_dir / "published"
    current = current_file(folder)
    found = [
        Version(path.stem.removeprefix(_PREFIX), path, current is not None and path.name == current.name)
        for path in folder.glob(f"{_PREFIX}*")
        if path.suffix in {_SUFFIX, _ON_CLICKHOUSE}
    ]
    return sorted(found, key=lambda version: version.name, reverse=True)


def rollback(settings: Settings, name: str | None = None) -> Version:
    """Point readers at the named version, or at the newest one before the present.

    Raises:
        NoVersionError: there is no version of that name; names those that are kept.
        PublishError: there is none before the present one.
    """
    kept = versions(settings)
    if name is None:
        current = next((number for number, version in enumerate(kept) if version.is_current), -1)
        candidates = kept[current + 1 :] if current >= 0 else kept
    else:
        candidates = [version for version in kept if version.name == name]
    if not candidates:
        names = ", ".join(version.name for version in kept) or "none"
        message = f"there is no {'earlier version' if name is None else f'version {name}'} to go back to; kept are: {names}"
        raise NoVersionError(message) if name else PublishError(message)
    if candidates[0].path.suffix == _ON_CLICKHOUSE:
        with opened_publisher(settings) as publisher:  # before the pointer moves: a server that is away changes nothing
            publisher.show(database_of(candidates[0].path))
    point_at(candidates[0].path.parent, candidates[0].path)
    return Version(candidates[0].name, candidates[0].path, is_current=True)


def current_file(folder: Path) -> Path | None:
    """The file that CURRENT names (a symbolic link, or a one-line file), None before the first publication."""
    pointer = folder / "CURRENT"
    if pointer.is_symlink():
        return folder / pointer.readlink().name
    try:
        return folder / pointer.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None


def point_at(folder: Path, path: Path) -> None:
    """Move the pointer atomically."""
    pointer = folder / "CURRENT"
    temporary = folder / ".CURRENT.tmp"
    temporary.unlink(missing_ok=True)
    try:
        temporary.symlink_to(path.name)
    except OSError:
        write_durably(pointer, f"{path.name}\n".encode())
        return
    temporary.replace(pointer)
    sync_folder(folder)


def prune(settings: Settings, now: datetime | None = None) -> list[Path]:
    """Delete versions beyond [warehouse] keep_versions and, of each day within keep_days, all but the last; the files deleted."""
    kept = versions(settings)
    keep = {version.name for version in kept[: settings.warehouse.keep_versions]} | {v.name for v in kept if v.is_current}
    moment = now or datetime.now(UTC)
    oldest = moment - timedelta(days=settings.warehouse.keep_days)
    days: set[str] = set()
    for version in kept:
        day = version.name[:8]
        if day not in days and version.published_at >= oldest:
            days.add(day)
            keep.add(version.name)
    # whoever has just read the pointer still has to open what it named
    keep |= {old.name for new, old in pairwise(kept) if moment - new.published_at < _READER_SECONDS}
    gone = [version.path for version in kept if version.name not in keep]
    stored = [path for path in gone if path.suffix == _ON_CLICKHOUSE]
    if stored and settings.warehouse.engine == "clickhouse":
        with opened_publisher(settings) as publisher:
            publisher.drop([database_of(path) for path in stored])
    for path in gone:
        path.unlink()  # a reader that has it open keeps reading it until it closes
    return gone


def _copy_marts(settings: Settings, target: Path, run_id: str) -> None:
    connection = duckdb.connect(str(target))
    try:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set memory_limit = '{memory_setting(settings.warehouse.memory_limit)}'")
        warehouse = str(settings.warehouse_file).replace("'", "''")
        connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
        tables = connection.execute(
            "select table_name from information_schema.tables where table_catalog = 'warehouse' and table_schema = 'marts' order by 1"
        ).fetchall()
        if not tables:
            message = f"{settings.warehouse_file}: there are no marts to publish; run: skvoz build"
            raise PublishError(message)
        connection.execute("create schema marts")
        for (table,) in tables:
            connection.execute(f'create table marts."{table}" as from warehouse.marts."{table}"')
        connection.execute("update marts.publication set run_id = ?, published_at = now()", [run_id])
        connection.execute("detach warehouse")
        connection.execute("checkpoint")
    finally:
        connection.close()

"""Backup of a data folder while it is in use, and restoring one: everything that cannot be made again, each file with its checksum.

Kept: raw zone, warehouse, published versions, and of `state/` the journal, people, chats, alerts and rotated tokens. Left out: what is
derived (indexes of the raw zone, dbt's and Dagster's files) and skvoz.toml with its `.env`, which are the administrator's own.

Order: the checkpoint of a stream before its manifest, the manifest before its chunks; so a cursor in a backup never stands ahead of the
records in it. The warehouse is copied under the data folder's lock; when a run holds that for long, it is left out and restoring builds
it from the raw zone.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from ingestion.chunk import MANIFEST
from ingestion.durable import private_folder, sync_file, sync_folder, write_durably
from ingestion.errors import BusyError
from ingestion.lock import data_lock
from ingestion.rawzone import CHECKPOINT, REJECTED, read_manifest
from ingestion.settings import Settings
from orchestration.errors import OrchestrationError
from orchestration.publish import current_file, point_at

FORMAT = 1
CONTENTS = "backup.json"
_PREFIX = "skvoz-"
_PIECE = 1 << 20
_LEFT_OUT_OF_STATE = frozenset({"dagster", "senders", "serve"})
_LEFT_OUT_SUFFIXES = (".lock", "-wal", "-shm", ".tmp")
_SQLITE = b"SQLite format 3\x00"


class BackupError(OrchestrationError):
    """A backup could not be made or is not whole."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup on disk.

    Attributes:
        folder: of it.
        files: how many.
        bytes: of all of them.
        without_warehouse: why the warehouse is not in it; None if it is.
    """

    folder: Path
    files: int
    bytes: int
    without_warehouse: str | None


def make_backup(settings: Settings, into: Path, *, wait_seconds: float = 60.0, now: datetime | None = None) -> Backup:
    """Copy the data folder into a new folder below `into`, which appears only when it is whole.

    Args:
        settings: whose data.
        into: any folder outside the data folder.
        wait_seconds: how long to wait for a run that is writing the warehouse.
        now: the clock.

    Raises:
        BackupError: there is nothing to back up, or `into` lies inside the data folder.
    """
    data = settings.data_dir
    if not settings.raw_dir.exists():
        message = f"{data}: there is nothing to back up yet; run: skvoz run"
        raise BackupError(message)
    if into.resolve().is_relative_to(data):
        message = f"{into}: this is inside the data folder, and would be lost with it; name another folder."
        raise BackupError(message)
    moment = now or datetime.now(UTC)
    folder = private_folder(into) / f"{_PREFIX}{moment:%Y%m%dT%H%M%SZ}"
    partial = into / f".{folder.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    writer = _Writer(data, private_folder(partial))
    without = _copy_warehouse(settings, writer, wait_seconds)
    _copy_state(settings.state_dir, writer)
    _copy_raw_zone(settings.raw_dir, writer)
    current = _copy_published(data / "published", writer)
    contents = {
        "format": FORMAT,
        "skvoz": version("skvoz"),
        "made_at": moment.isoformat(timespec="seconds"),
        "company": settings.company.name,
        "current": current,
        "without_warehouse": without,
        "files": writer.files,
    }
    write_durably(partial / CONTENTS, orjson.dumps(contents, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
    partial.replace(folder)
    sync_folder(into)
    return Backup(folder, len(writer.files), sum(entry["bytes"] for entry in writer.files.values()), without)


def restore_backup(settings: Settings, source: Path) -> Backup:
    """Put a backup where the data folder belongs, after every file was compared with its checksum.

    Args:
        settings: whose data folder; it must not exist or be empty.
        source: a backup, or the folder that holds several (the newest is taken).

    Raises:
        BackupError: no backup, a newer one than this program knows, a damaged file, or data that would be lost.
    """
    folder = _find(source)
    contents = read_contents(folder)
    data = settings.data_dir
    if data.exists() and any(data.iterdir()):
        message = f"{data}: there is data already; move it away first (it is not overwritten), then restore again."
        raise BackupError(message)
    verify_backup(folder, contents)
    partial = data.with_name(f".{data.name}.restoring")
    shutil.rmtree(partial, ignore_errors=True)
    private_folder(partial)
    for name in contents["files"]:
        target = partial / name
        private_folder(target.parent)
        shutil.copyfile(folder / name, target)
        target.chmod(0o600)
        sync_file(target)
    if contents["current"]:
        point_at(partial / "published", partial / "published" / contents["current"])
    with suppress(FileNotFoundError):
        data.rmdir()
    partial.replace(data)
    sync_folder(data.parent)
    total = sum(entry["bytes"] for entry in contents["files"].values())
    return Backup(folder, len(contents["files"]), total, contents["without_warehouse"])


def verify_backup(folder: Path, contents: dict[str, Any]) -> None:
    """Compare every file with its checksum; BackupError names the first that differs or is missing."""
    for name, entry in contents["files"].items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            message = f"{folder / CONTENTS}: {name} leads out of the backup; this is no backup made by skvoz."
            raise BackupError(message)
        try:
            size, digest = _measure(folder / name)
        except FileNotFoundError:
            message = f"{folder / name}: the file is missing from the backup; use another one."
            raise BackupError(message) from None
        if (size, digest) != (entry["bytes"], entry["sha256"]):
            message = f"{folder / name}: the file is damaged (its checksum differs); use another backup."
            raise BackupError(message)


def read_contents(folder: Path) -> dict[str, Any]:
    """What a backup says of itself.

    Raises:
        BackupError: it is unreadable, or was made by a newer version.
    """
    try:
        contents: dict[str, Any] = orjson.loads((folder / CONTENTS).read_bytes())
        known = int(contents["format"]) <= FORMAT
    except (OSError, ValueError, KeyError, TypeError):
        message = f"{folder}: this is no whole backup ({CONTENTS} is missing or damaged)."
        raise BackupError(message) from None
    if not known:
        message = f"{folder}: this backup was made by a newer skvoz ({contents.get('skvoz')}); install that version to restore it."
        raise BackupError(message)
    return contents


def _find(source: Path) -> Path:
    if (source / CONTENTS).exists():
        return source
    found = sorted(folder for folder in source.glob(f"{_PREFIX}*") if (folder / CONTENTS).exists())
    if not found:
        message = f"{source}: there is no backup here; name a folder that skvoz backup has written."
        raise BackupError(message)
    return found[-1]


class _Writer:
    """Copies files under their names in the data folder and remembers their checksums."""

    def __init__(self, data: Path, folder: Path) -> None:
        self._data = data
        self._folder = folder
        self.files: dict[str, dict[str, Any]] = {}

    def copy(self, path: Path) -> None:
        """A file that nobody changes any more."""
        self.make(path, lambda target: _copy_file(path, target))

    def write(self, path: Path, data: bytes) -> None:
        """Bytes in the place of a file."""
        self.make(path, lambda target: _write_file(target, data))

    def make(self, path: Path, fill: Callable[[Path], None]) -> None:
        """A file that `fill` writes."""
        name = path.relative_to(self._data).as_posix()
        target = self._folder / name
        private_folder(target.parent)
        fill(target)
        target.chmod(0o600)
        sync_file(target)
        size, digest = _measure(target)
        self.files[name] = {"bytes": size, "sha256": digest}


def _copy_warehouse(settings: Settings, writer: _Writer, wait_seconds: float) -> str | None:
    """The warehouse file, if no run is writing it; else why not."""
    if not settings.warehouse_file.exists():
        return "there was none"
    try:
        with data_lock(settings.data_dir, "skvoz backup", wait_seconds=wait_seconds):
            writer.copy(settings.warehouse_file)
            log = settings.warehouse_file.with_name(f"{settings.warehouse_file.name}.wal")
            if log.exists():  # of a run that was killed: DuckDB needs both
                writer.copy(log)
    except BusyError as error:
        return str(error)
    return None


def _copy_raw_zone(raw: Path, writer: _Writer) -> None:
    for folder in sorted(path for path in raw.glob("*/*") if path.is_dir()):
        with suppress(FileNotFoundError):
            writer.write(folder / CHECKPOINT, (folder / CHECKPOINT).read_bytes())
        chunks = read_manifest(folder)
        if chunks:
            lines = (folder / MANIFEST).read_bytes().split(b"\n")[: len(chunks)]  # more may have come meanwhile
            writer.write(folder / MANIFEST, b"\n".join(lines) + b"\n")
        for chunk in chunks:
            writer.copy(folder / chunk.file)
        with suppress(FileNotFoundError):
            whole, end, _ = (folder / REJECTED).read_bytes().rpartition(b"\n")
            writer.write(folder / REJECTED, whole + end)


def _copy_published(published: Path, writer: _Writer) -> str | None:
    """Every version, and the name of the one that readers see now."""
    current = current_file(published)
    if current is None:
        return None
    writer.copy(current)
    for path in sorted(published.glob("*.duckdb")):
        if path.name != current.name:
            with suppress(FileNotFoundError):  # pruned meanwhile
                writer.copy(path)
    return current.name


def _copy_state(state: Path, writer: _Writer) -> None:
    for path in sorted(state.rglob("*")):
        top = path.relative_to(state).parts[0]
        if top in _LEFT_OUT_OF_STATE or path.name.endswith(_LEFT_OUT_SUFFIXES) or not path.is_file() or path.is_symlink():
            continue
        with path.open("rb") as file:
            is_database = file.read(len(_SQLITE)) == _SQLITE
        if is_database:
            writer.make(path, lambda target, path=path: _copy_database(path, target))  # type: ignore[misc]  # bound now
        else:
            writer.copy(path)


def _copy_database(path: Path, target: Path) -> None:
    """A SQLite file as it is between two transactions, whoever writes it."""
    os.close(os.open(target, os.O_RDWR | os.O_CREAT, 0o600))
    with closing(sqlite3.connect(path, timeout=30)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("pragma journal_mode = delete")


def _copy_file(path: Path, target: Path) -> None:
    shutil.copyfile(path, target)


def _write_file(target: Path, data: bytes) -> None:
    target.write_bytes(data)


def _measure(path: Path) -> tuple[int, str]:
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()

"""What the raw zone knows of each key of a stream: content hash, version mark, whether it is deleted.

Derived from the chunks and rebuilt from them when it is missing, damaged or behind; so it is written without waiting for the disk.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from ingestion.chunk import Chunk

_SCHEMA = 2  # 1: digests were BLAKE2b
_ROWS_AT_ONCE = 4_000  # four values each, and SQLite takes 32,766 in a statement


@dataclass(slots=True)  # not frozen, for the same reason as Record
class Entry:
    """What is known of one key."""

    digest: bytes
    version: str | None
    deleted: bool


class RawIndex:
    """The index file of one stream; also the `Known` that connectors see.

    Args:
        path: of the SQLite file.
        name: `<source>/<stream>`, for messages.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name
        self._lock = threading.Lock()  # a chunk is put in by the thread that wrote it
        self._db = self._connect()

    def _connect(self) -> sqlite3.Connection:
        try:
            return self._open()
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
                raise  # the index is whole, and the disk is not made larger by reading all chunks again
            self._path.unlink(missing_ok=True)  # derived data: rebuilt from the chunks
            return self._open()

    def _open(self) -> sqlite3.Connection:
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        try:
            self._prepare(db)
        except sqlite3.Error:
            db.close()
            raise
        return db

    @staticmethod
    def _prepare(db: sqlite3.Connection) -> None:
        db.execute("pragma synchronous = off")
        db.execute("pragma journal_mode = truncate")
        db.execute(
            "create table if not exists entries (key text primary key, digest blob not null, version text, deleted integer not null)"
            " without rowid"
        )
        db.execute("create table if not exists progress (id integer primary key check (id = 1), schema integer, chunk integer)")
        db.execute("insert or ignore into progress values (1, ?, 0)", (_SCHEMA,))
        if db.execute("select schema from progress").fetchone() != (_SCHEMA,):
            message = "made by another version"
            raise sqlite3.DatabaseError(message)

    def catch_up(self, chunks: Sequence[Chunk], read: Callable[[Chunk], Iterator[dict[str, Any]]], volatile: tuple[str, ...]) -> None:
        """Take over the chunks that a crash kept out of the index (all of them if it is new)."""
        done = self._progress()
        last = chunks[-1].number if chunks else 0
        if done > last:  # the zone was replaced by an older copy
            self._db.execute("delete from entries")
            self._db.execute("update progress set chunk = 0")
            done = 0
        for chunk in chunks:
            if chunk.number > done:
                self.put(dict(self._entries(read(chunk), volatile)), chunk.number)

    def _entries(self, lines: Iterable[dict[str, Any]], volatile: tuple[str, ...]) -> Iterator[tuple[str, Entry]]:
        for line in lines:
            payload = line["payload"]
            encoded = None if payload is None else orjson.dumps(payload)
            digest = content_hash(payload, encoded, orjson.dumps(line["_modified_at"]), volatile)
            yield line["_key"], Entry(digest, line["_version"], bool(line["_deleted"]))

    def _progress(self) -> int:
        row = self._db.execute("select chunk from progress").fetchone()
        return int(row[0])

    def get_many(self, keys: Sequence[str]) -> dict[str, Entry]:
        """What is known of keys, deleted or not; unknown ones are left out."""
        found: dict[str, Entry] = {}
        with self._lock:
            for first in range(0, len(keys), _ROWS_AT_ONCE):
                some = keys[first : first + _ROWS_AT_ONCE]
                marks = ",".join("?" * len(some))
                rows = self._db.execute(f"select key, digest, version, deleted from entries where key in ({marks})", some)
                found.update({key: Entry(digest, version, bool(deleted)) for key, digest, version, deleted in rows})
        return found

    def put(self, entries: Mapping[str, Entry], chunk: int) -> None:
        """Remember the content of a chunk that is in place.

        (Many rows to a statement: SQLite lets go of the interpreter for each statement, and an extraction beside it would be waited for
        every time.)
        """
        rows = [(key, entry.digest, entry.version, entry.deleted) for key, entry in entries.items()]
        with self._lock:
            self._db.execute("begin")
            for first in range(0, len(rows), _ROWS_AT_ONCE):
                some = rows[first : first + _ROWS_AT_ONCE]
                self._db.execute(
                    f"insert into entries values {','.join(['(?,?,?,?)'] * len(some))} on conflict (key) do update"
                    " set digest = excluded.digest, version = excluded.version, deleted = excluded.deleted",
                    [value for row in some for value in row],
                )
            self._db.execute("update progress set chunk = ?", (chunk,))
            self._db.execute("commit")

    def versions(self) -> dict[str, str | None]:
        """Every known key that is not deleted, with its version mark."""
        with self._lock:
            return dict(self._db.execute("select key, version from entries where deleted = 0").fetchall())

    def version(self, key: str) -> str | None:
        """The version mark of one key; None if it is unknown, deleted or has no mark."""
        with self._lock:
            row = self._db.execute("select version from entries where key = ? and deleted = 0", (key,)).fetchone()
        return None if row is None else row[0]

    def __len__(self) -> int:
        with self._lock:
            row = self._db.execute("select count(*) from entries where deleted = 0").fetchone()
        return int(row[0])

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def content_hash(payload: dict[str, Any] | None, encoded: bytes | None, moment: bytes, volatile: tuple[str, ...]) -> bytes:
    """16 bytes that tell one state of a record from another; fields that change without meaning are left out.

    The modification moment (JSON text) counts, so that a deletion dated later is not taken for the one known already. SHA-256, which
    processors of today reckon by themselves: 1.9 us for 2.4 KB where BLAKE2b takes 3.2 (Python 3.11, OpenSSL 3).
    """
    if volatile and payload is not None and any(name in payload for name in volatile):
        encoded = orjson.dumps({name: value for name, value in payload.items() if name not in volatile})
    return hashlib.sha256(moment + (b"deleted" if encoded is None else encoded)).digest()[:16]

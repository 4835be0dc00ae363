"""The raw zone: append-only zstd NDJSON chunks per (source, stream), with a manifest, checksums and checkpoints.

`<root>/<source>/<stream>/`
    000001.ndjson.zst   one line per record, each key once: {"_key", "_modified_at", "_deleted", "_version", "payload"}
    manifest.ndjson     one line per chunk, appended after the chunk is in place: a chunk without its line does not exist
    checkpoint.json     the cursor of an extraction that brought nothing to write
    index.sqlite        derived: what is known of each key (content hash, version); rebuilt from the chunks when it is lost

A chunk holds only records whose content differs from the last one seen, so that re-reading catalogues does not swell the zone. Chunks are
never changed but by `skvoz forget` (ingestion.rawforget), and what was forgotten is masked before it is compared or written.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import zstandard

from ingestion.chunk import MANIFEST, Chunk
from ingestion.durable import append_line, private_folder, write_durably
from ingestion.errors import RawZoneError
from ingestion.forgotten import Forgotten
from ingestion.rawindex import Entry, RawIndex, content_hash
from ingestion.rawwriter import Batch, ChunkWriter, write_chunk
from ingestion.spec import Cursor, Record, Stream

CHUNK_RECORDS = 20_000
CHUNK_BYTES = 64 * 1024 * 1024
REJECTED = "rejected.ndjson"
CHECKPOINT = "checkpoint.json"
_PARTS = frozenset(part.name for part in fields(Chunk))


class StreamZone:
    """The raw zone of one stream of one source; one writer at a time (the run holds the data folder's lock).

    Args:
        root: `<path>/raw`.
        source: name of the source.
        stream: its declaration.
        chunk_records: a chunk is closed at the first safe place after so many records.
    """

    def __init__(self, root: Path, source: str, stream: Stream, *, chunk_records: int = CHUNK_RECORDS) -> None:
        self.folder = root / source / stream.name
        self._name = f"{source}/{stream.name}"
        self.stream = stream
        self._state = root.parent / "state"
        self._forgotten: Forgotten | None = None
        self._chunk_records = chunk_records
        self._lines: dict[str, bytes] = {}
        self._moments: dict[str, datetime] = {}
        self._size = 0
        self._pending: dict[str, Entry] = {}
        self._writing: dict[str, Entry] = {}  # of the chunk that is being written
        self._failure: RawZoneError | None = None
        self._cursor: Cursor | None = None
        self._opened = False

    def open(self) -> None:
        """Make the folder, drop what a crash left half done, and bring the index up to the manifest."""
        private_folder(self.folder)
        self._forgotten = Forgotten.read(self._state)
        self._chunks = read_manifest(self.folder, repair=True)
        present = {chunk.file for chunk in self._chunks}
        for path in self.folder.glob("*.ndjson.zst"):
            if path.name not in present:
                path.unlink()  # written, but its manifest line was not: its records are asked for again
        self.index = RawIndex(self.folder / "index.sqlite", self._name)
        self.index.catch_up(self._chunks, lambda chunk: read_chunk(self.folder, chunk), self.stream.volatile)
        self._writer = ChunkWriter(self.folder, self.index)
        self._cursor = self.cursor
        self._first_load: set[str] | None = None if self._chunks else set()
        self._opened = True

    def close(self) -> None:
        """Forget what was not flushed and close the index."""
        if self._opened:
            self._writer.close()
            self.index.close()
            self._opened = False

    @property
    def chunks(self) -> list[Chunk]:
        """All chunks, oldest first."""
        return self._chunks

    @property
    def cursor(self) -> Cursor | None:
        """The newest durable cursor: of the last chunk that has one, or of a later checkpoint."""
        checkpoint = read_checkpoint(self.folder)
        last = self._chunks[-1].number if self._chunks else 0
        if checkpoint is not None and checkpoint["chunk"] >= last:
            cursor: Cursor | None = checkpoint["cursor"]
            return cursor
        return next((chunk.cursor for chunk in reversed(self._chunks) if chunk.cursor is not None), None)

    def add(self, record: Record) -> bool:
        """Take a record; True if it is new or changed (and will be written), False if it says what is known already."""
        return self.take((record,))[0] == 1

    def take(self, records: Sequence[Record]) -> tuple[int, int]:
        """Take records in their order: how many are new or changed (and will be written), and how many tombstones are among these."""
        written = deleted = 0
        if self._forgotten is not None:
            records = self._forgotten.masked(records, self._name)
        volatile = self.stream.volatile
        pending, writing, moments, lines = self._pending, self._writing, self._moments, self._lines
        indexed = self._indexed([record.key for record in records])
        for record in records:
            key, state, modified_at = record.key, record.payload, record.modified_at
            payload = None if state is None else orjson.dumps(state)
            moment = b"null" if modified_at is None else orjson.dumps(modified_at.astimezone(UTC))
            digest = content_hash(state, payload, moment, volatile)
            known = pending.get(key) or writing.get(key) or indexed.get(key)
            if known is None:
                if payload is None:
                    continue  # a tombstone for what was never seen
            elif known.digest == digest:
                if known.version != record.version:
                    pending[key] = Entry(digest, record.version, payload is None)
                continue
            if modified_at is None:
                moments.pop(key, None)
            else:
                earlier = moments.get(key)
                if earlier is not None and earlier > modified_at:
                    continue  # an older state arrived late: pages drift while records change
                moments[key] = modified_at
            pending[key] = Entry(digest, record.version, payload is None)
            line = b'{"_key":%b,"_modified_at":%b,"_deleted":%b,"_version":%b,"payload":%b}' % (
                orjson.dumps(key),
                moment,
                b"true" if payload is None else b"false",
                b"null" if record.version is None else orjson.dumps(record.version),
                payload or b"null",
            )
            if key in lines:
                self._size -= len(lines[key])
            self._size += len(line)
            lines[key] = line
            written += 1
            deleted += payload is None
        return written, deleted

    def _indexed(self, keys: Sequence[str]) -> dict[str, Entry]:
        """What the index knows of keys; a first load asks it only for those that this load has written itself (5 us a look-up)."""
        if self._first_load is not None:
            keys = [key for key in keys if key in self._first_load]
        return self.index.get_many(keys) if keys else {}

    def known_keys(self) -> set[str]:
        """Every key that exists as far as is known, what is not yet flushed included."""
        self._settle()
        known = set(self.index.versions())
        for key, entry in self._pending.items():
            (known.discard if entry.deleted else known.add)(key)
        return known

    def names(self, keys: Iterable[str]) -> Iterable[str]:
        """Keys as this zone keeps them: those that name a forgotten person are masked."""
        return keys if self._forgotten is None else map(self._forgotten.text, keys)

    def checkpoint(self, cursor: Cursor | None) -> None:
        """A safe place was reached (cursor given) or at least a page ended; begins to write a chunk when enough has gathered.

        Raises:
            RawZoneError: the chunk before could not be written; nothing after it will be.
        """
        if cursor is not None:
            self._cursor = cursor
        if len(self._lines) >= self._chunk_records or self._size >= CHUNK_BYTES:
            self._settle()
            self._writer.start(self._batch())
            self._writing = self._pending
            self._empty()

    def flush(self) -> None:
        """Write all that has gathered as a chunk, durably, or just the cursor when there is nothing to write.

        Raises:
            RawZoneError: it cannot be written.
        """
        self._settle()
        if not self._lines:
            self._remember_cursor()
            return
        self._enter(write_chunk(self.folder, self.index, self._batch()), self._pending)
        self._empty()

    def _settle(self) -> None:
        """Wait for the chunk under way. One that failed keeps all later ones from being written: their cursors would skip it."""
        if self._failure is not None:
            raise self._failure
        try:
            chunk = self._writer.finish()
        except RawZoneError as failure:
            self._failure = failure
            raise
        if chunk is not None:
            self._enter(chunk, self._writing)
            self._writing = {}

    def _batch(self) -> Batch:
        number = self._chunks[-1].number + 1 if self._chunks else 1
        return Batch(number, self._lines, self._pending, self._cursor)

    def _enter(self, chunk: Chunk, entries: dict[str, Entry]) -> None:
        self._chunks.append(chunk)
        if self._first_load is not None:
            self._first_load.update(entries)

    def _empty(self) -> None:
        self._lines, self._moments, self._pending, self._size = {}, {}, {}, 0

    def reject(self, thing: Any, reason: str) -> None:
        """Keep something that is no record beside the stream, with the reason; it is counted, never dropped."""
        if self._forgotten is not None:
            thing, reason = self._forgotten.value(thing), self._forgotten.text(reason)
        line = orjson.dumps({"at": datetime.now(UTC), "reason": reason, "sent": thing}, default=str)
        append_line(self.folder / REJECTED, line)

    def _remember_cursor(self) -> None:
        if self._pending:
            self.index.put(self._pending, self._chunks[-1].number if self._chunks else 0)
            self._pending = {}
        if self._cursor is None or self._cursor == self.cursor:
            return
        last = self._chunks[-1].number if self._chunks else 0
        write_durably(self.folder / CHECKPOINT, orjson.dumps({"chunk": last, "cursor": self._cursor}))


def read_manifest(folder: Path, *, repair: bool = False) -> list[Chunk]:
    """The chunks of a stream folder. A last line broken by a crash is no line; with `repair` it is cut off.

    Raises:
        RawZoneError: a line that is not the last one is damaged.
    """
    path = folder / MANIFEST
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    whole, _, rest = data.rpartition(b"\n")
    if rest and repair:
        with path.open("r+b") as file:
            file.truncate(len(whole) + 1 if whole else 0)
            os.fsync(file.fileno())
    chunks = []
    for number, line in enumerate(whole.splitlines(), start=1):
        try:
            parts = orjson.loads(line)
            if isinstance(parts, dict) and parts.keys() > _PARTS:
                more = ", ".join(sorted(parts.keys() - _PARTS))
                message = f"{path} was written by a newer skvoz (line {number} has {more}); install that version again."
                raise RawZoneError(message)
            chunks.append(Chunk(**parts))
        except (orjson.JSONDecodeError, TypeError):
            message = f"{path}: line {number} of the manifest is damaged; restore this file from a backup."
            raise RawZoneError(message) from None
    return chunks


def read_chunk(folder: Path, chunk: Chunk) -> Iterator[dict[str, Any]]:
    """The lines of a chunk, after its checksum was compared.

    Raises:
        RawZoneError: the file is missing or differs from what was written.
    """
    data = verify_chunk(folder, chunk)
    for line in zstandard.ZstdDecompressor().decompress(data, max_output_size=0).splitlines():
        yield orjson.loads(line)


def verify_chunk(folder: Path, chunk: Chunk) -> bytes:
    """The bytes of a chunk's file; RawZoneError if they are not those that were written."""
    path = folder / chunk.file
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        message = f"{path}: the raw file is missing although the manifest names it; restore it from a backup."
        raise RawZoneError(message) from None
    if len(data) != chunk.bytes or hashlib.sha256(data).hexdigest() != chunk.sha256:
        message = f"{path}: the raw file is damaged (its checksum differs from the manifest); restore it from a backup."
        raise RawZoneError(message)
    return data


def read_checkpoint(folder: Path) -> dict[str, Any] | None:
    """The cursor kept apart from chunks: {"chunk": last chunk then, "cursor": …}."""
    try:
        checkpoint: dict[str, Any] = orjson.loads((folder / CHECKPOINT).read_bytes())
    except FileNotFoundError:
        return None
    return checkpoint


def rejected_count(folder: Path) -> int:
    """How many things of this stream were kept aside as no records."""
    try:
        return (folder / REJECTED).read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0

"""The raw zone: append-only zstd NDJSON chunks per (source, stream), with a manifest, checksums and checkpoints.

`<root>/<source>/<stream>/`
    000001.ndjson.zst   one line per record, each key once: {"_key", "_modified_at", "_deleted", "_version", "payload"}
    manifest.ndjson     one line per chunk, appended after the chunk is in place: a chunk without its line does not exist
    checkpoint.json     the cursor of an extraction that brought nothing to write
    index.sqlite        derived: what is known of each key (content hash, version); rebuilt from the chunks when it is lost

A chunk holds only records whose content differs from the last one seen, so that re-reading catalogues does not swell the zone.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import zstandard

from ingestion.durable import private_folder, sync_folder, write_durably
from ingestion.errors import RawZoneError
from ingestion.rawindex import Entry, RawIndex, content_hash
from ingestion.spec import Cursor, Record, Stream

CHUNK_RECORDS = 20_000
CHUNK_BYTES = 64 * 1024 * 1024
REJECTED = "rejected.ndjson"
_LEVEL = 3  # zstd: 10 MB from 358 MB of amoCRM-like records at ~200 MB/s; level 9 saves 8 % more at a quarter of the speed


@dataclass(frozen=True, slots=True)
class Chunk:
    """One line of the manifest.

    Attributes:
        number: 1, 2, … inside the stream.
        file: name of the chunk.
        records: lines, tombstones included.
        tombstones: lines that mark a deletion.
        bytes: size of the file.
        sha256: of the file.
        cursor: from where extraction may go on after this chunk; None if it is no safe place.
        written_at: ISO 8601, UTC.
    """

    number: int
    file: str
    records: int
    tombstones: int
    bytes: int
    sha256: str
    cursor: Cursor | None
    written_at: str


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
        self._chunk_records = chunk_records
        self._lines: dict[str, bytes] = {}
        self._moments: dict[str, datetime] = {}
        self._size = 0
        self._pending: dict[str, Entry] = {}
        self._cursor: Cursor | None = None
        self._opened = False

    def open(self) -> None:
        """Make the folder, drop what a crash left half done, and bring the index up to the manifest."""
        private_folder(self.folder)
        self._chunks = read_manifest(self.folder, repair=True)
        present = {chunk.file for chunk in self._chunks}
        for path in self.folder.glob("*.ndjson.zst"):
            if path.name not in present:
                path.unlink()  # written, but its manifest line was not: its records are asked for again
        self.index = RawIndex(self.folder / "index.sqlite", self._name)
        self.index.catch_up(self._chunks, lambda chunk: read_chunk(self.folder, chunk), self.stream.volatile)
        self._cursor = self.cursor
        self._first_load: set[str] | None = None if self._chunks else set()
        self._opened = True

    def close(self) -> None:
        """Forget what was not flushed and close the index."""
        if self._opened:
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
        payload = None if record.payload is None else orjson.dumps(record.payload)
        moment = b"null" if record.modified_at is None else orjson.dumps(record.modified_at.astimezone(UTC))
        digest = content_hash(record.payload, payload, moment, self.stream.volatile)
        known = self._pending.get(record.key) or self._indexed(record.key)
        entry = Entry(digest, record.version, record.payload is None)
        if known is not None and known.digest == digest:
            if known.version != record.version:
                self._pending[record.key] = entry
            return False
        if known is None and record.payload is None:
            return False  # a tombstone for what was never seen
        earlier = self._moments.get(record.key)
        if earlier is not None and record.modified_at is not None and earlier > record.modified_at:
            return False  # an older state arrived late: pages drift while records change
        self._pending[record.key] = entry
        if record.modified_at is None:
            self._moments.pop(record.key, None)
        else:
            self._moments[record.key] = record.modified_at
        line = b'{"_key":%b,"_modified_at":%b,"_deleted":%b,"_version":%b,"payload":%b}' % (
            orjson.dumps(record.key),
            moment,
            b"true" if payload is None else b"false",
            orjson.dumps(record.version),
            payload or b"null",
        )
        self._size += len(line) - len(self._lines.get(record.key, b""))
        self._lines[record.key] = line
        return True

    def _indexed(self, key: str) -> Entry | None:
        """What the index knows of a key; a first load asks it only for keys that this load has written itself (5 us a look-up)."""
        if self._first_load is not None and key not in self._first_load:
            return None
        return self.index.get(key)

    def known_keys(self) -> set[str]:
        """Every key that exists as far as is known, what is not yet flushed included."""
        known = set(self.index.versions())
        for key, entry in self._pending.items():
            (known.discard if entry.deleted else known.add)(key)
        return known

    def checkpoint(self, cursor: Cursor | None) -> Chunk | None:
        """A safe place was reached (cursor given) or at least a page ended; writes a chunk when enough has gathered."""
        if cursor is not None:
            self._cursor = cursor
        full = len(self._lines) >= self._chunk_records or self._size >= CHUNK_BYTES
        return self.flush() if full else None

    def flush(self) -> Chunk | None:
        """Write what has gathered as a chunk, durably, or just the cursor when there is nothing to write."""
        if not self._lines:
            self._remember_cursor()
            return None
        number = self._chunks[-1].number + 1 if self._chunks else 1
        data = zstandard.ZstdCompressor(level=_LEVEL).compress(b"\n".join(self._lines.values()) + b"\n")
        chunk = Chunk(
            number=number,
            file=f"{number:06d}.ndjson.zst",
            records=len(self._lines),
            tombstones=sum(self._pending[key].deleted for key in self._lines),
            bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            cursor=self._cursor,
            written_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        write_durably(self.folder / chunk.file, data)
        append_line(self.folder / "manifest.ndjson", orjson.dumps(asdict(chunk)))
        self._chunks.append(chunk)
        self.index.put(self._pending, chunk.number)
        if self._first_load is not None:
            self._first_load.update(self._pending)
        self._lines, self._moments, self._pending, self._size = {}, {}, {}, 0
        return chunk

    def reject(self, thing: Any, reason: str) -> None:
        """Keep something that is no record beside the stream, with the reason; it is counted, never dropped."""
        line = orjson.dumps({"at": datetime.now(UTC), "reason": reason, "sent": thing}, default=str)
        append_line(self.folder / REJECTED, line)

    def _remember_cursor(self) -> None:
        if self._pending:
            self.index.put(self._pending, self._chunks[-1].number if self._chunks else 0)
            self._pending = {}
        if self._cursor is None or self._cursor == self.cursor:
            return
        last = self._chunks[-1].number if self._chunks else 0
        write_durably(self.folder / "checkpoint.json", orjson.dumps({"chunk": last, "cursor": self._cursor}))


def read_manifest(folder: Path, *, repair: bool = False) -> list[Chunk]:
    """The chunks of a stream folder. A last line broken by a crash is no line; with `repair` it is cut off.

    Raises:
        RawZoneError: a line that is not the last one is damaged.
    """
    path = folder / "manifest.ndjson"
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
            chunks.append(Chunk(**orjson.loads(line)))
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
        checkpoint: dict[str, Any] = orjson.loads((folder / "checkpoint.json").read_bytes())
    except FileNotFoundError:
        return None
    return checkpoint


def append_line(path: Path, line: bytes) -> None:
    """Append one line durably."""
    new = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, line + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if new:
        sync_folder(path.parent)


def rejected_count(folder: Path) -> int:
    """How many things of this stream were kept aside as no records."""
    try:
        return (folder / REJECTED).read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0

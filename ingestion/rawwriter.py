"""Writes the chunks of one stream, one at a time, beside the extraction that gathers the next one.

Order of a chunk: its file durable under its name, then its line in the manifest, then the index. A chunk is never begun before the one
before it is whole, so a cursor never stands in the manifest ahead of records that are not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson
import zstandard

from ingestion.chunk import MANIFEST, Chunk
from ingestion.durable import append_line, write_durably
from ingestion.errors import RawZoneError
from ingestion.rawindex import Entry, RawIndex
from ingestion.spec import Cursor

_LEVEL = 1  # zstd: 57 MB of a company's records become 3.1 MB at 890 MB/s; level 3 saves 4 % at 700 MB/s, at 190 MB/s where it hardly helps
_LINES_AT_ONCE = 2_000  # compressed together: about 4 MB, long enough to be worth letting go of the interpreter


@dataclass(frozen=True, slots=True)
class Batch:
    """What a chunk is made of.

    Attributes:
        number: of the chunk.
        lines: its records by key, as JSON.
        entries: what the index is to know of them, and of records whose version mark alone changed.
        cursor: the safe place after it.
    """

    number: int
    lines: Mapping[str, bytes]
    entries: Mapping[str, Entry]
    cursor: Cursor | None


class ChunkWriter:
    """One thread that writes, started when there is something to write beside.

    Args:
        folder: of the stream.
        index: of the stream.
    """

    def __init__(self, folder: Path, index: RawIndex) -> None:
        self._folder = folder
        self._index = index
        self._pool: ThreadPoolExecutor | None = None
        self._running: Future[Chunk] | None = None

    def start(self, batch: Batch) -> None:
        """Begin to write; the chunk before must have been finished."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="chunks")
        self._running = self._pool.submit(write_chunk, self._folder, self._index, batch)

    def finish(self) -> Chunk | None:
        """Wait for the chunk under way; None if there is none.

        Raises:
            RawZoneError: it could not be written.
        """
        if self._running is None:
            return None
        running, self._running = self._running, None
        return running.result()

    def close(self) -> None:
        """Wait for what is under way and end the thread."""
        if self._pool is not None:
            self._pool.shutdown(wait=True)
            self._pool = None


def write_chunk(folder: Path, index: RawIndex, batch: Batch) -> Chunk:
    """Write one chunk durably and enter it into the manifest and the index.

    Raises:
        RawZoneError: the disk does not take it; it does not exist then.
    """
    lines = list(batch.lines.values())
    compressor = zstandard.ZstdCompressor(level=_LEVEL).compressobj(size=sum(map(len, lines)) + len(lines))
    parts = [
        compressor.compress(b"\n".join(lines[first : first + _LINES_AT_ONCE]) + b"\n") for first in range(0, len(lines), _LINES_AT_ONCE)
    ]
    parts.append(compressor.flush())
    data = b"".join(parts)
    chunk = Chunk(
        number=batch.number,
        file=f"{batch.number:06d}.ndjson.zst",
        records=len(lines),
        tombstones=sum(batch.entries[key].deleted for key in batch.lines),
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        cursor=batch.cursor,
        written_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    try:
        write_durably(folder / chunk.file, data)
        append_line(folder / MANIFEST, orjson.dumps(asdict(chunk)))
    except OSError as error:
        message = f"{folder / chunk.file}: the raw file cannot be written ({error.strerror}); make room or mend the rights, and run again."
        raise RawZoneError(message) from None
    index.put(batch.entries, chunk.number)
    return chunk

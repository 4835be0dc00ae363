"""Records of one file laid aside on disk by stream, so that a file is parsed once however many streams it feeds."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson
import zstandard

from ingestion.spec import Record

_LEVEL = 1
_OPEN_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Found:
    """A record of a stream."""

    stream: str
    record: Record


@dataclass(frozen=True, slots=True)
class Bad:
    """Something that is no record of its stream, with the reason."""

    stream: str
    thing: Any
    reason: str


@dataclass(frozen=True, slots=True)
class Whole:
    """The file holds everything of a scope: what carries this mark as its version and is not in any file of the session is gone.

    Attributes:
        stream: of which stream.
        scope: the version mark that the records of the scope carry.
        session: equal for the files that are parts of one export.
    """

    stream: str
    scope: str
    session: str


@dataclass(frozen=True, slots=True)
class Note:
    """What a person should know of a file that is no error."""

    text: str


Reading = Found | Bad | Whole | Note


@dataclass(slots=True)
class Spool:
    """What one file gave: records and rejects on disk by stream, full listings, notes, and the damage that ended it (None if whole)."""

    folder: tempfile.TemporaryDirectory[str]
    wholes: list[Whole] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    damage: str | None = None
    counts: dict[str, int] = field(default_factory=dict)

    def read(self, stream: str, size: int) -> Iterator[tuple[list[Record], list[tuple[Any, str]]]]:
        """Records and rejects of a stream in batches, in the order of the file."""
        path = Path(self.folder.name) / f"{stream}.ndjson.zst"
        if not path.exists():
            return
        records: list[Record] = []
        rejected: list[tuple[Any, str]] = []
        with path.open("rb") as opened, zstandard.ZstdDecompressor().stream_reader(opened) as plain:
            for line in _lines(plain):
                key, payload, moment, version, reason = orjson.loads(line)
                if reason is not None:
                    rejected.append((payload, reason))
                else:
                    at = None if moment is None else datetime.fromtimestamp(moment, UTC)
                    records.append(Record(key, payload, at, version))
                if len(records) + len(rejected) >= size:
                    yield records, rejected
                    records, rejected = [], []
        if records or rejected:
            yield records, rejected

    def close(self) -> None:
        """Remove it from disk."""
        self.folder.cleanup()


class SpoolWriter:
    """Fills a spool.

    Args:
        streams: names of the streams that are wanted; others are left out.
    """

    def __init__(self, streams: Sequence[str]) -> None:
        if len(streams) > _OPEN_AT_ONCE:
            message = f"a file format has {len(streams)} streams, more than {_OPEN_AT_ONCE}"
            raise ValueError(message)
        self.spool = Spool(tempfile.TemporaryDirectory(prefix="skvoz-"))
        self._wanted = frozenset(streams)
        self._files: dict[str, Any] = {}
        self._opened: list[BinaryIO] = []

    def take(self, found: Reading) -> None:
        """Lay one thing aside."""
        if isinstance(found, Note):
            self.spool.notes.append(found.text)
        elif found.stream not in self._wanted:
            return
        elif isinstance(found, Found):
            one = found.record
            moment = None if one.modified_at is None else one.modified_at.timestamp()
            self._write(found.stream, [one.key, one.payload, moment, one.version, None])
        elif isinstance(found, Bad):
            self._write(found.stream, [None, found.thing, None, None, found.reason])
        else:
            self.spool.wholes.append(found)

    def finish(self) -> Spool:
        """The filled spool."""
        for file in self._files.values():
            file.close()
        for opened in self._opened:
            opened.close()
        return self.spool

    def _write(self, stream: str, line: list[Any]) -> None:
        file = self._files.get(stream)
        if file is None:
            raw = (Path(self.spool.folder.name) / f"{stream}.ndjson.zst").open("wb")
            self._opened.append(raw)
            file = self._files[stream] = zstandard.ZstdCompressor(level=_LEVEL).stream_writer(raw, closefd=False)
        file.write(orjson.dumps(line, default=str) + b"\n")
        self.spool.counts[stream] = self.spool.counts.get(stream, 0) + 1


def _lines(plain: zstandard.ZstdDecompressionReader) -> Iterator[bytes]:
    rest = b""
    while chunk := plain.read(1 << 20):
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        yield from lines

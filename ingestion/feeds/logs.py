"""Files that a system appends to: read on from where the last reading ended, from the beginning when they were changed for others.

A line that is being written waits for its end. Nothing is ever deleted: an exchange throws its old files away, the calls were
made all the same.
Cursor: {"mark": of the settings, "files": {name: {"size", "mtime", "offset", "line", "head": [bytes, sha256], "state"}}}.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import IO, Any, Protocol, cast

from ingestion.errors import PermanentError
from ingestion.feeds.faults import Fault, raise_problems, summary
from ingestion.feeds.paths import FoundFile, found_files
from ingestion.formats.files import unreadable
from ingestion.spec import Context, Extraction, JsonObject, Page, Record

_BLOCK = 4 * 1024 * 1024
_LONGEST_LINE = 1024 * 1024
_HEAD = 1024  # first bytes by which a file is known again
_SETTLED = timedelta(minutes=10)  # a last line without its end is taken once nobody has written for so long


@dataclass(slots=True)
class Block:
    """What a run of lines gave."""

    records: list[Record] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class LogFormat(Protocol):
    """How the lines of one file are read; an instance belongs to one file."""

    def read(self, lines: list[str], first: int) -> Block:
        """Records and faults of lines; `first` is the number of the first of them. Empty lines and headings give nothing."""

    def state(self) -> JsonObject:
        """What the next reading of this file must know (JSON)."""

    def restore(self, state: JsonObject) -> None:
        """Take up what `state` gave."""


class GrowingFiles:
    """A connector over appended files.

    Args:
        path: as configured.
        context: of the source.
        mark: of everything that changes what a line means; another mark reads all again.
        make: a new format.
        title: what a line should be, for errors: `call record of Asterisk`.
        accept: which file names are meant.
    """

    def __init__(
        self,
        path: str,
        context: Context,
        mark: str,
        make: Callable[[], LogFormat],
        title: str,
        accept: Callable[[str], bool] | None = None,
    ) -> None:
        self._path = path
        self._context = context
        self._mark = mark
        self._make = make
        self._title = title
        self._accept = accept

    def check(self) -> str:
        """How much of the newest file can be read."""
        files = found_files(self._path, self._context, self._accept)
        if not files:
            return f"{self._path} is there and holds no files yet."
        reading = _Reading(files[-1], self._make(), {}, settled=True)
        block = next(iter(reading.blocks()), Block())
        if block.faults and not block.records:
            message = f"{self._context.source}: {self._not_ours(files[-1], block.faults[0])}."
            raise PermanentError(message)
        return f"{len(files)} files; the newest begins with {len(block.records)} records and {len(block.faults)} bad lines."

    def close(self) -> None:
        """Nothing is held open."""

    def extract(self, request: Extraction) -> Iterator[Page]:
        """Pages of what was appended since the last extraction."""
        cursor = request.cursor if request.cursor and request.cursor.get("mark") == self._mark else {"files": {}}
        before = cast(dict[str, Any], cursor["files"])
        files = found_files(self._path, self._context, self._accept)
        done = {file.name: before[file.name] for file in files if file.name in before}
        problems: list[str] = []
        for file in files:
            entry = done.get(file.name, {})
            if entry.get("size") == file.size and entry.get("mtime") == file.modified_ns:
                continue
            age = request.now.timestamp() - file.modified_ns / 1e9
            reading = _Reading(file, self._make(), entry, settled=age > _SETTLED.total_seconds())
            try:
                for block in reading.blocks():
                    done = {**done, file.name: reading.entry()}
                    rejected = [fault.rejected(file.name) for fault in block.faults]
                    yield Page(block.records, rejected=rejected, cursor={"mark": self._mark, "files": done})
            except (OSError, EOFError, zlib.error) as error:
                cause = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
                problems.append(f"{file.name}, line {reading.line}: the file cannot be read on ({cause})")
            done = {**done, file.name: reading.entry(whole=True)}
            if reading.first_fault is not None:
                if reading.good == 0 and not entry:
                    problems.append(self._not_ours(file, reading.first_fault))
                    continue
                self._context.note(summary(file.name, reading.bad, reading.first_fault, reading.good))
        yield Page(cursor={"mark": self._mark, "files": done})
        raise_problems(self._context.source, problems)

    def _not_ours(self, file: FoundFile, fault: Fault) -> str:
        return f"{file.name}, {fault.place}: {fault.cause}: the file holds no {self._title}"


class _Reading:
    """One file from where it was left."""

    def __init__(self, file: FoundFile, log_format: LogFormat, entry: JsonObject, *, settled: bool) -> None:
        self._file = file
        self._format = log_format
        self._settled = settled
        self._entry = entry
        self._offset = 0
        self._head: list[Any] = [0, ""]
        self._waits = False
        self.line = 1
        self.good = self.bad = 0
        self.first_fault: Fault | None = None

    def entry(self, *, whole: bool = False) -> JsonObject:
        """The cursor's entry; `whole` when everything there is has been looked at: a last line that waits for its end has not."""
        mark = {"size": self._file.size, "mtime": self._file.modified_ns} if whole and not self._waits else {}
        return {**mark, "offset": self._offset, "line": self.line, "head": self._head, "state": self._format.state()}

    def blocks(self) -> Iterator[Block]:
        """What the lines give, some megabytes at a time."""
        with self._open() as stream:
            start = stream.read(_HEAD)
            self._head = [len(start), _fingerprint(start)]
            if self._goes_on(start):
                self._offset, self.line = int(self._entry["offset"]), int(self._entry["line"])
                self._format.restore(self._entry["state"])
            stream.seek(self._offset)
            yield from self._lines(stream)

    def _goes_on(self, start: bytes) -> bool:
        """Whether this is the file that was read before, with more behind it."""
        if not self._entry or self._file.path.suffix == ".gz" or int(self._entry["offset"]) > self._file.size:
            return False
        length, mark = self._entry["head"]
        return bool(len(start) >= length and _fingerprint(start[:length]) == mark)

    def _open(self) -> IO[bytes]:
        try:
            if self._file.path.suffix == ".gz":
                return cast(IO[bytes], gzip.open(self._file.path, "rb"))
            return self._file.path.open("rb")
        except OSError as error:
            raise unreadable(self._file.name, error) from None

    def _lines(self, stream: IO[bytes]) -> Iterator[Block]:
        rest, skipping = b"", False
        while chunk := stream.read(_BLOCK):
            data = rest + chunk
            # exchanges may end lines with CR alone (feeds.md 1.6)
            mark = b"\n" if b"\n" in data else b"\r"
            end = data.rfind(mark) + 1
            if not end and len(data) > _LONGEST_LINE:
                if not skipping:
                    yield self._counted(Block(faults=[Fault(f"line {self.line}", "the line never ends", data[:200].decode("latin-1"))]))
                self._offset += len(data)
                rest, skipping = b"", True
                continue
            if skipping and end:
                first = data.find(mark) + 1
                self._offset += first
                data, end, skipping = data[first:], end - first, False
                self.line += 1
            if end:
                yield self._parsed(data[:end])
            rest = data[end:]
        if rest and not skipping:
            self._waits = not self._settled
            if self._settled:
                yield self._parsed(rest)

    def _parsed(self, data: bytes) -> Block:
        lines = _decoded(data).split("\n")
        if lines and lines[-1] == "":
            lines.pop()
        block = self._format.read(lines, self.line)
        self.line += len(lines)
        self._offset += len(data)
        return self._counted(block)

    def _counted(self, block: Block) -> Block:
        self.good += len(block.records)
        self.bad += len(block.faults)
        if block.faults and self.first_fault is None:
            self.first_fault = block.faults[0]
        return block


def _fingerprint(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _decoded(data: bytes) -> str:
    """Text of whole lines, UTF-8 or, line by line where that fails, cp1251."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = "\n".join(_line_text(line) for line in data.split(b"\n"))
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text.removeprefix("\ufeff")


def _line_text(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1251", "replace")

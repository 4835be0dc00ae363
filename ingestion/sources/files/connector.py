"""The rows of files as records of feeds.

snapshot: when any of the files changed, all are read again and what is gone is deleted. append: only new and changed files are read, later
ones win, nothing is deleted. Cursor: per mapped stream {"mark": of the settings, "listed": day of the last change, "files": {name: stamp}}.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson

from ingestion.errors import PermanentError
from ingestion.mapped.mapping import Mapper
from ingestion.sources.files.archives import unpacked
from ingestion.sources.files.folders import Folder, Found, chosen, open_folder
from ingestion.sources.files.formats import Rows, rows_of
from ingestion.sources.files.options import FilesOptions, FileStream
from ingestion.spec import Context, Extraction, JsonObject, Page

_ANY_DAY = date(2000, 1, 1)
_LATE = timedelta(days=7)  # a letter may reach the mailbox later than it is dated
_PARSER = 2  # raise it when the same file gives other records
_PAGE_ROWS = 5_000
_BAD_FIRST_ROWS = 200  # a file whose first so many rows are all bad is the wrong file, or wrongly mapped


class FilesConnector:
    """One configured place with files.

    Args:
        options: of the source.
        context: of the source.
    """

    def __init__(self, options: FilesOptions, context: Context) -> None:
        self._options = options
        self._context = context
        self._opened: Folder | None = None
        self._listed: list[Found] | None = None
        self._listed_since = _ANY_DAY

    def check(self) -> str:
        """How many files each stream has, and whether the newest of them can be read."""
        if not self._options.streams:
            message = f"{self._context.source}: nothing is mapped; add [sources.{self._context.source}.streams.<name>] tables."
            raise PermanentError(message)
        told = []
        for name, stream in self._options.streams.items():
            files = chosen(self._files(_ANY_DAY), stream.files)
            told.append(f"{name} {len(files)} files")
            if files:
                next(self._pages(files[-1], stream, self._mapper(name)), None)
        return f"the place can be read: {', '.join(told)}."

    def close(self) -> None:
        """Release the connection."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def extract(self, request: Extraction) -> Iterator[Page]:
        """Pages of every mapped stream that fills this feed."""
        names = self._options.by_feed()[request.stream.name]
        cursors: dict[str, Any] = {name: (request.cursor or {}).get(name) for name in names}
        today = request.now.date().isoformat()
        plans = {}
        for name in names:
            stream = self._options.streams[name]
            mark = hashlib.sha256(orjson.dumps([_PARSER, stream.model_dump(mode="json")])).hexdigest()[:16]
            valid = cursors[name] if cursors[name] and cursors[name]["mark"] == mark and request.mode == "refresh" else None
            files = chosen(self._files(_since(stream, valid, request)), stream.files)
            plans[name] = (stream, files, mark, valid["files"] if valid else {})
        snapshots = [name for name in names if plans[name][0].mode == "snapshot"]
        changed = any({file.name: file.stamp for file in plans[name][1]} != plans[name][3] for name in snapshots)
        for name in names:
            stream, files, mark, before = plans[name]
            if stream.mode == "append":
                yield from self._appended(name, files, mark, before, cursors, today)
            elif changed:
                # a file that cannot be read ends this before anything is deleted; what other files gave stays
                for file in files:
                    yield from self._pages(file, stream, self._mapper(name))
                cursors[name] = {"mark": mark, "listed": today, "files": {file.name: file.stamp for file in files}}
        # what is gone from snapshots is deleted; a feed that is appended to by another stream as well keeps everything
        yield Page(cursor=dict(cursors), complete=changed and len(snapshots) == len(names))

    def _appended(
        self, name: str, files: list[Found], mark: str, before: dict[str, Any], cursors: dict[str, Any], today: str
    ) -> Iterator[Page]:
        stream = self._options.streams[name]
        read = dict(before)
        damaged: list[PermanentError] = []
        for file in sorted(files, key=lambda file: (file.order, file.name)):
            if read.get(file.name) == file.stamp:
                continue
            try:
                yield from self._pages(file, stream, self._mapper(name))
            except PermanentError as error:
                damaged.append(error)  # the others are read all the same
                continue
            read[file.name] = file.stamp
            cursors[name] = {"mark": mark, "listed": today, "files": dict(read)}
            yield Page(cursor=dict(cursors))
        if damaged:
            raise damaged[0]

    def _pages(self, file: Found, stream: FileStream, mapper: Mapper) -> Iterator[Page]:
        with file.opened() as path:
            for name, member in unpacked(path, file.name):
                yield from self._read(name, member, stream, mapper)

    def _read(self, name: str, path: Path, stream: FileStream, mapper: Mapper) -> Iterator[Page]:
        good = bad = 0
        first = ""
        for rows, places in _parts(rows_of(path, f"{self._context.source}: {name}", stream), name):
            if not good and not bad:
                # records of JSON and XML leave empty fields out: what any of the first ones has is there
                merged = {field: value for row in reversed(rows) for field, value in row.items()}
                mapper.check_fields(merged, f"{self._context.source}: {name}")
            page = mapper.page(rows, self._context.note, places=places)
            good += len(page.records)
            bad += len(page.rejected)
            first = first or (page.rejected[0][1] if page.rejected else "")
            if bad >= _BAD_FIRST_ROWS and not good:
                break
            if good:
                yield page
        if bad and not good:
            message = f"{self._context.source}: {name}: every row is bad, the first because {first}; nothing of it was taken."
            raise PermanentError(message)

    def _files(self, since: date) -> list[Found]:
        if self._opened is None:
            self._opened = open_folder(self._options, self._context)
        if self._listed is None or since < self._listed_since:
            self._listed, self._listed_since = self._opened.files(since), since
        return self._listed

    def _mapper(self, name: str) -> Mapper:
        return self._options.mapper(name, self._context.timezone, by_machine=False)


def _since(stream: FileStream, cursor: Any, request: Extraction) -> date:
    """Letters are fetched to be listed: where files only add, those of the last days are enough."""
    if stream.mode == "snapshot" or cursor is None:
        return request.since
    return max(request.since, date.fromisoformat(cursor["listed"]) - _LATE)


def _parts(rows: Rows, name: str) -> Iterator[tuple[list[JsonObject], list[str]]]:
    """Rows in portions with the place of each; the first portion is small, for it shows whether the file fits at all."""
    part: list[JsonObject] = []
    places: list[str] = []
    size = _BAD_FIRST_ROWS
    for number, row in rows:
        part.append(row)
        places.append(f"{name}:{number}")
        if len(part) == size:
            yield part, places
            part, places, size = [], [], _PAGE_ROWS
    if part:
        yield part, places


def connect(options: FilesOptions, context: Context) -> FilesConnector:
    """A connector for these options; no file is touched yet."""
    return FilesConnector(options, context)

"""The connector of file formats whose rows are mapped to feeds by configuration: a picture of its files, read again when one changed.

Cursor: {"mark": of the settings, "files": {name: [size, mtime in ns]}}. What is gone from the files is deleted. Every file is opened and
its columns are checked before anything is given; one that breaks off leaves what is known untouched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import orjson

from ingestion.errors import PermanentError
from ingestion.formats.damage import DamagedFileError
from ingestion.formats.files import FoundFile
from ingestion.mapped.mapping import MappedOptions
from ingestion.spec import Context, Extraction, JsonObject, Page

Rows = Iterator[tuple[str, JsonObject]]
"""(place for people, field → value) of each row."""

_PARSER = 3  # raise it when the same file gives other records
_PAGE_ROWS = 2_000


class MappedTablesConnector:
    """The mapped tables of one configured source.

    Args:
        options: of the source.
        context: of the source.
        files: the files as they are now; PermanentError if there are none.
        rows: the rows of one mapped stream in these files; DamagedFileError where they end too early.
        by_machine: how their numbers are written, as in `Reader`.
    """

    def __init__(
        self,
        options: MappedOptions,
        context: Context,
        files: Callable[[], list[FoundFile]],
        rows: Callable[[str, Sequence[FoundFile]], Rows],
        *,
        by_machine: bool = False,
    ) -> None:
        self._options = options
        self._context = context
        self._files = files
        self._rows = rows
        self._by_machine = by_machine

    def check(self) -> str:
        """How many rows each mapped stream has, and how many of them are bad."""
        files = self._files()
        told = []
        if not self._options.mapped():
            return f"{len(files)} files; no stream is mapped, so nothing is read: name a file and its columns under streams."
        for name in self._options.mapped():
            good = bad = 0
            for page in self._pages(name, files):
                good += len(page.records)
                bad += len(page.rejected)
            told.append(f"{name} {good} rows" + (f", {bad} bad" if bad else ""))
        return f"{len(files)} files; {'; '.join(told)}."

    def close(self) -> None:
        """Nothing is held open."""

    def extract(self, request: Extraction) -> Iterator[Page]:
        """All rows of the streams that fill this feed, if anything in the files changed."""
        files = self._files()
        settings = [_PARSER, self._options.model_dump(mode="json")]
        mark = hashlib.sha256(orjson.dumps(settings, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
        cursor = {"mark": mark, "files": {file.name: file.stat for file in files}}
        if request.mode == "refresh" and request.cursor == cursor:
            return
        for name in self._options.by_feed()[request.stream.name]:
            yield from self._pages(name, files)
        yield Page(cursor=cursor, complete=True)

    def _pages(self, name: str, files: Sequence[FoundFile]) -> Iterator[Page]:
        mapper = self._options.mapper(name, self._context.timezone, by_machine=self._by_machine)
        good = bad = 0
        try:
            rows = self._rows(name, files)
            while part := list(islice(rows, _PAGE_ROWS)):
                if not good and not bad:
                    mapper.check_fields(part[0][1], f"{self._context.source}: streams.{name}")
                page = mapper.page([row for _, row in part], self._context.note, places=[place for place, _ in part])
                good += len(page.records)
                bad += len(page.rejected)
                yield page
        except DamagedFileError as error:
            message = f"{self._context.source}: {error}; what was loaded before is untouched."
            raise PermanentError(message) from None
        if bad and not good:
            message = f"{self._context.source}: every row of streams.{name} is bad, nothing of it was taken; see the rows named above."
            raise PermanentError(message)

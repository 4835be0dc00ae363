"""The connector of every exchange format: the files not seen yet, oldest export first, each into the streams it feeds."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import orjson

from ingestion.errors import PermanentError
from ingestion.formats.damage import DamagedFileError
from ingestion.formats.files import FoundFile, Part, found_files, opened_parts
from ingestion.formats.spool import Bad, Found, Note, Reading, Spool, SpoolWriter
from ingestion.formats.stream_walk import StreamWalk
from ingestion.spec import Context, Extraction, Page, Stream

_CHECKED = 2_000  # things of each file that `check` looks at


class Format(Protocol):
    """How one exchange format is read.

    Attributes:
        version: raise it when the same file gives other records.
        suffixes: of its files in folders and archives, lower case.
    """

    version: int
    suffixes: frozenset[str]

    def formed(self, head: bytes) -> str:
        """When the export was made, ISO 8601, from the beginning of the file; '' if it does not say."""

    def order(self, name: str) -> object:
        """Sorting key of the parts of one export by their names."""

    def read(self, part: Part) -> Iterator[Reading]:
        """Everything in the file; DamagedFileError where it ends too early."""


class ExchangeConnector:
    """The files of one configured source.

    Args:
        path: file, folder or pattern, as in skvoz.toml.
        settings: what the records depend on beside the files: when it changes all files are read again.
        streams: those the source loads, in loading order.
        files: the format.
        context: of the source.
    """

    def __init__(self, path: str, settings: dict[str, Any], streams: Sequence[Stream], files: Format, context: Context) -> None:
        self._path = path
        self._format = files
        self._streams = [stream.name for stream in streams]
        self._context = context
        text = orjson.dumps([files.version, settings], option=orjson.OPT_SORT_KEYS, default=str)
        self._mark = hashlib.sha256(text).hexdigest()[:16]
        self._spools: dict[tuple[str, int, int], Spool] = {}
        self._digests: dict[tuple[str, int, int], str] = {}

    def check(self) -> str:
        """How many files there are, and what the beginning of each gives."""
        counts: dict[str, int] = defaultdict(int)
        files = self.files()
        for file in files:
            left = _CHECKED
            try:
                with opened_parts(file, self._format.suffixes, self._format.order) as parts:
                    for part in parts:
                        for found in self._format.read(part):
                            if isinstance(found, Note):
                                self._context.note(found.text)
                            counts[found.stream if isinstance(found, Found | Bad) else ""] += 1
                            left -= 1
                            if left <= 0:
                                break
            except DamagedFileError as error:
                raise PermanentError(_sentence(self._context.source, [str(error)])) from None
        found_in = ", ".join(f"{name} {counts[name]}" for name in self._streams if counts[name]) or "no records yet"
        return f"{len(files)} files; in them (up to {_CHECKED} records of each looked at): {found_in}."

    def close(self) -> None:
        """Remove what was laid aside."""
        for spool in self._spools.values():
            spool.close()
        self._spools.clear()

    def files(self) -> list[FoundFile]:
        """The files as they are now."""
        return found_files(self._path, self._context.base_dir, self._context.source, self._format.suffixes)

    def extract(self, request: Extraction) -> Iterator[Page]:
        """Records of the files that this stream has not seen."""
        cursor = request.cursor if request.cursor and request.cursor.get("mark") == self._mark else None
        walk = StreamWalk(self, request, cursor)
        yield from walk.pages()
        if request.stream.name == self._streams[-1] and walk.damages:
            raise PermanentError(_sentence(self._context.source, walk.damages))

    def formed(self, file: FoundFile) -> str:
        """When the export in a file was made, '' if unknown."""
        try:
            with opened_parts(file, self._format.suffixes, self._format.order) as parts:
                part = next(iter(parts), None)
                return self._format.formed(part.head) if part is not None else ""
        except DamagedFileError:
            return ""

    def digest(self, file: FoundFile) -> str:
        """sha256 of a file, reckoned once."""
        known = (file.name, *file.stat)
        if known not in self._digests:
            self._digests[known] = file.digest()  # type: ignore[index]  # a stat is two numbers
        return self._digests[known]  # type: ignore[index]  # the same

    def spool(self, file: FoundFile) -> Spool:
        """What is in a file, parsed once for all streams."""
        known: tuple[str, int, int] = (file.name, file.stat[0], file.stat[1])
        if known not in self._spools:
            self._spools[known] = self._parse(file)
        return self._spools[known]

    @property
    def mark(self) -> str:
        """Of the settings."""
        return self._mark

    @property
    def context(self) -> Context:
        """Of the source."""
        return self._context

    def order(self, name: str) -> object:
        """Sorting key of files of one moment."""
        return self._format.order(Path(name).name)

    def _parse(self, file: FoundFile) -> Spool:
        writer = SpoolWriter(self._streams)
        try:
            with opened_parts(file, self._format.suffixes, self._format.order) as parts:
                for part in parts:
                    for found in self._format.read(part):
                        writer.take(found)
        except DamagedFileError as error:
            writer.spool.damage = str(error)
        except BaseException:
            writer.finish().close()
            raise
        spool = writer.finish()
        if spool.damage:
            spool.wholes.clear()  # a listing that broke off says nothing of what it does not name
        return spool


def _sentence(source: str, damages: Sequence[str]) -> str:
    files = "; ".join(damages)
    return f"{source}: {files}. What stands before that place was read; export the file again and put it in its place."

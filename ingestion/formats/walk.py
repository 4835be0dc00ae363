"""The connector of every exchange format: the files not seen yet, oldest export first, each into the streams it feeds.

Cursor of each stream: {"mark": of the settings, "files": {name: [size, mtime in ns, sha256, damage or null]}, "formed": moment of the
newest export read}. A file with the same size and time, or the same content, asks nothing. An export older than one read before only adds
what is not known: it cannot bring an old state back. A damaged file gives what stands before the damage; its error is told at the end of
the last stream, on every run until the file is replaced, without reading it again.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import orjson

from ingestion.errors import PermanentError
from ingestion.formats.damage import DamagedFileError
from ingestion.formats.files import FoundFile, Part, found_files, natural, opened_parts
from ingestion.formats.spool import Reading, Spool, SpoolWriter, Whole
from ingestion.spec import Context, Cursor, Extraction, Page, Record, Stream

_BATCH = 2_000
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
                            counts[getattr(found, "stream", "")] += 1
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
        walk = _Walk(self, request, cursor)
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
        return self._digests[known]  # type: ignore[index]

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


class _Walk:
    """One stream's way through the files."""

    def __init__(self, connector: ExchangeConnector, request: Extraction, cursor: Cursor | None) -> None:
        self._connector = connector
        self._request = request
        self._stream = request.stream.name
        self._seen: dict[str, list[Any]] = dict(cursor["files"]) if cursor else {}
        self._formed: str = cursor["formed"] if cursor else ""
        self._known: dict[str, str | None] | None = None
        self._sessions: dict[str, str] = {}
        self._present: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.damages: list[str] = []

    def pages(self) -> Iterator[Page]:
        files = self._connector.files()
        kept = {file.name: self._seen[file.name] for file in files if file.name in self._seen}
        waiting = [file for file in files if self._seen.get(file.name, [None, None])[:2] != file.stat]
        if self._request.cursor is not None and not waiting and kept.keys() == self._seen.keys():
            self.damages = [entry[3] for entry in kept.values() if entry[3]]
            return
        dated = [(file, self._connector.formed(file)) for file in waiting]
        for file, formed in sorted(dated, key=lambda one: self._age(*one)):
            digest = self._connector.digest(file)
            entry = kept.get(file.name) or next((one for one in kept.values() if one[2] == digest), None)
            if entry is None or entry[2] != digest:
                yield from self._file(file, formed)
                entry = [*file.stat, digest, self._connector.spool(file).damage]
            kept[file.name] = [*file.stat, *entry[2:]]
            self._formed = max(self._formed, formed)
            yield Page(cursor=self._cursor(kept))
        yield from self._gone()
        yield Page(cursor=self._cursor(kept))
        self.damages = [entry[3] for entry in kept.values() if entry[3]]

    def _age(self, file: FoundFile, formed: str) -> Any:
        moment = formed or datetime.fromtimestamp(file.stat[1] / 1e9, UTC).astimezone(self._connector.context.timezone).isoformat()[:19]
        return moment, self._connector.order(file.name), natural(file.name)

    def _cursor(self, kept: dict[str, list[Any]]) -> Cursor:
        return {"mark": self._connector.mark, "files": dict(kept), "formed": self._formed}

    def _file(self, file: FoundFile, formed: str) -> Iterator[Page]:
        spool = self._connector.spool(file)
        for text in spool.notes:
            self._connector.context.note(text)
        wholes = {one.scope: one for one in spool.wholes if one.stream == self._stream}
        is_old = bool(formed) and formed < self._formed and self._request.mode != "full"
        for records, rejected in spool.read(self._stream, _BATCH):
            if is_old:
                yield Page([one for one in records if one.key not in self._known_keys()], rejected=rejected)
                continue
            for one in records:
                if one.version in wholes:
                    self._present[one.version, wholes[one.version].session].add(one.key)
            yield Page(records, rejected=rejected)
        if not is_old:
            for scope, whole in wholes.items():
                self._note_session(scope, whole)

    def _note_session(self, scope: str, whole: Whole) -> None:
        self._sessions[scope] = max(self._sessions.get(scope, ""), whole.session)

    def _known_keys(self) -> dict[str, str | None]:
        if self._known is None:
            self._known = self._request.known.versions()
        return self._known

    def _gone(self) -> Iterator[Page]:
        """Tombstones for what a complete export no longer has, unless that would be more than the stream may lose at once."""
        stream = self._request.stream
        for scope, session in self._sessions.items():
            present = self._present[scope, session]
            known = {key for key, mark in self._known_keys().items() if mark == scope}
            for (other, _), keys in self._present.items():
                if other == scope:
                    known |= keys
            missing = sorted(known - present)
            if len(known) >= stream.loss_guard_floor and len(missing) > stream.max_loss_share * len(known) and self._request.mode != "full":
                name = self._connector.context.source
                self._connector.context.note(
                    f"{name}/{stream.name}: the complete export misses {len(missing)} of {len(known)} known records, more than the "
                    f"{stream.max_loss_share:.0%} this stream may lose at once; they are kept. If they are really gone run: skvoz sync "
                    f"{name} --full"
                )
            elif missing:
                yield Page([Record(key, None) for key in missing])


def _sentence(source: str, damages: Sequence[str]) -> str:
    files = "; ".join(damages)
    return f"{source}: {files}. What stands before that place was read; export the file again and put it in its place."

"""One stream's way through the files of an exchange: which are read, what is too old to change anything, what is gone.

Cursor of each stream: {"mark": of the settings, "files": {name: [size, mtime in ns, sha256, damage or null, [[scope, session] of complete
exports]]}, "formed": moment of the newest export that had records of the stream}. A file with the same size and time, or the same
content, asks nothing. An export older than one read before only adds what is not known: it cannot bring an old state back. A damaged file
gives what stands before the damage; its error is told at the end of the last stream, on every run until the file is replaced, without
reading it again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from ingestion.formats.files import FoundFile, natural
from ingestion.formats.spool import Spool, Whole
from ingestion.spec import Context, Cursor, Extraction, Page, Record

_BATCH = 2_000


class ExchangeFiles(Protocol):
    """The files of one source, each parsed once for all its streams."""

    @property
    def mark(self) -> str:
        """Of the settings."""

    @property
    def context(self) -> Context:
        """Of the source."""

    def files(self) -> list[FoundFile]:
        """The files as they are now."""

    def formed(self, file: FoundFile) -> str:
        """When the export in a file was made, '' if unknown."""

    def order(self, name: str) -> object:
        """Sorting key of files of one moment."""

    def digest(self, file: FoundFile) -> str:
        """sha256 of a file."""

    def spool(self, file: FoundFile) -> Spool:
        """What is in a file."""


class StreamWalk:
    """One stream's way through the files.

    Args:
        exchange: the files of the source.
        request: of the extraction.
        cursor: the stream's, None if everything is to be read.
    """

    def __init__(self, exchange: ExchangeFiles, request: Extraction, cursor: Cursor | None) -> None:
        self._exchange = exchange
        self._request = request
        self._stream = request.stream.name
        self._seen: dict[str, list[Any]] = dict(cursor["files"]) if cursor else {}
        self._formed: str = cursor["formed"] if cursor else ""
        self._known: dict[str, str | None] | None = None
        self._sessions: dict[str, str] = {}
        self._present: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._read: set[str] = set()
        self.damages: list[str] = []

    def pages(self) -> Iterator[Page]:
        """Records, checkpoints after every file, tombstones; then `damages` names the files that are damaged."""
        files = self._exchange.files()
        kept = {file.name: self._seen[file.name] for file in files if file.name in self._seen}
        waiting = [file for file in files if self._seen.get(file.name, [None, None])[:2] != file.stat]
        if self._request.cursor is not None and not waiting and kept.keys() == self._seen.keys():
            self.damages = [entry[3] for entry in kept.values() if entry[3]]
            return
        dated = [(file, self._exchange.formed(file)) for file in waiting]
        for file, formed in sorted(dated, key=lambda one: self._age(*one)):
            digest = self._exchange.digest(file)
            entry = kept.get(file.name) or next((one for one in kept.values() if one[2] == digest), None)
            if entry is None or entry[2] != digest:
                yield from self._file(file, formed)
                spool = self._exchange.spool(file)
                wholes = [[one.scope, one.session] for one in spool.wholes if one.stream == self._stream]
                entry = [*file.stat, digest, spool.damage, wholes]
                self._read.add(file.name)
                if spool.counts.get(self._stream):  # a catalogue of today makes orders of yesterday no old ones
                    self._formed = max(self._formed, formed)
            kept[file.name] = [*file.stat, *entry[2:]]
            yield Page(cursor=self._cursor(kept))
        self._recall(files, kept)
        yield from self._gone()
        yield Page(cursor=self._cursor(kept))
        self.damages = [entry[3] for entry in kept.values() if entry[3]]

    def _age(self, file: FoundFile, formed: str) -> Any:
        moment = formed or datetime.fromtimestamp(file.stat[1] / 1e9, UTC).astimezone(self._exchange.context.timezone).isoformat()[:19]
        return moment, self._exchange.order(file.name), natural(file.name)

    def _cursor(self, kept: dict[str, list[Any]]) -> Cursor:
        return {"mark": self._exchange.mark, "files": dict(kept), "formed": self._formed}

    def _file(self, file: FoundFile, formed: str) -> Iterator[Page]:
        spool = self._exchange.spool(file)
        for text in spool.notes:
            self._exchange.context.note(text)
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

    def _recall(self, files: Sequence[FoundFile], kept: Mapping[str, list[Any]]) -> None:
        """Keys in other parts of the exports that were completed now: an interruption, or two runs, may have come between the parts."""
        for file in files:
            parts = [(scope, session) for scope, session in kept[file.name][4] if self._sessions.get(scope) == session]
            if parts and file.name not in self._read:
                for records, _ in self._exchange.spool(file).read(self._stream, _BATCH):
                    for one in records:
                        for scope, session in parts:
                            if one.version == scope:
                                self._present[scope, session].add(one.key)

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
                name = self._exchange.context.source
                self._exchange.context.note(
                    f"{name}/{stream.name}: the complete export misses {len(missing)} of {len(known)} known records, more than the "
                    f"{stream.max_loss_share:.0%} this stream may lose at once; they are kept. If they are really gone run: skvoz sync "
                    f"{name} --full"
                )
            elif missing:
                yield Page([Record(key, None) for key in missing])

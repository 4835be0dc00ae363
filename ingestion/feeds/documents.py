"""Files read whole, again each time something in them changed: receipts, registries, exports of advertising systems, closed call records.

Of two files with the same record the newer counts. A damaged file gives what stands before the damage, loses nothing that it gave earlier,
and is named in one error after all others were read. Cursor: {"mark": of the settings, "files": {name: [size, mtime in ns]}}.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

from ingestion.errors import PermanentError
from ingestion.feeds.faults import DamagedError, Fault, raise_problems, summary
from ingestion.feeds.paths import FoundFile, found_files
from ingestion.spec import Context, Extraction, Page, Record

Read = Callable[[bytes, FoundFile], Iterator[Record | Fault]]
"""Gives the records of a file's content in its order, faults between them; raises DamagedError where nothing more can be read."""

_PAGE = 5_000
_LARGEST = 256 * 1024 * 1024  # a file read whole takes several times its size


class WholeFiles:
    """A connector over files that are read whole.

    Args:
        path: as configured.
        context: of the source.
        mark: of everything that changes what a file means; another mark reads all again.
        read: of the format.
        title: what a file should hold, for people: `receipts`.
        keeps: what was read stays when its file goes (closed logs); else the files are the whole truth.
        accept: which file names are meant.
    """

    def __init__(
        self,
        path: str,
        context: Context,
        mark: str,
        read: Read,
        title: str,
        *,
        keeps: bool = False,
        accept: Callable[[str], bool] | None = None,
    ) -> None:
        self._path = path
        self._context = context
        self._mark = mark
        self._read = read
        self._title = title
        self._keeps = keeps
        self._accept = accept

    def check(self) -> str:
        """How many records the newest file holds."""
        files = found_files(self._path, self._context, self._accept)
        if not files:
            return f"{self._path} is there and holds no files yet."
        good = bad = 0
        try:
            for one in self._records(files[-1]):
                good, bad = good + isinstance(one, Record), bad + isinstance(one, Fault)
        except DamagedError as damage:
            message = f"{self._context.source}: {files[-1].name}, {damage.place}: {damage.cause}; put a whole copy in its place."
            raise PermanentError(message) from None
        return f"{len(files)} files; the newest holds {good} {self._title}, {bad} bad places."

    def close(self) -> None:
        """Nothing is held open."""

    def extract(self, request: Extraction) -> Iterator[Page]:
        """Everything, if anything changed; with `keeps` only the files that did."""
        cursor = request.cursor if request.cursor and request.cursor.get("mark") == self._mark else {}
        before: Mapping[str, Any] = cursor.get("files", {})
        files = found_files(self._path, self._context, self._accept)
        if before.keys() == {file.name for file in files} and all(before[file.name][:2] == _stat(file) for file in files):
            return
        prints: dict[str, Any] = {}
        problems: list[str] = []
        taken: set[str] = set()  # keys of newer files: what an older one says of them is outdated
        for file in reversed(files):
            if self._keeps and before.get(file.name, [])[:2] == _stat(file):
                prints[file.name] = before[file.name]
                continue
            problem = yield from self._file(file, taken)
            if problem is None:
                prints[file.name] = _stat(file)
                continue
            problems.append(problem)
            if not self._keeps:
                held = [key for key, version in request.known.versions().items() if version == file.name and key not in taken]
                taken.update(held)
                yield Page(listed=held)
        yield Page(cursor={"mark": self._mark, "files": prints}, complete=not self._keeps)
        raise_problems(self._context.source, problems)

    def _file(self, file: FoundFile, taken: set[str]) -> Generator[Page, None, str | None]:
        """Pages of what one file alone has so far; returns the problem that ended it, if one did."""
        records: list[Record] = []
        faults: list[Fault] = []
        good = 0
        problem: str | None = None
        try:
            for one in self._records(file):
                if isinstance(one, Fault):
                    faults.append(one)
                    continue
                if one.key in taken:
                    good += 1
                    continue
                taken.add(one.key)
                records.append(Record(one.key, one.payload, one.modified_at, file.name))
                if len(records) == _PAGE:
                    yield Page(records)
                    good += len(records)
                    records = []
        except DamagedError as damage:
            problem = f"{file.name}, {damage.place}: {damage.cause}"
        yield Page(records, rejected=[fault.rejected(file.name) for fault in faults])
        good += len(records)
        if faults:
            self._context.note(summary(file.name, len(faults), faults[0], good))
            if problem is None and good == 0:
                problem = f"{file.name}, {faults[0].place}: {faults[0].cause}: the file holds no {self._title}"
        return problem

    def _records(self, file: FoundFile) -> Iterator[Record | Fault]:
        if file.size > _LARGEST:
            message = f"the file is larger than {_LARGEST >> 20} MiB; divide it"
            raise DamagedError(place="byte 0", cause=message)
        yield from self._read(file.data(), file)


def _stat(file: FoundFile) -> list[int]:
    return [file.size, file.modified_ns]


def digest(*parts: object) -> str:
    """A short steady name of some values, for keys that a system does not give and for marks of settings."""
    return hashlib.blake2b("\x1f".join(str(part) for part in parts).encode(), digest_size=12).hexdigest()

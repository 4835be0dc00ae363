"""Files of a folder, a pattern or a single path, and the parts of zip archives, with what a hostile archive is refused by.

Nothing is unpacked to disk: a part is read as a stream of bytes, so that its name (`../../etc`) leads nowhere.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ingestion.errors import PermanentError
from ingestion.formats.damage import DamagedFileError

HEAD_BYTES = 64 * 1024
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_MOST_BYTES = 16 * 1024**3  # of one archive unpacked
_MOST_PARTS = 10_000
_MOST_RATIO = 200  # XML of 1C packs 10-40 times, zlib's limit of 1032 is met by bombs only
_RATIO_MATTERS_FROM = 64 * 1024**2  # bytes unpacked: small files of blanks may pack better
_NUMBERS = re.compile(r"(\d+)")
_LOCKS = ("~$", ".~lock", ".")  # of open workbooks, and hidden files


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file on disk: its path, its name for people and cursors, and [size, mtime in ns]."""

    path: Path
    name: str
    stat: list[int]

    def digest(self) -> str:
        """sha256 of the contents, in hex; PermanentError if the file cannot be read."""
        try:
            with self.path.open("rb") as opened:
                return hashlib.file_digest(opened, "sha256").hexdigest()
        except OSError as error:
            raise unreadable(self.name, error) from None


@dataclass(frozen=True, slots=True)
class Part:
    """One readable thing: a plain file, or a file inside an archive.

    Attributes:
        where: for people, such as `goods.zip/import.xml`.
        stream: the bytes from the beginning; read once.
        head: its first 64 KiB, given again by `stream`.
    """

    where: str
    stream: BinaryIO
    head: bytes


def found_files(path: str, base: Path, source: str, suffixes: frozenset[str]) -> list[FoundFile]:
    """The files of a folder (with its folders), of a pattern, or the one file; sorted as people count (2 before 10).

    Args:
        path: as written in skvoz.toml.
        base: the folder of skvoz.toml.
        source: name of the source, for the error.
        suffixes: of the files wanted in a folder, lower case with the point; a file or pattern is taken as it is.

    Raises:
        PermanentError: nothing is there.
    """
    pattern = Path(path).expanduser()
    absolute = pattern if pattern.is_absolute() else base / pattern
    if absolute.is_dir():
        found = [one for one in absolute.rglob("*") if one.suffix.lower() in suffixes and one.is_file()]
    elif absolute.is_file():
        found = [absolute]
    else:
        anchor = Path(absolute.anchor)
        found = [one for one in anchor.glob(str(absolute.relative_to(anchor))) if one.is_file()]
        if not found:
            message = f"{source}: there is no file or folder {path}; put it there or correct path in skvoz.toml."
            raise PermanentError(message)
    files = []
    for one in found:
        if not one.name.startswith(_LOCKS):
            stat = one.stat()
            name = str(one.relative_to(base)) if one.is_relative_to(base) else str(one)
            files.append(FoundFile(one, name, [stat.st_size, stat.st_mtime_ns]))
    return sorted(files, key=lambda file: natural(file.name))


def natural(name: str) -> tuple[tuple[int, str], ...]:
    """A sorting key that puts offers2 before offers10."""
    return tuple((int(piece), "") if piece.isdigit() else (-1, piece.lower()) for piece in _NUMBERS.split(name))


@contextmanager
def opened_parts(file: FoundFile, suffixes: frozenset[str], order: Callable[[str], object] = natural) -> Iterator[Iterator[Part]]:
    """The parts of a file: itself, or the files with these suffixes in a zip archive, in the given order of their names.

    Raises:
        PermanentError: the file cannot be opened.
        DamagedFileError: an archive that is broken, encrypted, or unpacks to more than an honest one would.
    """
    try:
        opened = file.path.open("rb")
    except OSError as error:
        raise unreadable(file.name, error) from None
    with opened:
        start = opened.read(4)
        opened.seek(0)
        if start == _EMPTY_ZIP:
            yield iter(())
        elif start == _ZIP and file.path.suffix.lower() not in {".xlsx", ".xlsm"}:
            try:
                with zipfile.ZipFile(opened) as archive:
                    yield _archived(archive, file.name, suffixes, order)
            except (zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
                raise DamagedFileError(file.name, f"the archive cannot be unpacked ({error})") from None
        else:
            yield iter((_part(file.name, opened),))


def _archived(archive: zipfile.ZipFile, name: str, suffixes: frozenset[str], order: Callable[[str], object]) -> Iterator[Part]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    _check_bounds(entries, name)
    wanted = [entry for entry in entries if Path(entry.filename).suffix.lower() in suffixes]
    for entry in sorted(wanted, key=lambda one: order(one.filename)):  # type: ignore[arg-type,return-value]  # keys of one order compare
        where = f"{name}/{entry.filename}"
        if entry.flag_bits & 1:
            raise DamagedFileError(where, "it is encrypted; send it without a password")
        with archive.open(entry) as stream:
            try:
                yield _part(where, stream)  # type: ignore[arg-type]  # ZipExtFile reads like a BinaryIO
            except (zipfile.BadZipFile, zlib.error, EOFError) as error:
                raise DamagedFileError(where, f"the archive is damaged ({error})") from None


def _check_bounds(entries: list[zipfile.ZipInfo], name: str) -> None:
    if len(entries) > _MOST_PARTS:
        raise DamagedFileError(name, f"the archive holds {len(entries)} files, more than the {_MOST_PARTS} that are read")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > _MOST_BYTES or (unpacked > _RATIO_MATTERS_FROM and unpacked > _MOST_RATIO * max(packed, 1)):
        megabytes = unpacked // 1024**2
        raise DamagedFileError(name, f"the archive would unpack {packed} bytes to {megabytes} MB, as a zip bomb does; it is not opened")


def _part(where: str, stream: BinaryIO) -> Part:
    head = _read_fully(stream, HEAD_BYTES)
    return Part(where, _Rewound(head, stream), head)  # type: ignore[arg-type]  # only read() is asked for


def _read_fully(stream: BinaryIO, size: int) -> bytes:
    pieces = []
    while size > 0 and (piece := stream.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


class _Rewound:
    """A stream whose beginning was looked at already."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int = -1) -> bytes:
        """The next bytes; all that is left with -1."""
        if self._head:
            if size < 0:
                given, self._head = self._head + self._rest.read(), b""
                return given
            given, self._head = self._head[:size], self._head[size:]
            return given
        return self._rest.read(size)


def unreadable(name: str, error: OSError) -> PermanentError:
    """The error for a file that the operating system does not give."""
    return PermanentError(f"{name}: the file cannot be read ({error.strerror}); let the user that runs skvoz read it.")

"""Places where files lie: a folder of this machine, FTP, SFTP, attachments of letters. Nothing is ever changed there."""

from __future__ import annotations

import contextlib
import fnmatch
import ftplib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from ingestion.errors import PermanentError, TransientError
from ingestion.redaction import redact, register_secret
from ingestion.sources.files.options import FilesOptions
from ingestion.spec import Context

_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Found:
    """A file as it was found.

    Attributes:
        name: below the folder, as people know it.
        stamp: differs when the content does (size and time, or the letter's number).
        opened: gives it as a file of this machine.
        order: later files win.
    """

    name: str
    stamp: list[Any]
    opened: Callable[[], AbstractContextManager[Path]]
    order: str


class Folder(Protocol):
    """A place with files."""

    def files(self, since: date) -> list[Found]:
        """Every file, in an order that stays; `since` bounds letters."""

    def close(self) -> None:
        """Release the connection."""


def open_folder(options: FilesOptions, context: Context) -> Folder:
    """The place that path names."""
    parts = urlsplit(options.path)
    if options.password is not None:
        register_secret(options.password.get_secret_value())
    match parts.scheme:
        case "ftp" | "ftps":
            return FtpFolder(options, context)
        case "sftp":
            from ingestion.sources.files.sftp import SftpFolder

            return SftpFolder(options, context)
        case "imap" | "imaps":
            from ingestion.sources.files.mail import MailFolder

            return MailFolder(options, context)
    return LocalFolder(options.path, context)


def chosen(files: list[Found], pattern: str) -> list[Found]:
    """Files whose name, or path below the folder, fits a pattern, whatever the case."""
    wanted = pattern.lower()
    return [
        file
        for file in files
        if fnmatch.fnmatchcase(file.name.lower(), wanted) or fnmatch.fnmatchcase(file.name.lower().rpartition("/")[2], wanted)
    ]


class LocalFolder:
    """A folder (all below it), a file, or a pattern.

    Args:
        path: as written in skvoz.toml.
        context: of the source.
    """

    def __init__(self, path: str, context: Context) -> None:
        self._path = path
        self._context = context

    def files(self, since: date) -> list[Found]:  # noqa: ARG002 - a folder has what it has
        """Every file, hidden ones and locks of open workbooks left out."""
        root = self._context.base_dir / Path(self._path).expanduser()
        if root.is_file():
            paths, root = [root], root.parent
        elif root.is_dir():
            paths = [path for path in root.rglob("*") if path.is_file()]
        else:
            anchor = Path(root.anchor)
            paths = [path for path in anchor.glob(str(root.relative_to(anchor))) if path.is_file()]
            root = root.parent
        found = []
        for path in sorted(paths):
            if not path.name.startswith(("~$", ".")):
                stat = path.stat()
                name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
                found.append(Found(name, [stat.st_size, stat.st_mtime_ns], _as_it_is(path), name))
        if not found:
            message = f"{self._context.source}: there is no file at {self._path}; put it there or correct path in skvoz.toml."
            raise PermanentError(message)
        return found

    def close(self) -> None:
        """Nothing is held open."""


class FtpFolder:
    """A folder of an FTP server (FTPS with ftps://), listed by MLSD or, where that is unknown, NLST with SIZE and MDTM.

    Args:
        options: of the source.
        context: of the source.
    """

    def __init__(self, options: FilesOptions, context: Context) -> None:
        self._options = options
        self._source = context.source
        self._parts = urlsplit(options.path)
        self._folder = unquote(self._parts.path) or "/"
        self._ftp: ftplib.FTP | None = None

    def close(self) -> None:
        """Say good-bye."""
        if self._ftp is not None:
            ftp, self._ftp = self._ftp, None
            with contextlib.suppress(*ftplib.all_errors, AttributeError):  # never connected, or gone already
                ftp.quit()
            ftp.close()

    def files(self, since: date) -> list[Found]:  # noqa: ARG002 - a folder has what it has
        """Every file of the folder (not below it)."""
        with self._explained():
            ftp = self._connected()
            try:
                listed = {
                    name: [int(facts.get("size", 0)), facts.get("modify", "")]
                    for name, facts in ftp.mlsd(self._folder, ["type", "size", "modify"])
                    if facts.get("type") == "file"
                }
            except ftplib.error_perm:
                ftp.voidcmd("TYPE I")
                listed = {
                    path.rpartition("/")[2]: [ftp.size(path) or 0, ftp.voidcmd(f"MDTM {path}").removeprefix("213 ")]
                    for path in ftp.nlst(self._folder)
                }
            return [Found(name, stamp, self._fetched(name), name) for name, stamp in sorted(listed.items()) if not name.startswith(".")]

    def _connected(self) -> ftplib.FTP:
        if self._ftp is None:
            ftp = ftplib.FTP_TLS(timeout=_SECONDS) if self._parts.scheme == "ftps" else ftplib.FTP(timeout=_SECONDS)  # noqa: S321 - the system's own protocol; ftps where it can
            ftp.encoding = "utf-8"
            self._ftp = ftp
            ftp.connect(self._parts.hostname or "", self._parts.port or ftplib.FTP_PORT)
            password = self._options.password
            ftp.login(self._options.username or "anonymous", password.get_secret_value() if password else "")
            if isinstance(ftp, ftplib.FTP_TLS):
                ftp.prot_p()
        return self._ftp

    def _fetched(self, name: str) -> Callable[[], AbstractContextManager[Path]]:
        @contextmanager
        def fetched() -> Iterator[Path]:
            with temporary_file(name) as path:
                with self._explained(), path.open("wb") as file:
                    self._connected().retrbinary(f"RETR {self._folder.rstrip('/')}/{name}", file.write)
                yield path

        return fetched

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except ftplib.error_perm as error:
            self.close()
            advice = "the login is refused" if str(error).startswith("530") else "the server refuses"
            message = f"{self._source}: {advice} ({redact(str(error))}); correct path, username or password in skvoz.toml."
            raise PermanentError(message) from None
        except ftplib.all_errors as error:
            self.close()
            message = f"{self._source}: the FTP server is out of reach or broke off ({redact(str(error)) or type(error).__name__})."
            raise TransientError(message) from None


@contextmanager
def temporary_file(name: str) -> Iterator[Path]:
    """An empty file of this machine, gone afterwards, that ends as `name` does."""
    with tempfile.TemporaryDirectory(prefix="skvoz-") as folder:
        path = Path(folder) / f"file{Path(name).suffix}"
        path.touch()
        yield path


def wall_clock(seconds: float) -> str:
    """A moment of a file as text that sorts."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _as_it_is(path: Path) -> Callable[[], AbstractContextManager[Path]]:
    @contextmanager
    def opened() -> Iterator[Path]:
        yield path

    return opened

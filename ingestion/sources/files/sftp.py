"""A folder of an SFTP server through paramiko (extra `sftp`); a server whose key is not known is refused."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ingestion.errors import PermanentError, TransientError
from ingestion.redaction import redact
from ingestion.sources.files.folders import Found, temporary_file
from ingestion.sources.files.options import FilesOptions
from ingestion.spec import Context

_SECONDS = 60.0


class SftpFolder:
    """The files of a folder (not below it).

    Args:
        options: of the source.
        context: of the source.
    """

    def __init__(self, options: FilesOptions, context: Context) -> None:
        self._options = options
        self._context = context
        self._parts = urlsplit(options.path)
        self._folder = unquote(self._parts.path) or "."
        self._client: Any = None
        self._sftp: Any = None

    def close(self) -> None:
        """Release the connection."""
        if self._client is not None:
            self._client.close()
            self._client = self._sftp = None

    def files(self, since: date) -> list[Found]:  # noqa: ARG002 - a folder has what it has
        """Every file, by name."""
        with self._explained():
            listed = self._connected().listdir_attr(self._folder)
        return [
            Found(entry.filename, [entry.st_size, entry.st_mtime], self._fetched(entry.filename), entry.filename)
            for entry in sorted(listed, key=lambda entry: str(entry.filename))
            if stat.S_ISREG(entry.st_mode or 0) and not entry.filename.startswith(".")
        ]

    def _fetched(self, name: str) -> Callable[[], AbstractContextManager[Path]]:
        @contextmanager
        def fetched() -> Iterator[Path]:
            with temporary_file(name) as path:
                with self._explained():
                    self._connected().get(f"{self._folder.rstrip('/')}/{name}", str(path))
                yield path

        return fetched

    def _connected(self) -> Any:
        if self._sftp is None:
            try:
                import paramiko
            except ModuleNotFoundError:
                message = f"{self._context.source}: SFTP needs a package more; install it with: pip install 'skvoz[sftp]'."
                raise PermanentError(message) from None
            client = paramiko.SSHClient()
            if self._options.known_hosts:
                client.load_host_keys(str(self._context.base_dir / self._options.known_hosts))
            else:
                client.load_system_host_keys()
            client.set_missing_host_key_policy(paramiko.RejectPolicy())
            password = self._options.password
            key = self._options.key_file
            client.connect(
                self._parts.hostname or "",
                self._parts.port or 22,
                username=self._options.username,
                password=password.get_secret_value() if password else None,
                key_filename=str(self._context.base_dir / key) if key else None,
                allow_agent=False,
                look_for_keys=False,
                timeout=_SECONDS,
            )
            self._client, self._sftp = client, client.open_sftp()
        return self._sftp

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except PermanentError:
            raise
        except OSError as error:
            self.close()
            known = isinstance(error, FileNotFoundError | PermissionError)
            kind: type[PermanentError | TransientError] = PermanentError if known else TransientError
            message = f"{self._context.source}: SFTP does not give {self._folder} ({redact(str(error)) or type(error).__name__})."
            raise kind(message) from None
        except Exception as error:
            if type(error).__module__.partition(".")[0] != "paramiko":
                raise
            self.close()
            told = redact(str(error)) or type(error).__name__
            message = f"{self._context.source}: the SFTP server refuses ({told}); check username, password or key, and known_hosts."
            raise PermanentError(message) from None

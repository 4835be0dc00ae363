"""SQLite files of `<path>/state/`: WAL, a schema version, short immediate transactions; several processes share one."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from reports.delivery.errors import JournalError

# A writer holds the file for milliseconds; a minute of waiting means that something is wrong.
BUSY_SECONDS = 60


class Store:
    """One SQLite file; every statement opens its own short transaction."""

    def __init__(self, path: Path, migrations: Sequence[str]) -> None:
        """Opens or makes the file and brings its schema up to date.

        Args:
            path: the file; its folder is made, readable by its owner only.
            migrations: scripts; the file's user_version counts those that have run.

        Raises:
            JournalError: if a newer version of the program has written the file.
        """
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = path
        with _alone(path.parent):
            if not path.exists():
                # only a file that nobody else has open: closing a descriptor drops every lock that this process holds on the file
                os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            connection = self._open()
            try:
                connection.execute("pragma journal_mode = wal")
                self._migrate(connection, migrations)
            finally:
                connection.close()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        connection.row_factory = sqlite3.Row
        # an answer given to a wire must survive a power loss
        connection.execute("pragma synchronous = full")
        connection.execute("pragma foreign_keys = on")
        return connection

    def _migrate(self, connection: sqlite3.Connection, migrations: Sequence[str]) -> None:
        connection.execute("begin immediate")
        version = int(connection.execute("pragma user_version").fetchone()[0])
        if version > len(migrations):
            connection.execute("rollback")
            msg = f"{self.path} was written by a newer skvoz (schema {version}, known {len(migrations)}); install that version again."
            raise JournalError(msg)
        for number, script in enumerate(migrations[version:], start=version + 1):
            for statement in script.split(";"):
                if statement.strip():
                    connection.execute(statement)
            connection.execute(f"pragma user_version = {number}")
        connection.execute("commit")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the file's write lock from its first statement, so that what it read is still true."""
        connection = self._open()
        try:
            connection.execute("begin immediate")
            try:
                yield connection
            except BaseException:
                connection.execute("rollback")
                raise
            connection.execute("commit")
        finally:
            connection.close()

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        """Rows of a select."""
        connection = self._open()
        try:
            return connection.execute(sql, tuple(values)).fetchall()
        finally:
            connection.close()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One at a time makes and upgrades files of a folder: SQLite does not wait for another who turns the same file to WAL, it fails."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)

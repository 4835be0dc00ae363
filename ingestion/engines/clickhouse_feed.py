"""How ClickHouse gets at raw files: it reads those it can see itself (`file()`, `s3()`); others are sent to it as they are, compressed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

_GLOB = frozenset("{}*?")


class File(Protocol):
    """A chunk that waits to be loaded: as RawFile of ingestion.load."""

    @property
    def name(self) -> str:
        """In the ledger."""

    @property
    def file(self) -> str:
        """Of the chunk."""

    @property
    def records(self) -> int:
        """Lines."""

    @property
    def sha256(self) -> str:
        """Of the file."""

    @property
    def written_at(self) -> str:
        """ISO 8601, UTC."""


@dataclass(frozen=True, slots=True)
class SeenFiles:
    """Files in a folder that the engine in process reads itself, all of them in one statement."""

    folder: Path

    def insert(self, client: Client, into: str, select: str, structure: str, files: Sequence[File]) -> None:
        """See ingestion.engines.clickhouse.Feed."""
        table = f"file({_quoted(f'{self.folder}/{_pattern(files)}')}, 'JSONEachRow', {_quoted(structure)})"
        client.command(f"insert into {into} " + select.replace("{records}", table).replace("{file}", "_file"))


@dataclass(frozen=True, slots=True)
class StoredObjects:
    """Objects of an S3-compatible store that ClickHouse reads itself, all of them in one statement.

    Attributes:
        url: of the stream's folder, as ClickHouse reaches it.
        key_id, secret: of the store; empty where ClickHouse's own configuration has them.
    """

    url: str
    key_id: str
    secret: str

    def insert(self, client: Client, into: str, select: str, structure: str, files: Sequence[File]) -> None:
        """See ingestion.engines.clickhouse.Feed."""
        identity = f"{_quoted(self.key_id)}, {_quoted(self.secret)}, " if self.key_id else ""
        table = f"s3({_quoted(f'{self.url}/{_pattern(files)}')}, {identity}'JSONEachRow', {_quoted(structure)}, 'zstd')"
        client.command(f"insert into {into} " + select.replace("{records}", table).replace("{file}", "_file"))


@dataclass(frozen=True, slots=True)
class SentFiles:
    """Files that only this process sees: each is sent as the body of a statement of its own, as it lies on the disk.

    Attributes:
        read: gives the bytes of a chunk after comparing its checksum.
    """

    read: Callable[[str], bytes]

    def insert(self, client: Client, into: str, select: str, structure: str, files: Sequence[File]) -> None:
        """See ingestion.engines.clickhouse.Feed."""
        for file in files:
            taken = select.replace("{records}", f"input({_quoted(structure)})").replace("{file}", _quoted(file.file))
            client.command(
                f"insert into {into} {taken} format JSONEachRow",
                data=self.read(file.file),
                transport_settings={"Content-Encoding": "zstd"},
            )


def can_be_named(folder: Path) -> bool:
    """Whether a path holds no character that ClickHouse would take for a pattern."""
    return not _GLOB & set(str(folder))


def _pattern(files: Sequence[File]) -> str:
    names = [file.file for file in files]
    return names[0] if len(names) == 1 else "{" + ",".join(names) + "}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

"""What the manifest of the raw zone says of one chunk."""

from __future__ import annotations

from dataclasses import dataclass

from ingestion.spec import Cursor

MANIFEST = "manifest.ndjson"


@dataclass(frozen=True, slots=True)
class Chunk:
    """One line of the manifest.

    Attributes:
        number: 1, 2, … inside the stream.
        file: name of the chunk.
        records: lines, tombstones included.
        tombstones: lines that mark a deletion.
        bytes: size of the file.
        sha256: of the file.
        cursor: from where extraction may go on after this chunk; None if it is no safe place.
        written_at: ISO 8601, UTC.
    """

    number: int
    file: str
    records: int
    tombstones: int
    bytes: int
    sha256: str
    cursor: Cursor | None
    written_at: str

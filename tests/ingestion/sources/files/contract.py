"""The source type `files` under the contract of all sources."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ingestion.sources.contract_case import Case, Peer
from tests.ingestion.sources.files.folder import STREAMS, edit, make_folder, truth


@contextmanager
def folder(place: Path) -> Iterator[Peer]:
    """A folder of this machine."""
    files = make_folder(place / "exchange")
    yield Peer(
        options={"path": str(files), "streams": STREAMS},
        edit=lambda: edit(files),
        truth=lambda: truth(files),
        wrong={"path": str(place / "nowhere"), "streams": STREAMS},
        wrong_says="there is no file",
    )


CASES = (Case("files", folder, name="folder"),)

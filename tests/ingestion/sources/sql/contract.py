"""The source type `sql` under the contract of all sources."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ingestion.sources.contract_case import Case, Peer
from tests.ingestion.sources.sql.peer import STREAMS, edit, make_database, truth


@contextmanager
def start(folder: Path) -> Iterator[Peer]:
    """Somebody's own CRM in SQLite."""
    file = make_database(folder / "crm.sqlite")
    yield Peer(
        options={"dsn": f"sqlite:///{file}", "page_rows": 4, "streams": STREAMS},
        edit=lambda: edit(file),
        truth=lambda: truth(file),
        wrong={"dsn": f"sqlite:///{folder}/nowhere.sqlite", "streams": STREAMS},
        wrong_says="the database lacks what is asked for",
    )


CASES = (Case("sql", start),)

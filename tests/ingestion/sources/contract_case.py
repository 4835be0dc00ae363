"""What a source type declares to be held to the contract of all sources: `CASES` in `tests/ingestion/sources/<type>/contract.py`.

A case starts the system of its type with a little data and says what is in it; `test_contract.py` does the rest.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ingestion.sandbox.faults import FaultSwitch

Keys = dict[str, set[str]]


@dataclass
class Peer:
    """A running system (or a folder of files) and what is known of it.

    Attributes:
        options: of `[sources.crm]` without `type`: right address, right credentials.
        edit: changes a record, adds one and deletes one (as far as this system can); the next run must see all of it.
        truth: stream → keys that exist now, for the streams where that is known; after `edit` what is there then.
        secrets: values that may be in no output.
        wrong: options with credentials (or a path) that do not work; None if there is nothing that can be wrong.
        wrong_says: what the error must say (a regular expression).
        faults: of the HTTP peer (`app.state.faults`): its answers are spoiled by plan; None for files.
        now: the moment the runs are made at; `since` how far back the first load goes.
        push: of a system that sends to us: given the state folder of the warehouse, sends what has not been sent there yet.
    """

    options: dict[str, Any]
    edit: Callable[[], object]
    truth: Callable[[], Keys] = dict
    secrets: tuple[str, ...] = ()
    wrong: dict[str, Any] | None = None
    wrong_says: str = "."
    faults: FaultSwitch | None = None
    now: datetime = datetime(2026, 3, 31, tzinfo=UTC)
    since: date = date(2020, 1, 1)
    push: Callable[[Path], object] | None = None


@dataclass(frozen=True)
class Case:
    """One way of connecting a source type.

    Attributes:
        type: of the source.
        start: given an empty folder, runs the peer while the block lasts.
        name: tells several cases of one type apart.
        deletions: what is deleted in the system is seen as deleted (after the nightly sweep at the latest).
        streams: only these streams, where a type has many and all would take seconds; default all that are active.
    """

    type: str
    start: Callable[[Path], AbstractContextManager[Peer]]
    name: str = ""
    deletions: bool = True
    streams: tuple[str, ...] = field(default=())

    @property
    def id(self) -> str:
        """For the names of tests."""
        return f"{self.type}-{self.name}" if self.name else self.type


def all_cases() -> list[Case]:
    """Every declared case."""
    found: list[Case] = []
    for file in sorted(Path(__file__).parent.glob("*/contract.py")):
        found += importlib.import_module(f"tests.ingestion.sources.{file.parent.name}.contract").CASES
    return found

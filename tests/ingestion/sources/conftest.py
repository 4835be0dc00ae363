"""What connector tests share: a peer on a loopback port, and a raw zone that a connector is extracted into."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from starlette.types import ASGIApp

from ingestion.errors import TransientError
from ingestion.extract import Order, StreamResult, extract_stream
from ingestion.http import HttpClient
from ingestion.rawzone import read_chunk, read_manifest
from ingestion.sandbox import serving
from ingestion.spec import Connector, Context, Mode, Source

Serve = Callable[[ASGIApp], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Runs ASGI apps on loopback ports until the test ends; gives their base addresses."""
    with ExitStack() as running:
        yield lambda app: running.enter_context(serving.serve(app))


@dataclass
class Zone:
    """A raw zone in a temporary folder, and what notes the connectors made."""

    root: Path
    source: Source
    notes: list[str] = field(default_factory=list)
    now: datetime = datetime(2026, 3, 31, tzinfo=UTC)
    since: date = date(2020, 1, 1)
    opened: list[Connector] = field(default_factory=list)

    def context(self) -> Context:
        """The context a connector is opened with."""
        return Context("crm", ZoneInfo("Europe/Moscow"), self.root / "state", self.root, "RU", self.notes.append)

    def connect(self, **options: Any) -> Connector:
        """A connector with these options of its `[sources.<name>]` table."""
        self.opened.append(self.source.connect(self.source.options.model_validate(options), self.context()))
        return self.opened[-1]

    def extract(self, connector: Connector, *names: str, mode: Mode = "refresh", chunk_records: int = 20_000) -> dict[str, StreamResult]:
        """Extract streams (default: all), as a run does."""
        return {
            stream.name: extract_stream(
                self.root / "raw", "crm", stream, connector, Order(mode, self.now), self.since, chunk_records=chunk_records
            )
            for stream in self.source.streams
            if not names or stream.name in names
        }

    def extract_with_breaks(self, connector: Connector, api: Any, method: str, first: int) -> int:
        """Extract every stream while `api.method` fails after some calls, a few more each time; how often it broke off."""
        ask, left, breaks = getattr(api, method), 0, 0

        def breaking(*arguments: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                message = "the line went dead."
                raise TransientError(message)
            return ask(*arguments)

        setattr(api, method, breaking)
        for stream in self.source.streams:
            for attempt in range(1, 80):
                left = first + attempt // 3
                try:
                    self.extract(connector, stream.name, chunk_records=40)
                except TransientError:
                    breaks += 1
                else:
                    break
        return breaks

    def records(self, name: str) -> dict[str, dict[str, Any]]:
        """What is alive in a stream, by key: the newest by modification moment, else by order of arrival, as the load merges it."""
        folder = self.root / "raw" / "crm" / name
        winners: dict[str, dict[str, Any]] = {}
        for chunk in read_manifest(folder):
            for line in read_chunk(folder, chunk):
                before = winners.get(line["_key"])
                if before and before["_modified_at"] and line["_modified_at"] and before["_modified_at"] > line["_modified_at"]:
                    continue
                winners[line["_key"]] = line
        return {key: line["payload"] for key, line in winners.items() if not line["_deleted"]}


@pytest.fixture
def zone_of(tmp_path: Path) -> Iterator[Callable[[Source], Zone]]:
    """Makes raw zones for a source type, each in a folder of its own."""
    made: list[Zone] = []

    def make(source: Source) -> Zone:
        made.append(Zone(tmp_path / str(len(made)), source))
        return made[-1]

    yield make
    for zone in made:
        for connector in zone.opened:
            connector.close()


def wait_by(patch: pytest.MonkeyPatch, sleep: Callable[[float], None]) -> None:
    """Lets every client that is made from now on wait in this way."""
    defaults = HttpClient.__init__.__kwdefaults__
    assert defaults is not None
    patch.setitem(defaults, "sleep", sleep)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries and pacing wait next to nothing."""
    wait_by(monkeypatch, lambda _seconds: time.sleep(0.002))

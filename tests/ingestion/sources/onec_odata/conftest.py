"""A 1C base of the sandbox company on a loopback port, and what a stream must hold when it is loaded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette

from ingestion.extract import StreamResult
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.onec_base import OneCBase
from ingestion.sandbox.onec_server import PASSWORD, ROOT, USERNAME, OneCOptions, build_app
from ingestion.sources.onec_odata.profiles.catalog import PROFILES
from ingestion.sources.onec_odata.source import SOURCE
from ingestion.spec import Connector, Mode, Source
from tests.ingestion.sources.conftest import Serve, Zone

IGNORED = ("_entity", "_configuration", "_account", "DataVersion")


@pytest.fixture(scope="session")
def company() -> Company:
    """Some 90 orders over 200 days, seen on 31 March 2026."""
    return build_company(scale=0.03, history_days=200)


def _plain(payload: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name not in IGNORED}


@dataclass
class Books:
    """One base with one raw zone."""

    app: Starlette
    url: str
    zone: Zone
    profile: str

    @property
    def base(self) -> OneCBase:
        """The base, to be changed."""
        base: OneCBase = self.app.state.base
        return base

    def connect(self, **options: Any) -> Connector:
        """A connector with the right credentials, if none are given."""
        chosen = {"url": self.url + ROOT, "username": USERNAME, "password": PASSWORD, "configuration": self.profile, **options}
        return self.zone.connect(**chosen)

    def write(self, company: Company) -> None:
        """Write another state of the company; nothing else gets a new version mark."""
        vars(self.base)["_touch"] = lambda _identity: None
        self.base.replace(company, touch=1)

    def names(self) -> list[str]:
        """The streams of the configuration."""
        return [stream.name for stream in SOURCE.streams if stream.name in PROFILES[self.profile].entities]

    def load(self, *names: str, mode: Mode = "refresh", **options: Any) -> dict[str, StreamResult]:
        """A run with a connector of its own; a quarter of an hour passes."""
        self.app.state.log.clear()
        self.zone.now += timedelta(minutes=15)
        return self.zone.extract(self.connect(**options), *(names or self.names()), mode=mode)

    def held(self, stream: str) -> dict[str, dict[str, Any]]:
        """What the raw zone holds, without what the connector added and what changes without meaning."""
        return {key: _plain(payload) for key, payload in self.zone.records(stream).items()}

    def expected(self, stream: str) -> dict[str, dict[str, Any]]:
        """What the base holds."""
        spec = PROFILES[self.profile].entities[stream]
        entity = next((name for name in spec.candidates if name in self.base.sets), None)
        if entity is None:
            return {}
        if stream == "sales_register":
            return self._recorders(entity)
        rows = self.base.sets[entity].rows
        if stream == "currency_rates":
            return {f"{row['Period']}|{row['Валюта_Key']}": row for row in rows}
        return {row["Ref_Key"]: _plain(row) for row in rows}

    def _recorders(self, register: str) -> dict[str, dict[str, Any]]:
        sets: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self.base.sets[f"{register}_RecordType"].rows:
            if row["Active"]:
                sets[row["Recorder"]].append(row)
        return {
            ref: {
                "Recorder": ref,
                "Recorder_Type": rows[0]["Recorder_Type"],
                "RecordSet": sorted(rows, key=lambda row: int(row["LineNumber"])),
            }
            for ref, rows in sets.items()
        }

    def differing(self, *streams: str) -> list[str]:
        """Streams whose records are not those of the base; pictures are compared by their number of rows."""
        wrong = []
        for stream in streams or self.names():
            if stream.endswith("_balance"):
                continue
            if self.held(stream) != self.expected(stream):
                wrong.append(stream)
        return wrong


Open = Callable[..., Books]


@pytest.fixture
def open_books(serve: Serve, zone_of: Callable[[Source], Zone], company: Company) -> Open:
    """Opens a base in one configuration."""

    def start(profile: str = "unf", app: Starlette | None = None, **published: Any) -> Books:
        running = app or build_app(company, profile, OneCOptions(**published))
        zone = zone_of(SOURCE)
        zone.now = company.now
        zone.since = company.started_on - timedelta(days=400)
        return Books(running, serve(running), zone, profile)

    return start

"""Cloud telephony over HTTP: everything comes once, limits are obeyed, refusals are explained without a secret."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from ingestion.errors import PermanentError
from ingestion.http import HttpClient
from ingestion.sandbox.faults import FaultPlan
from ingestion.sandbox.feeds import call_servers
from ingestion.sources.mango.source import SOURCE as MANGO
from ingestion.sources.uis.source import SOURCE as UIS
from ingestion.sources.zadarma.source import SOURCE as ZADARMA
from ingestion.spec import Source
from tests.ingestion.sources.telephony.calls import all_calls, company

Zones = Callable[[Source], Any]
Serve = Callable[[Any], str]
OPTIONS: dict[str, dict[str, Any]] = {
    "mango": {"key": call_servers.MANGO_KEY, "salt": call_servers.MANGO_SALT},
    "uis": {"token": call_servers.UIS_TOKEN, "page_size": 50},
    "zadarma": {"key": call_servers.ZADARMA_KEY, "secret": call_servers.ZADARMA_SECRET},
}
APPS: dict[str, Callable[..., Any]] = {"mango": call_servers.mango_app, "uis": call_servers.uis_app, "zadarma": call_servers.zadarma_app}
PATHS = {"mango": "/vpbx/", "uis": "/v2.0", "zadarma": ""}
SOURCES = [MANGO, UIS, ZADARMA]


def expected(system: str) -> int:
    """How many records a service has of them."""
    legs = [leg for call in all_calls() for leg in call.legs]
    return {
        "mango": len(legs),
        "uis": sum(call.direction != "internal" for call in all_calls()),
        "zadarma": sum(leg.kind != "ivr" for leg in legs),
    }[system]


@pytest.fixture(autouse=True)
def _no_polling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.sources.mango.api._POLL_SECONDS", 0.001)


def prepared(source: Source, zones: Zones) -> Any:
    zone = zones(source)
    zone.now = datetime.combine(company().today, datetime.min.time(), UTC)
    zone.since = company().started_on
    return zone


def connected(zone: Any, source: Source, url: str, **more: Any) -> Any:
    return zone.connect(**{**OPTIONS[source.type], "url": url + PATHS[source.type], "requests_per_second": 0, **more})


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.type)
def test_the_first_load_brings_everything_and_the_next_one_the_last_days(source: Source, serve: Serve, zone_of: Zones) -> None:
    app = APPS[source.type](all_calls())
    zone, url = prepared(source, zone_of), serve(app)
    connector = connected(zone, source, url)
    zone.extract(connector)
    assert len(zone.records("calls")) == expected(source.type)
    app.state.log.clear()
    again = zone.extract(connected(zone, source, url))["calls"]
    assert (again.written, len(app.state.log) <= 5) == (0, True)
    assert "in the last 24 hours" in connector.check()


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.type)
def test_faults_on_the_way_change_nothing(source: Source, serve: Serve, zone_of: Zones) -> None:
    zone = prepared(source, zone_of)
    zone.extract(connected(zone, source, serve(APPS[source.type](all_calls(), faults=FaultPlan(every=3, slow_seconds=0.01)))))
    assert len(zone.records("calls")) == expected(source.type)


@pytest.mark.parametrize(
    ("source", "wrong"), [(MANGO, "salt"), (UIS, "token"), (ZADARMA, "secret")], ids=lambda one: getattr(one, "type", one)
)
def test_wrong_credentials_are_explained_without_them(source: Source, wrong: str, serve: Serve, zone_of: Zones) -> None:
    app = APPS[source.type](all_calls())
    zone = prepared(source, zone_of)
    with pytest.raises(PermanentError) as caught:
        connected(zone, source, serve(app), **{wrong: "wrong-secret-value"}).check()
    assert "wrong-secret-value" not in str(caught.value)
    assert str(caught.value).count(".") <= 3
    assert len(app.state.log) == 1


def test_a_wrong_address_of_mango_is_told_as_one(serve: Serve, zone_of: Zones) -> None:
    """404 is also what it answers for statistics that were thrown away."""
    zone = prepared(MANGO, zone_of)
    url = serve(call_servers.mango_app(all_calls())) + "/elsewhere"
    with pytest.raises(PermanentError, match=r"correct url in skvoz\.toml"):
        connected(zone, MANGO, url).check()


def test_mango_reports_that_are_thrown_away_are_asked_for_again(serve: Serve, zone_of: Zones) -> None:
    zone = prepared(MANGO, zone_of)
    zone.extract(connected(zone, MANGO, serve(call_servers.mango_app(all_calls(), waits=2, forgets=2))))
    assert len(zone.records("calls")) == expected("mango")
    row = next(iter(zone.records("calls").values()))
    assert row["entry_id"]
    assert row["start"].isdigit()


def test_numbers_that_no_double_holds_stay_as_sent(serve: Serve, zone_of: Zones) -> None:
    zone = prepared(ZADARMA, zone_of)
    zone.extract(connected(zone, ZADARMA, serve(call_servers.zadarma_app(all_calls()))))
    sent = {f"{call.id}{leg.number}00001" for call in all_calls() for leg in call.legs if leg.kind != "ivr"}
    assert {one["call_id"] for one in zone.records("calls").values()} == sent
    assert {one["_started_at"][-6:] for one in zone.records("calls").values()} == {"+03:00"}


def test_a_period_that_uis_finds_too_long_is_asked_for_in_halves(serve: Serve, zone_of: Zones, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_servers, "_LONGEST_UIS", call_servers._LONGEST_ZADARMA)
    zone = prepared(UIS, zone_of)
    zone.extract(connected(zone, UIS, serve(call_servers.uis_app(all_calls()))))
    assert len(zone.records("calls")) == expected("uis")


def test_a_report_of_uis_that_tells_no_total_is_read_to_an_empty_page(serve: Serve, zone_of: Zones) -> None:
    zone = prepared(UIS, zone_of)
    zone.extract(connected(zone, UIS, serve(call_servers.uis_app(all_calls(), counted=False))))
    assert len(zone.records("calls")) == expected("uis")


@pytest.mark.parametrize(("source", "times"), [(UIS, 5), (ZADARMA, 1)], ids=lambda one: getattr(one, "type", one))
def test_a_limit_by_the_minute_is_waited_out(
    source: Source, times: int, serve: Serve, zone_of: Zones, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    # its default was bound when the class was made
    defaults = HttpClient.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "sleep", waits.append)
    zone = prepared(source, zone_of)
    zone.extract(connected(zone, source, serve(APPS[source.type](all_calls(), refusals=times))))
    assert len(zone.records("calls")) == expected(source.type)
    assert sum(waits) >= 60


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.type)
def test_no_secret_reaches_the_raw_zone(source: Source, serve: Serve, zone_of: Zones) -> None:
    zone = prepared(source, zone_of)
    zone.extract(connected(zone, source, serve(APPS[source.type](all_calls()))))
    stored = b"".join(file.read_bytes() for file in (zone.root / "raw").rglob("*") if file.is_file())
    text = repr(zone.records("calls"))
    for secret in OPTIONS[source.type].values():
        if isinstance(secret, str):
            assert secret.encode() not in stored
            assert secret not in text

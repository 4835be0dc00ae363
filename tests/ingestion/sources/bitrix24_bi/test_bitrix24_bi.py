"""What is particular to the BI connector; the rest is in the contract of all sources."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from ingestion.sandbox import bitrix24_bi_server
from ingestion.sandbox.bitrix24_bi_server import KEY, BiOptions
from ingestion.sources.bitrix24_bi.source import SOURCE, moment
from ingestion.spec import Source
from tests.ingestion.sources.bitrix24_bi.contract import company

Zones = Callable[[Source], Any]
Serve = Callable[[Any], str]


@pytest.fixture
def portal(serve: Serve, zone_of: Zones) -> Callable[..., Any]:
    def start(**options: Any) -> Any:
        app = bitrix24_bi_server.build_app(company(), **options)
        zone = zone_of(SOURCE)
        zone.now, zone.since, zone.app, zone.url = company().now, company().started_on, app, serve(app)
        return zone

    return start


def test_a_refresh_asks_for_days_and_the_first_load_for_months(portal: Callable[..., Any]) -> None:
    zone = portal()
    zone.extract(zone.connect(url=zone.url, key=KEY), "deals")
    first = [request.body for request in zone.app.state.log.to("pbi.php")]
    assert b'"startDate":"2000-01-01"' in first[0]
    assert len(first) >= 4
    zone.app.state.log.clear()
    zone.extract(zone.connect(url=zone.url, key=KEY), "deals")
    assert len(zone.app.state.log.to("pbi.php")) == 1
    assert all(KEY.encode() in request.body and KEY not in request.query for request in zone.app.state.log)


def test_a_table_that_the_plan_lacks_is_noted(portal: Callable[..., Any]) -> None:
    zone = portal(hidden=frozenset({"telephony_call"}))
    connector = zone.connect(url=zone.url, key=KEY)
    assert "it has no telephony_call" in connector.check()
    zone.extract(connector, "calls")
    assert any("no table telephony_call" in note for note in zone.notes)


def test_rows_that_do_not_fit_their_columns_are_kept_aside(serve: Serve, zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    app = bitrix24_bi_server.serve({"user": [{"ID": 1, "NAME": "A"}, {"ID": None, "NAME": "B"}]}, BiOptions())
    result = zone.extract(zone.connect(url=serve(app), key=KEY), "users")["users"]
    assert (result.written, result.rejected) == (1, 1)


@pytest.mark.parametrize("text", ["2026-03-01 10:00:00", "2026-03-01T10:00:00+03:00", "2026-03-01T07:00:00+00:00"])
def test_times_with_and_without_an_offset_are_the_same_moment(text: str) -> None:
    found = moment(text, ZoneInfo("Europe/Moscow"))
    assert found is not None
    assert found.timestamp() == 1_772_348_400
    assert moment("", ZoneInfo("UTC")) is None


@pytest.mark.parametrize("options", [{}, {"url": "portal", "key": "abcd"}, {"url": "http://a", "key": "abcd", "colour": "red"}])
def test_wrong_options_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        SOURCE.options.model_validate(options)

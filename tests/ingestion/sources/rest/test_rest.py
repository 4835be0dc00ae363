"""What a declared REST service can do wrong, and what is made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from ingestion.errors import PermanentError
from ingestion.sandbox import rest_server
from ingestion.sandbox.rest_server import TOKEN, RestTable
from ingestion.sources.rest.source import SOURCE
from ingestion.spec import Source
from tests.ingestion.sources.rest.contract import AUTHS
from tests.ingestion.sources.rest.service import STREAMS, make_tables

Zones = Callable[[Source], Any]
Serve = Callable[[Any], str]


class Shop:
    """A service, a raw zone, and a connector between them."""

    def __init__(self, serve: Serve, zones: Zones, tables: dict[str, RestTable], auth: str = "bearer", cap: int = 3) -> None:
        self.app = rest_server.serve(tables, rest_server.RestOptions(auth=auth, cap=cap))
        self.url = serve(self.app) + "/v1"
        self.zone = zones(SOURCE)
        self.auth = auth

    def connect(self, streams: dict[str, Any]) -> Any:
        return self.zone.connect(url=self.url, auth=AUTHS[self.auth](TOKEN), requests_per_second=0, streams=streams)


@pytest.fixture
def shop(serve: Serve, zone_of: Zones) -> Callable[..., Shop]:
    return lambda tables=None, **options: Shop(serve, zone_of, tables or make_tables(), **options)


@pytest.mark.parametrize("auth", AUTHS)
def test_every_kind_of_credentials_opens_the_door(shop: Callable[..., Shop], auth: str) -> None:
    told = shop(auth=auth).connect(STREAMS).check()
    assert "customers 3" in told
    assert "order_lines 6" in told


def test_a_refresh_asks_for_changes_only_and_paging_goes_on_to_the_last(shop: Callable[..., Shop]) -> None:
    one = shop()
    customers = {"customers": STREAMS["customers"]}
    one.zone.extract(one.connect(customers), "customers")
    everything = len(one.app.state.log)
    one.app.state.log.clear()
    one.zone.extract(one.connect(customers), "customers")
    asked = one.app.state.log.requests[0].arguments
    assert asked["since"] == "2026-03-11T06:00:00Z"
    assert len(one.app.state.log) < everything


def test_a_filter_without_effect_is_told(shop: Callable[..., Shop]) -> None:
    tables = make_tables()
    tables["clients"].changed = ""
    one = shop(tables)
    for _ in range(2):
        one.zone.extract(one.connect({"customers": STREAMS["customers"]}), "customers")
    assert any("the filter has no effect" in note for note in one.zone.notes)


def test_a_service_that_does_not_know_the_paging_is_no_endless_loop(shop: Callable[..., Shop]) -> None:
    one = shop({"deals": RestTable(make_tables()["deals"].rows, "none")})
    with pytest.raises(PermanentError, match="two pages are the same"):
        one.zone.extract(one.connect({"deals": {**STREAMS["deals"], "paging": {"kind": "page"}}}), "deals")


def test_the_next_page_on_another_host_gets_no_credentials(shop: Callable[..., Shop]) -> None:
    tables = {"payments": RestTable([{"id": 1, "unix": 1, "amount": 1, "next": "http://elsewhere.example/v1/payments"}], "none")}
    one = shop(tables)
    stream = {**STREAMS["payments"], "paging": {"kind": "next", "at": "data[0].next"}}
    with pytest.raises(PermanentError, match=r"another host \(elsewhere.example\)"):
        one.zone.extract(one.connect({"payments": stream}), "payments")


def test_a_wrong_place_of_the_records_and_an_error_inside_200_are_explained(shop: Callable[..., Shop]) -> None:
    one = shop()
    with pytest.raises(PermanentError, match=r"no records at «items», it has data, total"):
        one.connect({"deals": {**STREAMS["deals"], "records": "items"}}).check()
    with pytest.raises(PermanentError, match=r"the service refuses deals \(11\)"):
        one.connect({"deals": {**STREAMS["deals"], "error_at": "total"}}).check()
    with pytest.raises(PermanentError, match="nothing is mapped"):
        one.connect({}).check()


def test_rows_that_cannot_be_read_are_kept_aside(shop: Callable[..., Shop]) -> None:
    tables = make_tables()
    tables["deals"].rows[0]["sum"] = "много"
    one = shop(tables)
    result = one.zone.extract(one.connect({"deals": STREAMS["deals"]}), "deals")
    assert result["deals"].rejected == 1
    assert any("amount (sum)" in note for note in one.zone.notes)


@pytest.mark.parametrize(
    "options",
    [
        {"url": "somewhere"},
        {"url": "http://a", "auth": {"kind": "bearer"}},
        {"url": "http://a", "streams": {"deals": {"path": "x", "paging": {"kind": "cursor"}}}},
        {"url": "http://a", "colour": "red"},
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SOURCE.options.model_validate(options)

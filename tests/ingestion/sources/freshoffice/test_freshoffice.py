"""What is particular to FreshOffice: envelopes of two APIs, a list that does not go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from ingestion.errors import PermanentError
from ingestion.sources.freshoffice.source import SOURCE, rows_of
from ingestion.spec import Source

Zones = Callable[[Source], Any]
Serve = Callable[[Any], str]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"d": {"results": [{"id": 1}]}}, [{"id": 1}]),
        ({"d": [{"id": 1}]}, [{"id": 1}]),
        ({"status": "ok", "value": [{"id": 1}]}, [{"id": 1}]),
        ({"status": "ok", "value": '[{"id": 1}]'}, [{"id": 1}]),
        ({"status": "ok", "value": {"1": {"id": 1}}}, [{"id": 1}]),
        ({"status": "ok", "rows": 0, "value": None}, []),
        ([{"id": 1}], [{"id": 1}]),
        ({"status": "ok", "value": "oops"}, None),
        ({"hello": 1}, None),
    ],
)
def test_every_envelope_is_opened(body: Any, found: Any) -> None:
    assert rows_of(body) == found


def test_a_service_that_ignores_the_filter_is_no_endless_loop(serve: Serve, zone_of: Zones) -> None:
    async def same(_request: Any) -> JSONResponse:
        return JSONResponse({"d": {"results": [{"id_deal": 1}, {"id_deal": 2}]}})

    zone = zone_of(SOURCE)
    url = serve(Starlette(routes=[Route("/deal/", same)]))
    with pytest.raises(PermanentError, match="does not go on after id_deal 2"):
        zone.extract(zone.connect(url=url, api_id="1", api_key="abcd"), "deals")


def test_api_2_says_which_addresses_it_needs(zone_of: Zones) -> None:
    with pytest.raises(PermanentError, match="name those of deals, companies, users in addresses"):
        zone_of(SOURCE).connect(token="abcd").check()


@pytest.mark.parametrize(
    "options", [{}, {"api_id": "1"}, {"token": "a", "api_id": "1", "api_key": "k"}, {"token": "a", "addresses": {"x": "y"}}]
)
def test_wrong_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SOURCE.options.model_validate(options)


def test_what_has_no_history_is_kept_as_it_was_seen() -> None:
    """Stages of deals and changes of orders are known from the runs alone."""
    loaded = SOURCE.streams_for(SOURCE.options.model_validate({"api_id": "1", "api_key": "k"}))
    assert {stream.name for stream in loaded if stream.versioned} == {"deals", "documents"}

"""Campaign costs from the local Reports service: waited for, checked to be whole, read again, replaced by day and campaign."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import orjson
import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingestion.errors import LossGuardError, PermanentError, TransientError
from ingestion.sandbox import yandex_direct_server
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.faults import FaultPlan
from ingestion.sources.yandex_direct import api
from ingestion.sources.yandex_direct.reports import months, parse_tsv, report_params
from ingestion.sources.yandex_direct.source import SOURCE, DirectOptions
from ingestion.spec import Source
from tests.ingestion.sources.conftest import wait_by

Zones = Callable[[Source], Any]
Serve = Callable[[Any], str]
HEAD = "Date\tCampaignId\tCampaignName\tCampaignType\tImpressions\tClicks\tCost\n"
ROW = "2026-03-01\t5\tA\tTEXT_CAMPAIGN\t10\t1\t9.50\n"


@cache
def company() -> Company:
    """The advertiser."""
    return build_company(scale=0.1, history_days=150)


class Ads:
    """The sandbox company's advertiser, a raw zone, and a connector between them."""

    def __init__(self, serve: Serve, zones: Zones, slept: list[float], **options: Any) -> None:
        self.app = yandex_direct_server.build_app(company(), **options)
        self.store = self.app.state.store
        self.log = self.app.state.log
        self.url = serve(self.app)
        self.slept = slept
        self.zone = zones(SOURCE)
        self.zone.now = datetime.combine(company().today, datetime.min.time(), UTC)
        self.zone.since = company().started_on - timedelta(days=1)
        self.connector = self.connect()

    def connect(self, **options: Any) -> Any:
        connector = self.zone.connect(**{"url": f"{self.url}/json/v5/", "token": yandex_direct_server.TOKEN, **options})
        connector._api._sleep = self.slept.append
        return connector

    def costs(self) -> dict[str, Decimal]:
        return {key: Decimal(row["Cost"]) for key, row in self.zone.records("campaign_costs").items()}

    def real(self) -> dict[str, Decimal]:
        return {f"{day}:{campaign}": row.cost for (campaign, day), row in self.store.rows.items()}


@pytest.fixture
def ads(serve: Serve, zone_of: Zones) -> Callable[..., Ads]:
    return lambda **options: Ads(serve, zone_of, [], **options)


def test_the_first_load_brings_every_campaign_day_and_waits_as_long_as_told(ads: Callable[..., Ads]) -> None:
    one = ads(waits=2, retry_in=7)
    one.zone.extract(one.connector)
    assert one.costs() == one.real()
    assert set(one.slept) == {7.0}
    row = next(iter(one.zone.records("campaign_costs").values()))
    assert row["_include_vat"] == "NO"
    assert row["CampaignName"]


def test_a_wait_that_is_told_in_the_usual_header_is_obeyed_too(ads: Callable[..., Ads], serve: Serve) -> None:
    one = ads()
    asked: list[bytes] = []

    async def answer(request: Request) -> Response:
        asked.append(await request.body())
        return Response(f"{HEAD}Total rows: 0\n") if len(asked) > 1 else Response(status_code=202, headers={"Retry-After": "9"})

    one.url = serve(Starlette(routes=[Route("/json/v5/reports", answer, methods=["POST"])]))
    one.connect().check()
    assert (one.slept, len(set(asked))) == ([9.0], 1)


def test_vat_is_asked_for_as_configured_and_told(ads: Callable[..., Ads]) -> None:
    one = ads(vat_rate=0.2)
    one.zone.extract(one.connect(include_vat=True))
    assert {row["_include_vat"] for row in one.zone.records("campaign_costs").values()} == {"YES"}
    assert sum(one.costs().values()) > sum(one.real().values()) * Decimal("1.19")


def test_corrections_of_the_last_month_replace_and_vanished_days_are_deleted(ads: Callable[..., Ads]) -> None:
    one = ads()
    one.zone.extract(one.connector)
    (campaign, day), (other, gone) = sorted(one.store.rows, key=lambda key: key[1])[-2:]
    one.store.correct(campaign, day, cost=Decimal("0.01"))
    del one.store.rows[other, gone]
    one.log.clear()
    one.zone.extract(one.connector)
    assert one.costs() == one.real()
    assert len({request.body for request in one.log}) <= 2  # the last 30 days lie in two months at most


def test_an_empty_answer_for_a_busy_month_deletes_nothing(ads: Callable[..., Ads]) -> None:
    one = ads()
    one.zone.extract(one.connector)
    before = one.costs()
    one.store.rows.clear()
    with pytest.raises(LossGuardError, match="reports nothing from"):
        one.zone.extract(one.connector)
    assert one.costs() == before
    one.zone.extract(one.connector, mode="full")
    assert one.costs() == {}


def test_faults_on_the_way_change_nothing_in_the_end(ads: Callable[..., Ads]) -> None:
    calm, rough = ads(), ads(faults=FaultPlan(every=3, slow_seconds=0.01))
    calm.zone.extract(calm.connector)
    rough.zone.extract(rough.connector)
    assert rough.costs() == calm.costs() == calm.real()


def test_a_first_load_goes_on_where_it_broke_off(ads: Callable[..., Ads]) -> None:
    one = ads()
    report, left = one.connector._api.report, 2

    def breaking(params: dict[str, Any]) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            message = "the line went dead."
            raise TransientError(message)
        return report(params)

    one.connector._api.report = breaking
    with pytest.raises(TransientError):
        one.zone.extract(one.connector)
    assert 0 < len(one.costs()) < len(one.real())
    one.zone.extract(one.connect())
    assert one.costs() == one.real()


@pytest.mark.parametrize("code", [52, 56, 1000, 9000, 152])
def test_errors_that_pass_are_tried_again(ads: Callable[..., Ads], code: int) -> None:
    one = ads()
    one.store.refusals.append(code)
    one.zone.extract(one.connector)
    assert one.costs() == one.real()


def test_wrong_credentials_are_explained_and_not_tried_again(ads: Callable[..., Ads]) -> None:
    one = ads(client_login="shop")
    with pytest.raises(PermanentError, match="the token is wrong, expired or revoked") as caught:
        one.connect(token="wrong-token", client_login="shop").check()
    assert "wrong-token" not in str(caught.value)
    assert len(one.log) == 1
    assert "Yandex Direct answers" in one.connect(client_login="shop").check()


def test_too_long_a_report_is_asked_for_in_halves(ads: Callable[..., Ads]) -> None:
    one = ads()
    report = one.connector._api.report

    def limited(params: dict[str, Any]) -> Any:
        span = params["SelectionCriteria"]
        if (date.fromisoformat(span["DateTo"]) - date.fromisoformat(span["DateFrom"])).days > 9:
            message = "too long."
            raise api.ReportTooLongError(message)
        return report(params)

    one.connector._api.report = limited
    one.zone.extract(one.connector)
    assert one.costs() == one.real()


def test_a_502_without_words_is_tried_again_and_then_asked_for_in_halves(
    ads: Callable[..., Ads], serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway in front of the service gives a page of its own when a report takes too long."""
    wait_by(monkeypatch, lambda _seconds: None)
    one = ads()
    tried: list[str] = []

    async def gateway(request: Request) -> Response:
        span = orjson.loads(await request.body())["params"]["SelectionCriteria"]
        days = (date.fromisoformat(span["DateTo"]) - date.fromisoformat(span["DateFrom"])).days
        tried.append(span["DateFrom"])
        if days > 20:
            return Response("<html>502 Bad Gateway</html>", 502)
        rows = [
            f"{day}\t{campaign}\tA\tTEXT_CAMPAIGN\t1\t1\t{row.cost}"
            for (campaign, day), row in one.store.rows.items()
            if span["DateFrom"] <= str(day) <= span["DateTo"]
        ]
        return Response("\n".join([HEAD.strip(), *rows, f"Total rows: {len(rows)}", ""]))

    one.url = serve(Starlette(routes=[Route("/json/v5/reports", gateway, methods=["POST"])]))
    one.zone.extract(one.connect())
    assert one.costs() == one.real()
    assert max(tried.count(day) for day in set(tried)) == api._GATEWAY_TRIES + 1


def test_reports_are_named_by_their_body_and_run() -> None:
    march = (date(2026, 3, 1), date(2026, 3, 31))
    first = report_params(*march, include_vat=False, run="a")
    assert first == report_params(*march, include_vat=False, run="a")
    names = {report_params(*march, include_vat=vat, run=run)["ReportName"] for vat in (True, False) for run in ("a", "b")}
    assert len(names) == 4


def test_months_are_whole_and_touch() -> None:
    assert list(months(date(2025, 12, 30), date(2026, 2, 3))) == [
        (date(2025, 12, 30), date(2025, 12, 31)),
        (date(2026, 1, 1), date(2026, 1, 31)),
        (date(2026, 2, 1), date(2026, 2, 3)),
    ]


def test_a_title_is_skipped_and_the_closing_line_counts_the_rows() -> None:
    assert len(parse_tsv(f'"skvoz"\n{HEAD}{ROW}Total rows: 1\n', "ads").rows) == 1
    assert len(parse_tsv(f"{HEAD}{ROW}", "ads").rows) == 1
    assert parse_tsv(f"{HEAD}Total rows: 0\n", "ads").rows == []
    assert parse_tsv(f"{HEAD}{ROW}5\t6\nTotal rows: 2\n", "ads").broken == ["5\t6"]


@pytest.mark.parametrize(
    "text", ["", "\n", "hello", f"{HEAD}{ROW}Total rows: 2\n", f"{HEAD}{ROW}"[:-3], f"{HEAD}{ROW}2026-03-02\t5\tA\tTEXT"]
)
def test_a_broken_report_is_no_report(text: str) -> None:
    with pytest.raises(TransientError):
        parse_tsv(text, "ads")


def test_the_currency_of_the_account_is_handed_to_the_models() -> None:
    """A report tells no currency: costs in roubles of a company that counts in lei would be taken for lei."""
    assert (
        SOURCE.options.model_validate({"token": "abcd", "currency": "RUB"}).model_dump(include=set(SOURCE.dbt_options))["currency"] == "RUB"
    )


def test_options_need_a_token_and_an_address() -> None:
    for options in ({}, {"token": "abcd", "url": "direct"}, {"token": "abcd", "colour": "red"}):
        with pytest.raises(ValidationError):
            SOURCE.options.model_validate(options)
    chosen = SOURCE.options.model_validate({"token": "abcd", "url": "http://localhost/json/v501/reports"})
    assert isinstance(chosen, DirectOptions)
    assert chosen.url == "http://localhost/json/v501/"

"""Campaign costs of VK Ads, myTarget, Meta, Google Ads and Metrica's files: figures equal what the systems hold."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ingestion.errors import LossGuardError, PermanentError, TransientError
from ingestion.feeds.faults import DamagedError
from ingestion.feeds.paths import FoundFile
from ingestion.feeds.tables import Export
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.faults import FaultPlan
from ingestion.sandbox.feeds import ads
from ingestion.sandbox.feeds.ads import AdDay
from ingestion.sources.google_ads.reports import LAYOUT, read_stream, read_table
from ingestion.sources.google_ads.source import SOURCE as GOOGLE
from ingestion.sources.meta_ads.source import SOURCE as META
from ingestion.sources.metrika_expenses.source import SOURCE as METRIKA
from ingestion.sources.metrika_expenses.source import read_visits
from ingestion.sources.mytarget.source import SOURCE as MYTARGET
from ingestion.sources.vk_ads.source import SOURCE as VK
from ingestion.spec import Source
from tests.ingestion.fuzzing import fuzzed

Zones = Callable[[Source], Any]
Serve = Callable[[Any], str]


@cache
def company() -> Company:
    """The advertiser."""
    return build_company(scale=0.2, history_days=130, today=date(2026, 4, 1))


@cache
def days() -> list[AdDay]:
    """Its campaigns, day by day."""
    return ads.ad_days(company())


def shown() -> dict[str, Decimal]:
    """Costs of the days on which a campaign was seen."""
    return {f"{one.day}:{one.id}": one.cost for one in days() if one.cost or one.impressions or one.clicks}


def prepared(source: Source, zones: Zones) -> Any:
    zone = zones(source)
    zone.now = datetime.combine(company().today, datetime.min.time(), UTC)
    zone.since = company().started_on
    return zone


def connected(zone: Any, source: Source, url: str, **more: Any) -> Any:
    path = {"vk_ads": "/api/v2", "mytarget": "/api/v2", "meta_ads": "/v23.0"}[source.type]
    extra = {"account_id": "act_77"} if source is META else {}
    return zone.connect(**{"token": ads.TOKEN, "url": url + path, "requests_per_second": 0, **extra, **more})


def app_of(source: Source, **options: Any) -> Any:
    if source is META:
        return ads.meta_app(days(), **options)
    return ads.statistics_app(days(), "campaigns" if source is MYTARGET else "ad_plans", **options)


def costs(zone: Any, source: Source) -> dict[str, Decimal]:
    rows = zone.records("campaign_costs")
    return {
        key: Decimal(row["spend"] if source is META else row["base"]["spent"] if "base" in row else row["cost"])
        for key, row in rows.items()
    }


@pytest.mark.parametrize("source", [VK, MYTARGET, META], ids=lambda source: source.type)
def test_every_campaign_day_comes_and_corrections_replace(source: Source, serve: Serve, zone_of: Zones) -> None:
    zone, app = prepared(source, zone_of), app_of(source)
    url = serve(app)
    connector = connected(zone, source, url)
    zone.extract(connector)
    assert costs(zone, source) == shown()
    assert "answers" in connector.check()
    last, gone = sorted((one for one in days() if one.cost), key=lambda one: (one.day, one.id))[-2:]
    app.state.days = [replace(one, cost=Decimal("0.01")) if one == last else one for one in days() if one != gone]
    zone.extract(connected(zone, source, url))
    changed = {key: cost for key, cost in shown().items() if key != f"{gone.day}:{gone.id}"} | {f"{last.day}:{last.id}": Decimal("0.01")}
    assert costs(zone, source) == changed
    app.state.days = []
    with pytest.raises(LossGuardError, match="nothing is reported from"):
        zone.extract(connected(zone, source, url))
    assert costs(zone, source) == changed


@pytest.mark.parametrize("source", [VK, META], ids=lambda source: source.type)
def test_faults_on_the_way_change_nothing(source: Source, serve: Serve, zone_of: Zones) -> None:
    zone = prepared(source, zone_of)
    zone.extract(connected(zone, source, serve(app_of(source, faults=FaultPlan(every=3, slow_seconds=0.01)))))
    assert costs(zone, source) == shown()


@pytest.mark.parametrize("source", [VK, META], ids=lambda source: source.type)
def test_wrong_tokens_are_explained_without_them(source: Source, serve: Serve, zone_of: Zones) -> None:
    zone = prepared(source, zone_of)
    with pytest.raises(PermanentError, match="make a new one") as caught:
        zone.extract(connected(zone, source, serve(app_of(source)), token="wrong-secret-value"))
    assert "wrong-secret-value" not in str(caught.value)


def test_vk_signs_in_by_itself_and_asks_for_as_many_campaigns_as_told(serve: Serve, zone_of: Zones) -> None:
    zone, app = prepared(VK, zone_of), app_of(VK)
    name, secret = ads.CLIENT
    zone.extract(connected(zone, VK, serve(app), token=None, client_id=name, client_secret=secret, ids_per_request=1))
    assert costs(zone, VK) == shown()
    assert all("," not in request.query for request in app.state.log if "statistics" in request.path)
    assert secret not in repr(zone.records("campaign_costs"))
    with pytest.raises(ValidationError, match="give token"):
        VK.options.model_validate({})


def test_vk_hands_out_five_tokens_and_a_sixth_run_makes_room(serve: Serve, zone_of: Zones) -> None:
    """Tokens are kept for a month, used or not; and a token that another program dropped is replaced on the way."""
    zone, app = prepared(VK, zone_of), app_of(VK)
    name, secret = ads.CLIENT
    application = {"token": None, "client_id": name, "client_secret": secret}
    url = serve(app)
    for _run in range(6):
        connected(zone, VK, url, **application).check()
    assert app.state.tokens == [f"{ads.TOKEN}-6"]
    connector = connected(zone, VK, url, **application)
    connector.check()
    app.state.tokens.clear()
    zone.extract(connector)
    assert costs(zone, VK) == shown()
    with pytest.raises(PermanentError, match=r"invalid_client.*; client_id or client_secret is wrong"):
        connected(zone, VK, url, **application | {"client_secret": "another"}).check()


@pytest.mark.parametrize("told", ["all", "none", "more"])
def test_vk_lists_every_campaign_or_none_is_missed(told: str, serve: Serve, zone_of: Zones) -> None:
    """With a count, without one, and with one that the list does not reach: then nothing may be taken for deleted."""
    many = [AdDay(1000 + number, number, f"c{number}", date(2026, 3, 2), 10, 1, Decimal(number + 1)) for number in range(120)]

    async def listed(request: Request) -> JSONResponse:
        offset, limit = int(request.query_params["offset"]), int(request.query_params["limit"])
        items = [{"id": one.id, "name": one.name} for one in many[offset : offset + limit]]
        return JSONResponse({"items": items} | {"all": {"count": 120}, "more": {"count": 130}, "none": {}}[told])

    app = ads.statistics_app(many)
    app.router.routes.insert(0, Route("/api/v2/ad_plans.json", listed))
    zone = prepared(VK, zone_of)
    if told == "more":
        with pytest.raises(TransientError, match="breaks off after 120 of 130"):
            zone.extract(connected(zone, VK, serve(app)))
    else:
        zone.extract(connected(zone, VK, serve(app)))
        assert sum(costs(zone, VK).values()) == sum(one.cost for one in many)


@pytest.mark.parametrize("times_out", [False, True])
def test_meta_takes_halves_of_what_is_too_much_and_never_follows_an_address_with_the_token(
    times_out: bool, serve: Serve, zone_of: Zones
) -> None:
    zone, app = prepared(META, zone_of), app_of(META, most_rows=20, page=7, times_out=times_out)
    zone.extract(connected(zone, META, serve(app)))
    assert costs(zone, META) == shown()
    assert not any(ads.TOKEN in request.query for request in app.state.log)


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (
            {"code": 200, "message": "(#200) Ad account owner has NOT grant ads_read"},
            r"act_78 \(200: .*; .*lacks ads_read for this account",
        ),
        ({"code": 3018, "message": "(#3018) beyond 37 months"}, r"act_78 \(3018: .*; give a later since"),
    ],
)
def test_meta_names_the_account_that_refuses(error: dict[str, Any], advice: str, serve: Serve, zone_of: Zones) -> None:
    async def refused(_request: Request) -> JSONResponse:
        return JSONResponse({"error": error}, 400)

    zone, app = prepared(META, zone_of), app_of(META)
    app.router.routes.insert(0, Route("/v23.0/act_78/insights", refused))
    with pytest.raises(PermanentError, match=advice):
        zone.extract(connected(zone, META, serve(app), account_id=None))


def test_meta_without_an_account_reads_all_that_the_token_sees(serve: Serve, zone_of: Zones) -> None:
    zone, app = prepared(META, zone_of), app_of(META)
    zone.extract(connected(zone, META, serve(app), account_id=None))
    assert costs(zone, META) == shown()
    assert {request.path for request in app.state.log} == {
        f"/v23.0/{one}" for one in ("me/adaccounts", "act_77/insights", "act_78/insights")
    }


@pytest.mark.parametrize("locale", ["en", "ru", "de", "pl"])
def test_google_reports_are_read_in_every_language(locale: str, zone_of: Zones) -> None:
    zone = zone_of(GOOGLE)
    zone.root.mkdir()
    (zone.root / f"report-{locale}.csv").write_bytes(ads.google_csv(days(), locale))
    zone.extract(zone.connect(path="report-*.csv"))
    assert costs(zone, GOOGLE) == {f"{one.day}:{one.id}": one.cost for one in days()}
    rows = zone.records("campaign_costs").values()
    assert sum(int(row["clicks"]) for row in rows) == sum(one.clicks for one in days())
    assert sum(int(row["impressions"]) for row in rows) == sum(one.impressions for one in days())
    assert not zone.notes


def test_google_stream_and_newer_exports_win(zone_of: Zones) -> None:
    zone = zone_of(GOOGLE)
    (zone.root / "in").mkdir(parents=True)
    (zone.root / "in/a.json").write_bytes(ads.google_stream(days()))
    zone.extract(zone.connect(path="in"))
    assert costs(zone, GOOGLE) == {f"{one.day}:{one.id}": one.cost for one in days()}
    newer = [replace(one, cost=one.cost + 1) for one in days()[-30:]]
    (zone.root / "in/b.csv").write_bytes(ads.google_csv(newer))
    zone.extract(zone.connect(path="in"))
    assert sum(costs(zone, GOOGLE).values()) == sum(one.cost for one in days()) + 30
    (zone.root / "in/b.csv").write_text("Campaign,Cost\nx,1\n", encoding="utf-8")
    with pytest.raises(PermanentError, match=r"b\.csv, row 1: there is no heading row"):
        zone.extract(zone.connect(path="in"))
    assert sum(costs(zone, GOOGLE).values()) == sum(one.cost for one in days()) + 30


@pytest.mark.parametrize(
    "heading",
    ["date,device,id,impressions,clicks,cost_micros", "segments.date,x,campaign.id,metrics.impressions,metrics.clicks,metrics.cost_micros"],
)
def test_money_of_the_apis_own_fields_is_in_millionths(heading: str, zone_of: Zones) -> None:
    zone = zone_of(GOOGLE)
    zone.root.mkdir()
    rows = "2021-02-01,MOBILE,9935249409,166,49,36150000\n2021-02-01,DESKTOP,9935249409,4,1,850001\n"
    (zone.root / "stats.csv").write_text(f"{heading}\n{rows}", encoding="utf-8")
    zone.extract(zone.connect(path="stats.csv"))
    assert costs(zone, GOOGLE) == {"2021-02-01:9935249409": Decimal("37.000001")}
    assert zone.records("campaign_costs")["2021-02-01:9935249409"]["clicks"] == "50"


def test_a_campaign_called_total_stays_and_a_total_goes(zone_of: Zones) -> None:
    zone = zone_of(GOOGLE)
    zone.root.mkdir()
    text = 'Day,Campaign,Cost\n2026-03-01,total gym repair,"1,234.50"\n2026-03-01,Other,0.10\nTotal: Account, --,"1,234.60"\n'
    (zone.root / "r.csv").write_text(text, encoding="utf-8")
    zone.extract(zone.connect(path="r.csv"))
    assert costs(zone, GOOGLE) == {"2026-03-01:total gym repair": Decimal("1234.50"), "2026-03-01:Other": Decimal("0.10")}


def test_metrika_expenses_spread_ranges_and_refuse_doubtful_numbers(zone_of: Zones) -> None:
    zone = zone_of(METRIKA)
    zone.root.mkdir()
    data = ads.metrika_expenses(days(), company()) + b'2026-03-05,leaflet,,,"50,000",RUB,\n'
    (zone.root / "expenses.csv").write_bytes(data)
    (zone.root / "visits.tsv").write_bytes(ads.metrika_visits(company()))
    zone.extract(zone.connect(path="expenses.csv", visits="visits.tsv"))
    rows = zone.records("campaign_costs")
    assert sum(Decimal(row["cost"]) for row in rows.values()) == sum(one.cost for one in days()) + Decimal("100.05")
    assert sum("spread" in row for row in rows.values()) == 10
    assert len(zone.notes) == 1
    assert "50,000" in zone.notes[0]
    assert len(zone.records("visits")) == 60
    assert [stream.name for stream in METRIKA.streams_for(METRIKA.options.model_validate({"visits": "v"}))] == ["visits"]


def test_metrika_expenses_may_name_the_traffic_source_instead_of_marks(zone_of: Zones) -> None:
    zone = zone_of(METRIKA)
    zone.root.mkdir()
    text = "Date,TrafficSource,TrafficSourceDetail,Expenses\n2026-03-01,social,vk,10.5\n2026-03-01,social,ok,2\n2026-03-01,ad,,1\n,,,\n"
    (zone.root / "e.csv").write_text(text, encoding="utf-8")
    (zone.root / "v.tsv").write_text("ym:s:visitID\tym:s:dateTime\n", encoding="utf-8")
    zone.extract(zone.connect(path="e.csv", visits="v.tsv"))
    rows = zone.records("campaign_costs").values()
    assert sorted((row["utm_source"], row.get("utm_medium"), row["cost"]) for row in rows) == [
        ("ad", None, "1"), ("ok", "social", "2"), ("vk", "social", "10.5"),
    ]  # fmt: skip


@given(data=st.data())
@fuzzed(60)
def test_no_damage_of_a_report_is_an_unnamed_exception(data: st.DataObject) -> None:
    some: list[AdDay] = days()[:8]
    raw = data.draw(
        st.sampled_from((ads.google_csv(some), ads.google_csv(some, "pl"), ads.google_csv(some, "ru"), ads.google_stream(some)))
    )
    place = data.draw(st.integers(0, len(raw) - 1))
    damaged = raw[:place] + data.draw(st.binary(max_size=10)) + raw[place + data.draw(st.integers(0, 10)) :]
    export = Export(LAYOUT, "cost_date", ("cost",))
    with suppress(DamagedError):  # anything else fails
        if raw.startswith(b"[{"):
            list(read_stream(damaged))
        else:
            list(read_table(export, damaged, FoundFile(Path("r.csv"), "r.csv", len(damaged), 0)))


@given(data=st.data())
@fuzzed(60)
def test_no_damage_of_visits_is_an_unnamed_exception(data: st.DataObject) -> None:
    raw = ads.metrika_visits(company(), 12)
    place = data.draw(st.integers(0, len(raw) - 1))
    damaged = raw[:place] + data.draw(st.binary(max_size=10)) + raw[place + data.draw(st.integers(0, 10)) :]
    with suppress(DamagedError):  # anything else fails
        list(read_visits(damaged, FoundFile(Path("v.tsv"), "v.tsv", len(damaged), 0)))

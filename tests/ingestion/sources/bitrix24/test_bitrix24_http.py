"""The connector against the local portal over HTTP: everything arrives, once, whatever goes wrong on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from ingestion.errors import LossGuardError, PermanentError
from ingestion.sandbox import bitrix24_server
from ingestion.sandbox.bitrix24_tokens import WEBHOOK_CODE
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.faults import FaultPlan
from ingestion.sources.bitrix24.source import SOURCE
from ingestion.spec import Source

Zones = Callable[[Source], Any]
Serve = Callable[[Any], str]
NOW = datetime(2026, 3, 31, tzinfo=UTC)
TABLES = {
    "leads": "lead",
    "deals": "deal",
    "contacts": "contact",
    "companies": "company",
    "invoices": "invoice",
    "activities": "activity",
    "calls": "call",
    "product_rows": "productrow",
    "users": "user",
    "statuses": "status",
}


@cache
def company() -> Company:
    """Whose portal it is."""
    return build_company(scale=0.3, history_days=180, today=NOW.date())


class Portal:
    """The sandbox company's portal, a raw zone, and a connector between them."""

    def __init__(self, serve: Serve, zones: Zones, **options: Any) -> None:
        self.app = bitrix24_server.build_app(company(), **options)
        self.store = self.app.state.store
        self.log = self.app.state.log
        self.url = serve(self.app)
        self.zones = zones
        self.zone = self.fresh_zone()
        self.connector = self.connect()

    def fresh_zone(self) -> Any:
        zone = self.zones(SOURCE)
        zone.now = NOW
        zone.since = company().started_on - timedelta(days=1)
        return zone

    def connect(self, zone: Any = None, **options: Any) -> Any:
        chosen = options or {"webhook": f"{self.url}/rest/1/{WEBHOOK_CODE}/"}
        return (zone or self.zone).connect(requests_per_second=0, **chosen)

    def everything(self, zone: Any = None) -> dict[str, dict[str, Any]]:
        return {stream.name: (zone or self.zone).records(stream.name) for stream in SOURCE.streams}

    def keys(self, table: str) -> set[str]:
        return {str(key) for key in self.store.table(table).rows}

    def later(self, **step: float) -> datetime:
        self.zone.now += timedelta(**step)
        moment: datetime = self.zone.now
        return moment


@pytest.fixture
def portal(serve: Serve, zone_of: Zones) -> Callable[..., Portal]:
    return lambda **options: Portal(serve, zone_of, **options)


@pytest.mark.parametrize("universal", [True, False])
def test_the_first_load_brings_everything(portal: Callable[..., Portal], universal: bool) -> None:
    one = portal(universal_methods=universal)
    one.zone.extract(one.connector)
    got = one.everything()
    for stream, table in TABLES.items():
        if universal or stream != "invoices":
            assert set(got[stream]) == one.keys(table), stream
    history = {f"deal:{key}" for key in one.keys("deal_history")} | {f"lead:{key}" for key in one.keys("lead_history")}
    assert set(got["stage_history"]) == history
    assert {row["_entity"] for row in got["stage_history"].values()} == {"deal", "lead"}
    assert {str(one["id"]) for one in one.store.categories if one["entityTypeId"] == 2} == set(got["categories"])
    assert set(got["currencies"]) == {row["CURRENCY"] for row in one.store.currencies}
    assert set(got["custom_fields"]) == {f"deal:{name}" for name in one.store.fields["deal"]}
    assert len(got["custom_fields"]["deal:UF_CRM_LOSS_REASON"]["items"]) == len(company().loss_reasons)
    deal = next(iter(got["deals"].values()))
    assert ("stageId" in deal) is universal
    assert any("UF_" in name for name in deal)
    assert any(contact.get("fm") or contact.get("PHONE") for contact in got["contacts"].values())
    if not universal:
        assert any("invoices is not loaded" in note for note in one.zone.notes)


def test_a_refresh_that_finds_nothing_asks_little_and_writes_nothing(portal: Callable[..., Portal]) -> None:
    one = portal()
    one.zone.extract(one.connector)
    one.log.clear()
    results = one.zone.extract(one.connector)
    assert sum(result.written for result in results.values()) == 0
    assert len(one.log) <= 24


@pytest.mark.parametrize("universal", [True, False])
def test_edits_and_moves_arrive_with_a_refresh(portal: Callable[..., Portal], universal: bool) -> None:
    one = portal(universal_methods=universal)
    one.zone.extract(one.connector)
    deal, other = list(one.store.table("deal").rows)[:2]
    row = next(row for row in one.store.table("productrow").rows.values() if row["OWNER_TYPE"] == "D")
    at = one.later(minutes=15)
    one.store.edit("deal", deal, at=at - timedelta(minutes=1), TITLE="Переименована")
    one.store.table("productrow").remove(row["ID"])
    one.store.edit("deal", row["OWNER_ID"], at=at - timedelta(minutes=1))
    one.store.move("deal", other, "LOSE", category=0, at=at - timedelta(minutes=1))
    one.zone.extract(one.connector)
    got = one.everything()
    changed = got["deals"][str(deal)]
    assert (changed.get("title") or changed.get("TITLE")) == "Переименована"
    assert str(row["ID"]) not in got["product_rows"]
    assert set(got["product_rows"]) == one.keys("productrow")
    assert {f"deal:{key}" for key in one.keys("deal_history")} <= set(got["stage_history"])


def test_the_sweep_finds_deletions_and_silent_edits(portal: Callable[..., Portal]) -> None:
    one = portal()
    one.zone.extract(one.connector)
    deal, lead = next(iter(one.store.table("deal").rows)), next(iter(one.store.table("lead").rows))
    activity, backdated = next(iter(one.store.table("activity").rows)), list(one.store.table("contact").rows)[1]
    one.store.delete("deal", deal)
    one.store.delete("lead", lead)
    one.store.table("activity").remove(activity)
    for key in [row["ID"] for row in one.store.table("productrow").rows.values() if row["OWNER_ID"] == deal]:
        one.store.table("productrow").remove(key)
    one.store.edit("contact", backdated, at=NOW - timedelta(days=60), NAME="Задним числом")
    one.later(hours=8)
    one.log.clear()
    results = one.zone.extract(one.connector, mode="sweep")
    got = one.everything()
    assert str(deal) not in got["deals"]
    assert str(lead) not in got["leads"]
    assert str(activity) not in got["activities"]
    assert got["contacts"][str(backdated)]["name"] == "Задним числом"
    assert set(got["product_rows"]) == one.keys("productrow")
    assert results["contacts"].written == 1
    again = one.zone.extract(one.connector, mode="sweep")
    assert sum(result.written for result in again.values()) == 0


@pytest.mark.parametrize("universal", [True, False])
def test_an_edit_that_moves_no_time_is_found_within_a_week(portal: Callable[..., Portal], universal: bool) -> None:
    """Not everything bumps the change time; a sweep a week after everything was read reads it again, the sweeps between do not."""
    one = portal(universal_methods=universal)
    one.zone.extract(one.connector, "deals")
    key = next(iter(one.store.table("deal").rows))
    one.store.edit("deal", key, silent=True, TITLE="Тихо")
    for days, found in ((1, False), (5, False), (1, True)):
        one.later(days=days)
        one.zone.extract(one.connector, "deals", mode="sweep")
        row = one.zone.records("deals")[str(key)]
        assert ((row.get("title") or row.get("TITLE")) == "Тихо") is found
    one.store.edit("deal", key, silent=True, TITLE="Тише")
    one.later(days=1)
    one.zone.extract(one.connector, "deals")
    assert one.zone.extract(one.connector, "deals", mode="sweep")["deals"].written == 0


def test_a_listing_that_lost_its_rights_deletes_nothing(portal: Callable[..., Portal]) -> None:
    one = portal()
    one.zone.extract(one.connector)
    before = len(one.zone.records("deals"))
    for key in list(one.store.table("deal").rows)[: before * 2 // 3]:
        one.store.delete("deal", key)
    with pytest.raises(LossGuardError):
        one.zone.extract(one.connector, "deals", mode="sweep")
    assert len(one.zone.records("deals")) == before


def test_what_changes_late_in_calls_is_read_again(portal: Callable[..., Portal]) -> None:
    one = portal()
    one.zone.extract(one.connector)
    call = max(one.store.table("call").rows)
    one.store.table("call").put(one.store.table("call").rows[call] | {"COST": "12.5000"})
    one.later(minutes=15)
    one.zone.extract(one.connector, "calls")
    assert one.zone.records("calls")[str(call)]["COST"] == "12.5000"


@pytest.mark.parametrize("universal", [True, False])
def test_faults_on_the_way_change_nothing_in_the_end(portal: Callable[..., Portal], universal: bool) -> None:
    calm = portal(universal_methods=universal)
    rough = portal(universal_methods=universal, faults=FaultPlan(every=3, slow_seconds=0.01))
    calm.zone.extract(calm.connector)
    rough.zone.extract(rough.connector)
    assert rough.everything() == calm.everything()


def test_a_full_bucket_is_waited_for(portal: Callable[..., Portal], monkeypatch: pytest.MonkeyPatch) -> None:
    """Time passes while the connector waits and at no other moment, however fast the machine is."""
    now = [1_800_000_000.0]
    one = portal(requests_per_second=60.0, bucket_size=1)
    one.store.clock = lambda: now[0]
    monkeypatch.setattr(one.connector._api._http, "_sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    one.zone.extract(one.connector, "deals", "users", "statuses", "categories")
    assert any(request.status == 503 for request in one.log)
    assert set(one.zone.records("deals")) == one.keys("deal")


def test_a_method_whose_time_is_used_up_is_asked_again_when_the_portal_says_so(
    portal: Callable[..., Portal], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_800_000_000.0]
    one = portal(operating_limit=0.4, operating_window=600.0, seconds_of_work=0.15)
    one.store.clock = lambda: now[0]
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(one.connector._api._http, "_sleep", sleep)
    one.zone.extract(one.connector, "users")
    one.zone.extract(one.connector, "users")
    assert len(waits) == 1
    assert set(one.zone.records("users")) == one.keys("user")


def test_a_first_load_that_is_broken_off_again_and_again_ends_like_an_unbroken_one(portal: Callable[..., Portal]) -> None:
    one = portal()
    whole = one.fresh_zone()
    whole.extract(one.connect(whole))
    breaks = one.zone.extract_with_breaks(one.connector, one.connector._api, "_post", first=2)
    assert breaks > 5
    assert one.everything() == one.everything(whole)


def test_oauth_renews_its_token_when_the_portal_says_expired(portal: Callable[..., Portal]) -> None:
    one = portal()
    desk = one.store.tokens
    options = {
        "url": one.url, "client_id": desk.client_id, "client_secret": desk.client_secret, "refresh_token": "sandbox-refresh-0",
        "oauth_url": f"{one.url}/oauth/token/",
    }  # fmt: skip
    connector = one.connect(**options)
    assert "answers as" in connector.check()
    for token in desk.access:
        desk.access[token] = 0.0
    one.zone.extract(connector, "users")
    assert desk.issued == 2
    one.zone.extract(one.connect(**options), "users")
    assert desk.issued == 2
    desk.refresh.clear()
    desk.access.clear()
    with pytest.raises(PermanentError, match="install the application in Bitrix24 anew"):
        one.connect(**options).check()


def test_a_missing_right_leaves_that_stream_out_and_says_so(portal: Callable[..., Portal]) -> None:
    one = portal(denied=frozenset({"voximplant.statistic.get"}))
    one.zone.extract(one.connector)
    assert any(note.startswith("calls is not loaded") for note in one.zone.notes)
    assert len(one.zone.records("deals")) > 0
    assert "telephony (calls)" in portal(scopes=frozenset({"crm", "user"})).connector.check()
    with pytest.raises(PermanentError, match="lacks the scope crm"):
        portal(scopes=frozenset({"user"})).connector.check()


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [({}, "wrongcode", "wrong or was deleted"), ({"overload_limit": True}, WEBHOOK_CODE, "blocked the REST API")],
)
def test_what_is_wrong_is_said_in_one_sentence_without_the_webhook(
    portal: Callable[..., Portal], options: dict[str, Any], code: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    one = portal(**options)
    with caplog.at_level("WARNING"), pytest.raises(PermanentError, match=told) as caught:
        one.connect(webhook=f"{one.url}/rest/1/{code}/").check()
    assert code not in str(caught.value) + caplog.text
    assert len(one.log) == 1

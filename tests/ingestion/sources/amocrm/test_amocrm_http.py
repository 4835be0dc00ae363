"""The connector against the local amoCRM over HTTP: everything arrives, once, whatever goes wrong on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from httpx import Response as Answer
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ingestion.errors import PermanentError
from ingestion.sandbox import amocrm_server
from ingestion.sandbox.amocrm_tokens import LONG_LIVED_TOKEN, long_lived_token
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.faults import FaultPlan
from ingestion.sources.amocrm.api import DeniedError, GoneError, explain
from ingestion.sources.amocrm.source import SOURCE, AmoOptions
from ingestion.spec import Source

Zones = Callable[[Source], Any]
Serve = Callable[[Any], str]
NOW = datetime(2026, 3, 31, tzinfo=UTC)


@cache
def company() -> Company:
    """Whose account it is."""
    return build_company(scale=0.15, history_days=180, today=NOW.date())


class Sales:
    """The sandbox company's account, a raw zone, and a connector between them."""

    def __init__(self, serve: Serve, zones: Zones, **options: Any) -> None:
        self.app = amocrm_server.build_app(company(), **options)
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
        return (zone or self.zone).connect(**{"url": self.url, "token": LONG_LIVED_TOKEN, "requests_per_second": 0, **options})

    def everything(self, zone: Any = None) -> dict[str, dict[str, Any]]:
        return {stream.name: (zone or self.zone).records(stream.name) for stream in SOURCE.streams}

    def later(self, **step: float) -> int:
        """Move the clock of the runs on; the moment as amoCRM writes it."""
        self.zone.now += timedelta(**step)
        return int(self.zone.now.timestamp())


@pytest.fixture
def sales(serve: Serve, zone_of: Zones) -> Callable[..., Sales]:
    return lambda **options: Sales(serve, zone_of, **options)


def by_id(rows: Any) -> set[str]:
    return {str(key) for key in rows}


def past(store: Any, name: str) -> set[str]:
    """Ids of what the account holds up to now; people plan a few tasks for later."""
    return {str(key) for key, row in store.collection(name).rows.items() if (row.get("updated_at") or 0) <= NOW.timestamp()}


@pytest.mark.parametrize("api_filter", [True, False])
def test_the_first_load_brings_everything(sales: Callable[..., Sales], api_filter: bool) -> None:
    one = sales(api_filter=api_filter)
    one.zone.extract(one.connector)
    got = one.everything()
    for name in ("leads", "contacts", "companies", "tasks"):
        assert set(got[name]) == past(one.store, name)
    assert set(got["unsorted"]) == set(one.store.collection("leads/unsorted").rows)
    assert set(got["pipelines"]) == by_id(one.store.collection("leads/pipelines").rows)
    assert len(got["custom_fields"]) == sum(
        len(one.store.collection(f"{name}/custom_fields")) for name in ("leads", "contacts", "companies")
    )
    calls = {
        f"{name}:{row['id']}"
        for name in ("leads", "contacts", "companies")
        for row in one.store.collection(f"{name}/notes").rows.values()
        if row["note_type"] in {"call_in", "call_out"}
    }
    assert set(got["call_notes"]) == calls
    assert {row["_entity"] for row in got["call_notes"].values()} <= {"leads", "contacts", "companies"}
    moved = {row["id"] for row in one.store.collection("events").rows.values() if row["type"] == "lead_status_changed"}
    assert moved <= set(got["events"])
    assert any(lead["_embedded"]["contacts"] for lead in got["leads"].values())


def test_a_card_deleted_while_the_first_scan_runs_takes_no_other_with_it(sales: Callable[..., Sales]) -> None:
    """Without filters the first load goes by pages of ids, and each deletion moves a row to a page that was read already."""
    one = sales(api_filter=False)
    real = one.connector._api.page
    doomed = sorted(one.store.collection("contacts").rows)[:3]

    def page(path: str, name: str, query: Any, number: int, limit: int) -> Any:
        listing = real(path, name, query, number, min(limit, 10))
        if path == "contacts" and number > 1 and doomed:
            one.store.delete("contacts", doomed.pop(), at=int(NOW.timestamp()) + 5)
        return listing

    one.connector._api.page = page
    one.zone.extract(one.connector, "contacts")
    assert past(one.store, "contacts") <= set(one.zone.records("contacts"))


def test_what_the_models_read_of_a_user_is_asked_for(sales: Callable[..., Sales]) -> None:
    """The internal number comes only to those who name it, and tells whose call it was."""
    one = sales()
    one.zone.extract(one.connector, "users")
    assert all("phone_number" in row for row in one.zone.records("users").values())


def test_a_refresh_that_finds_nothing_asks_little_and_writes_nothing(sales: Callable[..., Sales]) -> None:
    one = sales()
    one.zone.extract(one.connector)
    one.log.clear()
    results = one.zone.extract(one.connector)
    assert sum(result.written for result in results.values()) == 0
    assert len(one.log) <= 20


@pytest.mark.parametrize("api_filter", [True, False])
def test_edits_deletions_restorations_and_links_arrive_with_a_refresh(sales: Callable[..., Sales], api_filter: bool) -> None:
    one = sales(api_filter=api_filter)
    one.zone.extract(one.connector)
    edited, deleted, restored, linked = list(one.store.collection("leads").rows)[:4]
    person = next(iter(one.store.collection("contacts").rows))
    at = one.later(minutes=15)
    one.store.edit("leads", edited, at=at - 60, name="Переименована")
    one.store.delete("leads", deleted, at=at - 50)
    one.store.delete("leads", restored, at=at - 40)
    one.store.link(linked, person, at=at - 30)
    one.zone.extract(one.connector)
    leads = one.zone.records("leads")
    assert leads[str(edited)]["name"] == "Переименована"
    assert {str(deleted), str(restored)}.isdisjoint(leads)
    assert person in [contact["id"] for contact in leads[str(linked)]["_embedded"]["contacts"]]
    at = one.later(minutes=15)
    one.store.restore("leads", restored, at=at - 60)
    one.zone.extract(one.connector, "leads")
    assert str(restored) in one.zone.records("leads")
    assert set(one.zone.records("leads")) == by_id(one.store.collection("leads").rows)


def test_a_restored_lead_whose_own_time_is_older_than_its_deletion_comes_back(sales: Callable[..., Sales]) -> None:
    one = sales()
    one.zone.extract(one.connector, "leads")
    lead = next(iter(one.store.collection("leads").rows))
    row = dict(one.store.get("leads", lead))
    one.store.delete("leads", lead, at=one.later(minutes=15) - 60)
    one.zone.extract(one.connector, "leads")
    assert str(lead) not in one.zone.records("leads")
    one.store.restore("leads", lead, at=one.later(minutes=15) - 60)
    one.store.collection("leads").put(row)
    one.zone.extract(one.connector, "leads")
    assert one.zone.records("leads")[str(lead)]["updated_at"] == row["updated_at"]


@pytest.mark.parametrize("api_filter", [True, False])
def test_the_sweep_finds_what_vanished_silently_and_what_changed_silently(sales: Callable[..., Sales], api_filter: bool) -> None:
    one = sales(api_filter=api_filter)
    one.zone.extract(one.connector)
    gone, changed = list(one.store.collection("leads").rows)[:2]
    task = next(iter(one.store.collection("tasks").rows))
    company = next(iter(one.store.collection("companies").rows))
    one.store.vanish("leads", gone)
    one.store.vanish("companies", company)
    one.store.collection("tasks").remove(task)
    one.store.edit("leads", changed, silent=True, name="Тихо")
    one.later(hours=10)
    one.zone.extract(one.connector, mode="sweep")
    got = one.everything()
    assert str(gone) not in got["leads"]
    assert str(task) not in got["tasks"]
    assert str(company) not in got["companies"]
    assert got["leads"][str(changed)]["name"] == "Тихо"
    assert set(got["leads"]) == by_id(one.store.collection("leads").rows)


def test_rows_that_jump_between_pages_of_the_sweep_are_not_taken_for_deleted(sales: Callable[..., Sales]) -> None:
    one = sales()
    one.zone.extract(one.connector, "leads", "contacts")
    real = one.connector._api.page
    hidden = sorted(one.zone.records("contacts"))[:3]

    def page(*arguments: Any) -> Any:
        listing = real(*arguments)
        return type(listing)([row for row in listing.rows if str(row["id"]) not in hidden], listing.more)

    one.connector._api.page = page
    one.zone.extract(one.connector, "contacts", mode="sweep")
    assert set(hidden) <= set(one.zone.records("contacts"))


def test_an_unsorted_lead_that_was_taken_is_gone(sales: Callable[..., Sales]) -> None:
    one = sales()
    one.zone.extract(one.connector, "unsorted")
    uid = next(iter(one.store.collection("leads/unsorted").rows))
    one.store.collection("leads/unsorted").remove(uid)
    one.zone.extract(one.connector, "unsorted")
    assert set(one.zone.records("unsorted")) == set(one.store.collection("leads/unsorted").rows)


@pytest.mark.parametrize("options", [{}, {"api_filter": False}, {"bare_next_links": True}])
def test_faults_on_the_way_change_nothing_in_the_end(sales: Callable[..., Sales], options: dict[str, Any]) -> None:
    calm, rough = sales(**options), sales(faults=FaultPlan(every=4, slow_seconds=0.01), **options)
    calm.zone.extract(calm.connector)
    rough.zone.extract(rough.connector)
    assert without_links(rough.everything()) == without_links(calm.everything())


def without_links(streams: dict[str, Any]) -> Any:
    """Records without the addresses that name the port they came from."""
    return {
        name: {key: {k: v for k, v in row.items() if not k.startswith("_links")} for key, row in rows.items()}
        for name, rows in streams.items()
    }


@pytest.mark.parametrize("api_filter", [True, False])
def test_a_first_load_that_is_broken_off_again_and_again_ends_like_an_unbroken_one(sales: Callable[..., Sales], api_filter: bool) -> None:
    one = sales(api_filter=api_filter)
    whole = one.fresh_zone()
    whole.extract(one.connect(whole))
    breaks = one.zone.extract_with_breaks(one.connector, one.connector._api, "_ask", first=2)
    assert breaks > 5
    assert one.everything() == one.everything(whole)


def test_oauth_tokens_rotate_and_a_refused_access_token_costs_one_refresh(sales: Callable[..., Sales]) -> None:
    one = sales()
    desk = one.store.tokens
    options = {
        "token": None, "client_id": desk.client_id, "client_secret": desk.client_secret, "redirect_uri": desk.redirect_uri,
        "refresh_token": "sandbox-refresh-0",
    }  # fmt: skip
    connector = one.connect(**options)
    one.zone.extract(connector, "users")
    assert desk.issued == 1
    desk.revoke_access()
    one.zone.extract(connector, "users")
    assert desk.issued == 2
    one.zone.extract(one.connect(**options), "users")  # the next process begins with the saved pair, not with the spent token
    assert desk.issued == 2
    desk.revoke_access()
    desk.refresh.clear()
    with pytest.raises(PermanentError, match="authorise the integration in amoCRM anew"):
        one.zone.extract(one.connect(**options), "users")


def test_a_lost_answer_to_a_refresh_is_not_repeated(sales: Callable[..., Sales]) -> None:
    one = sales(faults=FaultPlan(every=1, kinds=("reset",), paths=("/oauth2/",)))
    desk = one.store.tokens
    secrets = {"client_id": desk.client_id, "client_secret": desk.client_secret, "redirect_uri": desk.redirect_uri}
    connector = one.connect(token=None, refresh_token="sandbox-refresh-0", **secrets)
    for _ in range(2):
        with pytest.raises(PermanentError, match="answer to the token refresh was lost"):
            connector.check()
    assert len(one.log.to("/oauth2/")) == 1


@pytest.mark.parametrize(
    ("options", "token", "told"),
    [
        ({}, "wrong", "refuses the access token"),
        ({"unpaid": True}, LONG_LIVED_TOKEN, "is not paid"),
        ({"requests_per_second": 1, "block_after": 0}, LONG_LIVED_TOKEN, "blocks this computer's IP address"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence_and_not_tried_again(
    sales: Callable[..., Sales], options: dict[str, Any], token: str, told: str
) -> None:
    one = sales(**options)
    with pytest.raises(PermanentError, match=told) as caught:
        one.connect(token=token).check()
    assert len(one.log) == 1
    assert token not in str(caught.value) or token == "wrong"


def test_the_check_names_the_account_and_the_filter_option(sales: Callable[..., Sales]) -> None:
    assert "answers." in sales().connector.check()
    assert "filter option is off" in sales(api_filter=False).connector.check()


def test_a_token_about_to_end_is_announced_once(sales: Callable[..., Sales]) -> None:
    one = sales()
    token = long_lived_token(int((datetime.now(UTC) + timedelta(days=5)).timestamp()), "example")
    one.store.tokens.long_lived.add(token)
    connector = one.connect(token=token)
    one.zone.extract(connector, "users", "pipelines")
    assert len([note for note in one.zone.notes if "token ends on" in note]) == 1


def test_a_next_link_to_another_host_is_never_followed(serve: Serve, zone_of: Zones) -> None:
    asked: list[str] = []

    async def other(request: Any) -> Response:
        asked.append(str(request.url))
        return Response(status_code=204)

    evil = serve(Starlette(routes=[Route("/{path:path}", other)]))

    async def users(request: Any) -> Response:
        if request.query_params.get("page") == "2":
            return Response(status_code=204, media_type="text/html")
        links = {"next": {"href": f"{evil}/api/v4/users?page=2"}}
        return JSONResponse({"_page": 1, "_links": links, "_embedded": {"users": [{"id": 1, "name": "А"}, "rubbish", {"name": "без id"}]}})

    zone = zone_of(SOURCE)
    connector = zone.connect(url=serve(Starlette(routes=[Route("/api/v4/users", users)])), token="abcdef", requests_per_second=0)
    result = zone.extract(connector, "users")["users"]
    assert asked == []
    assert (result.received, result.rejected) == (1, 2)


def test_options_refuse_half_a_configuration() -> None:
    for options in (
        {"url": "https://example.amocrm.ru"},
        {"url": "https://www.amocrm.ru", "token": "abcd"},
        {"url": "example.amocrm.ru", "token": "abcd"},
        {"url": "https://example.amocrm.ru", "token": "abcd", "client_id": "x"},
        {"url": "https://example.amocrm.ru", "token": "abcd", "colour": "red"},
    ):
        with pytest.raises(ValidationError):
            SOURCE.options.model_validate(options)
    assert "abcd" not in repr(SOURCE.options.model_validate({"url": "https://example.kommo.com/", "token": "abcd"}))


@pytest.mark.parametrize(("body", "is_denial"), [("<html>403 Forbidden</html>", False), ("", False), ("Forbidden", False), ("{}", True)])
def test_a_refusal_that_is_no_problem_object_is_a_block_of_the_address(body: str, is_denial: bool) -> None:
    """A block stops the whole source; a denied list is only left out, and the next one asked for."""
    found = explain(Answer(403, text=body), "sales")
    assert isinstance(found, PermanentError)
    assert isinstance(found, DeniedError) is is_denial
    assert ("IP address" in str(found)) is not is_denial


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("https://example.amocrm.ru/leads/pipeline/5/", "https://example.amocrm.ru"),
        ("https://example.kommo.com/api/v4/", "https://example.kommo.com"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://gateway.local/crm/sales/", "http://gateway.local/crm/sales"),
        ("http://gateway.local/crm/api/v4", "http://gateway.local/crm"),
    ],
)
def test_the_account_is_found_from_any_of_its_pages_and_behind_a_gateway(given: str, asked: str) -> None:
    options = SOURCE.options.model_validate({"url": given, "token": "abcd"})
    assert isinstance(options, AmoOptions)
    assert options.url == asked


def test_a_lesser_list_that_the_account_lacks_or_hides_is_told_and_left_out(sales: Callable[..., Sales]) -> None:
    one = sales()
    get = one.connector._api.get

    def refusing(path: str, query: Any = ()) -> Any:
        if path == "leads/unsorted":
            message = "there is nothing at /api/v4/leads/unsorted (404)."
            raise GoneError(message)
        if path == "tasks":
            message = "amoCRM denies access (403)."
            raise DeniedError(message)
        return get(path, query)

    one.connector._api.get = refusing
    one.zone.extract(one.connector)
    assert set(one.zone.records("leads")) == past(one.store, "leads")
    assert [note.partition(":")[0] for note in one.zone.notes] == ["unsorted is not loaded", "tasks is not loaded"]

"""The local amoCRM shows each trap of the real one, over a small hand-made account."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from ingestion.sandbox.amocrm_events import event
from ingestion.sandbox.amocrm_server import AmoCrmOptions, serve
from ingestion.sandbox.amocrm_store import AmoCrmStore, Collection
from ingestion.sandbox.amocrm_tokens import LONG_LIVED_TOKEN
from tests.peer_client import PeerClient

NOW = 1_774_915_200
ACCOUNT = {"id": 7, "subdomain": "sample", "currency": "RUB", "version": 12, "_embedded": {"users_groups": [{"id": 0, "name": "Отдел"}]}}
BEARER = {"Authorization": f"Bearer {LONG_LIVED_TOKEN}"}


@dataclass
class Clock:
    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Peer:
    client: PeerClient
    store: AmoCrmStore
    clock: Clock
    log: Any = field(repr=False)

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v4/{path}", headers=BEARER)

    def ids(self, path: str, entity: str = "leads") -> list[Any]:
        answer = self.get(path)
        return [] if answer.status_code == 204 else [row["id"] for row in answer.json()["_embedded"][entity]]


def lead(number: int, updated_at: int = 0, **more: Any) -> dict[str, Any]:
    row = {
        "id": number,
        "name": f"Сделка {number}",
        "price": 100,
        "responsible_user_id": 1,
        "status_id": 10,
        "pipeline_id": 5,
        "source_id": 77,
        "created_by": 1,
        "updated_by": 1,
        "created_at": 1_000,
        "updated_at": updated_at or 1_000 + number,
        "closed_at": None,
        "is_deleted": False,
        "custom_fields_values": None,
        "_embedded": {"tags": [], "companies": [], "contacts": [{"id": 3, "is_main": True}], "loss_reason": [{"id": 9, "name": "Дорого"}]},
    }
    return row | more


def peer(leads: int = 10, **options: Any) -> Peer:
    clock = Clock()
    store = AmoCrmStore(ACCOUNT, {"leads": Collection(lead(number) for number in range(1, leads + 1))}, clock)
    app = serve(store, AmoCrmOptions(**options))
    return Peer(PeerClient(app), store, clock, app.state.log)


def test_without_a_token_the_answer_is_a_problem_document() -> None:
    answer = peer().client.get("/api/v4/leads")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 401


def test_a_refresh_kills_the_old_refresh_token_and_access_tokens_end() -> None:
    one = peer()
    request = {
        "client_id": one.store.tokens.client_id,
        "client_secret": one.store.tokens.client_secret,
        "redirect_uri": one.store.tokens.redirect_uri,
        "grant_type": "refresh_token",
        "refresh_token": "sandbox-refresh-0",
    }
    first = one.client.post("/oauth2/access_token", json=request)
    assert first.status_code == 200
    pair = first.json()
    assert pair["expires_in"] == 86_400
    assert one.client.post("/oauth2/access_token", json=request).json()["hint"] == "Token has been revoked"
    bearer = {"Authorization": f"Bearer {pair['access_token']}"}
    assert one.client.get("/api/v4/leads", headers=bearer).status_code == 200
    one.clock.now += 86_401
    assert one.client.get("/api/v4/leads", headers=bearer).status_code == 401
    assert one.client.post("/oauth2/access_token", json=request | {"refresh_token": pair["refresh_token"]}).status_code == 200


def test_a_long_lived_token_tells_when_it_ends() -> None:
    one = peer()
    token = one.store.tokens.grant(NOW + 10, "sample")
    claims = token.split(".")[1]
    assert orjson.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"] == NOW + 10
    bearer = {"Authorization": f"Bearer {token}"}
    assert one.client.get("/api/v4/leads", headers=bearer).status_code == 200
    one.clock.now += 10
    assert one.client.get("/api/v4/leads", headers=bearer).status_code == 401


def test_an_authorization_code_works_once_and_only_with_the_registered_redirect() -> None:
    one = peer()
    request = {
        "client_id": one.store.tokens.client_id,
        "client_secret": one.store.tokens.client_secret,
        "redirect_uri": "https://elsewhere.example",
        "grant_type": "authorization_code",
        "code": "sandbox-code",
    }
    assert one.client.post("/oauth2/access_token", json=request).status_code == 400
    request["redirect_uri"] = one.store.tokens.redirect_uri
    assert one.client.post("/oauth2/access_token", json=request).status_code == 200
    assert one.client.post("/oauth2/access_token", json=request).status_code == 400


def test_account_shows_the_filter_flag_only_when_asked_and_an_empty_object_as_a_list() -> None:
    one = peer(api_filter=False)
    plain = one.get("account").json()
    assert "is_api_filter_enabled" not in plain
    assert plain["_embedded"] == []
    full = one.get("account?with=is_api_filter_enabled,users_groups").json()
    assert full["is_api_filter_enabled"] is False
    assert full["_embedded"]["users_groups"][0]["name"] == "Отдел"


def test_pages_are_linked_and_past_the_end_comes_204_without_a_body() -> None:
    one = peer(leads=5, short_pages=False)
    first = one.get("leads?limit=2").json()
    assert first["_page"] == 1
    assert "page=2" in first["_links"]["next"]["href"]
    assert "prev" not in first["_links"]
    last = one.get("leads?limit=2&page=3").json()
    assert "next" not in last["_links"]
    past = one.get("leads?limit=2&page=4")
    assert past.status_code == 204
    assert past.content == b""


def test_next_links_keep_the_whole_query_and_lead_back_here() -> None:
    one = peer(leads=5, short_pages=False)
    first = one.get("leads?limit=2&with=contacts&filter[updated_at][from]=1001&order[updated_at]=asc")
    following = one.client.get(first.json()["_links"]["next"]["href"], headers=BEARER).json()
    assert [row["id"] for row in following["_embedded"]["leads"]] == [3, 4]
    assert "contacts" in following["_embedded"]["leads"][0]["_embedded"]


def test_bare_next_links_forget_the_query() -> None:
    href = peer(leads=5, bare_next_links=True).get("leads?limit=2&with=contacts").json()["_links"]["next"]["href"]
    assert href.endswith("/api/v4/leads?page=2")


def test_a_short_page_is_not_the_last_and_nothing_is_lost() -> None:
    one = peer(leads=20)
    pages = [one.ids(f"leads?limit=4&page={number}") for number in range(1, 8)]
    assert [len(page) for page in pages] == [4, 3, 4, 4, 3, 2, 0]
    assert [number for page in pages for number in page] == list(range(1, 21))


@pytest.mark.parametrize("limit", ["0", "251", "many"])
def test_more_than_250_or_less_than_one_record_cannot_be_asked(limit: str) -> None:
    assert peer().get(f"leads?limit={limit}").status_code == 400


def test_without_a_limit_a_page_has_50() -> None:
    assert len(peer(leads=60, short_pages=False).ids("leads")) == 50


def test_a_range_includes_both_ends_and_a_bare_number_is_equality() -> None:
    one = peer()
    assert one.ids("leads?filter[updated_at][from]=1003&filter[updated_at][to]=1005") == [3, 4, 5]
    assert one.ids("leads?filter[updated_at]=1003") == [3]
    assert one.get("leads?filter[updated_at]=999").status_code == 204


def test_with_the_option_off_the_filter_is_silently_ignored_but_order_is_not() -> None:
    one = peer(api_filter=False)
    assert len(one.ids("leads?filter[updated_at][from]=999999")) == 10
    assert one.ids("leads?filter[updated_at][from]=999999&order[updated_at]=desc&limit=2") == [10, 9]


def test_filters_of_tasks_and_notes_work_without_the_option() -> None:
    one = peer(api_filter=False)
    one.store.add("tasks", {"id": 1, "updated_at": 10, "created_at": 10, "is_completed": True})
    one.store.add("tasks", {"id": 2, "updated_at": 20, "created_at": 10, "is_completed": False})
    one.store.add("contacts/notes", {"id": 5, "note_type": "call_in", "updated_at": 10, "created_at": 10, "entity_id": 1})
    one.store.add("contacts/notes", {"id": 6, "note_type": "common", "updated_at": 20, "created_at": 10, "entity_id": 1})
    assert one.ids("tasks?filter[is_completed]=0", "tasks") == [2]
    assert one.ids("tasks?filter[updated_at][to]=10", "tasks") == [1]
    assert one.ids("contacts/notes?filter[note_type][]=call_in&filter[note_type][]=call_out", "notes") == [5]


def test_statuses_are_filtered_by_pairs() -> None:
    one = peer()
    one.store.move(4, 142)
    query = "leads?filter[statuses][0][pipeline_id]=5&filter[statuses][0][status_id]=142"
    assert one.ids(query) == [4]


def test_with_decides_what_is_shown() -> None:
    one = peer()
    plain = one.get("leads").json()["_embedded"]["leads"][0]
    assert plain["source_id"] is None
    assert set(plain["_embedded"]) == {"tags", "companies"}
    full = one.get("leads?with=contacts,loss_reason,source_id").json()["_embedded"]["leads"][0]
    assert full["source_id"] == 77
    assert isinstance(full["_embedded"]["loss_reason"], list)
    assert full["_embedded"]["contacts"][0]["is_main"] is True
    assert full["custom_fields_values"] is None


def test_rows_drift_while_they_are_paged() -> None:
    one = peer(leads=6, short_pages=False)
    first = one.ids("leads?limit=3&order[updated_at]=asc")
    one.store.edit("leads", 1)
    second = one.ids("leads?limit=3&order[updated_at]=asc&page=2")
    assert first == [1, 2, 3]
    assert second == [5, 6, 1]  # 4 has slipped between the pages


def test_a_deleted_lead_leaves_the_lists_and_an_event_tells() -> None:
    one = peer()
    one.store.delete("leads", 3)
    assert 3 not in one.ids("leads")
    assert one.get("leads/3").status_code == 204
    deleted = one.get("leads?with=only_deleted").json()["_embedded"]["leads"]
    assert [(row["id"], row["is_deleted"]) for row in deleted] == [(3, True)]
    told = one.get(f"events?filter[type]=lead_deleted&filter[created_at]={NOW},{NOW}").json()["_embedded"]["events"]
    assert [(row["entity_id"], row["entity_type"]) for row in told] == [(3, "lead")]
    one.store.restore("leads", 3)
    assert 3 in one.ids("leads")
    assert one.get("leads?with=only_deleted").status_code == 204


def test_a_merged_lead_disappears_without_an_event_of_its_own() -> None:
    one = peer()
    one.store.merge("leads", keep=2, gone=9)
    assert 9 not in one.ids("leads")
    kinds = {(row["type"], row["entity_id"]) for row in one.get("events").json()["_embedded"]["events"]}
    assert kinds == {("entity_merged", 2)}


def test_a_stage_change_is_an_event_with_arrays_of_one_object() -> None:
    one = peer()
    one.store.move(1, 142, at=NOW + 5)
    changed = one.get("events?filter[type][]=lead_status_changed").json()["_embedded"]["events"][0]
    assert changed["value_before"] == [{"lead_status": {"id": 10, "pipeline_id": 5}}]
    assert changed["value_after"] == [{"lead_status": {"id": 142, "pipeline_id": 5}}]
    assert changed["created_at"] == NOW + 5
    assert isinstance(changed["id"], str)
    assert one.get("leads/1").json()["closed_at"] == NOW + 5


def many_events(one: Peer, count: int) -> None:
    for number in range(count):
        made = event("lead_added", "leads", number, 100 + number, account=ACCOUNT, nonce=str(number))
        one.store.collection("events").put(made)


def test_events_have_no_order_and_take_windows_in_both_notations() -> None:
    one = peer()
    many_events(one, 40)
    moments = [row["created_at"] for row in one.get("events?limit=100").json()["_embedded"]["events"]]
    assert sorted(moments) == list(range(100, 140))
    assert moments != sorted(moments)
    for window in ("filter[created_at]=110,119", "filter[created_at][from]=110&filter[created_at][to]=119"):
        found = one.get(f"events?{window}").json()["_embedded"]["events"]
        assert sorted(row["created_at"] for row in found) == list(range(110, 120))


def test_events_come_at_most_100_a_page_where_the_account_says_so() -> None:
    one = peer(events_per_page=100, short_pages=False)
    many_events(one, 120)
    first = one.get("events?limit=250").json()
    assert len(first["_embedded"]["events"]) == 100
    assert "next" in first["_links"]


@pytest.mark.parametrize(
    "query",
    [
        "filter[entity_id]=1",
        "filter[entity]=lead,contact&filter[entity_id]=1",
        "filter[entity]=lead&filter[entity_id]=" + ",".join(str(number) for number in range(11)),
        "filter[type]=lead_added,custom_field_5_value_changed",
        "order[created_at]=asc&filter[created_at]=soon",
    ],
)
def test_events_refuse_what_the_documentation_forbids(query: str) -> None:
    assert peer().get(f"events?{query}").status_code == 400


def test_too_many_requests_are_answered_in_plain_text_and_stubbornness_with_an_ip_block() -> None:
    one = peer(requests_per_second=7, block_after=3)
    answers = [one.get("leads") for _ in range(12)]
    assert [answer.status_code for answer in answers[:7]] == [200] * 7
    assert answers[7].status_code == 429
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(answers[7].content)
    assert answers[-1].status_code == 403
    assert b"nginx" in answers[-1].content


def test_lists_answer_304_when_nothing_changed_since() -> None:
    one = peer()
    marked = one.get("leads").headers["last-modified"]
    headers = BEARER | {"If-Modified-Since": marked}
    assert one.client.get("/api/v4/leads", headers=headers).status_code == 304
    one.store.edit("leads", 1)
    assert one.client.get("/api/v4/leads", headers=headers).status_code == 200


def test_an_unpaid_account_answers_402_and_an_unknown_path_404() -> None:
    assert peer(unpaid=True).get("leads").status_code == 402
    assert peer().get("deals").status_code == 404


def test_dictionaries_come_whole_with_their_count() -> None:
    one = peer()
    one.store.collection("leads/loss_reasons").put({"id": 9, "name": "Дорого", "sort": 1})
    body = one.get("leads/loss_reasons").json()
    assert body["_total_items"] == 1
    assert "_page" not in body
    assert one.get("leads/pipelines").status_code == 204


def test_a_silent_change_leaves_the_time_of_change_alone() -> None:
    one = peer()
    one.store.edit("leads", 1, silent=True, name="Другое")
    assert one.get("leads/1").json()["updated_at"] == 1001
    assert one.ids("leads?filter[updated_at][from]=1002") == list(range(2, 11))


def test_a_link_changes_no_time_but_leaves_an_event() -> None:
    one = peer()
    one.store.link(2, 55)
    row = one.get("leads/2?with=contacts").json()
    assert ([contact["id"] for contact in row["_embedded"]["contacts"]], row["updated_at"]) == ([3, 55], 1002)
    told = one.get("events?filter[type]=entity_linked").json()["_embedded"]["events"][0]
    assert told["value_after"] == [{"link": {"entity": {"type": "contact", "id": 55}}}]


def test_every_request_is_logged_with_its_answer() -> None:
    one = peer()
    one.get("leads?limit=2")
    logged = one.log.to("/leads")[0]
    assert (logged.status, logged.arguments["limit"], logged.fault) == (200, "2", None)

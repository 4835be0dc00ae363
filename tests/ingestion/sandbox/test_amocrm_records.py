"""The sandbox company's amoCRM account says what the company's truth says, in amoCRM's shapes and with its dirt."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from ingestion.sandbox.amocrm_fields import CARD_FIELDS
from ingestion.sandbox.amocrm_records import company_store
from ingestion.sandbox.amocrm_server import build_app
from ingestion.sandbox.amocrm_store import AmoCrmStore
from ingestion.sandbox.amocrm_tokens import LONG_LIVED_TOKEN
from ingestion.sandbox.company import Company, build_company
from tests.peer_client import PeerClient


@pytest.fixture(scope="module")
def company() -> Company:
    built = build_company(scale=0.1)
    # somebody has deleted the newest deal
    deals = list(built.deals)
    place = max(number for number, deal in enumerate(deals) if deal.system == "amocrm")
    deals[place] = replace(deals[place], deleted_at=built.now)
    return replace(built, deals=tuple(deals))


@pytest.fixture(scope="module")
def store(company: Company) -> AmoCrmStore:
    return company_store(company)


def rows(store: AmoCrmStore, name: str) -> list[dict[str, Any]]:
    return list(store.collection(name).rows.values())


def test_every_deal_is_a_lead_or_in_the_bin(company: Company, store: AmoCrmStore) -> None:
    live = {deal.crm_id for deal in company.deals_of("amocrm") if deal.deleted_at is None}
    assert set(store.collection("leads").rows) == live
    assert len(store.trash["leads"]) == 1


def test_stage_changes_are_the_deals_entries_but_the_first(company: Company, store: AmoCrmStore) -> None:
    told = defaultdict(list)
    for event in rows(store, "events"):
        if event["type"] == "lead_status_changed":
            after, before = event["value_after"][0]["lead_status"], event["value_before"][0]["lead_status"]
            told[event["entity_id"]].append(
                (event["created_at"], event["id"], (before["pipeline_id"], before["id"]), (after["pipeline_id"], after["id"]))
            )
    assert told
    for deal in company.deals_of("amocrm"):
        stages = [(entry.pipeline_id, int(entry.stage_id)) for entry in deal.entries]
        changes = sorted(told[deal.crm_id])
        assert [(before, after) for _, _, before, after in changes] == list(pairwise(stages))
        assert [at for at, *_ in changes] == [int(entry.at.timestamp()) for entry in deal.entries[1:]]


def test_events_are_the_same_each_time(company: Company, store: AmoCrmStore) -> None:
    again = company_store(company)
    assert set(again.collection("events").rows) == set(store.collection("events").rows)


def test_calls_are_notes_and_the_same_call_may_be_several(company: Company, store: AmoCrmStore) -> None:
    notes = [note for entity in ("leads", "contacts", "companies") for note in rows(store, f"{entity}/notes")]
    calls = [note for note in notes if note["note_type"] in {"call_in", "call_out"}]
    expected = {call.uniq for call in company.calls if call.system == "amocrm" and call.direction != "internal"}
    assert {note["params"]["uniq"] for note in calls} == expected
    assert len(calls) > len(expected)
    assert len({note["id"] for note in notes}) == len(notes)
    assert {type(note["params"]["duration"]) for note in calls} == {int, str}
    assert any("call_status" not in note["params"] for note in calls)
    assert any(note["params"] == [] for note in notes)


def test_won_and_lost_are_the_same_ids_in_every_pipeline(store: AmoCrmStore) -> None:
    for pipeline in rows(store, "leads/pipelines"):
        statuses = {status["id"]: status for status in pipeline["_embedded"]["statuses"]}
        assert {142, 143} <= set(statuses)
        assert [status["type"] for status in statuses.values()].count(1) == 1


def test_unknown_ids_are_null_zero_or_negative(store: AmoCrmStore) -> None:
    kinds = {row["loss_reason_id"] for row in rows(store, "leads") if not row["_embedded"]["loss_reason"]}
    assert kinds == {None, 0, -1}
    assert all(isinstance(row["_embedded"]["loss_reason"], list) for row in rows(store, "leads"))


def test_users_are_told_active_by_their_rights(company: Company, store: AmoCrmStore) -> None:
    active = {user["id"]: user["rights"]["is_active"] for user in rows(store, "users")}
    assert active == {one.amo_id: one.is_active for one in company.managers if one.amo_id is not None}


def test_cards_carry_what_was_typed(company: Company, store: AmoCrmStore) -> None:
    spelt = set()
    tax_ids = {}
    for row in rows(store, "companies"):
        for entry in row["custom_fields_values"] or []:
            if entry["field_code"] == "PHONE":
                spelt |= set(entry["values"][0])
            if entry["field_name"] == "ИНН":
                assert entry["field_code"] is None
                tax_ids[row["id"]] = entry["values"][0]["value"]
    assert {"enum", "enum_code"} <= spelt
    cards = [card for card in company.cards_of("amocrm") if card.kind == "company"]
    assert tax_ids == {card.id: card.tax_id for card in cards if card.tax_id}
    assert any(row["custom_fields_values"] is None for row in rows(store, "leads"))
    assert {field.name for field in CARD_FIELDS["companies"]} == {row["name"] for row in rows(store, "companies/custom_fields")}


def test_unsorted_holds_what_nobody_has_accepted(company: Company, store: AmoCrmStore) -> None:
    waiting = {one.uid for one in company.leads if one.system == "amocrm" and one.status == "open"}
    assert set(store.collection("leads/unsorted").rows) == waiting
    assert waiting


def test_minor_units_are_beside_the_cut_price(company: Company) -> None:
    dear = replace(company, deals=tuple(replace(deal, amount=deal.amount + deal.amount.__class__("0.99")) for deal in company.deals))
    row = rows(company_store(dear, minor_units=True), "leads")[0]
    assert row["price_with_minor_units"] == pytest.approx(int(row["price"]) + 0.99)


def test_the_whole_account_can_be_walked_and_moved_on_a_day(company: Company) -> None:
    app = build_app(company)
    client = PeerClient(app)
    bearer = {"Authorization": f"Bearer {LONG_LIVED_TOKEN}"}
    seen: list[int] = []
    path = "/api/v4/leads?limit=50&with=contacts,loss_reason"
    while path:
        body = client.get(path, headers=bearer).json()
        seen += [row["id"] for row in body["_embedded"]["leads"]]
        path = body["_links"].get("next", {}).get("href", "").replace("http://peer.test", "")
    assert sorted(seen) == sorted(app.state.store.collection("leads").rows)
    born = replace(company.deals_of("amocrm")[-1], number=len(company.deals) + 1, crm_id=max(seen) + 100, deleted_at=None)
    app.state.store.become(company_store(replace(company, deals=(*company.deals, born))))
    fresh = client.get("/api/v4/leads?limit=250&order[id]=desc", headers=bearer).json()["_embedded"]["leads"]
    assert fresh[0]["id"] == born.crm_id


def test_a_later_day_adds_events_and_rewrites_none(company: Company, store: AmoCrmStore) -> None:
    before, after = store.collection("events").rows, company_store(company.evolve(2)).collection("events").rows
    assert before.items() <= after.items()
    fresh = [event["created_at"] for key, event in after.items() if key not in before]
    assert fresh
    assert min(fresh) >= company.now.timestamp()


def test_a_changed_lead_has_a_later_time_of_change(company: Company, store: AmoCrmStore) -> None:
    before, after = store.collection("leads").rows, company_store(company.evolve(2)).collection("leads").rows
    changed = [key for key in before.keys() & after.keys() if before[key] != after[key]]
    assert changed
    assert all(after[key]["updated_at"] > before[key]["updated_at"] for key in changed)

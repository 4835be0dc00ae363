"""The sandbox company's Bitrix24 portal says what the company's truth says, in Bitrix24's shapes and with its dirt."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from ingestion.sandbox.bitrix24_records import company_portal
from ingestion.sandbox.bitrix24_server import build_app
from ingestion.sandbox.bitrix24_store import PortalStore
from ingestion.sandbox.bitrix24_tokens import WEBHOOK_CODE
from ingestion.sandbox.company import Company, build_company
from tests.peer_client import PeerClient


@pytest.fixture(scope="module")
def company() -> Company:
    return build_company(scale=0.2)


@pytest.fixture(scope="module")
def store(company: Company) -> PortalStore:
    return company_portal(company)


def rows(store: PortalStore, name: str) -> list[dict[str, Any]]:
    return list(store.table(name).rows.values())


def test_stage_history_is_the_deals_entries(company: Company, store: PortalStore) -> None:
    told = defaultdict(list)
    for entry in rows(store, "deal_history"):
        told[entry["OWNER_ID"]].append(entry)
    for deal in company.deals_of("bitrix24"):
        history = sorted(told[deal.crm_id], key=lambda entry: entry["ID"])
        assert [entry["STAGE_ID"] for entry in history] == [entry.stage_id for entry in deal.entries]
        assert history[0]["TYPE_ID"] == 1
        assert (history[-1]["TYPE_ID"] == 3) is (deal.status != "open") or history[-1]["TYPE_ID"] == 5


def test_history_keeps_its_numbers_when_a_deal_is_deleted(company: Company, store: PortalStore) -> None:
    gone = company.deals_of("bitrix24")[3]
    later = replace(company, deals=tuple(replace(deal, deleted_at=company.now) if deal is gone else deal for deal in company.deals))
    after = company_portal(later)
    assert gone.crm_id not in after.table("deal").rows
    left = [entry for entry in rows(store, "deal_history") if entry["OWNER_ID"] != gone.crm_id]
    assert rows(after, "deal_history") == left


def test_closedate_is_a_plan_and_date_fields_shift_in_utc(company: Company, store: PortalStore) -> None:
    closed = {deal.crm_id: deal.closed_at for deal in company.deals_of("bitrix24") if deal.closed_at}
    plans = {row["ID"]: row["CLOSEDATE"] for row in rows(store, "deal")}
    assert any(datetime.fromisoformat(plans[number]).date() != moment.date() for number, moment in closed.items())
    assert {plan[11:] for plan in plans.values()} == {"00:00:00+03:00", "03:00:00+03:00"}


def test_leads_tell_by_status_what_became_of_them(company: Company, store: PortalStore) -> None:
    truth = {one.crm_id: one for one in company.leads if one.system == "bitrix24"}
    assert set(store.table("lead").rows) == set(truth)
    meaning = {"open": "P", "converted": "S", "lost": "F"}
    for row in rows(store, "lead"):
        assert row["STATUS_SEMANTIC_ID"] == meaning[truth[row["ID"]].status]
    of_deals = {row["LEAD_ID"] for row in rows(store, "deal")} - {None}
    assert of_deals == {lead.crm_id for lead in truth.values() if lead.deal is not None}


def test_calls_hang_on_people_never_on_deals(company: Company, store: PortalStore) -> None:
    assert {row["CALL_ID"] for row in rows(store, "call")} == {call.uniq for call in company.calls if call.system == "bitrix24"}
    assert {row["CRM_ENTITY_TYPE"] for row in rows(store, "call")} <= {None, "CONTACT", "COMPANY", "LEAD"}
    activities = store.table("activity").rows
    deals = {deal.number: deal.crm_id for deal in company.deals}
    linked = [call for call in company.calls if call.system == "bitrix24" and call.deal is not None]
    assert linked
    for call in linked:
        activity = activities[store.table("call").rows[call.number]["CRM_ACTIVITY_ID"]]
        assert (activity["OWNER_TYPE_ID"], activity["OWNER_ID"]) == (2, deals[call.deal or 0])


def test_product_rows_sum_to_the_deals_lines(company: Company, store: PortalStore) -> None:
    sums: dict[int, float] = defaultdict(float)
    for row in rows(store, "productrow"):
        sums[row["OWNER_ID"]] += row["PRICE"] * row["QUANTITY"]
    for deal in company.deals_of("bitrix24"):
        assert sums[deal.crm_id] == pytest.approx(sum(float(line.price * line.quantity) for line in deal.lines))


def test_stages_have_their_meaning_and_their_funnel(store: PortalStore) -> None:
    stages = [row for row in rows(store, "status") if row["ENTITY_ID"].startswith("DEAL_STAGE")]
    assert {row["EXTRA"]["SEMANTICS"] for row in stages} == {"process", "success", "failure", "apology"}
    assert {row["ENTITY_ID"] for row in stages} == {
        "DEAL_STAGE" if not one["id"] else f"DEAL_STAGE_{one['id']}" for one in store.categories
    }
    assert {row["STAGE_ID"] for row in rows(store, "deal")} <= {row["STATUS_ID"] for row in stages}


def test_foreign_deals_name_their_currency(store: PortalStore) -> None:
    used = {row["CURRENCY_ID"] for row in rows(store, "deal")}
    assert len(used) > 1
    assert used <= {row["CURRENCY"] for row in store.currencies}


def test_the_portal_answers_both_ways(company: Company) -> None:
    app = build_app(company)
    client = PeerClient(app)
    hook = f"/rest/1/{WEBHOOK_CODE}"
    items: list[dict[str, Any]] = []
    last = 0
    while True:
        params = {"entityTypeId": 2, "start": -1, "order": {"id": "ASC"}, "filter": {">id": last}, "select": ["*", "ufCrmInn"]}
        page = client.post(f"{hook}/crm.item.list", json=params).json()["result"]["items"]
        items += page
        if len(page) < 50:
            break
        last = page[-1]["id"]
    old = client.post(f"{hook}/crm.deal.list", json={"start": -1, "select": ["*", "UF_*"]}).json()["result"]
    assert len(items) == len(app.state.store.table("deal"))
    assert {str(value) for value in (items[0]["id"], items[0]["stageId"])} == {old[0]["ID"], old[0]["STAGE_ID"]}
    assert float(old[0]["OPPORTUNITY"]) == pytest.approx(items[0]["opportunity"])


def test_a_later_day_appends_history_and_renumbers_none(company: Company, store: PortalStore) -> None:
    later = company_portal(company.evolve(2))
    for name in ("deal_history", "lead_history", "call"):
        before, after = store.table(name).rows, later.table(name).rows
        assert all(before[key] == after[key] for key in before.keys() & after.keys())
        assert not [key for key in after.keys() - before.keys() if key <= max(before)]
    changed = [key for key, row in later.table("deal").rows.items() if row != store.table("deal").rows.get(key, row)]
    assert changed
    assert all(later.get("deal", key)["DATE_MODIFY"] > store.get("deal", key)["DATE_MODIFY"] for key in changed)

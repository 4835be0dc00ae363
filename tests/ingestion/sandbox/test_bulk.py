"""The benchmark's account gives real pages of big leads that do not compress well."""

from __future__ import annotations

import zlib

from ingestion.sandbox.amocrm_tokens import LONG_LIVED_TOKEN
from ingestion.sandbox.bulk import FIRST_UPDATE, build_app
from tests.peer_client import PeerClient

BEARER = {"Authorization": f"Bearer {LONG_LIVED_TOKEN}"}


def test_leads_are_of_two_kilobytes_and_high_entropy() -> None:
    body = PeerClient(build_app(600)).get("/api/v4/leads?limit=250&page=2&order[id]=asc", headers=BEARER)
    leads = body.json()["_embedded"]["leads"]
    assert [lead["id"] for lead in leads] == list(range(251, 501))
    size = len(body.content)
    assert 1_900 < size / 250 < 2_200
    assert len(zlib.compress(body.content, 6)) > size * 0.4


def test_windows_of_change_select_as_in_any_account() -> None:
    client = PeerClient(build_app(100))
    query = f"filter[updated_at][from]={FIRST_UPDATE + 10}&filter[updated_at][to]={FIRST_UPDATE + 12}&order[updated_at]=desc"
    leads = client.get(f"/api/v4/leads?{query}", headers=BEARER).json()["_embedded"]["leads"]
    assert [lead["id"] for lead in leads] == [12, 11, 10]
    assert client.get("/api/v4/contacts", headers=BEARER).status_code == 204

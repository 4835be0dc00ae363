"""The local Yandex Direct Reports service behaves as the documentation says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from ingestion.sandbox.yandex_direct_reports import CampaignRow
from ingestion.sandbox.yandex_direct_server import TOKEN, DirectStore, YandexDirectOptions, serve
from tests.peer_client import PeerClient

PLAIN = {"skipReportHeader": "true", "skipReportSummary": "true", "returnMoneyInMicros": "false"}


@dataclass
class Peer:
    client: PeerClient
    store: DirectStore

    def ask(self, headers: dict[str, str] | None = None, **changes: Any) -> httpx.Response:
        params = {
            "SelectionCriteria": {"DateFrom": "2026-03-01", "DateTo": "2026-03-31"},
            "FieldNames": ["Date", "CampaignId", "Impressions", "Clicks", "Cost"],
            "ReportName": "costs 1",
            "ReportType": "CAMPAIGN_PERFORMANCE_REPORT",
            "DateRangeType": "CUSTOM_DATE",
            "Format": "TSV",
            "IncludeVAT": "NO",
        } | changes
        body = {"params": {name: value for name, value in params.items() if value is not None}}
        return self.client.post("/json/v5/reports", json=body, headers={"Authorization": f"Bearer {TOKEN}"} | (headers or {}))


def peer(**options: Any) -> Peer:
    rows = [
        CampaignRow(11, "Поиск", "TEXT_CAMPAIGN", date(2026, 3, 1), 1000, 10, Decimal("123.45")),
        CampaignRow(11, "Поиск", "TEXT_CAMPAIGN", date(2026, 3, 30), 500, 5, Decimal("50.00")),
        CampaignRow(12, "", "TEXT_CAMPAIGN", date(2026, 3, 30), 70, 0, Decimal("0.00")),
    ]
    store = DirectStore({(row.campaign_id, row.day): row for row in rows}, date(2026, 3, 31))
    app = serve(store, YandexDirectOptions(**{"waits": 0} | options))
    return Peer(PeerClient(app), store)


def test_a_report_is_queued_then_running_then_ready() -> None:
    one = peer(waits=3, retry_in=4)
    answers = [one.ask() for _ in range(5)]
    assert [answer.status_code for answer in answers] == [201, 202, 202, 200, 200]
    assert answers[0].headers["retryin"] == "4"
    assert answers[3].content == answers[4].content
    assert peer(waits=3).ask({"processingMode": "online"}).status_code == 200


def test_money_is_in_millionths_unless_refused() -> None:
    assert "\t123450000\n" in peer().ask().text
    assert "\t123.45\n" in peer().ask({"returnMoneyInMicros": "false"}).text


def test_header_columns_and_summary_can_be_left_out() -> None:
    full = peer().ask().text.splitlines()
    assert full[0] == '"costs 1 (2026-03-01 - 2026-03-31)"'
    assert full[1] == "Date\tCampaignId\tImpressions\tClicks\tCost"
    assert full[-1] == "Total rows: 3"
    bare = peer().ask(PLAIN | {"skipColumnHeader": "true"}).text.splitlines()
    assert bare[0] == "2026-03-01\t11\t1000\t10\t123.45"
    assert len(bare) == 3


def test_empty_values_are_two_dashes() -> None:
    rows = peer().ask(PLAIN, FieldNames=["CampaignName", "AvgCpc", "Conversions"]).text.splitlines()
    assert rows[2] == "--\t--\t--"


def test_vat_must_be_chosen_and_is_added_when_wanted() -> None:
    refused = peer().ask(IncludeVAT=None)
    assert refused.status_code == 400
    assert refused.json()["error"]["error_code"] == "4000"
    assert "\t148.14\n" in peer().ask(PLAIN, IncludeVAT="YES").text


def test_a_name_belongs_to_one_body() -> None:
    one = peer()
    assert one.ask().status_code == 200
    assert one.ask(IncludeVAT="YES").status_code == 400
    assert one.ask(IncludeVAT="YES", ReportName="costs 2").status_code == 200


def test_costs_change_afterwards_but_a_made_report_does_not() -> None:
    one = peer()
    before = one.ask(PLAIN).text
    one.store.correct(11, date(2026, 3, 30), clicks=4, cost=Decimal("40.00"))
    assert one.ask(PLAIN).text == before
    assert "2026-03-30\t11\t500\t4\t40.00" in one.ask(PLAIN, ReportName="costs 2").text


@pytest.mark.parametrize(
    "changes",
    [
        {"FieldNames": ["Date", "Weather"]},
        {"DateRangeType": "SOMETIME"},
        {"SelectionCriteria": {"DateFrom": "2026-03-31", "DateTo": "2026-03-01"}},
        {"SelectionCriteria": {}},
        {"ReportType": "WEATHER_REPORT"},
        {"ReportName": None},
    ],
)
def test_bad_requests_are_refused(changes: dict[str, Any]) -> None:
    answer = peer().ask(**changes)
    assert answer.status_code == 400
    assert answer.json()["error"]["error_detail"]


def test_errors_carry_their_codes() -> None:
    one = peer()
    assert one.ask({"Authorization": "Bearer wrong"}).json()["error"]["error_code"] == "53"
    one.store.refusals.extend([152, 506, 1002])
    assert [one.ask().status_code for _ in range(4)] == [400, 400, 500, 200]


def test_too_many_reports_at_once_are_error_9000() -> None:
    one = peer(waits=5, queue=2)
    for number in range(2):
        assert one.ask(ReportName=f"r{number}").status_code == 201
    assert one.ask(ReportName="r2").json()["error"]["error_code"] == "9000"


def test_only_the_agencys_client_is_known() -> None:
    assert peer(client_login="romashka").ask().status_code == 400
    assert peer(client_login="romashka").ask({"Client-Login": "romashka"}).status_code == 200


def test_days_of_a_relative_range_end_yesterday() -> None:
    text = peer().ask(PLAIN, SelectionCriteria={}, DateRangeType="LAST_7_DAYS").text
    assert "2026-03-30" in text
    assert "2026-03-01" not in text


def test_totals_are_grouped_by_the_asked_dimensions() -> None:
    rows = peer().ask(PLAIN, FieldNames=["CampaignId", "Clicks", "Cost"], OrderBy=[{"Field": "CampaignId"}]).text.splitlines()
    assert rows[1:] == ["11\t15\t173.45", "12\t0\t0.00"]

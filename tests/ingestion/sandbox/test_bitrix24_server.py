"""The local Bitrix24 shows each trap of the real one, over a small hand-made portal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from ingestion.sandbox.bitrix24_server import Bitrix24Options, serve
from ingestion.sandbox.bitrix24_store import PortalStore, Table
from ingestion.sandbox.bitrix24_tokens import WEBHOOK_CODE
from ingestion.sandbox.clock import MOSCOW
from tests.peer_client import PeerClient

HOOK = f"/rest/1/{WEBHOOK_CODE}"
STAGES = {"NEW": "P", "EXECUTING": "P", "WON": "S", "LOSE": "F", "C4:NEW": "P"}


@dataclass
class Clock:
    now: float = 1_774_915_200.0

    def __call__(self) -> float:
        return self.now


def deal(number: int, **more: Any) -> dict[str, Any]:
    row = {
        "ID": number,
        "TITLE": f"Сделка {number}",
        "CATEGORY_ID": 0,
        "STAGE_ID": "NEW",
        "STAGE_SEMANTIC_ID": "P",
        "OPPORTUNITY": 12_500.0 if number % 2 else 19_999.99,
        "COMPANY_ID": None,
        "CONTACT_ID": 3,
        "CONTACT_IDS": [3, 4],
        "CLOSED": "N",
        "CLOSEDATE": "2026-05-01T03:00:00+03:00",
        "ASSIGNED_BY_ID": 6,
        "DATE_CREATE": "2026-01-01T10:00:00+03:00",
        "DATE_MODIFY": f"2026-01-{1 + number % 28:02d}T10:00:00+03:00",
        "MOVED_TIME": "2026-01-01T10:00:00+03:00",
        "UF_CRM_ORDER_NUMBER": None,
        "UF_CRM_1700000000001": "x",
    }
    return row | more


def status(number: int) -> dict[str, Any]:
    entity = "DEAL_STAGE" if number > 5 else "SOURCE"
    return {"ID": number, "ENTITY_ID": entity, "SORT": 10 * number, "NAME": "", "STATUS_ID": f"S{number}"}


def contact(number: int) -> dict[str, Any]:
    phones = [{"ID": 900 + number, "VALUE_TYPE": "WORK", "VALUE": "+79990000000", "TYPE_ID": "PHONE"}]
    return {"ID": number, "NAME": "Имя", "DATE_MODIFY": "2026-01-01T10:00:00+03:00", "HAS_PHONE": "Y", "FM": phones}


@dataclass
class Peer:
    client: PeerClient
    store: PortalStore
    clock: Clock
    log: Any

    def call(self, method: str, status: int = 200, **params: Any) -> Any:
        answer = self.client.post(f"{HOOK}/{method}", json=params)
        assert answer.status_code == status, answer.text
        return answer.json()

    def batch(self, commands: Any, **more: Any) -> Any:
        return self.call("batch", cmd=commands, **more)["result"]


def peer(deals: int = 120, **options: Any) -> Peer:
    clock = Clock()
    tables = {
        "deal": Table(deal(number) for number in range(1, deals + 1)),
        "contact": Table(contact(number) for number in range(1, 4)),
        "deal_history": Table(
            [{"ID": 1, "TYPE_ID": 1, "OWNER_ID": 1, "CREATED_TIME": "2026-01-01T10:00:00+03:00", "STAGE_ID": "NEW", "CATEGORY_ID": 0}]
        ),
        "user": Table(
            [
                {"ID": 1, "ACTIVE": True, "NAME": "А", "LAST_NAME": "Б", "TIMESTAMP_X": {}},
                {"ID": 2, "ACTIVE": False, "NAME": "В", "LAST_NAME": "Г", "TIMESTAMP_X": {}},
            ]
        ),
        "call": Table({"ID": number, "CALL_DURATION": number, "RECORD_FILE_ID": 7, "COST": "0.0000"} for number in range(1, 71)),
        "productrow": Table(
            {"ID": number, "OWNER_ID": number, "OWNER_TYPE": "D", "PRICE": 10.5, "PRICE_ACCOUNT": 10.5} for number in (1, 2, 3)
        ),
        "status": Table(status(number) for number in range(1, 66)),
    }
    general = {"id": 0, "name": "Общая", "sort": 300, "entityTypeId": 2, "isDefault": "Y"}
    store = PortalStore(
        tables, [general], [{"CURRENCY": "RUB", "AMOUNT": "1.0000"}], {"deal": {"UF_CRM_ORDER_NUMBER": "Номер"}}, STAGES, clock
    )
    app = serve(store, Bitrix24Options(**options))
    return Peer(PeerClient(app), store, clock, app.state.log)


def test_get_and_post_with_and_without_json_suffix_are_one() -> None:
    one = peer()
    by_post = one.call("crm.item.list.json", entityTypeId=2, filter={">id": 118})
    by_get = one.client.get(f"{HOOK}/crm.item.list?entityTypeId=2&filter[>id]=118").json()
    assert by_post["result"] == by_get["result"]
    assert {"start", "finish", "duration", "processing", "operating", "operating_reset_at"} <= set(by_post["time"])


def test_a_wrong_code_is_no_auth_and_a_token_ends_after_an_hour() -> None:
    one = peer()
    refused = one.client.post("/rest/1/wrong/profile", json={})
    assert (refused.status_code, refused.json()["error"]) == (401, "NO_AUTH_FOUND")
    query = "grant_type=refresh_token&client_id=local.sandbox&client_secret=sandbox-secret&refresh_token=sandbox-refresh-0"
    pair = one.client.get(f"/oauth/token/?{query}").json()
    assert pair["expires_in"] == 3600
    assert one.client.get(f"/oauth/token/?{query}").json()["error"] == "invalid_grant"
    assert one.client.post("/rest/profile", json={"auth": pair["access_token"]}).json()["result"]["ADMIN"] is True
    one.clock.now += 3_601
    ended = one.client.post("/rest/profile", json={"auth": pair["access_token"]})
    assert (ended.status_code, ended.json()["error"]) == (401, "expired_token")
    one.store.tokens.unpaid = True
    assert one.client.get(f"/oauth/token/?{query}").json()["error"] == "PAYMENT_REQUIRED"


def test_offsets_have_total_and_next_and_minus_one_has_neither() -> None:
    one = peer()
    first = one.call("crm.item.list", entityTypeId=2)
    assert (len(first["result"]["items"]), first["total"], first["next"]) == (50, 120, 50)
    last = one.call("crm.item.list", entityTypeId=2, start=100)
    assert len(last["result"]["items"]) == 20
    assert "next" not in last
    walk = one.call("crm.item.list", entityTypeId=2, start=-1, order={"id": "ASC"}, filter={">id": 100})
    assert [item["id"] for item in walk["result"]["items"]] == list(range(101, 121))
    assert "total" not in walk
    assert "next" not in walk


def test_items_are_camel_case_with_real_numbers() -> None:
    item = peer().call("crm.item.list", entityTypeId=2, filter={"id": 1})["result"]["items"][0]
    assert (item["id"], item["opportunity"], item["assignedById"]) == (1, 12_500, 6)
    assert isinstance(item["opportunity"], int)
    assert item["contactIds"] == [3, 4]
    assert item["companyId"] == 0
    assert item["updatedTime"] == "2026-01-02T10:00:00+03:00"
    assert "ufCrmOrderNumber" in item
    assert item["ufCrm_1700000000001"] == "x"


def test_old_lists_are_upper_case_strings() -> None:
    row = peer().call("crm.deal.list", filter={"ID": 1})["result"][0]
    assert (row["ID"], row["OPPORTUNITY"], row["ASSIGNED_BY_ID"], row["COMPANY_ID"]) == ("1", "12500.00", "6", None)
    assert "CONTACT_IDS" not in row
    assert "UF_CRM_ORDER_NUMBER" not in row
    assert peer().call("crm.deal.list", select=["*", "UF_*"], filter={"ID": 1})["result"][0]["UF_CRM_ORDER_NUMBER"] == ""


def test_custom_fields_keep_their_names_when_asked() -> None:
    item = peer().call("crm.item.list", entityTypeId=2, filter={"id": 1}, useOriginalUfNames="Y")["result"]["items"][0]
    assert item["UF_CRM_1700000000001"] == "x"


def test_select_narrows_and_the_id_always_comes() -> None:
    item = peer().call("crm.item.list", entityTypeId=2, select=["title"], filter={"id": 1})["result"]["items"][0]
    assert set(item) == {"id", "title"}


def test_phones_come_only_when_named_or_with_a_star() -> None:
    one = peer()
    assert "PHONE" not in one.call("crm.contact.list", select=["*"])["result"][0]
    named = one.call("crm.contact.list", select=["ID", "PHONE"])["result"][0]
    assert named["PHONE"] == [{"ID": "901", "VALUE_TYPE": "WORK", "VALUE": "+79990000000", "TYPE_ID": "PHONE"}]
    assert "fm" not in one.call("crm.item.list", entityTypeId=3)["result"]["items"][0]
    starred = one.call("crm.item.list", entityTypeId=3, select=["*"])["result"]["items"][0]
    assert starred["fm"] == [{"id": 901, "valueType": "WORK", "value": "+79990000000", "typeId": "PHONE"}]


def test_field_case_matters() -> None:
    one = peer()
    refused = one.call("crm.item.list", status=400, entityTypeId=2, filter={">ID": 100})
    assert refused["error"] == "INVALID_ARG_VALUE"
    assert "'ID' is not allowed" in refused["error_description"]
    # the older methods let an unknown field pass without effect: the same page again
    assert one.call("crm.deal.list", filter={">id": 100}, start=-1)["result"][0]["ID"] == "1"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({">=id": 119}, [119, 120]),
        ({"<id": 3}, [1, 2]),
        ({"<=id": 2}, [1, 2]),
        ({"@id": [5, "7"]}, [5, 7]),
        ({"id": [5, 7]}, [5, 7]),
        ({"!@id": list(range(3, 121))}, [1, 2]),
        ({"=title": "Сделка 8"}, [8]),
        ({"%title": "делка 119"}, [119]),
        ({"=%title": "%дел% 119"}, [119]),
        ({"!id": 1, "<id": 3}, [2]),
        ({"companyId": 0, "<id": 2}, [1]),
        ({"logic": "OR", "0": {"id": 4}, "1": {"id": 9}}, [4, 9]),
    ],
)
def test_filter_prefixes(condition: dict[str, Any], expected: list[int]) -> None:
    items = peer().call("crm.item.list", entityTypeId=2, filter=condition)["result"]["items"]
    assert [item["id"] for item in items] == expected


def test_dates_in_filters_are_compared_as_moments() -> None:
    one = peer()
    for since in ("2026-01-28T10:00:00+03:00", "2026-01-28T07:00:00+00:00", "2026-01-28T10:00:00"):
        items = one.call("crm.item.list", entityTypeId=2, filter={">=updatedTime": since})["result"]["items"]
        assert [item["id"] for item in items] == [27, 55, 83, 111]
    assert one.call("crm.deal.list", filter={">=DATE_MODIFY": "2026-01-28T07:00:01Z"})["total"] == 0


def test_stage_history_is_under_items_and_may_be_text() -> None:
    assert peer().call("crm.stagehistory.list", entityTypeId=2)["result"]["items"][0]["OWNER_ID"] == 1
    assert peer(history_as_text=True).call("crm.stagehistory.list", entityTypeId=2)["result"]["items"][0]["OWNER_ID"] == "1"


def test_moving_a_deal_adds_history_and_leaves_the_plan_alone() -> None:
    one = peer()
    one.store.move("deal", 1, "WON", at=datetime(2026, 3, 1, 12, tzinfo=MOSCOW))
    row = one.call("crm.deal.get", id=1)["result"]
    assert (row["STAGE_SEMANTIC_ID"], row["CLOSED"], row["CLOSEDATE"]) == ("S", "Y", "2026-05-01T03:00:00+03:00")
    assert row["MOVED_TIME"] == "2026-03-01T12:00:00+03:00"
    history = one.call("crm.stagehistory.list", entityTypeId=2, filter={">ID": 1})["result"]["items"]
    assert [(entry["TYPE_ID"], entry["STAGE_ID"]) for entry in history] == [(3, "WON")]
    one.store.move("deal", 2, "C4:NEW", category=4)
    assert one.call("crm.stagehistory.list", entityTypeId=2, filter={"OWNER_ID": 2})["result"]["items"][0]["TYPE_ID"] == 5


def test_a_deletion_leaves_nothing() -> None:
    one = peer()
    one.store.delete("deal", 1)
    assert one.call("crm.deal.get", status=400, id=1) == {"error": "", "error_description": "Not found"}
    assert one.call("crm.stagehistory.list", entityTypeId=2)["result"]["items"] == []
    assert one.call("crm.item.list", entityTypeId=2)["total"] == 119


def test_users_include_the_dismissed_and_have_booleans() -> None:
    one = peer()
    users = one.call("user.get")["result"]
    assert [(user["ID"], user["ACTIVE"], user["TIMESTAMP_X"]) for user in users] == [("1", True, {}), ("2", False, {})]
    assert [user["ID"] for user in one.call("user.get", FILTER={"ACTIVE": True})["result"]] == ["1"]


def test_calls_sort_by_two_strings_and_ignore_an_order_object() -> None:
    one = peer()
    chaotic = [row["ID"] for row in one.call("voximplant.statistic.get", order={"ID": "ASC"})["result"]]
    assert chaotic != sorted(chaotic, key=int)
    ordered = one.call("voximplant.statistic.get", SORT="ID", ORDER="ASC", FILTER={">ID": 60}, start=-1)
    assert [row["ID"] for row in ordered["result"]] == [str(number) for number in range(61, 71)]
    assert ordered["result"][0]["CALL_DURATION"] == "61"
    assert ordered["result"][0]["RECORD_FILE_ID"] == 7


def test_product_rows_need_their_owners() -> None:
    one = peer()
    assert one.call("crm.item.productrow.list", status=400, filter={"=ownerType": "D"})["error"] == 0
    rows = one.call("crm.item.productrow.list", filter={"=ownerType": "D", "@ownerId": [1, 3]})["result"]["productRows"]
    assert [row["ownerId"] for row in rows] == [1, 3]
    old = one.call("crm.deal.productrows.get", id=2)["result"]
    assert (old[0]["ID"], old[0]["PRICE"], old[0]["PRICE_ACCOUNT"]) == ("2", 10.5, "10.50")


def test_dictionaries_are_not_paged_and_the_general_funnel_is_zero() -> None:
    one = peer()
    statuses = one.call("crm.status.list", filter={"ENTITY_ID": "DEAL_STAGE"}, order={"SORT": "ASC"})
    assert len(statuses["result"]) == 60
    assert statuses["result"][0]["SORT"] == "60"
    assert one.call("crm.category.list", entityTypeId=2)["result"]["categories"][0]["id"] == 0
    assert one.call("crm.currency.list")["result"][0]["CURRENCY"] == "RUB"


def test_fields_tell_titles_and_upper_names() -> None:
    one = peer()
    fields = one.call("crm.item.fields", entityTypeId=2)["result"]["fields"]
    assert fields["createdTime"]["upperName"] == "DATE_CREATE"
    assert one.call("crm.deal.fields")["result"]["UF_CRM_ORDER_NUMBER"]["listLabel"] == "Номер"
    assert one.call("crm.deal.userfield.list")["result"][0]["FIELD_NAME"] == "UF_CRM_ORDER_NUMBER"


def test_an_older_portal_knows_only_the_older_methods() -> None:
    one = peer(universal_methods=False)
    assert one.call("crm.item.list", status=404, entityTypeId=2)["error"] == "ERROR_METHOD_NOT_FOUND"
    assert one.call("crm.category.list", status=404, entityTypeId=2)["error"] == "ERROR_METHOD_NOT_FOUND"
    assert one.call("crm.deal.list")["total"] == 120


def test_the_older_list_of_funnels_lacks_the_general_one() -> None:
    one = peer()
    one.store.categories.append({"id": 4, "name": "Тендеры", "sort": 200, "entityTypeId": 2, "isDefault": "N"})
    assert [row["ID"] for row in one.call("crm.dealcategory.list")["result"]] == ["4"]
    assert one.call("crm.dealcategory.default.get")["result"]["NAME"] == "Общая"
    stages = one.call("crm.dealcategory.stage.list", id=0)["result"]
    assert len(stages) == 60
    assert set(stages[0]) == {"NAME", "SORT", "STATUS_ID"}


def test_all_contacts_of_a_deal_are_asked_one_by_one() -> None:
    bindings = peer().call("crm.deal.contact.items.get", id=1)["result"]
    assert [(one["CONTACT_ID"], one["IS_PRIMARY"]) for one in bindings] == [(3, "Y"), (4, "N")]


def test_rights_and_scopes() -> None:
    one = peer(denied=frozenset({"voximplant.statistic.get"}), scopes=frozenset({"crm", "telephony"}))
    assert one.call("voximplant.statistic.get", status=403)["error"] == "ACCESS_DENIED"
    assert one.call("user.get", status=403)["error"] == "insufficient_scope"
    assert one.call("scope")["result"] == ["crm", "telephony"]


def test_a_batch_chains_pages_by_the_last_id() -> None:
    one = peer()
    commands = {
        "a": "crm.deal.list?start=-1&order[ID]=ASC&filter[%3EID]=0&select[0]=ID",
        "b": "crm.deal.list?start=-1&order[ID]=ASC&filter[%3EID]=$result[a][49][ID]&select[0]=ID",
        "c": "crm.item.list?entityTypeId=2&start=-1&order[id]=ASC&filter[%3Eid]=$result[b][49][ID]",
    }
    result = one.batch(commands)["result"]
    assert [row["ID"] for row in result["b"]][::49] == ["51", "100"]
    assert [item["id"] for item in result["c"]["items"]] == list(range(101, 121))


def test_a_reference_to_nothing_begins_again() -> None:
    one = peer(deals=3)
    commands = {"a": "crm.deal.list?start=-1", "b": "crm.deal.list?start=-1&filter[%3EID]=$result[a][49][ID]"}
    assert len(one.batch(commands)["result"]["b"]) == 3


def test_empty_maps_of_a_batch_are_lists_and_numbered_ones_too() -> None:
    one = peer()
    good = one.batch({"users": "user.get"})
    assert good["result_error"] == []
    assert good["result_next"] == []
    assert good["result_total"] == {"users": 2}
    numbered = one.batch(["crm.deal.get?id=", "crm.deal.get?id=100000"])
    assert numbered["result"] == []
    assert numbered["result_error"] == [
        {"error": "", "error_description": "ID is not defined or invalid."},
        {"error": "", "error_description": "Not found"},
    ]


def test_a_batch_halts_when_told_and_may_be_neither_long_nor_nested() -> None:
    one = peer()
    commands = {"bad": "crm.deal.get?id=0x", "good": "profile"}
    assert one.batch(commands, halt=1)["result"] == []
    assert "good" in one.batch(commands, halt=0)["result"]
    assert (
        one.call("batch", status=400, cmd=dict.fromkeys((f"c{number}" for number in range(51)), "profile"))["error"]
        == "ERROR_BATCH_LENGTH_EXCEEDED"
    )
    assert one.batch({"inner": "batch?cmd[a]=profile"})["result_error"]["inner"]["error"] == "ERROR_BATCH_METHOD_NOT_ALLOWED"


def test_the_bucket_overflows_with_503() -> None:
    one = peer(requests_per_second=2, bucket_size=5)
    answers = [one.client.post(f"{HOOK}/profile", json={}) for _ in range(8)]
    assert [answer.status_code for answer in answers[:5]] == [200] * 5
    assert answers[-1].status_code == 503
    assert answers[-1].json()["error"] == "QUERY_LIMIT_EXCEEDED"


def test_one_method_rests_until_its_reset_while_others_work() -> None:
    one = peer(operating_limit=1.0, seconds_of_work=0.5, operating_window=600.0)
    one.call("crm.item.list", entityTypeId=2)
    last = one.call("crm.item.list", entityTypeId=2)["time"]
    assert last["operating"] == 1.0
    assert one.call("crm.item.list", status=429, entityTypeId=2)["error"] == "OPERATION_TIME_LIMIT"
    inner = one.batch({"deals": "crm.item.list?entityTypeId=2", "users": "user.get"})
    assert inner["result_error"]["deals"]["error"] == "OPERATION_TIME_LIMIT"
    assert "users" in inner["result"]
    one.clock.now = last["operating_reset_at"]
    one.call("crm.item.list", entityTypeId=2)


def test_overload_is_a_code_or_an_html_page() -> None:
    assert peer(overload_limit=True).call("profile", status=503)["error"] == "OVERLOAD_LIMIT"
    page = peer(overload_page=True).client.post(f"{HOOK}/profile", json={})
    assert page.headers["content-type"].startswith("text/html")
    assert b"<html>" in page.content

"""Records of amoCRM and Bitrix24 in shapes that their documentation allows and a tidy account never shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from ingestion.discovery import all_sources
from ingestion.engines.duckdb import create_raw_table
from tests.marts.sandbox_warehouse import PublishedSandbox
from tests.properties.compiled import CompiledProject, memory

Rows = list[tuple[Any, ...]]
Made = Callable[[str, Mapping[str, list[dict[str, Any]]], str], Rows]


@pytest.fixture(scope="module")
def made(compiled: CompiledProject, published_sandbox: PublishedSandbox) -> Iterator[Made]:
    """A model over records of a source `s` and no others: columns of it, in the order of the first."""
    connection = memory(published_sandbox.settings.warehouse_file, ("seeds",))
    for source in all_sources().values():
        for stream in source.streams:
            create_raw_table(connection, f"{source.system}__{stream.name}")

    def make(model: str, records: Mapping[str, list[dict[str, Any]]], columns: str) -> Rows:
        for table, payloads in records.items():
            rows = [(str(number), json.dumps(payload)) for number, payload in enumerate(payloads)]
            connection.executemany(f"insert into raw.{table} values ('s', ?, null, now(), 1, 'f', false, ?)", rows)
        wanted = compiled.upstream([model])
        compiled.run(connection, select=lambda one: one.name in wanted)
        found: Rows = connection.execute(f"select {columns} from {compiled.models[model].layer}.{model} order by 1").fetchall()
        for table in records:
            connection.execute(f"delete from raw.{table}")
        return found

    with connection:
        yield make


def deal(number: int, reason: Any) -> dict[str, Any]:
    return {
        "id": number,
        "stageId": "LOSE",
        "stageSemanticId": "F",
        "createdTime": "2026-03-01T10:00:00+03:00",
        "UF_CRM_LOSS_REASON": reason,
    }


def test_a_value_chosen_from_a_list_is_told_by_its_text(made: Made) -> None:
    """A field of the type enumeration holds numbers of entries, one or several; a field of texts holds texts, numbers among them."""
    described = {"type": "enumeration", "items": [{"ID": "45", "VALUE": "Дорого"}, {"ID": 46, "VALUE": "Долго"}]}
    records: dict[str, list[dict[str, Any]]] = {
        "bitrix24__custom_fields": [
            {**described, "_field": "UF_CRM_LOSS_REASON", "_entity": "deal"},
            {"_field": "UF_CRM_INN", "type": "string"},
        ],
        "bitrix24__deals": [deal(1, 45), deal(2, ["46", "45"]), deal(3, "Передумали"), deal(4, ""), deal(5, "47")],
    }
    found = made("int_deal_records__bitrix24", records, "deal_id, loss_reason")
    assert found == [("1", "Дорого"), ("2", "Долго"), ("3", "Передумали"), ("4", None), ("5", "47")]


def test_an_own_field_without_a_value_is_none_and_joins_nobody(made: Made) -> None:
    """PHP sends an empty field of several values as `false` or as an empty list; of several values the first is read."""
    empty: list[Any] = [False, [], [""], {}, "", None]
    records: dict[str, list[dict[str, Any]]] = {
        "bitrix24__deals": [deal(number, value) for number, value in enumerate([*empty, ["Дорого"]])],
        "bitrix24__companies": [
            {"ID": str(number), "TITLE": f"К{number}", "UF_CRM_INN": value, "UF_CRM_ONEC_CODE": value, "PHONE": False}
            for number, value in enumerate([*empty, ["7701234567"]])
        ],
    }
    reasons = made("int_deal_records__bitrix24", {"bitrix24__deals": records["bitrix24__deals"]}, "deal_id, loss_reason")
    assert [reason for _, reason in reasons] == [None] * 6 + ["Дорого"]
    found = made("int_customer_identifiers__bitrix24", {"bitrix24__companies": records["bitrix24__companies"]}, "identifier_kind, card_key")
    assert found == [("crm_code", "s:company:6"), ("tax_id", "s:company:6")]


def test_what_hangs_on_a_lead_is_of_the_leads_customer(made: Made) -> None:
    """Call statistics name a contact, a company or a lead, whose own company goes before its contact."""
    call = {"CALL_TYPE": "2", "CALL_DURATION": "30", "CALL_FAILED_CODE": "200", "CALL_START_DATE": "2026-03-01T10:00:00+03:00"}
    owners = [("LEAD", "7"), ("LEAD", 8), ("LEAD", "9"), ("CONTACT", "7"), (None, None), ("LEAD", "10")]
    records: dict[str, list[dict[str, Any]]] = {
        "bitrix24__leads": [
            {"id": 7, "companyId": 5, "contactId": 6},
            {"ID": "8", "COMPANY_ID": "0", "CONTACT_ID": "6"},
            {"id": 9, "companyId": 0},
            {"id": 10, "companyId": 0, "contactId": 0, "contactIds": [6, 7]},
        ],
        "bitrix24__calls": [
            {**call, "ID": str(number), "CRM_ENTITY_TYPE": kind, "CRM_ENTITY_ID": key} for number, (kind, key) in enumerate(owners)
        ],
    }
    found = made("int_call_legs__bitrix24", records, "leg_id, card_key, is_answered")
    assert found == [
        ("0", "s:company:5", True),
        ("1", "s:contact:6", True),
        ("2", None, True),
        ("3", "s:contact:7", True),
        ("4", None, True),
        ("5", "s:contact:6", True),
    ]


def test_a_select_that_carries_only_the_number_of_its_value_is_read_by_the_fields_list(made: Made) -> None:
    """On cards and on enquiries that nobody has accepted, as on leads."""
    fields = [
        {"id": 900, "name": "Город", "type": "select", "enums": [{"id": 1, "value": "Казань"}]},
        {"id": 901, "name": "Источник", "type": "select", "enums": [{"id": 5, "value": "Выставка"}]},
    ]

    def told(field: int, name: str, value: dict[str, Any]) -> list[dict[str, Any]]:
        return [{"field_id": field, "field_name": name, "field_code": None, "values": [value]}]

    records: dict[str, list[dict[str, Any]]] = {
        "amocrm__custom_fields": fields,
        "amocrm__companies": [
            {"id": 1, "custom_fields_values": told(900, "Город", {"enum_id": 1})},
            {"id": 2, "custom_fields_values": told(900, "Город", {"value": "Уфа", "enum_id": 1})},
            {"id": 3, "custom_fields_values": None},
        ],
    }
    assert made("int_customer_cards__amocrm", records, "source_customer_id, city") == [
        ("company:1", "Казань"), ("company:2", "Уфа"), ("company:3", None),
    ]  # fmt: skip
    lead = {"id": 11, "custom_fields_values": told(901, "Источник", {"enum_id": 5})}
    enquiry = {
        "uid": "u",
        "category": "forms",
        "created_at": 1_772_000_000,
        "_embedded": {"leads": [lead], "contacts": [], "companies": []},
    }
    enquiries = {"amocrm__custom_fields": fields, "amocrm__unsorted": [enquiry]}
    assert made("int_leads__amocrm", enquiries, "lead_key, crm_source") == [("s:unsorted:0", "Выставка")]


def test_an_enquiry_that_names_its_deal_by_id_alone_has_the_deals_origin(made: Made) -> None:
    """What the enquiry itself tells goes first, what kind of enquiry it is last."""

    def lead(number: int, **marks: str) -> dict[str, Any]:
        values = [{"field_name": name, "field_code": name.upper(), "values": [{"value": value}]} for name, value in marks.items()]
        return {"id": number, "pipeline_id": 1, "status_id": 10, "custom_fields_values": values or None}

    def enquiry(lead: dict[str, Any]) -> dict[str, Any]:
        return {"uid": "u", "category": "forms", "created_at": 1_772_000_000, "_embedded": {"leads": [lead]}}

    vk = {"utm_source": "vk", "utm_medium": "cpc", "utm_campaign": "Весна"}
    records: dict[str, list[dict[str, Any]]] = {
        "amocrm__pipelines": [{"id": 1, "_embedded": {"statuses": [{"id": 10, "pipeline_id": 1, "type": 1, "sort": 10}]}}],
        "amocrm__leads": [lead(5, **vk), lead(6, **vk), lead(7)],
        "amocrm__unsorted": [enquiry({"id": 5}), enquiry(lead(6, utm_source="google")), enquiry({"id": 7})],
    }
    assert made("int_leads__amocrm", records, "lead_key, deal_key, utm_source, utm_campaign, crm_source") == [
        ("s:unsorted:0", "s:5", "vk", "Весна", "webform"),
        ("s:unsorted:1", "s:6", "google", None, "webform"),
        ("s:unsorted:2", "s:7", None, None, "webform"),
    ]


def test_hand_made_fields_of_utm_marks_are_known_by_their_names(made: Made) -> None:
    """They have no code; a code goes first where there is one."""

    def field(name: str, code: str | None, value: str) -> dict[str, Any]:
        return {"field_id": 1, "field_name": name, "field_code": code, "values": [{"value": value}]}

    records: dict[str, list[dict[str, Any]]] = {
        "amocrm__leads": [
            {"id": 1, "custom_fields_values": [field("UTM Source", None, "vk"), field("utm-medium", None, "cpc")]},
            {"id": 2, "custom_fields_values": [field("utm_source", None, "vk"), field("Метка", "UTM_SOURCE", "yandex")]},
        ]
    }
    assert made("int_deal_records__amocrm", records, "deal_id, utm_source, utm_medium") == [("1", "vk", "cpc"), ("2", "yandex", None)]

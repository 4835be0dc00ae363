"""A base with 1С:CRM: its own objects beside those of УТ; what is not public of their fields is named in skvoz.toml."""

from __future__ import annotations

from functools import partial
from typing import Any

from ingestion.sandbox.onec_base import EntitySet
from ingestion.sandbox.onec_values import pair, ref
from ingestion.sources.onec_odata.profiles.catalog import PROFILES, looks_like
from tests.ingestion.sources.onec_odata.conftest import Open

DAY = "2026-03-02T10:00:00"
MARKS = {"DataVersion": "AAAAAAAAAAE=", "DeletionMark": False}


def posted(kind: str, **fields: Any) -> dict[str, Any]:
    return {"Ref_Key": ref(kind, 1), **MARKS, "Number": "000000001", "Date": DAY, "Posted": True, **fields}


CRM = {
    "Document_CRM_Интерес": [posted("interest", Тема="Станок", Партнер_Key=ref("partner", 1), CRM_Состояние="Выиграно", CRM_Сумма=1500)],
    "Document_CRM_Взаимодействие": [posted("event", CRM_Вид="Встреча")],
    "Catalog_CRM_ПотенциальныеКлиенты": [
        {"Ref_Key": ref("lead", 1), **MARKS, "Code": "1", "Description": "ООО Ромашка", "CRM_Создан": DAY}
    ],
    "Document_ТелефонныйЗвонок": [
        posted(
            "call",
            Входящий=True,
            АбонентКакСвязаться="+7 495 123-45-67",
            **pair("АбонентКонтакт", "Catalog_Партнеры", ref("partner", 1)),
            **pair("ВзаимодействиеОснование", "Document_CRM_Взаимодействие", ref("event", 1)),
        )
    ],
}


def test_objects_of_crm_are_read_beside_the_trade_and_fields_are_mapped(open_books: Open) -> None:
    books = open_books("ut")
    for name, rows in CRM.items():
        books.base.sets[name] = EntitySet(name, partial(list, rows))
    books.base.published = frozenset(books.base.sets)
    books.base.revision += 1
    mapped = {
        "deals": {"fields": {"status": "CRM_Состояние", "amount": "CRM_Сумма"}},
        "leads": {"fields": {"created": "CRM_Создан"}},
        "events": {"fields": {"kind": "CRM_Вид"}},
    }
    books.load("deals", "events", "leads", "phone_calls", "orders", configuration="crm", entities=mapped)
    (deal,) = books.zone.records("deals").values()
    assert (deal["_entity"], deal["Тема"], deal["Статус"], deal["_amount"]) == ("Document_CRM_Интерес", "Станок", "Выиграно", 1500)
    (lead,) = books.zone.records("leads").values()
    assert (lead["_configuration"], lead["ДатаСоздания"]) == ("crm", DAY)
    (call,) = books.zone.records("phone_calls").values()
    assert call["АбонентКонтакт_Type"] == "StandardODATA.Catalog_Партнеры"
    (event,) = books.zone.records("events").values()
    assert event["ТипСобытия"] == "Встреча"
    assert books.zone.records("orders")
    assert books.connect(configuration="crm").check().startswith("1С:CRM")


def test_crm_on_trade_is_told_from_its_own_objects() -> None:
    assert looks_like(PROFILES["ut"].signature) is PROFILES["ut"]
    assert looks_like(PROFILES["crm"].signature) is None

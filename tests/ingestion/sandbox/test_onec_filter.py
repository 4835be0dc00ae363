"""The $filter language: what 1C understands, what it refuses, and what it silently answers with nothing."""

from __future__ import annotations

import pytest

from ingestion.sandbox.onec_answers import OneCError
from ingestion.sandbox.onec_filter import Filter
from ingestion.sandbox.onec_values import pair, ref

GUID = ref("order", 1)
ROW = {
    "Ref_Key": GUID,
    "Date": "2026-03-05T10:00:00",
    "Posted": True,
    "Number": "СТ00-000001",
    "Code": "12   ",
    "СуммаДокумента": 1500.5,
    "LineNumber": "12",
    **pair("Заказ", "Document_ЗаказПокупателя", GUID),
    "Запасы": [{"Номенклатура_Key": GUID, "Количество": 3}, {"Номенклатура_Key": ref("product", 2), "Количество": 1}],
}
TYPES = {
    "Ref_Key": "Edm.Guid",
    "Date": "Edm.DateTime",
    "Posted": "Edm.Boolean",
    "Number": "Edm.String",
    "Code": "Edm.String",
    "СуммаДокумента": "Edm.Double",
    "LineNumber": "Edm.Int64",
    "Заказ": "Edm.String",
    "Заказ_Type": "Edm.String",
    "Запасы": "Collection",
}
TABLES = {"Запасы": {"Номенклатура_Key": "Edm.Guid", "Количество": "Edm.Double"}}


def accepts(text: str) -> bool:
    return Filter(text, TYPES, TABLES).accepts(ROW)


@pytest.mark.parametrize(
    "text",
    [
        f"Ref_Key eq guid'{GUID}'",
        "Date ge datetime'2026-03-01T00:00:00' and Date lt datetime'2026-04-01T00:00:00'",
        "Posted eq true and not (СуммаДокумента gt 2000 or Number eq 'нет')",
        "Posted",
        "СуммаДокумента ge 1000 add 500",
        "LineNumber gt 9",
        "Code eq '12'",
        "substringof('000001', Number)",
        "startswith(Number, 'СТ')",
        "endswith(Number, '01')",
        "like(Number, 'СТ__-%1')",
        "year(Date) eq 2026 and quarter(Date) eq 1 and dayofweek(Date) eq 4",
        "substring(Number, 0, 2) eq 'СТ'",
        f"Заказ eq cast(guid'{GUID}','Document_ЗаказПокупателя')",
        "Заказ_Type eq 'StandardODATA.Document_ЗаказПокупателя'",
        "Запасы/any(d: d/Количество gt 2)",
        "Запасы/all(d: d/Количество ge 1)",
        "Number ne 'О''Коннор'",
    ],
)
def test_true_of_the_row(text: str) -> None:
    assert accepts(text)


@pytest.mark.parametrize(
    "text",
    [
        f"Ref_Key ne guid'{GUID}'",
        "Date gt datetime'2026-03-05T10:00:00'",
        "Posted eq false",
        "Запасы/all(d: d/Количество gt 2)",
        f"Заказ eq cast(guid'{GUID}','Document_ЗаказКлиента')",
    ],
)
def test_false_of_the_row(text: str) -> None:
    assert not accepts(text)


def test_a_composite_reference_compared_with_a_bare_guid_finds_nothing_and_says_nothing() -> None:
    assert not accepts(f"Заказ eq guid'{GUID}'")


@pytest.mark.parametrize("operation", ["gt", "ge", "lt", "le"])
def test_references_have_no_order(operation: str) -> None:
    with pytest.raises(OneCError, match="Нельзя сравнивать поля неограниченной длины") as refused:
        accepts(f"Ref_Key {operation} guid'{GUID}'")
    assert refused.value.status == 500


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Posted+eq+true", 14),
        ("Date ge datetime'2026-03-01'", 14),
        ("Date eq '2026-03-01'", 14),
        ("Posted eq", 14),
        ("(Posted", 14),
        ("Posted eq true Posted", 14),
        ("Number", 14),
        ("Нет eq 1", 10),
        ("tolower(Number) eq 'x'", 11),
        ("length(Number) gt 3", 11),
    ],
)
def test_refused_with_the_platforms_code(text: str, code: int) -> None:
    with pytest.raises(OneCError) as refused:
        accepts(text)
    assert (refused.value.status, refused.value.code) == (400, code)

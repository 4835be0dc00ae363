from typing import Any

import pytest
from pydantic import ValidationError

from ingestion.errors import PermanentError
from ingestion.sources.onec_odata.declarations import BALANCES, STREAMS
from ingestion.sources.onec_odata.metadata import EntityType, Schema
from ingestion.sources.onec_odata.objects import SourceObject, resolve, wanted_types
from ingestion.sources.onec_odata.options import OneCOptions
from ingestion.sources.onec_odata.payload import Unavailable, clean, stamp
from ingestion.sources.onec_odata.profiles.catalog import PROFILES, looks_like
from ingestion.sources.onec_odata.source import active_streams

ORDER = "Document_ЗаказПокупателя"


def options(**entities: Any) -> OneCOptions:
    return OneCOptions(url="http://h/b/odata/standard.odata", username="u", password="p", configuration="unf", entities=entities)


def schema(name: str, *properties: str) -> Schema:
    return Schema({name}, {name: EntityType(name, dict.fromkeys(properties, "Edm.String"))})


def stamped(payload: dict[str, Any], kept: SourceObject | None) -> dict[str, Any]:
    assert kept is not None
    stamp(payload, kept.stamps)
    return payload


def test_every_stream_of_every_profile_is_declared() -> None:
    names = {stream.name for stream in STREAMS}
    for profile in PROFILES.values():
        assert set(profile.entities) <= names
        assert set(profile.recorders) <= set(profile.entities)
        assert {stream for group in profile.needs for stream in group} <= set(profile.entities)


def test_registers_and_balances_follow_the_documents_that_move_them() -> None:
    order = [stream.name for stream in active_streams(options())]
    assert order.index("sales_register") > max(order.index(name) for name in PROFILES["unf"].recorders)
    balances = [name for name in order if name in BALANCES]
    assert {"receivables_balance", "payables_balance", "stock_balance"} < set(balances)
    assert order[-len(balances) :] == balances


def test_the_configuration_is_told_by_its_own_names() -> None:
    assert looks_like(["Catalog_Партнеры", "Document_ЗаказКлиента", "Catalog_Валюты"]) is PROFILES["ut"]
    assert looks_like(["Catalog_СтруктурныеЕдиницы", ORDER]) is PROFILES["unf"]
    assert looks_like(["Catalog_Валюты"]) is None


def test_a_missing_mandatory_field_is_an_error_that_shows_what_to_write() -> None:
    with pytest.raises(PermanentError, match=r"Контрагент.*sources\.books\.entities\.orders"):
        resolve(PROFILES["unf"], options(), schema(ORDER, "Ref_Key", "СуммаДокумента"), "orders", "books")


def test_a_mandatory_field_may_be_a_composite_or_mapped() -> None:
    found = resolve(PROFILES["unf"], options(), schema(ORDER, "Контрагент", "Контрагент_Type", "СуммаДокумента"), "orders", "books")
    assert found is not None
    mapped = options(orders={"fields": {"customer": "Плательщик"}})
    found = resolve(PROFILES["unf"], mapped, schema(ORDER, "Плательщик_Key", "СуммаДокумента"), "orders", "books")
    assert found is not None


def test_with_names_only_nothing_can_be_missing() -> None:
    assert resolve(PROFILES["unf"], options(), Schema({ORDER}, described=False), "orders", "books") is not None


def test_an_unpublished_stream_resolves_to_nothing() -> None:
    assert resolve(PROFILES["unf"], options(), Schema({"Catalog_Валюты"}), "orders", "books") is None


def test_another_entity_set_can_be_named() -> None:
    chosen = options(orders="Document_МойЗаказ")
    assert "Document_МойЗаказ" in wanted_types(PROFILES["unf"], chosen)
    found = resolve(PROFILES["unf"], chosen, schema("Document_МойЗаказ", "Контрагент_Key", "СуммаДокумента"), "orders", "books")
    assert found is not None
    assert found.entity == "Document_МойЗаказ"


def test_a_mapped_reference_is_stamped_under_the_standard_name_in_its_own_shape() -> None:
    mapped = options(orders={"fields": {"customer": "Плательщик"}})
    found = resolve(PROFILES["unf"], mapped, schema(ORDER, "Плательщик", "Плательщик_Type", "СуммаДокумента"), "orders", "books")
    payload = stamped({"Плательщик": "r1", "Плательщик_Type": "T", "Контрагент_Key": "r0"}, found)
    assert payload == {"Плательщик": "r1", "Плательщик_Type": "T", "Контрагент": "r1", "Контрагент_Type": "T"}


def test_a_mapped_sum_a_table_and_a_column_of_it() -> None:
    mapped = options(orders={"fields": {"amount": "Итог", "lines": "Позиции", "lines.product": "Товар", "channel": "Канал"}})
    found = resolve(PROFILES["unf"], mapped, schema(ORDER, "Контрагент_Key", "Итог", "Позиции", "Канал_Key"), "orders", "books")
    payload = stamped({"Итог": 5, "Позиции": [{"LineNumber": "1", "Товар_Key": "p1"}], "Канал_Key": "c1"}, found)
    assert payload["СуммаДокумента"] == 5
    assert payload["Запасы"] == [{"LineNumber": "1", "Товар_Key": "p1", "Номенклатура_Key": "p1"}]
    assert payload["_channel"] == "c1"


def test_the_crm_deal_may_be_a_field_or_an_additional_attribute() -> None:
    declared = schema(ORDER, "Контрагент_Key", "СуммаДокумента", "НомерСделки", "ДополнительныеРеквизиты")
    found = resolve(PROFILES["unf"], options(orders={"deal": "НомерСделки"}), declared, "orders", "books")
    assert stamped({"НомерСделки": "77"}, found)["_deal"] == "77"
    found = resolve(PROFILES["unf"], options(orders={"deal": "ДополнительныеРеквизиты:AB-1"}), declared, "orders", "books")
    rows = [{"Свойство_Key": "zz", "Значение": "1"}, {"Свойство_Key": "ab-1", "Значение": "88", "ТекстоваяСтрока": ""}]
    assert stamped({"ДополнительныеРеквизиты": rows}, found)["_deal"] == "88"


@pytest.mark.parametrize("wrong", [{"fields": {"colour": "Цвет"}}, {"fields": {"amount": "НетТакого"}}, {"deal": "НетТакого"}])
def test_a_mapping_that_cannot_hold_names_the_stream(wrong: dict[str, Any]) -> None:
    declared = schema(ORDER, "Контрагент_Key", "СуммаДокумента")
    with pytest.raises(PermanentError, match="orders"):
        resolve(PROFILES["unf"], options(orders=wrong), declared, "orders", "books")


def test_options_refuse_what_is_no_entity_set_and_no_address() -> None:
    with pytest.raises(ValidationError):
        options(orders="ЗаказПокупателя")
    with pytest.raises(ValidationError):
        options(oders="Document_ЗаказПокупателя")
    with pytest.raises(ValidationError):
        OneCOptions(url="server/unf", username="u", password="p", configuration="unf")


def test_the_cloud_is_asked_at_most_four_times_a_second() -> None:
    fresh = OneCOptions(url="https://1cfresh.com/a/sbm/1/odata/standard.odata", username="u", password="p", configuration="unf")
    assert fresh.pace == 4
    assert options().pace is None


def test_payloads_lose_links_and_binaries_and_keep_everything_else() -> None:
    seen = Unavailable()
    entry = {
        "odata.metadata": "m",
        "Ref_Key": "r",
        "Контрагент@navigationLinkUrl": "x",
        "Картинка_Base64Data": "AAAA",
        "Картинка_Type": "image/png",
        "Код": "1   ",
        "Дата@odata.type": "Edm.DateTime",
        "Дата": "0001-01-01T00:00:00",
        "Запасы": [{"LineNumber": "1", "Номенклатура@navigationLinkUrl": "y", "Количество": 2}],
    }
    assert clean(entry, seen) == {
        "Ref_Key": "r",
        "Картинка_Type": "image/png",
        "Код": "1   ",
        "Дата": "0001-01-01T00:00:00",
        "Запасы": [{"LineNumber": "1", "Количество": 2}],
    }
    assert seen.sentence("books", ORDER) is None


def test_unpublished_types_are_counted_by_field_and_guid() -> None:
    seen = Unavailable()
    for _ in range(3):
        clean({"Основание": "r", "Основание_Type": "UnavailableEntities.UnavailableEntity_ab-cd"}, seen)
    sentence = seen.sentence("books", ORDER)
    assert sentence is not None
    assert "Основание (3 of type ab-cd)" in sentence

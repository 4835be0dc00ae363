"""V8Exch dumps and КД 2 files hold what the OData interface of the same base shows: the same keys, and the same values field by field."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import PermanentError
from ingestion.formats.damage import DamagedFileError
from ingestion.formats.files import Part
from ingestion.formats.onec_configuration import configuration_of
from ingestion.formats.onec_options import OneCFileOptions
from ingestion.formats.onec_shape import ZERO, Shaper, entity_of, put
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.exchange_objects import held_rows, write_dump, write_exchange
from ingestion.sandbox.onec_values import EMPTY_DATE, ZERO_GUID
from ingestion.sources.onec_kd2.reader import ExchangeFile2
from ingestion.sources.onec_kd2.source import SOURCE as KD2
from ingestion.sources.onec_odata.profiles.catalog import PROFILES
from ingestion.sources.onec_v8exch.reader import V8Exch
from ingestion.sources.onec_v8exch.source import SOURCE as V8EXCH
from ingestion.spec import Source
from tests.ingestion.fuzzing import fuzzed

Zones = Callable[[Source], Any]
Writer = Callable[[Company, str, Path], Path]
CASES = [(V8EXCH, write_dump, "ut"), (V8EXCH, write_dump, "unf"), (KD2, write_exchange, "ut"), (KD2, write_exchange, "bp")]


@pytest.fixture(scope="module")
def company() -> Company:
    return build_company(scale=0.05)


@pytest.mark.parametrize(("source", "write", "configuration"), CASES)
def test_files_tell_which_configuration_wrote_them(
    zone_of: Zones, company: Company, source: Source, write: Writer, configuration: str
) -> None:
    zone = zone_of(source)
    write(company, configuration, zone.root / "dump.xml")
    zone.extract(zone.connect(path="dump.xml"))
    assert {record["_configuration"] for record in zone.records("counterparties").values()} == {configuration}
    # a later exchange names two customers and nothing of its own
    zone.root.joinpath("dump.xml").write_text("<D><Data><CatalogObject.Контрагенты/></Data></D>", encoding="utf-8")
    assert configuration_of(options_of(source), frozenset({".xml"}), zone.context()) == configuration


def options_of(source: Source) -> OneCFileOptions:
    options = source.options.model_validate({"path": "dump.xml"})
    assert isinstance(options, OneCFileOptions)
    return options


def test_files_that_never_told_their_configuration_are_read_as_usual_and_say_so(zone_of: Zones) -> None:
    zone = zone_of(V8EXCH)
    zone.root.mkdir(exist_ok=True)
    zone.root.joinpath("dump.xml").write_text("<D><Data><CatalogObject.Контрагенты/></Data></D>", encoding="utf-8")
    assert configuration_of(options_of(V8EXCH), frozenset({".xml"}), zone.context()) == "ut"
    assert "do not tell which configuration wrote them" in zone.notes[0]


def same(sent: Any, read: Any) -> bool:
    if isinstance(sent, list):
        return len(sent) == len(read or []) and all(not differing(one, other) for one, other in zip(sent, read or [], strict=True))
    if isinstance(sent, bool) or not isinstance(sent, int | float):
        return str(sent).lower() == str(read).lower()
    try:
        return Decimal(str(sent)) == Decimal(str(read))
    except InvalidOperation:
        return False


def differing(sent: dict[str, Any], read: dict[str, Any]) -> list[str]:
    """Fields that OData shows with a meaning and the file's record lacks or says otherwise."""
    empty: tuple[Any, ...] = (None, "", ZERO_GUID, EMPTY_DATE, [])
    left_out = {"DataVersion", "Ref_Key", "LineNumber", "Recorder", "Recorder_Type"}
    return [
        name
        for name, value in sent.items()
        if value not in empty
        and str(value).strip()
        and name not in left_out
        and not name.endswith("_Type")
        and not same(value, read.get(name))
    ]


@pytest.mark.parametrize(("source", "write", "configuration"), CASES)
def test_a_file_of_the_base_gives_what_odata_gives(
    zone_of: Zones, company: Company, source: Source, write: Writer, configuration: str
) -> None:
    zone = zone_of(source)
    write(company, configuration, zone.root / "dump.xml")
    zone.extract(zone.connect(path="dump.xml", configuration=configuration))
    rows = held_rows(company, configuration)
    compared = 0
    for stream, spec in PROFILES[configuration].entities.items():
        sent = next((rows[name] for name in spec.candidates if name in rows), [])
        if stream.endswith("_balance") or not sent:
            continue
        read = zone.records(stream)
        if stream == "currency_rates":
            assert len(read) == len(sent)
            continue
        keys = {row.get("Ref_Key") or row["Recorder"]: row for row in sent}
        assert read.keys() == keys.keys(), stream
        for key, row in keys.items():
            assert differing(row, read[key]) == [], (stream, row)
            compared += 1
    assert compared > 300


@pytest.mark.parametrize(("source", "write", "configuration"), CASES[::2])
def test_a_dump_that_breaks_off_keeps_its_beginning(
    zone_of: Zones, company: Company, source: Source, write: Writer, configuration: str
) -> None:
    zone = zone_of(source)
    path = write(company, configuration, zone.root / "dump.xml")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(PermanentError, match=r"dump\.xml, line \d+, column \d+: this is no well-formed XML"):
        zone.extract(zone.connect(path="dump.xml", configuration=configuration))
    assert len(zone.records("organisations")) == len(company.organisations)


def test_a_deletion_in_an_exchange_file_deletes(zone_of: Zones) -> None:
    zone = zone_of(KD2)
    guid = "00000000-0000-0000-0000-00000000000a"
    link = f'<Ссылка Нпп="1"><Свойство Имя="{{УникальныйИдентификатор}}" Тип="Строка"><Значение>{guid}</Значение></Свойство></Ссылка>'
    tax_id = '<Свойство Имя="ИНН" Тип="Строка"><Значение>77</Значение></Свойство>'
    one = f'<Объект Нпп="1" Тип="СправочникСсылка.Контрагенты">{link}{tax_id}</Объект>'
    gone = f'<УдалениеОбъекта Тип="СправочникСсылка.Контрагенты">{link}</УдалениеОбъекта>'
    connector = zone.connect(path="*.xml", configuration="bp")
    for number, body in enumerate((one, gone), 1):
        zone.root.mkdir(exist_ok=True)
        (zone.root / f"{number}.xml").write_text(
            f'<ФайлОбмена ДатаВыгрузки="2026-03-0{number}T00:00:00">{body}</ФайлОбмена>', encoding="utf-8"
        )
        zone.extract(connector)
        assert len(zone.records("counterparties")) == 2 - number


def test_movements_that_a_later_dump_has_no_more_are_gone(zone_of: Zones) -> None:
    zone = zone_of(V8EXCH)
    zone.root.mkdir()
    recorder = '<v8:Recorder xsi:type="v8:DocumentRef.РеализацияТоваровУслуг">00000000-0000-0000-0000-00000000000a</v8:Recorder>'
    connector = zone.connect(path="*.xml", configuration="ut")
    for number, rows in enumerate((f"<v8:Record>{recorder}<v8:СуммаВыручки>5</v8:СуммаВыручки></v8:Record>", ""), 1):
        (zone.root / f"{number}.xml").write_text(
            '<V8Exch:_1CV8DtUD xmlns:V8Exch="http://www.1c.ru/V8/1CV8DtUD/" xmlns:v8="http://v8.1c.ru/8.1/data/enterprise/current-config"'
            ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><V8Exch:Data>'
            f"<v8:AccumulationRegisterRecordSet.ВыручкаИСебестоимостьПродаж><v8:Filter>{recorder}</v8:Filter>{rows}"
            "</v8:AccumulationRegisterRecordSet.ВыручкаИСебестоимостьПродаж></V8Exch:Data></V8Exch:_1CV8DtUD>",
            encoding="utf-8",
        )
        zone.extract(connector, "sales_register")
        assert len(zone.records("sales_register")) == 2 - number


def test_a_reference_without_a_guid_is_told_by_what_it_is_searched_by(zone_of: Zones) -> None:
    zone = zone_of(KD2)
    link = '<Ссылка Нпп="1"><Свойство Имя="Код"><Значение>000000001</Значение></Свойство></Ссылка>'
    goods = f'<Объект Нпп="1" Тип="СправочникСсылка.Номенклатура">{link}</Объект>'
    line = '<Запись><Свойство Имя="Номенклатура" Тип="СправочникСсылка.Номенклатура"><Нпп>1</Нпп></Свойство></Запись>'
    order = (
        '<Объект Нпп="2" Тип="ДокументСсылка.СчетНаОплатуПокупателю">'
        '<Ссылка Нпп="2"><Свойство Имя="Номер"><Значение>7</Значение></Свойство>'
        f'</Ссылка><ТабличнаяЧасть Имя="Товары">{line}</ТабличнаяЧасть></Объект>'
    )
    zone.root.mkdir(exist_ok=True)
    (zone.root / "a.xml").write_text(f"<ФайлОбмена>{goods}{order}</ФайлОбмена>", encoding="utf-8")
    zone.extract(zone.connect(path="a.xml", configuration="bp"))
    assert zone.records("products").keys() == {"000000001"}
    assert zone.records("orders")["7"]["Товары"][0]["Номенклатура_Key"] == "000000001"
    assert zone.records("orders")["7"]["Number"] == "7"


def test_a_binary_dump_says_what_to_do(zone_of: Zones) -> None:
    zone = zone_of(V8EXCH)
    zone.root.mkdir()
    (zone.root / "a.xml").write_bytes(b"\xe0\x00\x00\x01\x00" + b"x" * 100)
    with pytest.raises(PermanentError, match="FastInfoset"):
        zone.extract(zone.connect(path="a.xml", configuration="ut"))


@pytest.mark.parametrize(
    ("source", "root", "theirs"), [(KD2, "V8Exch:_1CV8DtUD xmlns:V8Exch='v'", V8EXCH.type), (V8EXCH, "ФайлОбмена", KD2.type)]
)
def test_a_file_of_the_other_format_is_named_as_such(zone_of: Zones, source: Source, root: str, theirs: str) -> None:
    zone = zone_of(source)
    zone.root.mkdir()
    (zone.root / "a.xml").write_text(f"<{root}/>", encoding="utf-8")
    connector = zone.connect(path="a.xml", configuration="ut")
    connector.check()
    said = f"a.xml: it is a file for type {theirs}, and this source is of type {source.type}; nothing of it was read."
    assert zone.notes == [said]
    zone.notes.clear()
    zone.extract(connector, "orders")
    assert zone.notes == [said]


def test_a_reference_with_its_type_is_found_under_both_names() -> None:
    """A composite attribute has a type in every dump, a scalar one in those of some writers: which it is nothing tells."""
    members: dict[str, object] = {}
    put(members, "Организация", "00000000-0000-0000-0000-00000000000A", "v8:CatalogRef.Организации")
    put(members, "Заказ", ZERO, "v8:DocumentRef.ЗаказКлиента")
    key = "00000000-0000-0000-0000-00000000000a"
    assert members == {
        "Организация": key,
        "Организация_Type": "StandardODATA.Catalog_Организации",
        "Организация_Key": key,
        "Заказ": "",
        "Заказ_Type": "StandardODATA.Undefined",
    }


def test_names_of_types_are_told_in_both_languages() -> None:
    names = ("CatalogObject.Партнеры", "v8:CatalogRef.Партнеры", "СправочникСсылка.Партнеры", "xs:string", "CatalogRef.", "Чтоугодно.Х")
    assert [entity_of(name) for name in names] == ["Catalog_Партнеры", "Catalog_Партнеры", "Catalog_Партнеры", None, None, None]


@fuzzed(100)
@given(st.binary(max_size=100), st.integers(0, 600), st.integers(0, 40), st.booleans())
def test_any_damage_is_records_or_one_error(noise: bytes, place: int, cut: int, is_dump: bool) -> None:
    dump = "<D><Data><CatalogObject.Партнеры><Ref>00000000-0000-0000-0000-00000000000a</Ref></CatalogObject.Партнеры></Data></D>"
    link = '<Ссылка Нпп="1"><Свойство Имя="Код"><Значение>1</Значение></Свойство></Ссылка>'
    file = (
        f'<ФайлОбмена><Объект Нпп="1" Тип="СправочникСсылка.Партнеры">{link}<Свойство Имя="Код"><Пусто/></Свойство></Объект></ФайлОбмена>'
    )
    good = (dump if is_dump else file).encode()
    data = good[:place] + noise + good[place + cut :]
    shaper = Shaper("ut", {}, None)
    reader = V8Exch(shaper, shaper.entities) if is_dump else ExchangeFile2(shaper)
    try:
        list(reader.read(Part("a.xml", io.BytesIO(data), data)))
    except DamagedFileError as error:
        where = error.where
        assert where.startswith("a.xml")

"""CommerceML from a folder: whole and split, both encodings, containers, deltas, deletions, archives, 7.7's attributes, and damage."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import PermanentError
from ingestion.formats.damage import DamagedFileError
from ingestion.formats.files import Part
from ingestion.formats.spool import Found
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.exchange_commerceml import CATALOG, root, save, write_catalog, write_orders
from ingestion.sources.onec_commerceml.reader import CommerceML
from ingestion.sources.onec_commerceml.source import SOURCE
from ingestion.spec import Source
from tests.ingestion.fuzzing import fuzzed

Zones = Callable[[Source], Any]


def on(day: int) -> datetime:
    """10 in the morning of a day of March 2026, by 1C's clock, which carries no zone."""
    return datetime(2026, 3, day, 10)  # noqa: DTZ001


DAY = on(1)


@pytest.fixture(scope="module")
def company() -> Company:
    return build_company(scale=0.1)


def catalog(goods: str, *, whole: bool = True, formed: datetime = DAY) -> str:
    changes = "false" if whole else "true"
    return root("2.08", formed, f'<Каталог СодержитТолькоИзменения="{changes}"><Ид>{CATALOG}</Ид><Товары>{goods}</Товары></Каталог>')


def product(number: int, name: str = "Стол", extra: str = "") -> str:
    return f"<Товар><Ид>p{number}</Ид><Наименование>{name}</Наименование>{extra}</Товар>"


def part(data: bytes) -> Part:
    return Part("import.xml", io.BytesIO(data), data[:65536])


def test_the_sandbox_companys_exchange_gives_its_catalogue_and_documents(zone_of: Zones, company: Company) -> None:
    zone = zone_of(SOURCE)
    write_catalog(company, zone.root / "exchange")
    written = write_orders(company, zone.root / "exchange")
    zone.extract(zone.connect(path="exchange"))
    assert len(zone.records("products")) == len(zone.records("prices")) == len(company.products)
    assert len(zone.records("groups")) == len(company.groups)
    assert len(zone.records("warehouses")) == len(company.warehouses)
    stock = sum(
        Decimal(place["Количество"])
        for one in zone.records("stock").values()
        for row in (one["Остатки"].get("Остаток", ()) if one["Остатки"] else ())
        for place in row["Склад"]
    )
    assert stock == sum(row.quantity for row in company.stock)
    documents = zone.records("documents").values()
    counts: dict[str, int] = {}
    for one in documents:
        counts[one["ХозОперация"]] = counts.get(one["ХозОперация"], 0) + 1
    assert counts == written.documents
    orders = [one for one in documents if one["ХозОперация"] == "Заказ товара"]
    truth = sum(line.amount for one in company.orders for line in one.lines if not line.is_cancelled)
    assert sum(Decimal(one["Сумма"]) for one in orders) == truth
    assert {line["БазоваяЕдиница"]["#text"] for one in orders for line in one["Товары"].get("Товар", ())} <= {
        one.unit for one in company.products
    }
    assert any("_container" in one for one in documents)
    parties = [one["Контрагенты"]["Контрагент"] for one in documents if "Контрагенты" in one and one["Роль"] == "Продавец"]
    assert {len(one) for one in parties} == {1, 2}
    assert {one[0]["Роль"] for one in parties} == {"Покупатель"}


def test_what_a_complete_export_no_longer_names_is_deleted_and_a_delta_deletes_only_what_it_marks(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    connector = zone.connect(path="in")
    save(zone.root / "in" / "import1.xml", catalog("".join(product(number) for number in range(1, 11))))
    zone.extract(connector)
    marked = product(2, extra="<ПометкаУдаления>true</ПометкаУдаления>")
    save(zone.root / "in" / "import2.xml", catalog(product(1, "Шкаф") + marked, whole=False, formed=on(2)))
    zone.extract(connector)
    assert zone.records("products").keys() == {"p1", *(f"p{number}" for number in range(3, 11))}
    assert zone.records("products")["p1"]["Наименование"] == "Шкаф"
    save(zone.root / "in" / "import3.xml", catalog("".join(product(number) for number in range(3, 12)), formed=on(3)))
    zone.extract(connector)
    assert zone.records("products").keys() == {f"p{number}" for number in range(3, 12)}


def test_parts_of_one_complete_export_do_not_delete_each_other(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    for number in range(1, 4):
        save(zone.root / "in" / f"import0_{number}.xml", catalog(product(number)))
    zone.extract(zone.connect(path="in"))
    assert zone.records("products").keys() == {"p1", "p2", "p3"}


def test_parts_of_one_complete_export_that_come_in_two_runs_do_not_delete_each_other(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    connector = zone.connect(path="in")
    for number in range(1, 4):
        save(zone.root / "in" / f"import0_{number}.xml", catalog(product(number) + product(number + 10)))
    zone.extract(connector)
    for number in (1, 2):
        save(zone.root / "in" / f"import0_{number}.xml", catalog(product(number), formed=on(5)))
        zone.extract(connector)
    assert {"p1", "p2"} <= zone.records("products").keys()
    save(zone.root / "in" / "import0_3.xml", catalog(product(3), formed=on(5)))
    zone.extract(zone.connect(path="in"))
    assert zone.records("products").keys() == {"p1", "p2", "p3"}


def test_an_older_export_that_arrives_late_brings_nothing_old_back(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    connector = zone.connect(path="in")
    save(zone.root / "in" / "new.xml", catalog(product(1, "Новое имя"), whole=False, formed=on(5)))
    zone.extract(connector)
    save(zone.root / "in" / "late.xml", catalog(product(1, "Старое имя") + product(2), whole=False, formed=on(1)))
    zone.extract(connector)
    assert {key: one["Наименование"] for key, one in zone.records("products").items()} == {"p1": "Новое имя", "p2": "Стол"}


def test_the_moment_of_a_sites_export_is_read_in_its_encoding(zone_of: Zones) -> None:
    """Of two exports of one run the newer wins, whatever they are called and whenever they were copied."""
    zone = zone_of(SOURCE)
    for name, formed, amount in (("orders.xml", on(1), 100), ("orders2.xml", on(5), 200)):
        head = f'<КоммерческаяИнформация ВерсияСхемы="2.10" ДатаФормирования="{formed:%Y-%m-%dT%H:%M:%S}" РазделительДатаВремя="T">'
        order = f"<Документ><Ид>7</Ид><Дата>2026-03-01</Дата><ХозОперация>Заказ товара</ХозОперация><Сумма>{amount}</Сумма></Документ>"
        path = save(zone.root / "in" / name, f"{head}{order}</КоммерческаяИнформация>", "cp1251")
        os.utime(path, (1_700_000_000 - amount, 1_700_000_000 - amount))
    zone.extract(zone.connect(path="in"))
    assert zone.records("documents")["Заказ товара:7"]["Сумма"] == "200"


def test_a_catalogue_of_today_makes_orders_of_yesterday_no_old_ones(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    connector = zone.connect(path="in")

    def order(amount: int, day: int) -> str:
        return root("2.08", on(day), f"<Документ><Ид>1</Ид><ХозОперация>Заказ товара</ХозОперация><Сумма>{amount}</Сумма></Документ>")

    save(zone.root / "in" / "orders1.xml", order(100, 1))
    save(zone.root / "in" / "import.xml", catalog(product(1), formed=on(5)))
    zone.extract(connector)
    save(zone.root / "in" / "orders2.xml", order(200, 4))
    zone.extract(connector)
    assert zone.records("documents")["Заказ товара:1"]["Сумма"] == "200"


def test_a_document_that_is_marked_is_deleted_and_comes_back_without_the_mark(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    connector = zone.connect(path="in")
    marked = "<ПометкаУдаления>true</ПометкаУдаления>"
    for day, mark, left in ((1, "", {"Заказ товара:1"}), (2, marked, set()), (3, "", {"Заказ товара:1"})):
        document = f"<Документ><Ид>1</Ид>{mark}<ХозОперация>Заказ товара</ХозОперация><Сумма>{day}</Сумма></Документ>"
        save(zone.root / "in" / f"orders{day}.xml", root("2.08", on(day), document))
        zone.extract(connector)
        assert zone.records("documents").keys() == left


def test_a_large_loss_is_noted_and_not_done(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    connector = zone.connect(path="in")
    save(zone.root / "in" / "a.xml", catalog("".join(product(number) for number in range(40))))
    zone.extract(connector)
    save(zone.root / "in" / "b.xml", catalog(product(1), formed=on(9)))
    zone.extract(connector)
    assert len(zone.records("products")) == 40
    assert "the complete export misses 39 of 40 known records" in " ".join(zone.notes)


def test_names_encodings_and_namespaces_differ_and_the_records_do_not(zone_of: Zones) -> None:
    text = catalog(product(1, "Ёлка «Снег»"))
    bare = text.replace(' xmlns="urn:1C.ru:commerceml_2" xmlns:xs="http://www.w3.org/2001/XMLSchema"', "")
    prefixed = (
        text.replace("<Товар>", "<c:Товар>").replace("</Товар>", "</c:Товар>").replace("xmlns=", 'xmlns:c="urn:1C.ru:commerceml_2" xmlns=')
    )
    files = {
        "utf-8 with BOM": ('<?xml version="1.0" encoding="UTF-8"?>' + text).encode("utf-8-sig"),
        "cp1251": ('<?xml version="1.0" encoding="windows-1251"?>' + bare).encode("cp1251"),
        "cp1251 that says UTF-8": ('<?xml version="1.0" encoding="UTF-8"?>' + bare).encode("cp1251"),
        "UTF-8 that says cp1251": ('<?xml version="1.0" encoding="windows-1251"?>' + bare).encode(),
        "UTF-16": ('<?xml version="1.0" encoding="UTF-16"?>' + text).encode("utf-16"),
        "prefixed": prefixed.encode(),
    }
    for data in files.values():
        found = [one for one in CommerceML().read(part(data)) if isinstance(one, Found)]
        assert [one.record.payload for one in found] == [{"Ид": "p1", "Наименование": "Ёлка «Снег»"}]
    assert zone_of(SOURCE).notes == []


def test_documents_of_7_7_stand_in_attributes(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    text = (
        '<?xml version="1.0" encoding="windows-1251"?>\n<КоммерческаяИнформация ВерсияСхемы="1.02" Дата="2004-05-06">'
        '<Каталог Идентификатор="k1" Наименование="Товары"><Группа Идентификатор="g1" Наименование="Мебель"/>'
        '<Товар ИдентификаторВКаталоге="t1" Наименование="Стол" Единица="шт" Родитель="g1"/></Каталог>'
        '<Контрагент Идентификатор="c1" ОтображаемоеНаименование="ООО Ромашка" ИНН="7700000003"/>'
        '<Документ ХозОперация="Sale" Номер="15" Дата="2004-05-05" Время="10:00:00" Сумма="1200.00" Валюта="руб">'
        '<ПредприятиеВДокументе Роль="Saler" Контрагент="own"/><ПредприятиеВДокументе Роль="Buyer" Контрагент="c1"/>'
        '<ТоварнаяПозиция Товар="t1" Количество="2" Цена="600" Сумма="1200"/></Документ></КоммерческаяИнформация>'
    )
    (zone.root / "in").mkdir(parents=True)
    (zone.root / "in" / "sale77.xml").write_bytes(text.encode("cp1251"))
    zone.extract(zone.connect(path="in"))
    (sale,) = zone.records("documents").items()
    assert sale[0] == "Sale:15|2004-05-05"
    assert sale[1]["ТоварнаяПозиция"] == [{"@Товар": "t1", "@Количество": "2", "@Цена": "600", "@Сумма": "1200"}]
    assert sale[1]["ПредприятиеВДокументе"][0]["@Контрагент"] == "c1"
    assert zone.records("products")["t1"]["@Родитель"] == "g1"
    assert zone.records("counterparties")["c1"]["@ИНН"] == "7700000003"


def test_an_offer_with_everything_goes_to_three_streams_and_a_part_to_its_own(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    package = (
        "<ПакетПредложений><Ид>k#</Ид><Предложения>"
        "<Предложение><Ид>p1#c1</Ид><Наименование>Стол (дуб)</Наименование><Цены><Цена><ЦенаЗаЕдиницу>5.00</ЦенаЗаЕдиницу></Цена></Цены>"
        '<Количество>7</Количество><Склад ИдСклада="w1" КоличествоНаСкладе="7"/></Предложение>'
        "<Предложение><Ид>p2</Ид><Остатки><Остаток><Склад><Ид>w1</Ид><Количество>3</Количество></Склад></Остаток></Остатки></Предложение>"
        "</Предложения></ПакетПредложений>"
    )
    save(zone.root / "in" / "offers.xml", root("2.05", DAY, package))
    zone.extract(zone.connect(path="in"))
    assert zone.records("offers") == {"p1#c1": {"Ид": "p1#c1", "Наименование": "Стол (дуб)"}}
    assert zone.records("prices").keys() == {"p1#c1"}
    assert zone.records("stock")["p1#c1"]["Склад"] == [{"@ИдСклада": "w1", "@КоличествоНаСкладе": "7"}]
    assert zone.records("stock").keys() == {"p1#c1", "p2"}


def test_an_archive_is_read_in_the_order_of_the_exchange(zone_of: Zones, company: Company) -> None:
    zone = zone_of(SOURCE)
    files = write_catalog(company, zone.root / "plain")
    zone.root.joinpath("in").mkdir()
    with zipfile.ZipFile(zone.root / "in" / "v8.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, f"../../{path.name}")  # leads nowhere: nothing is unpacked
    zone.extract(zone.connect(path="in"))
    assert len(zone.records("products")) == len(company.products)


def test_an_empty_export_and_an_empty_file_bring_nothing(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    save(zone.root / "in" / "a.xml", root("2.05", DAY, ""))
    (zone.root / "in" / "b.xml").write_bytes(b"")
    results = zone.extract(zone.connect(path="in"))
    assert sum(one.received for one in results.values()) == 0
    assert "the file is empty" in zone.notes[0]


def test_a_page_in_the_place_of_an_export_is_told_of(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    (zone.root / "in").mkdir(parents=True)
    (zone.root / "in" / "import.xml").write_text("<html><body>503 Service Unavailable</body></html>", encoding="utf-8")
    zone.extract(zone.connect(path="in"))
    assert "in/import.xml: it begins with <html>, as no file for type 1c_commerceml does; nothing of it was read." in zone.notes


def test_a_file_that_breaks_off_keeps_what_came_before_and_deletes_nothing(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    connector = zone.connect(path="in")
    save(zone.root / "in" / "a.xml", catalog("".join(product(number) for number in range(1, 6))))
    zone.extract(connector)
    whole = catalog(product(1, "Шкаф") + product(6), formed=on(7))
    (zone.root / "in" / "b.xml").write_text(whole[: whole.index("p6") + 2], encoding="utf-8")
    with pytest.raises(PermanentError, match=r"crm: in/b\.xml, line 2, column \d+: this is no well-formed XML"):
        zone.extract(connector)
    assert {key: one["Наименование"] for key, one in zone.records("products").items()} == {"p1": "Шкаф"} | {
        f"p{n}": "Стол" for n in range(2, 6)
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "declares a document type"),
        ('<!DOCTYPE a [<!ENTITY x "lol"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>', "declares a document type"),
        ("<!-- " + "x" * 70_000 + '--><!DOCTYPE К [<!ENTITY x "y">]><К/>', "no element in its first"),
        ("<!-- <a> " + "x" * 65_400 + '--><!DOCTYPE К [' + " " * 200 + '<!ENTITY x "y">]><К/>', "declares a document type"),
        ("<html><body>503 Service Unavailable</body>", "no well-formed XML"),
        ("<КоммерческаяИнформация><Каталог><Товары><Товар>" + "<а>" * 400, "no well-formed XML"),
    ],
)  # fmt: skip
def test_what_attacks_or_is_no_exchange_is_refused(zone_of: Zones, text: str, told: str) -> None:
    zone = zone_of(SOURCE)
    (zone.root / "in").mkdir(parents=True)
    (zone.root / "in" / "a.xml").write_text(text, encoding="utf-8")
    with pytest.raises(PermanentError, match=told):
        zone.extract(zone.connect(path="in"))


def test_a_zip_bomb_is_not_opened(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    (zone.root / "in").mkdir(parents=True)
    with zipfile.ZipFile(zone.root / "in" / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("import.xml", "w") as inside:
        for _ in range(100):
            inside.write(b" " * 1024 * 1024)
    with pytest.raises(PermanentError, match="as a zip bomb does"):
        zone.extract(zone.connect(path="in"))


def test_an_archive_with_a_password_says_so(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    (zone.root / "in").mkdir(parents=True)
    path = zone.root / "in" / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("import.xml", "<а/>")
    data = bytearray(path.read_bytes())
    data[6] |= 1  # the flag of encryption in the local header, and in the directory
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    with pytest.raises(PermanentError, match="encrypted"):
        zone.extract(zone.connect(path="in"))


@fuzzed(150)
@given(st.binary(max_size=200), st.integers(0, 500), st.integers(0, 40))
def test_any_damage_is_records_or_one_error(noise: bytes, place: int, cut: int) -> None:
    good = ('<?xml version="1.0" encoding="UTF-8"?>' + catalog(product(1) + product(2))).encode()
    data = good[:place] + noise + good[place + cut :]
    try:
        list(CommerceML().read(part(data)))
    except DamagedFileError as error:
        where = error.where
        assert where.startswith("import.xml")


def test_the_newest_day_of_a_company_is_a_delta_of_the_oldest(zone_of: Zones, company: Company) -> None:
    zone = zone_of(SOURCE)
    connector = zone.connect(path="in")
    write_catalog(company, zone.root / "in" / "1", day=date(2026, 3, 1))
    zone.extract(connector)
    write_catalog(company, zone.root / "in" / "2", only_changes=True, products=company.products[:3], day=date(2026, 3, 2))
    results = zone.extract(connector)
    assert results["products"].received == 3
    assert results["products"].written == 0
    assert len(zone.records("products")) == len(company.products)


def test_options_say_what_is_missing() -> None:
    for given_options in ({}, {"path": "a", "listen": "b:1"}, {"listen": "b:1"}, {"listen": "b"}):
        with pytest.raises(ValueError, match=r"path|listen"):
            SOURCE.options.model_validate(given_options)
    assert Path(SOURCE.options.model_validate({"path": "a"}).model_dump()["path"]) == Path("a")

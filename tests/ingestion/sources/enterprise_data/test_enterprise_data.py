"""EnterpriseData: objects in the shape of OData, stubs of what is only referred to, deletions, and the answer that 1C waits for."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import PermanentError
from ingestion.formats.damage import DamagedFileError
from ingestion.formats.files import Part
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.exchange_messages import first_message, message_file, next_message, write_message
from ingestion.sandbox.onec_values import ref
from ingestion.sandbox.trade import Order, Return, Shipment
from ingestion.sources.onec_enterprise_data.reader import EnterpriseData
from ingestion.sources.onec_enterprise_data.source import SOURCE
from ingestion.spec import Source
from tests.ingestion.fuzzing import fuzzed

Zones = Callable[[Source], Any]
DAY = datetime(2026, 3, 1, 10, 0)  # noqa: DTZ001 - 1C's clock carries no zone


@pytest.fixture(scope="module")
def company() -> Company:
    return build_company(scale=0.05)


def test_the_first_message_gives_the_companys_books(zone_of: Zones, company: Company) -> None:
    zone = zone_of(SOURCE)
    first_message(company, message_file(zone.root / "exchange"))
    zone.extract(zone.connect(path="exchange"))
    orders = zone.records("orders")
    posted = [one for one in company.orders if one.is_posted]
    assert orders.keys() == {ref("order", one.number) for one in posted}
    total = sum(Decimal(line["Сумма"]) for one in orders.values() for line in one["Товары"])
    assert total == sum(line.amount for one in posted for line in one.lines if not line.is_cancelled)
    shipment = next(one for one in company.shipments if one.is_posted and one.order)
    sent = zone.records("shipments")[ref("shipment", shipment.number)]
    assert sent["Заказ_Key"] == ref("order", shipment.order)
    assert sent["Контрагент_Key"] == ref("counterparty", shipment.counterparty)
    assert sent["Товары"][0]["Номенклатура_Key"] == ref("product", shipment.lines[0].product)
    assert (sent["Number"], sent["_configuration"]) == (shipment.code, "ed")
    paid = next(
        one
        for one in company.payments
        if one.kind == "bank_in" and one.operation == "customer_payment" and one.is_conducted and one.splits[0].order
    )
    receipt = zone.records("bank_receipts")[ref("payment", paid.number)]
    assert receipt["ВидОперации"] == "ОплатаПокупателя"
    assert receipt["РасшифровкаПлатежа"][0]["Заказ_Key"] == ref("order", paid.splits[0].order)
    article = receipt["РасшифровкаПлатежа"][0]["СтатьяДвиженияДенежныхСредств_Key"]
    assert zone.records("cash_articles")[article]["Description"] == paid.operation
    assert Decimal(receipt["СуммаДокумента"]) == paid.amount


def test_what_is_only_referred_to_is_known_by_its_reference_and_yields_to_the_object(zone_of: Zones, company: Company) -> None:
    zone = zone_of(SOURCE)
    first_message(company, message_file(zone.root / "exchange"))
    zone.extract(zone.connect(path="exchange"))
    buyers = {one.counterparty for one in company.orders if one.is_posted}
    known = zone.records("counterparties")
    assert {ref("counterparty", number) for number in buyers} <= known.keys()
    stub = next(number for number in buyers if number % 3 == 0)
    card = company.card["onec", "counterparty", stub]
    assert (known[ref("counterparty", stub)]["Description"], known[ref("counterparty", stub)].get("ИНН", "")) == (card.name, card.tax_id)
    assert {one["Code"] for one in zone.records("currencies").values()} >= {"643"}
    assert zone.records("units").keys() == {"796"}
    papers: tuple[Order | Shipment | Return, ...] = (*company.orders, *company.shipments, *company.returns)
    assert len(zone.records("managers")) == len({one.manager for one in papers if one.is_posted})


def test_a_next_message_changes_and_deletes_and_is_answered(zone_of: Zones, company: Company) -> None:
    zone = zone_of(SOURCE)
    folder = zone.root / "exchange"
    connector = zone.connect(path="exchange", confirm=True, node="SK")
    first_message(company, message_file(folder))
    zone.extract(connector)
    answer = (folder / "Message_SK_ЦБ.xml").read_text(encoding="utf-8-sig")
    assert "<msg:ReceivedNo>1</msg:ReceivedNo>" in answer
    assert "<msg:To>ЦБ</msg:To><msg:From>SK</msg:From>" in answer
    order = next(one for one in company.orders if one.is_posted)
    gone = next(one for one in company.shipments if one.is_posted)
    next_message(company, message_file(folder), order, gone)
    results = zone.extract(connector)
    assert zone.records("orders")[ref("order", order.number)]["Комментарий"] == "изменено"
    assert ref("shipment", gone.number) not in zone.records("shipments")
    assert results["orders"].written == 1
    assert "<msg:ReceivedNo>2</msg:ReceivedNo>" in (folder / "Message_SK_ЦБ.xml").read_text(encoding="utf-8-sig")
    assert zone.extract(connector)["messages"].received == 0
    assert {one["Confirmation"]["From"] for one in zone.records("messages").values()} == {"ЦБ"}


def test_a_message_that_breaks_off_is_not_answered(zone_of: Zones, company: Company) -> None:
    zone = zone_of(SOURCE)
    path = first_message(company, message_file(zone.root / "exchange"))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(PermanentError, match="no well-formed XML"):
        zone.extract(zone.connect(path="exchange", confirm=True, node="SK"))
    assert len(zone.records("products")) == len(company.products)
    assert sorted(one.name for one in path.parent.iterdir()) == [path.name]


def test_without_being_told_nothing_is_answered(zone_of: Zones, company: Company) -> None:
    zone = zone_of(SOURCE)
    path = first_message(company, message_file(zone.root / "exchange"))
    zone.extract(zone.connect(path="exchange"))
    assert sorted(one.name for one in path.parent.iterdir()) == [path.name]
    with pytest.raises(ValueError, match="confirm needs node"):
        SOURCE.options.model_validate({"path": "a", "confirm": True})


def test_the_groups_of_a_product_are_its_folders_wherever_it_is_named(zone_of: Zones) -> None:
    top = "<Группа><Ссылка>g1</Ссылка><Наименование>Мебель</Наименование></Группа>"
    group = f"<Группа><Ссылка>g2</Ссылка><Наименование>Столы</Наименование>{top}</Группа>"
    named = "<КлючевыеСвойства><Номер>7</Номер><Дата>2026-03-01T00:00:00</Дата></КлючевыеСвойства>"
    sold = f"<Номенклатура><Ссылка>p2</Ссылка><Наименование>Стул</Наименование>{group}</Номенклатура>"
    line = f"<Товары><Строка><ДанныеНоменклатуры>{sold}</ДанныеНоменклатуры></Строка></Товары>"
    own = f"<КлючевыеСвойства><Ссылка>p1</Ссылка><Наименование>Стол</Наименование>{group}</КлючевыеСвойства>"
    sent = f"<КлючевыеСвойства><Ссылка>g3</Ссылка><Наименование>Шкафы</Наименование>{top}</КлючевыеСвойства>"
    zone = zone_of(SOURCE)
    objects = [
        f"<Справочник.Номенклатура>{own}</Справочник.Номенклатура>",
        f"<Справочник.НоменклатураГруппа>{sent}</Справочник.НоменклатураГруппа>",
        f"<Документ.РеализацияТоваровУслуг>{named}{line}</Документ.РеализацияТоваровУслуг>",
    ]
    write_message(zone.root / "a.xml", 1, objects, DAY)
    zone.extract(zone.connect(path="a.xml"))
    found = {key: (one["Description"], one.get("Parent_Key"), one.get("IsFolder")) for key, one in zone.records("products").items()}
    assert found == {
        "p1": ("Стол", "g2", None), "p2": ("Стул", "g2", None), "g1": ("Мебель", None, True), "g2": ("Столы", "g1", True),
        "g3": ("Шкафы", "g1", True),
    }  # fmt: skip


def test_invoices_are_orders_where_the_company_says_so(zone_of: Zones) -> None:
    named = "<КлючевыеСвойства><Номер>7</Номер><Дата>2026-03-01T00:00:00</Дата></КлючевыеСвойства>"
    invoice = f"<Документ.СчетПокупателю>{named}<Сумма>5</Сумма></Документ.СчетПокупателю>"
    for orders, expected in (("invoices", {"7/2026-03-01T00:00:00"}), ("orders", set())):
        zone = zone_of(SOURCE)
        write_message(zone.root / "a.xml", 1, [invoice], DAY)
        zone.extract(zone.connect(path="a.xml", orders=orders))
        assert zone.records("orders").keys() == expected


def test_documents_are_found_by_what_refers_to_them(zone_of: Zones) -> None:
    """An invoice of a shipment, the sale that goods come back from, the document that money settles: the last two of several kinds."""
    named = "<КлючевыеСвойства><Номер>7</Номер><Дата>2026-03-01T00:00:00</Дата></КлючевыеСвойства>"
    key = "<Дата>2026-02-01T00:00:00</Дата><Номер>5</Номер>"
    sale = f"<РеализацияТоваровУслугСсылка><Ссылка>{ref('shipment', 1)}</Ссылка>{key}</РеализацияТоваровУслугСсылка>"
    split = f"<Строка><Сумма>1</Сумма><ДокументРасчетов>{sale}</ДокументРасчетов></Строка>"
    zone = zone_of(SOURCE)
    objects = [
        f"<Документ.РеализацияТоваровУслуг>{named}<СчетПокупателю>{key}</СчетПокупателю></Документ.РеализацияТоваровУслуг>",
        f"<Документ.ВозвратТоваровОтПокупателя>{named}<ДокументРеализации>{sale}</ДокументРеализации></Документ.ВозвратТоваровОтПокупателя>",
        f"<Документ.ПКОРасчетыСКонтрагентами>{named}<РасшифровкаПлатежа>{split}</РасшифровкаПлатежа></Документ.ПКОРасчетыСКонтрагентами>",
    ]
    write_message(zone.root / "a.xml", 1, objects, DAY)
    zone.extract(zone.connect(path="a.xml"))
    held = {stream: next(iter(zone.records(stream).values())) for stream in ("shipments", "returns", "cash_receipts")}
    assert held["shipments"]["СчетНаОплатуПокупателю_Key"] == "5/2026-02-01T00:00:00"
    assert held["returns"]["ДокументРеализации_Key"] == ref("shipment", 1)
    assert held["cash_receipts"]["РасшифровкаПлатежа"][0]["Документ_Key"] == ref("shipment", 1)


def test_a_shops_day_has_what_came_back_and_what_was_paid(zone_of: Zones) -> None:
    named = "<КлючевыеСвойства><Номер>7</Номер><Дата>2026-03-01T00:00:00</Дата></КлючевыеСвойства>"
    sold = "<Сумма>100</Сумма><СуммаСкидки>10</СуммаСкидки><СуммаСУчетомСкидки>90</СуммаСУчетомСкидки>"
    rows = (
        f"<ТоварыПродажа><Строка>{sold}</Строка><Строка><Сумма>5</Сумма></Строка></ТоварыПродажа>"
        "<ТоварыВозвратПродажи><Строка><Сумма>50</Сумма><СуммаВозврата>45</СуммаВозврата></Строка></ТоварыВозвратПродажи>"
    )
    zone = zone_of(SOURCE)
    write_message(zone.root / "a.xml", 1, [f"<Документ.ОтчетОРозничныхПродажах>{named}{rows}</Документ.ОтчетОРозничныхПродажах>"], DAY)
    zone.extract(zone.connect(path="a.xml"))
    (report,) = zone.records("retail_reports").values()
    assert [row["Сумма"] for row in report["Товары"]] == ["90", "5"]
    assert [row["Сумма"] for row in report["ВозвращенныеТовары"]] == ["45"]


def test_a_newer_version_is_read_with_a_note(zone_of: Zones) -> None:
    zone = zone_of(SOURCE)
    path = write_message(zone.root / "a.xml", 1, [], DAY)
    path.write_text(path.read_text(encoding="utf-8-sig").replace("EnterpriseData/1.8", "EnterpriseData/1.35"), encoding="utf-8")
    zone.extract(zone.connect(path="a.xml"))
    assert "EnterpriseData 1.35 is newer" in zone.notes[0]


@fuzzed(100)
@given(st.binary(max_size=100), st.integers(0, 900), st.integers(0, 40))
def test_any_damage_is_records_or_one_error(noise: bytes, place: int, cut: int) -> None:
    good = (
        '<Message xmlns:msg="m"><msg:Header><msg:Confirmation><msg:From>A</msg:From><msg:MessageNo>1</msg:MessageNo></msg:Confirmation>'
        "</msg:Header>"
        "<Body><Документ.ЗаказКлиента><КлючевыеСвойства><Номер>1</Номер><Контрагент><ИНН>7</ИНН></Контрагент></КлючевыеСвойства>"
        "<Товары><Строка><Сумма>1</Сумма></Строка></Товары></Документ.ЗаказКлиента></Body></Message>"
    ).encode()
    data = good[:place] + noise + good[place + cut :]
    try:
        list(EnterpriseData(invoices=False).read(Part("a.xml", io.BytesIO(data), data)))
    except DamagedFileError as error:
        where = error.where
        assert where.startswith("a.xml")

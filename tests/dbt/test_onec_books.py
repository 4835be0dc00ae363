"""What records of 1C become: sales, returns or goods that only moved, by operation and contract; orders by status; products by category."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.dbt.kept_dbt import Dbt
from tests.dbt.workbench import Workbench, systems_of

RAW = (
    "_source varchar, _key varchar, _modified_at timestamptz, _loaded_at timestamptz, _load_id bigint, _file varchar, _deleted boolean,"
    " payload json"
)
STAGED = ("orders", "shipments", "returns", "retail_receipts", "retail_returns", "retail_reports")
MONEY = ("bank_receipts", "bank_payments", "cash_receipts", "cash_payments", "card_operations")
OTHERS = ("sales_register", "product_keys", "partner_keys", "receivables_balance", "contracts", "products", "product_categories", "units")
OPENING = "receivables_opening_balance"
BOOKS, TRADE, WORKS, OLDER = (
    {"name": name, "system": "onec", "type": "1c_odata", "position": place, "timezone": "Europe/Moscow", "url": ""}
    for place, name in enumerate(("books", "trade", "works", "older"), 1)
)
LOADED = datetime(2026, 3, 31, tzinfo=UTC)
ORDER, REGISTER = "Document_ЗаказКлиента", "AccumulationRegister_ВыручкаИСебестоимостьПродаж"
SHIPMENT, RETURN, RECEIPT = "Document_РеализацияТоваровУслуг", "Document_ВозвратТоваровОтПокупателя", "Document_ПриходнаяНакладная"
PRODUCT = "Catalog_Номенклатура"
NOT_OURS_YET = "РеализацияБезПереходаПраваСобственности"
OBJECTS = ("a contract", "an order", "a shipment")
EMPTY = "00000000-0000-0000-0000-000000000000"


def raw(key: str, entity: str, configuration: str = "bp", *, source: str = "books", **fields: Any) -> tuple[object, ...]:
    payload = {"_entity": entity, "_configuration": configuration, "Date": "2026-03-01T12:00:00", "Posted": True, **fields}
    return (source, key, None, LOADED, 1, "", False, json.dumps(payload, ensure_ascii=False))


def paid(key: str, operation: str, **fields: Any) -> tuple[object, ...]:
    return raw(key, "Document_ПоступлениеНаРасчетныйСчет", ВидОперации=operation, СуммаДокумента=100, **fields)


def moved(recorder: str, kind: str = f"StandardODATA.{SHIPMENT}", source: str = "books", **row: Any) -> tuple[object, ...]:
    rows = [{"Period": "2026-03-01T12:00:00", **row}]
    return raw(recorder, REGISTER, "ut", source=source, Recorder=recorder, Recorder_Type=kind, RecordSet=rows)


def older(key: str, entity: str, **fields: Any) -> tuple[object, ...]:
    """A record of a base whose customer had debts before the first loaded day."""
    return raw(key, entity, "ut", source="older", Контрагент_Key="known", **fields)


def owed(order: str, balance: int) -> tuple[object, ...]:
    about = {"ЗаказКлиента": order, "ЗаказКлиента_Type": f"StandardODATA.{ORDER}"}
    return older(order, "AccumulationRegister_РасчетыСКлиентами", СуммаBalance=balance, _balance_at="2026-02-01T00:00:00", **about)


@pytest.fixture(scope="module")
def books(dbt: Dbt, tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    """One base with a record of every kind that is asked about."""
    records = {
        "contracts": [
            raw("agent", "Catalog_ДоговорыКонтрагентов", ВидДоговора="СКомиссионером"),
            raw("buyer", "Catalog_ДоговорыКонтрагентов", ВидДоговора="СПокупателем"),
        ],
        "orders": [
            raw("shipped by nobody", ORDER, "ut", Статус="Закрыт"),
            raw("still open", ORDER, "ut", Статус="КОбеспечению", Валюта_Key="eur"),
            raw("deleted currency", ORDER, "ut", Статус="КОбеспечению", Валюта_Key="gone"),
            raw("shipped unseen", ORDER, "ut", source="trade", Статус="Закрыт", Валюта_Key="unpublished"),
            raw("own act", ORDER, "ut", source="works", ОбъектРасчетов_Key="an order"),
            *(raw(key, ORDER, "ut", source="works", ОбъектРасчетов_Key="a contract") for key in ("one of two", "two of two")),
        ],
        "shipments": [
            raw("goods", SHIPMENT, ВидОперации="Товары", ДоговорКонтрагента_Key="buyer"),
            raw("both", SHIPMENT, ВидОперации="ПродажаКомиссия", ДоговорКонтрагента_Key="buyer"),
            raw("no contract", SHIPMENT, ВидОперации="ПродажаКомиссия", ДоговорКонтрагента_Key=EMPTY),
            raw("on commission", SHIPMENT, ВидОперации="ПродажаКомиссия", ДоговорКонтрагента_Key="agent"),
            raw("given to keep", "Document_РасходнаяНакладная", "unf", ВидОперации="ПередачаНаКомиссию"),
            raw("to the supplier", "Document_РасходнаяНакладная", "unf", ВидОперации="ВозвратТоваровОбратноПоставщику"),
            raw("goods of works", SHIPMENT, "ut", source="works", Товары=[{"Сумма": 30, "ОбъектРасчетов_Key": "a shipment"}]),
            raw("under way", SHIPMENT, "ut", source="works", ХозяйственнаяОперация=NOT_OURS_YET, ЗаказКлиента="own act"),
            raw("under way by lines", SHIPMENT, "ut", source="works", Posted=False, Товары=[{"Сумма": 9, "ЗаказКлиента": "own act"}]),
            older(
                "the rest",
                SHIPMENT,
                ЗаказКлиента="in two parts",
                Договор_Key="a frame agreement",
                Товары=[{"НомерСтроки": "1", "Сумма": 25}],
            ),
        ],
        "returns": [
            raw("back", RETURN, ВидОперации="ПродажаКомиссия", ДоговорКонтрагента_Key="buyer"),
            raw("back from the buyer", RECEIPT, "unf", ВидОперации="ВозвратОтПокупателя"),
            raw("back by another name", RECEIPT, "unf", ВидОперации="ВозвратТоваровПокупателем"),
            raw("delivery", RECEIPT, "unf", ВидОперации="ПоступлениеОтПоставщика"),
            raw("something else", RECEIPT, "unf", ВидОперации="ПриемВПереработку"),
            raw("not posted", RETURN, ВидОперации="Товары", Posted=False),
            older(
                "taken back", "Document_ВозвратТоваровОтКлиента", ДокументРеализации="owed for", Товары=[{"НомерСтроки": "1", "Сумма": 10}]
            ),
        ],
        "bank_receipts": [
            paid("paid", "ОплатаПокупателя"),
            paid("paid by another name", "ПоступлениеОплатыОтКлиентаАванс"),
            paid("not conducted", "ОплатаПокупателя", ПроведеноБанком=False),
            paid("cards", "ПоступлениеОтПродажиПоПлатежнымКартам"),
            paid("loan", "ПолучениеКредита"),
            *(
                paid(f"for {named}", "ОплатаПокупателя", source="works", РасшифровкаПлатежа=[{"СуммаПлатежа": 1, column: named}])
                for named, column in (
                    *((named, "ОбъектРасчетов_Key") for named in OBJECTS),
                    *((named, "Документ") for named in ("act", "under way", "under way by lines")),
                    ("cut", "Документ_Key"),
                )
            ),
            paid(
                "for the document",
                "ОплатаПокупателя",
                source="works",
                РасшифровкаПлатежа=[{"СуммаПлатежа": 1, "СчетНаОплату_Key": EMPTY, "Сделка": "goods of works", "Сделка_Type": SHIPMENT}],
            ),
            *(
                older(
                    f"for {order}",
                    "Document_ПоступлениеБезналичныхДенежныхСредств",
                    ХозяйственнаяОперация="ПоступлениеОплатыОтКлиента",
                    РасшифровкаПлатежа=[{"СуммаПлатежа": 1, "Заказ": order}],
                )
                for order in ("owed for", "in two parts", "a frame agreement", "paid ahead")
            ),
        ],
        OPENING: [owed("owed for", 40), owed("in two parts", 50), owed("a frame agreement", 60), owed("paid ahead", -15)],
        "bank_payments": [paid("supplier", "ОплатаПоставщику"), paid("paid back", "ВозвратДенегПокупателям")],
        "sales_register": [
            moved("moved", СтоимостьБезНДС=10, Стоимость=12, ДопРасходы=1, СуммаВыручки=100),
            moved("moved at cost", Стоимость=12),
            *(
                moved(recorder, f"StandardODATA.{kind}", "works", **row)
                for recorder, kind, row in (
                    ("goods of works", SHIPMENT, {"Контрагент_Key": "known", "СуммаВыручки": 30}),
                    ("own act", ORDER, {"Контрагент_Key": "known", "ЗаказКлиента": "own act", "СуммаВыручки": 120}),
                    ("act", "Document_АктВыполненныхРабот", {"Контрагент_Key": "known", "СуммаВыручки": 60}),
                    ("cut", "Document_КорректировкаРеализации", {"Контрагент_Key": "known", "ЗаказКлиента": "act", "СуммаВыручки": -10}),
                    ("cost of the act", "Document_РасчетСебестоимостиТоваров", {"Контрагент_Key": "known", "СтоимостьБезНДС": 5}),
                    ("till", "Document_ЧекККМ", {"Контрагент_Key": "known", "СуммаВыручки": 15}),
                    ("act of nobody", "Document_АктВыполненныхРабот", {"СуммаВыручки": 70}),
                    ("act of ourselves", "Document_АктВыполненныхРабот", {"Контрагент_Key": "ourselves", "СуммаВыручки": 80}),
                )
            ),
            moved("moved unseen", "UnavailableEntities.UnavailableEntity_7", source="trade", СуммаВыручки=500),
        ],
        "product_categories": [raw("tools", "Catalog_ВидыНоменклатуры", "ut", Description="Инструмент")],
        "products": [
            raw("drill", PRODUCT, "ut", Description="Дрель", ТоварнаяКатегория_Key=EMPTY, ВидНоменклатуры_Key="tools"),
            raw("saw", PRODUCT, "ut", Description="Пила", ТоварнаяКатегория_Key="unpublished", ВидНоменклатуры_Key="tools"),
            raw("nail", PRODUCT, "ut", Description="Гвоздь", ТоварнаяКатегория_Key=EMPTY, ВидНоменклатуры_Key=EMPTY),
        ],
    }
    none = ("int_order_records", "int_order_line_records", "int_payment_records", "int_shipment_records")
    systems = systems_of() | {entity: [] for entity in none}
    given = {"base_currency": "RUB", "sources": [BOOKS, TRADE, WORKS, OLDER], "systems_of": systems}
    bench = Workbench(dbt, tmp_path_factory.mktemp("books"), given)
    bench.tables(
        [
            *((f"raw.onec__{stream}", RAW, records.get(stream, [])) for stream in (*STAGED, *MONEY, *OTHERS, OPENING)),
            (
                "intermediate.int_onec_currencies",
                "source varchar, currency_id varchar, currency_code varchar",
                [("books", "rub", "RUB"), ("books", "eur", "EUR")],
            ),
            (
                "intermediate.int_customer_links",
                "card_key varchar, customer_key varchar",
                [(f"{base}:counterparty:known", f"{base}:known") for base in ("works", "older")],
            ),
            ("intermediate.int_manager_links", "manager_ref varchar, manager_key varchar", []),
            ("intermediate.int_onec_own_cards", "card_key varchar", [("works:counterparty:ourselves",)]),
            ("intermediate.int_product_links", "product_ref varchar, product_key varchar", []),
            ("intermediate.int_sources", "source varchar, url varchar", []),
            ("intermediate.int_customers", "customer_key varchar, customer_name varchar, manager_key varchar", []),
            ("marts.fct_sales", "source varchar, sale_date date, revenue_base decimal(18,2)", []),
            (
                "intermediate.int_exchange_rate_ranges",
                "currency_code varchar, valid_from date, valid_to date, rate_to_base decimal(18,8)",
                [],
            ),
        ]
    )
    bench.run("sale_operations", "payment_operations", command="seed")
    lines = (f"stg_onec__{stream.removesuffix('s')}_lines" for stream in STAGED)
    splits = (f"stg_onec__{stream.removesuffix('s')}_splits" for stream in MONEY)
    models = (
        "int_onec_documents",
        "int_product_cards__onec",
        "int_onec_products",
        "int_opening_balances",
        "int_order_lines",
        "int_sale_document_lines",
        "int_register_documents",
        "int_order_movements",
        "int_orders",
    )
    register = (*(f"stg_onec__{name}" for name in ("sales_register", "sales_register_rows", "product_keys", "partner_keys")),)
    money = ("int_order_references", "int_book_payments", "int_payments")
    checked = ("int_onec_register_rows", "int_repeated_retail_reports", "check_control_total_differs")
    bench.run(*(f"stg_onec__{stream}" for stream in (*STAGED, *MONEY, OPENING)), *lines, *splits, *models, *money, *register, *checked)
    return bench


@pytest.fixture
def documents(books: Workbench) -> dict[str, tuple[bool, bool]]:
    """Whether each document is a return, and whether it counts."""
    query = "select document_id, is_return, is_counted from intermediate.int_onec_documents"
    return {key: (back, counts) for key, back, counts in books.rows(query)}


SOLD, GIVEN_BACK, LEFT_OUT = (False, True), (True, True), False


def test_an_operation_tells_what_was_sold(documents: dict[str, tuple[bool, bool]]) -> None:
    assert [documents[key] for key in ("goods", "both", "no contract")] == [SOLD] * 3
    assert [documents[key][1] for key in ("on commission", "given to keep", "to the supplier", "not posted")] == [LEFT_OUT] * 4


def test_an_operation_tells_what_came_back(documents: dict[str, tuple[bool, bool]]) -> None:
    """A delivery and a return from a buyer are one type of document in УНФ; releases name the return differently."""
    assert [documents[key] for key in ("back", "back from the buyer", "back by another name")] == [GIVEN_BACK] * 3
    assert [documents[key][1] for key in ("delivery", "something else")] == [LEFT_OUT] * 2


def test_money_is_a_customers_by_its_operation(books: Workbench) -> None:
    """Refunds are outgoing documents; what releases call them differs, and a bank's document counts when the bank has executed it."""
    columns = "document_key, operation_kind, direction, is_customer_money"
    found = books.rows(f"select {columns} from intermediate.int_payments where source = 'books' order by 1")
    assert found == [
        ("books:cards", None, "in", False),
        ("books:loan", "loan", "in", False),
        ("books:paid", "customer", "in", True),
        ("books:paid back", "customer", "out", True),
        ("books:paid by another name", "customer", "in", True),
        ("books:supplier", "supplier", "out", False),
    ]


def test_a_closed_order_is_cancelled_only_where_shipments_are_seen(books: Workbench) -> None:
    """УТ closes fulfilled and cancelled orders alike; a base that publishes no shipments tells nothing of what became of them."""
    found = dict(books.rows("select order_id, is_cancelled from intermediate.int_orders where is_order and source <> 'works'"))
    assert found == {"shipped by nobody": True, "still open": False, "deleted currency": False, "shipped unseen": False}


def test_what_the_register_alone_knows_is_owed_for(books: Workbench) -> None:
    """An act of work is an order of its own, a correction belongs to what it corrects, УНФ's order may be its own act."""
    shipped = "select order_key, sum(case when is_return then -amount else amount end) from intermediate.int_order_movements group by 1"
    moved_by = {key: float(amount) for key, amount in books.rows(shipped) if amount}
    assert {key: amount for key, amount in moved_by.items() if key.startswith("works:")} == {
        "works:act": 50,
        "works:own act": 120,
        "works:goods of works": 30,
    }
    orders = books.rows("select order_key, amount, customer_key, is_order from intermediate.int_orders where order_key like '%act'")
    assert sorted(orders) == [("works:act", 60, "works:known", False), ("works:own act", 0, None, True)]


def test_money_may_name_the_object_of_settlements_or_an_act(books: Workbench) -> None:
    """УТ 11.5 names the object alone; one that several orders share, as that of a contract, tells nothing. БП names invoice or document.

    A shipment that is no sale (the goods are not the customer's yet, it is not posted) is still of its order.
    """
    paid_for = dict(books.rows("select payment_key, order_key from intermediate.int_payments where payment_key like 'works:for %'"))
    assert {key.split(":")[1]: order for key, order in paid_for.items()} == {
        "for a contract": None,
        "for an order": "works:own act",
        "for a shipment": "works:goods of works",
        "for act": "works:act",
        "for cut": "works:act",
        "for under way": "works:own act",
        "for under way by lines": "works:own act",
        "for the document": "works:goods of works",
    }


def test_debts_of_earlier_days_are_orders_of_their_own(books: Workbench) -> None:
    """A return lowers the debt that it names; a later shipment of the same order is an order of its own, as any of an unread order."""
    orders = books.rows("select order_key, order_date, amount, customer_key, is_order from intermediate.int_orders where source = 'older'")
    assert sorted(orders) == [
        ("older:a frame agreement", date(2026, 2, 1), 60, "older:known", False),
        ("older:in two parts", date(2026, 2, 1), 50, "older:known", False),
        ("older:owed for", date(2026, 2, 1), 40, "older:known", False),
        ("older:the rest", date(2026, 3, 1), 25, "older:known", False),
    ]
    moved_by = books.rows("select order_key, is_return, amount from intermediate.int_order_movements where order_key like 'older:%'")
    assert sorted(moved_by) == [
        ("older:a frame agreement", False, 60),
        ("older:in two parts", False, 50),
        ("older:owed for", False, 40),
        ("older:owed for", True, 10),
        ("older:the rest", False, 25),
    ]


def test_money_for_an_order_of_earlier_days_pays_its_debt(books: Workbench) -> None:
    """Unless the order, or another under its contract, was shipped since: then its money is the customer's, and goes to the oldest debt."""
    paid_for = dict(books.rows("select document_key, order_key from intermediate.int_payments where source = 'older'"))
    elsewhere = ("in two parts", "a frame agreement", "paid ahead")
    assert paid_for == {"older:for owed for": "older:owed for", **{f"older:for {named}": None for named in elsewhere}}


def test_a_base_that_publishes_no_currencies_has_one(books: Workbench) -> None:
    """An unknown guid of a currency where others are known stays unknown, and its missing rate is told."""
    asked = "select document_id, currency_code from intermediate.int_onec_documents where document_kind = 'order' and source <> 'works'"
    found = dict(books.rows(asked))
    assert found == {"shipped by nobody": "RUB", "still open": "EUR", "deleted currency": None, "shipped unseen": "RUB"}


def test_a_base_without_categories_of_goods_has_their_kinds(books: Workbench) -> None:
    """УТ gives a product both; which of the two catalogs is published is the administrator's choice."""
    found = books.rows("select product_name, category from intermediate.int_product_cards__onec order by 1")
    assert found == [("Гвоздь", None), ("Дрель", "Инструмент"), ("Пила", "Инструмент")]


def test_cost_without_vat_goes_before_cost_with_it(books: Workbench) -> None:
    asked = "select recorder_id, cost, extra_cost from staging.stg_onec__sales_register_rows where _source <> 'works' order by 1"
    found = books.rows(asked)
    assert found == [("moved", 10, 1), ("moved at cost", 12, None), ("moved unseen", None, None)]


def test_the_register_is_compared_with_documents_that_can_be_read(books: Workbench) -> None:
    """A document of a published type that is not there is told; types that are not published at all are no difference."""
    found = books.rows("select issue_id, amount from intermediate.check_control_total_differs where issue_id like 'documents:%'")
    assert found == [("documents:books:2026-03-01", 100)]

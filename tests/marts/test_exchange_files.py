"""From exchange files to marts: a company that sends files only, and one whose dump of 1C meets the bank's statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from ingestion.sandbox import truth
from ingestion.sandbox.company import Company, build_company
from ingestion.sandbox.exchange_commerceml import write_catalog, write_orders
from ingestion.sandbox.exchange_messages import first_message, message_file
from ingestion.sandbox.exchange_objects import write_dump
from ingestion.sandbox.exchange_statements import executed, write_statements
from ingestion.sandbox.onec_values import ref
from ingestion.settings import load_settings
from ingestion.sync import SyncOptions, sync
from tests.dbt.kept_dbt import Dbt
from tests.marts.built_in_memory import BuiltSandbox, built, compile_for
from tests.marts.sandbox_warehouse import PublishedSandbox
from tests.properties.compiled import CompiledProject

AS_OF = date(2026, 3, 31)
HEAD = '[company]\nname = "Сандал"\ncurrency = "RUB"\ntimezone = "Europe/Moscow"\n[warehouse]\npath = "data"\n'
MARTS = ("fct_orders", "fct_order_lines", "fct_sales", "fct_payments", "fct_stock", "dim_customers")


@pytest.fixture(scope="module")
def company() -> Company:
    return build_company(scale=0.05)


Make = Callable[[Path, str], BuiltSandbox]


@pytest.fixture(scope="module")
def make(dbt: Dbt, company: Company, published_sandbox: PublishedSandbox) -> Make:
    """Reads what the configuration names into a warehouse in the folder and gives the marts of it; seeds are those of the sandbox."""

    def made(folder: Path, toml: str) -> BuiltSandbox:
        (folder / "skvoz.toml").write_text(HEAD + toml, encoding="utf-8")
        settings = load_settings(folder / "skvoz.toml", today=AS_OF)
        outcomes = sync(settings, SyncOptions())
        assert [one.error for one in outcomes if one.error] == []
        compiled = compile_for(dbt, settings, AS_OF, folder / "dbt", MARTS)
        return built(published_sandbox, compiled, company, AS_OF, raw=settings.warehouse_file, marts=MARTS)

    return made


def mart(exchanged: BuiltSandbox, sql: str) -> pl.DataFrame:
    frame: pl.DataFrame = exchanged.connection.sql(sql).pl()
    return frame


@pytest.fixture(scope="module")
def exchanged(make: Make, company: Company, tmp_path_factory: pytest.TempPathFactory) -> BuiltSandbox:
    """A company without a readable base: its catalogue and documents come by CommerceML."""
    folder = tmp_path_factory.mktemp("exchanged")
    write_catalog(company, folder / "exchange")
    write_orders(company, folder / "exchange")
    return make(folder, '[sources.site]\ntype = "1c_commerceml"\npath = "exchange"\n')


def test_orders_of_commerceml_are_the_companys_orders(company: Company, exchanged: BuiltSandbox) -> None:
    expected = truth.orders(company).filter(~pl.col("is_cancelled"))
    found = mart(exchanged, "select count(*) as n, sum(amount_base) as amount from marts.fct_orders where is_order and not is_cancelled")
    assert found.row(0) == (expected.height, expected["amount_base"].sum())


def test_a_shipment_of_commerceml_that_belongs_to_no_order_is_its_own(exchanged: BuiltSandbox) -> None:
    sold = mart(
        exchanged,
        "select document_key, min(order_key) as order_key, sum(revenue_base) as sold from marts.fct_sales"
        " where document_key not in (select s.document_key from marts.fct_sales s join marts.fct_orders o using (order_key)"
        " where o.is_order)"
        " group by document_key",
    )
    own = mart(exchanged, "select order_key, amount_base, shipped_base from marts.fct_orders where not is_order")
    assert sold["order_key"].to_list() == sold["document_key"].to_list()
    assert sorted(own.iter_rows()) == sorted((key, sum_, sum_) for key, _, sum_ in sold.iter_rows())
    assert own.height > 0


def test_sales_of_commerceml_are_what_was_shipped_less_what_came_back(company: Company, exchanged: BuiltSandbox) -> None:
    lines = [(one, 1) for one in company.shipments if one.is_posted] + [(one, -1) for one in company.returns if one.is_posted]
    expected = sum((sign * (line.amount * one.rate).quantize(Decimal("0.01")) for one, sign in lines for line in one.lines), Decimal(0))
    found = mart(exchanged, "select sum(revenue_base) as revenue, count(distinct product_key) as goods from marts.fct_sales")
    assert found["revenue"][0] == expected
    assert found["goods"][0] == len({line.product for one, _ in lines for line in one.lines})


def test_orders_of_commerceml_are_shipped_paid_and_owed_for(exchanged: BuiltSandbox) -> None:
    """Shipped net of returns, of the sales that name the order; the customer's money beside it leaves no more owed than that."""
    sold = mart(
        exchanged, "select order_key, sum(revenue_base) as sold from marts.fct_sales where order_key is not null group by order_key"
    )
    orders = mart(exchanged, "select order_key, shipped_base, paid_base, debt_base from marts.fct_orders where currency_code = 'RUB'")
    both = orders.join(sold, on="order_key", how="left").with_columns(pl.col("sold").fill_null(0))
    assert both.filter(pl.col("shipped_base") != pl.col("sold")).is_empty()
    assert both["shipped_base"].sum() > 0
    owed = pl.max_horizontal(pl.col("shipped_base") - pl.col("paid_base"), pl.lit(Decimal(0)))
    assert both.filter(pl.col("debt_base") != owed).is_empty()
    assert both["debt_base"].sum() > 0


def test_orders_of_commerceml_stop_no_publication(exchanged: BuiltSandbox, compiled: CompiledProject) -> None:
    made = {name for (name,) in exchanged.connection.execute("select table_name from information_schema.tables").fetchall()}
    checked = {check.name for check in compiled.checks if check.is_blocking and check.parents <= made}
    assert "assert_every_sale_is_of_a_document_that_counts" in checked
    assert compiled.broken(exchanged.connection, made) == {}


def test_payments_of_commerceml_meet_their_orders(company: Company, exchanged: BuiltSandbox) -> None:
    expected = truth.payments(company).filter(pl.col("order").is_not_null() & (pl.col("direction") == "in"))
    found = mart(
        exchanged, "select sum(amount) as amount, count(*) as n, count(order_key) as linked from marts.fct_payments where direction = 'in'"
    )
    assert (found["amount"][0], found["n"][0]) == (expected["amount"].sum(), expected.height)
    assert found["linked"][0] >= found["n"][0] * 0.9  # orders that do not count any more keep their money


def test_stock_of_commerceml_lies_in_its_warehouses(company: Company, exchanged: BuiltSandbox) -> None:
    found = mart(exchanged, "select sum(quantity) as quantity, count(distinct warehouse_key) as places from marts.fct_stock")
    assert found.row(0) == (sum(row.quantity for row in company.stock), len({row.warehouse for row in company.stock}))


SITE = """<?xml version="1.0" encoding="windows-1251"?>
<КоммерческаяИнформация ВерсияСхемы="2.10" ДатаФормирования="2026-03-20T10:00:00">
<Контейнер>
 <Документ><Ид>7</Ид><Номер>7</Номер><Дата>2026-03-02</Дата><ХозОперация>Заказ товара</ХозОперация><Роль>Продавец</Роль><Валюта>RUB</Валюта>
  <Контрагенты><Контрагент><Ид>7#anna#</Ид><Наименование>Анна</Наименование><Роль>Покупатель</Роль><Контакты>
   <Контакт><Тип>Телефон рабочий</Тип><Значение>8 903 111-22-33</Значение></Контакт>
   <Контакт><Тип>Почта</Тип><Значение>Anna@example.ru</Значение></Контакт></Контакты></Контрагент></Контрагенты>{goods}</Документ>
 {paid}{planned}{cancelled}{card}{returned}
 <Документ><Ид>71</Ид><Номер>71</Номер><Дата>2026-03-05</Дата><ХозОперация>Отпуск товара</ХозОперация><Валюта>RUB</Валюта>
  <Основание>7</Основание>{goods}<ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>Отгружено</Наименование><Значение>true</Значение>
  </ЗначениеРеквизита></ЗначенияРеквизитов></Документ>
 <Документ><Ид>72</Ид><Номер>72</Номер><Дата>2026-03-06</Дата><ХозОперация>Отпуск товара</ХозОперация><Валюта>RUB</Валюта>
  <Основание>7</Основание>{goods}<ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>Отгружено</Наименование><Значение>false</Значение>
  </ЗначениеРеквизита></ЗначенияРеквизитов></Документ>
</Контейнер></КоммерческаяИнформация>"""
GOODS = """<Налоги><Налог><Наименование>НДС</Наименование><УчтеноВСумме>{included}</УчтеноВСумме><Сумма>{tax}</Сумма></Налог></Налоги>
<Товары>
<Товар><Ид>a</Ид><Наименование>Стол</Наименование><Количество>1</Количество><Сумма>120.00</Сумма>{rate}<Скидки><Скидка><Сумма>20</Сумма>
<УчтеноВСумме>{discounted}</УчтеноВСумме></Скидка></Скидки></Товар>
<Товар><Ид>b</Ид><Наименование>Стул</Наименование><Количество>2</Количество><Сумма>100.00</Сумма></Товар></Товары>"""
RATE = "<СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование><Ставка>{rate}</Ставка></СтавкаНалога></СтавкиНалогов>"


def payment(number: int, operation: str, **requisites: str) -> str:
    told = "".join(
        f"<ЗначениеРеквизита><Наименование>{name.replace('_', ' ')}</Наименование><Значение>{value}</Значение></ЗначениеРеквизита>"
        for name, value in requisites.items()
    )
    return (
        f"<Документ><Ид>{number}</Ид><Номер>{number}</Номер><Дата>2026-03-04</Дата><Время>01:30:00</Время><ХозОперация>{operation}</ХозОперация>"
        f"<Валюта>RUB</Валюта><Сумма>{number}.50</Сумма><Основание>7</Основание><ЗначенияРеквизитов>{told}</ЗначенияРеквизитов></Документ>"
    )


# the same return as several systems write it: signed, by a flag alone, with a sign on the sum or on the quantity only; then a cost that
# was closed later, and a gift
RETURNED = """document_id;sale_date;quantity;revenue;vat;cost;is_return
1;2026-03-01;-2;-120.00;-20.00;-60.00;true
2;2026-03-01;2;120.00;20.00;60.00;true
3;2026-03-01;2;-120.00;-20.00;60.00;
4;2026-03-01;-2;120.00;20.00;60.00;true
5;2026-03-01;-2;-120.00;20.00;60.00;
6;2026-03-31;0;0;0;5.00;
7;2026-03-31;1;0;0;5.00;
"""


@pytest.fixture(scope="module")
def sites(make: Make, tmp_path_factory: pytest.TempPathFactory) -> BuiltSandbox:
    """Three sites' exchanges that differ in how goods tell their VAT, and reports that name customers and goods in sales alone."""
    tmp_path = tmp_path_factory.mktemp("sites")
    goods = {
        "rates": GOODS.format(included="true", tax="99", rate=RATE.format(rate="20%"), discounted="true"),
        "beside": GOODS.format(included="false", tax="44", rate="", discounted="true"),
        "discounts": GOODS.format(included="true", tax="", rate=RATE.format(rate="Без НДС"), discounted="false"),
    }
    payments = {
        "paid": payment(1, "Выплата безналичных денег", Оплачено="true"),
        "planned": payment(2, "Выплата безналичных денег", Оплачено="false"),
        "cancelled": payment(3, "Выплата наличных денег", Оплачено="true", Отменен="true"),
        "card": payment(4, "Эквайринговая операция", Оплачено="true"),
        "returned": payment(5, "Выплата наличных денег", Оплачено="true", Признак_возврата="true"),
    }
    toml = ""
    for name, lines in goods.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "orders.xml").write_text(SITE.format(goods=lines, **payments), encoding="cp1251")
        toml += f'[sources.{name}]\ntype = "1c_commerceml"\npath = "{name}"\n'
    sales = "Документ;Дата;Клиент;Товар;Сумма\nР1;2026-03-01;ООО Луч;Лампа;100\nР2;2026-03-02;Розничный покупатель;Лампа;7\n"
    for name in ("report", "unpaid"):
        (tmp_path / f"{name}.csv").write_text(sales, encoding="utf-8")
        columns = 'document_id = "Документ", sale_date = "Дата", customer_id = "Клиент", product_id = "Товар", revenue = "Сумма"'
        toml += f'[sources.{name}]\ntype = "files"\npath = "."\n[sources.{name}.streams.sales]\nfiles = "{name}.csv"\n'
        toml += f"columns = {{ {columns} }}\n"
    (tmp_path / "paid.csv").write_text("id;paid_at;customer_id;amount\n1;2026-03-05;ООО Луч;30\n", encoding="utf-8")
    toml += '[sources.report.streams.payments]\nfiles = "paid.csv"\n'
    (tmp_path / "returned.csv").write_text(RETURNED, encoding="utf-8")
    toml += '[sources.returned]\ntype = "files"\npath = "."\n[sources.returned.streams.sales]\nfiles = "returned.csv"\n'
    return make(tmp_path, toml)


def test_of_a_sites_payments_and_shipments_those_that_happened_count(sites: BuiltSandbox) -> None:
    marts = sites
    query = "select source, sale_key, revenue_base, vat_base from marts.fct_sales where sale_key like '%товара%' order by source, sale_key"
    sold = mart(marts, query)
    assert sold["sale_key"].str.contains("Отпуск товара:71:").all(), "72 is only planned"
    assert [row[2:] for row in sold.iter_rows()] == [
        (Decimal("144.00"), Decimal("24.00")),  # beside: the document's 44 shared and added
        (Decimal("120.00"), Decimal("20.00")),
        (Decimal("100.00"), Decimal("0.00")),  # discounts: 20 off, which the sum does not know of
        (Decimal("100.00"), Decimal("0.00")),
        (Decimal("120.00"), Decimal("20.00")),  # rates: a rate says more than the document's sum
        (Decimal("100.00"), Decimal("0.00")),
    ]
    orders = mart(marts, "select source, amount_base, shipped_base, debt_base, is_order from marts.fct_orders where source <> 'report'")
    shipped = {"beside": Decimal("264.00"), "discounts": Decimal("200.00"), "rates": Decimal("220.00")}
    paid_at_last = Decimal("0.50")  # 1.50 and 4.50 less 5.50 given back
    assert sorted(orders.iter_rows()) == [(name, sum_, sum_, sum_ - paid_at_last, True) for name, sum_ in shipped.items()]
    paid = mart(marts, "select payment_method, amount_base, paid_at, payment_date from marts.fct_payments where source = 'rates'")
    night = datetime(2026, 3, 3, 22, 30, tzinfo=UTC)  # half past one in Moscow
    assert sorted(paid.iter_rows()) == [
        ("bank", Decimal("1.50"), night, date(2026, 3, 4)),
        ("card", Decimal("4.50"), night, date(2026, 3, 4)),
        ("cash", Decimal("-5.50"), night, date(2026, 3, 4)),
    ]
    reached = mart(marts, "select distinct phone, email from marts.dim_customers where phone is not null or email is not null")
    assert reached.rows() == [("+79031112233", "anna@example.ru")]


def test_customers_and_goods_that_only_sales_name_are_known(sites: BuiltSandbox) -> None:
    query = "select source, document_key, customer_key, product_key from marts.fct_sales where source in ('report', 'unpaid') order by all"
    assert mart(sites, query).rows() == [
        (name, f"{name}:{document}", f"{name}:{customer}" if customer else None, "report:Лампа")
        for name in ("report", "unpaid")
        for document, customer in (("Р1", "ООО Луч"), ("Р2", None))
    ]
    names = mart(sites, "select customer_name from marts.dim_customers where customer_key = 'report:ООО Луч'")
    assert names.rows() == [("ООО Луч",)]


def test_a_return_is_negative_whatever_its_system_keeps_signed(sites: BuiltSandbox) -> None:
    figures = "quantity, revenue_base, vat_base, cost_base, gross_profit_base, is_return"
    found = mart(sites, f"select {figures} from marts.fct_sales where source = 'returned' and sale_date = '2026-03-01'")
    assert found.rows() == [(Decimal(-2), Decimal(-120), Decimal(-20), Decimal(-60), Decimal(-40), True)] * 5


def test_a_row_that_only_closes_a_cost_is_no_sale_and_a_gift_is_one(sites: BuiltSandbox) -> None:
    query = "select document_key, is_sale from marts.fct_sales where source = 'returned' and sale_date = '2026-03-31' order by document_key"
    assert mart(sites, query).rows() == [("returned:6", False), ("returned:7", True)]


def test_sales_without_an_order_are_owed_for_where_payments_are_told_of(sites: BuiltSandbox) -> None:
    """Nobody owes for what a technical customer bought."""
    columns = "order_key, amount_base, paid_base, debt_base, is_order"
    found = mart(sites, f"select {columns} from marts.fct_orders where source in ('report', 'unpaid')")
    assert found.rows() == [("report:Р1", Decimal("100.00"), Decimal("30.00"), Decimal("70.00"), False)]


def test_a_statement_beside_the_base_counts_no_payment_twice_and_brings_what_the_base_lacks(
    make: Make, company: Company, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("banked")
    known = truth.payments(company)
    lost = {
        one.number for one in executed(company) if one.kind == "bank_in" and one.operation == "customer_payment" and one.number % 3 == 0
    }
    base = replace(company, payments=tuple(one for one in company.payments if one.number not in lost))
    write_dump(base, "ut", folder / "dump" / "base.xml")
    write_statements(company, folder / "bank")
    marts = make(
        folder,
        '[sources.books]\ntype = "1c_v8exch"\npath = "dump"\nconfiguration = "ut"\n'
        '[sources.bank]\ntype = "1c_client_bank"\npath = "bank"\n',
    )
    found = mart(marts, "select source, direction, sum(amount) as amount, count(*) as n from marts.fct_payments group by all")
    of_base = known.filter(~pl.col("payment").is_in(list(lost)))
    for direction in ("in", "out"):
        books = found.filter((pl.col("source") == "books") & (pl.col("direction") == direction))
        assert books["amount"].sum() == of_base.filter(pl.col("direction") == direction)["amount"].sum()
    named = {one.number for one in company.customers if one.tax_id and not one.is_technical and one.organisation is None}
    missing = known.filter(pl.col("payment").is_in(list(lost)) & pl.col("customer").is_in(list(named)))
    bank = found.filter(pl.col("source") == "bank")
    assert (bank["direction"].to_list(), bank["amount"].sum()) == (["in"], missing["amount"].sum())
    assert missing.height > 5
    sales = mart(marts, "select sum(revenue_base) as revenue from marts.fct_sales")
    assert sales["revenue"][0] == truth.sales(company)["revenue_base"].sum()


def test_messages_of_enterprise_data_become_orders_sales_and_payments_beside_a_dump_of_the_shops(
    make: Make, company: Company, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("messages")
    first_message(company, message_file(folder / "exchange"))
    write_dump(company, "retail", folder / "shops.xml")
    marts = make(
        folder,
        '[sources.books]\ntype = "1c_enterprise_data"\npath = "exchange"\n'
        '[sources.shops]\ntype = "1c_v8exch"\npath = "shops.xml"\nconfiguration = "retail"\n',
    )
    orders = truth.orders(company)
    keys = [f"books:{ref('order', number)}" for number in orders["order"]]  # shipments that name no order are orders of their own there
    found = mart(marts, "select order_key, amount_base from marts.fct_orders").filter(pl.col("order_key").is_in(keys))
    assert (found.height, found["amount_base"].sum()) == (orders.height, orders["amount_base"].sum())
    revenue = dict(mart(marts, "select source, sum(revenue_base) from marts.fct_sales group by source").iter_rows())
    for source, documents in (("books", "^(shipment|return):"), ("shops", "^receipt:")):
        expected = truth.sales(company).filter(pl.col("document").str.contains(documents))
        assert revenue[source] == expected["revenue_base"].sum()
    payments = truth.payments(company).filter(pl.col("method") == "bank")
    paid = mart(marts, "select sum(amount_base) as amount, count(*) as n from marts.fct_payments where source = 'books'")
    assert paid.row(0) == (payments["amount_base"].sum(), payments.height)

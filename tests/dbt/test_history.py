"""What changed: past months against the publication before, and orders from one state that was seen to the next."""

import json
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.dbt.kept_dbt import Dbt
from tests.dbt.workbench import Workbench, systems_of

FEBRUARY, MARCH, APRIL = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)
DAILY = (
    "date date, manager_key varchar, channel varchar, revenue decimal(18,2), gross_profit decimal(18,2), cash_received decimal(18,2),"
    " orders_amount decimal(18,2), sales_count bigint"
)
KPI = "month date, won_amount decimal(18,2), deals_won bigint, new_customers bigint"
RESTATEMENTS = "month date, metric varchar, was decimal(18,2), now decimal(18,2), published_at timestamptz"
VERSIONS = (
    "_source varchar, _key varchar, _modified_at timestamptz, _seen_at timestamptz, _load_id bigint, _file varchar, _deleted boolean,"
    " payload json"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all tests: dbt parses the project once."""
    return tmp_path_factory.mktemp("history")


@pytest.fixture
def bench(dbt: Dbt, folder: Path) -> Workbench:
    given: dict[str, Any] = {"as_of_date": "2026-04-10", "base_currency": "RUB", "company_timezone": "Europe/Moscow"}
    given["sources"] = [{"name": "fresh", "system": "freshoffice", "type": "freshoffice", "position": 1, "timezone": "UTC", "orders": "5"}]
    followed = ["commerceml", "feed", "freshoffice", "onec"]
    given["systems_of"] = systems_of() | {"int_order_states": followed, "int_order_line_states": followed}
    bench = Workbench(dbt, folder, given)
    publish(bench, date(2026, 4, 9), [(FEBRUARY, 100), (MARCH, 200), (APRIL, 5)])
    bench.table("marts.restatements", RESTATEMENTS)
    bench.table("marts.manager_kpi", KPI, [(MARCH, 50, 2, 1)])
    bench.table("marts.fct_campaign_costs", "cost_date date, cost_base decimal(18,2)", [(MARCH, 10)])
    return bench


def publish(bench: Workbench, as_of: date, revenue: Sequence[tuple[date, float]], currency: str = "RUB") -> None:
    bench.table("marts.publication", "as_of_date date, base_currency varchar", [(as_of, currency)])
    bench.table("marts.revenue_daily", DAILY, [(day, None, None, amount, None, amount, 0, 1) for day, amount in revenue])


def becomes_previous(bench: Workbench, name: str) -> None:
    """The warehouse's marts as the file that readers have when the next build starts."""
    path = bench.folder / name
    shutil.copy(bench.path, path)
    bench.environment["SKVOZ_PREVIOUS"] = str(path)


def restated(bench: Workbench) -> list[tuple[Any, ...]]:
    bench.run("int_published_figures", "restatements")
    return bench.rows("select month, metric, was::double, now::double from marts.restatements order by published_at, month, metric")


def test_a_past_month_that_changed_is_told_once_and_kept(bench: Workbench) -> None:
    """Nothing without a previous publication; then only whole months, both figures, and what was found before stays."""
    assert restated(bench) == []
    becomes_previous(bench, "first.duckdb")
    publish(bench, date(2026, 4, 10), [(FEBRUARY, 100), (MARCH, 150), (APRIL, 90)])
    found = [(MARCH, "cash_received", 200.0, 150.0), (MARCH, "revenue", 200.0, 150.0)]
    assert restated(bench) == found
    becomes_previous(bench, "second.duckdb")
    assert restated(bench) == found
    publish(bench, date(2026, 4, 10), [(MARCH, 150), (APRIL, 90)])
    gone = [(FEBRUARY, "cash_received", 100.0, 0.0), (FEBRUARY, "revenue", 100.0, 0.0), (FEBRUARY, "sales_count", 1.0, 0.0)]
    assert restated(bench) == found + gone


def test_another_currency_or_a_file_without_the_marts_is_no_previous(bench: Workbench) -> None:
    """Figures in another currency are other figures; a version that older software made lacks what is compared."""
    publish(bench, date(2026, 4, 9), [(MARCH, 1)], currency="EUR")
    becomes_previous(bench, "other.duckdb")
    publish(bench, date(2026, 4, 10), [(MARCH, 200)])
    assert restated(bench) == []
    other = Workbench(bench.dbt, bench.folder / "old")
    other.folder.mkdir()
    other.table("marts.publication", "run_id varchar", [("x",)])
    bench.environment["SKVOZ_PREVIOUS"] = str(other.path)
    assert restated(bench) == []


def state(amount: str, status: str, lines: list[tuple[str, str, str]], manager: str = "m1", *, posted: bool = True) -> str:
    goods = [{"Номенклатура_Key": product, "Количество": quantity, "Сумма": total} for product, quantity, total in lines]
    return json.dumps(
        {"Posted": posted, "DeletionMark": False, "Менеджер_Key": manager, "СуммаДокумента": amount, "Статус": status, "Товары": goods},
        ensure_ascii=False,
    )


def nothing_seen(bench: Workbench) -> None:
    """Raw tables and cards without a row."""
    for table in ("onec__orders", "feed__orders", "feed__order_lines", "commerceml__documents", "freshoffice__documents"):
        bench.table(f"raw.{table}__versions", VERSIONS)
    bench.table("intermediate.int_payments", "order_key varchar, is_customer_money boolean, direction varchar, paid_at timestamptz")
    orders = "order_key varchar, customer_key varchar, manager_key varchar, order_channel varchar, order_number varchar, source_url varchar"
    bench.table("marts.fct_orders", orders)


def test_an_order_is_followed_from_state_to_state(bench: Workbench) -> None:
    """Lines are compared by product whatever their order; what 1C saved again unchanged is no change; two runs load states once.

    A state that was seen after the day of the build is not told.
    """
    states = [
        (1, state("90", "Согласован", [("p1", "1", "60"), ("p2", "1", "30")])),
        (2, state("90", "Согласован", [("p2", "1", "30"), ("p1", "1", "60")])),
        (3, state("120", "Согласован", [("p1", "2", "120")], manager="m2")),
        (4, state("120", "Согласован", [("p1", "2", "120")], manager="m2", posted=False)),
        (5, None),
    ]
    rows = [("books", "o1", None, f"2026-03-0{load} 09:00:00+00", load, "f", payload is None, payload) for load, payload in states]
    other = ("books", "o2", None, "2026-03-01 09:00:00+00", 1, "f", False, state("1", "Закрыт", []))
    after_as_of = ("books", "o1", None, "2026-04-11 09:00:00+00", 6, "f", False, state("7", "Согласован", []))
    nothing_seen(bench)
    bench.table(
        "intermediate.int_product_cards", "product_ref varchar, product_name varchar", [("books:p1", "Болт"), ("books:p2", "Гайка")]
    )
    bench.table("intermediate.int_manager_cards", "manager_ref varchar, manager_name varchar", [("books:m1", "Анна")])
    payments = "order_key varchar, is_customer_money boolean, direction varchar, paid_at timestamptz"
    bench.table("intermediate.int_payments", payments, [("books:o1", True, "in", "2026-03-03 12:00:00+00")])
    for known in (rows[:2], [*rows, after_as_of]):
        bench.table("raw.onec__orders__versions", VERSIONS, [*known, other])
        bench.run("stg_onec__order_versions", "int_order_versions", "order_changes")
    assert bench.rows("select order_key, change_number, field, was, now, after_payment from marts.order_changes order by 1, 2") == [
        ("books:o1", 1, "amount", "90.00", "120.00", False),
        ("books:o1", 2, "lines", "Болт × 1.000 = 60.00; Гайка × 1.000 = 30.00", "Болт × 2.000 = 120.00", False),
        ("books:o1", 3, "manager", "Анна", "m2", False),
        ("books:o1", 4, "status", "Согласован", "not posted", True),
        ("books:o1", 5, "status", "not posted", "deleted", True),
    ]
    assert bench.rows("select count(*) from staging.stg_onec__order_versions") == [(7,)]


def seen(source: str, key: str, load: int, payload: dict[str, Any] | None) -> tuple[object, ...]:
    text = None if payload is None else json.dumps(payload, ensure_ascii=False)
    return (source, key, None, f"2026-03-{load:02} 09:00:00+00", load, "f", payload is None, text)


def changes(bench: Workbench) -> list[tuple[Any, ...]]:
    bench.run("stg_onec__order_versions", "int_order_versions", "order_changes")
    told = "order_key, strftime(seen_at, '%d'), field, was, now"
    return bench.rows(f"select {told} from marts.order_changes where order_key not like 'books:%' order by order_key, change_number")


def test_an_order_whose_lines_are_records_of_their_own_is_followed(bench: Workbench) -> None:
    """Lines come in loads of their own: the first are the order's from the beginning, later ones change it, as does one that is gone."""
    nothing_seen(bench)
    bench.table("intermediate.int_product_cards", "product_ref varchar, product_name varchar", [("sheet:p1", "Болт")])
    bench.table("intermediate.int_manager_cards", "manager_ref varchar, manager_name varchar", [("sheet:m1", "Анна")])
    head = {"id": "7", "manager_id": "m1", "amount": "1", "status": "open"}
    line = {"order_id": "7", "line_number": "1", "product_id": "p1", "quantity": "1", "amount": "60"}
    second = {**line, "line_number": "2", "product_id": "p2", "amount": "5"}
    bench.table(
        "raw.feed__orders__versions", VERSIONS,
        [seen("sheet", "7", 1, head), seen("sheet", "7", 8, {**head, "status": "closed"}), seen("sheet", "7", 9, None),
         seen("sheet", "8", 1, {**head, "id": "8"})],
    )  # fmt: skip
    bench.table(
        "raw.feed__order_lines__versions", VERSIONS,
        [seen("sheet", "7,1", 2, line), seen("sheet", "7,2", 2, second),
         seen("sheet", "7,1", 4, {**line, "quantity": "2", "amount": "120"}), seen("sheet", "7,2", 6, None),
         seen("sheet", "7,1", 10, None)],
    )  # fmt: skip
    one, two = "p2 × 1.000 = 5.00; Болт × 1.000 = 60.00", "p2 × 1.000 = 5.00; Болт × 2.000 = 120.00"
    assert changes(bench) == [
        ("sheet:7", "04", "amount", "65.00", "125.00"),
        ("sheet:7", "04", "lines", one, two),
        ("sheet:7", "06", "amount", "125.00", "120.00"),
        ("sheet:7", "06", "lines", two, "Болт × 2.000 = 120.00"),
        ("sheet:7", "08", "status", "open", "closed"),
        ("sheet:7", "09", "status", "closed", "deleted"),
    ]


def test_documents_with_their_lines_are_followed(bench: Workbench) -> None:
    """Orders of a CommerceML exchange and of FreshOffice; other documents are not orders."""
    nothing_seen(bench)
    bench.table("intermediate.int_product_cards", "product_ref varchar, product_name varchar")
    bench.table("intermediate.int_manager_cards", "manager_ref varchar, manager_name varchar")

    def exchanged(kind: str, key: str, total: str, status: str) -> dict[str, Any]:
        goods = {"Товар": [{"Ид": "g#red", "Наименование": "Гайка", "Количество": "2", "Сумма": total}]}
        marks = {"ЗначениеРеквизита": [{"Наименование": "Статус заказа", "Значение": status}]}
        return {"ХозОперация": kind, "Ид": key, "Сумма": total, "Товары": goods, "ЗначенияРеквизитов": marks}

    orders, sales = ("Заказ товара", "d1"), ("Отпуск товара", "d2")
    statuses = [(1, "10", "[N] Принят"), (2, "12", "[F] Выполнен")]
    bench.table(
        "raw.commerceml__documents__versions",
        VERSIONS,
        [seen("site", key, load, exchanged(kind, key, total, status)) for kind, key in (orders, sales) for load, total, status in statuses],
    )
    card = {"id_doc": "3", "id_tip_doc": "5", "summa": "7", "id_manager": "9", "tovar_doc": [{"tovar": "17", "kol_vo": "1", "summa": "7"}]}
    other = {**card, "id_doc": "4", "id_tip_doc": "6"}
    bench.table(
        "raw.freshoffice__documents__versions", VERSIONS,
        [seen("fresh", "3", 1, card), seen("fresh", "3", 2, {**card, "id_manager": "8"}), seen("fresh", "3", 3, None),
         seen("fresh", "4", 1, other), seen("fresh", "4", 2, {**other, "summa": "8"})],
    )  # fmt: skip
    assert changes(bench) == [
        ("fresh:3", "02", "manager", "9", "8"),
        ("fresh:3", "03", "status", None, "deleted"),
        ("site:d1", "02", "amount", "10.00", "12.00"),
        ("site:d1", "02", "lines", "Гайка × 2.000 = 10.00", "Гайка × 2.000 = 12.00"),
        ("site:d1", "02", "status", "[N] Принят", "[F] Выполнен"),
    ]

"""What changed: past months against the publication before, and orders from one state that was seen to the next."""

import json
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.dbt.kept_dbt import Dbt
from tests.dbt.workbench import Workbench

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
    bench = Workbench(dbt, folder, {"as_of_date": "2026-04-10", "base_currency": "RUB", "company_timezone": "Europe/Moscow"})
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
    bench.table(
        "intermediate.int_product_cards", "product_ref varchar, product_name varchar", [("books:p1", "Болт"), ("books:p2", "Гайка")]
    )
    bench.table("intermediate.int_manager_cards", "manager_ref varchar, manager_name varchar", [("books:m1", "Анна")])
    payments = "order_key varchar, is_customer_money boolean, direction varchar, paid_at timestamptz"
    bench.table("intermediate.int_payments", payments, [("books:o1", True, "in", "2026-03-03 12:00:00+00")])
    for seen in (rows[:2], [*rows, after_as_of]):
        bench.table("raw.onec__orders__versions", VERSIONS, [*seen, other])
        bench.run("stg_onec__order_versions", "int_order_versions", "order_changes")
    assert bench.rows("select order_key, change_number, field, was, now, after_payment from marts.order_changes order by 1, 2") == [
        ("books:o1", 1, "amount", "90.00", "120.00", False),
        ("books:o1", 2, "lines", "Болт × 1.000 = 60.00; Гайка × 1.000 = 30.00", "Болт × 2.000 = 120.00", False),
        ("books:o1", 3, "manager", "Анна", "m2", False),
        ("books:o1", 4, "status", "Согласован", "not posted", True),
        ("books:o1", 5, "status", "not posted", "deleted", True),
    ]
    assert bench.rows("select count(*) from staging.stg_onec__order_versions") == [(7,)]

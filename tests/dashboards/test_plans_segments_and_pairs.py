"""Plans of the month on /managers, RFM segments on /customers, and on a customer's card the goods that go with what it buys."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from reports.access import ALL, Scope
from reports.compute import Block, compute
from reports.context import Context
from reports.figures.customer_card import card_blocks
from reports.figures.people import Asked, people_blocks
from reports.figures.plans import PLANS
from reports.figures.rfm import SEGMENTS, members_block
from reports.periods import parse_period
from reports.published import Published
from tests.dashboards.full_fixture import block_of, build_full, mart, rows, shown

MANAGER = "books:m1"
OWN = Scope("manager", MANAGER)
# What the fixture says goes with what, how often, and how much oftener than by chance.
PAIRS = {(1, 41): (0.45, 1.5), (2, 41): (0.3, 1.2), (3, 42): (0.5, 0.9), (4, 43): (0.2, 1.1), (5, 1): (0.6, 2.0), (6, 44): (0.1, 3.0)}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_full(tmp_path_factory.mktemp("plans"))


@pytest.fixture(scope="module")
def published(path: Path) -> Iterator[Published]:
    with Published(path) as opened:
        yield opened


def plans_of(asked: Asked) -> Block:
    return block_of(people_blocks(asked), "people_plans")


def told(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(row["planned"], row["detail"], float(row["fact"]), row["completion"]) for row in found]


def test_plans_stand_by_their_units_the_whole_before_its_parts(path: Path, published: Published) -> None:
    found = shown(published, plans_of(Asked()))
    money = told(rows(found, "plans_money"))
    assert money[:2] == [("Выручка", "Компания", 750.0, 0.75), ("Белова Анна", "Получено от клиентов", 250.0, 0.25)]
    names = mart(path, "dim_customers", "customer_name")["customer_name"].to_list()
    assert sorted(row[0] for row in money[2:]) == sorted(name or "Без имени" for name in names)
    assert told(rows(found, "plans_counts")) == [("Опт", "Контакты", 500.0, 0.5)]


def test_filters_of_the_page_narrow_the_plans(path: Path, published: Published) -> None:
    owners = mart(path, "dim_customers", "customer_name", "manager_key")
    own = owners.filter(pl.col("manager_key") == MANAGER).height
    found = shown(published, plans_of(Asked(manager=MANAGER)))
    assert len(rows(found, "plans_money")) == 1 + own
    assert rows(found, "plans_counts") == []
    retail = shown(published, plans_of(Asked(department="Розница")))
    assert len(rows(retail, "plans_money")) == owners.filter(pl.col("manager_key").is_in(["books:m3", "books:m4"])).height
    assert told(rows(shown(published, plans_of(Asked(department="Опт"))), "plans_counts")) == [("Опт", "Контакты", 500.0, 0.5)]


def test_a_manager_sees_own_plans_and_the_head_of_a_department_its_own(path: Path, published: Published) -> None:
    own = mart(path, "dim_customers", "manager_key").filter(pl.col("manager_key") == MANAGER).height
    one = shown(published, plans_of(Asked()), OWN)
    assert len(rows(one, "plans_money")) == 1 + own
    assert rows(one, "plans_counts") == []
    head = shown(published, plans_of(Asked()), Scope("department", "Опт"))
    assert told(rows(head, "plans_counts")) == [("Опт", "Контакты", 500.0, 0.5)]
    assert all(row["detail"] != "Компания" for row in rows(head, "plans_money"))
    assert rows(shown(published, plans_of(Asked()), Scope("department", "Розница")), "plans_counts") == []


def test_a_month_without_plans_is_told_on_the_page_and_left_out_of_the_mail(published: Published) -> None:
    january = shown(published, plans_of(Asked(period="2026-01")))
    assert january is not None
    assert january.state == "empty"
    assert "scope_kind" in january.reason
    assert compute(PLANS, Context.make(published, parse_period("2026-01"), "ru")) is None
    assert rows(shown(published, PLANS), "plans_money")[0]["planned"] == "Выручка"


def test_rfm_segments_and_their_customers_are_those_of_the_mart(path: Path, published: Published) -> None:
    scores = mart(path, "rfm_customers", "customer_key", "rfm_segment", "monetary")
    wanted = scores.group_by("rfm_segment").agg(pl.len().alias("customers"), pl.col("monetary").sum()).sort("monetary", descending=True)
    found = rows(shown(published, SEGMENTS), "rfm_segments")
    assert [(row["rfm_segment"], row["customers"], row["revenue"]) for row in found] == wanted.rows()
    assert sum(row["revenue_share"] for row in found) == pytest.approx(1)
    members = rows(shown(published, members_block("promising")), "rfm_members")
    listed = scores.filter(pl.col("rfm_segment") == "promising").sort("monetary", descending=True)
    assert [row["customer_key"] for row in members] == listed["customer_key"].to_list()
    assert {row["scores"] for row in members} == {"5-1-1"}
    customers = mart(path, "dim_customers", "customer_key", "manager_key").filter(pl.col("manager_key") == MANAGER)["customer_key"]
    own = rows(shown(published, SEGMENTS, OWN), "rfm_segments")
    assert sum(row["customers"] for row in own) == scores.filter(pl.col("customer_key").is_in(customers.to_list())).height


def test_what_goes_with_a_customers_goods_is_what_it_does_not_buy_itself(path: Path, published: Published) -> None:
    sales = mart(path, "fct_sales", "customer_key", "product_key", "sale_date", "is_return", "quantity")
    sales = sales.filter(~pl.col("is_return"), pl.col("quantity") > 0)
    offered = services = 0
    for customer in mart(path, "dim_customers", "customer_key", "manager_key").filter(pl.col("manager_key") == MANAGER)["customer_key"]:
        own = sales.filter(pl.col("customer_key") == customer)
        year = set(own.filter(pl.col("sale_date") > date(2025, 3, 31))["product_key"])
        lately = set(own.filter(pl.col("sale_date") > date(2025, 12, 31))["product_key"])
        best: dict[str, float] = {}
        for (product, other), (confidence, lift) in PAIRS.items():
            if f"books:p{product}" in lately and f"books:p{other}" not in year and lift > 1:
                best[f"books:p{other}"] = max(confidence, best.get(f"books:p{other}", 0))
        block = block_of(card_blocks(customer), "card_together")
        for scope in (ALL, OWN):
            found = rows(shown(published, block, scope), "card_together")
            assert [row["confidence"] for row in found] == sorted(best.values(), reverse=True), customer
            assert {row["product_name"]: row["stock"] for row in found}.get("Доставка") is None, "no warehouse holds a service"
            services += any(row["product_name"] == "Доставка" for row in found)
        offered += len(best)
    assert offered > 0
    assert services > 0

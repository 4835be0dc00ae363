"""The page of orders: a figure of each of its blocks is what plain arithmetic over the published marts gives."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from reports.access import ALL, Scope
from reports.blocks import Section
from reports.figures.orders_in_depth import Asked, order_blocks
from reports.published import Published
from tests.dashboards.full_fixture import build_full, figures, mart, rows, shown
from tests.reports.published_fixture import build_published

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
MANAGER = "books:m1"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_full(tmp_path_factory.mktemp("orders"))


@pytest.fixture(scope="module")
def published(path: Path) -> Iterator[Published]:
    with Published(path) as opened:
        yield opened


def sections(published: Published, asked: Asked, scope: Scope = ALL) -> dict[str, Section]:
    return {section.name: section for block in order_blocks(asked) if (section := shown(published, block, scope)) is not None}


@pytest.mark.parametrize("asked", [Asked("2026-03"), Asked("2026-03", versus="previous"), Asked("2026-03", MANAGER, "manager")])
def test_every_block_tells_what_the_marts_hold(path: Path, published: Published, asked: Asked) -> None:
    """Orders of March and their days, what is late, the changes and the claims: of all, and of one manager and channel."""
    found = sections(published, asked)
    assert {name: section.state for name, section in found.items() if section.state == "failed"} == {}
    orders = mart(path, "fct_orders").filter(pl.col("is_order"))
    changes = mart(path, "order_changes")
    claims = mart(path, "fct_claims").join(mart(path, "dim_customers").select("customer_key", "manager_key"), on="customer_key", how="left")
    if asked.manager:
        orders, changes, claims = (frame.filter(pl.col("manager_key") == asked.manager) for frame in (orders, changes, claims))
    placed = orders.filter(pl.col("order_date").is_between(FIRST, LAST))

    told = figures(found["orders_summary"])
    assert told["orders_placed"].value == placed.height > 0
    assert told["orders_amount"].value == placed["amount_base"].sum()
    assert told["days_to_payment"].value == placed["days_to_payment"].median()
    assert len(told["orders_placed"].comparisons) == bool(asked.versus)

    channels = {row["way"]: row for row in rows(found["orders_channels"])}
    assert channels["Менеджер"]["orders"] == placed.filter(pl.col("order_channel") == "manager").height
    assert channels["Менеджер"]["days_to_shipment_p"] == placed["days_to_shipment"].quantile(0.75)
    months = rows(found["orders_months"])
    assert sum(row["orders"] for row in months) == orders.filter(pl.col("order_date").is_between(date(2025, 4, 1), LAST)).height

    late = orders.filter(pl.col("late_step").is_not_null())
    assert figures(found["orders_late"])["late_payment"].value == late["late_base"].sum() > 0
    listed = rows(found["orders_late"])
    assert [row["late_base"] for row in listed] == sorted((row["late_base"] for row in listed), reverse=True)
    assert len(listed) == min(late.height, 1000)

    seen = changes.filter(pl.col("seen_at").is_between(datetime(2026, 2, 28, 21, tzinfo=UTC), datetime(2026, 3, 31, 21, tzinfo=UTC)))
    assert figures(found["orders_changes"])["order_changes_paid"].value == seen["after_payment"].sum() > 0
    assert float(rows(found["orders_changes"])[0]["by"]) == 50.5

    assert sum(row["claims"] for row in rows(found["orders_claims"])) == claims.height > 0
    assert len(rows(found["orders_claims_open"])) == claims.filter(pl.col("is_open")).height


def test_a_manager_sees_the_orders_changes_and_claims_of_own_customers_alone(path: Path, published: Published) -> None:
    own = set(mart(path, "dim_customers").filter(pl.col("manager_key") == MANAGER)["customer_key"])
    found = sections(published, replace(Asked(), period="year"), Scope("manager", MANAGER))
    for name in ("orders_late", "orders_changes", "orders_claims_open"):
        keys = {row["customer_key"] for row in rows(found[name])} - {None}
        assert keys <= own, name
        assert keys, name


def test_a_company_without_orders_is_told_what_to_do(tmp_path: Path) -> None:
    with Published(build_published(tmp_path, deliveries=("main", "analysis"), empty=True)) as published:
        found = sections(published, Asked())
    assert {section.state for section in found.values()} == {"empty"}
    assert all(section.reason for section in found.values())

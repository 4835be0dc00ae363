"""The velocity of a pipeline on /funnel and the discounts on /managers: the figures are those of the deals and of the orders."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from reports.access import Scope
from reports.blocks import Chart, Section, Table
from reports.compute import Block, compute
from reports.context import Context
from reports.figures.people import Asked as AskedPeople
from reports.figures.people import people_blocks
from reports.figures.pipeline import Asked, pipeline_blocks
from reports.periods import parse_period
from reports.published import Published
from tests.dashboards.full_fixture import build_full

MARCH = parse_period("2026-03")


def rows(section: Section) -> list[dict[str, Any]]:
    (table,) = (content for content in section.contents if isinstance(content, Table))
    return [dict(zip((column.name for column in table.columns), row, strict=True)) for row in table.rows]


def block_of(blocks: Iterable[Block], name: str) -> Block:
    return next(block for block in blocks if block.name == name)


def test_velocity_tells_the_deals_that_were_closed_in_each_month(tmp_path: Path) -> None:
    path = build_full(tmp_path)
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        asked = "select closed_at::date as day, deal_status, amount_base::double as amount, source, pipeline_name from marts.fct_deals"
        columns = ["day", "deal_status", "amount", "source", "pipeline"]
        deals = pl.DataFrame(connection.execute(f"{asked} where deal_status <> 'open'").fetchall(), schema=columns, orient="row")
    source, pipeline = deals.select("source", "pipeline").row(0)
    won = (
        deals.filter(
            (pl.col("source") == source) & (pl.col("pipeline") == pipeline) & pl.col("day").is_between(date(2025, 4, 1), date(2026, 3, 31))
        )
        .group_by(pl.col("day").dt.truncate("1mo").alias("month"))
        .agg(
            (pl.col("deal_status") == "won").sum().alias("won"),
            (pl.col("deal_status") == "won").mean().alias("rate"),
            pl.col("amount").filter(pl.col("deal_status") == "won").sum().alias("amount"),
        )
        .sort("month", descending=True)
    )
    block = block_of(pipeline_blocks(Asked(source, pipeline, "2026-03")), "pipeline_velocity")
    with Published(path) as published:
        whole = compute(block, Context.make(published, MARCH, "ru"))
        own = compute(block, Context.make(published, MARCH, "ru", Scope("manager", "books:m1")))
    assert whole is not None
    assert own is not None
    assert (whole.state, own.state) == ("ok", "empty")
    assert any(isinstance(content, Chart) for content in whole.contents)
    told = rows(whole)
    assert [row["deals_won"] for row in told] == won["won"].to_list()
    assert [round(row["win_rate"], 9) for row in told] == [round(rate, 9) for rate in won["rate"].to_list()]
    assert [float(row["won_amount"]) for row in told] == [round(amount, 2) for amount in won["amount"].to_list()]


def test_discounts_are_those_of_the_months_orders_and_the_most_generous_is_first(tmp_path: Path) -> None:
    path = build_full(tmp_path)
    with duckdb.connect(str(path), read_only=True) as connection:
        asked = "select manager_key, full_amount::double, discount::double from marts.discounts where month = '2026-03-01'"
        given = pl.DataFrame(connection.execute(asked).fetchall(), schema=["manager", "full", "discount"], orient="row")
    wanted = given.group_by("manager").sum().with_columns(share=pl.col("discount") / pl.col("full")).sort("share", descending=True)
    block = block_of(people_blocks(AskedPeople()), "people_discounts")
    with Published(path) as published:
        found = compute(block, Context.make(published, MARCH, "ru"))
        one = compute(block, Context.make(published, MARCH, "ru", Scope("manager", "books:m1")))
    assert found is not None
    assert one is not None
    assert [(row["manager_key"], round(row["discount_share"], 9)) for row in rows(found)] == [
        (key, round(100 * part, 9)) for key, part in wanted.select("manager", "share").rows()
    ]
    assert {row["manager_key"] for row in rows(one)} == {"books:m1"}

"""The velocity of a pipeline on /funnel and the discounts on /managers: the figures are those of the deals and of the orders."""

from datetime import date
from pathlib import Path

import polars as pl

from reports.access import Scope
from reports.blocks import Chart
from reports.figures.people import Asked as AskedPeople
from reports.figures.people import people_blocks
from reports.figures.pipeline import Asked, pipeline_blocks
from reports.published import Published
from tests.dashboards.full_fixture import block_of, build_full, mart, rows, shown


def test_velocity_tells_the_deals_that_were_closed_in_each_month(tmp_path: Path) -> None:
    path = build_full(tmp_path)
    columns = ("closed_at::date as day", "deal_status", "amount_base::double as amount", "source", "pipeline_name as pipeline")
    deals = mart(path, "fct_deals", *columns).filter(pl.col("deal_status") != "open")
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
        whole = shown(published, block)
        own = shown(published, block, Scope("manager", "books:m1"))
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
    discounts = mart(path, "discounts", "month", "manager_key", "full_amount::double as given_of", "discount::double as discount")
    given = discounts.filter(pl.col("month") == date(2026, 3, 1)).drop("month")
    wanted = given.group_by("manager_key").sum().with_columns(share=pl.col("discount") / pl.col("given_of")).sort("share", descending=True)
    block = block_of(people_blocks(AskedPeople()), "people_discounts")
    with Published(path) as published:
        found = shown(published, block)
        one = shown(published, block, Scope("manager", "books:m1"))
    assert [(row["manager_key"], round(row["discount_share"], 9)) for row in rows(found)] == [
        (key, round(100 * part, 9)) for key, part in wanted.select("manager_key", "share").rows()
    ]
    assert {row["manager_key"] for row in rows(one)} == {"books:m1"}

"""The same rows on DuckDB and on ClickHouse's own engine: the sandbox company, and random ones with spoilt records."""

import os
from pathlib import Path

import duckdb

from orchestration.project import Project
from tests.dbt.equal_engines import Order, build_on_clickhouse, differences, hand_over, run_unit_tests, tables
from tests.dbt.kept_dbt import Dbt
from tests.marts.sandbox_warehouse import PublishedSandbox
from tests.properties.compiled import CompiledProject
from tests.properties.pool import NOT_MADE, Draw, Pool

# what they say of the run itself
OF_THE_RUN = {"publication": ("run_id", "published_at")}
DRAWS = [
    Draw(salt=7, documents=900, lists=950, dirt=150, as_of="2026-03-31", zone="Europe/Moscow"),
    Draw(salt=11, documents=400, lists=1000, dirt=400, as_of="2026-02-28", zone="Asia/Vladivostok"),
    Draw(salt=23, documents=1000, lists=700, dirt=50, as_of="2025-12-31", zone="America/New_York"),
]
IS_THOROUGH = os.environ.get("SKVOZ_PROPERTIES") == "thorough"
# a company takes 20 s of processors there, however small; these marts, made of spoilt catalogues, deals, costs and balances, take 4
CHEAP = ("customer_links", "exchange_rates", "fct_campaign_costs", "fct_deal_stage_entries", "fct_stock")
CHOSEN, MARTS = (DRAWS, ()) if IS_THOROUGH else (DRAWS[1:2], CHEAP)


def test_every_mart_has_the_same_rows(dbt: Dbt, published_sandbox: PublishedSandbox, compiled: CompiledProject, tmp_path: Path) -> None:
    """Keys, counts, dates, texts and decimals to the last digit, binary numbers to 1e-9 of themselves."""
    warehouse = published_sandbox.settings.warehouse_file
    with duckdb.connect(str(warehouse), read_only=True) as loaded:
        loaded.execute("set TimeZone = 'UTC'")
        hand_over(loaded, tables(loaded, ("raw", "meta", "seeds")), tmp_path / "sandbox")
    pool = Pool(compiled, warehouse, marts=MARTS)
    orders = []
    for draw in CHOSEN:
        given = {**tables(pool.connection, ("meta", "seeds")), **pool.raw_tables(draw)}
        folder = tmp_path / str(draw.salt)
        hand_over(pool.connection, given, folder)
        other = {f"'{compiled.as_of}'": f"'{draw.as_of}'", f"'{compiled.zone}'": f"'{draw.zone}'"}
        orders.append(Order(folder, tmp_path / f"{draw.salt}_marts", other, MARTS))
    orders.append(Order(tmp_path / "sandbox", tmp_path / "sandbox_marts", {}))
    project = Project(published_sandbox.settings, published_sandbox.as_of)
    variables = project.vars()
    build_on_clickhouse(dbt, variables, orders, tmp_path / "clickhouse")

    with duckdb.connect(str(published_sandbox.path), read_only=True) as published:
        published.execute("set TimeZone = 'UTC'")
        marts = [name.split(".")[1] for name in tables(published, ("marts",))]
        assert len(marts) > 50
        found = [line for mart in marts for line in differences(published, mart, orders[-1].marts, OF_THE_RUN.get(mart, ()))]
    for draw, order in zip(CHOSEN, orders[:-1], strict=True):
        drawn = pool.build(draw)
        made = [mart for mart in MARTS or marts if mart not in NOT_MADE]
        assert drawn.execute(f"select count(*) from marts.{made[0]}").fetchall() != [(0,)]
        found += [f"{draw}: {line}" for mart in made for line in differences(drawn, mart, order.marts)]
    assert found == []
    if IS_THOROUGH:  # 90 s of processors; on DuckDB they are run by test_unit_tests
        run_unit_tests(tmp_path / "clickhouse", variables)

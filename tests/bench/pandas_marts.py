"""ABC/XYZ, the funnel by passages and turnover: our models' SQL in DuckDB against the same figures in pandas over the same tables."""

import json
import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from ingestion.settings import load_settings
from orchestration.project import Project
from tests.bench.measure import tell, timed

SALES, ENTRIES = 5_000_000, 2_000_000
AS_OF = date(2026, 3, 31)
FIRST = pd.Timestamp("2025-03-01")
LAST = pd.Timestamp("2026-02-28")
MODELS = {
    "ABC and XYZ (products by three measures, customers by two)": "int_abc_xyz",
    "turnover of customers by month": "customer_turnover_months",
    "funnel by passages": "funnel_passages",
}
_TABLES = """
create schema marts; create schema intermediate;
create table marts.fct_sales as
select 's' || n as sale_key, 'd' || (n // 3) as document_key, date '2024-01-01' + (hash(n) % 800)::integer as sale_date,
    'c' || (hash(n // 3) % 20000) as customer_key, 'p' || (hash(n, 1) % 5000) as product_key,
    (1 + hash(n, 2) % 20)::decimal(18, 3) as quantity, ((hash(n, 3) % 1000000) / 100)::decimal(18, 2) as revenue_base,
    ((hash(n, 4) % 300000) / 100)::decimal(18, 2) as gross_profit_base, n % 40 <> 0 as is_sale
from range($sales) as numbers (n);
create table intermediate.int_deals as
select 'd' || n as deal_key, 'm' || (n % 60) as manager_key, ['direct', 'organic', 'paid_search'][1 + n % 3] as channel
from range($entries // 5) as numbers (n);
create table intermediate.int_stages as
select 'st' || n as stage_key, 'crm' as source, 'Продажи' as pipeline_name, n::integer as stage_position from range(8) as numbers (n);
create table intermediate.int_deal_stage_entries_as_of as
select 'd' || (n // 5) as deal_key, 'st' || (n % 5) as stage_key, entered_at,
    case when n % 7 <> 0 then entered_at + to_hours(3) end as left_at, n % 7 <> 0 as is_exit_forward, n % 11 = 0 as is_exit_lost,
    3.0 as hours_in_stage
from (
    select n, timestamptz '2024-01-01 00:00:00+00' + to_hours((hash(n) % 19000)::integer) as entered_at from range($entries) as numbers (n)
);
"""


def run(scale: float) -> None:
    """Seconds of each, both with two threads at most; reading the tables into frames is told apart."""
    sales, entries = int(SALES * scale), int(ENTRIES * scale)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scripts = _compiled(folder)
        with duckdb.connect(str(folder / "facts.duckdb")) as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute("set threads = 2")
            for statement in duckdb.extract_statements(_TABLES.replace("$sales", str(sales)).replace("$entries", str(entries))):
                connection.execute(statement)
            ours = {}
            for what, model in MODELS.items():
                with timed() as clock:
                    connection.execute(f"create table {model} as {scripts[model]}")
                ours[what] = (clock.seconds, _row(connection, f"select count(*) from {model}"))
            with timed() as reading:
                frame = connection.sql("from marts.fct_sales").df()
                stages = connection.sql(
                    "select entries.*, deals.manager_key, deals.channel from intermediate.int_deal_stage_entries_as_of as entries"
                    " join intermediate.int_deals as deals on deals.deal_key = entries.deal_key"
                ).df()
    frame[["quantity", "revenue_base", "gross_profit_base"]] = frame[["quantity", "revenue_base", "gross_profit_base"]].astype(float)
    tell(f"reading {sales:,} sale lines and {entries:,} stage entries into pandas (not counted below)", f"{reading.seconds:.1f} s")
    for (what, (seconds, rows)), theirs in zip(ours.items(), (_abc_xyz, _turnover, _funnel), strict=True):
        with timed() as clock:
            found = len(theirs(stages if theirs is _funnel else frame))
        same = "the same rows" if found == rows else f"{found:,} rows against {rows:,}"
        tell(f"{what}: skvoz / pandas", f"{seconds:.2f} / {clock.seconds:.2f} s ({clock.seconds / seconds:.1f} x; {rows:,} rows, {same})")


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])


def _compiled(folder: Path) -> dict[str, str]:
    """SQL of the models, as dbt makes it."""
    (folder / "skvoz.toml").write_text('[company]\nname = "Ромашка"\ntimezone = "UTC"\n', encoding="utf-8")
    settings = load_settings(folder / "skvoz.toml")
    project = Project(settings, AS_OF)
    settings.data_dir.mkdir()
    project.manifest()
    dbt = Path(sys.executable).with_name("dbt")
    names = [word for model in MODELS.values() for word in ("--select", model)]
    command = [str(dbt), "--quiet", "compile", "--vars", json.dumps(project.vars(), ensure_ascii=False), *project.folders(), *names]
    subprocess.run(command, env={**os.environ, **project.environment("bench")}, check=True, capture_output=True)
    files = {path.stem: path for path in (project.target / "compiled").rglob("*.sql")}
    return {model: files[model].read_text(encoding="utf-8").replace('"warehouse".', "") for model in MODELS.values()}


def _abc_xyz(sales: pd.DataFrame) -> pd.DataFrame:
    """Classes by the rule of int_abc_xyz: shares of all strictly larger values, variation over the months that were observed."""
    found = []
    measures = {"product_key": ("revenue_base", "gross_profit_base", "quantity"), "customer_key": ("revenue_base", "gross_profit_base")}
    for key, columns in measures.items():
        until = sales[sales["sale_date"] <= LAST]
        window = until[until["sale_date"] >= FIRST]
        sums = window.groupby(key)[list(columns)].sum()
        first = until[until["is_sale"]].groupby(key)["sale_date"].min().dt.to_period("M").clip(lower=FIRST.to_period("M"))
        observed = (LAST.to_period("M").ordinal - first.reindex(sums.index).map(lambda month: month.ordinal) + 1).astype(float)
        varied = "quantity" if key == "product_key" else "revenue_base"
        months = window.groupby([key, window["sale_date"].dt.to_period("M")])[varied].sum().unstack(fill_value=0.0)
        mean = months.sum(axis=1) / observed
        square = (months.pow(2).sum(axis=1) / observed - mean.pow(2)).clip(lower=0)
        variation = (np.sqrt(square) / mean).where(mean > 0).round(9)
        xyz = pd.Series(
            np.select([observed < 3, variation.isna(), variation <= 0.10, variation <= 0.25], ["N", "N", "X", "Y"], "Z"), sums.index
        )
        for column in columns:
            value = sums[column].round(2).sort_values(ascending=False)
            positive = value.clip(lower=0)
            larger = positive.cumsum() - positive
            total = positive.sum()
            abc = np.select([value <= 0, larger < 0.8 * total, larger < 0.95 * total], ["C", "A", "B"], "C")
            found.append(
                pd.DataFrame({"item": value.index, "value": value, "segment": pd.Series(abc, value.index) + xyz.reindex(value.index)})
            )
    return pd.concat(found)


def _turnover(sales: pd.DataFrame) -> pd.DataFrame:
    month = sales["sale_date"].dt.to_period("M")
    documents = sales["document_key"].where(sales["is_sale"])
    grouped = sales.assign(month=month, document=documents)[sales["sale_date"] <= pd.Timestamp(AS_OF)].groupby(["customer_key", "month"])
    return grouped.agg(turnover=("revenue_base", "sum"), gross_profit=("gross_profit_base", "sum"), sales_count=("document", "nunique"))


def _funnel(entries: pd.DataFrame) -> pd.DataFrame:
    keys = ["month", "stage_key", "manager_key", "channel"]
    entered = entries.assign(month=entries["entered_at"].dt.tz_localize(None).dt.to_period("M")).groupby(keys).size().rename("entries")
    left = entries[entries["left_at"].notna()]
    left = left.assign(month=left["left_at"].dt.tz_localize(None).dt.to_period("M"))
    sums = left.groupby(keys).agg(forward=("is_exit_forward", "sum"), lost=("is_exit_lost", "sum"), hours=("hours_in_stage", "sum"))
    return pd.concat([entered, sums], axis=1).fillna(0)

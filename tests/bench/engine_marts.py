"""All marts on both engines over the same records: the SQL that dbt compiles, run model by model without dbt, on two threads each."""

import json
import os
import tempfile
from datetime import date
from pathlib import Path

import duckdb

from ingestion.sandbox.company import build_company
from ingestion.sandbox.company_systems import running_systems
from ingestion.settings import Settings, load_settings
from ingestion.sync import SyncOptions, opened_warehouse, sync
from orchestration.project import Project
from tests.bench.engines import busy
from tests.bench.measure import tell, timed
from tests.dbt.equal_engines import Order, build_on_clickhouse, hand_over, tables
from tests.dbt.kept_dbt import Dbt, connected, started
from tests.marts.built_in_memory import compile_for
from tests.marts.sandbox_warehouse import build_models
from tests.properties.compiled import CompiledProject

TODAY, AS_OF = date(2026, 4, 1), date(2026, 3, 31)
RAW = Path(__file__).with_name("analysis_raw.sql")


def run(scale: float) -> None:
    """Seconds by the clock and of processors, which are compared; at scale 1 the company of the bench `analysis`, with 5 M sale lines."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = _warehouse(folder, scale)
        (folder / "parsed").mkdir()
        address = folder / "dbt"
        with started(folder / "parsed", address), connected(address) as dbt:
            build_models(dbt, settings, AS_OF, "--select", "resource_type:seed")
            compiled = compile_for(dbt, settings, AS_OF, folder / "compiled")
            ours = _on_duckdb(settings, compiled, folder / "tables")
            theirs = _on_clickhouse(settings, dbt, folder)
        tell("ClickHouse against DuckDB by processors (at most 2 wanted)", f"{theirs / ours:.2f} x")


def _warehouse(folder: Path, scale: float) -> Settings:
    """A loaded warehouse: a small company's systems, and the bulk beside it."""
    with running_systems(build_company(seed=1, scale=0.05, today=TODAY), folder, "unf") as systems:
        (folder / "skvoz.toml").write_text(systems.toml, encoding="utf-8")
        os.environ.update(systems.environment)
        settings = load_settings(folder / "skvoz.toml")
        sync(settings, SyncOptions())
    with opened_warehouse(settings) as connection:
        for statement in duckdb.extract_statements(RAW.read_text(encoding="utf-8").replace("$share", str(scale))):
            connection.execute(statement)
    return settings


def _on_duckdb(settings: Settings, compiled: CompiledProject, folder: Path) -> float:
    """Seconds of processors of the models in the warehouse's own file; leaves the tables for the other engine in `folder`."""
    with duckdb.connect(str(settings.warehouse_file)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set threads = 2")
        connection.execute("set preserve_insertion_order = false")
        hand_over(connection, tables(connection, ("raw", "meta", "seeds")), folder)
        for layer in ("staging", "intermediate", "marts"):
            connection.execute(f"create schema if not exists {layer}")
        with timed() as clock, busy() as work:
            compiled.run(connection)
        lines = connection.execute("select count(*) from marts.fct_sales").fetchall()[0][0]
    tell(f"DuckDB: {len(compiled.models)} models, {lines:,} sale lines", f"{clock.seconds:.1f} s, {work.seconds:.1f} s of processors")
    return work.seconds


def _on_clickhouse(settings: Settings, dbt: Dbt, folder: Path) -> float:
    variables = Project(settings, AS_OF).vars()
    order = Order(folder / "tables", folder / "marts", {})
    build_on_clickhouse(dbt, variables, [order], folder / "clickhouse", seconds=36_000)
    seconds: dict[str, tuple[float, float]] = json.loads((folder / "marts" / "seconds.json").read_text(encoding="utf-8"))
    slowest = ", ".join(f"{name} {worked:.1f}" for name, (_, worked) in sorted(seconds.items(), key=lambda one: -one[1][1])[:10])
    clock, work = (sum(one[number] for one in seconds.values()) for number in (0, 1))
    tell(f"ClickHouse: {len(seconds)} models", f"{clock:.1f} s, {work:.1f} s of processors")
    tell("  slowest models, seconds of processors", slowest)
    return work

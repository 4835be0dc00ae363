"""All marts on both engines over the same records: the SQL that dbt compiles, run model by model without dbt, on two threads each."""

import json
import os
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from ingestion.sandbox.company import build_company
from ingestion.sandbox.company_systems import running_systems
from ingestion.settings import Settings, load_settings
from ingestion.sync import SyncOptions, opened_warehouse, sync
from orchestration.project import Project
from tests.bench.measure import tell, timed
from tests.dbt.equal_engines import Order, build_on_clickhouse, hand_over, tables
from tests.dbt.kept_dbt import parse, started
from tests.marts.built_in_memory import compile_for, systems_in_use
from tests.marts.sandbox_warehouse import build_models
from tests.properties.compiled import CompiledProject

TODAY, AS_OF = date(2026, 4, 1), date(2026, 3, 31)
RAW = Path(__file__).with_name("analysis_raw.sql")


def run(scale: float) -> None:
    """Seconds, by the clock and of processors; at scale 1 it is the company of the bench `analysis`, with 5 M sale lines."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = _warehouse(folder, scale)
        (folder / "parsed").mkdir()
        parse(folder / "parsed")
        with started(folder / "parsed") as dbt:
            build_models(dbt, settings, AS_OF, "--select", "resource_type:seed")
            compiled = compile_for(dbt, settings, AS_OF, folder / "compiled")
        ours = _on_duckdb(settings, compiled, folder / "tables")
        theirs = _on_clickhouse(settings, compiled, folder)
        tell("ClickHouse against DuckDB (at most 2 wanted)", f"{theirs / ours:.2f} x")


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
    """Seconds of the models in the warehouse's own file; leaves the tables for the other engine in `folder`."""
    with duckdb.connect(str(settings.warehouse_file)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set threads = 2")
        connection.execute("set preserve_insertion_order = false")
        hand_over(connection, tables(connection, ("raw", "meta", "seeds")), folder)
        for layer in ("staging", "intermediate", "marts"):
            connection.execute(f"create schema if not exists {layer}")
        with timed() as clock, _work(resource.RUSAGE_SELF) as work:
            compiled.run(connection)
        lines = connection.execute("select count(*) from marts.fct_sales").fetchall()[0][0]
    tell(f"DuckDB: {len(compiled.models)} models, {lines:,} sale lines", f"{clock.seconds:.1f} s, {work[0]:.1f} s of processors")
    return clock.seconds


def _on_clickhouse(settings: Settings, compiled: CompiledProject, folder: Path) -> float:
    variables = {**(project := Project(settings, AS_OF)).vars(), "systems_of": systems_in_use(project)}
    order = Order(folder / "tables", folder / "marts", {})
    with _work(resource.RUSAGE_CHILDREN) as work:
        build_on_clickhouse(compiled.target / "manifest.json", variables, [order], folder / "clickhouse")
    seconds: dict[str, float] = json.loads((folder / "marts" / "seconds.json").read_text(encoding="utf-8"))
    slowest = ", ".join(f"{name} {taken:.1f}" for name, taken in sorted(seconds.items(), key=lambda one: -one[1])[:10])
    total = sum(seconds.values())
    tell(
        f"ClickHouse: {len(seconds)} models",
        f"{total:.1f} s ({work[0]:.1f} s of processors with dbt's compilation and the load of raw tables)",
    )
    tell("  slowest models", slowest)
    return total


@contextmanager
def _work(who: int) -> Iterator[list[float]]:
    """Processor seconds of the block, in a list of one number that is there when it ends."""
    found: list[float] = []
    before = resource.getrusage(who)
    yield found
    after = resource.getrusage(who)
    found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

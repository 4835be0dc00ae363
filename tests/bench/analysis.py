"""The build of all marts over 5 M sale lines, 500,000 deals with their stages and 2 M calls, against the same steps by hand."""

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import duckdb

from ingestion.sandbox.company import build_company
from ingestion.sandbox.company_systems import running_systems
from ingestion.settings import Settings, load_settings
from ingestion.sync import SyncOptions, opened_warehouse, sync
from tests.bench.measure import peak_mib, tell, timed

HERE = Path(__file__).parent
TODAY = date(2026, 4, 1)
AS_OF = "2026-03-31"
# what finds out who is one customer, what a search box looks in, and every comparison between the systems
IDENTITY = ("int_customer_", "int_customers", "dim_customers", "check_", "reconciliation", "customer_links")


def run(scale: float) -> None:
    """Full build, bare SQL, a build after one record in a thousand changed; seconds and peak memory."""
    with tempfile.TemporaryDirectory() as name:
        settings = _warehouse(Path(name), scale)
        began = _processor_seconds(resource.RUSAGE_SELF)
        with timed() as bare:
            _script(settings, "analysis_bare.sql")
        bare_work = _processor_seconds(resource.RUSAGE_SELF) - began
        tell(f"bare DuckDB SQL over {_lines(settings):,} sale lines", f"{bare.seconds:.1f} s, {bare_work:.1f} s of processors")
        with opened_warehouse(settings) as connection:
            connection.execute("drop schema bare cascade")
        began = _processor_seconds(resource.RUSAGE_CHILDREN)
        full = _build(settings)
        full_work = _processor_seconds(resource.RUSAGE_CHILDREN) - began
        tell("full build and publication of all marts", f"{full:.1f} s, {full_work:.1f} s of processors")
        tell("  of it identity, search_text and reconciliation (sum of their models)", f"{_models(settings, IDENTITY):.1f} s")
        tell("  against bare SQL (at most 3 wanted)", f"{full / bare.seconds:.2f} x, of processors {full_work / bare_work:.2f} x")
        tell("  peak memory of the largest process (6,144 MiB wanted)", f"{peak_mib(resource.RUSAGE_CHILDREN):,.0f} MiB")
        tell("  slowest models", ", ".join(f"{model} {seconds:.1f}" for model, seconds in _slowest(settings)))
        _script(settings, "analysis_changed.sql")
        with timed() as start:
            subprocess.run([str(Path(sys.executable).with_name("dbt")), "--version"], check=True, capture_output=True)
        changed = _build(settings)
        tell("build after 0.1 % changed", f"{changed:.1f} s, of it dbt's start {start.seconds:.1f} s")
        tell("  share of the full one, both without dbt's start (30 % wanted)", f"{(changed - start.seconds) / (full - start.seconds):.0%}")


def _warehouse(folder: Path, scale: float) -> Settings:
    """A loaded warehouse: a small company's systems, and the bulk beside it."""
    with running_systems(build_company(seed=1, scale=0.05, today=TODAY), folder, "unf") as systems:
        os.environ.update(systems.environment)
        (folder / "skvoz.toml").write_text(systems.toml, encoding="utf-8")
        settings = load_settings(folder / "skvoz.toml")
        sync(settings, SyncOptions())
    with timed() as making:
        _script(settings, "analysis_raw.sql", scale)
    tell("raw records made", f"{making.seconds:.0f} s")
    return settings


def _script(settings: Settings, name: str, share: float | None = None) -> None:
    """Run the statements of a file beside this one."""
    text = (HERE / name).read_text(encoding="utf-8")
    with opened_warehouse(settings) as connection:
        for statement in duckdb.extract_statements(text if share is None else text.replace("$share", str(share))):
            connection.execute(statement)


def _processor_seconds(who: int) -> float:
    """Work done so far; on a machine that others use too it says more than the clock."""
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def _build(settings: Settings) -> float:
    with timed() as clock:
        command = [str(Path(sys.executable).with_name("skvoz")), "build", "--as-of", AS_OF, "--config", str(settings.file)]
        subprocess.run(command, check=True, capture_output=True)
    return clock.seconds


def _lines(settings: Settings) -> int:
    with opened_warehouse(settings) as connection:
        row = connection.execute("select count(*) from bare.lines").fetchone()
    return row[0] if row else 0


def _seconds(settings: Settings) -> dict[str, float]:
    """Execution time of every model of the last build."""
    results = json.loads((settings.data_dir / "dbt" / "run_results.json").read_text(encoding="utf-8"))["results"]
    return {one["unique_id"].split(".")[2]: one["execution_time"] for one in results if one["unique_id"].startswith("model.")}


def _models(settings: Settings, prefixes: Iterable[str]) -> float:
    return sum(seconds for model, seconds in _seconds(settings).items() if model.startswith(tuple(prefixes)))


def _slowest(settings: Settings, count: int = 15) -> list[tuple[str, float]]:
    return sorted(_seconds(settings).items(), key=lambda one: -one[1])[:count]

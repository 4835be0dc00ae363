"""The sandbox at 1, 10 and 50 times its size, on both engines: seconds, memory and bytes a million records, and which models grow faster.

Extraction goes over HTTP from the sandbox's servers; what skvoz itself does runs in processes of its own and is measured there. The
largest size is five companies of the one before it, each with 1C and CRMs of its own, in one warehouse: the servers of one company of that
size hold 22 GiB.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path

import duckdb

from ingestion.sandbox.company import build_company
from ingestion.sandbox.company_systems import running_systems
from ingestion.settings import Settings, load_settings
from ingestion.sync import opened_warehouse
from tests.bench.measure import model_seconds, tell

SIZES = (1, 10)
COMPANIES = 5
COPIED = ("books", "sales", "portal", "ads")
TODAY = date(2026, 4, 1)
AS_OF = "2026-03-31"
MEMORY_LIMIT = "6GB"
CHANGED = Path(__file__).with_name("analysis_changed.sql")
SKVOZ = Path(sys.executable).with_name("skvoz")
NOTICEABLE = 1.0  # seconds of a model: what takes less has grown by the noise of the machine
FASTER = 1.25  # so many times the growth of the records is faster than linear


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took: seconds by the clock, of processors, and the peak memory of its largest process."""

    seconds: float
    work: float
    mib: float

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s by the clock, {self.work:.1f} s of processors, {self.mib:,.0f} MiB"


def run(scale: float) -> None:
    """One size after the other; `scale` multiplies them all."""
    smaller: tuple[int, dict[str, float]] | None = None
    for size, companies in (*((size, 1) for size in SIZES), (SIZES[-1], COMPANIES)):
        with tempfile.TemporaryDirectory() as name:
            records, models = _measure(Path(name), size * scale, companies)
        if smaller is not None:
            growth = records / smaller[0]
            faster = {
                model: seconds / max(smaller[1].get(model, 0.0), 0.02) / growth
                for model, seconds in models.items()
                if seconds >= NOTICEABLE and seconds > FASTER * growth * max(smaller[1].get(model, 0.0), 0.02)
            }
            named = ", ".join(f"{model} {times:.1f}" for model, times in sorted(faster.items(), key=lambda one: -one[1])[:12])
            tell(f"  models that grew faster than the records ({growth:.1f} x), times of it", named or "none")
        smaller = records, models


def _measure(folder: Path, size: float, companies: int) -> tuple[int, dict[str, float]]:
    """All steps at one size; the records loaded, and the seconds of every model of the full build on DuckDB."""
    of = f"{size * companies:g} x, DuckDB: "
    with _systems(folder, size):
        settings = load_settings(folder / "skvoz.toml")
        loaded = _skvoz(settings, "sync")
    if companies > 1:
        settings = _beside_each_other(settings, companies)
        loaded = _skvoz(settings, "sync", "--replay")
    records, lines = _counts(settings)
    tell(f"{of}{'load' if companies > 1 else 'extraction and load'} of {records:,} records", str(loaded))
    full = _skvoz(settings, "build", "--as-of", AS_OF)
    models = model_seconds(settings)
    tell(f"{of}full build, {lines:,} sale lines", f"{full}; {_a_million(full.work, records)} s of processors a million records")
    with opened_warehouse(settings) as connection:
        for statement in duckdb.extract_statements(CHANGED.read_text(encoding="utf-8")):
            connection.execute(statement)
    tell(f"{of}build after 0.1 % changed", str(_skvoz(settings, "build", "--as-of", AS_OF)))
    size_of = settings.warehouse_file.stat().st_size + _bytes(settings.data_dir / "published")
    moved = _skvoz(settings, "migrate", "--to", "clickhouse", "--no-switch")
    tell(f"{size * companies:g} x, ClickHouse: replay, full build, tests, comparison of all marts", str(moved))
    sizes = (_bytes(settings.raw_dir), size_of, _bytes(folder / "clickhouse"))
    tell(
        f"{size * companies:g} x: raw zone; warehouse and publications of DuckDB; of ClickHouse",
        f"{'; '.join(_a_million(one / 2**20, records) for one in sizes)} MiB a million records",
    )
    return records, models


def _beside_each_other(settings: Settings, companies: int) -> Settings:
    """The same raw zone under the names of more sources."""
    head, _, rest = settings.file.read_text(encoding="utf-8").partition("[sources.books]")
    systems, mark, tail = f"[sources.books]{rest}".partition("[sources.offline_ads]")
    copies = [systems]
    for number in range(2, companies + 1):
        named = systems
        for source in COPIED:
            named = named.replace(f"[sources.{source}]", f"[sources.{source}{number}]").replace(
                f"[sources.{source}.", f"[sources.{source}{number}."
            )
            shutil.copytree(settings.raw_dir / source, settings.raw_dir / f"{source}{number}")
        copies.append(named)
    settings.file.write_text(head + "".join(copies) + mark + tail, encoding="utf-8")
    return load_settings(settings.file)


@contextmanager
def _systems(folder: Path, size: float) -> Iterator[None]:
    """The company's systems in a process of their own, whose memory is given back when it ends: at 50 x they hold 8 GiB."""
    methods = get_context("spawn")
    ready, done = methods.Event(), methods.Event()
    process = methods.Process(target=_serve, args=(folder, size, ready, done), daemon=True)
    process.start()
    try:
        while not ready.wait(1):
            if not process.is_alive():
                message = "the sandbox's systems did not start"
                raise RuntimeError(message)
        for line in (folder / ".env").read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            os.environ[name] = value
        yield
    finally:
        done.set()
        process.join()


def _serve(folder: Path, size: float, ready: Event, done: Event) -> None:
    with running_systems(build_company(seed=1, scale=size, today=TODAY), folder) as systems:
        warehouse = f'[warehouse]\nmemory_limit = "{MEMORY_LIMIT}"\nurl = "chdb:clickhouse"'
        (folder / "skvoz.toml").write_text(systems.toml.replace("[warehouse]", warehouse), encoding="utf-8")
        ready.set()
        done.wait()


def _skvoz(settings: Settings, *arguments: str) -> Cost:
    """Run a command to its end; its output is shown if it fails."""
    command = [str(SKVOZ), *arguments, "--config", str(settings.file)]
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            message = f"skvoz {' '.join(arguments)}:\n{output.read().decode()[-4000:]}"
            raise RuntimeError(message)
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _counts(settings: Settings) -> tuple[int, int]:
    """Records in the raw tables, and rows of the sales register."""
    with opened_warehouse(settings) as connection:
        tables = connection.execute("select table_name from information_schema.tables where table_schema = 'raw'").fetchall()
        counts = [connection.execute(f'select count(*) from raw."{table}"').fetchall()[0][0] for (table,) in tables]
        rows = connection.execute("select sum(json_array_length(payload, '$.RecordSet')) from raw.onec__sales_register").fetchall()[0][0]
    return sum(counts), int(rows)


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _a_million(figure: float, records: int) -> str:
    return f"{figure / records * 1e6:,.0f}"

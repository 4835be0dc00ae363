"""Load and build of all marts over 5 M sale lines, 500,000 deals with their stages and 2 M calls, against the same steps by hand.

Both begin with the same raw files.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import duckdb
import orjson

from ingestion.chunk import MANIFEST, Chunk
from ingestion.durable import append_line
from ingestion.rawzone import CHUNK_RECORDS, read_manifest
from ingestion.sandbox.company import build_company
from ingestion.sandbox.company_systems import running_systems
from ingestion.settings import Settings, load_settings
from ingestion.sync import SyncOptions, opened_warehouse, sync
from tests.bench.measure import model_seconds, peak_mib, tell, timed
from tests.properties.compiled import LAYERS

HERE = Path(__file__).parent
TODAY = date(2026, 4, 1)
AS_OF = "2026-03-31"
# what finds out who is one customer, what a search box looks in, and every comparison between the systems
IDENTITY = ("int_customer_", "int_customers", "dim_customers", "check_", "reconciliation", "customer_links")
# the raw tables that the steps by hand read, and where their files lie
BY_HAND = {
    "onec__sales_register": "books/sales_register",
    "onec__counterparties": "books/counterparties",
    "amocrm__contacts": "sales/contacts",
    "amocrm__leads": "sales/leads",
    "amocrm__events": "sales/events",
    "bitrix24__calls": "portal/calls",
}


def run(scale: float) -> None:
    """Load and full build, bare SQL, a build after one record in a thousand changed; seconds and peak memory."""
    with tempfile.TemporaryDirectory() as name:
        settings = _company(Path(name), scale)
        began = _processor_seconds(resource.RUSAGE_SELF)
        loading, reckoning = _bare(settings)
        bare_work = _processor_seconds(resource.RUSAGE_SELF) - began
        bare = loading + reckoning
        tell("bare DuckDB SQL over the same raw files", f"{loading:.1f} s to read them, {reckoning:.1f} s for the rest")
        began = _processor_seconds(resource.RUSAGE_CHILDREN)
        load = _skvoz(settings, "sync", "--replay")
        full = _skvoz(settings, "build", "--as-of", AS_OF)
        work = _processor_seconds(resource.RUSAGE_CHILDREN) - began
        tell(f"load into raw, {_lines(settings):,} sale lines", f"{load:.1f} s")
        tell("full build and publication of all marts", f"{full:.1f} s")
        tell("  of it identity, search_text and reconciliation (sum of their models)", f"{_models(settings, IDENTITY):.1f} s")
        tell(
            "  load and build against bare SQL (at most 3 wanted)", f"{(load + full) / bare:.2f} x, of processors {work / bare_work:.2f} x"
        )
        tell("  the build alone against the bare one", f"{full / reckoning:.2f} x")
        models, same = _same_models(settings)
        tell(f"the {models} models of the build as bare statements (no dbt, contracts, tests, publication)", f"{same:.1f} s")
        tell("  load and build against bare reading and these", f"{(load + full) / (loading + same):.2f} x")
        tell("  peak memory of the largest process (6,144 MiB wanted)", f"{peak_mib(resource.RUSAGE_CHILDREN):,.0f} MiB")
        tell("  slowest models", ", ".join(f"{model} {seconds:.1f}" for model, seconds in _slowest(settings)))
        with opened_warehouse(settings) as connection:
            _script(connection, "analysis_changed.sql")
        with timed() as start:
            subprocess.run([str(Path(sys.executable).with_name("dbt")), "--version"], check=True, capture_output=True)
        changed = _skvoz(settings, "build", "--as-of", AS_OF)
        tell("build after 0.1 % changed", f"{changed:.1f} s, of it dbt's start {start.seconds:.1f} s")
        tell("  share of the full one, both without dbt's start (30 % wanted)", f"{(changed - start.seconds) / (full - start.seconds):.0%}")


def _company(folder: Path, scale: float) -> Settings:
    """A company whose raw zone holds a small company's systems and the bulk beside it; its warehouse is still to be loaded."""
    with running_systems(build_company(seed=1, scale=0.05, today=TODAY), folder, "unf") as systems:
        os.environ.update(systems.environment)
        (folder / "skvoz.toml").write_text(systems.toml, encoding="utf-8")
        settings = load_settings(folder / "skvoz.toml")
        sync(settings, SyncOptions())
    with timed() as making, opened_warehouse(settings) as connection:
        _script(connection, "analysis_raw.sql", {"$share": str(scale)})
        tables = connection.execute("select table_name from information_schema.tables where table_schema = 'raw'").fetchall()
        for (table,) in tables:
            _to_files(connection, table, settings.raw_dir)
    settings.warehouse_file.unlink()
    tell("raw records made and written to files", f"{making.seconds:.0f} s")
    return settings


def _to_files(connection: duckdb.DuckDBPyConnection, table: str, raw: Path) -> None:
    """Chunks of the bulk of one raw table, as an extraction would have written them."""
    bulk = f"select min(_source), min(rowid), max(rowid) from raw.{table} where _file = 'bench'"
    source, first, last = connection.execute(bulk).fetchone() or (None, 0, 0)
    if source is None:
        return
    folder = raw / source / table.partition("__")[2]
    before = read_manifest(folder)[-1].number
    for number, begin in enumerate(range(first, last + 1, CHUNK_RECORDS), start=before + 1):
        path = folder / f"{number:06d}.ndjson.zst"
        written = connection.execute(
            "copy (select _key, strftime(_modified_at at time zone 'UTC', '%Y-%m-%dT%H:%M:%S+00:00') as _modified_at, false as _deleted,"
            f" null::varchar as _version, payload from raw.{table} where _file = 'bench' and rowid between {begin} and"
            f" {begin + CHUNK_RECORDS - 1}) to '{path}' (format json, compression zstd)"
        ).fetchone()
        data = path.read_bytes()
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        records = int(written[0]) if written else 0
        chunk = Chunk(number, path.name, records, 0, len(data), sha256(data).hexdigest(), None, moment)
        append_line(folder / MANIFEST, orjson.dumps(asdict(chunk)))


def _bare(settings: Settings) -> tuple[float, float]:
    """Seconds of the same by hand: to read the raw files, and for the rest."""
    with duckdb.connect(str(settings.data_dir / "by_hand.duckdb")) as connection:
        with timed() as loading:
            connection.execute("create schema bare")
            for table, folder in BY_HAND.items():
                _script(connection, "analysis_bare_load.sql", {"$table": table, "$files": str(settings.raw_dir / folder)})
        with timed() as reckoning:
            _script(connection, "analysis_bare.sql")
    (settings.data_dir / "by_hand.duckdb").unlink()
    return loading.seconds, reckoning.seconds


def _same_models(settings: Settings) -> tuple[int, float]:
    """The SQL that the build ran, once more over the loaded records and by hand: how many models, and their seconds."""
    results = orjson.loads((settings.data_dir / "dbt" / "run_results.json").read_bytes())["results"]
    models = [(made["relation_name"], made["compiled_code"]) for made in results if made["unique_id"].startswith("model.")]
    folder = settings.data_dir / "by_hand"
    folder.mkdir()
    copy = folder / settings.warehouse_file.name  # its name is in the SQL
    shutil.copyfile(settings.warehouse_file, copy)
    with duckdb.connect(str(copy), config={"temp_directory": str(folder), "memory_limit": "6GB"}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set preserve_insertion_order = false")
        rows = connection.execute("select schema_name, view_name from duckdb_views() where not internal").fetchall()
        views = {f'"{copy.stem}"."{schema}"."{name}"' for schema, name in rows}
        for schema in LAYERS:
            connection.execute(f"drop schema {schema} cascade")
            connection.execute(f"create schema {schema}")
        with timed() as clock:
            for relation, statement in models:
                connection.execute(f"create {'view' if relation in views else 'table'} {relation} as {statement}")
    shutil.rmtree(folder)
    return len(models), clock.seconds


def _script(connection: duckdb.DuckDBPyConnection, name: str, places: dict[str, str] | None = None) -> None:
    """Run the statements of a file beside this one, its places filled in."""
    text = (HERE / name).read_text(encoding="utf-8")
    for place, value in (places or {}).items():
        text = text.replace(place, value)
    for statement in duckdb.extract_statements(text):
        connection.execute(statement)


def _processor_seconds(who: int) -> float:
    """Work done so far; on a machine that others use too it says more than the clock."""
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def _skvoz(settings: Settings, *arguments: str) -> float:
    with timed() as clock:
        command = [str(Path(sys.executable).with_name("skvoz")), *arguments, "--config", str(settings.file)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return clock.seconds


def _lines(settings: Settings) -> int:
    with opened_warehouse(settings) as connection:
        row = connection.execute("select sum(json_array_length(payload, '$.RecordSet')) from raw.onec__sales_register").fetchone()
    return int(row[0]) if row else 0


def _models(settings: Settings, prefixes: Iterable[str]) -> float:
    return sum(seconds for model, seconds in model_seconds(settings).items() if model.startswith(tuple(prefixes)))


def _slowest(settings: Settings, count: int = 15) -> list[tuple[str, float]]:
    return sorted(model_seconds(settings).items(), key=lambda one: -one[1])[:count]

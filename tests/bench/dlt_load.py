"""The same lead records loaded by skvoz, by dlt (its Parquet loader into DuckDB, in a virtual environment of its own) and by bare DuckDB.

All three read one NDJSON file and keep the records in a DuckDB file with two threads. dlt unfolds them into typed tables with a child
table for lists, which is its way; skvoz keeps each as JSON with its ledger and history, then stages its columns.
"""

import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

import duckdb
import orjson

from ingestion import load
from ingestion.discovery import all_sources
from ingestion.engines.duckdb import open_warehouse
from ingestion.extract import calm_collector
from ingestion.rawzone import StreamZone
from ingestion.spec import Record
from tests.bench.load import FIELDS
from tests.bench.measure import tell, timed
from tests.bench.records import leads

RECORDS = 200_000
Seconds = tuple[float, float]
"""By the clock, and of the processors."""
ENVIRONMENT = Path("build") / "dlt"
PACKAGES = ("dlt[duckdb]==1.31.0", "pyarrow==26.0.1", "orjson")
_PIPELINE = """
import os, sys, time
import dlt, orjson
os.environ["LOAD__WORKERS"] = os.environ["NORMALIZE__WORKERS"] = "2"
path, folder = sys.argv[1:]
@dlt.resource(name="leads", write_disposition="merge", primary_key="id")
def leads():
    with open(path, "rb") as lines:
        page = []
        for line in lines:
            page.append(orjson.loads(line))
            if len(page) == 250:
                yield page
                page = []
        yield page
if __name__ == "__main__":
    pipeline = dlt.pipeline("bench", pipelines_dir=folder, destination=dlt.destinations.duckdb(folder + "/dlt.duckdb"), dataset_name="raw")
    began, processor = time.perf_counter(), sum(os.times()[:4])
    pipeline.extract(leads(), loader_file_format="parquet")
    pipeline.normalize()
    lay, laid = time.perf_counter(), sum(os.times()[:4])
    pipeline.load()
    end, ended = time.perf_counter(), sum(os.times()[:4])
    print(lay - began, laid - processor, end - lay, ended - laid)
"""


def run(scale: float) -> None:
    """Seconds of each, from the file to the tables."""
    count = int(RECORDS * scale)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "leads.ndjson"
        with path.open("wb") as lines:
            lines.writelines(orjson.dumps(lead) + b"\n" for lead in leads(count))
        bare = _bare(path, folder)
        ours = _ours(path, folder)
        theirs = _dlt(path, folder)
    our_all, their_all = _sum(*ours), _sum(*theirs)
    for what, (clock, processor) in (
        (f"bare DuckDB: read_ndjson into a table, {count:,} leads", bare),
        ("skvoz: the raw zone with checksums", ours[0]),
        ("skvoz: load, merge, ledger, staging columns", ours[1]),
        ("dlt: extract and normalize into Parquet", theirs[0]),
        ("dlt: load of the Parquet, merge by id", theirs[1]),
    ):
        tell(what, f"{clock:.2f} s ({count / clock:,.0f}/s), {processor:.2f} s of processors")
    for what, other, mine in (
        ("skvoz against dlt, from the file to the tables (20 x wanted)", their_all, our_all),
        ("skvoz against dlt, the load alone", theirs[1], ours[1]),
        ("bare DuckDB against dlt", their_all, bare),
        ("bare DuckDB against skvoz", our_all, bare),
    ):
        tell(what, f"{other[0] / mine[0]:.1f} x by the clock, {other[1] / mine[1]:.1f} x by the processors")


def _sum(one: Seconds, two: Seconds) -> Seconds:
    return one[0] + two[0], one[1] + two[1]


def _bare(path: Path, folder: Path) -> Seconds:
    started = process_time()
    with duckdb.connect(str(folder / "bare.duckdb")) as connection, timed() as clock:
        connection.execute("set threads = 2")
        connection.execute("create table leads as from read_ndjson(?, maximum_object_size = 16777216)", [str(path)])
    return clock.seconds, process_time() - started


def _ours(path: Path, folder: Path) -> tuple[Seconds, Seconds]:
    source = all_sources()["amocrm"]
    stream = next(stream for stream in source.streams if stream.name == "leads")
    calm_collector()  # as every extraction does
    started = process_time()
    with timed() as writing:
        zone = StreamZone(folder / "raw", "sales", stream)
        zone.open()
        with path.open("rb") as lines:
            page: list[Record] = []
            for line in lines:
                lead = orjson.loads(line)
                page.append(Record(str(lead["id"]), lead, datetime.fromtimestamp(lead["updated_at"], UTC)))
                if len(page) == 250:
                    zone.take(page)
                    zone.checkpoint({"page": page[-1].key})
                    page = []
            zone.take(page)
        zone.flush()
        zone.close()
    written = process_time()
    with timed() as loading:
        connection = open_warehouse(folder / "warehouse.duckdb", threads=2)
        load.prepare(connection, [source])
        load.load_stream(connection, folder / "raw", "sales", source, stream)
        connection.execute(
            "create table staged as select _source, _key, _load_id, fields.* from"
            " (select _source, _key, _load_id, json_transform(payload, ?) as fields from raw.amocrm__leads where not _deleted)",
            [FIELDS],
        )
        connection.close()
    return (writing.seconds, written - started), (loading.seconds, process_time() - written)


def _dlt(path: Path, folder: Path) -> tuple[Seconds, Seconds]:
    python = (ENVIRONMENT / "bin" / "python").absolute()
    if not (ENVIRONMENT / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES], check=True)
        (ENVIRONMENT / "ready").touch()
    script = folder / "pipeline.py"
    script.write_text(_PIPELINE, encoding="utf-8")
    done = subprocess.run([str(python), str(script), str(path), str(folder)], check=True, capture_output=True, text=True, cwd=folder)
    making, made, loading, loaded = map(float, done.stdout.split()[-4:])
    return (making, made), (loading, loaded)

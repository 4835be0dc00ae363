"""The same lead records loaded by skvoz, by dlt (its Parquet loader into DuckDB, in a virtual environment of its own) and by bare DuckDB.

All three read one NDJSON file and keep the records in a DuckDB file with two threads. dlt unfolds them into typed tables with a child
table for lists, which is its way; skvoz keeps each as JSON with its ledger and history, then stages its columns.
"""

import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import orjson

from ingestion import load
from ingestion.discovery import all_sources
from ingestion.engines.duckdb import open_warehouse
from ingestion.rawzone import StreamZone
from ingestion.spec import Record
from tests.bench.load import FIELDS
from tests.bench.measure import tell, timed
from tests.bench.records import leads

RECORDS = 200_000
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
    began = time.perf_counter()
    pipeline.run(leads(), loader_file_format="parquet")
    print(time.perf_counter() - began)
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
    tell(f"bare DuckDB: read_ndjson into a table, {count:,} leads", f"{bare:.2f} s ({count / bare:,.0f}/s)")
    tell("skvoz: raw zone with checksums, merge, ledger, staging columns", f"{ours:.2f} s ({count / ours:,.0f}/s)")
    tell("dlt: the same file, merge by id, Parquet loader", f"{theirs:.2f} s ({count / theirs:,.0f}/s)")
    tell("skvoz against dlt (20 x wanted)", f"{theirs / ours:.1f} x")
    tell("skvoz against bare DuckDB", f"{ours / bare:.1f} x its time")


def _bare(path: Path, folder: Path) -> float:
    with duckdb.connect(str(folder / "bare.duckdb")) as connection, timed() as clock:
        connection.execute("set threads = 2")
        connection.execute("create table leads as from read_ndjson(?, maximum_object_size = 16777216)", [str(path)])
    return clock.seconds


def _ours(path: Path, folder: Path) -> float:
    source = all_sources()["amocrm"]
    stream = next(stream for stream in source.streams if stream.name == "leads")
    with timed() as clock:
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
        connection = open_warehouse(folder / "warehouse.duckdb", threads=2)
        load.prepare(connection, [source])
        load.load_stream(connection, folder / "raw", "sales", source, stream)
        connection.execute(
            "create table staged as select _source, _key, _load_id, fields.* from"
            " (select _source, _key, _load_id, json_transform(payload, ?) as fields from raw.amocrm__leads where not _deleted)",
            [FIELDS],
        )
        connection.close()
    return clock.seconds


def _dlt(path: Path, folder: Path) -> float:
    python = (ENVIRONMENT / "bin" / "python").absolute()
    if not (ENVIRONMENT / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES], check=True)
        (ENVIRONMENT / "ready").touch()
    script = folder / "pipeline.py"
    script.write_text(_PIPELINE, encoding="utf-8")
    done = subprocess.run([str(python), str(script), str(path), str(folder)], check=True, capture_output=True, text=True, cwd=folder)
    return float(done.stdout.split()[-1])

"""Load from the raw zone into staging tables, against bare DuckDB over the same files in the same run."""

import tempfile
from pathlib import Path

import duckdb

from ingestion import load
from ingestion.discovery import all_sources
from ingestion.engines.duckdb import open_warehouse
from ingestion.rawzone import StreamZone
from tests.bench.measure import peak_mib, tell, timed
from tests.bench.records import write_leads

RECORDS = 200_000
FIELDS = (
    '{"id": "BIGINT", "name": "VARCHAR", "price": "BIGINT", "responsible_user_id": "BIGINT", "status_id": "BIGINT",'
    ' "pipeline_id": "BIGINT", "created_at": "BIGINT", "updated_at": "BIGINT"}'
)


def run(scale: float) -> None:
    """Write leads through the raw zone, load them, stage them; then the same with bare statements."""
    count = int(RECORDS * scale)
    source = all_sources()["amocrm"]
    stream = next(stream for stream in source.streams if stream.name == "leads")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        zone = StreamZone(folder / "raw", "sales", stream)
        zone.open()
        with timed() as writing:
            size = write_leads(zone, count)
        tell(f"raw zone: {count:,} leads made and written ({size / 2**20:.0f} MiB zst)", f"{count / writing.seconds:,.0f} records/s")

        with duckdb.connect() as bare:
            bare.execute("set threads = 2")
            files = str(zone.folder / "*.zst")
            with timed() as plain:
                bare.execute(
                    "create table staged as select fields.* from (select json_transform(json -> 'payload', ?) as fields"
                    " from read_ndjson_objects(?, maximum_object_size = 16777216))",
                    [FIELDS, files],
                )
        connection = open_warehouse(folder / "warehouse.duckdb", threads=2)
        load.prepare(connection, [source])
        with timed() as loading:
            load.load_stream(connection, folder / "raw", "sales", source, stream)
        with timed() as staging:
            connection.execute(
                "create table staged as select _source, _key, _load_id, fields.* from"
                " (select _source, _key, _load_id, json_transform(payload, ?) as fields from raw.amocrm__leads where not _deleted)",
                [FIELDS],
            )
        connection.close()
        ours = loading.seconds + staging.seconds
        tell("bare read_ndjson_objects + json_transform of the same files", f"{plain.seconds:.2f} s ({count / plain.seconds:,.0f}/s)")
        tell("load into raw + staging (merge, ledger, cursor, payload kept)", f"{loading.seconds:.2f} + {staging.seconds:.2f} s")
        tell("share of the bare speed", f"{plain.seconds / ours:.2f}")
        tell("peak memory of this process", f"{peak_mib():,.0f} MiB")

"""The two engines over the same raw files: load, bytes on disk, one question over what is loaded. ClickHouse is its engine in process.

The whole build on both engines: `skvoz demo --scale N`, then `skvoz migrate --to clickhouse` (docs/scale.md).
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingestion import load
from ingestion.discovery import all_sources
from ingestion.engines.clickhouse import ClickHouseWarehouse
from ingestion.engines.clickhouse_client import Address, open_client
from ingestion.engines.duckdb import open_warehouse
from ingestion.rawzone import StreamZone
from ingestion.spec import Source, Stream
from tests.bench.measure import Clock, tell, timed
from tests.bench.records import write_leads

RECORDS = 400_000
_STRUCTURE = "_key String, _modified_at Nullable(DateTime64(6, \\'UTC\\')), _deleted Bool, payload Nullable(String)"
_DUCKDB = "select sum(cast(payload ->> '$.price' as bigint)), count(*) from raw.amocrm__leads where _source = 'sales'"
_CLICKHOUSE = "select sum(JSONExtractInt(payload, 'price')), count() from raw.amocrm__leads where _source = 'sales'"


@contextmanager
def busy() -> Iterator[Clock]:
    """CPU seconds of this process (all of its threads) in the measured block."""
    clock = Clock()
    before = os.times()
    yield clock
    after = os.times()
    clock.seconds = after.user + after.system - before.user - before.system


def run(scale: float) -> None:
    """Write leads through the raw zone, load them on both engines, and again: an edit of a tenth of them."""
    count = int(RECORDS * scale)
    source = all_sources()["amocrm"]
    stream = next(stream for stream in source.streams if stream.name == "leads")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        zone = StreamZone(folder / "raw", "sales", stream)
        zone.open()
        size = write_leads(zone, count)
        tell("raw files", f"{count:,} leads, {size / 2**20:.0f} MiB zst in {len(list(zone.folder.glob('*.zst')))} files")
        _duckdb(folder, count, source, stream)
        _clickhouse(folder, count, source, stream, zone.folder)


def _duckdb(folder: Path, count: int, source: Source, stream: Stream) -> None:
    path = folder / "warehouse.duckdb"
    connection = open_warehouse(path, threads=2)
    load.prepare(connection, [source])
    with timed() as loading, busy() as used:
        load.load_stream(connection, folder / "raw", "sales", source, stream)
    with timed() as asking:
        connection.execute(_DUCKDB).fetchall()
    connection.execute("checkpoint")
    connection.close()
    tell("DuckDB: load into raw", f"{loading.seconds:.2f} s, {used.seconds:.2f} CPU s ({count / loading.seconds:,.0f}/s)")
    tell("DuckDB: on disk", f"{path.stat().st_size / 2**20:.0f} MiB ({path.stat().st_size / count * 1e6 / 2**20:.0f} MiB per million)")
    tell("DuckDB: one field of every payload summed", f"{asking.seconds:.2f} s")


def _clickhouse(folder: Path, count: int, source: Source, stream: Stream, files: Path) -> None:
    address = Address(f"chdb:{folder / 'clickhouse'}")
    warehouse = ClickHouseWarehouse(open_client(address), address)
    load.prepare(warehouse, [source])
    warehouse.run(
        "create table plain (_key String, _modified_at Nullable(DateTime64(6, 'UTC')), _deleted Bool, payload Nullable(String))"
        " engine = MergeTree order by _key"
    )
    with timed() as plain, busy() as plain_used:
        warehouse.run(f"insert into plain select * from file('{files}/*.zst', 'JSONEachRow', '{_STRUCTURE}')")
    warehouse.run("drop table plain sync")
    with timed() as loading, busy() as used:
        load.load_stream(warehouse, folder / "raw", "sales", source, stream)
    with timed() as asking:
        warehouse.rows(_CLICKHOUSE)
    [(held,)] = warehouse.rows("select sum(bytes_on_disk) from system.parts where active and database = 'raw' and table = 'amocrm__leads'")
    warehouse.close()
    tell("ClickHouse: its own insert from file()", f"{plain.seconds:.2f} s, {plain_used.seconds:.2f} CPU s")
    tell("ClickHouse: load into raw (merge, ledger, cursor)", f"{loading.seconds:.2f} s, {used.seconds:.2f} CPU s")
    tell(
        "ClickHouse: share of its own insert's speed",
        f"{plain_used.seconds / used.seconds:.2f} by CPU, {plain.seconds / loading.seconds:.2f}",
    )
    tell("ClickHouse: on disk", f"{held / 2**20:.0f} MiB ({held / count * 1e6 / 2**20:.0f} MiB per million)")
    tell("ClickHouse: one field of every payload summed", f"{asking.seconds:.2f} s")

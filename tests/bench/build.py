"""A full build over a million sale lines: the sandbox company's documents, copied under new keys in the raw zone."""

import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from ingestion.rawzone import StreamZone, read_chunk, read_manifest
from ingestion.sandbox.company import build_company
from ingestion.sandbox.company_systems import running_systems
from ingestion.settings import Settings, load_settings
from ingestion.spec import Record
from ingestion.sync import SyncOptions, opened_warehouse, sync
from tests.bench.measure import peak_mib, tell, timed

LINES = 1_000_000
MEMORY_LIMIT = "1200MB"  # DuckDB's share of a small server's 2 GiB; without a limit it takes what the machine offers
DOCUMENTS = ("orders", "shipments", "returns", "sales_register")
GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TODAY = date(2026, 4, 1)


def run(scale: float) -> None:
    """Make the raw zone, load it, build everything; print seconds and peak memory of the build's process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running_systems(build_company(seed=1, scale=1, today=TODAY), folder, "unf") as systems:
            os.environ.update(systems.environment)
            limited = systems.toml.replace("[warehouse]", f'[warehouse]\nmemory_limit = "{MEMORY_LIMIT}"')
            (folder / "skvoz.toml").write_text(limited, encoding="utf-8")
            settings = load_settings(folder / "skvoz.toml")
            sync(settings, SyncOptions())
        lines = _count(settings, "sales_register")
        copies = max(0, round(LINES * scale / max(lines, 1)) - 1)
        with timed() as copying:
            _copy_documents(settings, copies)
        tell(f"raw zone: the sandbox's documents copied {copies} times", f"{copying.seconds:.0f} s")
        with timed() as loading:
            _skvoz("sync", "books", "--replay", "--config", str(settings.file))
        tell("load of all of it (replay)", f"{loading.seconds:.1f} s")
        with timed() as building:
            _skvoz("build", "--as-of", "2026-03-31", "--config", str(settings.file))
        with opened_warehouse(settings) as connection:
            row = connection.execute("select count(*) from marts.fct_sales").fetchone()
        tell(f"full build and publication over {row[0] if row else 0:,} sale lines", f"{building.seconds:.0f} s")
        tell(f"peak memory of the build's largest process (memory_limit {MEMORY_LIMIT})", f"{peak_mib(resource.RUSAGE_CHILDREN):,.0f} MiB")


def _skvoz(*arguments: str) -> None:
    done = subprocess.run([str(Path(sys.executable).with_name("skvoz")), *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        message = f"skvoz {' '.join(arguments)}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        raise RuntimeError(message)


def _records(settings: Settings, stream: str) -> Iterator[dict[str, Any]]:
    folder = settings.raw_dir / "books" / stream
    for chunk in read_manifest(folder):
        yield from read_chunk(folder, chunk)


def _count(settings: Settings, stream: str) -> int:
    return sum(len(line["payload"]["RecordSet"]) for line in _records(settings, stream))


def _copy_documents(settings: Settings, copies: int) -> None:
    """Write every document `copies` times more; references between copied documents follow into the same copy."""
    texts = {name: [(line["_key"], orjson.dumps(line["payload"]).decode()) for line in _records(settings, name)] for name in DOCUMENTS}
    keys = {key for records in texts.values() for key, _ in records}
    streams = {stream.name: stream for stream in settings.configured("books").source.streams}
    for name, records in texts.items():
        zone = StreamZone(settings.raw_dir, "books", streams[name])
        zone.open()
        for number in range(1, copies + 1):
            mark = f"{number:04x}"

            def copied(match: re.Match[str], mark: str = mark) -> str:
                guid = match.group()
                return mark + guid[4:] if guid in keys else guid

            for key, text in records:
                zone.add(Record(mark + key[4:], orjson.loads(GUID.sub(copied, text))))
            zone.checkpoint(zone.cursor)
        zone.flush()
        zone.close()

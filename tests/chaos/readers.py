"""Readers in processes of their own while versions are published and pruned: every read sees one whole version, none fails."""

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from ingestion.settings import Settings, load_settings
from orchestration import publish
from reports.errors import ReportsError
from reports.published import Published

_ROOT = Path(__file__).resolve().parents[2]
_LIMIT_SECONDS = 300
_READER = """
import sys
from pathlib import Path
from tests.chaos.readers import read_until
sys.stdout.writelines(f"{line}\\n" for line in read_until(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
"""
_TABLES = 3
_FIRST = datetime(2026, 3, 31, tzinfo=UTC)


def publish_and_read(folder: Path, *, publications: int, processes: int, reads: int) -> list[str]:
    """Publish so many versions, keeping one, while processes read; what went wrong, one sentence each, and the number of reads last.

    Every version says its own number in every table, so that a mixture of two would show.
    """
    settings = _company(folder)
    _make(settings, 0)
    _publish(settings, 0)
    stop = folder / "stop"
    published = settings.data_dir / "published"
    command = [sys.executable, "-c", _READER, str(published), str(reads // processes), str(stop)]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT) for _ in range(processes)]
    for number in range(1, publications + 1):
        _make(settings, number)
        _publish(settings, number)
    stop.touch()
    found = []
    for worker in workers:
        said, _ = worker.communicate(timeout=_LIMIT_SECONDS)
        found += said.splitlines()
    return found


def read_until(published: Path, reads: int, stop: Path) -> Iterator[str]:
    """At least so many reads, and as long as versions come: what went wrong, and the number of reads."""
    done = 0
    while done < reads or not stop.exists():
        yield from _one_read(published)
        done += 1
    yield f"reads {done}"


def _one_read(published: Path) -> Iterator[str]:
    try:
        with Published.current(published) as version:
            seen = {row["n"] for table in range(_TABLES) for row in version.select(f"select distinct n from marts.part{table}")}
            time.sleep(0.002)  # a page is looked at for a while, and may be pruned meanwhile
            again = {row["n"] for row in version.select("select distinct n from marts.part0")}
    except (ReportsError, duckdb.Error, OSError) as error:
        yield " ".join(f"{type(error).__name__}: {error}".split())
        return
    if len(seen) != 1 or seen != again:
        yield f"a mixture of versions: {sorted(seen | again)}"


def _company(folder: Path) -> Settings:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "skvoz.toml").write_text('[company]\nname = "Ромашка"\n[warehouse]\nkeep_versions = 1\nkeep_days = 0\n', encoding="utf-8")
    settings = load_settings(folder / "skvoz.toml")
    settings.data_dir.mkdir()
    return settings


def _make(settings: Settings, number: int) -> None:
    with duckdb.connect(str(settings.warehouse_file)) as connection:
        connection.execute("create schema if not exists marts")
        connection.execute(
            "create or replace table marts.publication as select '' as run_id, now() as published_at, current_date as as_of_date,"
            " '1' as skvoz_version, 'Ромашка' as company_name, 'RUB' as base_currency, 'UTC' as timezone"
        )
        for table in range(_TABLES):
            connection.execute(f"create or replace table marts.part{table} as select {number} as n from range(20_000)")


def _publish(settings: Settings, number: int) -> None:
    # ten seconds apart by their names: those of the last minute stay, older ones are pruned
    moment = _FIRST + timedelta(seconds=10 * number)
    publish.publish(settings, publish.new_run_id(moment), now=moment)

"""Forgets a person everywhere in the data folder: raw zone, raw tables, marts, published versions, journal and history of runs.

Documents and their amounts stay; whose they are does not. The course can be broken off anywhere: what was asked is in the list of
forgotten persons first (as digests), every step may be done again, and the list says that something is pending until all is through.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ingestion import load
from ingestion.discovery import all_sources
from ingestion.forgotten import Forgotten, Traces
from ingestion.load import compact
from ingestion.lock import data_lock
from ingestion.rawforget import everything, forget_in_raw_zone, suspects_of
from ingestion.rawzone import read_manifest
from ingestion.settings import Settings
from ingestion.sync import calendar_source, opened_warehouse
from orchestration.errors import ForgetError, OrchestrationError
from orchestration.forget_find import must_be_here
from orchestration.forget_state import forget_in_state
from orchestration.publish import current_file, versions

Say = Callable[[str], None]
_BUILT = ("staging", "intermediate", "marts", "failures", "seeds")


@dataclass(slots=True)
class Done:
    """What was done.

    Attributes:
        records: rewritten in the raw zone, by "<source>/<stream>".
        versions: published versions that were removed.
        closed: files that cannot be looked into.
    """

    records: dict[str, int] = field(default_factory=dict)
    versions: int = 0
    closed: list[Path] = field(default_factory=list)


def remember(settings: Settings, traces: Traces) -> Forgotten:
    """Put a person on the list; from here on nothing of them is read in again. The caller holds the data folder's lock."""
    forgotten = Forgotten.of(settings.state_dir)
    forgotten.learn(traces)
    forgotten.pending = True
    forgotten.save()
    return forgotten


def forget_in_raw(settings: Settings, forgotten: Forgotten, traces: Traces | None, done: Done, say: Say) -> None:
    """Raw zone and raw tables; the caller holds the data folder's lock.

    Args:
        settings: whose data.
        forgotten: the list.
        traces: what is new on it; None if it is known by digests only, which takes longer.
        done: is added to.
        say: told about progress.
    """
    done.records = forget_in_raw_zone(settings.raw_dir, forgotten, everything if traces is None else suspects_of(traces))
    say(f"raw zone: {sum(done.records.values())} records in {len(done.records)} streams were rewritten")
    if not settings.warehouse_file.exists():
        return
    with opened_warehouse(settings) as connection:
        for source, stream in _changed_streams(connection, settings.raw_dir):
            _reload(connection, settings, source, stream)
        _forget_in_profiles(connection, forgotten)
        # views and tables of models that no longer exist would keep what no build rewrites
        for schema in _BUILT:
            connection.execute(f"drop schema if exists {schema} cascade")
    (settings.state_dir / "build.json").unlink(missing_ok=True)
    for leftover in ("logs", "dbt.log", "run_results.json"):
        path = settings.data_dir / "dbt" / leftover
        shutil.rmtree(path, ignore_errors=True)
        with suppress(FileNotFoundError, IsADirectoryError):
            path.unlink()
    shutil.rmtree(settings.data_dir / "tmp", ignore_errors=True)


def forget_elsewhere(settings: Settings, forgotten: Forgotten, done: Done, say: Say) -> None:
    """Earlier publications, free space of the warehouse, state; the caller holds the data folder's lock.

    Raises:
        ForgetError: there is no room to rewrite the warehouse.
    """
    for version in versions(settings):
        if not version.is_current:
            version.path.unlink()
            done.versions += 1
    say(f"published versions: {done.versions} earlier ones were removed")
    if settings.warehouse_file.exists() and not compact(settings.warehouse_file, memory_limit=settings.warehouse.memory_limit, always=True):
        message = (
            f"{settings.warehouse_file}: there is no room to rewrite it, and what was deleted still stands in its free space; "
            "make as much room as the file is large and run skvoz forget again (without a name): it goes on where it stopped."
        )
        raise ForgetError(message)
    done.closed = forget_in_state(settings.state_dir, forgotten)
    forgotten.pending = False
    forgotten.save()


def forget(settings: Settings, traces: Traces | None, build: Callable[[], str | None], say: Say) -> Done:
    """The whole course.

    Args:
        settings: whose data.
        traces: of the person; None to finish what was broken off.
        build: makes and publishes the marts anew, and gives what went wrong; called without the lock.
        say: told about progress.

    Raises:
        ForgetError: it is not through; says how to go on.
    """
    must_be_here(settings)
    done = Done()
    with data_lock(settings.data_dir, "skvoz forget", wait_seconds=60.0):
        before = Forgotten.read(settings.state_dir)
        broken_off = before is not None and before.pending
        if traces is None and not broken_off:
            message = "nobody is waiting to be forgotten; name a person: --phone, --email, --tax-id, --customer or --name."
            raise ForgetError(message)
        forgotten = remember(settings, traces or Traces())
        fresh = None if broken_off else traces
        forget_in_raw(settings, forgotten, fresh, done, say)
    if current_file(settings.data_dir / "published") is not None:
        say("the marts are built anew and published")
        try:
            failure = build()
        except OrchestrationError as error:
            failure = str(error)
        if failure is not None:
            message = (
                f"{failure}\nthe raw zone is without the person, the published versions still hold them; "
                "mend this and run skvoz forget again (without a name): it goes on where it stopped."
            )
            raise ForgetError(message)
    with data_lock(settings.data_dir, "skvoz forget", wait_seconds=600.0):
        forget_elsewhere(settings, forgotten, done, say)
    return done


def _changed_streams(connection: duckdb.DuckDBPyConnection, raw: Path) -> list[tuple[str, str]]:
    """Streams whose files are not those that were loaded; those too that a kill left emptied, with no file in the ledger."""
    known = connection.execute("select source, stream from meta.cursors").fetchall()
    loaded: dict[tuple[str, str], set[str]] = {(source, stream): set() for source, stream in known}
    for source, stream, file in connection.execute("select source, stream, file from meta.files").fetchall():
        loaded.setdefault((source, stream), set()).add(file)
    return [
        (source, stream)
        for (source, stream), files in sorted(loaded.items())
        if files != {f"{source}/{stream}/{chunk.file}" for chunk in read_manifest(raw / source / stream)}
    ]


def _reload(connection: duckdb.DuckDBPyConnection, settings: Settings, source_name: str, stream_name: str) -> None:
    """Load a stream anew from the raw zone; one whose source is configured no more as well, by the system it was read from."""
    configured = next((one for one in (*settings.sources, calendar_source()) if one.name == source_name), None)
    row = connection.execute("select system from meta.cursors where source = ? and stream = ?", [source_name, stream_name]).fetchone()
    source = configured.source if configured else next((one for one in all_sources().values() if row and one.system == row[0]), None)
    stream = next((one for one in source.streams if one.name == stream_name), None) if source else None
    if source is None or stream is None:
        message = f"{source_name}/{stream_name} was read by a source that this skvoz does not know; install the version that read it."
        raise ForgetError(message)
    load.forget_stream(connection, source_name, source, stream)
    load.load_stream(connection, settings.raw_dir, source_name, source, stream)


def _forget_in_profiles(connection: duckdb.DuckDBPyConnection, forgotten: Forgotten) -> None:
    rows = connection.execute(
        "select source, stream, load_id, field, known_values::varchar from meta.profiles where known_values is not null"
    ).fetchall()
    for source, stream, load_id, name, values in rows:
        known = json.loads(values)
        masked = forgotten.value(known, words=forgotten.value(known) is not known)
        if masked is not known:
            connection.execute(
                "update meta.profiles set known_values = ? where source = ? and stream = ? and load_id = ? and field = ?",
                [json.dumps(masked, ensure_ascii=False), source, stream, load_id, name],
            )

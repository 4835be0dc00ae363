"""Extraction of the configured sources side by side, then their load, one after the other.

A source that fails does not stop the others: what arrived before is durable and loaded, its error is in the result.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import duckdb
import orjson

from ingestion import calendar, load
from ingestion.discovery import all_sources
from ingestion.durable import private_folder, write_durably
from ingestion.engines.clickhouse import ClickHouseWarehouse
from ingestion.engines.clickhouse_client import open_client
from ingestion.engines.duckdb import open_warehouse
from ingestion.errors import IngestionError, OneListError, PermanentError, RawZoneError, TransientError, WarehouseError
from ingestion.extract import Order, Progress, StreamResult, calm_collector, extract_stream
from ingestion.machine import fault_of_machine
from ingestion.rawstore import RawStore, read_moment, write_moment
from ingestion.redaction import redact
from ingestion.settings import ConfiguredSource, Settings
from ingestion.spec import Connector, Context, Mode, Stream

log = logging.getLogger(__name__)

_ATTEMPTS = 2  # of a whole source, each from its last safe place; single requests are retried inside ingestion.http
_WAIT_SECONDS = 20.0


@dataclass(slots=True)
class SourceOutcome:
    """What became of one source in one run.

    Attributes:
        name: of the source.
        streams: results of the streams that were extracted.
        loads: what was loaded.
        notes: things a person should know that are no errors.
        error: why it stopped, None if it came through.
        seconds: of extraction.
        arrived: records (received, written) of each stream that was begun, whether or not it came to its end.
    """

    name: str
    streams: list[StreamResult] = field(default_factory=list)
    loads: list[load.LoadResult] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: IngestionError | None = None
    seconds: float = 0.0
    arrived: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def broken_off(self) -> list[tuple[int, int]]:
        """Records (received, written) of the streams that were begun and did not come to their end; what arrived of them is kept."""
        finished = {result.stream for result in self.streams}
        return [counts for stream, counts in self.arrived.items() if stream not in finished]


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """What a sync is asked for: mode, which sources (all if empty), how far back, and whether a large loss is accepted."""

    mode: Mode = "refresh"
    only: tuple[str, ...] = ()
    since: date | None = None
    accept_loss: bool = False
    attempts: int = _ATTEMPTS
    wait_seconds: float = _WAIT_SECONDS
    steps: Literal["both", "extract", "load"] = "both"
    """On several machines workers extract into the store, and the run that builds loads what has come there."""


def sync(
    settings: Settings, options: SyncOptions, *, progress: Progress | None = None, done: Callable[[SourceOutcome], None] | None = None
) -> list[SourceOutcome]:
    """Extract and load; the caller holds the data folder's lock.

    Args:
        settings: the whole configuration.
        options: what is asked for.
        progress: told about every page, from several threads.
        done: told about every source once it is loaded.

    Raises:
        ConfigurationError: an unknown source was named.
    """
    chosen = [settings.configured(name) for name in options.only] if options.only else list(settings.sources)
    private_folder(settings.data_dir)
    if options.steps == "extract":
        outcomes = [_extract(settings, source, options, progress) for source in chosen]
        write_outcomes(settings, outcomes)
        return outcomes
    chosen.append(calendar_source())
    if options.steps == "load":
        return _load_only(settings, chosen, options, progress, done)
    calm_collector()
    outcomes = []
    without_news: list[tuple[ConfiguredSource, SourceOutcome]] = []
    with ThreadPoolExecutor(max_workers=max(1, len(chosen)), thread_name_prefix="extract") as pool:
        running = {pool.submit(_extract, settings, source, options, progress): source for source in chosen}
        for future in as_completed(running):
            source, outcome = running[future], future.result()
            outcomes.append(outcome)
            if outcome.error is None and not any(result.files for result in outcome.streams):
                without_news.append((source, outcome))  # opening the warehouse for each of them took 0.1 s
                continue
            with opened_raw(settings) as connection:
                _load(connection, settings, source, outcome)
            if done is not None:
                done(outcome)
    if without_news:
        with opened_raw(settings) as connection:
            for source, outcome in without_news:
                _load(connection, settings, source, outcome)
                if done is not None:
                    done(outcome)
    order = {source.name: number for number, source in enumerate(chosen)}
    write_outcomes(settings, outcomes)
    return sorted(outcomes, key=lambda outcome: order[outcome.name])


def _load_only(
    settings: Settings,
    chosen: Sequence[ConfiguredSource],
    options: SyncOptions,
    progress: Progress | None,
    done: Callable[[SourceOutcome], None] | None,
) -> list[SourceOutcome]:
    outcomes = []
    with opened_raw(settings) as connection:
        for source in chosen:
            # the calendar is made here; it belongs to no worker
            outcome = _extract(settings, source, options, progress) if source.name == "skvoz" else SourceOutcome(source.name)
            try:
                _load(connection, settings, source, outcome)
            except RawZoneError as error:
                outcome.error = error  # a lost object of one source must not keep the others from being loaded
            outcomes.append(outcome)
            if done is not None:
                done(outcome)
    return outcomes


def write_outcomes(settings: Settings, outcomes: Sequence[SourceOutcome]) -> None:
    """Leave what came of each source in `<path>/state/sources.json`, for the page on the data; sources that were not asked keep theirs.

    {source: {at, since, seconds, error, notes, received, written, deleted, rejected, drifts: [{stream, field, text}]}}; `since` is when
    the source began to fail, or to come through again.
    """
    path = private_folder(settings.state_dir) / "sources.json"
    told: dict[str, Any] = {}
    with suppress(FileNotFoundError, orjson.JSONDecodeError):
        told = orjson.loads(path.read_bytes())
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    for outcome in outcomes:
        drifts = [drift for result in outcome.loads for drift in result.drifts]
        before = told.get(outcome.name, {})
        same = "since" in before and (before["error"] is None) == (outcome.error is None)
        told[outcome.name] = {
            "at": moment,
            "since": before["since"] if same else moment,
            "seconds": round(outcome.seconds, 1),
            "error": None if outcome.error is None else redact(str(outcome.error)),
            "notes": [redact(note) for note in outcome.notes],
            **{name: sum(getattr(result, name) for result in outcome.streams) for name in ("received", "written", "deleted", "rejected")},
            "drifts": [{"stream": drift.stream, "field": drift.field, "text": drift.text} for drift in drifts],
        }
    write_durably(path, orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))


def replay(settings: Settings, only: Sequence[str] = ()) -> list[load.LoadResult]:
    """Rebuild raw tables from the raw zone alone, without asking any system; the caller holds the lock."""
    chosen = [settings.configured(name) for name in only] if only else [*settings.sources, calendar_source()]
    results = []
    with opened_raw(settings) as connection:
        for source in chosen:
            bring_raw(settings, source)
            for stream in _streams(source):
                load.forget_stream(connection, source.name, source.source, stream)
                results.append(load.load_stream(connection, settings.raw_dir, source.name, source.source, stream))
    return results


@contextmanager
def opened_raw(settings: Settings) -> Iterator[load.Warehouse]:
    """The raw layer of the configured engine with its ledgers and tables made, for writing."""
    if settings.warehouse.engine == "duckdb":
        with opened_warehouse(settings) as connection:
            yield connection
        return
    warehouse = ClickHouseWarehouse(open_client(settings.clickhouse), settings.clickhouse)
    warehouse.objects = settings.raw_place
    try:
        load.prepare(warehouse, [*all_sources().values(), calendar.SOURCE])
        yield warehouse
    finally:
        warehouse.close()


@contextmanager
def opened_warehouse(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The private warehouse file with its ledgers and raw tables made, for writing.

    Raises:
        WarehouseError: the configured engine is another one.
    """
    if settings.warehouse.engine != "duckdb":
        message = f"this works on a DuckDB warehouse; {settings.file.name} says [warehouse] engine = {settings.warehouse.engine!r}."
        raise WarehouseError(message)
    temp = settings.warehouse.temp_directory
    connection = open_warehouse(
        settings.warehouse_file,
        memory_limit=settings.warehouse.memory_limit,
        threads=settings.warehouse.threads,
        temp_directory=settings.base_dir / temp if temp else None,
    )
    try:
        load.prepare(connection, [*all_sources().values(), calendar.SOURCE])
        yield connection
    finally:
        connection.close()


@contextmanager
def connected(settings: Settings, source: ConfiguredSource, note: Callable[[str], None]) -> Iterator[Connector]:
    """An open connector of a configured source."""
    context = Context(
        source=source.name,
        timezone=source.timezone,
        state_dir=settings.state_dir,
        base_dir=settings.base_dir,
        country=settings.company.country,
        note=lambda text: note(redact(text)),
    )
    connector = source.source.connect(source.options, context)
    try:
        yield connector
    finally:
        connector.close()


def calendar_source() -> ConfiguredSource:
    """The company's calendar, a source that nobody has to configure."""
    options = calendar.SOURCE.options()
    return ConfiguredSource("skvoz", calendar.SOURCE, options, ZoneInfo("UTC"), date(calendar.FIRST_YEAR, 1, 1), 0)


def _load(connection: load.Warehouse, settings: Settings, source: ConfiguredSource, outcome: SourceOutcome) -> None:
    """Load what was extracted now, or before a crash, and remember which streams were read through."""
    bring_raw(settings, source)
    outcome.loads = [load.load_stream(connection, settings.raw_dir, source.name, source.source, s) for s in _streams(source)]
    drifts = [drift for result in outcome.loads for drift in result.drifts]
    outcome.notes += [f"{drift.source}/{drift.stream}: {drift.field} {drift.text}." for drift in drifts]
    for result in outcome.streams:
        load.mark_extracted(connection, source.name, source.source.system, result.stream)
    if not outcome.streams:
        for stream in _streams(source):
            moment = read_moment(settings.raw_dir / source.name / stream.name)
            if moment is not None:
                load.mark_extracted(connection, source.name, source.source.system, stream.name, moment)


def raw_store(settings: Settings) -> RawStore | None:
    """The store of the raw zone; None where that lives on the disk alone."""
    place = settings.raw_place
    return None if place is None else RawStore(place, settings.raw_dir)


def bring_raw(settings: Settings, source: ConfiguredSource) -> None:
    """Before a load: what other machines have extracted. ClickHouse reads the chunks itself and needs only their manifest here."""
    store = raw_store(settings)
    if store is not None:
        for stream in _streams(source):
            store.bring(source.name, stream.name, chunks=settings.warehouse.engine == "duckdb")


def _streams(source: ConfiguredSource) -> tuple[Stream, ...]:
    return source.source.streams_for(source.options)


def _extract(settings: Settings, source: ConfiguredSource, options: SyncOptions, progress: Progress | None) -> SourceOutcome:
    outcome = SourceOutcome(source.name)
    started = time.monotonic()
    pages = 0

    def counted(name: str, stream: str, received: int, written: int) -> None:
        nonlocal pages
        pages += 1
        outcome.arrived[stream] = received, written
        if progress is not None:
            progress(name, stream, received, written)

    for attempt in range(1, options.attempts + 1):
        pages = 0
        try:
            _extract_once(settings, source, options, counted, outcome)
        except TransientError as error:
            outcome.error = error
            # one that never answered is down, and the build of all others would wait for it: the next refresh asks it again
            if attempt == options.attempts or (options.mode == "refresh" and not pages):
                break
            log.warning("%s: stopped (%s); again from the last safe place in %.0f s", source.name, error, options.wait_seconds)
            time.sleep(options.wait_seconds)
        except IngestionError as error:
            outcome.error = error
            break
        except Exception as error:
            fault = fault_of_machine(error)
            if fault is not None:
                outcome.error = PermanentError(f"{source.name}: {fault}")
                break
            log.exception("%s: the connector failed in an unforeseen way", source.name)
            outcome.error = PermanentError(
                f"{source.name}: the connector met something unforeseen ({type(error).__name__}: {redact(str(error))}); "
                "what arrived before is kept; please report this with the log."
            )
            break
        else:
            outcome.error = None
            break
    outcome.seconds = time.monotonic() - started
    return outcome


def _extract_once(
    settings: Settings, source: ConfiguredSource, options: SyncOptions, progress: Progress | None, outcome: SourceOutcome
) -> None:
    order = Order(mode=options.mode, now=datetime.now(UTC), since=options.since, accept_loss=options.accept_loss)
    finished = {result.stream for result in outcome.streams}
    note_lock = threading.Lock()

    def note(text: str) -> None:
        with note_lock:
            if text not in outcome.notes:
                outcome.notes.append(text)

    refused: list[OneListError] = []
    store = raw_store(settings)
    with connected(settings, source, note) as connector:
        for stream in _streams(source):
            if stream.name not in finished:
                if store is not None:
                    store.bring(source.name, stream.name)
                try:
                    result = extract_stream(settings.raw_dir, source.name, stream, connector, order, source.since, progress=progress)
                except OneListError as error:  # products that 1C does not list must not keep the day's payments out
                    refused.append(error)
                    continue
                if store is not None:
                    write_moment(settings.raw_dir / source.name / stream.name, order.now)
                    store.take(source.name, stream.name)
                outcome.streams.append(result)
    if refused:
        raise OneListError(" ".join(str(error) for error in refused))

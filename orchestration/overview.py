"""What `skvoz status` shows: freshness, runs, deliveries and the published version, read without disturbing anybody."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import duckdb
from dagster import RunRecord

from ingestion.errors import BusyError
from ingestion.forgotten import Forgotten
from ingestion.settings import Settings
from orchestration.clickhouse import StreamCount
from orchestration.clickhouse import counted_streams as clickhouse_streams
from orchestration.publish import current_file, versions
from orchestration.run import open_instance
from reports.alerts_state import AlertState
from reports.journal import Journal
from reports.publications import open_publication
from reports.settings import load_settings as load_reader_settings

_RUNS = 10
_DELIVERIES = 20


def read_status(settings: Settings) -> dict[str, Any]:
    """Lists under sources, runs, deliveries and alerts; published (None if nothing is), forgetting (bool); times are ISO 8601 UTC.

    While a run writes the warehouse (writing: true) the sources are those of the published version.
    """
    forgotten = Forgotten.read(settings.state_dir)
    try:
        sources, writing = stream_states(settings), False
    except BusyError:
        sources, writing = _published_streams(settings), True
    return {
        "sources": sources,
        "writing": writing,
        "runs": _runs(settings),
        "deliveries": read_deliveries(settings),
        "alerts": _alerts(settings),
        "published": _published(settings),
        "forgetting": forgotten is not None and forgotten.pending,
    }


def stream_states(settings: Settings) -> list[dict[str, Any]]:
    """Every stream that was loaded: source, stream, rows, deleted, rejected and two moments."""
    counted = clickhouse_streams(settings) if settings.warehouse.engine == "clickhouse" else _counted_streams(settings)
    return [
        {
            "source": source,
            "stream": stream,
            "rows": rows,
            "deleted": deleted,
            "rejected": rejected,
            "last_loaded_at": _iso(extracted_at),
            "newest_record_at": _iso(newest),
        }
        for source, stream, rows, deleted, rejected, extracted_at, newest in counted
    ]


def _counted_streams(settings: Settings) -> list[StreamCount]:
    if not settings.warehouse_file.exists():
        return []
    try:
        connection = duckdb.connect(str(settings.warehouse_file), read_only=True)
    except duckdb.IOException:
        message = f"{settings.warehouse_file}: a run is writing the warehouse just now; ask again when it has finished."
        raise BusyError(message) from None
    found: list[StreamCount] = []
    with connection:
        connection.execute("set TimeZone = 'UTC'")
        known = connection.execute(
            "select source, stream, system, rejected, extracted_at from meta.cursors order by source, stream"
        ).fetchall()
        for source, stream, system, rejected, extracted_at in known:
            rows, deleted, newest = connection.execute(
                "select count(*) filter (not _deleted), count(*) filter (_deleted), max(_modified_at)"
                f" from raw.{system}__{stream} where _source = ?",
                [source],
            ).fetchall()[0]
            found.append((source, stream, rows, deleted, rejected, extracted_at, newest))
    return found


def _runs(settings: Settings) -> list[dict[str, Any]]:
    with open_instance(settings) as instance:
        return [_run(record) for record in instance.get_run_records(limit=_RUNS)]


def _run(record: RunRecord) -> dict[str, Any]:
    started = None if record.start_time is None else datetime.fromtimestamp(record.start_time, UTC)
    seconds = None if record.start_time is None or record.end_time is None else round(record.end_time - record.start_time, 1)
    return {
        "run": record.dagster_run.run_id,
        "job": record.dagster_run.job_name,
        "status": record.dagster_run.status.value.lower(),
        "started_at": _iso(started),
        "seconds": seconds,
    }


def read_deliveries(settings: Settings) -> list[dict[str, Any]]:
    """The newest deliveries; what a dead sender left within a step is shown as unknown."""
    if not (settings.state_dir / "journal.sqlite").exists():
        return []
    with Journal(settings.state_dir) as journal:
        journal.sweep()
        return [
            {
                "report": delivery.key.report,
                "period": delivery.key.period,
                "channel": delivery.key.channel,
                "recipient": delivery.key.recipient,
                "state": delivery.state,
                "at": _iso(delivery.at),
                "reason": delivery.reason,
                "attempts": delivery.attempts,
                "forced": delivery.forced,
                "next_try_at": _iso(delivery.next_try_at),
            }
            for delivery in journal.recent(_DELIVERIES)
        ]


def _alerts(settings: Settings) -> list[dict[str, Any]]:
    if not (settings.state_dir / "alerts.sqlite").exists():
        return []
    return [
        {
            "alert": standing.alert,
            "reader": standing.reader,
            "holding": standing.holding,
            "known_before": standing.known,
            "waiting": standing.waiting,
            "told_at": _iso(datetime.fromisoformat(standing.told_at)) if standing.told_at else None,
            "reckoned_at": _iso(datetime.fromisoformat(standing.at)) if standing.at else None,
            "problem": standing.problem,
        }
        for standing in AlertState(settings.state_dir).standings()
    ]


def _published(settings: Settings) -> dict[str, Any] | None:
    kept = versions(settings)
    current = next((version for version in kept if version.is_current), None)
    if current is None:
        return None
    with open_publication(current.path, load_reader_settings(settings.file).warehouse) as published:
        publication = published.publication
    return {
        "version": current.name,
        "file": current.path.name,
        "as_of": publication.as_of_date.isoformat(),
        "published_at": _iso(publication.published_at),
        "versions": len(kept),
    }


def _published_streams(settings: Settings) -> list[dict[str, Any]]:
    """What marts.data_freshness says; it does not count what was rejected."""
    current = current_file(settings.data_dir / "published")
    if current is None:
        return []
    with open_publication(current, load_reader_settings(settings.file).warehouse) as published:
        rows = published.query("data/streams")
    states = [
        {
            "source": row["source"],
            "stream": row["stream"],
            "rows": row["rows_total"],
            "deleted": row["rows_deleted"],
            "rejected": None,
            "last_loaded_at": _iso(row["last_loaded_at"]),
            "newest_record_at": _iso(row["newest_record_at"]),
        }
        for row in rows
    ]
    return sorted(states, key=lambda state: (state["source"], state["stream"]))


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds")

"""What happens behind the figures, from the files of the data folder: runs, the tests of the last build, versions, deliveries.

Everything is read without taking a lock and without the programs that wrote it; what cannot be read is left out, never guessed.
"""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reports.blocks import Column, Figure, Kpi, Section, Table, Text
from reports.context import Context
from reports.errors import ReportsError
from reports.journal import Journal
from reports.publications import kept_publications
from reports.settings import Settings

RUNS_SHOWN = 15
DELIVERIES_SHOWN = 200
VERSIONS_SHOWN = 40
MEGABYTE = 1_000_000
# Dagster keeps its runs in a SQLite file; these columns have kept their names since its first releases.
RUNS_FILE = Path("state") / "dagster" / "history" / "runs.db"
RUNS = "select pipeline_name, status, start_time, end_time from runs order by id desc limit ?"
BAD_RUNS = frozenset({"FAILURE", "CANCELED"})
BAD_DELIVERIES = frozenset({"failed", "unknown", "partial"})


def runs(settings: Settings, context: Context) -> Section:
    """The newest runs: which job, how it ended, when and how long."""
    words = context.words
    found = _runs(settings.warehouse.path / RUNS_FILE)
    rows = tuple(
        (
            words.choice("job", job),
            _marked(words.choice("run", status.lower()), status in BAD_RUNS),
            datetime.fromtimestamp(start, UTC) if start else None,
            (end - start) / 60 if start and end else None,
        )
        for job, status, start, end in found
    )
    columns = (
        Column("job", words.text("column.job"), "text", "title"),
        Column("state", words.text("column.state"), "text"),
        Column("started", words.text("column.started"), "datetime"),
        Column("minutes", words.text("column.minutes"), "number"),
    )
    return _section(context, "runs", (Table("runs", "", columns, rows, shown=RUNS_SHOWN),))


def _runs(path: Path) -> Sequence[tuple[str, str, float | None, float | None]]:
    if not path.is_file():
        return []
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=1)) as connection:
            return connection.execute(RUNS, (RUNS_SHOWN,)).fetchall()
    except sqlite3.Error:
        return []


def tests(settings: Settings, context: Context) -> Section:
    """The tests of the last build: how many hold, and the rows of those that do not."""
    words = context.words
    told = _results(settings.warehouse.path / "dbt" / "run_results.json")
    results = [row for row in told.get("results", ()) if str(row.get("unique_id", "")).startswith("test.")]
    broken = [row for row in results if row.get("status") not in ("pass", "success")]
    if not results:
        return _section(context, "data_tests", ())
    moment = str(told.get("metadata", {}).get("generated_at", ""))
    built = datetime.fromisoformat(moment) if moment else None
    figures = (
        Figure("tests_pass", words.text("figure.tests_pass"), "integer", len(results) - len(broken), words.text("define.tests")),
        Figure("tests_broken", words.text("figure.tests_broken"), "integer", len(broken), words.text("define.tests"), tone="bad"),
        Figure("tests_at", words.text("figure.tests_at"), "datetime", built),
    )
    columns = (
        Column("test", words.text("column.test"), "text", "title"),
        Column("state", words.text("column.state"), "text"),
        Column("rows", words.text("column.broken_rows"), "integer"),
    )
    rows = tuple((str(row["unique_id"]).split(".")[2], words.choice("test", row.get("status")), row.get("failures")) for row in broken)
    remark = (Text(words.text("note.tests_hold")),) if not broken else ()
    return _section(context, "data_tests", (Kpi(figures), Table("data_tests", "", columns, rows), *remark))


def _results(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def versions(settings: Settings, context: Context) -> Section:
    """The kept publications, newest first; the one that is shown is told."""
    words = context.words
    shown = context.published.version
    files = kept_publications(settings.warehouse)[:VERSIONS_SHOWN]
    rows = tuple(
        (
            path.stem.removeprefix("marts-"),
            words.text("data.shown") if path.stem == shown else words.text("data.kept"),
            path.stat().st_size / MEGABYTE,
        )
        for path in files
    )
    columns = (
        Column("version", words.text("column.version"), "text", "title"),
        Column("state", words.text("column.state"), "text"),
        Column("megabytes", words.text("column.megabytes"), "number"),
    )
    return _section(context, "versions", (Table("versions", "", columns, rows, note=words.text("note.rollback")),))


def deliveries(settings: Settings, context: Context) -> Section:
    """The newest deliveries with their recipients; for who minds the figures of the whole company."""
    words = context.words
    folder = settings.warehouse.path / "state"
    found = []
    if (folder / "journal.sqlite").is_file():
        try:
            with Journal(folder) as journal:
                found = journal.recent(DELIVERIES_SHOWN)
        except (ReportsError, sqlite3.Error):
            found = []
    rows = tuple(
        (
            words.choice("report", delivery.key.report),
            f"{delivery.key.channel}: {delivery.key.recipient}",
            delivery.key.period,
            _marked(words.choice("delivery", delivery.state), delivery.state in BAD_DELIVERIES),
            delivery.at,
            delivery.reason or None,
        )
        for delivery in found
    )
    columns = (
        Column("report", words.text("column.report"), "text", "title"),
        Column("recipient", words.text("column.recipient"), "text", "detail"),
        Column("period", words.text("column.period"), "text"),
        Column("state", words.text("column.state"), "text"),
        Column("at", words.text("column.moment"), "datetime"),
        Column("reason", words.text("column.reason"), "text"),
    )
    return _section(context, "deliveries", (Table("deliveries", "", columns, rows, shown=12),))


def _marked(text: str, bad: bool) -> str:
    return f"!\u00a0{text}" if bad else text


def _section(context: Context, name: str, contents: tuple[Any, ...]) -> Section:
    title = context.words.text(f"section.{name}")
    if all(content.is_empty for content in contents):
        return Section(name, title, "empty", contents, context.words.text(f"empty.{name}"))
    return Section(name, title, "ok", contents)

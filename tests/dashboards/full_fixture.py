"""The fixture company with every mart that a page reads."""

from pathlib import Path

import duckdb

from tests.reports.published_fixture import build_published

MORE = Path(__file__).parent / "more_marts.sql"


def build_full(folder: Path, run_id: str = "20260401T050000Z") -> Path:
    """Writes a publication with all of the contract's tables, those of pages filled too; returns the file."""
    path = build_published(folder, run_id=run_id, deliveries=("main", "analysis", "beyond"))
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(MORE.read_text(encoding="utf-8"))
    return path

"""The fixture company with every mart that a page reads, and how a test reads that publication and a page's blocks."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from reports.access import ALL, Scope
from reports.blocks import Figure, Kpi, Section, Table
from reports.compute import Block, compute
from reports.context import Context
from reports.periods import parse_period
from reports.published import Published
from tests.reports.published_fixture import build_published

MORE = Path(__file__).parent / "more_marts.sql"
# The last month that the fixture company's data hold whole.
MARCH = parse_period("2026-03")


def build_full(folder: Path, run_id: str = "20260401T050000Z") -> Path:
    """Writes a publication with all of the contract's tables, those of pages filled too; returns the file."""
    path = build_published(folder, run_id=run_id, deliveries=("main", "analysis", "beyond"))
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(MORE.read_text(encoding="utf-8"))
    return path


def mart(path: Path, name: str, *columns: str) -> pl.DataFrame:
    """A mart of a published file: the columns named, which may be expressions with a name of their own, or all of them."""
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        asked = connection.execute(f"select {', '.join(columns) or '*'} from marts.{name}")
        names = [column[0] for column in asked.description or ()]
        return pl.DataFrame(asked.fetchall(), schema=names, orient="row", infer_schema_length=None)


def block_of(blocks: Iterable[Block], name: str) -> Block:
    """The block of that name."""
    return next(block for block in blocks if block.name == name)


def shown(published: Published, block: Block, scope: Scope = ALL) -> Section | None:
    """What a reader of that scope sees of a block in March, in Russian."""
    return compute(block, Context.make(published, MARCH, "ru", scope))


def figures(section: Section) -> dict[str, Figure]:
    """A section's figures by name."""
    return {one.name: one for kpi in section.contents if isinstance(kpi, Kpi) for one in kpi.figures}


def rows(section: Section | None, name: str = "") -> list[dict[str, Any]]:
    """The rows by column of a section's table of that name, of its first one without a name; none where it has no such table."""
    assert section is not None
    table = next((content for content in section.contents if isinstance(content, Table) and name in ("", content.name)), None)
    return [] if table is None else [dict(zip((column.name for column in table.columns), row, strict=True)) for row in table.rows]

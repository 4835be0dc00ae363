"""Opens a publication wherever it lives: a DuckDB file, or a database on ClickHouse that a small file names."""

from pathlib import Path

from reports.published import Published, resolve_current
from reports.settings import Warehouse

ON_CLICKHOUSE = ".clickhouse"


def open_publication(path: Path, warehouse: Warehouse) -> Published:
    """One published version.

    Args:
        path: its file in published/, not CURRENT.
        warehouse: [warehouse] of skvoz.toml.

    Raises:
        PublishedError: if it cannot be read.
    """
    if path.suffix == ON_CLICKHOUSE:
        # the driver takes 0.3 s to import and belongs to an extra
        from reports.clickhouse_reader import ClickHousePublished

        return ClickHousePublished(path, warehouse)
    limit = "1GB" if warehouse.memory_limit == "auto" else warehouse.memory_limit
    return Published(path, memory_limit=limit, threads=warehouse.threads or 2)


def current_publication(warehouse: Warehouse) -> Published:
    """The version that CURRENT points at.

    Raises:
        PublishedError: if nothing is published yet, or it cannot be read.
    """
    return open_publication(resolve_current(warehouse.published), warehouse)


def kept_publications(warehouse: Warehouse) -> list[Path]:
    """The files of all kept versions, newest first."""
    return sorted((path for path in warehouse.published.glob("marts-*") if path.suffix in {".duckdb", ON_CLICKHOUSE}), reverse=True)

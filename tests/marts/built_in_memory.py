"""The published company's warehouse built again in memory for another day or time zone: seconds instead of a run of dbt."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from ingestion.sandbox.company import Company
from tests.marts.sandbox_warehouse import PublishedSandbox
from tests.properties.compiled import CompiledProject, memory


@dataclass(frozen=True)
class BuiltSandbox(PublishedSandbox):
    """Marts that are nowhere published, to be asked like published ones."""

    connection: duckdb.DuckDBPyConnection = field(kw_only=True, repr=False, compare=False)

    def mart(self, table: str) -> pl.DataFrame:
        """All rows of a mart, read once."""
        if table not in self._tables:
            self._tables[table] = pl.DataFrame(self.connection.execute(f"select * from marts.{table}").to_arrow_table())
        return self._tables[table]


def built(
    published: PublishedSandbox, compiled: CompiledProject, company: Company, as_of: date, zone: str | None = None, warehouse: Path | None = None
) -> BuiltSandbox:
    """All marts for a day.

    Args:
        published: whose settings the company has.
        compiled: the project.
        company: the truth, as it stood then.
        as_of: the day of the build.
        zone: the company's time zone, if it is another.
        warehouse: where its raw tables are, if they are others.
    """
    connection = memory(warehouse or published.settings.warehouse_file)
    compiled.run(connection, as_of=as_of.isoformat(), zone=zone)
    return BuiltSandbox(company, published.settings, published.path, as_of, connection=connection)

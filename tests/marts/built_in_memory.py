"""The published company's warehouse built again in memory for another day or time zone: seconds instead of a run of dbt."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from ingestion.sandbox.company import Company
from tests.marts.sandbox_warehouse import PublishedSandbox
from tests.properties.compiled import CompiledProject, memory, read_tables


@dataclass(frozen=True)
class BuiltSandbox(PublishedSandbox):
    """Marts that are nowhere published, to be asked like published ones."""

    connection: duckdb.DuckDBPyConnection = field(kw_only=True, repr=False, compare=False)

    def mart(self, table: str) -> pl.DataFrame:
        """All rows of a mart, read once."""
        if table not in self._tables:
            self._tables[table] = self.connection.sql(f"select * from marts.{table}").pl()
        return self._tables[table]


def built(
    published: PublishedSandbox,
    compiled: CompiledProject,
    company: Company,
    as_of: date,
    *,
    zone: str | None = None,
    raw: Path | None = None,
    changes: Iterable[str] = (),
    marts: Iterable[str] = (),
) -> BuiltSandbox:
    """All marts for a day.

    Args:
        published: whose settings the company has, and whose staging tables: nothing in them depends on the day.
        compiled: the project.
        company: the truth, as it stood then.
        as_of: the day of the build.
        zone: the company's time zone, if it is another.
        raw: the warehouse with another company's raw tables; they are staged here.
        marts: those that are wanted; all of them if none is named.
        changes: statements that change the staging tables before anything is made of them.
    """
    connection = memory(published.settings.warehouse_file, ("seeds", "raw", "meta", "staging") if raw is None else ("seeds",))
    if raw is not None:
        read_tables(connection, raw, ("raw", "meta"))
    for statement in changes:
        connection.execute(statement)
    wanted = compiled.upstream(marts or compiled.models)
    compiled.run(
        connection,
        select=lambda model: model.name in wanted and (raw is not None or model.layer != "staging"),
        as_of=as_of.isoformat(),
        zone=zone,
    )
    return BuiltSandbox(company, published.settings, published.path, as_of, connection=connection)

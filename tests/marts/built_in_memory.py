"""The published company's warehouse built again in memory for another day or time zone: seconds instead of a run of dbt."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from ingestion.sandbox.company import Company
from ingestion.settings import Settings
from orchestration.project import Project
from tests.dbt.kept_dbt import COMPILED, Dbt, plain_environment
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
    is_staged: bool = False,
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
        raw: the warehouse with another company's raw tables; they are staged here,
        is_staged: unless its staging tables are there too.
        marts: those that are wanted; all of them if none is named.
        changes: statements that change the staging tables before anything is made of them.
    """
    is_staged = is_staged or raw is None
    connection = memory(published.settings.warehouse_file, ("seeds",))
    read_tables(connection, raw or published.settings.warehouse_file, ("raw", "meta", "staging") if is_staged else ("raw", "meta"))
    for statement in changes:
        connection.execute(statement)
    # a view of the staging was not read with the tables
    staged = {name for (name,) in connection.execute("select table_name from duckdb_tables() where schema_name = 'staging'").fetchall()}
    wanted = compiled.upstream(marts or compiled.models) - staged
    compiled.run(
        connection,
        select=lambda model: model.name in wanted,
        as_of=as_of.isoformat(),
        zone=zone,
    )
    return BuiltSandbox(company, published.settings, published.path, as_of, connection=connection)


def compile_for(dbt: Dbt, settings: Settings, as_of: date, folder: Path, marts: Iterable[str] = ()) -> CompiledProject:
    """The project as dbt compiles it for a company, of the systems that the company has.

    (Nothing comes of the others, but with them the SQL is four times as long, and to bind it takes longer than to run it.)

    Args:
        dbt: compiles.
        settings: the company's.
        as_of: the day to compile for.
        folder: takes dbt's artefacts.
        marts: see `compile_models`.
    """
    project = Project(settings, as_of)
    return compile_models(dbt, folder, project.vars(), marts)


def compile_models(dbt: Dbt, folder: Path, variables: Mapping[str, Any], marts: Iterable[str] = ()) -> CompiledProject:
    """The project as dbt compiles it with vars.

    Args:
        dbt: compiles.
        folder: takes dbt's artefacts.
        variables: dbt vars, the day, the company's zone and its systems among them.
        marts: those that are wanted, without their tests; if none is named, everything that an ordinary build makes and tests.
    """
    selection = [f"+{mart}" for mart in marts]
    left_out = ["config.materialized:ephemeral", "resource_type:seed", "resource_type:unit_test", "tag:nightly"]
    left_out += ["resource_type:test"] if selection else []
    dbt.run(
        "compile",
        *(("--select", *selection) if selection else ()),
        *("--exclude", *left_out),
        folder=folder,
        environment={**plain_environment(), "SKVOZ_WAREHOUSE": str(folder / "warehouse.duckdb"), "SKVOZ_TEMP": str(folder / "tmp")},
        variables=variables,
    )
    return CompiledProject(folder / COMPILED, variables["as_of_date"], variables["company_timezone"])


def compiled_in(folder: Path, settings: Settings, as_of: date) -> CompiledProject:
    """What `compile_for` left in a folder."""
    return CompiledProject(folder / COMPILED, as_of.isoformat(), settings.company.timezone)

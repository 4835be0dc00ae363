"""A warehouse of hand-made upstream tables on which chosen models of the dbt project are run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import yaml

from tests.dbt.kept_dbt import PROJECT, Dbt, plain_environment


@dataclass
class Workbench:
    """One DuckDB file and the dbt project over it.

    Attributes:
        dbt: runs the models.
        folder: where the file and dbt's artefacts are.
        variables: dbt vars of every run.
        environment: what every run has in its environment beside the warehouse.
    """

    dbt: Dbt
    folder: Path
    variables: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The warehouse file."""
        return self.folder / "warehouse.duckdb"

    def table(self, name: str, columns: str, rows: Iterable[Sequence[object]] = ()) -> None:
        """Make an upstream table: `name` with its schema, `columns` as in SQL, rows in the same order."""
        self.tables([(name, columns, rows)])

    def tables(self, several: Iterable[tuple[str, str, Iterable[Sequence[object]]]]) -> None:
        """Make upstream tables: the arguments of `table` for each of them."""
        with duckdb.connect(str(self.path)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            for name, columns, rows in several:
                connection.execute(f"create schema if not exists {name.split('.')[0]}")
                connection.execute(f"create or replace table {name} ({columns})")
                insert(connection, name, rows)

    def run(self, *models: str, command: str = "run") -> None:
        """Run the models (`command`: run, or seed for seeds); fails the test with dbt's own words."""
        environment = {
            **plain_environment(),
            "SKVOZ_WAREHOUSE": str(self.path),
            "SKVOZ_TEMP": str(self.folder / "tmp"),
            **self.environment,
        }
        self.dbt.run(command, "--select", *models, folder=self.folder, environment=environment, variables=self.variables)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query over what was built."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(query).fetchall()


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Sequence[object]]) -> None:
    """Add rows to a table, their values in the order of its columns (thousands at once: executemany takes 1.5 ms for each)."""
    columns = {f"c{place}": _series(values) for place, values in enumerate(zip(*rows, strict=True))}
    if columns:
        connection.register("given", pl.DataFrame(columns))
        connection.execute(f"insert into {table} select * from given")
        connection.unregister("given")


def _series(values: Sequence[object]) -> pl.Series:
    """Values of one type, else as text, which the database takes for any type."""
    try:
        return pl.Series(values)
    except TypeError:
        return pl.Series([None if value is None else str(value) for value in values])


def systems_of() -> dict[str, list[str]]:
    """The systems of every canonical entity, as plain dbt knows them."""
    known: dict[str, list[str]] = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]["systems_of"]
    return known

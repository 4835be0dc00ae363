"""The SQL that dbt made of the project, run in memory: what a build does, without dbt, in a few seconds and for any day or time zone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

LAYERS = ("staging", "intermediate", "marts")
# the name of the warehouse file stands before every relation
_DATABASE = '"warehouse".'


@dataclass(frozen=True)
class Model:
    """A model as dbt compiled it. layer: staging | intermediate | marts; streams: the raw tables its rows come from."""

    name: str
    layer: str
    sql: str
    parents: frozenset[str]
    streams: frozenset[str]


@dataclass(frozen=True)
class Check:
    """A data test that a build runs; its rows are what is wrong. is_blocking: a row of it stops the publication."""

    name: str
    sql: str
    parents: frozenset[str]
    is_blocking: bool


@dataclass(frozen=True)
class CompiledProject:
    """A project that dbt has compiled once for `as_of` in `zone`; the day and the zone of a run may be others.

    The day stands in the SQL only as the literal of macro as_of_date, the zone only as that of the company and its sources.

    Attributes:
        file: what tests.dbt.forking_dbt wrote of it.
        as_of: the day it was compiled for.
        zone: the company's zone then.
    """

    file: Path
    as_of: str
    zone: str

    @cached_property
    def _told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.file.read_text(encoding="utf-8"))
        return told

    @cached_property
    def _results(self) -> list[tuple[str, str]]:
        """(unique id, SQL) in an order in which parents come first."""
        return [(identity, sql.replace(_DATABASE, "")) for identity, sql in self._told["queries"] if sql]

    def _is_inlined(self, identity: str) -> bool:
        return identity.startswith("model.") and self._told["nodes"][identity]["materialized"] == "ephemeral"

    def _parents(self, identity: str) -> set[str]:
        """What the SQL reads: the parents of an ephemeral model instead of it."""
        nearest = set(self._told["nodes"][identity]["parents"])
        inlined = {one for one in nearest if self._is_inlined(one)}
        return (nearest - inlined).union(*(self._parents(one) for one in inlined))

    @cached_property
    def models(self) -> dict[str, Model]:
        """Every model by name, parents first."""
        found: dict[str, Model] = {}
        for identity, sql in self._results:
            if not identity.startswith("model.") or self._is_inlined(identity):
                continue
            parents = self._parents(identity)
            streams = {".".join(one.split(".")[2:]) for one in parents if one.startswith("source.")}
            names = {one.split(".")[2] for one in parents if one.startswith("model.")}
            for name in names:
                streams |= found[name].streams
            layer = str(self._told["nodes"][identity]["schema"])
            name = identity.split(".")[2]
            found[name] = Model(name, layer, sql, frozenset(names), frozenset(streams))
        return found

    @cached_property
    def checks(self) -> list[Check]:
        """The data tests of an ordinary build."""
        found = []
        for identity, sql in self._results:
            if identity.startswith("test."):
                parents = frozenset(one.split(".")[2] for one in self._parents(identity) if one.startswith("model."))
                found.append(Check(identity.split(".")[2], sql, parents, self._told["nodes"][identity]["severity"].upper() == "ERROR"))
        return found

    def upstream(self, names: Iterable[str]) -> set[str]:
        """The models and everything they are made of."""
        wanted, waiting = set(), list(names)
        while waiting:
            name = waiting.pop()
            if name not in wanted:
                wanted.add(name)
                waiting += self.models[name].parents
        return wanted

    def text(self, sql: str, as_of: str | None = None, zone: str | None = None) -> str:
        """The SQL for another day or zone."""
        return sql.replace(f"'{self.as_of}'", f"'{as_of or self.as_of}'").replace(f"'{self.zone}'", f"'{zone or self.zone}'")

    def run(
        self,
        connection: duckdb.DuckDBPyConnection,
        *,
        select: Callable[[Model], bool] = lambda _: True,
        as_of: str | None = None,
        zone: str | None = None,
    ) -> None:
        """Make the selected models as tables of the connection's own schemas."""
        for model in self.models.values():
            if select(model):
                try:
                    connection.execute(f'create or replace table {model.layer}."{model.name}" as {self.text(model.sql, as_of, zone)}')
                except duckdb.Error as error:
                    message = f"{model.name}: {error}"
                    raise AssertionError(message) from error

    def broken(
        self, connection: duckdb.DuckDBPyConnection, made: Iterable[str], *, as_of: str | None = None, zone: str | None = None
    ) -> dict[str, list[tuple[object, ...]]]:
        """First rows of every blocking test that fails, of those whose models are all among `made`."""
        there, found = set(made), {}
        for check in self.checks:
            if check.is_blocking and check.parents <= there:
                rows = connection.execute(f"select * from ({self.text(check.sql, as_of, zone)}\n) limit 3").fetchall()
                if rows:
                    found[check.name] = rows
        return found


def memory(path: Path, schemas: Sequence[str] = ("raw", "seeds", "meta")) -> duckdb.DuckDBPyConnection:
    """A database in memory with the schemas of a warehouse, and the tables of some of them as they are in the warehouse at `path`.

    One thread and no optimizer: planning two hundred statements over a few rows takes longer than running them (3.7 s and 2.2 s of CPU).
    """
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set threads = 1")
    connection.execute("pragma disable_optimizer")
    make_schemas(connection)
    read_tables(connection, path, schemas)
    return connection


def read_tables(connection: duckdb.DuckDBPyConnection, path: Path, schemas: Sequence[str]) -> None:
    """Tables of some schemas of the warehouse at `path`."""
    connection.execute(f"attach '{path}' as warehouse (read_only)")
    copy_tables(connection, schemas, "warehouse")
    connection.execute("detach warehouse")


def make_schemas(connection: duckdb.DuckDBPyConnection) -> None:
    """The schemas that the project writes to and reads from."""
    for schema in ("raw", "seeds", "meta", *LAYERS):
        connection.execute(f"create schema if not exists {schema}")


def copy_tables(connection: duckdb.DuckDBPyConnection, schemas: Iterable[str], catalog: str, into: str | None = None) -> None:
    """Tables of one attached database, as tables of the same names in another; in the connection's own if none is named."""
    there = f"{into}." if into else ""
    listed = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = ? and list_contains(?, schema_name)",
        [catalog, list(schemas)],
    ).fetchall()
    for schema, table in listed:
        connection.execute(f"create schema if not exists {there}{schema}")
        connection.execute(f'create table {there}{schema}."{table}" as from {catalog}.{schema}."{table}"')

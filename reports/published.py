"""The published file: found through CURRENT, opened read-only, asked questions under a scope.

The file is attached to an in-memory database whose catalogs, one per scope, hold schema `marts` as views (reports/access.py). A
publication never changes in place, so the object lives as long as its version; open again to see a newer one.
"""

import threading
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

import duckdb

from reports.access import ALL, Scope, allowed_managers, view_statements
from reports.errors import PublishedError, QuestionError
from reports.questions import load_question
from reports.thresholds import Thresholds

POINTER = "CURRENT"
SOURCE = "published.marts"

Row = dict[str, Any]


@dataclass(frozen=True)
class Publication:
    """What the file says it is: the one row of marts.publication."""

    run_id: str
    published_at: datetime
    as_of_date: date
    company_name: str
    base_currency: str
    timezone: str
    skvoz_version: str
    thresholds: Thresholds

    @classmethod
    def columns(cls, published: Container[str]) -> tuple[str, ...]:
        """What to ask marts.publication for, which has fewer thresholds where an older version of skvoz published it."""
        own = (field.name for field in fields(cls) if field.name != "thresholds")
        return (*own, *(field.name for field in fields(Thresholds) if field.name in published))

    @classmethod
    def read(cls, columns: Sequence[str], values: Sequence[Any]) -> Self:
        """The row that those columns were asked of."""
        row = dict(zip(columns, values, strict=True))
        own = {field.name: row[field.name] for field in fields(cls) if field.name != "thresholds"}
        return cls(**own, thresholds=Thresholds.read(row))

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone."""
        return ZoneInfo(self.timezone)


def resolve_current(folder: Path) -> Path:
    """The file that CURRENT points at, as a symbolic link or as a file of one line.

    Args:
        folder: the published/ folder.

    Raises:
        PublishedError: if nothing is published yet or the pointer is broken.
    """
    pointer = folder / POINTER
    if pointer.is_symlink():
        target = folder / pointer.readlink()
    elif pointer.is_file():
        target = folder / pointer.read_text(encoding="utf-8").strip()
    else:
        msg = f"Nothing is published in {folder} yet; run `skvoz run` first."
        raise PublishedError(msg)
    if not target.is_file():
        msg = f"{pointer} points at {target.name}, which does not exist; run `skvoz rollback` or `skvoz build`."
        raise PublishedError(msg)
    return target.resolve()


class Published:
    """One published version, open for reading; safe to share between threads."""

    def __init__(self, path: Path, *, memory_limit: str = "1GB", threads: int = 2) -> None:
        """Attaches the file.

        Args:
            path: the published file itself, not CURRENT.
            memory_limit: what the engine may take, as DuckDB writes sizes.
            threads: how many threads it may use.

        Raises:
            PublishedError: if the file cannot be read as a publication.
        """
        self.path = path
        self.version = path.stem
        self._lock = threading.Lock()
        self._catalogs: dict[Scope, str] = {}
        self._connection = duckdb.connect(":memory:", config={"memory_limit": memory_limit, "threads": threads})
        try:
            self._connection.execute("set TimeZone = 'UTC'")
            quoted = str(path).replace("'", "''")
            self._connection.execute(f"attach '{quoted}' as published (read_only)")
            self._connection.execute("set enable_external_access = false")
            self.tables = self._read_tables()
            self.publication = self._read_publication()
        except (duckdb.Error, PublishedError) as error:
            self._connection.close()
            msg = f"{path} cannot be read as a publication: {error}; publish again with `skvoz build` or go back with `skvoz rollback`."
            raise PublishedError(msg) from error

    @classmethod
    def current(cls, folder: Path) -> Self:
        """Opens the version that CURRENT in the published/ folder points at."""
        return cls(resolve_current(folder))

    def __enter__(self) -> Self:
        """For `with`."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Closes the file."""
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def has(self, tables: Iterable[str]) -> bool:
        """Whether this publication holds all of the tables."""
        return set(tables) <= self.tables.keys()

    def holds(self, table: str) -> bool:
        """Whether a mart is published and has a row, of whoever."""
        return self.has((table,)) and bool(self.select(f"select 1 as found from marts.{table} limit 1"))

    @cached_property
    def sources(self) -> list[Row]:
        """Type and title of each source; nothing where an older version of skvoz published it."""
        return self.query("data/sources") if "source_title" in self.tables.get("data_freshness", ()) else []

    def query(self, question: str, params: Mapping[str, object] | None = None, scope: Scope = ALL) -> list[Row]:
        """Asks a question of queries/.

        Args:
            question: its name, `<area>/<question>`.
            params: values by parameter name; those it does not bind are left out, so callers may pass a common set.
            scope: whose rows.

        Raises:
            QuestionError: if a parameter is missing, a table is not published, or the engine refuses.
        """
        found = load_question(question)
        given = dict(params or {})
        missing = sorted(found.parameters - given.keys())
        if missing:
            msg = f"The question {question} needs the parameter(s) {', '.join(missing)}."
            raise QuestionError(msg)
        unpublished = sorted(found.tables - self.tables.keys())
        if unpublished:
            msg = f"The question {question} reads {', '.join(unpublished)}, which {self.path.name} does not hold; run `skvoz build`."
            raise QuestionError(msg)
        return self.select(found.sql, {name: given[name] for name in found.parameters}, scope)

    def select(self, sql: str, params: Mapping[str, object] | None = None, scope: Scope = ALL) -> list[Row]:
        """Runs a statement over schema marts as the scope sees it; rows as dictionaries by column."""
        cursor = self._connection.cursor()
        try:
            cursor.execute(f"use {self._catalog(scope)}")
            cursor.execute(sql, dict(params or {}))
            names = [column[0] for column in cursor.description or []]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except duckdb.BinderException as error:
            told = str(error).partition("\n")[0]
            msg = f"The published file {self.path.name} lacks a column ({told}); if it is from before an upgrade, run `skvoz build`."
            raise QuestionError(msg) from error
        except duckdb.Error as error:
            msg = f"The published file {self.path.name} refused a question: {error}"
            raise QuestionError(msg) from error
        finally:
            cursor.close()

    def _catalog(self, scope: Scope) -> str:
        """The catalog whose schema marts shows what the scope may see, made at first use."""
        with self._lock:
            if scope not in self._catalogs:
                name = f"scope_{len(self._catalogs)}"
                cursor = self._connection.cursor()
                cursor.execute(f"attach ':memory:' as {name}")
                try:
                    cursor.execute(f"create table {name}.main.allowed_managers (manager_key varchar)")
                    if scope.kind != "all":
                        statement, params = allowed_managers(scope, SOURCE)
                        cursor.execute(f"insert into {name}.main.allowed_managers {statement}", params)
                    for view in view_statements(self.tables, scope, name, SOURCE):
                        cursor.execute(view)
                except BaseException:
                    # half a scope must not be found by the next question
                    cursor.execute(f"detach {name}")
                    raise
                finally:
                    cursor.close()
                self._catalogs[scope] = name
            return self._catalogs[scope]

    def _read_tables(self) -> dict[str, tuple[str, ...]]:
        rows = self._connection.execute(
            "select table_name, column_name from information_schema.columns"
            " where table_catalog = 'published' and table_schema = 'marts' order by table_name, ordinal_position"
        ).fetchall()
        tables: dict[str, tuple[str, ...]] = {}
        for table, column in rows:
            tables[table] = (*tables.get(table, ()), column)
        return tables

    def _read_publication(self) -> Publication:
        if "publication" not in self.tables:
            msg = "it has no table marts.publication"
            raise PublishedError(msg)
        names = Publication.columns(self.tables["publication"])
        rows = self._connection.execute(f"select {', '.join(names)} from {SOURCE}.publication").fetchall()
        if len(rows) != 1:
            msg = f"marts.publication holds {len(rows)} rows instead of one"
            raise PublishedError(msg)
        return Publication.read(names, rows[0])

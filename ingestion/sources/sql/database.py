"""A read-only session with a database through SQLAlchemy, and its errors in plain words."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ingestion.errors import PermanentError, SourceError, TransientError
from ingestion.redaction import redact, register_secret

if TYPE_CHECKING:
    import sqlalchemy as sa

Row = Mapping[str, Any]

_READ_ONLY = {
    "postgresql": "set session characteristics as transaction read only",
    "mysql": "set session transaction read only",
    "mariadb": "set session transaction read only",
    "sqlite": "pragma query_only = on",
}
"""What makes a session refuse to write (Firebird: its dialect does). SQL Server has nothing such: there the login's rights are all."""
_EXTRAS = {"postgresql": "postgresql", "mssql": "mssql", "mysql": "mysql", "mariadb": "mysql", "firebird": "firebird"}
_REFUSED = (
    "password", "authentication", "login failed", "access denied", "not defined. ask your", "role ", "permission denied", "no permission",
    "unauthorized", "28p01", "28000", "18456",
)  # fmt: skip
_AWAY = ("unavailable", "connection refused", "can't connect", "timed out", "timeout", "network")
_ABSENT = (
    "does not exist", "no such table", "no such column", "invalid object name", "invalid column name", "table unknown", "column unknown",
    "doesn't exist", "unknown column", "unable to open database file", "no such file", "syntax error",
)  # fmt: skip


class Database:
    """One database.

    Args:
        dsn: an SQLAlchemy address such as `postgresql+psycopg://reader:secret@server/base`.
        source: the source's name, for messages.
        base_dir: what a relative SQLite path is relative to.
    """

    def __init__(self, dsn: str, source: str, base_dir: Path) -> None:
        self._source = source
        self._engine = _engine(dsn, source, base_dir)
        self.dialect: str = self._engine.dialect.name

    def close(self) -> None:
        """Release the connections."""
        self._engine.dispose()

    def rows(self, statement: sa.Select[Any], parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """What a select gives, whole; the transaction is rolled back whatever happens.

        Raises:
            TransientError, PermanentError: what went wrong, in words and without the statement's values.
        """
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with self._engine.connect() as connection:
                return [dict(row) for row in connection.execute(statement, dict(parameters or {})).mappings()]
        except SQLAlchemyError as error:
            raise self._explained(error) from None

    def columns(self, statement: sa.Select[Any], parameters: Mapping[str, Any] | None = None) -> list[str]:
        """Names of a select's columns, as the database folds their case; errors as in `rows`."""
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with self._engine.connect() as connection:
                return list(connection.execute(statement, dict(parameters or {})).keys())
        except SQLAlchemyError as error:
            raise self._explained(error) from None

    def tables(self) -> Sequence[str]:
        """Names of the tables and views this login sees, for people who write a mapping."""
        from sqlalchemy import inspect
        from sqlalchemy.exc import SQLAlchemyError

        try:
            inspector = inspect(self._engine)
            return sorted([*inspector.get_table_names(), *inspector.get_view_names()])
        except SQLAlchemyError as error:
            raise self._explained(error) from None

    def _explained(self, error: Exception) -> SourceError:
        from sqlalchemy.exc import DBAPIError, NoSuchModuleError, OperationalError

        told = redact(" ".join(str(getattr(error, "orig", None) or error).split()))[:300].rstrip(".")
        lowered = told.lower()
        if isinstance(error, NoSuchModuleError):
            return PermanentError(f"{self._source}: there is no such kind of database ({told}); correct dsn in skvoz.toml.")
        if any(word in lowered for word in _REFUSED):
            return PermanentError(f"{self._source}: the database refuses this login ({told}); correct dsn or ask for the right to read.")
        if any(word in lowered for word in _AWAY):
            return TransientError(f"{self._source}: the database is out of reach or busy ({told}).")
        if any(word in lowered for word in _ABSENT):
            return PermanentError(f"{self._source}: the database lacks what is asked for ({told}); correct the source in skvoz.toml.")
        if isinstance(error, OperationalError) or (isinstance(error, DBAPIError) and error.connection_invalidated):
            return TransientError(f"{self._source}: the database is out of reach or busy ({told}).")
        return PermanentError(f"{self._source}: the database refuses the question ({told}); correct table, query or columns in skvoz.toml.")


def bound(value: Any) -> Any:
    """A value to compare a column with.

    Text goes without a type, so that the database reads it as whatever the column is: PostgreSQL compares what it is told to be text with
    no timestamp and no uuid.
    """
    from sqlalchemy import literal
    from sqlalchemy.types import NullType

    return literal(value, NullType()) if isinstance(value, str) else value


def _engine(dsn: str, source: str, base_dir: Path) -> sa.Engine:
    from sqlalchemy import create_engine, event
    from sqlalchemy.dialects import registry
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError
    from sqlalchemy.pool import NullPool

    try:
        url = make_url(dsn)
    except ArgumentError:
        message = f"{source}: dsn is no database address; write it like postgresql+psycopg://reader:${{PASSWORD}}@server/base."
        raise PermanentError(message) from None
    if url.password:
        register_secret(str(url.password))
    kind = url.drivername.partition("+")[0]
    if kind == "firebird":
        registry.register("firebird", "ingestion.sources.sql.firebird", "FirebirdDialect")
        url = url.set(drivername="firebird")
    options: dict[str, Any] = {"poolclass": NullPool}
    if kind == "sqlite":
        # as the module's own adapters write them, which Python 3.12 deprecates
        sqlite3.register_adapter(date, date.isoformat)
        sqlite3.register_adapter(datetime, lambda moment: moment.isoformat(" "))
        file = base_dir / (url.database or "")
        options["creator"] = lambda: sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)
    try:
        engine = create_engine(url, **options)
    except NoSuchModuleError:
        message = f"{source}: dsn names a kind of database that is not known here ({kind}); install its SQLAlchemy dialect or correct it."
        raise PermanentError(message) from None
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get(kind)
        advice = f"install it with: pip install 'skvoz[{extra}]'" if extra else f"install the package {error.name}"
        message = f"{source}: the driver {error.name} is not installed; {advice}."
        raise PermanentError(message) from None

    @event.listens_for(engine, "connect")
    def _protect(connection: Any, _record: Any) -> None:
        if kind in _READ_ONLY:
            cursor = connection.cursor()
            cursor.execute(_READ_ONLY[kind])
            cursor.close()
            connection.rollback()

    return engine

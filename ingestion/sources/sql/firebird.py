"""Firebird for SQLAlchemy over firebirdsql, a driver in pure Python that speaks to servers from 2.5 on.

The driver of the ready dialect (firebird-driver with protobuf 5) cannot be installed beside dbt (protobuf 6) and needs Firebird's client
library. Only what reading takes is here: selects with a limit, in transactions that cannot write.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.compiler import SQLCompiler

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection
    from sqlalchemy.engine.url import URL

_SECONDS = 60.0


class FirebirdCompiler(SQLCompiler):
    """`select first 10 …`, which servers before 3.0 know too."""

    def get_select_precolumns(self, select: Any, **kw: Any) -> str:
        """What stands between select and its columns."""
        limit = "" if select._limit is None else f"first {int(select._limit)} "
        return limit + super().get_select_precolumns(select, **kw)

    def limit_clause(self, select: Any, **kw: Any) -> str:  # noqa: ARG002 - SQLAlchemy's own signature
        """Nothing: the limit stands at the beginning."""
        return ""


class FirebirdDialect(DefaultDialect):
    """`firebird://user:password@host[:port]/path or alias[?charset=WIN1251]`."""

    name = "firebird"
    driver = "firebirdsql"
    default_paramstyle = "qmark"
    statement_compiler = FirebirdCompiler
    supports_statement_cache = False
    supports_sane_rowcount = False

    @classmethod
    def import_dbapi(cls) -> ModuleType:
        """The driver."""
        import firebirdsql

        module: ModuleType = firebirdsql
        return module

    def create_connect_args(self, url: URL) -> tuple[list[Any], dict[str, Any]]:
        """Arguments of the driver's connect."""
        from firebirdsql.consts import ISOLATION_LEVEL_READ_COMMITED_RO

        given = {
            "host": url.host or "localhost",
            "port": url.port or 3050,
            "database": unquote(url.database or ""),
            "user": url.username,
            "password": url.password,
            "charset": url.query.get("charset", "UTF8"),
            "timeout": _SECONDS,
            "isolation_level": ISOLATION_LEVEL_READ_COMMITED_RO,
        }
        return [], given

    def _get_server_version_info(self, _connection: Any) -> tuple[int, ...]:
        return (2, 5)

    def _get_default_schema_name(self, _connection: Any) -> str:
        return ""

    def get_table_names(self, connection: Connection, schema: str | None = None, **kw: Any) -> list[str]:  # noqa: ARG002 - SQLAlchemy's own
        """Tables that people made."""
        return self._relations(connection, "is null")

    def get_view_names(self, connection: Connection, schema: str | None = None, **kw: Any) -> list[str]:  # noqa: ARG002 - SQLAlchemy's own
        """Views that people made."""
        return self._relations(connection, "is not null")

    def _relations(self, connection: Connection, source: str) -> list[str]:
        query = f"select rdb$relation_name from rdb$relations where rdb$system_flag = 0 and rdb$view_blr {source}"
        return [str(row[0]).strip() for row in connection.exec_driver_sql(query)]

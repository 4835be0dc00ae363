"""A publication that lives on ClickHouse: a database of its own, named by a small file in published/ where a DuckDB file would stand.

The file's name, CURRENT, pruning and going back are the same on both engines, so pages and reports see one kind of publication.
"""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from reports.access import ALL, Scope
from reports.clickhouse_sql import translate, type_of
from reports.errors import PublishedError, QuestionError
from reports.published import Publication, Published, Row
from reports.settings import Warehouse

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

_CHDB = "chdb:"
_IDLE_SECONDS = 2.0  # opening the engine over some hundred tables takes 1.5 s, a report asks 60 questions
# answers are those of standard SQL: NULL where a join finds nothing and where nothing was summed
_SETTINGS = {
    "join_use_nulls": 1,
    "aggregate_functions_null_for_empty": 1,
    "prefer_column_name_to_alias": 1,
    "union_default_mode": "DISTINCT",
}


class ClickHousePublished(Published):
    """One published version on ClickHouse; safe to share between threads.

    Args:
        path: the file that names its database.
        warehouse: [warehouse] of skvoz.toml.

    Raises:
        PublishedError: if ClickHouse does not answer or does not hold it.
    """

    def __init__(self, path: Path, warehouse: Warehouse) -> None:
        self.path = path
        self.version = path.stem
        self._warehouse = warehouse
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._letting_go: threading.Timer | None = None
        self._statements: dict[tuple[str, Scope, tuple[tuple[str, str], ...]], str] = {}
        try:
            self._database = str(json.loads(path.read_text(encoding="utf-8"))["database"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            msg = f"{path} does not say which database it is ({error}); publish again with `skvoz build` or go back with `skvoz rollback`."
            raise PublishedError(msg) from error
        with self._told(PublishedError), self._opened() as client:
            self.tables = self._columns(client)
            if "publication" not in self.tables:
                msg = f"{self._place} holds no publication {self._database} (any more); publish again with `skvoz build`."
                raise PublishedError(msg)
            names = Publication.columns(self.tables["publication"])
            rows = client.query(f"select {', '.join(names)} from {self._database}.publication").result_rows
        self.publication = Publication.read(names, rows[0])

    def close(self) -> None:
        """Ends the connection."""
        if self._letting_go is not None:
            self._letting_go.cancel()
        if self._client is not None:
            self._client.close()
            self._client = None

    def select(self, sql: str, params: Mapping[str, object] | None = None, scope: Scope = ALL) -> list[Row]:
        """Runs a statement over schema marts, written as for DuckDB, as the scope sees it."""
        names, rows = self.answer(sql, params, scope)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def answer(
        self, sql: str, params: Mapping[str, object] | None = None, scope: Scope = ALL
    ) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
        """The same as names of columns and rows."""
        given = dict(params or {})
        statement = self._statement(sql, given, scope)
        with self._told(QuestionError), self._opened() as client:
            found = client.query(statement, parameters=given)
            return found.column_names, found.result_rows

    def parquet(self, sql: str) -> bytes:
        """An answer as a Parquet file."""
        with self._told(QuestionError), self._opened() as client:
            return client.raw_query(self._statement(sql, {}, ALL), fmt="Parquet")

    def _statement(self, sql: str, given: Mapping[str, object], scope: Scope) -> str:
        key = (sql, scope, tuple(sorted((name, type_of(value)) for name, value in given.items())))
        statement = self._statements.get(key)
        if statement is None:
            statement = self._statements[key] = translate(sql, self.tables, scope, self._database, dict(key[2]))
        return statement

    @property
    def _place(self) -> str:
        return f"ClickHouse at {urlsplit(self._warehouse.url).netloc or self._warehouse.url}"

    @contextmanager
    def _opened(self) -> Iterator["Client"]:
        """A connection: kept with a server; with the engine in process let go of after a moment, so that a build can have the folder."""
        if not self._warehouse.url.startswith(_CHDB):
            with self._lock:
                if self._client is None:
                    self._client = _connect(self._warehouse)
            yield self._client
            return
        with self._lock:
            if self._letting_go is not None:
                self._letting_go.cancel()
            if self._client is None:
                self._client = _connect(self._warehouse)
            try:
                yield self._client
            finally:
                self._letting_go = threading.Timer(_IDLE_SECONDS, self._let_go)
                self._letting_go.daemon = True
                self._letting_go.start()

    def _let_go(self) -> None:
        with self._lock:
            self.close()

    @contextmanager
    def _told(self, kind: type[PublishedError] | type[QuestionError]) -> Iterator[None]:
        from clickhouse_connect.driver.exceptions import Error

        try:
            yield
        except Error as error:
            text = " ".join(str(error).split())[:300]
            if "initializing EmbeddedServer" in text:
                msg = f"{self._warehouse.url} is open in another process just now; ask again when the run has finished."
            elif error.code is None:
                msg = f"{self._place} does not answer ({text}); see that it runs and that [warehouse] url is right."
            else:
                msg = f"{self._place} refused a question of {self.path.name}: {text}"
            raise kind(msg) from error

    def _columns(self, client: "Client") -> dict[str, tuple[str, ...]]:
        rows = client.query(
            "select table, name from system.columns where database = {database:String} order by table, position",
            parameters={"database": self._database},
        ).result_rows
        tables: dict[str, tuple[str, ...]] = {}
        for table, column in rows:
            tables[table] = (*tables.get(table, ()), column)
        return tables


def _connect(warehouse: Warehouse) -> "Client":
    """As the reader, where skvoz.toml names one.

    Raises:
        PublishedError: the driver is not installed.
    """
    try:
        import clickhouse_connect
    except ModuleNotFoundError:
        msg = 'A publication on ClickHouse needs its driver: pip install "skvoz[clickhouse]"'
        raise PublishedError(msg) from None
    if warehouse.url.startswith(_CHDB):
        return clickhouse_connect.get_client(
            interface="chdb", path=warehouse.url.removeprefix(_CHDB), settings=_SETTINGS, tz_mode="aware", query_limit=0
        )
    parts = urlsplit(warehouse.url)
    return clickhouse_connect.get_client(
        interface=parts.scheme,
        host=parts.hostname or "",
        port=parts.port or (8443 if parts.scheme == "https" else 8123),
        username=warehouse.reader or warehouse.user,
        password=warehouse.reader_password if warehouse.reader else warehouse.password,
        settings=_SETTINGS,
        tz_mode="aware",
        query_limit=0,
        autogenerate_session_id=False,
    )

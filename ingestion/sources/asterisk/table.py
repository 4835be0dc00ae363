"""The cdr table: Asterisk's own (`start`, `answer`, `end`) and FreePBX's (`calldate`), in any database SQLAlchemy has a driver for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import NoSuchModuleError, NoSuchTableError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from ingestion.errors import PermanentError, TransientError
from ingestion.feeds.documents import digest
from ingestion.feeds.periods import PeriodConnector, Reading
from ingestion.redaction import redact
from ingestion.spec import Context, Record

_TIMES = ("start", "calldate")
_DRIVERS = {"mysql": "mysql+pymysql", "mariadb": "mysql+pymysql", "postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}
# what a later job fills in (recordings, remarks) must not make another leg of the row
_IDENTITY = ("uniqueid", "linkedid", "sequence", "src", "dst", "channel", "dstchannel", "lastapp", "billsec", "disposition")
_OVERLAP = timedelta(days=2)  # a row is written when the call ends, under the time it began
_BATCH = 5_000


def open_table(dsn: str, table: str, context: Context, *, utc: bool) -> PeriodConnector:
    """A connector over the table; nothing is connected yet."""
    one = CdrTable(dsn, table, context, utc=utc)
    return PeriodConnector(context, {"cdr": Reading(one.rows, timedelta(days=31), _OVERLAP)}, one.check, one.close)


class CdrTable:
    """Read-only questions to one table.

    Args:
        dsn: address of the database; a name without a driver gets the usual one.
        table: its name, with a schema if need be.
        context: of the source.
        utc: the times in it are UTC, else the source's wall time.
    """

    def __init__(self, dsn: str, table: str, context: Context, *, utc: bool) -> None:
        name, _, rest = dsn.partition("://")
        self._dsn = f"{_DRIVERS.get(name, name)}://{rest}"
        self._schema, _, self._table = table.rpartition(".")
        self._context = context
        self._utc = utc
        self._engine: Engine | None = None
        self._time = ""

    def check(self) -> str:
        """How many legs the last day has."""
        now = datetime.now(UTC)
        legs = sum(1 for _ in self.rows(now - timedelta(days=1), now))
        return f"The table {self._table} answers; {legs} legs in the last 24 hours."

    def close(self) -> None:
        """Close the connection."""
        if self._engine is not None:
            self._engine.dispose()

    def rows(self, low: datetime, high: datetime) -> Iterator[Record]:
        """Legs that began in [low, high)."""
        try:
            engine = self._connected()
            quote = engine.dialect.identifier_preparer.quote
            table = ".".join(quote(part) for part in (self._schema, self._table) if part)
            question = text(f"select * from {table} where {quote(self._time)} >= :low and {quote(self._time)} < :high")
            bounds = {"low": self._wall(low), "high": self._wall(high)}
            with engine.connect() as connection:
                answer = connection.execution_options(stream_results=True, max_row_buffer=_BATCH).execute(question, bounds)
                for row in answer.mappings():
                    payload = {str(name): _plain(value) for name, value in row.items()}
                    key = digest(payload[self._time], *(payload.get(name) for name in _IDENTITY))
                    yield Record(key, payload)
        except SQLAlchemyError as error:
            raise self._problem(error) from None

    def _connected(self) -> Engine:
        if self._engine is None:
            try:
                self._engine = create_engine(self._dsn, poolclass=NullPool)
            except (NoSuchModuleError, ModuleNotFoundError) as error:
                message = f"{self._context.source}: there is no driver for this database ({redact(str(error))}); install it beside skvoz."
                raise PermanentError(message) from None
            columns = {
                column["name"].lower(): column["name"] for column in inspect(self._engine).get_columns(self._table, self._schema or None)
            }
            times = [columns[name] for name in _TIMES if name in columns]
            if not times:
                message = f"{self._context.source}: table {self._table} has neither start nor calldate; name the call records' table."
                raise PermanentError(message)
            self._time = times[0]
        return self._engine

    def _wall(self, moment: datetime) -> str:
        zone = UTC if self._utc else self._context.timezone
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")

    def _problem(self, error: SQLAlchemyError) -> PermanentError | TransientError:
        where = f"{self._context.source}: the database"
        if isinstance(error, NoSuchTableError):
            return PermanentError(f"{where} has no table {self._table}, or this user may not read it.")
        words = redact(str(getattr(error, "orig", None) or error).splitlines()[0])[:200]
        if any(sign in words.lower() for sign in ("denied", "password", "authentication", "unknown database", "no such")):
            return PermanentError(f"{where} refuses ({words}); check dsn and that its user may read the table.")
        return TransientError(f"{where} does not answer ({words}).")


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode("utf-8", "replace")
    return value if value is None or isinstance(value, (int, str)) else str(value)

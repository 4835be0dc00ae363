"""The cdr table: Asterisk's own (`start`, `answer`, `end`) and FreePBX's (`calldate`), in any database the type `sql` reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ingestion.errors import PermanentError
from ingestion.feeds.documents import digest
from ingestion.feeds.periods import PeriodConnector, Reading
from ingestion.sources.sql.database import Database, bound
from ingestion.spec import Context, Record

if TYPE_CHECKING:
    import sqlalchemy as sa

_TIMES = ("start", "calldate")
_DRIVERS = {"mysql": "mysql+pymysql", "mariadb": "mysql+pymysql", "postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}
# what a later job fills in (recordings, remarks) must not make another leg of the row
_IDENTITY = ("uniqueid", "linkedid", "sequence", "src", "dst", "channel", "dstchannel", "lastapp", "billsec", "disposition")
_PERIOD = timedelta(days=7)  # rows of a period are held in memory
_OVERLAP = timedelta(days=2)  # a row is written when the call ends, under the time it began


def open_table(dsn: str, table: str, context: Context, *, utc: bool) -> PeriodConnector:
    """A connector over the table; nothing is connected yet."""
    one = CdrTable(dsn, table, context, utc=utc)
    return PeriodConnector(context, {"cdr": Reading(one.rows, _PERIOD, _OVERLAP)}, one.check, one.close)


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
        self._database: Database | None = None
        self._time = ""

    def check(self) -> str:
        """How many legs the last day has."""
        now = datetime.now(UTC)
        legs = sum(1 for _ in self.rows(now - timedelta(days=1), now))
        return f"The table {self._table} answers; {legs} legs in the last 24 hours."

    def close(self) -> None:
        """Close the connection."""
        if self._database is not None:
            self._database.close()

    def rows(self, low: datetime, high: datetime) -> Iterator[Record]:
        """Legs that began in [low, high)."""
        from sqlalchemy import column

        database = self._connected()
        begun: sa.ColumnClause[Any] = column(self._time)
        statement = self._select().where(begun >= bound(self._wall(low)), begun < bound(self._wall(high)))
        for row in database.rows(statement):
            payload = {str(name): _plain(value) for name, value in row.items()}
            yield Record(digest(payload[self._time], *(payload.get(name) for name in _IDENTITY)), payload)

    def _select(self) -> sa.Select[Any]:
        from sqlalchemy import literal_column, select, table

        return select(literal_column("*")).select_from(table(self._table, schema=self._schema or None))

    def _connected(self) -> Database:
        if self._database is None:
            database = Database(self._dsn, self._context.source, self._context.base_dir)
            columns = {name.lower(): name for name in database.columns(self._select().limit(1))}
            times = [columns[name] for name in _TIMES if name in columns]
            if not times:
                message = f"{self._context.source}: table {self._table} has neither start nor calldate; name the call records' table."
                raise PermanentError(message)
            self._database, self._time = database, times[0]
        return self._database

    def _wall(self, moment: datetime) -> str:
        zone = UTC if self._utc else self._context.timezone
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode("utf-8", "replace")
    return value if value is None or isinstance(value, (int, str)) else str(value)

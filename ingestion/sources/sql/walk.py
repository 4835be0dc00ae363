"""A walk over one table or query: by its key when all of it is read, by its cursor column when only changes are.

Pages go on after the last row by comparing columns (keyset), never by counting rows: rows that come and go meanwhile shift nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ingestion.errors import PermanentError
from ingestion.mapped.columns import FEEDS
from ingestion.sources.sql.database import Database, Row, bound
from ingestion.sources.sql.options import SqlStream

if TYPE_CHECKING:
    import sqlalchemy as sa


class Walk:
    """Rows of one mapped stream.

    Args:
        database: where they are.
        name: of the stream.
        options: of the stream.
        since: value of `:since`.
        where: names the stream in messages.
        page_rows: rows fetched at a time.
    """

    def __init__(self, database: Database, name: str, options: SqlStream, since: date, where: str, page_rows: int) -> None:
        self._database = database
        self._options = options
        self._where = where
        self._page_rows = page_rows
        self._feed = FEEDS[options.feed or name]
        self._parameters = {"since": since} if options.query and ":since" in options.query else {}
        self.columns = database.columns(self._select().where(_text("1 = 0")), self._parameters)
        self._keys = self._key_columns()
        self._cursor = None if options.cursor is None else self._column(options.cursor)

    def highest(self) -> Any:
        """The greatest value of the cursor column, None where there is none."""
        from sqlalchemy import func, select

        found = self._database.rows(select(func.max(self._cursor).label("highest")).select_from(self._from()), self._parameters)
        return found[0]["highest"]

    def all_rows(self, after: Sequence[Any] | None) -> Iterator[tuple[list[Row], list[tuple[Row, str]], list[Any]]]:
        """Pages in the order of the key: rows, rows refused with the reason, and the key of the last row.

        Args:
            after: the key of the last row already had.
        """
        yield from self._pages(self._keys, None if after is None else list(after), None)

    def changed_rows(self, low: Any) -> Iterator[tuple[list[Row], list[tuple[Row, str]], Any]]:
        """Pages of rows whose cursor is `low` or greater, in its order, and the cursor of the last row."""
        cursor = self._cursor
        if cursor is None:
            return
        for rows, refused, last in self._pages([cursor, *self._keys], None, cursor >= bound(low)):
            yield rows, refused, last[0]

    def keys(self) -> list[Row]:
        """The key columns of every row."""
        return self._database.rows(self._select(self._keys), self._parameters)

    def _pages(
        self, order: Sequence[sa.ColumnElement[Any]], after: list[Any] | None, condition: Any
    ) -> Iterator[tuple[list[Row], list[tuple[Row, str]], list[Any]]]:
        names = [str(column.key) for column in order]
        previous: list[Any] | None = None
        while True:
            statement = self._select().order_by(*order).limit(self._page_rows)
            if condition is not None:
                statement = statement.where(condition)
            if after is not None:
                statement = statement.where(_beyond(order, after))
            rows = self._database.rows(statement, self._parameters)
            if not rows:
                return
            good, refused = [], []
            for row in rows:
                key = [row[name] for name in names]
                if key == previous:
                    reason = f"its key {', '.join(map(str, key))} is there twice: name more fields in key"
                    refused.append((row, reason))
                else:
                    good.append(row)
                previous = key
            after = previous
            if after is None or any(value is None for value in after):
                message = f"{self._where}: {', '.join(names)} is empty in some rows; name fields in key that every row has."
                raise PermanentError(message)
            yield good, refused, after
            if len(rows) < self._page_rows:
                return

    def _select(self, columns: Sequence[sa.ColumnElement[Any]] | None = None) -> sa.Select[Any]:
        from sqlalchemy import select

        return select(*(columns or [_text("*")])).select_from(self._from())

    def _from(self) -> Any:
        from sqlalchemy import table

        if self._options.query is not None:
            return _text(f"({self._options.query.strip().rstrip(';')}) records")
        schema, _, name = str(self._options.table).rpartition(".")
        return table(name, schema=schema or None)

    def _key_columns(self) -> list[sa.ColumnElement[Any]]:
        if self._options.key:
            return [self._column(name) for name in self._options.key]
        paths = [self._options.columns.get(name, name) for name in self._feed.key]
        present = [path for path in paths if self._found(path) is not None]
        if not present or any("{" in path for path in paths):
            message = f"{self._where}: say in key which fields identify a row; the rows have {', '.join(self.columns[:60])}."
            raise PermanentError(message)
        return [self._column(path) for path in present]

    def _found(self, name: str) -> str | None:
        return next((known for known in self.columns if known.lower() == name.lower()), None)

    def _column(self, name: str) -> sa.ColumnElement[Any]:
        from sqlalchemy import column

        known = self._found(name)
        if known is None:
            message = f"{self._where}: there is no field {name}; the rows have {', '.join(self.columns[:60])}."
            raise PermanentError(message)
        return column(known)


def packed(value: Any) -> Any:
    """A database value as JSON, so that `unpacked` gives it back."""
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, bytes | bytearray | memoryview):
        return {"bytes": bytes(value).hex()}
    return value if value is None or isinstance(value, int | float | str) else str(value)


def unpacked(value: Any) -> Any:
    """What `packed` was given."""
    if not isinstance(value, Mapping):
        return value
    ((kind, text),) = value.items()
    match kind:
        case "moment":
            return datetime.fromisoformat(text)
        case "day":
            return date.fromisoformat(text)
        case "decimal":
            return Decimal(text)
    return bytes.fromhex(text)


def earlier(value: Any, minutes: int) -> Any:
    """A cursor value so many minutes before; numbers and other marks have no minutes and stay."""
    if isinstance(value, datetime):
        return value - timedelta(minutes=minutes)
    if isinstance(value, date):
        return value - timedelta(days=1 if minutes else 0)
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        text = (moment - timedelta(minutes=minutes)).isoformat(sep="T" if "T" in value else " ")
        return text[: len(value)] if len(text) > len(value) else text
    return value


def _beyond(order: Sequence[sa.ColumnElement[Any]], after: Sequence[Any]) -> Any:
    """Rows that come after these values in the order: a > x or (a = x and b > y), and so on."""
    from sqlalchemy import and_, or_

    return or_(
        *(
            and_(
                *(column == bound(value) for column, value in zip(order[:place], after[:place], strict=True)),
                order[place] > bound(after[place]),
            )
            for place in range(len(order))
        )
    )


def _text(text: str) -> Any:
    from sqlalchemy import text as literal

    return literal(text)

"""The rows of a database as records of feeds.

Everything is read in the order of the key at first, in every sweep and where no cursor column is named; then rows gone are deleted. In
between only rows with a cursor from the last change minus `overlap_minutes` on are read. Cursor: per mapped stream {"high": greatest
cursor value read} and, while a walk over everything is under way, "walk": key of its last row.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from ingestion.errors import PermanentError
from ingestion.mapped.mapping import Mapper
from ingestion.redaction import register_secret
from ingestion.sources.sql.database import Database
from ingestion.sources.sql.options import SqlOptions
from ingestion.sources.sql.walk import Walk, earlier, packed, unpacked
from ingestion.spec import Context, Extraction, Page

_ANY_DAY = date(2000, 1, 1)  # `:since` while only the columns are asked for
_SHOWN = 80  # tables named to a person who has mapped nothing yet


class SqlConnector:
    """One configured database.

    Args:
        options: of the source.
        context: of the source.
    """

    def __init__(self, options: SqlOptions, context: Context) -> None:
        self._options = options
        self._context = context
        self._opened: Database | None = None

    def check(self) -> str:
        """Whether every mapped stream can be read, tried on one row of each; without any, what tables there are."""
        if not self._options.streams:
            tables = self._database.tables()
            shown = ", ".join(tables[:_SHOWN]) + (" …" if len(tables) > _SHOWN else "")
            message = f"{self._context.source}: the database answers, but nothing is mapped; it has {len(tables)} tables: {shown}."
            raise PermanentError(message)
        for name in self._options.streams:
            walk = self._walk(name, None)
            mapper = self._mapper(name)
            mapper.check_fields(dict.fromkeys(walk.columns), f"{self._context.source}: stream {name}")
        return f"the database answers; streams {', '.join(self._options.streams)} can be read."

    def close(self) -> None:
        """Release the connections."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def extract(self, request: Extraction) -> Iterator[Page]:
        """Pages of every mapped stream that fills this feed."""
        names = self._options.by_feed()[request.stream.name]
        cursors: dict[str, Any] = {name: (request.cursor or {}).get(name) for name in names}
        whole = True
        listed: list[str] = []
        for name in names:
            state = cursors[name] if request.mode == "refresh" else None
            walk = self._walk(name, request)
            mapper = self._mapper(name)
            mapper.check_fields(dict.fromkeys(walk.columns), f"{self._context.source}: stream {name}")
            if state is not None and "walk" not in state:
                whole = False
                yield from self._changes(name, walk, mapper, cursors)
                continue
            resumed = state is not None
            yield from self._everything(name, walk, mapper, cursors)
            if resumed:
                listed += self._still_there(walk, mapper)
        yield Page(cursor=dict(cursors), listed=listed, complete=whole)

    def _everything(self, name: str, walk: Walk, mapper: Mapper, cursors: dict[str, Any]) -> Iterator[Page]:
        options = self._options.streams[name]
        begun = cursors[name] if cursors[name] is not None and "walk" in cursors[name] else None
        # rows that change behind the walk are read by the next run: it begins at what was the greatest before the walk began
        state: dict[str, Any] = {} if options.cursor is None else {"high": begun["high"] if begun else packed(walk.highest())}
        after = [unpacked(value) for value in begun["walk"]] if begun else None
        for rows, refused, last in walk.all_rows(after):
            cursors[name] = state | {"walk": [packed(value) for value in last]}
            page = mapper.page(rows, self._context.note)
            yield Page(page.records, cursor=dict(cursors), rejected=[*page.rejected, *_shown(refused)])
        # without a cursor column the next run reads everything again, with one it reads changes only
        cursors[name] = state if state.get("high") is not None else None

    def _changes(self, name: str, walk: Walk, mapper: Mapper, cursors: dict[str, Any]) -> Iterator[Page]:
        low = earlier(unpacked(cursors[name]["high"]), self._options.streams[name].overlap_minutes)
        for rows, refused, high in walk.changed_rows(low):
            cursors[name] = {"high": packed(high)}
            page = mapper.page(rows, self._context.note)
            yield Page(page.records, cursor=dict(cursors), rejected=[*page.rejected, *_shown(refused)])

    def _still_there(self, walk: Walk, mapper: Mapper) -> list[str]:
        """Keys of every row: a walk that went on after an interruption has not seen those before it."""
        page = mapper.page((row for rows, _, _ in walk.all_rows(None) for row in rows), lambda _text: None)
        return [record.key for record in page.records]

    def _walk(self, name: str, request: Extraction | None) -> Walk:
        since = request.since if request is not None else _ANY_DAY
        where = f"{self._context.source}: stream {name}"
        return Walk(self._database, name, self._options.streams[name], since, where, self._options.page_rows)

    def _mapper(self, name: str) -> Mapper:
        return self._options.mapper(name, self._context.timezone)

    @property
    def _database(self) -> Database:
        if self._opened is None:
            dsn = self._options.dsn.get_secret_value()
            register_secret(dsn)
            self._opened = Database(dsn, self._context.source, self._context.base_dir)
        return self._opened


def _shown(refused: list[tuple[Any, str]]) -> list[tuple[Any, str]]:
    return [({name: str(value) for name, value in row.items()}, reason) for row, reason in refused]

"""The source type `sql`."""

from __future__ import annotations

from ingestion.mapped.mapping import active_streams, feed_streams
from ingestion.sources.sql.connector import SqlConnector
from ingestion.sources.sql.options import SqlOptions
from ingestion.spec import Context, Source


def connect(options: SqlOptions, context: Context) -> SqlConnector:
    """A connector for these options; nothing is asked yet."""
    return SqlConnector(options, context)


STREAMS = feed_streams("changes by a cursor column with an overlap, everything where there is none and every night; rows gone are deleted")
SOURCE = Source(
    type="sql",
    system="feed",
    title="Any database: PostgreSQL, MS SQL, MySQL, Firebird, SQLite",
    streams=STREAMS,
    options=SqlOptions,
    connect=connect,
    active_streams=active_streams(STREAMS),
)

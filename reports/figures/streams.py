"""Every stream of every source: how much is loaded, how fresh it is."""

from collections.abc import Sequence

from reports.blocks import Content
from reports.compute import Block
from reports.context import Context
from reports.figures.tables import Heading, headed


def streams(context: Context) -> Sequence[Content]:
    """One row per stream, late ones first."""
    words = context.words
    rows = [
        {
            **row,
            "name": f"{row['source']} · {row['stream']}",
            "called": words.source(row["source"]),
            "state": words.text("stale.state") if row["is_stale"] else words.text("stale.fresh"),
        }
        for row in context.ask("data/streams")
    ]
    headings: tuple[Heading, ...] = (
        ("name", "column.stream", "text", "title"),
        ("called", "column.source", "text", "detail"),
        ("state", "column.state", "text", "value"),
        ("rows_total", "column.rows_total", "integer", "value"),
        ("rows_deleted", "column.rows_deleted", "integer", "value"),
        ("newest_record_at", "column.newest_record", "datetime", "value"),
        ("last_loaded_at", "column.loaded_at", "datetime", "value"),
    )
    return [headed(context, "streams", headings, rows, shown=20)]


STREAMS = Block("streams", streams, ("data/streams",))

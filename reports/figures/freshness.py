"""How fresh the data is: one row per source, stale streams named."""

from collections.abc import Sequence

from reports.blocks import Column, Content, Table, Text
from reports.compute import Block
from reports.context import Context
from reports.published import Row


def freshness(context: Context) -> Sequence[Content]:
    """Each source with its latest load; streams that are late are listed."""
    words, form = context.words, context.form
    rows = context.ask("data/freshness")
    sources: dict[str, list[Row]] = {}
    for row in rows:
        sources.setdefault(row["source"], []).append(row)
    columns = (
        Column("source", words.text("column.source"), "text", "title"),
        Column("streams", words.text("column.stale_streams"), "text", "detail"),
        Column("loaded", words.text("column.loaded_at"), "datetime"),
        Column("state", words.text("column.state"), "text"),
    )
    data = []
    for source, streams in sorted(sources.items()):
        late = [row["stream"] for row in streams if row["is_stale"]]
        moments = [row["last_loaded_at"] for row in streams if row["last_loaded_at"] is not None]
        state = words.text("stale.state") if late else words.text("stale.fresh")
        data.append((source, ", ".join(late) or None, max(moments, default=None), state))
    stale = [row[0] for row in data if row[1]]
    remark = Text(words.text("stale.some", sources=", ".join(stale)), "bad") if stale else Text(words.text("stale.none"))
    about = words.text("about.published", moment=form.moment(context.publication.published_at), version=context.published.version)
    return [remark, Table("freshness", "", columns, tuple(data), shown=20, note=about)]


FRESHNESS = Block("freshness", freshness, ("data/freshness",))

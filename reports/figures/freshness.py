"""How fresh the data is: one row per source, stale streams named. A mail only lists the sources that are late."""

from collections.abc import Sequence
from dataclasses import replace

from reports.blocks import Column, Content, Table, Text
from reports.compute import Block
from reports.context import Context
from reports.published import Row

# made by skvoz itself, such as the calendar: no source of the company
OWN = "skvoz"


def freshness(context: Context) -> Sequence[Content]:
    """Each source with its latest load; streams that are late are listed."""
    table = _sources(context, shown=20)
    stale = _late(table)
    words, form = context.words, context.form
    remark = Text(words.text("stale.some", sources=", ".join(stale)), "bad") if stale else Text(words.text("stale.none"))
    about = words.text("about.published", moment=form.moment(context.publication.published_at), version=context.published.version)
    return [remark, replace(table, note=about)]


def late_sources(context: Context) -> Sequence[Content]:
    """The sources that are late as a table; when none is, one sentence with the time of the last load. The workbook has them all."""
    table = _sources(context, shown=20)
    stale = _late(table)
    words = context.words
    if stale:
        return [Text(words.text("stale.some", sources=", ".join(stale)), "bad"), replace(table, shown=len(stale))]
    moments = [row[2] for row in table.rows if row[2] is not None]
    if not moments:
        return [replace(table, shown=0)]
    return [Text(words.text("stale.none_since", moment=context.form.moment(min(moments)))), replace(table, shown=0)]


def _late(table: Table) -> list[str]:
    return [row[0] for row in table.rows if row[1]]


def _sources(context: Context, shown: int) -> Table:
    """One row per source, late ones first."""
    words = context.words
    sources: dict[str, list[Row]] = {}
    for row in context.ask("data/freshness"):
        if row["source"] != OWN:
            sources.setdefault(row["source"], []).append(row)
    columns = (
        Column("source", words.text("column.source"), "text", "title"),
        Column("streams", words.text("column.stale_streams"), "text", "detail"),
        Column("loaded", words.text("column.loaded_at"), "datetime"),
        Column("state", words.text("column.state"), "text"),
    )
    data = []
    for source, streams in sorted(sources.items(), key=lambda item: words.source(item[0]).casefold()):
        late = [row["stream"] for row in streams if row["is_stale"]]
        moments = [row["last_loaded_at"] for row in streams if row["last_loaded_at"] is not None]
        state = words.text("stale.state") if late else words.text("stale.fresh")
        data.append((words.source(source), ", ".join(late) or None, max(moments, default=None), state))
    data.sort(key=lambda row: row[1] is None)
    return Table("freshness", "", columns, tuple(data), shown)


FRESHNESS = Block("freshness", freshness, ("data/freshness",), page="data")
LATE_SOURCES = Block("freshness", late_sources, ("data/freshness",), page="data")

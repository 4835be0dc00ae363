"""Blocks reckoned apart from each other: one that fails is shown as failed, the others stand."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from reports.access import Scope
from reports.blocks import Content, Section, Table, Text
from reports.context import Context
from reports.questions import load_question

logger = logging.getLogger(__name__)

# columns that say whose a row is
OWNERS = frozenset({"manager", "manager_name"})


@dataclass(frozen=True)
class Block:
    """A part of a report or page.

    Attributes:
        name: its key; the heading is the word `section.<name>`, what being empty means is `empty.<name>`.
        build: reckons what it shows.
        questions: every question it asks.
        streams: the streams its figures come from; a stale one is told beside them.
        optional: left out of the report when a table it needs is not published.
        page: the dashboard page that shows more, with what stands behind its question mark.
        needs: marts without a row of which, of whoever, being empty says nothing: the reader is told `missing.<mart>` instead.
        quiet: left out of the report when it has nothing to show.
    """

    name: str
    build: Callable[[Context], Sequence[Content]]
    questions: tuple[str, ...]
    streams: tuple[str, ...] = ()
    optional: bool = False
    page: str = ""
    needs: tuple[str, ...] = ()
    quiet: bool = False

    @property
    def tables(self) -> frozenset[str]:
        """The published tables that its questions read."""
        return frozenset[str]().union(*(load_question(question).tables for question in self.questions))


def compute(block: Block, context: Context) -> Section | None:
    """Reckons a block; None if it is optional and its tables are not published, or if it is quiet and has nothing to show.

    A failure of any kind stays inside the block: the reader gets a reason, the log the trace.
    """
    title = context.words.text(f"section.{block.name}")
    if block.optional and not context.published.has(block.tables):
        return None
    try:
        warnings = stale_warnings(block, context)
        late = frozenset(row["stream"] for row in context.published.query("data/freshness", {}, context.scope) if row["is_stale"])
        asking = context.declared(block.questions, stale=bool(warnings), late=late)
        contents = tuple(_seen_by(content, context.scope) for content in block.build(asking))
        if asking.cut:
            contents += (Text(context.words.text("note.first_rows", n=context.form.number(max(asking.cut)))),)
    except Exception as error:
        logger.exception("block %s of %s failed", block.name, context.published.version)
        return Section(block.name, title, "failed", reason=" ".join(str(error).split())[:300] or type(error).__name__, page=block.page)
    if all(content.is_empty for content in contents):
        if block.quiet:
            return None
        return Section(block.name, title, "empty", contents, empty_words(block, context), warnings, block.page)
    return Section(block.name, title, "ok", contents, "", warnings, block.page)


def empty_words(block: Block, context: Context) -> str:
    """What it means that a block has nothing to show: "nobody owes anything" is no answer where no order was ever loaded."""
    missing = next((mart for mart in block.needs if not context.published.holds(mart)), None)
    return context.words.text(f"empty.{block.name}" if missing is None else f"missing.{missing}")


def _seen_by(content: Content, scope: Scope) -> Content:
    """What one manager reads need not say on every row whose customer it is: that column is left to the workbook."""
    if scope.kind != "manager" or not isinstance(content, Table):
        return content
    columns = tuple(
        replace(column, place="workbook") if column.place == "detail" and column.name in OWNERS else column for column in content.columns
    )
    return replace(content, columns=columns)


def stale_warnings(block: Block, context: Context) -> tuple[str, ...]:
    """One sentence per source whose streams feed the block and are stale."""
    loaded: dict[str, datetime | None] = {}
    for row in context.published.query("data/freshness", {}, context.scope):
        if row["is_stale"] and row["stream"] in block.streams:
            moment = row["last_loaded_at"]
            known = loaded.get(row["source"])
            loaded[row["source"]] = moment if known is None or moment is None else min(known, moment)
    return tuple(
        context.words.text("stale.source", source=context.words.source(source), moment=context.form.moment(moment))
        for source, moment in sorted(loaded.items())
    )


def stale_sources(context: Context) -> list[str]:
    """The sources with a stream that is stale, as people call them."""
    rows = context.published.query("data/freshness", {}, context.scope)
    return sorted({context.words.source(row["source"]) for row in rows if row["is_stale"]})

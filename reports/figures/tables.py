"""Tables out of rows: columns name what they take, so that a block reads like the table's heading."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from reports.blocks import Column, Table
from reports.context import Context
from reports.figures.common import name_or
from reports.formatting import Kind

# The rows of one page's table leave the database; who needs more asks for an export.
PAGE_ROWS = 1000
# A report's table goes along whole, up to what a mailbox still takes.
EVERY_ROW = 5000

Place = Literal["title", "value", "detail", "workbook"]
# (column of the row, word of the heading, kind, place)
Heading = tuple[str, str, Kind, Place]

# What a row is about where it leads to the same page of one of them: its name, and the key that the filter takes.
MANAGER: Heading = ("manager_name", "column.manager", "text", "title")
MANAGER_KEY: Heading = ("manager_key", "column.manager_key", "text", "workbook")
CHANNEL: Heading = ("channel", "column.channel", "text", "title")
CHANNEL_KEY: Heading = ("channel_key", "column.channel_key", "text", "workbook")
CAMPAIGN_KEY: Heading = ("campaign_key", "column.campaign_key", "text", "workbook")


def headed(
    context: Context,
    name: str,
    headings: Iterable[Heading],
    rows: Iterable[Mapping[str, Any]],
    *,
    title: str = "",
    shown: int = 10,
    note: str = "",
) -> Table:
    """A table that takes each heading's column from the rows.

    Args:
        context: whose words.
        name: the table's key.
        headings: its columns, the first names the row.
        rows: rows by column.
        title: its heading, none if empty.
        shown: how many rows are seen at first.
        note: a sentence under it.
    """
    kept = tuple(headings)
    columns = tuple(Column(column, context.words.text(word), kind, place) for column, word, kind, place in kept)
    data = tuple(tuple(row[column] for column, *_ in kept) for row in rows)
    return Table(name, title, columns, data, shown, note)


def named(context: Context, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows with words where a customer, a manager, a channel or a pipeline is not known."""
    words = context.words
    found = []
    for row in rows:
        told = dict(row)
        for column, key in (("customer_name", "none.customer"), ("deal_name", "none.name"), ("pipeline_name", "none.pipeline")):
            if column in told:
                told[column] = name_or(context, told[column], key)
        if "manager_name" in told and "manager_key" in told:
            unknown = "none.manager" if told["manager_key"] is None else "none.name"
            told["manager_name"] = name_or(context, told["manager_name"], unknown)
        if "channel" in told:
            told["channel_key"] = told["channel"] or "none"
            told["channel"] = words.choice("channel", told["channel"])
        found.append(told)
    return found

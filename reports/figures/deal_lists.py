"""Lists of deals: whose each is, in what state, how old and how big."""

from collections.abc import Iterable, Mapping
from typing import Any

from reports.blocks import Table
from reports.context import Context
from reports.figures.tables import Heading, headed, named

CHANNEL_OF_DEAL: Heading = ("channel", "column.channel", "text", "workbook")
STAGE_OF_DEAL: Heading = ("stage_name", "column.stage", "text", "detail")


def deal_list(context: Context, name: str, rows: Iterable[Mapping[str, Any]], place: Heading, *, title: str = "", note: str = "") -> Table:
    """Deals in the order of the rows; the age is that at closing, of an open deal at the end of as_of.

    Args:
        context: whose words and zone.
        name: the table's key.
        rows: deals with their state, moments, amount, customer and manager.
        place: the heading for what the list is not narrowed by: the channel or the stage.
        title: its heading, none if empty.
        note: a sentence under it.
    """
    zone = context.form.zone
    told = [
        {
            **row,
            "age": (
                (row["closed_at"].astimezone(zone).date() if row["closed_at"] else context.as_of)
                - row["created_at"].astimezone(zone).date()
            ).days,
            "state": context.words.choice("deal_status", row["deal_status"]),
        }
        for row in named(context, rows)
    ]
    headings: tuple[Heading, ...] = (
        ("deal_name", "column.deal", "text", "title"),
        ("customer_name", "column.customer", "text", "detail"),
        ("manager_name", "column.manager", "text", "detail"),
        place,
        ("state", "column.state", "text", "value"),
        ("created_at", "column.created", "datetime", "value"),
        ("age", "column.age_days", "days", "value"),
        ("amount_base", "column.amount", "money", "value"),
        ("deal_key", "column.deal_key", "text", "workbook"),
        ("source_url", "column.link", "text", "workbook"),
    )
    return headed(context, name, headings, told, title=title, shown=20, note=note)

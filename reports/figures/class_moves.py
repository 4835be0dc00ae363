"""Movement between ABC classes: the full months of the marts' window now against as many that ended earlier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from reports.blocks import Content, Table, Text
from reports.compute import Block
from reports.context import Context
from reports.figures.common import change, name_or
from reports.figures.revenue import STREAMS
from reports.figures.tables import PAGE_ROWS, Heading, headed
from reports.formatting import Kind
from reports.periods import add_months

# How many months lie between the two windows' ends.
SINCE = (1, 3, 6, 12)
# "0" stands for no sale in that window.
CLASSES = ("A", "B", "C", "0")


@dataclass(frozen=True)
class Asked:
    """What the reader chose.

    Attributes:
        subject: customer or product.
        measure: revenue, gross_profit or quantity.
        shares: percent of A, and of A and B together.
        since: months between the windows' ends.
        move: the pair of classes whose items are listed, such as AB; empty for none.
    """

    subject: str = "customer"
    measure: str = "revenue"
    shares: tuple[int, int] = (80, 95)
    since: int = 3
    move: str = ""

    def values(self, context: Context) -> dict[str, Any]:
        """Parameters of the questions."""
        running = context.as_of.replace(day=1)
        window = context.publication.thresholds.abc_window_months
        first, before = add_months(running, -window), add_months(running, -window - self.since)
        return {
            "measure": self.measure,
            "share_a": self.shares[0] / 100,
            "share_b": self.shares[1] / 100,
            "move": self.move,
            "limit": PAGE_ROWS,
            "from_month": first,
            "to_month": add_months(running, -1),
            "before_from_month": before,
            "before_to_month": add_months(running, -1 - self.since),
            "from_date": first,
            "to_date": running - timedelta(days=1),
            "before_from_date": before,
            "before_to_date": add_months(running, -self.since) - timedelta(days=1),
        }


def moves_block(asked: Asked) -> Block:
    """How many moved from which class to which."""
    return Block("abc_moves", partial(moves, asked), (f"segments/{asked.subject}_moves",), STREAMS)


def moved_block(asked: Asked) -> Block:
    """The items of one move."""
    return Block("abc_moved", partial(moved, asked), (f"segments/{asked.subject}_moved",), STREAMS)


def moves(asked: Asked, context: Context) -> Sequence[Content]:
    """Every pair of classes that has items, and the two windows in words."""
    words, form = context.words, context.form
    asked_values = asked.values(context)
    rows = context.ask(f"segments/{asked.subject}_moves", asked_values)
    if not rows:
        return []
    headings: tuple[Heading, ...] = (
        ("move", "column.move", "text", "title"),
        ("items", "column.items", "integer", "value"),
        ("value_before", "column.value_before", _kind(asked), "value"),
        ("value", "column.value_now", _kind(asked), "value"),
    )
    told = [{**row, "move": f"{row['was']}{row['became']}"} for row in rows]
    windows = words.text(
        "define.abc_moves",
        first=form.day(asked_values["from_date"]),
        last=form.day(asked_values["to_date"]),
        before_first=form.day(asked_values["before_from_date"]),
        before_last=form.day(asked_values["before_to_date"]),
        a=asked.shares[0],
        b=asked.shares[1],
    )
    remark = () if context.scope.kind == "all" else (Text(words.text("note.own_classes")),)
    return [headed(context, "abc_moves", headings, told, shown=16), Text(windows), *remark]


def moved(asked: Asked, context: Context) -> Sequence[Content]:
    """The customers or goods of one move, the largest first."""
    rows = [
        {**row, "item_name": name_or(context, row["item_name"], "none.name"), "change": change(row["value"], row["value_before"])}
        for row in context.ask(f"segments/{asked.subject}_moved", asked.values(context))
    ]
    about: tuple[Heading, ...] = (("manager_name", "column.manager", "text", "detail"),)
    if asked.subject == "product":
        about = (("sku", "column.sku", "text", "detail"), ("category", "column.category", "text", "detail"))
    headings: tuple[Heading, ...] = (
        ("item_name", f"column.{asked.subject}", "text", "title"),
        *about,
        ("value_before", "column.value_before", _kind(asked), "value"),
        ("value", "column.value_now", _kind(asked), "value"),
        ("change", "column.change", "percent", "value"),
        ("item_key", "column.item_key", "text", "workbook"),
    )
    return [headed(context, f"moved_{asked.subject}s", headings, rows, shown=20)]


def _kind(asked: Asked) -> Kind:
    return "integer" if asked.measure == "quantity" else "money"


def moves_of(table: Table) -> dict[str, tuple[Any, ...]]:
    """(items, value before, value now) by pair of classes, out of the block's table."""
    return {str(row[0]): row[1:] for row in table.rows}

"""The matrix of ABC and XYZ: nine cells, the borders tried out, and the customers or goods of a cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from reports.blocks import Content, Table, Text
from reports.compute import Block
from reports.context import Context
from reports.figures.common import known_sum, name_or, share
from reports.figures.revenue import STREAMS
from reports.figures.tables import PAGE_ROWS, Heading, headed
from reports.formatting import Kind
from reports.thresholds import borders_in_words

SUBJECTS = ("customer", "product")
MEASURES = {"customer": ("revenue", "gross_profit"), "product": ("revenue", "gross_profit", "quantity")}
# Only goods lie in stock; their classes by revenue are known beside it.
STOCK = "segments/product_stock"
ABC = ("A", "B", "C")
XYZ = ("X", "Y", "Z", "N")


@dataclass(frozen=True)
class Asked:
    """What the reader chose.

    Attributes:
        subject: customer or product.
        measure: revenue, gross_profit or quantity.
        borders: percent of A, of A and B together, of variation for X, for X and Y together; None for the marts' own.
        segment: the cell whose items are listed, such as AX; empty for none.
    """

    subject: str = "customer"
    measure: str = "revenue"
    borders: tuple[int, int, int, int] | None = None
    segment: str = ""

    @property
    def tried(self) -> tuple[float, float, float, float] | None:
        """The borders as shares."""
        if self.borders is None:
            return None
        share_a, share_b, variation_x, variation_y = self.borders
        return share_a / 100, share_b / 100, variation_x / 100, variation_y / 100

    def values(self) -> dict[str, Any]:
        """Parameters of the questions."""
        names = ("share_a", "share_b", "variation_x", "variation_y")
        return {
            **dict(zip(names, self.tried or (0, 0, 0, 0), strict=True)),
            "tried": self.borders is not None,
            "measure": self.measure,
            "segment": self.segment,
            "limit": PAGE_ROWS,
        }


def cell_block(asked: Asked) -> Block:
    """The matrix of what was chosen."""
    questions = (f"segments/{asked.subject}_cells", *((STOCK,) if asked.subject == "product" else ()))
    return Block("abc_cells", partial(matrix, asked), questions, STREAMS)


def item_block(asked: Asked) -> Block:
    """The items of the chosen cell."""
    return Block("abc_items", partial(items, asked), (f"segments/{asked.subject}_items",), STREAMS)


def _kind(asked: Asked) -> Kind:
    return "integer" if asked.measure == "quantity" else "money"


def matrix(asked: Asked, context: Context) -> Sequence[Content]:
    """Cells with how many items they hold and their share of the measure."""
    words, form = context.words, context.form
    rows = context.ask(f"segments/{asked.subject}_cells", asked.values())
    if not rows:
        return []
    by_revenue = asked.subject == "product" and asked.measure == "revenue" and asked.borders is None
    has_stock = by_revenue and context.published.has(("stock_turnover",))
    stock = {f"{row['abc']}{row['xyz']}": row["stock_cost"] for row in (context.ask(STOCK) if has_stock else ())}
    whole = known_sum(row["value"] for row in rows if row["value"] and row["value"] > 0)
    told = [
        {
            **row,
            "cell": f"{row['abc']}{row['xyz']}",
            "share": share(row["value"], whole),
            "margin": share(row["gross_profit"], row["revenue"]),
            "stock_cost": stock.get(f"{row['abc']}{row['xyz']}"),
        }
        for row in rows
    ]
    headings: tuple[Heading, ...] = (
        ("cell", "column.segment", "text", "title"),
        ("items", "column.items", "integer", "value"),
        ("value", f"measure.{asked.measure}", _kind(asked), "value"),
        ("share", "column.share", "percent", "value"),
        ("margin", "column.margin", "percent", "value"),
        ("stock_cost", "column.stock_cost", "money", "value"),
    )
    window = words.text(
        "define.abc_xyz",
        first=form.day(rows[0]["window_start"]),
        last=form.day(max(row["window_end"] for row in rows)),
        measure=words.text(f"measure.{asked.measure}"),
        **(borders_in_words(asked.tried, form) if asked.tried else {}),
    )
    return [headed(context, "abc_cells", headings, told, shown=12), Text(window), Text(words.text("define.segment_n"))]


def items(asked: Asked, context: Context) -> Sequence[Content]:
    """Customers or goods of the chosen cell, the largest first."""
    rows = [
        {**row, "item_name": name_or(context, row["item_name"], "none.name")}
        for row in context.ask(f"segments/{asked.subject}_items", asked.values())
    ]
    about: tuple[Heading, ...] = (("manager_name", "column.manager", "text", "detail"),)
    if asked.subject == "product":
        about = (("sku", "column.sku", "text", "detail"), ("category", "column.category", "text", "detail"))
    headings: tuple[Heading, ...] = (
        ("item_name", f"column.{asked.subject}", "text", "title"),
        *about,
        ("value", f"measure.{asked.measure}", _kind(asked), "value"),
        ("value_share", "column.share", "percent", "value"),
        ("variation", "column.variation", "percent", "value"),
        ("item_key", "column.item_key", "text", "workbook"),
    )
    return [headed(context, f"abc_{asked.subject}s", headings, rows, shown=20)]


def cells_of(table: Table) -> dict[str, tuple[Any, ...]]:
    """(items, value, share, margin, cost of the stock) by cell, out of the matrix's table."""
    return {str(row[0]): row[1:] for row in table.rows}

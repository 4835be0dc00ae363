"""Customers: who buys less, who sleeps, whose tier shrinks, what is missing from the usual basket, how the base moves."""

from collections.abc import Sequence

from reports.blocks import Bar, Bars, Column, Content, Figure, Kpi, Table, Text
from reports.compute import Block
from reports.context import Context
from reports.figures.common import name_or
from reports.figures.revenue import STREAMS
from reports.figures.tables import EVERY_ROW
from reports.periods import add_months

MONTHS_OF_BASE = 6


def headline(context: Context) -> Sequence[Content]:
    """How many customers sleep and are lost, in one sentence."""
    found = {row["lifecycle"]: row for row in context.ask("customers/counts_by_lifecycle")}
    counts = {state: int(found[state]["customers"]) if state in found else 0 for state in ("active", "sleeping", "lost")}
    written = {state: context.form.number(count) for state, count in counts.items()}
    return [Text(context.words.text("headline.customers", **written))]


def falling(context: Context) -> Sequence[Content]:
    """Customers whose three-month turnover fell, by what was lost."""
    words = context.words
    columns = (
        Column("customer", words.text("column.customer"), "text", "title"),
        Column("manager", words.text("column.manager"), "text", "detail"),
        Column("days_since_last_sale", words.text("column.days_since_last_sale"), "days", "detail"),
        Column("previous", words.text("column.turnover_previous_3m"), "money", "workbook"),
        Column("turnover_3m", words.text("column.turnover_3m"), "money"),
        Column("change", words.text("column.change"), "percent"),
    )
    rows = tuple(
        (
            name_or(context, row["customer_name"], "none.customer"),
            row["manager_name"],
            row["days_since_last_sale"],
            row["turnover_previous_3m"],
            row["turnover_3m"],
            row["turnover_change"],
        )
        for row in context.ask("customers/falling", {"limit": EVERY_ROW})
    )
    return [Table("customers_falling", "", columns, rows, shown=12, note=words.text("define.turnover_3m"))]


def leaving_window(context: Context) -> Sequence[Content]:
    """Customers who will drop below their tier, by the turnover that leaves the window next month."""
    words = context.words
    columns = (
        Column("customer", words.text("column.customer"), "text", "title"),
        Column("manager", words.text("column.manager"), "text", "detail"),
        Column("tier", words.text("column.tier"), "text", "detail"),
        Column("turnover_3m", words.text("column.turnover_3m"), "money"),
        Column("leaving", words.text("column.leaving_next_month"), "money"),
    )
    rows = tuple(
        (
            name_or(context, row["customer_name"], "none.customer"),
            row["manager_name"],
            f"{row['tier_name']} → {name_or(context, row['tier_name_next_month'], 'none.tier')}",
            row["turnover_3m"],
            row["leaving_next_month"],
        )
        for row in context.ask("customers/leaving_window", {"limit": EVERY_ROW})
    )
    return [Table("customers_leaving_window", "", columns, rows, shown=10, note=words.text("define.leaving_next_month"))]


def sleeping(context: Context) -> Sequence[Content]:
    """Customers who have stopped buying, the most valuable first."""
    words = context.words
    columns = (
        Column("customer", words.text("column.customer"), "text", "title"),
        Column("manager", words.text("column.manager"), "text", "detail"),
        Column("phone", words.text("column.phone"), "text", "workbook"),
        Column("last_sale_date", words.text("column.last_sale_date"), "date"),
        Column("revenue", words.text("column.revenue_ever"), "money"),
    )
    rows = tuple(
        (
            name_or(context, row["customer_name"], "none.customer"),
            row["manager_name"],
            row["phone"],
            row["last_sale_date"],
            row["revenue_base"],
        )
        for row in context.ask("customers/by_lifecycle", {"lifecycle": "sleeping", "limit": EVERY_ROW})
    )
    return [Table("customers_sleeping", "", columns, rows, shown=10, note=words.text("define.sleeping"))]


def basket_gaps(context: Context) -> Sequence[Content]:
    """Usual goods that were not bought in time."""
    words = context.words
    columns = (
        Column("customer", words.text("column.customer"), "text", "title"),
        Column("product", words.text("column.product"), "text", "detail"),
        Column("manager", words.text("column.manager"), "text", "detail"),
        Column("days_overdue", words.text("column.days_late"), "days"),
        Column("expected_revenue", words.text("column.expected_revenue"), "money"),
    )
    rows = tuple(
        (
            name_or(context, row["customer_name"], "none.customer"),
            row["product_name"],
            row["manager_name"],
            row["days_overdue"],
            row["expected_revenue"],
        )
        for row in context.ask("customers/basket_gaps", {"limit": EVERY_ROW})
    )
    return [Table("basket_gaps", "", columns, rows, shown=10, note=words.text("define.basket_gaps"))]


def segments(context: Context) -> Sequence[Content]:
    """The ABC/XYZ matrix of customers as a table, its window and borders told."""
    words, form = context.words, context.form
    found = context.ask("customers/segments")
    columns = (
        Column("segment", words.text("column.segment"), "text", "title"),
        Column("customers", words.text("column.customers"), "integer"),
        Column("revenue", words.text("column.revenue"), "money"),
    )
    rows = tuple((f"{row['abc_class']}{row['xyz_class']}", row["customers"], row["revenue"]) for row in found)
    contents: list[Content] = [Table("customer_segments", "", columns, rows, shown=12)]
    if found:
        window = {"first": form.day(found[0]["window_start"]), "last": form.day(found[0]["window_end"])}
        contents.append(Text(words.text("define.abc_xyz", measure=words.text("measure.revenue"), **window)))
    return contents


def base(context: Context) -> Sequence[Content]:
    """The customer base of the last months: who came, stayed, returned and went."""
    words, form = context.words, context.form
    last = context.month.start
    rows = context.ask("customers/base", {"from_month": add_months(last, 1 - MONTHS_OF_BASE), "to_month": last})
    if not rows:
        return []
    now = rows[-1]
    names = ("customers_active", "customers_new", "customers_returning", "customers_reactivated")
    figures = tuple(Figure(name, words.text(f"figure.{name}"), "integer", now[name], words.text(f"define.{name}")) for name in names)
    bars = tuple(
        Bar(form.month(row["month"]), row["customers_active"], words.text("note.new_customers", n=form.number(row["customers_new"])))
        for row in rows
    )
    return [Kpi(figures), Bars("customers_active_months", words.text("title.customers_active"), "integer", bars)]


NEEDS = ("fct_sales",)
HEADLINE = Block("headline", headline, ("customers/counts_by_lifecycle",), STREAMS)
FALLING = Block("customers_falling", falling, ("customers/falling",), STREAMS, page="customers?list=falling", needs=NEEDS)
LEAVING_WINDOW = Block(
    "customers_leaving_window", leaving_window, ("customers/leaving_window",), STREAMS, page="customers?list=leaving", needs=NEEDS
)
SLEEPING = Block("customers_sleeping", sleeping, ("customers/by_lifecycle",), STREAMS, page="customers?list=sleeping", needs=NEEDS)
BASKET_GAPS = Block("basket_gaps", basket_gaps, ("customers/basket_gaps",), STREAMS, optional=True, needs=NEEDS)
SEGMENTS = Block("customer_segments", segments, ("customers/segments",), STREAMS, page="abc_xyz")
BASE = Block("customer_base", base, ("customers/base",), STREAMS, optional=True, page="customers")

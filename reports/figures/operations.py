"""What needs doing: payments due in and out, and goods that have run out."""

from collections.abc import Sequence
from datetime import timedelta

from reports.blocks import Column, Content, Figure, Kpi, Table, Text
from reports.compute import Block
from reports.context import Context
from reports.figures import calls
from reports.figures.common import known_sum, name_or, whole_of
from reports.figures.receivables import STREAMS as MONEY_STREAMS
from reports.figures.tables import EVERY_ROW
from reports.published import Row
from reports.questions import load_question

DAYS_AHEAD = 7


def payments_due(context: Context) -> Sequence[Content]:
    """What customers must pay within a week."""
    words = context.words
    columns = (
        Column("customer", words.text("column.customer"), "text", "title"),
        Column("manager", words.text("column.manager"), "text", "detail"),
        Column("due_date", words.text("column.due_date"), "date"),
        Column("debt", words.text("column.debt"), "money"),
    )
    found = _due(context)
    rows = tuple(
        (name_or(context, row["customer_name"], "none.customer"), row["manager_name"], row["due_date"], row["debt"]) for row in found
    )
    total = Figure(
        "payments_due",
        words.text("figure.payments_due"),
        "money",
        whole_of(found, "debt_all"),
        words.text("define.payments_due"),
    )
    return [Kpi((total,)), Table("payments_due", "", columns, rows, shown=10)]


def payables_due(context: Context) -> Sequence[Content]:
    """What must be paid to suppliers within a week, late ones first."""
    words = context.words
    columns = (
        Column("supplier", words.text("column.supplier"), "text", "title"),
        Column("overdue_days", words.text("column.overdue_days"), "days", "detail"),
        Column("due_date", words.text("column.due_date"), "date"),
        Column("debt", words.text("column.debt"), "money"),
    )
    found = context.ask("operations/payables_due", {"to_date": context.as_of + timedelta(days=DAYS_AHEAD), "limit": EVERY_ROW})
    rows = tuple(
        (name_or(context, row["supplier_name"], "none.name"), row["overdue_days"] or None, row["due_date"], row["debt"]) for row in found
    )
    total = Figure(
        "payables_due",
        words.text("figure.payables_due"),
        "money",
        whole_of(found, "debt_all"),
        words.text("define.payables_due"),
    )
    return [Kpi((total,)), Table("payables_due", "", columns, rows, shown=10)]


def stock_outs(context: Context) -> Sequence[Content]:
    """Goods of class A and B that have run out."""
    words = context.words
    columns = (
        Column("product", words.text("column.product"), "text", "title"),
        Column("sku", words.text("column.sku"), "text", "detail"),
        Column("abc_class", words.text("column.abc_class"), "text"),
        Column("quantity", words.text("column.quantity"), "number"),
    )
    rows = tuple(
        (name_or(context, row["product_name"], "none.name"), row["sku"], row["abc_class"], row["quantity"] or 0)
        for row in context.ask("operations/stock_outs", {"limit": EVERY_ROW})
    )
    return [Table("stock_outs", "", columns, rows, shown=10)]


def headline(context: Context) -> Sequence[Content]:
    """The day in three sentences: calls to return, deals left alone, money that falls due."""
    words, form = context.words, context.form
    sentences = [content.text for content in calls.headline(context) if isinstance(content, Text)]
    if context.published.has(load_question("managers/workload").tables):
        rows = context.ask("managers/workload", {"from_date": context.period.start, "to_date": context.period.end})
        deals, tasks = (known_sum(row[name] for row in rows) or 0 for name in ("deals_without_task", "tasks_overdue"))
        if deals or tasks:
            sentences.append(words.text("headline.without_task", deals=form.number(deals), tasks=form.number(tasks)))
    due = whole_of(_due(context), "debt_all")
    if due:
        sentences.append(words.text("headline.due", amount=form.money(due)))
    return [Text(" ".join(sentences))]


def _due(context: Context) -> list[Row]:
    until = context.as_of + timedelta(days=DAYS_AHEAD)
    return context.ask("operations/receivables_due", {"from_date": context.as_of, "to_date": until, "limit": EVERY_ROW})


HEADLINE = Block(
    "headline", headline, ("calls/totals", "managers/workload", "operations/receivables_due"), (*calls.STREAMS, *MONEY_STREAMS)
)
PAYMENTS_DUE = Block(
    "payments_due", payments_due, ("operations/receivables_due",), MONEY_STREAMS, page="receivables", needs=("fct_orders",)
)
PAYABLES_DUE = Block("payables_due", payables_due, ("operations/payables_due",), MONEY_STREAMS, optional=True, needs=("payables",))
STOCK_OUTS = Block("stock_outs", stock_outs, ("operations/stock_outs",), ("stock_balance",), optional=True, needs=("fct_stock",))

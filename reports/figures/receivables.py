"""What customers owe, how long it is overdue, and who owes most."""

from collections.abc import Sequence

from reports.blocks import Bar, Bars, Column, Content, Figure, Kpi, Table, Text
from reports.compute import Block, empty_words
from reports.context import Context
from reports.figures.common import name_or, share
from reports.figures.tables import EVERY_ROW

STREAMS = ("orders", "shipments", "bank_receipts", "receivables_balance")
NEEDS = ("fct_orders",)
BUCKETS = ("not_due", "1-30", "31-60", "61-90", "90+")


def debts(context: Context) -> Sequence[Content]:
    """Totals, age of the debts as bars, and the biggest debtors."""
    words, form = context.words, context.form
    totals = context.one("receivables/totals")
    if totals["debt"] is None:
        return []
    overdue = share(totals["overdue"], totals["debt"])
    figures = (
        Figure(
            "debt",
            words.text("figure.debt"),
            "money",
            totals["debt"],
            words.text("define.debt"),
            note=words.count("plural.customers", int(totals["customers"]), form.number(totals["customers"])),
        ),
        Figure(
            "debt_overdue",
            words.text("figure.debt_overdue"),
            "money",
            totals["overdue"],
            words.text("define.debt_overdue"),
            note="" if overdue is None else words.text("note.of_debt", share=form.percent(overdue)),
            tone="warning" if totals["overdue"] else "plain",
        ),
        Figure(
            "advances",
            words.text("figure.advances"),
            "money",
            context.one("receivables/advances")["advance"],
            words.text("define.advances"),
        ),
    )
    return [Kpi(figures), age_of_debts(context), debtors(context, shown=7)]


def age_of_debts(context: Context) -> Bars:
    """Debts by how long they are overdue, from not due to the oldest."""
    words, form = context.words, context.form
    found = {row["bucket"]: row for row in context.ask("receivables/by_bucket")}
    total = sum(row["debt"] for row in found.values())
    bars = tuple(
        Bar(
            words.text(f"bucket.{bucket}"),
            found[bucket]["debt"],
            form.percent(share(found[bucket]["debt"], total)),
            "bad" if bucket in ("61-90", "90+") else ("warning" if bucket != "not_due" else "plain"),
        )
        for bucket in BUCKETS
        if bucket in found
    )
    return Bars("debt_age", words.text("title.debt_age"), "money", bars)


def debtors(context: Context, shown: int) -> Table:
    """Customers by debt, the biggest first."""
    words = context.words
    columns = (
        Column("customer", words.text("column.customer"), "text", "title"),
        Column("manager", words.text("column.manager"), "text", "detail"),
        Column("overdue_days", words.text("column.overdue_days"), "days", "detail"),
        Column("debt", words.text("column.debt"), "money"),
        Column("overdue", words.text("column.overdue"), "money"),
    )
    rows = tuple(
        (
            name_or(context, row["customer_name"], "none.customer"),
            row["manager_name"],
            row["overdue_days"] or None,
            row["debt"],
            row["overdue"],
        )
        for row in context.ask("receivables/by_customer", {"limit": EVERY_ROW})
    )
    return Table("debtors", words.text("title.debtors"), columns, rows, shown)


def headline(context: Context) -> Sequence[Content]:
    """Debts in one sentence."""
    words, form = context.words, context.form
    totals = context.one("receivables/totals")
    if totals["debt"] is None:
        return [Text(empty_words(RECEIVABLES, context))]
    return [Text(words.text("headline.debts", debt=form.money(totals["debt"]), overdue=form.money(totals["overdue"])))]


def debts_by_manager(context: Context) -> Sequence[Content]:
    """Debts by the manager who answers for the customer."""
    words, form = context.words, context.form
    columns = (
        Column("manager", words.text("column.manager"), "text", "title"),
        Column("customers", words.text("column.customers"), "integer", "detail"),
        Column("debt", words.text("column.debt"), "money"),
        Column("overdue", words.text("column.overdue"), "money"),
        Column("overdue_share", words.text("column.overdue_share"), "percent"),
        Column("manager_key", words.text("column.manager_key"), "text", "workbook"),
    )
    rows = tuple(
        (
            words.text("none.manager") if row["manager_key"] is None else name_or(context, row["manager_name"], "none.name"),
            row["customers"],
            row["debt"],
            row["overdue"],
            share(row["overdue"], row["debt"]),
            row["manager_key"],
        )
        for row in context.ask("receivables/by_manager")
    )
    return [Table("debts_by_manager", "", columns, rows, shown=15, note=words.text("note.as_of", day=form.day(context.as_of)))]


HEADLINE = Block("headline", headline, ("receivables/totals",), STREAMS)
DEBTS_BY_MANAGER = Block("debts_by_manager", debts_by_manager, ("receivables/by_manager",), STREAMS, page="receivables", needs=NEEDS)
RECEIVABLES = Block(
    "receivables",
    debts,
    ("receivables/totals", "receivables/advances", "receivables/by_bucket", "receivables/by_customer"),
    STREAMS,
    page="receivables",
    needs=NEEDS,
)

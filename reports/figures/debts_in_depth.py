"""What customers owe, in depth: by age, by customer, order by order, and advances; of one manager's customers or all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from reports.blocks import Bar, Bars, Content, Figure, Kpi
from reports.compute import Block
from reports.context import Context
from reports.figures.common import known_sum, name_or, share, whole_of
from reports.figures.receivables import BUCKETS, NEEDS, STREAMS
from reports.figures.tables import PAGE_ROWS, Heading, headed, named

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
# Days overdue, both ends included, by bucket of the mart.
DAYS_LATE = {"not_due": (None, 0), "1-30": (1, 30), "31-60": (31, 60), "61-90": (61, 90), "90+": (91, None)}


@dataclass(frozen=True)
class Asked:
    """What the reader chose: a manager_key and a bucket of age, empty for all."""

    manager: str = ""
    bucket: str = ""

    def values(self, context: Context) -> dict[str, Any]:
        """Parameters of the questions; the bucket as days between which an order is due."""
        least, most = DAYS_LATE.get(self.bucket, (None, None))
        due_from = FIRST_DAY if most is None else context.as_of - timedelta(days=most)
        due_to = LAST_DAY if least is None else context.as_of - timedelta(days=least)
        if self.bucket == "not_due":
            due_from, due_to = context.as_of, LAST_DAY
        return {"manager": self.manager, "due_from": due_from, "due_to": due_to, "as_of": context.as_of, "limit": PAGE_ROWS}


def debt_blocks(asked: Asked) -> tuple[Block, ...]:
    """The page's blocks for what was chosen."""

    def block(name: str, build: Callable[[Asked, Context], Sequence[Content]], *questions: str) -> Block:
        return Block(name, partial(build, asked), questions, STREAMS, needs=NEEDS)

    return (
        block("debts_now", now, "receivables/buckets", "receivables/advances_by_customer"),
        block("debts_customers", customers, "receivables/customers"),
        block("debts_orders", orders, "receivables/orders"),
        block("debts_advances", advances, "receivables/advances_by_customer"),
    )


def now(asked: Asked, context: Context) -> Sequence[Content]:
    """The debt, its overdue part, advances, and the debt by age."""
    words, form = context.words, context.form
    found = {row["bucket"]: row for row in context.ask("receivables/buckets", asked.values(context))}
    if not found:
        return []
    whole = known_sum(row["debt"] for row in found.values())
    overdue = known_sum(row["debt"] for bucket, row in found.items() if bucket != "not_due")
    part = share(overdue, whole)
    largest = context.ask("receivables/advances_by_customer", {**asked.values(context), "limit": 1})
    advance = whole_of(largest, "advance_all")
    figures = (
        Figure("debts_debt", words.text("figure.debt"), "money", whole, words.text("define.debt")),
        Figure(
            "debts_overdue",
            words.text("figure.debt_overdue"),
            "money",
            overdue,
            words.text("define.debt_overdue"),
            note="" if part is None else words.text("note.of_debt", share=form.percent(part)),
            tone="warning",
        ),
        Figure("debts_advance", words.text("figure.advances"), "money", advance, words.text("define.advances")),
    )
    bars = tuple(
        Bar(
            words.text(f"bucket.{bucket}"),
            found[bucket]["debt"],
            form.percent(share(found[bucket]["debt"], whole)),
            "bad" if bucket in ("61-90", "90+") else ("warning" if bucket != "not_due" else "plain"),
        )
        for bucket in BUCKETS
        if bucket in found
    )
    return [Kpi(figures), Bars("debts_age", words.text("title.debt_age"), "money", bars)]


def customers(asked: Asked, context: Context) -> Sequence[Content]:
    """Debtors, the most overdue first."""
    headings: tuple[Heading, ...] = (
        ("customer_name", "column.customer", "text", "title"),
        ("manager_name", "column.manager", "text", "detail"),
        ("phone", "column.phone", "text", "detail"),
        ("debt", "column.debt", "money", "value"),
        ("overdue", "column.overdue", "money", "value"),
        ("overdue_days", "column.overdue_days", "days", "value"),
        ("customer_key", "column.customer_key", "text", "workbook"),
    )
    rows = named(context, context.ask("receivables/customers", asked.values(context)))
    return [headed(context, "debts_customers", headings, rows, shown=12)]


def orders(asked: Asked, context: Context) -> Sequence[Content]:
    """Orders with a debt, of the chosen age, each with its link into the accounting system."""
    rows = [
        {
            **row,
            "order_number": name_or(context, row["order_number"], "none.order"),
            "overdue_days": max((context.as_of - row["due_date"]).days, 0) if row["due_date"] else None,
        }
        for row in named(context, context.ask("receivables/orders", asked.values(context)))
    ]
    headings: tuple[Heading, ...] = (
        ("order_number", "column.order", "text", "title"),
        ("customer_name", "column.customer", "text", "detail"),
        ("manager_name", "column.manager", "text", "detail"),
        ("debt_base", "column.debt", "money", "value"),
        ("due_date", "column.due_date", "date", "value"),
        ("overdue_days", "column.overdue_days", "days", "value"),
        ("order_date", "column.date", "date", "workbook"),
        ("amount_base", "column.amount", "money", "workbook"),
        ("source_url", "column.link", "text", "workbook"),
    )
    return [headed(context, "debts_orders", headings, rows, shown=12)]


def advances(asked: Asked, context: Context) -> Sequence[Content]:
    """Customers whose money lies with the company."""
    headings: tuple[Heading, ...] = (
        ("customer_name", "column.customer", "text", "title"),
        ("manager_name", "column.manager", "text", "detail"),
        ("advance", "column.advance", "money", "value"),
        ("customer_key", "column.customer_key", "text", "workbook"),
    )
    rows = named(context, context.ask("receivables/advances_by_customer", asked.values(context)))
    return [headed(context, "debts_advances", headings, rows, shown=6, note=context.words.text("define.advances"))]

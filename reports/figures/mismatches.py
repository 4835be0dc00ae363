"""The reconciliation as a mail tells it, money first: what is at stake, by check, by manager, the biggest issues, months that changed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from reports.blocks import Column, Content, Figure, Kpi, Table, Text
from reports.compute import Block, empty_words
from reports.context import Context
from reports.figures.common import known_sum, name_or
from reports.figures.disagreements import NEEDS, SEVERITIES
from reports.figures.tables import EVERY_ROW, Heading, headed, named
from reports.published import Row
from reports.retold import retold

STREAMS = ("orders", "shipments", "bank_receipts", "deals", "leads")
# metrics of marts.restatements that count things; the others are money
COUNTED = frozenset({"sales_count", "deals_won", "new_customers"})
RESTATED_DAYS = 7


def headline(context: Context) -> Sequence[Content]:
    """How many issues, for what money, how many of them grave."""
    words, form = context.words, context.form
    rows = context.ask("reconciliation/checks")
    if not rows:
        return [Text(empty_words(MISMATCHES, context))]
    count, amount = _total(rows)
    high, at_stake = _total([row for row in rows if row["severity"] == "high"])
    sentences = [words.text("headline.mismatches", issues=form.number(count), amount=form.money(amount))]
    if high:
        sentences.append(words.text("headline.mismatches_high", issues=form.number(high), amount=form.money(at_stake)))
    return [Text(" ".join(sentences))]


def totals(context: Context) -> Sequence[Content]:
    """Issues and money in all, the grave ones, those of the period's own records; then every check, the most money first."""
    words, form = context.words, context.form
    rows = context.ask("reconciliation/checks")
    if not rows:
        return []
    period = context.period
    fresh = [row for row in _issues(context) if row["occurred_date"] is not None and period.start <= row["occurred_date"] <= period.end]
    count, amount = _total(rows)
    high, at_stake = _total([row for row in rows if row["severity"] == "high"])
    new = known_sum(abs(row["amount"]) for row in fresh if row["amount"] is not None)
    figures = (
        Figure("mismatches_amount", words.text("figure.mismatches_amount"), "money", amount, words.text("define.mismatches_amount")),
        Figure("mismatches", words.text("figure.mismatches"), "integer", count),
        Figure(
            "mismatches_high",
            words.text("figure.mismatches_high"),
            "integer",
            high,
            words.text("define.severity"),
            note=words.text("note.for_amount", amount=form.money(at_stake)) if high else "",
            tone="bad" if high else "plain",
        ),
        Figure(
            "mismatches_new",
            words.text(f"figure.mismatches_{period.kind}"),
            "integer",
            len(fresh),
            words.text("define.mismatches_new"),
            note=words.text("note.for_amount", amount=form.money(new)) if new else "",
        ),
    )
    return [Kpi(figures), _by_check(context, rows)]


def _total(rows: Sequence[Row]) -> tuple[int, Any]:
    return sum(row["issues"] for row in rows), known_sum(row["amount"] for row in rows)


def _by_check(context: Context, rows: Sequence[Row]) -> Table:
    words = context.words
    columns = (
        Column("check", words.text("column.check"), "text", "title"),
        *(Column(severity, words.text(f"severity.{severity}"), "integer", "detail") for severity in SEVERITIES),
        Column("issues", words.text("column.issues"), "integer"),
        Column("amount", words.text("column.amount"), "money"),
    )
    data = []
    for name in dict.fromkeys(row["check_name"] for row in rows):
        own = [row for row in rows if row["check_name"] == name]
        counts = (sum(row["issues"] for row in own if row["severity"] == severity) or None for severity in SEVERITIES)
        data.append((words.choice("check", name), *counts, *_total(own)))
    data.sort(key=lambda row: (-float(row[-1] or 0), -row[-2], row[0]))
    return Table("mismatches", "", columns, tuple(data), shown=20)


def _issues(context: Context) -> list[Row]:
    return context.ask("reconciliation/issues", {"check": "", "severity": "", "limit": EVERY_ROW})


def largest(context: Context) -> Sequence[Content]:
    """The gravest issues, the most money first, each with what is wrong; all in the workbook with the way to both systems."""
    words, form = context.words, context.form
    rows = named(context, _issues(context))
    deals = context.ask("reconciliation/deal_links", {"deals": [row["deal_key"] for row in rows if row["deal_key"]]})
    orders = context.ask("reconciliation/order_links", {"orders": [row["order_key"] for row in rows if row["order_key"]]})
    deal_url = {row["deal_key"]: row["source_url"] for row in deals}
    order_url = {row["order_key"]: row["source_url"] for row in orders}
    columns = (
        Column("check", words.text("column.check"), "text", "title"),
        Column("customer", words.text("column.customer"), "text", "detail"),
        Column("manager_name", words.text("column.manager"), "text", "detail"),
        Column("details", words.text("column.details"), "text", "detail", longest=240),
        Column("severity", words.text("column.severity"), "text", "workbook"),
        Column("occurred_date", words.text("column.date"), "date", "workbook"),
        Column("amount", words.text("column.amount"), "money"),
        Column("deal_url", words.text("column.deal"), "text", "workbook"),
        Column("order_url", words.text("column.order"), "text", "workbook"),
    )
    data = tuple(
        (
            words.choice("check", row["check_name"]),
            row["customer_name"] if row["customer_key"] else None,
            row["manager_name"],
            form.prose(retold(words, row["details"])),
            words.choice("gravity", row["severity"]),
            row["occurred_date"],
            row["amount"],
            deal_url.get(row["deal_key"]),
            order_url.get(row["order_key"]),
        )
        for row in rows
    )
    return [Table("mismatches_largest", "", columns, data, shown=12)]


def by_manager(context: Context) -> Sequence[Content]:
    """Whose customers and documents the issues are about."""
    columns: tuple[Heading, ...] = (
        ("manager_name", "column.manager", "text", "title"),
        ("issues_high", "severity.high", "integer", "detail"),
        ("issues", "column.issues", "integer", "value"),
        ("amount", "column.amount", "money", "value"),
    )
    rows = [
        {**row, "manager_name": name_or(context, row["manager_name"], "none.manager" if row["manager_key"] is None else "none.name")}
        for row in context.ask("reconciliation/by_manager")
    ]
    return [headed(context, "mismatches_by_manager", columns, rows, shown=15)]


def restated(context: Context) -> Sequence[Content]:
    """Figures of past months that publications of the last days changed."""
    words, form = context.words, context.form
    since = context.publication.published_at - timedelta(days=RESTATED_DAYS)
    rows = context.ask("reconciliation/restatements", {"from_instant": since})
    columns = (
        Column("metric", words.text("column.metric"), "text", "title"),
        Column("month", words.text("column.month"), "text", "detail"),
        Column("was_shown", words.text("column.was"), "text"),
        Column("now_shown", words.text("column.now"), "text"),
        Column("was", words.text("column.was"), "number", "workbook"),
        Column("now", words.text("column.now"), "number", "workbook"),
    )

    def written(row: Row, column: str) -> str:
        return form.value("integer" if row["metric"] in COUNTED else "money", row[column])

    data = tuple(
        (words.choice("metric", row["metric"]), form.month(row["month"]), written(row, "was"), written(row, "now"), row["was"], row["now"])
        for row in rows
    )
    return [Table("restatements", "", columns, data, shown=10, note=words.text("define.restatements"))]


_LINKS = ("reconciliation/issues", "reconciliation/deal_links", "reconciliation/order_links")
HEADLINE = Block("headline", headline, ("reconciliation/checks",), STREAMS, optional=True)
MISMATCHES = Block(
    "mismatches",
    totals,
    ("reconciliation/checks", "reconciliation/issues"),
    STREAMS,
    optional=True,
    page="reconciliation",
    needs=NEEDS,
)
LARGEST = Block("mismatches_largest", largest, _LINKS, STREAMS, optional=True, page="reconciliation", needs=NEEDS)
BY_MANAGER = Block(
    "mismatches_by_manager", by_manager, ("reconciliation/by_manager",), STREAMS, optional=True, page="reconciliation", needs=NEEDS
)
RESTATED = Block("restatements", restated, ("reconciliation/restatements",), optional=True)

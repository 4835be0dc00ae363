"""Where 1C and the CRM disagree: by check, and issue by issue with the way to both systems."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from reports.blocks import Content, Figure, Kpi
from reports.compute import Block
from reports.context import Context
from reports.figures.common import known_sum
from reports.figures.tables import Heading, headed, named
from reports.published import Row
from reports.retold import retold

# where one of the two sides is not there, nothing was compared
NEEDS = ("fct_orders", "fct_deals")
SEVERITIES = ("high", "medium", "low")
ISSUES_SHOWN = 500


@dataclass(frozen=True)
class Asked:
    """What the reader chose: a check and a severity, empty for all."""

    check: str = ""
    severity: str = ""


def disagreement_blocks(asked: Asked) -> tuple[Block, ...]:
    """The page's blocks for what was chosen; none of them where the mart is not published."""
    issue_questions = (
        "reconciliation/issues",
        "reconciliation/deal_links",
        "reconciliation/order_links",
        "reconciliation/customer_links",
    )
    return (
        Block("disagreements", checks, ("reconciliation/checks",), optional=True, needs=NEEDS),
        Block("disagreement_issues", partial(issues, asked), issue_questions, optional=True),
    )


def checks(context: Context) -> Sequence[Content]:
    """How many issues of each severity, and what every check found."""
    words = context.words
    rows = context.ask("reconciliation/checks")
    figures = tuple(
        Figure(
            f"issues_{severity}",
            words.text(f"severity.{severity}"),
            "integer",
            known_sum(row["issues"] for row in rows if row["severity"] == severity) or 0,
            words.text("define.severity"),
            tone="bad" if severity == "high" else "plain",
        )
        for severity in SEVERITIES
    )
    names = dict.fromkeys(row["check_name"] for row in sorted(rows, key=lambda row: (SEVERITIES.index(row["severity"]), -row["issues"])))
    found = [
        {
            "check": words.choice("check", name),
            "issues": sum(row["issues"] for row in rows if row["check_name"] == name),
            "amount": known_sum(row["amount"] for row in rows if row["check_name"] == name),
            "check_name": name,
        }
        for name in names
    ]
    headings: tuple[Heading, ...] = (
        ("check", "column.check", "text", "title"),
        ("issues", "column.issues", "integer", "value"),
        ("amount", "column.amount", "money", "value"),
        ("check_name", "column.check_key", "text", "workbook"),
    )
    return [Kpi(figures), headed(context, "disagreements", headings, found, shown=20)] if rows else []


def issues(asked: Asked, context: Context) -> Sequence[Content]:
    """Single issues, money first."""
    words = context.words
    rows = named(context, context.ask("reconciliation/issues", {"check": asked.check, "severity": asked.severity, "limit": ISSUES_SHOWN}))
    deals = context.ask("reconciliation/deal_links", {"deals": [row["deal_key"] for row in rows if row["deal_key"]]})
    orders = context.ask("reconciliation/order_links", {"orders": [row["order_key"] for row in rows if row["order_key"]]})
    customers = context.ask("reconciliation/customer_links", {"customers": [row["customer_key"] for row in rows if row["customer_key"]]})
    cards = _cards_of(customers)
    deal_url = {row["deal_key"]: row["source_url"] for row in deals}
    order_url = {row["order_key"]: row["source_url"] for row in orders}
    told = [
        {
            **row,
            "check": words.choice("check", row["check_name"]),
            "details": context.form.prose(retold(words, row["details"])),
            "severity_name": words.choice("gravity", row["severity"]),
            "deal_url": deal_url.get(row["deal_key"]),
            "order_url": order_url.get(row["order_key"]),
            "books_url": cards.get((row["customer_key"], "books")),
            "crm_url": cards.get((row["customer_key"], "crm")),
        }
        for row in rows
    ]
    headings: tuple[Heading, ...] = (
        ("customer_name", "column.customer", "text", "title"),
        ("check", "column.check", "text", "detail"),
        ("manager_name", "column.manager", "text", "detail"),
        ("details", "column.details", "text", "value"),
        ("severity_name", "column.severity", "text", "value"),
        ("occurred_date", "column.date", "date", "value"),
        ("amount", "column.amount", "money", "value"),
        ("customer_key", "column.customer_key", "text", "workbook"),
        ("deal_key", "column.deal_key", "text", "workbook"),
        ("deal_url", "column.deal", "text", "workbook"),
        ("order_url", "column.order", "text", "workbook"),
        ("books_url", "link.books_card", "text", "workbook"),
        ("crm_url", "link.crm_card", "text", "workbook"),
    )
    return [headed(context, "disagreement_issues", headings, told, shown=15)]


def _cards_of(links: Sequence[Row]) -> dict[tuple[str, str], str]:
    """The address of a customer's card in the books and in the CRM, by (customer_key, which): its first of each."""
    found: dict[tuple[str, str], str] = {}
    for row in links:
        # cards of 1C are its catalogue's items, everything else is a CRM's
        which = "books" if "e1cib/" in (row["source_url"] or "") else "crm"
        if row["source_url"]:
            found.setdefault((row["customer_key"], which), row["source_url"])
    return found

"""Customers found by a text, and lists of those to call: about to drop a tier, buying less, sleeping, lost, new."""

import re
from collections.abc import Callable, Sequence
from functools import partial

from reports.blocks import Content, Figure, Kpi, Text
from reports.compute import Block
from reports.context import Context
from reports.figures.common import name_or
from reports.figures.revenue import STREAMS
from reports.figures.tables import PAGE_ROWS, Heading, headed, named

LIFECYCLES = ("active", "new", "sleeping", "lost", "lead")
FOUND_ROWS = 200
SHORTEST = 2
_PHONE = re.compile(r"[\d\s()+\-.]{5,}")

NAME: Heading = ("customer_name", "column.customer", "text", "title")
MANAGER: Heading = ("manager_name", "column.manager", "text", "detail")
KEY: Heading = ("customer_key", "column.customer_key", "text", "workbook")
PHONE: Heading = ("phone", "column.phone", "text", "workbook")


def pieces(text: str) -> tuple[str, str, str]:
    """Up to three pieces to search for; a phone in any writing is its digits without the country's prefix.

    Args:
        text: what the reader typed.
    """
    if _PHONE.fullmatch(text.strip()):
        digits = re.sub(r"\D", "", text)
        return (digits[1:] if len(digits) == 11 and digits[0] in "78" else digits, "", "")
    words = (*text.lower().split(maxsplit=2), "", "", "")
    return words[0], words[1], words[2]


def search(text: str, context: Context) -> Sequence[Content]:
    """Customers whose name, tax id or phone holds the text."""
    words = context.words
    if len(text.strip()) < SHORTEST:
        return [Text(words.text("note.search_longer"))]
    first, second, third = pieces(text)
    rows = context.ask("customers/search", {"first": first, "second": second, "third": third, "limit": FOUND_ROWS})
    found = [{**row, "lifecycle": words.choice("lifecycle", row["lifecycle"])} for row in named(context, rows)]
    headings: tuple[Heading, ...] = (
        NAME,
        ("tax_id", "column.tax_id", "text", "detail"),
        ("phone", "column.phone", "text", "detail"),
        ("city", "column.city", "text", "detail"),
        ("lifecycle", "column.lifecycle", "text", "value"),
        ("manager_name", "column.manager", "text", "value"),
        ("last_sale_date", "column.last_sale_date", "date", "value"),
        ("revenue_base", "column.revenue_ever", "money", "value"),
        KEY,
    )
    return [headed(context, "customers_found", headings, found, shown=20)]


def base_now(context: Context) -> Sequence[Content]:
    """How many customers are in each state of life."""
    words = context.words
    found = {row["lifecycle"]: row for row in context.ask("customers/counts_by_lifecycle")}
    figures = tuple(
        Figure(
            f"base_{state}",
            words.text(f"figure.base_{state}"),
            "integer",
            found[state]["customers"] if state in found else 0,
            words.text(f"define.lifecycle_{state}"),
        )
        for state in LIFECYCLES
    )
    return [Kpi(figures)] if found else []


def _leaving(context: Context) -> Sequence[Content]:
    headings: tuple[Heading, ...] = (
        NAME,
        MANAGER,
        ("tier_name", "column.tier", "text", "value"),
        ("tier_name_next_month", "column.tier_next_month", "text", "value"),
        ("turnover_3m", "column.turnover_3m", "money", "value"),
        ("leaving_next_month", "column.leaving_next_month", "money", "value"),
        KEY,
    )
    found = context.ask("customers/leaving_window", {"limit": PAGE_ROWS})
    rows = [{**row, "tier_name_next_month": name_or(context, row["tier_name_next_month"], "none.tier")} for row in found]
    return [headed(context, "list_leaving", headings, named(context, rows), shown=20, note=context.words.text("define.leaving_next_month"))]


def _falling(context: Context) -> Sequence[Content]:
    headings: tuple[Heading, ...] = (
        NAME,
        MANAGER,
        ("turnover_previous_3m", "column.turnover_previous_3m", "money", "value"),
        ("turnover_3m", "column.turnover_3m", "money", "value"),
        ("turnover_change", "column.change", "percent", "value"),
        ("days_since_last_sale", "column.days_since_last_sale", "days", "value"),
        KEY,
    )
    rows = context.ask("customers/falling", {"limit": PAGE_ROWS})
    return [headed(context, "list_falling", headings, named(context, rows), shown=20, note=context.words.text("define.turnover_3m"))]


def _in_state(state: str, context: Context) -> Sequence[Content]:
    headings: tuple[Heading, ...] = (
        NAME,
        MANAGER,
        ("last_sale_date", "column.last_sale_date", "date", "value"),
        ("revenue_base", "column.revenue_ever", "money", "value"),
        PHONE,
        KEY,
    )
    rows = context.ask("customers/by_lifecycle", {"lifecycle": state, "limit": PAGE_ROWS})
    return [
        headed(context, f"list_{state}", headings, named(context, rows), shown=20, note=context.words.text(f"define.lifecycle_{state}"))
    ]


def _list(name: str, build: Callable[[Context], Sequence[Content]], question: str) -> Block:
    return Block(f"list_{name}", build, (question,), STREAMS, needs=("fct_sales",))


LISTS = {
    "leaving": _list("leaving", _leaving, "customers/leaving_window"),
    "falling": _list("falling", _falling, "customers/falling"),
    **{state: _list(state, partial(_in_state, state), "customers/by_lifecycle") for state in ("sleeping", "lost", "new")},
}
BASE_NOW = Block("base_now", base_now, ("customers/counts_by_lifecycle",), STREAMS)


def search_block(text: str) -> Block:
    """The block of customers that hold a text."""
    return Block("customers_found", partial(search, text), ("customers/search",))

"""Orders of some days: how many and how long they take, what they wait for past its day, what was changed in them, and claims."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from reports.blocks import Chart, Comparison, Content, Figure, Kpi, Tone
from reports.charts_by_month import months_of_days
from reports.compute import Block
from reports.context import Context
from reports.figures.common import known_sum, name_or, share
from reports.figures.compared import against
from reports.figures.tables import PAGE_ROWS, Heading, headed, named
from reports.formatting import Kind
from reports.periods import add_months
from reports.stretches import Stretch, read_stretch

STREAMS = ("orders", "shipments", "bank_receipts")
NEEDS = ("fct_orders",)
CLAIM_STREAMS = ("claims",)
MONTHS_DRAWN = 12
LATE_STEPS = ("payment", "shipment")
WAITS = ("days_to_shipment", "days_to_payment")


@dataclass(frozen=True)
class Asked:
    """What the reader chose.

    Attributes:
        period: a stretch of days.
        manager: a manager_key, `none` for orders without one, empty for all.
        channel: the way the order came in, empty for all.
        versus: what to compare with, empty for nothing.
    """

    period: str = "month"
    manager: str = ""
    channel: str = ""
    versus: str = ""

    def stretch(self, context: Context) -> Stretch:
        """The chosen days."""
        return read_stretch(self.period, context.as_of)

    def values(self, context: Context, days: Stretch | None = None) -> dict[str, Any]:
        """Parameters of the questions, for the chosen days or others."""
        asked = days or self.stretch(context)
        return {**context.between(asked.first, asked.last), **self.chosen(context)}

    def chosen(self, context: Context) -> dict[str, Any]:
        """Parameters that do not depend on days."""
        return {"manager": self.manager, "channel": self.channel, "as_of": context.as_of, "limit": PAGE_ROWS}


def order_blocks(asked: Asked) -> tuple[Block, ...]:
    """The page's blocks for what was chosen."""

    def block(name: str, build: Callable[[Asked, Context], Sequence[Content]], *questions: str) -> Block:
        return Block(name, partial(build, asked), tuple(f"orders/{question}" for question in questions), STREAMS, needs=NEEDS)

    def of_claims(name: str, build: Callable[[Asked, Context], Sequence[Content]], *questions: str) -> Block:
        return replace(block(name, build, *questions), streams=CLAIM_STREAMS, needs=(), optional=True)

    return (
        block("orders_summary", summary, "summary"),
        block("orders_late", late, "late_totals", "late"),
        block("orders_months", by_month, "by_month"),
        block("orders_channels", by_channel, "by_channel"),
        replace(block("orders_changes", changes, "change_totals", "changes"), optional=True),
        of_claims("orders_claims", claims, "claims"),
        of_claims("orders_claims_open", open_claims, "open_claims"),
    )


def summary(asked: Asked, context: Context) -> Sequence[Content]:
    """Orders placed, for how much, how long they take, how many were cancelled; each against the days it is compared with."""
    words, form = context.words, context.form
    row = context.one("orders/summary", asked.values(context))
    if not row["orders"]:
        return []
    stretch = asked.stretch(context)
    before = context.one("orders/summary", asked.values(context, stretch.earlier(asked.versus))) if asked.versus else row

    def figure(name: str, kind: Kind, *, growth_is_good: bool, note: str = "") -> Figure:
        compared: tuple[Comparison, ...] = against(
            context, stretch, asked.versus, row[name], before[name], daily=True, growth_is_good=growth_is_good
        )
        if name in WAITS and stretch.runs:
            # who still waits is not in the running days' median, so that it looks shorter than it will be
            compared = tuple(replace(one, is_part=True) for one in compared)
        label, definition = words.text(f"figure.{_key(name)}"), words.text(f"define.{_key(name)}")
        return Figure(_key(name), label, kind, row[name], definition, note=note, comparisons=compared)

    part = share(row["orders_cancelled"], row["orders"])
    note = "" if part is None else words.text("note.of_orders", share=form.percent(part))
    return [
        Kpi(
            (
                figure("orders", "integer", growth_is_good=True),
                figure("amount", "money", growth_is_good=True),
                figure("days_to_shipment", "number", growth_is_good=False),
                figure("days_to_payment", "number", growth_is_good=False),
                figure("orders_cancelled", "integer", growth_is_good=False, note=note),
            )
        )
    ]


def _key(name: str) -> str:
    return {"orders": "orders_placed", "amount": "orders_amount"}.get(name, name)


def late(asked: Asked, context: Context) -> Sequence[Content]:
    """Orders that wait for money or goods past their day, money first."""
    words, form = context.words, context.form
    totals = {row["late_step"]: row for row in context.ask("orders/late_totals", asked.chosen(context))}
    if not totals:
        return []
    figures = tuple(
        Figure(
            f"late_{step}",
            words.text(f"figure.late_{step}"),
            "money",
            totals[step]["amount"],
            words.text(f"define.late_{step}"),
            note=words.text("note.orders", n=form.number(totals[step]["orders"])),
            tone="bad" if step == "payment" else "warning",
        )
        for step in LATE_STEPS
        if step in totals
    )
    rows = [
        {
            **row,
            "order": name_or(context, row["order_number"], "none.order"),
            "step": words.choice("late_step", row["late_step"]),
            "late_days": None if row["late_since"] is None else (context.as_of - row["late_since"]).days,
        }
        for row in named(context, context.ask("orders/late", asked.chosen(context)))
    ]
    headings: tuple[Heading, ...] = (
        ("customer_name", "column.customer", "text", "title"),
        ("order", "column.order", "text", "detail"),
        ("order_date", "column.date", "date", "detail"),
        ("manager_name", "column.manager", "text", "detail"),
        ("step", "column.waits_for", "text", "value"),
        ("late_base", "column.overdue", "money", "value"),
        ("late_days", "column.late_days", "days", "value"),
        ("late_since", "column.late_since", "date", "workbook"),
        ("amount_base", "column.order_amount", "money", "workbook"),
        ("customer_key", "column.customer_key", "text", "workbook"),
        ("source_url", "column.link", "text", "workbook"),
    )
    return [Kpi(figures), headed(context, "orders_late", headings, rows, shown=12)]


def by_month(asked: Asked, context: Context) -> Sequence[Content]:
    """The middle order's days by month of order, over the twelve months that end with the chosen days."""
    words, form = context.words, context.form
    stretch = asked.stretch(context)
    first = add_months(stretch.last_month, 1 - MONTHS_DRAWN)
    rows = context.ask("orders/by_month", {**context.between(first, stretch.last), **asked.chosen(context)})
    if not rows:
        return []
    told = [{**row, "month": date(int(row["order_year"]), int(row["order_month"]), 1)} for row in rows]
    by_day = {row["month"]: row for row in told}
    months = [month for month in (add_months(first, number) for number in range(MONTHS_DRAWN)) if month >= told[0]["month"]]
    series = [(words.text(f"column.{name}"), [by_day[month][name] if month in by_day else None for month in months]) for name in WAITS]
    last = told[-1]
    alt = "; ".join(f"{words.text(f'column.{name}')}: {form.number(last[name], 1)}" for name in WAITS)
    title = words.text("title.orders_months")
    chart = Chart("orders_months", title, lambda theme: months_of_days(months, series, form, theme), f"{title}. {alt}")
    headings: tuple[Heading, ...] = (
        ("month_name", "column.month", "text", "title"),
        ("orders", "column.orders", "integer", "value"),
        ("days_to_shipment", "column.days_to_shipment", "number", "value"),
        ("days_to_payment", "column.days_to_payment", "number", "value"),
    )
    table = [{**row, "month_name": form.month(row["month"])} for row in reversed(told)]
    return [chart, headed(context, "orders_by_month", headings, table, shown=3, note=words.text("define.orders_months"))]


def by_channel(asked: Asked, context: Context) -> Sequence[Content]:
    """How long orders take by the way they came in."""
    words = context.words
    rows = [
        {**row, "way": words.choice("order_channel", row["order_channel"])}
        for row in context.ask("orders/by_channel", asked.values(context))
    ]
    headings: tuple[Heading, ...] = (
        ("way", "column.order_channel", "text", "title"),
        ("orders", "column.orders", "integer", "value"),
        ("amount", "column.amount", "money", "value"),
        ("days_to_shipment", "column.days_to_shipment", "number", "value"),
        ("days_to_shipment_p", "column.days_to_shipment_p", "number", "value"),
        ("days_to_payment", "column.days_to_payment", "number", "value"),
        ("days_to_payment_p", "column.days_to_payment_p", "number", "workbook"),
    )
    return [headed(context, "orders_channels", headings, rows, note=words.text("define.orders_channels"))]


def changes(asked: Asked, context: Context) -> Sequence[Content]:
    """What was changed in orders, by how much and when, those after a payment first."""
    words = context.words
    totals = context.ask("orders/change_totals", asked.values(context))
    if not totals:
        return []
    stretch = asked.stretch(context)
    before = context.ask("orders/change_totals", asked.values(context, stretch.earlier(asked.versus))) if asked.versus else []
    found = []
    for name in ("changes", "changes_paid"):
        now = known_sum(row[name] for row in totals)
        compared = against(context, stretch, asked.versus, now, known_sum(row[name] for row in before), daily=True, growth_is_good=False)
        label, definition = words.text(f"figure.order_{name}"), words.text(f"define.order_{name}")
        tone: Tone = "bad" if name == "changes_paid" and now else "plain"
        found.append(Figure(f"order_{name}", label, "integer", now, definition, comparisons=compared, tone=tone))
    rows = [
        {
            **row,
            "order": name_or(context, row["order_number"], "none.order"),
            "what": words.choice("order_field", row["field"]),
            "was": _state(context, row["field"], row["was"]),
            "now": _state(context, row["field"], row["now"]),
            "by": _difference(row["was"], row["now"]) if row["field"] == "amount" else None,
            "paid": words.text("order_change.after" if row["after_payment"] else "order_change.before"),
        }
        for row in named(context, context.ask("orders/changes", asked.values(context)))
    ]
    headings: tuple[Heading, ...] = (
        ("customer_name", "column.customer", "text", "title"),
        ("order", "column.order", "text", "detail"),
        ("manager_name", "column.manager", "text", "detail"),
        ("seen_at", "column.moment", "datetime", "value"),
        ("what", "column.changed", "text", "value"),
        ("was", "column.was", "text", "value"),
        ("now", "column.now", "text", "value"),
        ("by", "column.changed_by", "number", "value"),
        ("paid", "column.after_payment", "text", "value"),
        ("customer_key", "column.customer_key", "text", "workbook"),
        ("source_url", "column.link", "text", "workbook"),
    )
    return [Kpi(tuple(found)), headed(context, "orders_changes", headings, rows, shown=10)]


def _state(context: Context, field: str, value: str | None) -> str | None:
    """Sums in the reader's digits, states that skvoz itself names in the reader's words, all else as its system calls it."""
    if value is None:
        return None
    if field == "amount":
        amount = _number(value)
        return value if amount is None else context.form.number(amount, 2)
    key = f"order_state.{value.replace(' ', '_')}"
    return context.words.text(key) if field == "status" and key in context.words else value


def _number(value: str | None) -> Decimal | None:
    try:
        return None if value is None else Decimal(value)
    except InvalidOperation:
        return None


def _difference(was: str | None, now: str | None) -> Decimal | None:
    earlier, later = _number(was), _number(now)
    return None if earlier is None or later is None else later - earlier


def claims(asked: Asked, context: Context) -> Sequence[Content]:
    """Claims, returns and acts of discrepancy by kind and reason."""
    words = context.words
    rows = context.ask("orders/claims", asked.values(context))
    told = [
        {**row, "kind": words.choice("claim", row["claim_type"]), "reason": name_or(context, row["reason"], "none.reason")} for row in rows
    ]
    headings: tuple[Heading, ...] = (
        ("reason", "column.reason", "text", "title"),
        ("kind", "column.kind", "text", "value"),
        ("claims", "column.claims", "integer", "value"),
        ("claims_open", "column.claims_open", "integer", "value"),
        ("amount", "column.amount", "money", "value"),
        ("days_to_resolve", "column.days_to_resolve", "number", "value"),
    )
    return [headed(context, "orders_claims", headings, told, shown=12, note=words.text("define.claims"))]


def open_claims(asked: Asked, context: Context) -> Sequence[Content]:
    """What is not settled yet, the oldest first."""
    words = context.words
    rows = [
        {
            **row,
            "kind": words.choice("claim", row["claim_type"]),
            "reason": name_or(context, row["reason"], "none.reason"),
            "state": words.choice("claim_status", row["claim_status"]),
            "age": (context.as_of - row["registered_date"]).days,
        }
        for row in named(context, context.ask("orders/open_claims", asked.chosen(context)))
    ]
    headings: tuple[Heading, ...] = (
        ("customer_name", "column.customer", "text", "title"),
        ("manager_name", "column.manager", "text", "detail"),
        ("registered_date", "column.date", "date", "detail"),
        ("kind", "column.kind", "text", "value"),
        ("reason", "column.reason", "text", "value"),
        ("state", "column.state", "text", "value"),
        ("age", "column.age_days", "days", "value"),
        ("amount_base", "column.amount", "money", "value"),
        ("customer_key", "column.customer_key", "text", "workbook"),
    )
    return [headed(context, "orders_claims_open", headings, rows, shown=10)]

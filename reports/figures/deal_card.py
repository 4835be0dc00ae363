"""One deal's card: its way through the stages with times, calls, orders with payment stages and papers, money, both systems' cards."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from reports.blocks import Bar, Bars, Content, Figure, Kpi
from reports.compute import Block
from reports.context import Context
from reports.figures.common import known_sum, name_or
from reports.figures.funnel import STREAMS
from reports.figures.tables import Heading, headed, named

HOURS_IN_DAY = 24


def deal_blocks(deal: str) -> tuple[Block, ...]:
    """The card's blocks for a deal_key."""

    def block(
        name: str, build: Callable[[str, Context], Sequence[Content]], questions: tuple[str, ...], *, optional: bool = False
    ) -> Block:
        return Block(name, partial(build, deal), questions, STREAMS, optional=optional)

    return (
        block("deal_facts", facts, ("deal/deal",)),
        block("deal_path", path, ("deal/path",)),
        block("deal_calls", calls, ("deal/calls",)),
        block("deal_orders", orders, ("deal/orders", "deal/papers")),
        block("deal_stages", payment_stages, ("deal/orders", "deal/payment_stages"), optional=True),
        block("deal_payments", payments, ("deal/orders", "deal/payments")),
    )


def _asked(deal: str, context: Context) -> dict[str, Any]:
    return {"deal": deal, "as_of": context.as_of}


def _orders(deal: str, context: Context) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The deal's orders, and the parameters of questions about them."""
    found = [dict(row) for row in context.ask("deal/orders", _asked(deal, context))]
    return found, {**_asked(deal, context), "orders": [row["order_key"] for row in found]}


def facts(deal: str, context: Context) -> Sequence[Content]:
    """Where it stands, for how much, whose it is, where it came from."""
    words, form = context.words, context.form
    rows = named(context, context.ask("deal/deal", {"deal": deal}))
    if not rows:
        return []
    row = rows[0]
    until = row["closed_at"].astimezone(form.zone).date() if row["closed_at"] else context.as_of
    age = max((until - row["created_at"].astimezone(form.zone).date()).days, 0)
    state = row["stage_name"] if row["deal_status"] == "open" else words.text(f"deal_status.{row['deal_status']}")
    told = (
        Figure("deal_amount", words.text("column.amount"), "money", row["amount_base"]),
        Figure(
            "deal_state",
            words.text("column.stage"),
            "text",
            state,
            note=name_or(context, row["loss_reason"], "none.reason") if row["deal_status"] == "lost" else "",
        ),
        Figure("deal_age", words.text("column.age_days"), "days", age),
        Figure("deal_manager", words.text("column.manager"), "text", row["manager_name"]),
        Figure("deal_channel", words.text("column.channel"), "text", row["channel"], note=row["campaign_name"] or ""),
        Figure("deal_created", words.text("column.created"), "datetime", row["created_at"]),
        Figure("deal_closed", words.text("column.closed"), "datetime", row["closed_at"]),
        Figure("deal_pipeline", words.text("column.pipeline"), "text", row["pipeline_name"]),
    )
    headings: tuple[Heading, ...] = (
        ("customer_name", "column.customer", "text", "title"),
        ("system", "column.source", "text", "value"),
        ("customer_key", "column.customer_key", "text", "workbook"),
        ("source_url", "column.link", "text", "workbook"),
    )
    return [Kpi(told), headed(context, "deal_customer", headings, [{**row, "system": words.source(row["source"])}])]


def path(deal: str, context: Context) -> Sequence[Content]:
    """Its way through the stages: when it came into each and how long it stood there."""
    words = context.words
    rows = context.ask("deal/path", {"deal": deal})
    told = [
        {
            **row,
            "stage_name": name_or(context, row["stage_name"], "none.name"),
            "days": None if row["hours_in_stage"] is None else row["hours_in_stage"] / HOURS_IN_DAY,
        }
        for row in rows
    ]
    bars = tuple(
        Bar(
            row["stage_name"],
            row["days"],
            words.text("note.stands_now") if row["is_current"] else "",
            "warning" if row["is_current"] else "plain",
        )
        for row in told
        if row["days"] is not None
    )
    headings: tuple[Heading, ...] = (
        ("stage_name", "column.stage", "text", "title"),
        ("entered_at", "column.entered", "datetime", "value"),
        ("left_at", "column.left", "datetime", "value"),
        ("days", "column.days_in_stage", "number", "value"),
        ("pipeline_name", "column.pipeline", "text", "workbook"),
    )
    return [Bars("deal_days", words.text("title.deal_days"), "number", bars), headed(context, "deal_path", headings, told, shown=30)]


def calls(deal: str, context: Context) -> Sequence[Content]:
    """Its calls, missed ones told."""
    words = context.words
    rows = [
        {**row, "what": words.text("call.missed") if row["is_missed"] else words.choice("call", row["direction"])}
        for row in named(context, context.ask("deal/calls", _asked(deal, context)))
    ]
    headings: tuple[Heading, ...] = (
        ("started_at", "column.moment", "datetime", "title"),
        ("manager_name", "column.manager", "text", "detail"),
        ("phone", "column.phone", "text", "detail"),
        ("what", "column.call", "text", "value"),
        ("talk_minutes", "column.talk_minutes", "number", "value"),
    )
    return [headed(context, "deal_calls", headings, rows, shown=8)]


def orders(deal: str, context: Context) -> Sequence[Content]:
    """Its orders in the accounting system, how far each is shipped and paid, and the papers."""
    found, asked = _orders(deal, context)
    if not found:
        return []
    words, form = context.words, context.form
    headings: tuple[Heading, ...] = (
        ("order_number", "column.order", "text", "title"),
        ("order_date", "column.date", "date", "detail"),
        ("state", "column.state", "text", "value"),
        ("amount_base", "column.amount", "money", "value"),
        ("shipped_base", "column.shipped", "money", "value"),
        ("paid_base", "column.paid", "money", "value"),
        ("debt_base", "column.debt", "money", "value"),
        ("source_url", "column.link", "text", "workbook"),
    )
    told = [{**row, "state": words.choice("order_status", row["order_status"])} for row in found]
    papers: tuple[Heading, ...] = (
        ("document_number", "column.document", "text", "title"),
        ("what", "column.kind", "text", "value"),
        ("sale_date", "column.date", "date", "value"),
        ("revenue", "column.amount", "money", "value"),
    )
    documents = [
        {**row, "what": words.text("paper.return" if row["is_return"] else "paper.shipment")} for row in context.ask("deal/papers", asked)
    ]
    unpaid = known_sum(
        row["amount_base"] - row["paid_base"] for row in found if row["amount_base"] is not None and row["paid_base"] is not None
    )
    note = words.text("note.still_to_pay", amount=form.money(unpaid)) if unpaid and unpaid > 0 else ""
    return [
        headed(context, "deal_orders", headings, told, note=note),
        headed(context, "deal_papers", papers, documents, title=words.text("title.papers"), shown=8),
    ]


def stage_rows(context: Context, stages: Sequence[dict[str, Any]], orders_by_key: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Payment stages told in words: what each is, and whether its money has come, is awaited or is late."""
    words = context.words
    told = []
    for row in stages:
        missing = max((row["planned_base"] or 0) - (row["paid_base"] or 0), 0)
        late = missing > 0 and row["due_date"] is not None and row["due_date"] < context.as_of
        state = "paid" if not missing else "late" if late else "awaited"
        told.append(
            {
                **orders_by_key[row["order_key"]],
                **row,
                "stage": words.choice("payment_stage", row["stage_kind"]),
                "missing": missing,
                "state": words.text(f"payment_state.{state}"),
                "is_open": bool(missing),
            }
        )
    return told


STAGE_HEADINGS: tuple[Heading, ...] = (
    ("order_number", "column.order", "text", "title"),
    ("stage", "column.payment_stage", "text", "value"),
    ("due_date", "column.due_date", "date", "value"),
    ("planned_base", "column.planned", "money", "value"),
    ("paid_base", "column.paid", "money", "value"),
    ("state", "column.state", "text", "value"),
    ("source_url", "column.link", "text", "workbook"),
)


def payment_stages(deal: str, context: Context) -> Sequence[Content]:
    """How its orders are to be paid: advance, prepayment, balance, each with what has come."""
    found, asked = _orders(deal, context)
    stages = context.ask("deal/payment_stages", asked) if found else []
    rows = stage_rows(context, stages, {row["order_key"]: row for row in found})
    return [headed(context, "deal_stages", STAGE_HEADINGS, rows, shown=12)]


def payments(deal: str, context: Context) -> Sequence[Content]:
    """The money that has come for it, and what went back."""
    words = context.words
    found, asked = _orders(deal, context)
    numbers = {row["order_key"]: row["order_number"] for row in found}
    rows = [
        {
            **row,
            "method": words.choice("payment_method", row["payment_method"]),
            "what": words.text("payment.refund" if row["direction"] == "out" else "payment.receipt"),
            "order_number": numbers.get(row["order_key"]),
        }
        for row in context.ask("deal/payments", asked)
    ]
    headings: tuple[Heading, ...] = (
        ("payment_date", "column.date", "date", "title"),
        ("order_number", "column.order", "text", "detail"),
        ("what", "column.kind", "text", "value"),
        ("method", "column.payment_method", "text", "value"),
        ("amount_base", "column.amount", "money", "value"),
    )
    return [headed(context, "deal_payments", headings, rows)]

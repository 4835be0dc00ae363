"""The sales team: why deals are lost, who carries how much, what stands open."""

from collections.abc import Sequence

from reports.blocks import Bar, Bars, Column, Content, Table
from reports.compute import Block
from reports.context import Context
from reports.figures import funnel
from reports.figures.common import name_or
from reports.figures.tables import EVERY_ROW
from reports.periods import add_months

LOSS_MONTHS = 3
REASONS_SHOWN = 8


def loss_reasons(context: Context) -> Sequence[Content]:
    """Reasons of lost deals over three months, as bars."""
    words, form = context.words, context.form
    last = context.month.start
    rows = context.ask("sales/loss_reasons", {"from_month": add_months(last, 1 - LOSS_MONTHS), "to_month": last})
    bars = tuple(
        Bar(
            name_or(context, row["loss_reason"], "none.reason"),
            row["deals"],
            words.text("note.for_amount", amount=form.money(row["amount"])),
        )
        for row in rows[:REASONS_SHOWN]
    )
    return [Bars("loss_reasons", words.text("title.loss_reasons"), "integer", bars)]


def workload(context: Context) -> Sequence[Content]:
    """People's open deals, those without a task, and late tasks at the end of the period, and the period's meetings and calls."""
    words = context.words
    columns = (
        Column("manager", words.text("column.manager"), "text", "title"),
        Column("meetings", words.text("column.meetings"), "integer", "detail"),
        Column("calls_answered", words.text("column.calls_answered"), "integer", "detail"),
        Column("open_deals", words.text("column.deals_now"), "integer"),
        Column("deals_without_task", words.text("column.deals_without_task"), "integer"),
        Column("tasks_overdue", words.text("column.tasks_overdue"), "integer"),
    )
    rows = tuple(
        (
            words.text("none.manager") if row["manager_key"] is None else name_or(context, row["manager_name"], "none.name"),
            *(row[name] for name in ("meetings", "calls_answered", "open_deals", "deals_without_task", "tasks_overdue")),
        )
        for row in context.ask("managers/workload", {"from_date": context.period.start, "to_date": context.period.end})
        if any(row[name] for name in ("open_deals", "deals_without_task", "tasks_overdue", "meetings", "calls_answered"))
    )
    return [Table("workload", "", columns, rows, shown=15)]


def open_deals(context: Context) -> Sequence[Content]:
    """The biggest deals that stood open at the end of as_of."""
    words = context.words
    columns = (
        Column("deal", words.text("column.deal"), "text", "title"),
        Column("customer", words.text("column.customer"), "text", "detail"),
        Column("stage", words.text("column.stage"), "text", "detail"),
        Column("manager", words.text("column.manager"), "text", "workbook"),
        Column("created_at", words.text("column.created"), "date"),
        Column("amount", words.text("column.amount"), "money"),
    )
    rows = tuple(
        (
            name_or(context, row["deal_name"], "none.name"),
            row["customer_name"],
            row["stage_name"],
            row["manager_name"],
            row["created_at"].astimezone(context.form.zone).date() if row["created_at"] else None,
            row["amount_base"],
        )
        for row in context.ask(
            "sales/open_deals", {"to_instant": context.between(context.as_of, context.as_of)["to_instant"], "limit": EVERY_ROW}
        )
    )
    return [Table("open_deals", "", columns, rows, shown=10)]


LOSS_REASONS = Block(
    "loss_reasons", loss_reasons, ("sales/loss_reasons",), funnel.STREAMS, optional=True, page="funnel", needs=("fct_deals",)
)
WORKLOAD = Block("workload", workload, ("managers/workload",), funnel.STREAMS, optional=True, page="managers")
OPEN_DEALS = Block("open_deals", open_deals, ("sales/open_deals",), funnel.STREAMS, page="funnel", needs=("fct_deals",))

"""Managers: revenue of the month to date against plan, deals, calls."""

from collections.abc import Sequence

from reports.blocks import Column, Content, Table
from reports.compute import Block
from reports.context import Context
from reports.figures.common import month_to_date, name_or, share
from reports.figures.revenue import STREAMS

# A row of the mart may exist for an old debt alone; who did nothing in the month is not in the mail.
SIGNS_OF_WORK = ("deals_created", "deals_won", "deals_lost", "contacts", "calls_missed")


def managers(context: Context) -> Sequence[Content]:
    """One row per manager with anything in the month; people without a name are told apart from sales without a manager."""
    words, form = context.words, context.form
    first, last = month_to_date(context)
    revenue = {row["manager_key"]: row for row in context.ask("revenue/by_manager", context.between(first, last))}
    plans = {row["manager_key"]: row for row in context.ask("plan/by_manager", {"month": first})}
    month = {row["manager_key"]: row for row in context.ask("managers/month", {"month": first})}
    columns = (
        Column("manager", words.text("column.manager"), "text", "title"),
        Column("deals_won", words.text("column.deals_won"), "integer", "detail"),
        Column("win_rate", words.text("column.win_rate"), "percent", "detail"),
        Column("contacts", words.text("column.contacts"), "integer", "detail"),
        Column("calls_missed", words.text("column.calls_missed"), "integer", "detail"),
        Column("revenue", words.text("column.revenue"), "money"),
        Column("plan_completion", words.text("column.plan_completion"), "percent"),
        Column("plan", words.text("column.plan"), "money", "workbook"),
        Column("gross_profit", words.text("column.gross_profit"), "money", "workbook"),
        Column("cash_received", words.text("column.cash_received"), "money", "workbook"),
        Column("deals_created", words.text("column.deals_created"), "integer", "workbook"),
        Column("deals_lost", words.text("column.deals_lost"), "integer", "workbook"),
        Column("calls_lost", words.text("column.calls_lost"), "integer", "workbook"),
        Column("first_response_minutes", words.text("column.first_response_minutes"), "number", "workbook"),
        Column("overdue_debt", words.text("column.overdue_debt"), "money", "workbook"),
    )
    rows = []
    for key in {**revenue, **plans, **month}:
        sold, plan, kpi = revenue.get(key, {}), plans.get(key, {}), month.get(key, {})
        amount = sold.get("revenue", 0)
        if not (amount or plan.get("plan_revenue") or any(kpi.get(name) for name in SIGNS_OF_WORK)):
            continue
        name = sold.get("manager_name") or kpi.get("manager_name")
        rows.append(
            (
                words.text("none.manager") if key is None else name_or(context, name, "none.name"),
                *(kpi.get(column) for column in ("deals_won", "win_rate", "contacts", "calls_missed")),
                amount,
                share(amount, plan.get("plan_revenue")),
                plan.get("plan_revenue"),
                sold.get("gross_profit"),
                sold.get("cash_received"),
                *(kpi.get(column) for column in ("deals_created", "deals_lost", "calls_lost", "first_response_minutes", "overdue_debt")),
            )
        )
    rows.sort(key=lambda row: (-float(row[5]), str(row[0])))
    note = words.text("note.managers", first=form.day(first, year=False), last=form.day(last, year=False), as_of=form.day(context.as_of))
    return [Table("managers", "", columns, tuple(rows), shown=10, note=note)]


MANAGERS = Block("managers", managers, ("revenue/by_manager", "plan/by_manager", "managers/month"), STREAMS, page="managers")

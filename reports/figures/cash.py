"""Customers' money of the day and month; where the analysis is published, all money in and out and what is on the accounts."""

from collections.abc import Sequence
from datetime import timedelta

from reports import charts
from reports.blocks import Chart, Column, Content, Figure, Kpi, Table
from reports.compute import Block
from reports.context import Context
from reports.figures.common import known_sum, month_comparisons, month_to_date, name_or, period_comparisons

STREAMS = ("bank_receipts", "bank_payments", "cash_receipts", "cash_payments", "card_operations")
DAYS_IN_CHART = 30


def customer_money(context: Context) -> Sequence[Content]:
    """What customers paid and what was refunded, by the day and the month to date."""
    words = context.words
    day = context.one("cash/customers", context.between(context.period.start, context.period.end))
    month = context.one("cash/customers", context.between(*month_to_date(context)))
    definition = words.text("define.cash_received")
    figures = (
        Figure(
            "cash_in_day",
            words.text("figure.cash_in"),
            "money",
            context.known(day["received"]),
            definition,
            note=words.count("plural.receipts", int(day["receipts"]), context.form.number(day["receipts"])) if day["receipts"] else "",
            comparisons=period_comparisons(context, day["received"], "cash/customers", "received"),
        ),
        Figure(
            "cash_out_day", words.text("figure.cash_refunded"), "money", context.known(day["refunded"]), words.text("define.cash_refunded")
        ),
        Figure(
            "cash_in_month",
            words.text("figure.cash_in_month"),
            "money",
            context.known(month["received"]),
            definition,
            comparisons=month_comparisons(context, month["received"], "cash/customers", "received"),
        ),
        Figure(
            "cash_out_month",
            words.text("figure.cash_refunded_month"),
            "money",
            context.known(month["refunded"]),
            words.text("define.cash_refunded"),
        ),
    )
    # in a month's report the month's figures would stand there twice
    return [Kpi(figures[:2] if context.period.kind == "month" else figures), *_chart(context)]


def _chart(context: Context) -> list[Content]:
    words = context.words
    first = context.period.end - timedelta(days=DAYS_IN_CHART - 1)
    rows = context.ask("revenue/by_day", context.between(first, context.period.end))
    if not rows:
        return []
    title = words.text("title.cash_chart", days=words.count("plural.days", DAYS_IN_CHART))
    days = [first + timedelta(days=number) for number in range(DAYS_IN_CHART)]
    revenue = {row["date"]: row["revenue"] for row in rows}
    cash = {row["date"]: row["cash_received"] for row in rows}
    totals = words.text("alt.cash", revenue=context.form.money(sum(revenue.values())), cash=context.form.money(sum(cash.values())))
    return [
        Chart(
            "cash_chart",
            title,
            lambda theme: charts.bars_and_line(
                days, revenue, cash, (words.text("chart.revenue"), words.text("chart.cash")), context.form, theme
            ),
            f"{title}. {totals}",
        )
    ]


def money_flow(context: Context) -> Sequence[Content]:
    """All money in and out of the day, by article."""
    words = context.words
    rows = context.ask("cash/flow", context.between(context.period.start, context.period.end))
    # on a day with any movement the other direction is known to be nothing
    none = 0 if rows else None
    received = known_sum(row["amount"] for row in rows if row["direction"] == "in") or none
    spent = known_sum(row["amount"] for row in rows if row["direction"] == "out") or none
    figures = (
        Figure("flow_in", words.text("figure.flow_in"), "money", received, words.text("define.flow")),
        Figure("flow_out", words.text("figure.flow_out"), "money", spent, words.text("define.flow")),
    )
    columns = (
        Column("article", words.text("column.article"), "text", "title"),
        Column("direction", words.text("column.direction"), "text", "detail"),
        Column("amount", words.text("column.amount"), "money"),
    )
    table = Table(
        "money_flow",
        words.text("title.money_flow"),
        columns,
        tuple(
            (name_or(context, row["article"], "none.article"), words.choice("direction", row["direction"]), row["amount"]) for row in rows
        ),
        shown=8,
    )
    return [Kpi(figures), table]


def balances(context: Context) -> Sequence[Content]:
    """What is on the accounts and in the tills at the end of as_of."""
    words = context.words
    rows = context.ask("cash/balances")
    total = Figure(
        "cash_balance",
        words.text("figure.cash_balance"),
        "money",
        known_sum(row["balance_base"] for row in rows),
        words.text("define.cash_balance"),
    )
    columns = (
        Column("account", words.text("column.account"), "text", "title"),
        Column("own_balance", words.text("column.balance_own"), "text", "detail"),
        Column("balance", words.text("column.balance"), "money"),
    )
    base = context.publication.base_currency
    data = tuple(
        (
            name_or(context, row["account_name"], "none.account"),
            None if row["currency_code"] == base else f"{context.form.number(row['balance'])} {row['currency_code']}",
            row["balance_base"],
        )
        for row in rows
    )
    return [Kpi((total,)), Table("cash_balances", words.text("title.cash_balances"), columns, data, shown=8)]


CASH = Block("cash", customer_money, ("cash/customers", "revenue/by_day"), STREAMS)
MONEY_FLOW = Block("money_flow", money_flow, ("cash/flow",), STREAMS, optional=True, needs=("cash_flow_daily",))
CASH_BALANCES = Block("cash_balances", balances, ("cash/balances",), STREAMS, optional=True)

"""Calls of the day: how many were missed and who is still waiting for an answer."""

from collections.abc import Sequence

from reports.blocks import Column, Content, Figure, Kpi, Table, Text
from reports.compute import Block
from reports.context import Context
from reports.figures.common import name_or, period_comparisons, share
from reports.figures.tables import EVERY_ROW
from reports.formatting import Kind

STREAMS = ("call_notes", "calls", "phone_calls")


def missed_calls(context: Context) -> Sequence[Content]:
    """Totals of the day and the calls nobody has returned."""
    words, form = context.words, context.form
    bounds = context.between(context.period.start, context.period.end)
    totals = context.one("calls/totals", bounds)
    if totals["calls_in"] is None:
        return []
    missed = share(totals["calls_missed"], totals["calls_in"])
    figures = (
        Figure("calls_in", words.text("figure.calls_in"), "integer", context.known(totals["calls_in"]), words.text("define.calls")),
        Figure(
            "calls_missed",
            words.text("figure.calls_missed"),
            "integer",
            context.known(totals["calls_missed"]),
            words.text("define.calls_missed"),
            note="" if missed is None else words.text("note.of_inbound", share=form.percent(missed)),
            comparisons=period_comparisons(context, totals["calls_missed"], "calls/totals", "calls_missed", growth_is_good=False)[:1],
        ),
        Figure(
            "calls_not_returned",
            words.text("figure.calls_not_returned"),
            "integer",
            context.known(totals["calls_not_returned"]),
            words.text("define.calls_not_returned"),
            tone="bad" if totals["calls_not_returned"] else "plain",
        ),
    )
    # of a week the hour alone does not tell which call it was
    moment: tuple[str, Kind] = ("column.time", "time") if context.period.kind == "day" else ("column.moment", "datetime")
    columns = (
        Column("customer", words.text("column.customer"), "text", "title"),
        Column("phone", words.text("column.phone"), "text", "detail"),
        Column("manager", words.text("column.manager"), "text", "detail"),
        Column("started_at", words.text(moment[0]), moment[1]),
    )
    rows = tuple(
        (name_or(context, row["customer_name"], "none.caller"), row["phone"], row["manager_name"], row["started_at"])
        for row in context.ask("calls/not_returned", {**bounds, "limit": EVERY_ROW})
    )
    return [Kpi(figures), Table("calls_not_returned", words.text("title.calls_not_returned"), columns, rows, shown=5)]


def headline(context: Context) -> Sequence[Content]:
    """The day's unanswered callers in one sentence."""
    totals = context.one("calls/totals", context.between(context.period.start, context.period.end))
    missed, waiting = context.known(totals["calls_missed"]), context.known(totals["calls_not_returned"])
    return [Text(context.words.text("headline.calls", missed=context.form.number(missed), waiting=context.form.number(waiting)))]


HEADLINE = Block("headline", headline, ("calls/totals",), STREAMS)
CALLS = Block("calls", missed_calls, ("calls/totals", "calls/not_returned"), STREAMS, page="calls")

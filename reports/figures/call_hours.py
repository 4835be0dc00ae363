"""Calls of some months: how many were missed and never returned, at which hours, and whose they were."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from babel.dates import format_date

from reports.blocks import Chart, Comparison, Content, Figure, Kpi
from reports.charts_by_month import CELL_HEIGHT, grid_of_cells
from reports.compute import Block
from reports.context import Context
from reports.figures.common import name_or, share
from reports.figures.compared import against
from reports.figures.tables import MANAGER, MANAGER_KEY, PAGE_ROWS, Heading, headed, named
from reports.stretches import Stretch, read_stretch

STREAMS = ("calls", "call_notes", "activities", "phone_calls")
MONDAY = date(2024, 1, 1)
WEEKDAYS = 7


@dataclass(frozen=True)
class Asked:
    """What the reader chose: a stretch of days, a manager_key (empty for all), and what to compare with (empty for nothing)."""

    period: str = "month"
    manager: str = ""
    versus: str = ""

    def stretch(self, context: Context) -> Stretch:
        """The chosen days."""
        return read_stretch(self.period, context.as_of)

    def values(self, context: Context, days: Stretch | None = None) -> dict[str, Any]:
        """Parameters of the questions, for the chosen days or others."""
        asked = days or self.stretch(context)
        bounds = context.between(asked.first, asked.last)
        return {**bounds, "manager": self.manager, "timezone": context.publication.timezone, "limit": PAGE_ROWS}


def call_blocks(asked: Asked) -> tuple[Block, ...]:
    """The page's blocks for what was chosen."""

    def block(name: str, build: Callable[[Asked, Context], Sequence[Content]], question: str) -> Block:
        return Block(name, partial(build, asked), (question,), STREAMS)

    return (
        block("calls_summary", summary, "calls/summary"),
        block("calls_hours", hours, "calls/by_hour"),
        block("calls_managers", managers, "calls/by_manager"),
        block("calls_missed_list", missed, "calls/missed"),
    )


def summary(asked: Asked, context: Context) -> Sequence[Content]:
    """In, out, missed, lost, not yet returned, and the wait for a call back."""
    words, form = context.words, context.form
    row = context.one("calls/summary", asked.values(context))
    if row["calls_in"] is None:
        return []
    stretch = asked.stretch(context)
    before = context.one("calls/summary", asked.values(context, stretch.earlier(asked.versus))) if asked.versus else row

    def compared(name: str, *, growth_is_good: bool = True) -> tuple[Comparison, ...]:
        return against(context, stretch, asked.versus, row[name], before[name], daily=True, growth_is_good=growth_is_good)

    part = share(row["calls_missed"], row["calls_in"])
    note = "" if part is None else words.text("note.of_inbound", share=form.percent(part))
    figures = (
        Figure(
            "month_in",
            words.text("figure.calls_in"),
            "integer",
            row["calls_in"],
            words.text("define.calls_external"),
            comparisons=compared("calls_in"),
        ),
        Figure(
            "month_out",
            words.text("figure.calls_out"),
            "integer",
            row["calls_out"],
            words.text("define.calls_external"),
            comparisons=compared("calls_out"),
        ),
        Figure(
            "month_missed",
            words.text("figure.calls_missed"),
            "integer",
            row["calls_missed"],
            words.text("define.calls_missed"),
            note=note,
            comparisons=compared("calls_missed", growth_is_good=False),
        ),
        Figure("month_lost", words.text("figure.calls_lost"), "integer", row["calls_lost"], words.text("define.calls_lost"), tone="bad"),
        Figure(
            "month_waiting",
            words.text("figure.calls_not_returned"),
            "integer",
            row["calls_not_returned"],
            words.text("define.calls_not_returned"),
            tone="bad",
        ),
        Figure(
            "month_callback", words.text("figure.callback_median"), "integer", row["callback_median"], words.text("define.callback_median")
        ),
    )
    return [Kpi(figures)]


def hours(asked: Asked, context: Context) -> Sequence[Content]:
    """Inbound and missed calls by weekday and hour: when somebody must be at the telephone."""
    words, form = context.words, context.form
    rows = context.ask("calls/by_hour", asked.values(context))
    if not rows:
        return []
    first, last = min(int(row["hour"]) for row in rows), max(int(row["hour"]) for row in rows)
    day_hours = list(range(first, last + 1))
    names = [str(format_date(MONDAY + timedelta(days=day), "EE", locale=words.locale)) for day in range(WEEKDAYS)]
    contents: list[Content] = []
    for name in ("calls", "calls_missed"):
        found = {(int(row["weekday"]), int(row["hour"])): int(row[name]) for row in rows}
        values = [[found.get((day, hour), 0) or None for hour in day_hours] for day in range(1, WEEKDAYS + 1)]
        contents.append(_grid(f"hours_{name}", words.text(f"title.hours_{name}"), day_hours, names, values, context))
    table = [
        {"weekday": names[int(row["weekday"]) - 1], "hour": int(row["hour"]), "calls": row["calls"], "calls_missed": row["calls_missed"]}
        for row in sorted(rows, key=lambda row: (row["weekday"], row["hour"]))
    ]
    busiest = max(rows, key=lambda row: row["calls_missed"])
    headings: tuple[Heading, ...] = (
        ("weekday", "column.weekday", "text", "title"),
        ("hour", "column.hour", "integer", "value"),
        ("calls", "column.calls_in", "integer", "value"),
        ("calls_missed", "column.calls_missed", "integer", "value"),
    )
    note = words.text(
        "note.worst_hour", day=names[int(busiest["weekday"]) - 1], hour=f"{int(busiest['hour'])}:00", n=form.number(busiest["calls_missed"])
    )
    return [*contents, headed(context, "calls_by_hour", headings, table, shown=0, note=note)]


def _grid(name: str, title: str, day_hours: list[int], names: list[str], values: list[list[int | None]], context: Context) -> Chart:
    written = [["" if value is None else context.form.number(value) for value in row] for row in values]
    labels = [str(hour) for hour in day_hours]
    numbers = [[None if value is None else float(value) for value in row] for row in values]
    height = CELL_HEIGHT * WEEKDAYS + 40
    return Chart(name, title, lambda theme: grid_of_cells(labels, names, numbers, written, context.form, theme), title, height)


def managers(asked: Asked, context: Context) -> Sequence[Content]:
    """Calls by manager."""
    rows = [
        {**row, "missed_share": share(row["calls_missed"], row["calls_in"])}
        for row in named(context, context.ask("calls/by_manager", asked.values(context)))
    ]
    headings: tuple[Heading, ...] = (
        MANAGER,
        ("calls_in", "column.calls_in", "integer", "value"),
        ("calls_missed", "column.calls_missed", "integer", "value"),
        ("missed_share", "column.missed_share", "percent", "value"),
        ("calls_lost", "column.calls_lost", "integer", "value"),
        ("calls_out", "column.calls_out", "integer", "value"),
        ("talk_minutes", "column.talk_minutes", "integer", "workbook"),
        ("callback_median", "column.callback_minutes", "integer", "workbook"),
        MANAGER_KEY,
    )
    return [headed(context, "calls_managers", headings, rows, shown=20)]


def missed(asked: Asked, context: Context) -> Sequence[Content]:
    """Missed calls, those that nobody has returned first."""
    words = context.words
    rows = [
        {
            **row,
            "customer_name": name_or(context, row["customer_name"], "none.caller"),
            "manager_name": name_or(context, row["manager_name"], "none.manager"),
            "state": words.text("call.waiting") if row["callback_minutes"] is None else words.text("call.returned"),
        }
        for row in context.ask("calls/missed", asked.values(context))
    ]
    headings: tuple[Heading, ...] = (
        ("customer_name", "column.customer", "text", "title"),
        ("phone", "column.phone", "text", "detail"),
        ("manager_name", "column.manager", "text", "detail"),
        ("started_at", "column.moment", "datetime", "value"),
        ("state", "column.state", "text", "value"),
        ("callback_minutes", "column.callback_minutes", "integer", "value"),
        ("wait_seconds", "column.wait_seconds", "integer", "workbook"),
        ("customer_key", "column.customer_key", "text", "workbook"),
    )
    return [headed(context, "calls_missed", headings, rows, shown=12)]

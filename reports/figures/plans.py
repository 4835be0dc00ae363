"""Plans of a month beyond the revenue of managers: of the company, departments, categories of goods and customers, by every metric."""

from collections.abc import Sequence

from reports.blocks import Content, Table, Text
from reports.compute import Block
from reports.context import Context
from reports.figures.common import name_or, share
from reports.figures.funnel import STREAMS as CRM
from reports.figures.revenue import STREAMS as BOOKS
from reports.figures.tables import Heading, headed
from reports.formatting import Kind
from reports.periods import Period, period_of
from reports.published import Row

QUESTIONS = ("plan/metrics", "calendar/workdays")
TABLES: tuple[tuple[str, Kind, tuple[str, ...]], ...] = (
    ("plans_money", "money", ("revenue", "gross_profit", "cash", "average_sale")),
    ("plans_counts", "integer", ("deals_won", "contacts")),
)
SCOPES = ("company", "department", "product_category", "manager", "customer")


def plans(asked: Period, chosen: dict[str, str], context: Context) -> Sequence[Content]:
    """Plan and fact of a month: amounts and counts apart, the whole before its parts, the furthest behind first.

    Args:
        asked: the month.
        chosen: a `manager` and a `department`, empty for all.
        context: the publication, words and formats.
    """
    rows = [_named(row, context) for row in context.ask("plan/metrics", {"month": asked.start, **chosen})]
    rows.sort(key=lambda row: (SCOPES.index(row["scope_kind"]), row["completion"] is None, row["completion"] or 0))
    gone = workdays_over(asked, context) if rows and asked.end > context.as_of else ""
    tables = [_table(context, name, kind, [row for row in rows if row["metric"] in metrics]) for name, kind, metrics in TABLES]
    return [*(table for table in tables if table.rows), *([Text(gone)] if gone else [])]


def _named(row: Row, context: Context) -> Row:
    """The row with what is planned: the metric for the company, else whose plan it is, the other below it."""
    metric = context.words.choice("metric", row["metric"])
    if row["scope_kind"] == "company":
        return {**row, "planned": metric, "detail": context.words.text("plan.company")}
    return {**row, "planned": name_or(context, row["scope_name"], "none.name"), "detail": metric}


def _table(context: Context, name: str, kind: Kind, rows: Sequence[Row]) -> Table:
    headings: tuple[Heading, ...] = (
        ("planned", "column.what_planned", "text", "title"),
        ("detail", "column.metric", "text", "detail"),
        ("plan", "column.plan", kind, "value"),
        ("fact", "column.fact", kind, "value"),
        ("completion", "column.plan_completion", "percent", "value"),
    )
    return headed(context, name, headings, rows, shown=20)


def workdays_over(asked: Period, context: Context) -> str:
    """How far a month has come by workdays, against which its plans are read; nothing where no calendar tells."""
    days = context.one("calendar/workdays", {"month": asked.start, "to_date": context.as_of})
    if not days["workdays"]:
        return ""
    form = context.form
    return context.words.text(
        "plan.workdays",
        over=form.number(days["workdays_over"]),
        total=form.number(days["workdays"]),
        share=form.percent(share(days["workdays_over"], days["workdays"])),
    )


def _of_report(context: Context) -> Sequence[Content]:
    return plans(period_of("month", context.period.end), {"manager": "", "department": ""}, context)


PLANS = Block("plans", _of_report, QUESTIONS, (*CRM, *BOOKS), optional=True, quiet=True, page="managers")

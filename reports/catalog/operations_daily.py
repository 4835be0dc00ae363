"""What needs doing today: calls to return, deals without a task, goods that ran out, payments due within a week."""

from reports.figures.calls import CALLS
from reports.figures.freshness import LATE_SOURCES
from reports.figures.operations import HEADLINE, PAYABLES_DUE, PAYMENTS_DUE, STOCK_OUTS
from reports.figures.team import WORKLOAD
from reports.spec import Report

REPORT = Report(
    name="operations_daily",
    period="day",
    headline=HEADLINE,
    blocks=(CALLS, WORKLOAD, PAYMENTS_DUE, PAYABLES_DUE, STOCK_OUTS, LATE_SOURCES),
    schedule="30 8 * * 1-5",
    roles=frozenset({"director", "manager"}),
)

"""The head of sales' week: results, people, load, funnel, lost deals, calls."""

from reports.figures.calls import CALLS
from reports.figures.freshness import LATE_SOURCES
from reports.figures.funnel import FUNNEL
from reports.figures.managers import MANAGERS
from reports.figures.revenue import HEADLINE, REVENUE_WEEK
from reports.figures.team import LOSS_REASONS, OPEN_DEALS, WORKLOAD
from reports.spec import Report

REPORT = Report(
    name="sales_team_weekly",
    period="week",
    headline=HEADLINE,
    blocks=(REVENUE_WEEK, MANAGERS, WORKLOAD, FUNNEL, OPEN_DEALS, LOSS_REASONS, CALLS, LATE_SOURCES),
    schedule="0 9 * * 1",
    roles=frozenset({"director", "analyst", "manager"}),
)

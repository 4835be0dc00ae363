"""Where the books and the CRM disagree, money first: what is at stake, by check and by manager, the biggest issues, changed months."""

from reports.figures.freshness import LATE_SOURCES
from reports.figures.mismatches import BY_MANAGER, HEADLINE, LARGEST, MISMATCHES, RESTATED
from reports.spec import Report

REPORT = Report(
    name="reconciliation_daily",
    period="day",
    headline=HEADLINE,
    blocks=(MISMATCHES, LARGEST, BY_MANAGER, RESTATED, LATE_SOURCES),
    schedule="30 8 * * 1-5",
    roles=frozenset({"director", "analyst", "manager"}),
)

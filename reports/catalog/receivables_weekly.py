"""What customers owe: how much, how old, who, whose customers, and what is due within a week."""

from reports.figures.cash import CASH
from reports.figures.freshness import LATE_SOURCES
from reports.figures.operations import PAYMENTS_DUE
from reports.figures.receivables import DEBTS_BY_MANAGER, HEADLINE, RECEIVABLES
from reports.spec import Report

REPORT = Report(
    name="receivables_weekly",
    period="week",
    headline=HEADLINE,
    blocks=(RECEIVABLES, DEBTS_BY_MANAGER, PAYMENTS_DUE, CASH, LATE_SOURCES),
    schedule="0 9 * * 1",
    roles=frozenset({"director", "manager"}),
)

"""The director's week: what was sold and received, the month against plan, money, debts, funnel, people, advertising, customers."""

from reports.figures.cash import CASH, CASH_BALANCES, MONEY_FLOW
from reports.figures.customers import FALLING
from reports.figures.freshness import LATE_SOURCES
from reports.figures.funnel import FUNNEL
from reports.figures.managers import MANAGERS
from reports.figures.marketing import MARKETING
from reports.figures.receivables import RECEIVABLES
from reports.figures.revenue import HEADLINE, REVENUE_MONTH, REVENUE_WEEK
from reports.figures.team import LOSS_REASONS
from reports.spec import Report

REPORT = Report(
    name="director_weekly",
    period="week",
    headline=HEADLINE,
    blocks=(
        REVENUE_WEEK,
        REVENUE_MONTH,
        CASH,
        MONEY_FLOW,
        CASH_BALANCES,
        RECEIVABLES,
        FUNNEL,
        LOSS_REASONS,
        MANAGERS,
        MARKETING,
        FALLING,
        LATE_SOURCES,
    ),
    schedule="0 8 * * 1",
    roles=frozenset({"director"}),
)

"""The director's morning mail: the day, the month against plan, money, debts, funnel, people, calls, advertising, freshness."""

from reports.figures.calls import CALLS
from reports.figures.cash import CASH, CASH_BALANCES, MONEY_FLOW
from reports.figures.freshness import LATE_SOURCES
from reports.figures.funnel import FUNNEL
from reports.figures.managers import MANAGERS
from reports.figures.marketing import MARKETING
from reports.figures.receivables import RECEIVABLES
from reports.figures.revenue import HEADLINE, REVENUE_DAY, REVENUE_MONTH
from reports.spec import Report

REPORT = Report(
    name="director_daily",
    period="day",
    headline=HEADLINE,
    blocks=(
        REVENUE_DAY,
        REVENUE_MONTH,
        CASH,
        MONEY_FLOW,
        CASH_BALANCES,
        RECEIVABLES,
        FUNNEL,
        MANAGERS,
        CALLS,
        MARKETING,
        LATE_SOURCES,
    ),
    schedule="0 8 * * 1-5",
    roles=frozenset({"director"}),
)

"""The director's month: revenue and profit against plan, money, debts, people, marketing return, the customer base and its classes."""

from reports.figures.attribution import MARKETING_RETURN
from reports.figures.cash import CASH, MONEY_FLOW
from reports.figures.customers import BASE, SEGMENTS
from reports.figures.freshness import LATE_SOURCES
from reports.figures.funnel import FUNNEL
from reports.figures.managers import MANAGERS
from reports.figures.marketing import MARKETING
from reports.figures.plans import PLANS
from reports.figures.receivables import RECEIVABLES
from reports.figures.revenue import HEADLINE, REVENUE_MONTH, REVENUE_WHOLE_MONTH
from reports.spec import Report

REPORT = Report(
    name="director_monthly",
    period="month",
    headline=HEADLINE,
    blocks=(
        REVENUE_WHOLE_MONTH,
        REVENUE_MONTH,
        CASH,
        MONEY_FLOW,
        RECEIVABLES,
        FUNNEL,
        MANAGERS,
        PLANS,
        MARKETING,
        MARKETING_RETURN,
        BASE,
        SEGMENTS,
        LATE_SOURCES,
    ),
    schedule="0 8 2 * *",
    roles=frozenset({"director"}),
)

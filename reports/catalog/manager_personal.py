"""One manager's own morning: plan, deals, calls to return, debts of the own customers, who sleeps and what they usually buy.

It is the recipient's scope that makes it one manager's: the blocks are those of everybody else's reports.
"""

from reports.figures.calls import CALLS
from reports.figures.customers import BASKET_GAPS, LEAVING_WINDOW, SLEEPING
from reports.figures.freshness import LATE_SOURCES
from reports.figures.operations import PAYMENTS_DUE
from reports.figures.receivables import RECEIVABLES
from reports.figures.revenue import HEADLINE, REVENUE_DAY, REVENUE_MONTH
from reports.figures.team import OPEN_DEALS
from reports.spec import Report

REPORT = Report(
    name="manager_personal",
    period="day",
    headline=HEADLINE,
    blocks=(REVENUE_DAY, REVENUE_MONTH, CALLS, OPEN_DEALS, RECEIVABLES, PAYMENTS_DUE, LEAVING_WINDOW, BASKET_GAPS, SLEEPING, LATE_SOURCES),
    schedule="0 8 * * 1-5",
    roles=frozenset({"manager"}),
)

"""Customers who may be lost: buying less, losing their tier, missing their usual goods, sleeping."""

from reports.figures.customers import BASKET_GAPS, FALLING, HEADLINE, LEAVING_WINDOW, SLEEPING
from reports.figures.freshness import LATE_SOURCES
from reports.spec import Report

REPORT = Report(
    name="customers_at_risk",
    period="week",
    headline=HEADLINE,
    blocks=(FALLING, LEAVING_WINDOW, BASKET_GAPS, SLEEPING, LATE_SOURCES),
    schedule="0 9 * * 1",
    roles=frozenset({"director", "marketer", "manager"}),
)

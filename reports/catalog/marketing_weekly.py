"""The marketer's week: cost and leads, acquisition cost and return by channel and campaign under two attribution models."""

from reports.figures.attribution import MARKETING_RETURN
from reports.figures.freshness import LATE_SOURCES
from reports.figures.funnel import FUNNEL
from reports.figures.marketing import HEADLINE, MARKETING
from reports.spec import Report

REPORT = Report(
    name="marketing_weekly",
    period="week",
    headline=HEADLINE,
    blocks=(MARKETING, MARKETING_RETURN, FUNNEL, LATE_SOURCES),
    schedule="0 9 * * 1",
    roles=frozenset({"director", "marketer"}),
)

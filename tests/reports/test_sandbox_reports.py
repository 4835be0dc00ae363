"""Every report over the sandbox company: what it is made of is what it was, and its main figures are those of the marts.

A snapshot holds a report's sections, figures, tables, columns and sentences with their digits masked, so that it changes when the
report changes, not when the sandbox sells something else. `SKVOZ_UPDATE_SNAPSHOTS=1 pytest tests/reports/test_sandbox_reports.py` writes
them anew; look at the difference before it is committed.
"""

import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from reports.blocks import Bars, Chart, Content, Kpi, Table
from reports.catalogue import all_reports, find_report
from reports.context import Context
from reports.periods import last_complete
from reports.published import Published
from reports.render.document import Document, make_document
from tests.marts.sandbox_warehouse import PublishedSandbox

SNAPSHOTS = Path(__file__).parent / "snapshots"
UPDATE = "SKVOZ_UPDATE_SNAPSHOTS"


@pytest.fixture(scope="module")
def opened(published_sandbox: PublishedSandbox) -> Iterator[Published]:
    with Published(published_sandbox.path) as published:
        yield published


def document(published: Published, name: str, locale: str = "ru") -> Document:
    report = find_report(name)
    return make_document(report, Context.make(published, last_complete(report.period, published.publication.as_of_date), locale))


def masked(text: str) -> str:
    """The text without what the sandbox's figures, days and signs of change decide."""
    text = re.sub(r"\d[\d\u00a0.,:]*", "0", text)
    return re.sub(r"[−+▲▼=] ?(?=0)", "", text)


def shape(content: Content) -> str:
    """One line of what a content is, whatever it holds."""
    if isinstance(content, Kpi):
        told = [
            f"{figure.label} ({figure.kind}{', compared' * len(figure.comparisons)}{', plan' if figure.progress else ''})"
            for figure in content.figures
        ]
        return f"figures: {'; '.join(told)}"
    if isinstance(content, Bars):
        return f"bars: {content.title} ({content.kind})"
    if isinstance(content, Chart):
        return f"chart: {content.title}"
    if isinstance(content, Table):
        return f"table: {content.title}: {' | '.join(f'{column.label} ({column.kind}, {column.place})' for column in content.columns)}"
    return f"text: {content.text}"


def told(found: Document) -> str:
    lines = [f"subject: {found.subject}", f"company: {found.company}, {found.as_of_text}", f"summary: {found.summary}"]
    for section in found.sections:
        lines += ["", f"[{section.state}] {section.title}", *(f"  {shape(content)}" for content in section.contents)]
    lines += ["", *(f"definition: {label}: {text}" for label, text in found.definitions)]
    return masked("\n".join(lines)) + "\n"


@pytest.mark.parametrize("name", sorted(all_reports()))
def test_a_report_is_made_of_what_it_was(opened: Published, name: str) -> None:
    found = document(opened, name)
    assert (found.state, found.failures) == ("ok", ())
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get(UPDATE):
        path.write_text(told(found), encoding="utf-8")
    assert told(found) == path.read_text(encoding="utf-8"), f"if the change is meant: {UPDATE}=1 pytest {Path(__file__).name}"


def test_no_snapshot_is_left_of_what_is_gone() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("*.txt")} == set(all_reports())


DAY = "between date '2026-03-30' and date '2026-03-30'"
WEEK = "between date '2026-03-23' and date '2026-03-29'"
FEBRUARY = "between date '2026-02-01' and date '2026-02-28'"
DEBT = "select sum(debt) from marts.receivables"
FIGURES = {
    "director_daily": {
        "revenue_day": f"select sum(revenue) from marts.revenue_daily where date {DAY}",
        "cash_balance": "select sum(balance_base) from marts.cash_balances",
        "debt": DEBT,
    },
    "director_weekly": {
        "revenue_week": f"select sum(revenue) from marts.revenue_daily where date {WEEK}",
        "flow_in": f"select sum(amount) from marts.cash_flow_daily where direction = 'in' and date {WEEK}",
    },
    "director_monthly": {
        "revenue_month": f"select sum(revenue) from marts.revenue_daily where date {FEBRUARY}",
        "customers_active": "select customers_active from marts.customer_base_months where month = date '2026-02-01'",
    },
    "sales_team_weekly": {"orders_week": f"select sum(orders_count) from marts.revenue_daily where date {WEEK}"},
    "manager_personal": {"forecast_month": "select sum(forecast_revenue) from marts.revenue_plan_months where month = date '2026-03-01'"},
    "marketing_weekly": {"marketing_cost_day": f"select sum(cost_base) from marts.fct_campaign_costs where cost_date {WEEK}"},
    "customers_at_risk": {"rows of customers_falling": "select count(*) from marts.customer_turnover where turnover_change < 0"},
    "receivables_weekly": {"debt": DEBT, "advances": "select sum(advance) from marts.customer_advances"},
    "reconciliation_daily": {
        "mismatches": "select count(*) from marts.reconciliation",
        "mismatches_high": "select count(*) from marts.reconciliation where severity = 'high'",
    },
    "operations_daily": {
        "payments_due": "select sum(debt) from marts.receivables where due_date between date '2026-03-31' and date '2026-04-07'",
        "rows of stock_outs": "select count(*) from marts.dim_products as p where abc_class in ('A', 'B') and not is_service"
        " and coalesce((select sum(quantity) from marts.fct_stock as s where s.product_key = p.product_key), 0) <= 0",
    },
}


@pytest.mark.parametrize("name", sorted(all_reports()))
def test_the_main_figures_are_those_of_the_marts(opened: Published, name: str) -> None:
    assert opened.publication.as_of_date == date(2026, 3, 31)
    found = document(opened, name)
    contents = [content for section in found.sections for content in section.contents]
    values = {figure.name: figure.value for content in contents if isinstance(content, Kpi) for figure in content.figures}
    values |= {f"rows of {content.name}": len(content.rows) for content in contents if isinstance(content, Table)}
    for figure, sql in FIGURES[name].items():
        (expected,) = opened.select(f"select ({sql}) as value")[0].values()
        assert values[figure] == (expected or 0), figure

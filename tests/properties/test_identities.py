"""Whatever a company's records are, its marts agree with one another, and every test that could stop a publication passes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.marts.expected import back_months, month
from tests.properties.compiled import CompiledProject
from tests.properties.identities import IDENTITIES
from tests.properties.pool import Draw, Pool

# ends of months, of years and of a half-year that began on a leap day; the days of two clock changes
DAYS = ("2026-03-31", "2026-01-01", "2025-12-31", "2025-10-26", "2025-08-31", "2025-03-30", "2025-02-28", "2024-12-31")
ZONES = ("Europe/Moscow", "Europe/Warsaw", "Europe/Bucharest")
COMPANIES = st.builds(
    Draw,
    salt=st.integers(0, 10**6),
    documents=st.sampled_from((1000, 500, 200, 60, 10, 0)),
    lists=st.sampled_from((1000, 1000, 950, 800)),
    dirt=st.sampled_from((20, 0, 100, 300)),
    as_of=st.sampled_from(DAYS),
    zone=st.sampled_from(ZONES),
)


def days_of(as_of: str) -> dict[str, str]:
    """The days that identities name, as DATE literals."""
    day = date.fromisoformat(as_of)
    found = {"as_of": day, "month": month(day), "window": back_months(month(day), 12)}
    found |= {f"start_{months}": back_months(day, months) for months in (3, 6, 12)}
    return {name: f"date '{one}'" for name, one in found.items()}


def contradictions(pool: Pool, draw: Draw) -> dict[str, list[tuple[object, ...]]]:
    """First rows of every identity and every blocking test that the drawn company breaks."""
    connection = pool.build(draw)
    made = [model.name for model in pool.project.models.values() if pool.is_made(model)]
    found = pool.project.broken(connection, made, as_of=draw.as_of, zone=draw.zone)
    days = days_of(draw.as_of)
    for name, sql in IDENTITIES.items():
        rows = connection.execute(f"select * from ({sql.format(**days)}) limit 3").fetchall()
        if rows:
            found[name] = rows
    return found


@given(draw=COMPANIES)
def test_the_marts_of_any_company_agree(pool: Pool, draw: Draw) -> None:
    assert contradictions(pool, draw) == {}


def test_a_company_that_is_drawn_whole_is_the_published_one(pool: Pool, compiled: CompiledProject) -> None:
    """The SQL in memory does what dbt did, so that what is proved above is true of builds."""
    connection = pool.build(Draw(0, 1000, 1000, 0, compiled.as_of, compiled.zone))
    sums = connection.execute("select count(*), sum(revenue_base), count(distinct customer_key) from marts.fct_sales").fetchone()
    funnel = connection.execute("select sum(deals_reached), sum(amount_now) from marts.sales_funnel").fetchone()
    connection.execute(f"attach '{pool.warehouse}' as published (read_only)")
    wanted = connection.execute("select count(*), sum(revenue_base), count(distinct customer_key) from published.marts.fct_sales").fetchone()
    reached = connection.execute("select sum(deals_reached), sum(amount_now) from published.marts.sales_funnel").fetchone()
    connection.execute("detach published")
    assert (sums, funnel) == (wanted, reached)


@pytest.mark.parametrize("name", IDENTITIES)
def test_an_identity_can_be_broken(name: str) -> None:
    """Every identity reads a mart; one that reads nothing would hold of everything."""
    assert "marts." in IDENTITIES[name]

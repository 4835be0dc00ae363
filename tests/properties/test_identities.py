"""Whatever a company's records are, its marts agree with one another, and every test that could stop a publication passes."""

from datetime import date

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


# a fault in a mart, and the identity that it breaks
FAULTS = {
    "revenue_by_day": "update marts.revenue_daily set revenue = revenue + 1",
    "revenue_by_customer": "delete from marts.dim_customers where revenue_base > 0",
    "revenue_by_product": "update marts.abc_xyz_products set value = value - 1 where measure = 'revenue'",
    "revenue_of_new_and_other_customers": "update marts.customer_base_months set revenue_new = 0",
    "turnover_windows": "update marts.customer_turnover set turnover_previous_3m = turnover_previous_3m + 1",
    "shares_of_abc_xyz_products": "delete from marts.abc_xyz_products where value_rank = 1",
    "classes_of_abc_xyz_customers_nest": "update marts.abc_xyz_customers set abc_class = 'C' where value_rank = 1",
    "funnel_never_rises": "update marts.sales_funnel set deals_reached = 0 where stage_position = 1",
    "cost_of_every_model": "update marts.marketing_roi set cost = cost + 1 where attribution_model = 'linear'",
    "revenue_of_every_model": "delete from marts.marketing_roi where attribution_model = 'time_decay' and revenue <> 0",
    "cohorts_hold_every_customer_once": "update marts.cohort_roi set customers = customers + 1 where months_since = 0",
    "debts_less_advances_are_balances": "update marts.receivables set debt = debt + 0.01",
    "stages_are_paid_in_order": "update marts.order_payment_stages set paid_base = 0 where stage_number = 1",
    "active_follows_from_the_month_before": "update marts.customer_base_months set customers_lost = customers_lost + 1",
    "plans_meet_the_sales": "update marts.plan_fact set fact = fact + 1",
    "deleted_and_unposted_shipments": "update staging.stg_onec__shipments set is_posted = false",
    "deleted_deals": "update staging.stg_amocrm__leads set is_deleted = true",
    "later_months_of_manager_kpi": "update marts.manager_kpi set month = date '2026-04-01' where month = date '2026-03-01'",
}


def test_the_whole_company_is_the_published_one_and_faults_are_seen(pool: Pool, compiled: CompiledProject) -> None:
    """The SQL in memory does what dbt did, so that what is proved above is true of builds; and an identity fails when a mart is wrong."""
    connection = pool.build(Draw(0, 1000, 1000, 0, compiled.as_of, compiled.zone))
    days = days_of(compiled.as_of)
    connection.execute(f"attach '{pool.warehouse}' as published (read_only)")
    for mart in ("fct_sales", "sales_funnel", "manager_kpi", "marketing_roi", "customer_turnover", "fct_orders"):
        differing = connection.execute(f"select count(*) from (from marts.{mart} except all from published.marts.{mart})").fetchone()
        assert differing == (0,), mart
    connection.execute("detach published")
    for name, fault in FAULTS.items():
        connection.execute("begin")
        connection.execute(fault)
        assert connection.execute(f"select * from ({IDENTITIES[name].format(**days)}) limit 1").fetchall(), name
        connection.execute("rollback")

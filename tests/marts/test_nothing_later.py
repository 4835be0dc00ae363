"""What is dated after as_of is not in the reports: with such records in the warehouse and without them they are the same, row by row.

Attributes without a history are as now in both: a deal's stage, so that the history that explains it stays too, and an order's status,
which is taken from the orders that were shipped later («Закрыт» without a shipment would mean cancelled).
"""

from datetime import date, timedelta

import duckdb
import pytest

from tests.marts.built_in_memory import BuiltSandbox, built
from tests.marts.sandbox_warehouse import PublishedSandbox
from tests.properties.compiled import CompiledProject

AS_OF = date(2025, 12, 31)
# the day of a record of each stream; what has none (cards, plans, balances at the load) has no later one
DATED = {
    "document_at": (
        "onec__orders", "onec__shipments", "onec__returns", "onec__retail_receipts", "onec__retail_returns", "onec__retail_reports",
    ),
    "coalesce(conducted_at, document_at)": (
        "onec__bank_receipts", "onec__bank_payments", "onec__cash_receipts", "onec__cash_payments", "onec__card_operations",
    ),
    "registered_at": ("onec__claims",),
    "period": ("onec__sales_register_rows",),
    "cost_date": ("yandex_direct__campaign_costs", "spreadsheet__campaign_costs"),
    "rate_date": ("onec__currency_rates", "spreadsheet__exchange_rates"),
    "created_at": (
        "amocrm__leads", "amocrm__tasks", "amocrm__call_notes", "amocrm__unsorted", "bitrix24__deals", "bitrix24__leads",
        "bitrix24__activities",
    ),
    "started_at": ("bitrix24__calls",),
}  # fmt: skip
INSTANTS = {"created_at", "started_at"}
REPORTS = (
    "sales_funnel", "funnel_passages", "abc_xyz_products", "abc_xyz_customers", "rfm_customers", "customer_turnover",
    "customer_turnover_months", "customer_basket_gaps", "customer_base_months", "manager_kpi", "revenue_daily", "revenue_plan_months",
    "plan_fact", "marketing_roi",
    "cohort_roi", "receivables", "customer_advances", "cash_flow_daily", "loss_reasons", "manager_workload", "order_lead_times",
    "claims_months", "discounts", "deal_velocity", "product_affinity", "forecast_revenue", "order_changes",
)  # fmt: skip
FACTS = ("fct_sales", "fct_payments", "fct_orders", "fct_deals", "fct_calls", "fct_activities", "fct_campaign_costs")


@pytest.fixture(scope="module")
def both(published_sandbox: PublishedSandbox, compiled: CompiledProject) -> tuple[BuiltSandbox, BuiltSandbox]:
    """Marts as of a day, of everything that was loaded and of what was dated up to that day."""
    day_end = f"timestamp '{AS_OF + timedelta(days=1)}'"
    as_now = [
        "update staging.stg_onec__orders set status = null where _key in"
        f" (select order_id from staging.stg_onec__shipments where document_at >= {day_end})"
    ]
    ends = {name: f"timezone('{compiled.zone}', {day_end})" if name in INSTANTS else day_end for name in DATED}
    with duckdb.connect(str(published_sandbox.settings.warehouse_file), read_only=True) as warehouse:
        # staging of what a company need not have is no table: nothing of it is dated later here
        kept = {row[0] for row in warehouse.execute("select table_name from duckdb_tables() where schema_name = 'staging'").fetchall()}
    dated = [(f"stg_{table}", day) for day, tables in DATED.items() for table in tables]
    later = [f"delete from staging.{table} where {day} >= {ends[day]}" for table, day in dated if table in kept]
    later.append(f"delete from staging.stg_amocrm__events where created_at >= {ends['created_at']} and event_type not like 'lead_%'")
    whole, cut = (
        built(published_sandbox, compiled, published_sandbox.company, AS_OF, changes=changes, marts=REPORTS + FACTS)
        for changes in (as_now, as_now + later)
    )
    return whole, cut


@pytest.mark.parametrize("mart", REPORTS)
def test_later_records_change_no_report(both: tuple[BuiltSandbox, BuiltSandbox], mart: str) -> None:
    whole, cut = (one.mart(mart).rows() for one in both)
    assert sorted(set(whole) - set(cut), key=str)[:3] == []
    assert sorted(set(cut) - set(whole), key=str)[:3] == []
    assert len(whole) == len(cut)


def test_there_was_something_to_leave_out(both: tuple[BuiltSandbox, BuiltSandbox]) -> None:
    whole, cut = both
    for mart in FACTS:
        assert whole.mart(mart).height > cut.mart(mart).height, mart

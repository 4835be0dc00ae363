"""A build for an earlier day knows nothing that came later: the same checks, against the company as it stood then.

31 August is a month's end whose half-year begins on 28 February; 1 January is a first of everything; on the last Sundays of March and
October the clocks of Warsaw change, and its day is not Moscow's, in which the books are kept; 29 February 2024 is the last day of another
company's history. The SQL that dbt compiled is run in memory.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from ingestion.sandbox.company import build_company
from ingestion.sandbox.company_systems import running_systems
from ingestion.settings import load_settings
from ingestion.sync import SyncOptions, sync
from tests.marts import test_analysis, test_crm, test_customers, test_marketing, test_orders, test_team
from tests.marts.as_seen import as_seen
from tests.marts.built_in_memory import BuiltSandbox, built
from tests.marts.conftest import campaign_names
from tests.marts.expected import Expected
from tests.marts.expected_crm import ExpectedCrm
from tests.marts.sandbox_warehouse import PublishedSandbox, made_once
from tests.properties.compiled import CompiledProject

LEAP_DAY = date(2024, 2, 29)
DAYS = [
    ("2025-08-31", "Europe/Moscow"), ("2026-01-01", "Europe/Moscow"), ("2025-03-30", "Europe/Warsaw"), ("2025-10-26", "Europe/Warsaw"),
    (LEAP_DAY.isoformat(), "Europe/Moscow"),
]  # fmt: skip
MARTS = (
    "customer_turnover", "customer_turnover_months", "rfm_customers", "dim_customers", "dim_products", "fct_orders", "receivables",
    "customer_advances", "manager_kpi", "revenue_plan_months", "abc_xyz_products", "abc_xyz_customers", "sales_funnel", "funnel_passages",
    "marketing_roi", "cohort_roi", "customer_base_months", "loss_reasons", "deal_velocity", "claims_months", "order_lead_times",
    "discounts",
)  # fmt: skip
BOOKS_CHECKS: list[Callable[[PublishedSandbox, Expected], None]] = [
    test_customers.test_turnover_windows_of_every_customer,
    test_customers.test_turnover_by_months,
    test_customers.test_rfm_scores_and_segments,
    test_customers.test_a_customers_card_sums_its_sales,
    test_orders.test_shipped_and_owed_follow_from_documents_and_the_oldest_debt_first,
    test_orders.test_debts_less_advances_are_what_1c_says_the_customer_owes,
    test_orders.test_debts_are_aged_by_the_earliest_stage_not_yet_paid,
    test_team.test_sales_documents_and_new_customers_of_every_manager,
    test_team.test_overdue_debt_of_the_running_month_is_that_of_the_receivables,
    test_team.test_plans_facts_and_the_forecast,
]


@pytest.fixture(scope="module")
def leap_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw tables of a company whose last day is the leap day."""

    def make(folder: Path) -> None:
        with running_systems(build_company(seed=2, scale=0.1, today=LEAP_DAY + timedelta(days=1)), folder) as systems:
            (folder / "skvoz.toml").write_text(systems.toml, encoding="utf-8")
            outcomes = sync(load_settings(folder / "skvoz.toml"), SyncOptions())
        assert [str(outcome.error) for outcome in outcomes if outcome.error] == []

    return load_settings(made_once(tmp_path_factory, "leap_year", make) / "skvoz.toml").warehouse_file


@pytest.fixture(scope="module", params=DAYS, ids=lambda param: "-in-".join(param).replace("Europe/", ""))
def earlier(request: pytest.FixtureRequest, published_sandbox: PublishedSandbox, compiled: CompiledProject) -> Iterator[BuiltSandbox]:
    """The marts for an earlier day, with the company as it stood at its end."""
    as_of, zone = request.param
    day = date.fromisoformat(as_of)
    with pytest.MonkeyPatch.context() as patch:
        # the sandbox has one clock; its moments stay what they are, only the company's days begin at another time
        if zone != compiled.zone:
            patch.setattr("ingestion.sandbox.clock.MOSCOW", ZoneInfo(zone))
            patch.setattr("tests.marts.test_team.MOSCOW", ZoneInfo(zone))
        if day == LEAP_DAY:
            company, warehouse = build_company(seed=2, scale=0.1, today=day + timedelta(days=1)), request.getfixturevalue("leap_warehouse")
        else:
            company, warehouse = as_seen(published_sandbox.company, day), None
        yield built(published_sandbox, compiled, company, day, zone=zone, raw=warehouse, marts=MARTS)


@pytest.fixture(scope="module")
def then(earlier: BuiltSandbox, published_sandbox: PublishedSandbox) -> Expected:
    return Expected(earlier.company, earlier.as_of, None if earlier.as_of == LEAP_DAY else published_sandbox.company)


@pytest.fixture(scope="module")
def crm_then(earlier: BuiltSandbox, then: Expected) -> ExpectedCrm:
    return ExpectedCrm(earlier.company, then.keys, campaign_names(earlier))


@pytest.mark.parametrize("check", BOOKS_CHECKS, ids=lambda check: check.__name__.removeprefix("test_"))
def test_of_the_books(earlier: BuiltSandbox, then: Expected, check: Callable[[PublishedSandbox, Expected], None]) -> None:
    check(earlier, then)


@pytest.mark.parametrize(
    "mart",
    [
        ("abc_xyz_products", "product_key", ("revenue", "gross_profit", "quantity"), "quantity"),
        ("abc_xyz_customers", "customer_key", ("revenue", "gross_profit"), "revenue_base"),
    ],
)
def test_of_abc_and_xyz(earlier: BuiltSandbox, then: Expected, mart: tuple[Any, ...]) -> None:
    test_customers.test_abc_and_xyz_of_every_item(earlier, then, *mart)


def test_of_the_funnel(earlier: BuiltSandbox, crm_then: ExpectedCrm) -> None:
    test_crm.test_the_cohort_funnel(earlier, crm_then)


def test_of_passages_through_stages(earlier: BuiltSandbox, crm_then: ExpectedCrm) -> None:
    test_analysis.test_passages_through_stages_by_the_month_they_happened(earlier, crm_then)


def test_of_managers(earlier: BuiltSandbox, then: Expected, crm_then: ExpectedCrm) -> None:
    test_team.test_deals_money_calls_and_contacts_of_every_manager_and_month(earlier, then, crm_then)


def test_of_first_responses(earlier: BuiltSandbox, crm_then: ExpectedCrm) -> None:
    test_team.test_first_response_counts_working_minutes_only(earlier, crm_then)


def test_of_the_customer_base(earlier: BuiltSandbox, then: Expected) -> None:
    test_customers.test_the_customer_base_by_months(earlier, then)


def test_of_campaigns(earlier: BuiltSandbox, then: Expected, crm_then: ExpectedCrm) -> None:
    test_marketing.test_what_campaigns_brought_in_every_model(earlier, then, crm_then)


def test_of_cohorts(earlier: BuiltSandbox, then: Expected, crm_then: ExpectedCrm) -> None:
    test_marketing.test_cohorts_grow_by_their_sales(earlier, then, crm_then)


def test_no_row_of_a_report_is_of_a_later_day(earlier: BuiltSandbox) -> None:
    months = ("manager_kpi", "loss_reasons", "deal_velocity", "marketing_roi", "claims_months", "order_lead_times", "discounts")
    for mart in (*months, "customer_turnover_months", "customer_base_months"):
        assert earlier.mart(mart).filter(pl.col("month") > earlier.as_of).is_empty(), mart

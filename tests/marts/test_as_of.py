"""A build for an earlier day knows nothing that came later: the same checks, against the company as it stood then.

31 August is a month's end whose half-year begins on 28 February; 1 January is a first of everything.
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingestion.settings import load_settings
from tests.marts import test_crm, test_customers, test_marketing, test_orders, test_team
from tests.marts.as_seen import as_seen
from tests.marts.expected import Expected
from tests.marts.expected_crm import ExpectedCrm
from tests.marts.sandbox_warehouse import PublishedSandbox, build_models, made_once

MARTS = ("customer_turnover", "customer_turnover_months", "rfm_customers", "dim_customers", "fct_orders", "receivables")
MARTS += ("customer_advances", "manager_kpi", "revenue_plan_months", "abc_xyz_products", "sales_funnel", "marketing_roi")
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


@pytest.fixture(scope="module", params=["2025-08-31", "2026-01-01"])
def earlier(
    request: pytest.FixtureRequest, published_sandbox: PublishedSandbox, tmp_path_factory: pytest.TempPathFactory
) -> PublishedSandbox:
    """The same warehouse built for an earlier day, with the company as it stood at its end."""
    day = date.fromisoformat(request.param)

    def make(folder: Path) -> None:
        left_out = shutil.ignore_patterns("published", "raw", "lock", "made")
        shutil.copytree(published_sandbox.settings.base_dir, folder, ignore=left_out, dirs_exist_ok=True)
        selected = [f"+{name}" for name in MARTS]
        build_models(load_settings(folder / "skvoz.toml"), day, "--select", *selected, "--exclude", "staging", "resource_type:seed")

    settings = load_settings(made_once(tmp_path_factory, f"as_of_{request.param}", make) / "skvoz.toml")
    company = as_seen(published_sandbox.company, day)
    return replace(published_sandbox, company=company, settings=settings, path=settings.warehouse_file, as_of=day, _tables={})


@pytest.fixture(scope="module")
def then(earlier: PublishedSandbox) -> Expected:
    return Expected(earlier.company, earlier.as_of)


@pytest.fixture(scope="module")
def crm_then(earlier: PublishedSandbox, then: Expected, crm: ExpectedCrm) -> ExpectedCrm:
    return ExpectedCrm(earlier.company, then.keys, crm.campaign_keys)


@pytest.mark.parametrize("check", BOOKS_CHECKS, ids=lambda check: check.__name__.removeprefix("test_"))
def test_of_the_books(earlier: PublishedSandbox, then: Expected, check: Callable[[PublishedSandbox, Expected], None]) -> None:
    check(earlier, then)


@pytest.mark.parametrize(
    "mart",
    [
        ("abc_xyz_products", "product_key", ("revenue", "gross_profit", "quantity"), "quantity"),
        ("abc_xyz_customers", "customer_key", ("revenue", "gross_profit"), "revenue_base"),
    ],
)
def test_of_abc_and_xyz(earlier: PublishedSandbox, then: Expected, mart: tuple[Any, ...]) -> None:
    test_customers.test_abc_and_xyz_of_every_item(earlier, then, *mart)


def test_of_the_funnel(earlier: PublishedSandbox, crm_then: ExpectedCrm) -> None:
    test_crm.test_the_cohort_funnel(earlier, crm_then)


def test_of_managers(earlier: PublishedSandbox, then: Expected, crm_then: ExpectedCrm) -> None:
    test_team.test_deals_money_calls_and_contacts_of_every_manager_and_month(earlier, then, crm_then)


def test_of_first_responses(earlier: PublishedSandbox, crm_then: ExpectedCrm) -> None:
    test_team.test_first_response_counts_working_minutes_only(earlier, crm_then)


def test_of_campaigns(earlier: PublishedSandbox, then: Expected, crm_then: ExpectedCrm) -> None:
    test_marketing.test_what_campaigns_brought_in_every_model(earlier, then, crm_then)

"""What every test of the marts compares with."""

import polars as pl
import pytest

from tests.marts.expected import Expected
from tests.marts.expected_crm import ExpectedCrm
from tests.marts.sandbox_warehouse import PublishedSandbox


@pytest.fixture(scope="session")
def expected(published_sandbox: PublishedSandbox) -> Expected:
    """Facts worked out from the truth of the published company."""
    return Expected(published_sandbox.company, published_sandbox.as_of)


@pytest.fixture(scope="session")
def crm(published_sandbox: PublishedSandbox, expected: Expected) -> ExpectedCrm:
    """The CRMs' facts; the warehouse's names of campaigns are looked up by the names they have in the advertising systems."""
    company = published_sandbox.company
    known = published_sandbox.mart("dim_campaigns").filter(pl.col("campaign_name").is_not_null())
    by_name = dict(known.select("campaign_name", "campaign_key").iter_rows())
    names = {one.number: f"ads:{one.id}" if one.system == "yandex_direct" else by_name[one.name] for one in company.campaigns}
    return ExpectedCrm(company, expected.keys, names)

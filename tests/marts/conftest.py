"""What every test of the marts compares with."""

import polars as pl
import pytest

from tests.marts.expected import Expected
from tests.marts.expected_crm import ExpectedCrm
from tests.marts.sandbox_warehouse import PublishedSandbox


def campaign_names(published: PublishedSandbox) -> dict[int, str]:
    """campaign_key by the campaign's number.

    Keys of spreadsheets' campaigns are looked up by their names; where nothing was paid for one yet, it is the channel's.
    """
    known = published.mart("dim_campaigns").filter(pl.col("campaign_name").is_not_null())
    by_name = dict(known.select("campaign_name", "campaign_key").iter_rows())
    return {
        one.number: f"ads:{one.id}" if one.system == "yandex_direct" else by_name.get(one.name, f"channel:{one.channel}")
        for one in published.company.campaigns
    }


@pytest.fixture(scope="session")
def expected(published_sandbox: PublishedSandbox) -> Expected:
    """Facts worked out from the truth of the published company."""
    return Expected(published_sandbox.company, published_sandbox.as_of)


@pytest.fixture(scope="session")
def crm(published_sandbox: PublishedSandbox, expected: Expected) -> ExpectedCrm:
    """The CRMs' facts."""
    return ExpectedCrm(published_sandbox.company, expected.keys, campaign_names(published_sandbox))

"""The sandbox company at the sizes its own tests need."""

from __future__ import annotations

import pytest

from ingestion.sandbox.company import Company, build_company


@pytest.fixture(scope="session")
def small() -> Company:
    """Some 300 orders and 250 deals over eighteen months, seen on 31 March 2026."""
    return build_company(scale=0.1)

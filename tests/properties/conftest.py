"""One pool of records for all properties; how many companies are drawn.

The profile is `ci`, the same companies in every run; SKVOZ_PROPERTIES=thorough draws new ones, and many more.
"""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.marts.sandbox_warehouse import PublishedSandbox
from tests.properties.compiled import CompiledProject
from tests.properties.pool import Pool

# a company takes 2 s; what fails is shown by its few numbers, so that making them smaller is not worth another hundred companies
_QUIET: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
    "phases": [Phase.explicit, Phase.generate],
}
settings.register_profile("ci", derandomize=True, max_examples=6, **_QUIET)
settings.register_profile("thorough", max_examples=300, **_QUIET)
settings.load_profile(os.environ.get("SKVOZ_PROPERTIES", "ci"))


@pytest.fixture(scope="session")
def pool(published_sandbox: PublishedSandbox, compiled: CompiledProject) -> Pool:
    """The sandbox's records in several states."""
    return Pool(compiled, published_sandbox.settings.warehouse_file)

"""The sandbox company, published once for the whole test run: what tests of marts, reports and pages are held against."""

import pytest

from tests.marts.sandbox_warehouse import PublishedSandbox, build, made_once, make_company, opened


@pytest.fixture(scope="session")
def published_sandbox(tmp_path_factory: pytest.TempPathFactory) -> PublishedSandbox:
    """The sandbox company extracted over HTTP, built and published as of its last day; workers of pytest-xdist share one."""
    company = make_company()
    return opened(made_once(tmp_path_factory, "published_sandbox", lambda folder: build(folder, company)), company)

"""The sandbox company, published once for the whole test run: what tests of marts, reports and pages are held against."""

import os
from pathlib import Path

import pytest

from tests.marts.sandbox_warehouse import PublishedSandbox, build, filled_once, made_once, make_company, opened


@pytest.fixture(scope="session")
def published_sandbox(tmp_path_factory: pytest.TempPathFactory) -> PublishedSandbox:
    """The sandbox company extracted over HTTP, built and published as of its last day; workers of pytest-xdist share one.

    SKVOZ_TEST_SANDBOX names a folder that keeps it between runs of single tests (90 s saved each); it is then as old as that folder.
    """
    company = make_company()
    kept = os.environ.get("SKVOZ_TEST_SANDBOX")
    if kept:
        return opened(filled_once(Path(kept), lambda folder: build(folder, company)), company)
    return opened(made_once(tmp_path_factory, "published_sandbox", lambda folder: build(folder, company)), company)

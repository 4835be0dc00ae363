"""The sandbox company, published once for the whole test run: what tests of marts, reports and pages are held against."""

import os

import pytest

from tests.marts.sandbox_warehouse import PublishedSandbox, build, held, make_company, opened


@pytest.fixture(scope="session")
def published_sandbox(tmp_path_factory: pytest.TempPathFactory) -> PublishedSandbox:
    """The sandbox company extracted over HTTP, built and published as of its last day; workers of pytest-xdist share one."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "published_sandbox"
    company = make_company()
    with held(shared / "published_sandbox.lock"):
        done = folder / "done"
        if not done.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            build(folder, company)
            done.touch()
    return opened(folder, company)

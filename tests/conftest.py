"""The sandbox company, published once for the whole test run: what tests of marts, reports and pages are held against."""

import os
from itertools import zip_longest
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


# Whose single tests take long: those that read the published sandbox, and those that build or serve something of their own.
_LONG = (("marts",), ("dbt", "properties", "chaos", "orchestration", "dashboards"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first and the two kinds in turn: a long file begun last leaves one of two workers idle (3 of 11 minutes were lost)."""
    folder = Path(__file__).parent
    files = list(dict.fromkeys(item.path for item in items))
    long = [[file for file in files if file.relative_to(folder).parts[0] in kind] for kind in _LONG]
    in_turn = [file for pair in zip_longest(*long) for file in pair if file is not None]
    place = {file: number for number, file in enumerate(dict.fromkeys([*in_turn, *files]))}
    items.sort(key=lambda item: place[item.path])

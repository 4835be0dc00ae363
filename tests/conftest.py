"""The sandbox company, published once for the whole test run: what tests of marts, reports and pages are held against."""

import os
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pytest

from tests.dbt.kept_dbt import Dbt, parse, started
from tests.marts.built_in_memory import compile_for, compiled_in
from tests.marts.sandbox_warehouse import PublishedSandbox, build, filled_once, made_once, make_company, opened
from tests.properties.compiled import CompiledProject


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


@pytest.fixture(scope="session")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dbt]:
    """dbt with the project parsed: once for the whole test run, one process for each worker.

    Beside the folder that SKVOZ_TEST_SANDBOX names the parsed project is kept too; dbt reads only what has changed since.
    """
    kept = os.environ.get("SKVOZ_TEST_SANDBOX")
    parsed = filled_once(Path(f"{kept}-parsed"), parse) if kept else made_once(tmp_path_factory, "parsed_project", parse)
    with started(parsed) as running:
        yield running


@pytest.fixture(scope="session")
def compiled(dbt: Dbt, published_sandbox: PublishedSandbox, tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    """The project's SQL for the published company."""
    settings, as_of = published_sandbox.settings, published_sandbox.as_of
    folder = made_once(tmp_path_factory, "compiled_project", lambda folder: compile_for(dbt, settings, as_of, folder))
    return compiled_in(folder, settings, as_of)


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

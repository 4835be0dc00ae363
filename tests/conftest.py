"""The sandbox company, published once for the whole test run: what tests of marts, reports and pages are held against."""

import asyncio
import gc
import os
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
import uvicorn.server
import yaml

from tests.dbt.kept_dbt import Dbt, connected, started
from tests.marts.built_in_memory import compile_for, compiled_in
from tests.marts.sandbox_warehouse import PublishedSandbox, build, filled_once, made_once, make_company, opened
from tests.properties.compiled import CompiledProject


class _Hurried:
    """asyncio for uvicorn, which looks every 0.1 s whether it is to stop: the servers of thousands of tests were waited for 0.15 s each."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    @staticmethod
    def sleep(seconds: float) -> Coroutine[Any, Any, None]:
        return asyncio.sleep(seconds / 20)


@pytest.fixture(scope="session", autouse=True)
def _short_lives() -> Iterator[None]:
    """Thousands of servers and clients live for one test; every client of httpx reads the certificates of all authorities, 30 ms of CPU.

    (As long takes yaml's reader in Python over dbt_project.yml, which every command reads; the one in C takes a sixth of it.)
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml, "SafeLoader", yaml.CSafeLoader)
        patch.setattr(uvicorn.server, "asyncio", _Hurried())
        patch.setattr("httpx._transports.default.create_ssl_context", cache(httpx.create_ssl_context))
        yield


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
    """dbt with the project parsed: one process for the whole test run, which all workers of pytest-xdist give their commands to.

    Beside the folder that SKVOZ_TEST_SANDBOX names the parsed project is kept too; dbt reads only what has changed since.
    """
    kept = os.environ.get("SKVOZ_TEST_SANDBOX")
    with ExitStack() as owned:

        def start(folder: Path) -> None:
            parsed = filled_once(Path(f"{kept}-parsed"), lambda _: None) if kept else folder
            # the path of a socket has 107 bytes at most, the folders of a test run may have more
            address = Path(owned.enter_context(TemporaryDirectory(prefix="dbt-"))) / "socket"
            owned.enter_context(started(parsed, address))
            (folder / "address").write_text(str(address), encoding="utf-8")

        shared = made_once(tmp_path_factory, "parsed_project", start)
        with connected(Path((shared / "address").read_text(encoding="utf-8"))) as connection:
            yield connection


@pytest.fixture(scope="session")
def compiled(dbt: Dbt, published_sandbox: PublishedSandbox, tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    """The project's SQL for the published company."""
    settings, as_of = published_sandbox.settings, published_sandbox.as_of
    folder = made_once(tmp_path_factory, "compiled_project", lambda folder: compile_for(dbt, settings, as_of, folder))
    return compiled_in(folder, settings, as_of)


# Whose single tests take long: those that read the published sandbox, and those that build or serve something of their own.
_LONG = ("marts", "dbt", "properties", "chaos", "orchestration", "dashboards")


def pytest_collection() -> None:
    """What is imported and collected stays: no garbage is looked for in it, which took an eighth of a worker's processor time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """From here on garbage is looked for in what the tests make, and seldom in what has lived long."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()


def pytest_unconfigure() -> None:
    """What was frozen may end: DuckDB tells of every object of its own that is still there when the process ends."""
    gc.unfreeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: one begun last leaves one of two workers idle (3 of 11 minutes were lost).

    One worker begins with a file that needs the published sandbox and builds it; the other is meanwhile given what does not need it.
    """
    folder = Path(__file__).parent
    tests = Counter(item.path for item in items)
    waiting = {item.path for item in items if "published_sandbox" in getattr(item, "fixturenames", ())}
    long = [file for file in tests if file.relative_to(folder).parts[0] in _LONG]
    # most tests first: behind a file of one or two tests pytest-xdist gives its worker the next file at once
    readers = sorted((file for file in long if file in waiting), key=lambda file: -tests[file])
    others = [file for file in long if file not in waiting]
    place = {file: number for number, file in enumerate(dict.fromkeys([*readers[:1], *others, *readers, *tests]))}
    items.sort(key=lambda item: place[item.path])

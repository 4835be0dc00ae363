"""One synthetic publication for all tests of this folder, opened once."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from reports.context import Context
from reports.periods import Period, last_complete
from reports.published import Published
from reports.render.pictures import Pictures
from reports.settings import Settings, load_settings
from tests.dashboards.full_fixture import build_full
from tests.reports.published_fixture import build_published

ANALYSIS = Path(__file__).parent / "published_analysis.sql"

CONFIG = """
[company]
name = "ООО Ромашка"
currency = "RUB"

[warehouse]
path = "data"

[email]
host = "smtp.example.ru"
from = "Аналитика <bot@example.ru>"

[dashboard]
auth = "none"
url = "http://127.0.0.1:8501"
"""


@pytest.fixture(scope="session")
def config_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    build_published(folder / "data" / "published")
    path = folder / "skvoz.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def settings(config_path: Path) -> Settings:
    return load_settings(config_path)


@pytest.fixture(scope="session")
def published(settings: Settings) -> Iterator[Published]:
    with Published.current(settings.warehouse.published) as found:
        yield found


@pytest.fixture(scope="session")
def empty_published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    with Published(build_published(tmp_path_factory.mktemp("empty") / "published", empty=True)) as found:
        yield found


@pytest.fixture(scope="session")
def complete_published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    """A publication with every table of the contract, those that reports and pages read filled."""
    path = build_full(tmp_path_factory.mktemp("complete") / "published")
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(ANALYSIS.read_text(encoding="utf-8"))
    with Published(path) as found:
        yield found


@pytest.fixture
def day(published: Published) -> Period:
    return last_complete("day", published.publication.as_of_date)


@pytest.fixture
def context(published: Published, day: Period) -> Context:
    return Context.make(published, day, "ru")


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> Pictures:
    """A machine without a browser."""
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chromium")
    return Pictures()

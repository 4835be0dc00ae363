"""A company folder per test around the synthetic publication, a clock that is set by hand, and local peers."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reports.delivery.office import Office
from reports.delivery.smtp import SmtpChannel
from reports.render.pictures import Pictures
from reports.settings import Settings, load_settings
from tests.reports.delivery.bot_api_server import TOKEN, BotApiServer, running_bot_api
from tests.reports.delivery.mail_server import MailServer, running_mail_server

CONFIG = """
[company]
name = "ООО Ромашка"
currency = "RUB"

[reports]
administrator = ["file:admin/"]

[email]
host = "127.0.0.1"
port = {mail_port}
security = "none"
from = "Аналитика <bot@example.ru>"

[telegram]
token = "{token}"
url = "{bot_url}"
"""


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 4, 1, 6, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def move(self, **by: float) -> None:
        self.moment += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


@pytest.fixture
def bot_api() -> Iterator[BotApiServer]:
    with running_bot_api() as server:
        yield server


@pytest.fixture
def company(tmp_path: Path, config_path: Path, mail: MailServer, bot_api: BotApiServer) -> Path:
    """The path of a skvoz.toml whose data folder is this test's own."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "published").symlink_to(config_path.parent / "data" / "published")
    path = tmp_path / "skvoz.toml"
    path.write_text(CONFIG.format(mail_port=mail.port, token=TOKEN, bot_url=bot_api.url), encoding="utf-8")
    return path


@pytest.fixture
def reader_settings(company: Path) -> Settings:
    return load_settings(company)


@pytest.fixture
def open_office(company: Path, clock: Clock, no_pictures: Pictures) -> Iterator[Callable[[], Office]]:
    """Opens offices that are closed after the test; the mail wire does not wait long for an answer."""
    opened: list[Office] = []

    def make() -> Office:
        settings = load_settings(company)
        assert settings.email is not None
        office = Office(
            settings, company.parent, now=clock, pictures=no_pictures, channels={"email": SmtpChannel(settings.email, timeout=5)}
        )
        opened.append(office)
        return office

    yield make
    for office in opened:
        office.channel("email").__exit__(None, None, None)
        office.__exit__(None, None, None)


@pytest.fixture
def office(open_office: Callable[[], Office]) -> Office:
    return open_office()

"""Mail and Telegram out of reach for half a day: every reader has every report once in the end, and the administrator one sentence."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

from reports.delivery.compose import Order
from reports.delivery.office import Office
from reports.delivery.recipients import Recipient
from reports.delivery.send import retry_waiting, send_report
from reports.delivery.smtp import SmtpChannel
from reports.periods import parse_period
from reports.render.pictures import Pictures
from reports.settings import load_settings
from tests.reports.delivery.bot_api_server import TOKEN, running_bot_api
from tests.reports.delivery.mail_server import running_mail_server
from tests.reports.published_fixture import build_published

_READERS = (Recipient("email", "director@example.ru"), Recipient("email", "owner@example.ru"), Recipient("telegram", "77"))
_ORDER = Order("director_daily", parse_period("2026-03-30"))
_POLL = timedelta(minutes=10)
_MORNING = datetime(2026, 4, 1, 6, tzinfo=UTC)
_CONFIG = """
[company]
name = "ООО Ромашка"

[reports]
administrator = ["file:admin/"]

[email]
host = "127.0.0.1"
port = {mail}
security = "none"
from = "Аналитика <bot@example.ru>"

[telegram]
token = "{token}"
url = "http://127.0.0.1:{bot}"
"""


class Door:
    """A port of this machine that refuses connections until it is opened, and then leads to a server."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))  # bound and not listened at: nobody else gets the port, and a call to it is refused
        self._thread: Thread | None = None

    @property
    def port(self) -> int:
        """Its number."""
        return int(self._socket.getsockname()[1])

    def open(self) -> None:
        """Pass what comes on to the server from now on."""
        if self._thread is None:
            self._socket.listen()
            self._thread = Thread(target=self._serve, daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Shut it for good."""
        # a thread that waits in accept() is woken by a shutdown, not by a close
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if self._thread is not None:
            self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            for one, other in ((client, server), (server, client)):
                Thread(target=_pump, args=(one, other), daemon=True).start()


def deliver_through_an_outage(folder: Path, hours: float) -> str:
    """Sends a report to two mailboxes and a chat whose servers are shut for so long; what was wrong, empty if nothing."""
    build_published(folder / "data" / "published")
    with (
        running_mail_server() as mail,
        running_bot_api() as bot,
        _door(mail.port) as mail_door,
        _door(int(bot.url.rpartition(":")[2])) as bot_door,
    ):
        text = _CONFIG.format(mail=mail_door.port, bot=bot_door.port, token=TOKEN)
        (folder / "skvoz.toml").write_text(text, encoding="utf-8")
        began = _MORNING
        moment = began
        tries = 0
        while moment - began < timedelta(hours=hours + 10):
            if moment - began >= timedelta(hours=hours):
                mail_door.open()
                bot_door.open()
            tries += 1
            with _office(folder, moment) as office:
                outcomes = send_report(office, _ORDER, _READERS) if tries == 1 else retry_waiting(office)
            if any(outcome.delivery and outcome.delivery.state == "sent" for outcome in outcomes) and moment - began < timedelta(
                hours=hours
            ):
                return "something was sent while nobody could be reached"
            moment += _POLL
        letters = [len(mail.mails(reader.address)) for reader in _READERS if reader.channel == "email"]
        documents = bot.methods("77").count("sendDocument")
        if letters != [1, 1] or documents != 1:
            return f"mails {letters}, documents in Telegram {documents}; each should have come once"
    told = list((folder / "admin").glob("*.txt"))
    return "" if told else "the administrator was not told"


@contextmanager
def _office(folder: Path, moment: datetime) -> Iterator[Office]:
    settings = load_settings(folder / "skvoz.toml")
    if settings.email is None:
        message = "the company of the trial has no mail"
        raise RuntimeError(message)
    wire = SmtpChannel(settings.email, timeout=5)
    with Office(settings, folder, now=lambda: moment, pictures=Pictures("/nowhere/chromium"), channels={"email": wire}) as office, wire:
        yield office


@contextmanager
def _door(target: int) -> Iterator[Door]:
    door = Door(target)
    try:
        yield door
    finally:
        door.close()


def _pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    for end in (one, other):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
            end.close()

"""kill -9 at every step, and two senders at once: nobody gets a report twice, nobody is forgotten, unknown is shown as unknown."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reports.journal import Journal, Key
from tests.reports.delivery.bot_api_server import BotApiServer
from tests.reports.delivery.mail_server import MailServer

ROOT = Path(__file__).parents[3]
MAIL = "email:director@example.ru"
CHAT = "telegram:77"


class Senders:
    """Processes that send; each batch runs at once, and is over when the last of them has ended."""

    def __init__(self) -> None:
        environment = {**os.environ, "BROWSER_PATH": "/nowhere/chromium", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "tests.reports.delivery.crashing_send"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, company: Path, *batch: tuple[str, ...]) -> list[int]:
        """Exit codes of (moment, recipients…), in order."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        orders = [[number, str(company), *arguments] for number, arguments in enumerate(batch)]
        self.process.stdin.write(json.dumps(orders) + "\n")
        self.process.stdin.flush()
        codes = dict(json.loads(self.process.stdout.readline()) for _ in batch)
        return [codes[number] for number in range(len(batch))]


@pytest.fixture(scope="module")
def senders() -> Iterator[Senders]:
    found = Senders()
    yield found
    found.process.communicate(timeout=60)


def state(company: Path, recipient: str) -> str:
    channel, _, address = recipient.partition(":")
    with Journal(company.parent / "data" / "state") as journal:
        found = journal.find(Key("director_daily", "2026-03-30", channel, address))
    assert found is not None
    return found.state


# A mail has one step; what was asked of the server between begin and confirm may have arrived.
@pytest.mark.parametrize(
    ("moment", "arrived", "final"),
    [
        ("after_claim:1", 1, "sent"),
        ("before_save:1", 1, "sent"),
        ("after_save:1", 1, "sent"),
        ("before_begin:1", 1, "sent"),
        ("after_begin:1", 0, "unknown"),
        ("before_confirm:1", 1, "unknown"),
        ("after_confirm:1", 1, "sent"),
        ("before_finish:1", 1, "sent"),
        ("after_finish:1", 1, "sent"),
    ],
)
def test_a_mail_survives_a_kill_at_every_step(
    senders: Senders, company: Path, mail: MailServer, moment: str, arrived: int, final: str
) -> None:
    assert senders.run(company, (moment, MAIL)) == [-signal.SIGKILL]
    assert senders.run(company, ("-", MAIL)) == [0]
    assert senders.run(company, ("-", MAIL)) == [0]
    assert (len(mail.envelopes), state(company, MAIL)) == (arrived, final)


@pytest.mark.parametrize(
    ("moment", "final"),
    [("after_confirm:1", "sent"), ("before_begin:2", "sent"), ("before_confirm:2", "unknown"), ("after_begin:1", "unknown")],
)
def test_a_chat_gets_every_part_at_most_once(senders: Senders, company: Path, bot_api: BotApiServer, moment: str, final: str) -> None:
    assert senders.run(company, (moment, CHAT)) == [-signal.SIGKILL]
    assert senders.run(company, ("-", CHAT)) == [0]
    assert senders.run(company, ("-", CHAT)) == [0]
    texts = bot_api.texts("77")
    assert len(texts) == len(set(texts))
    assert state(company, CHAT) == final
    if final == "sent":
        assert bot_api.methods("77").count("sendDocument") == 1


def test_two_senders_at_once_send_once_each(senders: Senders, company: Path, mail: MailServer, bot_api: BotApiServer) -> None:
    recipients = [MAIL, CHAT, *(f"email:reader{number}@example.ru" for number in range(8))]
    assert senders.run(company, ("-", *recipients), ("-", *recipients)) == [0, 0]
    assert sorted(to for to, _ in mail.envelopes) == sorted(f.removeprefix("email:") for f in recipients if f.startswith("email:"))
    assert bot_api.methods("77").count("sendDocument") == 1
    assert {state(company, recipient) for recipient in recipients} == {"sent"}

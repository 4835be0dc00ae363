"""Mail against a real SMTP server: every refusal is a refusal, a lost answer is unknown, TLS is never given up."""

import email
from collections.abc import Callable
from pathlib import Path

import pytest

from reports.delivery.errors import AnswerLostError, ChannelStoppedError, RefusedError
from reports.delivery.message import Message
from reports.delivery.smtp import SmtpChannel
from reports.settings import Email
from tests.reports.delivery.mail_server import PASSWORD, USER, MailServer, make_certificate, running_mail_server

LETTER = b"From: bot@example.ru\r\nTo: d@example.ru\r\nSubject: x\r\n\r\nfirst\r\n.\r\n..second\r\n"
MESSAGE = Message("director_daily", "2026-03-31", "ok", "x", "text", mail=LETTER)


class Steps:
    """A record of steps, as the journal keeps it."""

    def __init__(self) -> None:
        self.done = self.forced = 0
        self.log: list[str] = []

    def begin(self, step: int) -> None:
        self.log.append(f"begin {step}")

    def confirm(self, step: int) -> None:
        self.done = step + 1
        self.log.append(f"confirm {step}")

    def withdraw(self, step: int) -> None:
        self.log.append(f"withdraw {step}")


def settings(port: int, **more: str) -> Email:
    table = {"host": "127.0.0.1", "port": port, "security": "none", "from": "Bot <bot@example.ru>", **more}
    return Email.model_validate(table)


@pytest.fixture
def send(mail: MailServer) -> Callable[..., Steps]:
    def go(address: str = "d@example.ru") -> Steps:
        steps = Steps()
        with SmtpChannel(settings(mail.port), timeout=5) as channel:
            channel.deliver(MESSAGE, address, steps)
        return steps

    return go


def test_a_letter_arrives_byte_for_byte_and_lines_of_dots_survive(mail: MailServer, send: Callable[..., Steps]) -> None:
    assert send().log == ["begin 0", "confirm 0"]
    assert mail.envelopes == [("d@example.ru", LETTER)]


def test_one_connection_carries_a_batch_and_a_refused_reader_does_not_stop_it(mail: MailServer) -> None:
    mail.refused["gone@example.ru"] = "550 5.1.1 no such user"
    with SmtpChannel(settings(mail.port), timeout=5) as channel:
        channel.deliver(MESSAGE, "a@example.ru", Steps())
        with pytest.raises(RefusedError, match=r"550 5\.1\.1 no such user") as refused:
            channel.deliver(MESSAGE, "gone@example.ru", Steps())
        channel.deliver(MESSAGE, "b@example.ru", Steps())
    assert refused.value.final
    assert [to for to, _ in mail.envelopes] == ["a@example.ru", "b@example.ru"]


@pytest.mark.parametrize("where", ["sender", "recipient", "data"])
def test_a_temporary_refusal_is_tried_again_later(mail: MailServer, send: Callable[..., Steps], where: str) -> None:
    if where == "sender":
        mail.sender_answers = ["451 later"]
    elif where == "recipient":
        mail.refused["d@example.ru"] = "450 greylisted"
    else:
        mail.data_answers = ["452 no room"]
    with pytest.raises(RefusedError) as refused:
        send()
    assert not refused.value.final
    assert mail.envelopes == []


def test_a_lost_answer_after_the_letter_was_handed_over_is_unknown(mail: MailServer) -> None:
    mail.data_answers = ["drop"]
    steps = Steps()
    with SmtpChannel(settings(mail.port), timeout=5) as channel, pytest.raises(AnswerLostError, match="answer was lost"):
        channel.deliver(MESSAGE, "d@example.ru", steps)
    assert steps.log == ["begin 0"]


def test_a_server_that_is_not_there_is_a_refusal_that_says_what_to_check() -> None:
    with SmtpChannel(settings(1), timeout=2) as channel, pytest.raises(RefusedError, match="check host and port"):
        channel.deliver(MESSAGE, "d@example.ru", Steps())


def test_a_step_that_is_done_is_not_repeated(mail: MailServer) -> None:
    steps = Steps()
    steps.done = 1
    with SmtpChannel(settings(mail.port), timeout=5) as channel:
        channel.deliver(MESSAGE, "d@example.ru", steps)
    assert mail.envelopes == []


def test_a_cyrillic_domain_travels_in_ascii(mail: MailServer, send: Callable[..., Steps]) -> None:
    send("директор@пример.рф".replace("директор", "d"))
    assert mail.envelopes[0][0] == "d@xn--e1afmkfd.xn--p1ai"


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # aiosmtpd does not count TLS from the first byte
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_encrypted_connections_log_in(tmp_path: Path, security: str) -> None:
    context = make_certificate(tmp_path)
    with running_mail_server(security, tmp_path, login=True) as server:
        options = settings(server.port, security=security, username=USER, password=PASSWORD)
        with SmtpChannel(options, context=context, timeout=5) as channel:
            assert "logged in as" in channel.check()
            channel.deliver(MESSAGE, "d@example.ru", Steps())
        assert len(server.envelopes) == 1
        wrong = settings(server.port, security=security, username=USER, password="another")
        with (
            SmtpChannel(wrong, context=context, timeout=5) as channel,
            pytest.raises(ChannelStoppedError, match="correct username and password"),
        ):
            channel.deliver(MESSAGE, "d@example.ru", Steps())
        with SmtpChannel(options, timeout=5) as channel, pytest.raises(RefusedError, match="no trusted TLS"):
            channel.deliver(MESSAGE, "d@example.ru", Steps())


def test_a_server_without_starttls_gets_nothing(mail: MailServer) -> None:
    options = settings(mail.port, security="starttls")
    with SmtpChannel(options, timeout=5) as channel, pytest.raises(ChannelStoppedError, match="offers no STARTTLS"):
        channel.deliver(MESSAGE, "d@example.ru", Steps())
    assert mail.envelopes == []


def test_the_letters_own_bytes_parse_as_they_were(mail: MailServer, send: Callable[..., Steps]) -> None:
    send()
    assert email.message_from_bytes(mail.envelopes[0][1])["Subject"] == "x"

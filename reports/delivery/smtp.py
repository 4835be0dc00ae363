"""Mail over SMTP: one transaction per recipient, so that a refused address is never hidden behind an accepted one.

Until the server has answered 354 to DATA, nothing has been handed over and every failure is a refusal. The message's last bytes are
the terminating dot, so a connection that breaks while they are written has not delivered either; after that only an answer tells.
RFC 5321 sections 4.2.5 and 4.5.3.2.6.
"""

import contextlib
import smtplib
import ssl
from collections.abc import Callable
from email.utils import parseaddr
from types import TracebackType
from typing import Self

from reports.delivery.channel import Steps
from reports.delivery.errors import AnswerLostError, ChannelStoppedError, RefusedError
from reports.delivery.message import Message
from reports.settings import Email

# RFC 5321 asks clients to wait ten minutes for the answer to the final dot; a lost answer is the one thing we cannot mend.
TIMEOUT_SECONDS = 60.0
FINAL_DOT_SECONDS = 600.0


class SmtpChannel:
    """The company's mail server, one connection for a batch."""

    def __init__(self, settings: Email, *, context: ssl.SSLContext | None = None, timeout: float = TIMEOUT_SECONDS) -> None:
        """Takes [email] of skvoz.toml; nothing is connected yet."""
        self._settings = settings
        self._context = context
        self._timeout = timeout
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        """For `with`."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Says goodbye to the server."""
        self._hang_up()

    def check(self) -> str:
        """Connects and logs in."""
        smtp = self._connected()
        answer = f"{self._settings.host}:{self._settings.port} answers, security {self._settings.security}"
        with contextlib.suppress(smtplib.SMTPException, OSError):
            smtp.noop()
        self._hang_up()
        return f"{answer}, logged in as {self._settings.username}" if self._settings.username else f"{answer}, no login"

    def deliver(self, message: Message, address: str, steps: Steps) -> None:
        """One mail transaction; its only step is the message itself."""
        if steps.done:
            return
        sender = _wire_address(parseaddr(self._settings.sender)[1])
        target = _wire_address(address)
        smtp = self._connected()
        try:
            self._command(f"the sender {sender}", lambda: smtp.mail(sender))
            self._command(f"the recipient {address}", lambda: smtp.rcpt(target))
            self._command("the message's beginning", lambda: smtp.docmd("DATA"), wanted=354)
        except RefusedError:
            self._reset()
            raise
        steps.begin(0)
        try:
            smtp.send(_stuffed(message.mail))
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            self._drop()
            steps.withdraw(0)
            msg = f"{self._settings.host}: the connection broke before the message was over ({error}); it will be tried again."
            raise RefusedError(msg) from error
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(max(self._timeout, FINAL_DOT_SECONDS) if self._timeout == TIMEOUT_SECONDS else self._timeout)
            code, answer = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            msg = f"{self._settings.host}: the message was handed over, but the answer was lost ({error}); ask {address} first."
            raise AnswerLostError(msg) from error
        if code != 250:
            steps.withdraw(0)
            what = "the message"
            raise self._refusal(what, code, answer)
        steps.confirm(0)

    def _connected(self) -> smtplib.SMTP:
        """The open connection; made and logged in when there is none or the server has closed it."""
        if self._smtp is not None:
            try:
                if self._smtp.noop()[0] == 250:
                    return self._smtp
            except (OSError, smtplib.SMTPException):
                pass
            self._drop()
        settings = self._settings
        smtp: smtplib.SMTP | None = None
        try:
            context = self._context or ssl.create_default_context()
            if settings.security == "tls":
                smtp = smtplib.SMTP_SSL(settings.host, settings.port, timeout=self._timeout, context=context)
            else:
                smtp = smtplib.SMTP(settings.host, settings.port, timeout=self._timeout)
                if settings.security == "starttls":
                    smtp.starttls(context=context)
            if settings.username:
                smtp.login(settings.username, settings.password)
            smtp.ehlo_or_helo_if_needed()
        except smtplib.SMTPAuthenticationError as error:
            _close(smtp)
            msg = f"{settings.host} does not accept the login {settings.username} ({error.smtp_code}); correct username and password."
            raise ChannelStoppedError(msg) from error
        except smtplib.SMTPNotSupportedError as error:
            _close(smtp)
            what = "STARTTLS; set security in [email] to tls, or to none for a relay on this machine"
            if settings.security != "starttls":
                what = "login; take username out of [email]"
            msg = f"{settings.host}:{settings.port} offers no {what}."
            raise ChannelStoppedError(msg) from error
        except ssl.SSLError as error:
            _close(smtp)
            msg = (
                f"{settings.host}:{settings.port}: no trusted TLS connection ({error.reason or error}); check security and port in [email]."
            )
            raise RefusedError(msg) from error
        except (OSError, smtplib.SMTPException) as error:
            _close(smtp)
            msg = f"{settings.host}:{settings.port} cannot be reached ({error}); check host and port in [email]."
            raise RefusedError(msg) from error
        self._smtp = smtp
        return smtp

    def _command(self, what: str, send: Callable[[], tuple[int, bytes]], wanted: int = 250) -> None:
        try:
            code, answer = send()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            msg = f"{self._settings.host}: the connection broke at {what} ({error}); it will be tried again."
            raise RefusedError(msg) from error
        if code != wanted and not (wanted == 250 and code == 251):
            raise self._refusal(what, code, answer)

    def _refusal(self, what: str, code: int, answer: bytes) -> RefusedError:
        text = answer.decode("utf-8", "replace").replace("\n", " ")
        return RefusedError(f"{self._settings.host} refused {what}: {code} {text}", final=500 <= code < 600)

    def _reset(self) -> None:
        if self._smtp is not None:
            try:
                self._smtp.rset()
            except (OSError, smtplib.SMTPException):
                self._drop()

    def _drop(self) -> None:
        _close(self._smtp)
        self._smtp = None

    def _hang_up(self) -> None:
        if self._smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
        self._smtp = None


def _close(smtp: smtplib.SMTP | None) -> None:
    if smtp is not None:
        smtp.close()


def _wire_address(address: str) -> str:
    """An address as commands take it: its domain in ASCII."""
    local, _, domain = address.rpartition("@")
    if not local.isascii():
        msg = f"{address} cannot be written to: the part before @ has other letters than Latin ones; give another address."
        raise RefusedError(msg, final=True)
    try:
        return f"{local}@{domain.encode('idna').decode()}" if not domain.isascii() else address
    except UnicodeError as error:
        msg = f"{address} is no mail address: its domain cannot be written in ASCII; correct it."
        raise RefusedError(msg, final=True) from error


def _stuffed(mail: bytes) -> bytes:
    """The message as DATA wants it: lines that begin with a dot get another one, and the end is marked."""
    lines = mail.replace(b"\r\n", b"\n").split(b"\n")
    body = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
    return body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n"

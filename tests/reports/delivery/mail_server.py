"""An SMTP server on this machine (aiosmtpd), with faults on demand at every stage of a transaction."""

import asyncio
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

USER, PASSWORD = "bot@example.ru", "mail-password"


class MailServer:
    """aiosmtpd's handler: what has arrived, and the faults it is still to show."""

    def __init__(self) -> None:
        self.envelopes: list[tuple[str, bytes]] = []
        self.refused: dict[str, str] = {}
        self.sender_answers: list[str] = []
        self.data_answers: list[str] = []
        self.transactions = 0
        self.host, self.port = "127.0.0.1", 0

    def mails(self, address: str) -> list[EmailMessage]:
        parser = BytesParser(EmailMessage, policy=policy.default)
        return [parser.parsebytes(data) for to, data in self.envelopes if to == address]

    async def handle_MAIL(self, _server: SMTP, _: Any, envelope: Any, address: str, __: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        self.transactions += 1
        if self.sender_answers and (answer := self.sender_answers.pop(0)):
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, _server: SMTP, _: Any, envelope: Any, address: str, __: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        answer = self.data_answers.pop(0) if self.data_answers else "250 OK"
        if answer.startswith("250") or answer == "drop":
            self.envelopes += [(to, envelope.original_content) for to in envelope.rcpt_tos]
        if answer == "drop":
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return answer


def plain_text(letter: EmailMessage) -> str:
    """What a letter says to who reads no HTML."""
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


class _AnyPort(Controller):
    """A controller on a port that the system chooses; aiosmtpd then knocks at the port it was told."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call] # aiosmtpd leaves it untyped


@contextmanager
def running_mail_server(security: str = "none", folder: Path | None = None, *, login: bool = False) -> Iterator[MailServer]:
    """Starts the server; `folder` holds the certificate for starttls and tls."""
    handler = MailServer()
    options: dict[str, Any] = {}
    if login:

        def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
            right = data.login == USER.encode() and data.password == PASSWORD.encode()
            # handled tells aiosmtpd that the handler has answered by itself
            return AuthResult(success=right, handled=right)

        options |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": security != "none"}
    if security != "none":
        assert folder is not None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        if security == "tls":
            options["ssl_context"] = context
            options["auth_require_tls"] = False
        else:
            options |= {"tls_context": context, "require_starttls": True}
    controller = _AnyPort(handler, hostname="127.0.0.1", port=0, **options)
    controller.start()
    handler.port = controller.port
    try:
        yield handler
    finally:
        controller.stop()


def make_certificate(folder: Path) -> ssl.SSLContext:
    """A certificate for 127.0.0.1, and a client's context that trusts it."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return ssl.create_default_context(cafile=str(folder / "cert.pem"))

"""The source type `files` under the contract of all sources: a folder, an FTP server, a mailbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from ingestion.sandbox import mail_and_ftp
from ingestion.sandbox.mail_and_ftp import PASSWORD, USERNAME
from tests.ingestion.sources.contract_case import Case, Peer
from tests.ingestion.sources.files.folder import STREAMS, edit, make_folder, truth

CALLS = {"calls": STREAMS["calls"]}


@contextmanager
def folder(place: Path) -> Iterator[Peer]:
    """A folder of this machine."""
    files = make_folder(place / "exchange")
    yield Peer(
        options={"path": str(files), "streams": STREAMS},
        edit=lambda: edit(files),
        truth=lambda: truth(files),
        wrong={"path": str(place / "nowhere"), "streams": STREAMS},
        wrong_says="there is no file",
    )


@contextmanager
def ftp(place: Path) -> Iterator[Peer]:
    """The same folder on an older FTP server."""
    files = make_folder(place / "exchange")
    with mail_and_ftp.ftp(files, knows_mlsd=False) as address:
        options = {"path": address, "username": USERNAME, "streams": {name: STREAMS[name] for name in ("customers", "orders", "calls")}}
        yield Peer(
            options={**options, "password": PASSWORD},
            edit=lambda: edit(files),
            truth=lambda: truth(files),
            secrets=(PASSWORD,),
            wrong={**options, "password": "wrong-password"},
            wrong_says="the login is refused",
        )


@contextmanager
def mail(place: Path) -> Iterator[Peer]:
    """Lists of calls that a robot sends each day."""
    files = make_folder(place / "exchange")
    letters = {day: letter(files / f"calls-{day}.ndjson", "robot@example.ru") for day in (1, 2)}
    letters[7] = letter(files / "clients-b.csv", "somebody@example.ru")

    def one_more() -> None:
        edit(files)
        letters[9] = letter(files / "calls-3.ndjson", "robot@example.ru")

    with mail_and_ftp.imap(letters) as address:
        options = {"path": address, "username": USERNAME, "mail_from": "robot@example.ru", "mail_subject": "звонки", "streams": CALLS}
        yield Peer(
            options={**options, "password": PASSWORD},
            edit=one_more,
            truth=lambda: {"calls": truth(files)["calls"]},
            secrets=(PASSWORD,),
            wrong={**options, "password": "wrong-password"},
            wrong_says="the mail server refuses this login",
        )


def letter(file: Path, sender: str) -> bytes:
    """A letter with a file attached."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "skvoz@example.ru", "Звонки за день"
    message.set_content("Во вложении.")
    message.add_attachment(file.read_bytes(), maintype="application", subtype="octet-stream", filename=file.name)
    return message.as_bytes()


CASES = (Case("files", folder, name="folder"), Case("files", ftp, name="ftp"), Case("files", mail, name="mail", deletions=False))

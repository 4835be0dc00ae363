"""Attachments of letters in a mailbox, read by IMAP without marking anything as read."""

from __future__ import annotations

import imaplib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ingestion.errors import PermanentError, TransientError
from ingestion.redaction import redact
from ingestion.sources.files.folders import Found, temporary_file
from ingestion.sources.files.letters import Letter, letter_of, mailbox_name
from ingestion.sources.files.options import FilesOptions
from ingestion.spec import Context

_SECONDS = 60.0
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class MailFolder:
    """Attachments as files named `<number of the letter>/<file name>`, oldest letter first.

    Args:
        options: of the source; the path names the mailbox, default INBOX.
        context: of the source.
    """

    def __init__(self, options: FilesOptions, context: Context) -> None:
        self._options = options
        self._context = context
        self._source = context.source
        self._parts = urlsplit(options.path)
        self._mailbox = unquote(self._parts.path).strip("/") or "INBOX"
        self._box: imaplib.IMAP4 | None = None
        self._letters: dict[str, Letter | None] = {}

    def close(self) -> None:
        """Log out."""
        if self._box is not None:
            try:
                self._box.logout()
            except (imaplib.IMAP4.error, OSError):
                self._box.shutdown()
            self._box = None
        self._letters.clear()

    def files(self, since: date) -> list[Found]:
        """Attachments of the letters since that day, from the configured sender and with the configured subject."""
        with self._explained():
            box = self._connected()
            asked = ["SINCE", f"{since.day:02d}-{_MONTHS[since.month - 1]}-{since.year}"]
            if self._options.mail_from:
                asked += ["FROM", _quoted(self._options.mail_from)]
            # a server that finds nothing need not say so
            numbers = (self._answer(box.uid("SEARCH", *asked))[0] or b"").split()
            found = []
            for number in sorted(numbers, key=int):
                uid = number.decode()
                # a letter never changes: its number is its stamp, as long as the mailbox is the same one
                stamp = [self._validity(box), uid]
                found += [Found(f"{uid}/{name}", stamp, self._saved(uid, name), f"{int(uid):012d}") for name in self._attachments(uid)]
            return found

    def _validity(self, box: imaplib.IMAP4) -> str:
        """UIDVALIDITY: when it changes, the numbers of letters begin anew."""
        told = box.untagged_responses.get("UIDVALIDITY", [b""])[-1]
        return told.decode("ascii", "replace") if isinstance(told, bytes) else ""

    def _attachments(self, uid: str) -> list[str]:
        letter = self._letter(uid)
        if letter is None or (self._options.mail_subject or "").lower() not in letter.subject.lower():
            return []
        return letter.names

    def _letter(self, uid: str) -> Letter | None:
        if uid not in self._letters:
            parts = self._answer(self._connected().uid("FETCH", uid, "(BODY.PEEK[])"))
            raw = next((part[1] for part in parts if isinstance(part, tuple)), b"")
            self._letters[uid] = letter = letter_of(raw)
            if letter is None:
                self._context.note(f"{self._source}: letter {uid} cannot be taken apart, nothing of it was read; have it sent again.")
        return self._letters[uid]

    def _saved(self, uid: str, name: str) -> Callable[[], AbstractContextManager[Path]]:
        @contextmanager
        def saved() -> Iterator[Path]:
            with self._explained():
                letter = self._letter(uid)
            with temporary_file(name) as path:
                path.write_bytes(letter.content(name) if letter is not None else b"")
                yield path

        return saved

    def _connected(self) -> imaplib.IMAP4:
        if self._box is None:
            host = self._parts.hostname or ""
            if self._parts.scheme == "imaps":
                box: imaplib.IMAP4 = imaplib.IMAP4_SSL(host, self._parts.port or 993, timeout=_SECONDS)
            else:
                box = imaplib.IMAP4(host, self._parts.port or 143, timeout=_SECONDS)
            password = self._options.password
            try:
                self._log_in(box, self._options.username or "", password.get_secret_value() if password else "")
            except imaplib.IMAP4.error as error:
                box.shutdown()
                message = f"{self._source}: the mail server refuses this login ({redact(_told(error))}); correct username or password."
                raise PermanentError(message) from None
            self._answer(box.select(_quoted(mailbox_name(self._mailbox)), readonly=True))
            self._box = box
        return self._box

    def _log_in(self, box: imaplib.IMAP4, username: str, password: str) -> None:
        if username.isascii() and password.isascii():
            box.login(username, password)
        else:  # LOGIN knows no other letters
            box.authenticate("PLAIN", lambda _: f"\0{username}\0{password}".encode())

    def _answer(self, answer: tuple[str, Any]) -> Any:
        state, data = answer
        if state != "OK":
            message = f"{self._source}: the mail server refuses ({redact(str(data))}); correct the mailbox in path."
            raise PermanentError(message)
        return data

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (imaplib.IMAP4.error, OSError) as error:
            self.close()
            message = f"{self._source}: the mail server is out of reach or broke off ({redact(_told(error))})."
            raise TransientError(message) from None


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _told(error: Exception) -> str:
    first = error.args[0] if error.args else ""
    return first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first) or type(error).__name__

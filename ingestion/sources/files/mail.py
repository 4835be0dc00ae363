"""Attachments of letters in a mailbox, read by IMAP without marking anything as read."""

from __future__ import annotations

import email
import email.policy
import imaplib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ingestion.errors import PermanentError, TransientError
from ingestion.redaction import redact
from ingestion.sources.files.folders import Found, temporary_file
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
        self._source = context.source
        self._parts = urlsplit(options.path)
        self._mailbox = unquote(self._parts.path).strip("/") or "INBOX"
        self._box: imaplib.IMAP4 | None = None
        self._letters: dict[str, EmailMessage] = {}

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
            numbers = self._answer(box.uid("SEARCH", *asked))[0].split()
            found = []
            for number in sorted(numbers, key=int):
                uid = number.decode()
                # a letter never changes: its number is its stamp
                found += [Found(f"{uid}/{name}", [uid], self._saved(uid, name), f"{int(uid):012d}") for name in self._attachments(uid)]
            return found

    def _attachments(self, uid: str) -> list[str]:
        letter = self._letter(uid)
        if (self._options.mail_subject or "").lower() not in str(letter.get("Subject", "")).lower():
            return []
        return [name for part in letter.iter_attachments() if (name := part.get_filename())]

    def _letter(self, uid: str) -> EmailMessage:
        if uid not in self._letters:
            parts = self._answer(self._connected().uid("FETCH", uid, "(BODY.PEEK[])"))
            raw = next((part[1] for part in parts if isinstance(part, tuple)), b"")
            self._letters[uid] = email.message_from_bytes(raw, policy=email.policy.default)
        return self._letters[uid]

    def _saved(self, uid: str, name: str) -> Callable[[], AbstractContextManager[Path]]:
        @contextmanager
        def saved() -> Iterator[Path]:
            with self._explained():
                letter = self._letter(uid)
            with temporary_file(name) as path:
                part = next(part for part in letter.iter_attachments() if part.get_filename() == name)
                content = part.get_content()
                path.write_bytes(content.encode(part.get_content_charset() or "utf-8") if isinstance(content, str) else bytes(content))
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
                box.login(self._options.username or "", password.get_secret_value() if password else "")
            except imaplib.IMAP4.error as error:
                box.shutdown()
                message = f"{self._source}: the mail server refuses this login ({redact(_told(error))}); correct username or password."
                raise PermanentError(message) from None
            self._answer(box.select(_quoted(self._mailbox), readonly=True))
            self._box = box
        return self._box

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

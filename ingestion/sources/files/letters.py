"""What is attached to a letter, wherever it stands in it, by its name and as the bytes that were sent."""

from __future__ import annotations

import email
import email.policy
import re
from base64 import b64encode
from email.errors import MessageError
from email.message import EmailMessage

from ingestion.formats.encodings import text_encoding

_RAW_NAME = re.compile(rb'name\s*=\s*(?:"([^"\r\n]+)"|([^;\s]+))', re.IGNORECASE)
_OTHER_LETTERS = re.compile(r"([^\x20-\x7e]+)")
_LOST = "\ufffd"  # what stands for a byte that belongs to no encoding the letter declares


class Letter:
    """A letter: its subject and its attachments, by names that differ.

    Attributes:
        subject: as people read it.
        names: of the attachments in their order; of two with one name the second is `2/<name>`.
    """

    def __init__(self, raw: bytes) -> None:
        letter = email.message_from_bytes(raw, policy=email.policy.default)
        self.subject = str(letter.get("Subject", ""))
        self._parts: dict[str, EmailMessage] = {}
        for part in letter.walk():  # also what stands in parts of parts and in forwarded letters
            if part.is_multipart() or not isinstance(part, EmailMessage) or not (name := _name(part)):
                continue
            times = 1
            while (own := name if times == 1 else f"{times}/{name}") in self._parts:
                times += 1
            self._parts[own] = part

    @property
    def names(self) -> list[str]:
        """Of the attachments."""
        return list(self._parts)

    def content(self, name: str) -> bytes:
        """The bytes of an attachment as they were sent: the encoding that a letter declares of a csv is often no more than a guess."""
        content = self._parts[name].get_payload(decode=True)
        return content if isinstance(content, bytes) else b""


def letter_of(raw: bytes) -> Letter | None:
    """A letter, None if it cannot be taken apart."""
    try:
        return Letter(raw)
    except (MessageError, LookupError, ValueError, AttributeError, TypeError):  # what the library meets in damaged headers
        return None


def _name(part: EmailMessage) -> str:
    """The name of a part without the folders that some programs write before it, '' if it has none."""
    name = part.get_filename("")
    if _LOST in name:
        name = _raw_name(part) or name
    return re.split(r"[\\/]", name.strip())[-1]


def _raw_name(part: EmailMessage) -> str:
    """A name that stands in the header in bytes of no declared encoding, as old programs write it."""
    for header, value in part.raw_items():
        if header.lower() in {"content-disposition", "content-type"}:
            data = str(value).encode("utf-8", "surrogateescape")
            if found := _RAW_NAME.search(data):
                name = found[1] or found[2]
                return name.decode(text_encoding(name, "cp1251"), "replace")
    return ""


def mailbox_name(name: str) -> str:
    """A mailbox as IMAP names it (RFC 3501, 5.1.3): `Отчёты` is `&BB4EQgRHBFEEQgRL-`."""

    def shifted(found: re.Match[str]) -> str:
        return "&" + b64encode(found[1].encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"

    return _OTHER_LETTERS.sub(shifted, name.replace("&", "&-"))

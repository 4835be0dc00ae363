"""The mail message: mixed(related(alternative(text, html), pictures by CID), xlsx, pdf), the same bytes for the same report."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.mime.application import MIMEApplication
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, parseaddr
from pathlib import Path

TYPES = {".xlsx": "vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".pdf": "pdf"}


@dataclass(frozen=True)
class Envelope:
    """What stands outside the letter.

    Attributes:
        sender: the From address.
        recipient: the To address, empty when it is not known yet.
        subject: the subject, with the period.
        identity: what makes the message this message: report, period, language, recipient.
        sent_at: the Date header.
        language: the letter's language.
        unsubscribe_url: an https address that takes a POST; empty for a mailto.
        reply_to: who reads answers, empty for the sender.
    """

    sender: str
    recipient: str
    subject: str
    identity: tuple[str, ...]
    sent_at: datetime
    language: str
    unsubscribe_url: str = ""
    reply_to: str = ""


def content_id(name: str, identity: tuple[str, ...]) -> str:
    """A picture's Content-ID, without its angle brackets."""
    return f"{name}.{_digest(identity)}@skvoz"


def _digest(identity: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(identity).encode()).hexdigest()[:24]


def make_message(envelope: Envelope, text: str, html: str, pictures: Mapping[str, bytes], attachments: Mapping[str, bytes]) -> bytes:
    """Assembles the message.

    Args:
        envelope: addresses, subject, identity.
        text: the plain twin.
        html: the letter, whose pictures are `cid:` addresses made by content_id.
        pictures: PNG bytes by chart name.
        attachments: xlsx and pdf bytes by file name.

    Returns:
        The message as it would be sent, with CRLF line ends.
    """
    digest = _digest(envelope.identity)
    domain = parseaddr(envelope.sender)[1].rpartition("@")[2] or "skvoz.invalid"
    mail = policy.SMTP.clone(max_line_length=200)
    alternative = MIMEMultipart("alternative", f"alternative-{digest}")
    alternative.attach(MIMEText(text, "plain", "utf-8"))
    alternative.attach(MIMEText(html, "html", "utf-8"))
    related = MIMEMultipart("related", f"related-{digest}")
    related.attach(alternative)
    for name, png in pictures.items():
        part = MIMEImage(png, "png")
        part["Content-ID"] = f"<{content_id(name, envelope.identity)}>"
        part["Content-Disposition"] = f'inline; filename="{name}.png"'
        related.attach(part)
    mixed = MIMEMultipart("mixed", f"mixed-{digest}", policy=mail)
    if envelope.sender:
        mixed["From"] = envelope.sender
    if envelope.reply_to:
        mixed["Reply-To"] = envelope.reply_to
    mixed["To"] = envelope.recipient or "undisclosed-recipients:;"
    mixed["Subject"] = envelope.subject
    mixed["Date"] = format_datetime(envelope.sent_at)
    mixed["Message-ID"] = f"<{digest}@{domain}>"
    mixed["Content-Language"] = envelope.language
    mixed["Auto-Submitted"] = "auto-generated"
    mixed["X-Auto-Response-Suppress"] = "All"
    mixed["List-ID"] = f"<{envelope.identity[0]}.{domain}>"
    if envelope.unsubscribe_url:
        mixed["List-Unsubscribe"] = f"<{envelope.unsubscribe_url}>"
        mixed["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    elif answers := parseaddr(envelope.reply_to or envelope.sender)[1]:
        mixed["List-Unsubscribe"] = f"<mailto:{answers}?subject=unsubscribe%20{envelope.identity[0]}>"
    mixed.attach(related)
    for name, data in attachments.items():
        file = MIMEApplication(data, TYPES[Path(name).suffix])
        file["Content-Disposition"] = f'attachment; filename="{name}"'
        mixed.attach(file)
    return mixed.as_bytes(policy=mail)

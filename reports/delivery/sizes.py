"""Attachments within the limit: zipped when too large, else left out, and the letter says so in a sentence that is seen."""

import email
import email.encoders
import io
import zipfile
from collections.abc import Sequence
from email import policy
from email.message import Message
from email.mime.base import MIMEBase
from html import escape
from typing import cast

from reports.delivery.message import Attached
from reports.formatting import Formatter
from reports.wording import Words


def within_limit(files: Sequence[Attached], limit: int, words: Words, form: Formatter) -> tuple[tuple[Attached, ...], tuple[str, ...]]:
    """The files that may go along, together within the limit, and one sentence per file that was packed or left out.

    Args:
        files: what there is.
        limit: the size in bytes that they may have together; the first ones come first.
        words: the reader's language.
        form: the reader's formats.
    """
    kept: list[Attached] = []
    notes: list[str] = []
    for file in files:
        room = limit - sum(len(one.data) for one in kept)
        if len(file.data) <= room:
            kept.append(file)
            continue
        packed = _zipped(file)
        size = form.number(len(file.data) / 1_000_000, 1)
        if len(packed.data) <= room:
            kept.append(packed)
            notes.append(words.text("delivery.zipped", name=file.name, size=size))
        else:
            notes.append(words.text("delivery.left_out", name=file.name, size=size, limit=form.number(limit / 1_000_000, 1)))
    return tuple(kept), tuple(notes)


def amend_mail(mail: bytes, files: Sequence[Attached], notes: Sequence[str], subject_mark: str = "") -> bytes:
    """The mail with other attachments and with sentences at its top, in both twins.

    Args:
        mail: the message as rendered.
        files: the attachments that are to be in it; those of the same name stay as they are.
        notes: sentences for the reader.
        subject_mark: put before the subject, empty for none.
    """
    parsed = email.message_from_bytes(mail, policy=policy.SMTP.clone(max_line_length=200))
    wanted = {file.name: file for file in files}
    parts = cast("list[Message]", parsed.get_payload())
    kept: list[Message | str] = []
    present = set()
    for part in parts:
        attached = part.get_content_disposition() == "attachment"
        if not attached or part.get_filename() in wanted:
            kept.append(part)
            present |= {part.get_filename()} if attached else set()
    for name, file in wanted.items():
        if name not in present:
            kept.append(_attachment(file))
    parsed.set_payload(kept)
    for part in parsed.walk():
        if part.get_content_disposition() != "attachment" and part.get_content_maintype() == "text":
            text = part.get_content()
            amended = amend_html(text, notes) if part.get_content_subtype() == "html" else amend_text(text, notes)
            part.set_payload(amended.encode("utf-8"))
            del part["Content-Transfer-Encoding"]
            email.encoders.encode_base64(part)
    if subject_mark:
        subject = f"{subject_mark} {parsed['Subject']}"
        del parsed["Subject"]
        parsed["Subject"] = subject
    return parsed.as_bytes()


def amend_text(text: str, notes: Sequence[str]) -> str:
    """Sentences above a plain text."""
    return "".join(f"! {note}\n" for note in notes) + ("\n" if notes else "") + text


def amend_html(html: str, notes: Sequence[str]) -> str:
    """Sentences right under the page's <body>, readable without colours or pictures."""
    if not notes:
        return html
    lines = "<br>".join(f"! {escape(note)}" for note in notes)
    block = (
        '<div style="max-width:640px;margin:0 auto;padding:12px 16px;background:#fff4e5;color:#5c3b00;'
        f'font:bold 15px/1.4 Arial,sans-serif">{lines}</div>'
    )
    start = html.find("<body")
    end = html.find(">", start) + 1 if start >= 0 else 0
    return html[:end] + block + html[end:]


def _zipped(file: Attached) -> Attached:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        # a fixed moment: the same report gives the same bytes
        archive.writestr(zipfile.ZipInfo(file.name, (1980, 1, 1, 0, 0, 0)), file.data, zipfile.ZIP_DEFLATED, 9)
    return Attached(f"{file.name}.zip", buffer.getvalue())


def _attachment(file: Attached) -> MIMEBase:
    part = MIMEBase("application", "zip" if file.name.endswith(".zip") else "octet-stream")
    part.set_payload(file.data)
    email.encoders.encode_base64(part)
    part["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return part

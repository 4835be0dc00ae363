"""The message of a report for one recipient, reckoned under that recipient's rights; and short messages of a few sentences."""

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from html import escape
from pathlib import Path

from reports.blocks import Chart
from reports.catalogue import find_report
from reports.context import Context
from reports.delivery.message import Attached, Message
from reports.delivery.recipients import Recipient
from reports.delivery.sizes import amend_html, amend_mail, amend_text, within_limit
from reports.delivery.telegram_text import document_blocks
from reports.formatting import Formatter
from reports.periods import Period, last_complete
from reports.published import Published
from reports.render.document import make_document
from reports.render.pdf import render_pdf
from reports.render.pictures import Pictures
from reports.render.report import draw_charts, file_stem, render_report
from reports.render.text import render_text
from reports.settings import Settings
from reports.theme import LIGHT
from reports.wording import load_words
from reports.workbook import render_workbook

MEGABYTE = 1_000_000
# what a bot may send, whatever [reports] allows: a larger file would be refused after the text has arrived
LARGEST_IN_TELEGRAM = 50_000_000


class SharedPictures(Pictures):
    """Draws each different chart once per batch: readers with the same rights see the same pictures."""

    def __init__(self) -> None:
        super().__init__()
        self._drawn: dict[str, bytes | None] = {}

    def draw(self, chart: Chart) -> bytes | None:
        """The chart's picture, out of the batch's own if an equal figure was drawn before."""
        figure = chart.draw(LIGHT)
        print_of = hashlib.sha256(f"{chart.height} {figure.to_json()}".encode()).hexdigest()
        if print_of not in self._drawn:
            self._drawn[print_of] = super().draw(chart)
        return self._drawn[print_of]


@dataclass(frozen=True)
class Order:
    """What is to be made.

    Attributes:
        report: its name.
        period: what it covers.
        locale: the language, None for the reader's or the company's.
        stale: made although its data did not come in time; it is marked.
        revised: made from a later publication than that of its day; it says so.
        pdf: a PDF goes along.
    """

    report: str
    period: Period
    locale: str | None = None
    stale: bool = False
    revised: bool = False
    pdf: bool = False


def compose(
    order: Order, recipient: Recipient, published: Published, settings: Settings, pictures: Pictures, unsubscribe_url: str = ""
) -> Message:
    """Makes a report's message for a recipient, under their rights and in their language."""
    locale = order.locale or recipient.locale or settings.company.locale
    period = order.period
    if period.start > published.publication.as_of_date:
        # the data ends before the period begins: at the deadline the last known one goes out, and says which it is
        period = last_complete(period.kind, published.publication.as_of_date)
    words = load_words(locale)
    form = Formatter(locale, published.publication.base_currency, published.publication.zone)
    notes: tuple[str, ...] = ()
    if order.stale:
        notes = (words.text("delivery.stale", moment=form.moment(published.publication.published_at)),)
    if order.revised:
        notes += (words.text("delivery.revised", moment=form.moment(published.publication.published_at)),)
    limit = settings.reports.attachment_limit_mb * MEGABYTE
    if recipient.channel == "telegram":
        return _for_telegram(order, period, locale, recipient, published, pictures, notes, min(limit, LARGEST_IN_TELEGRAM))
    with tempfile.TemporaryDirectory(prefix="skvoz-") as folder:
        rendered = render_report(
            order.report,
            published,
            settings,
            period,
            locale,
            Path(folder),
            scope=recipient.scope,
            recipient=recipient.address if recipient.channel == "email" else recipient.person,
            pictures=pictures,
            unsubscribe_url=unsubscribe_url if recipient.channel == "email" else "",
            pdf=order.pdf,
        )
        files, sizes = within_limit([Attached(path.name, path.read_bytes()) for path in rendered.attachments], limit, words, form)
        notes += sizes
        if order.pdf and rendered.pdf is None:
            notes += (words.text("delivery.no_pdf"),)
        mail = rendered.message.read_bytes() if recipient.channel == "email" else b""
        if mail and notes:
            mail = amend_mail(mail, files, notes, words.text("delivery.stale_mark") if order.stale else "")
        return Message(
            report=order.report,
            period=order.period.key,
            state=rendered.state,
            subject=rendered.subject,
            text=amend_text(rendered.text.read_text(encoding="utf-8"), notes),
            html=amend_html(rendered.html.read_text(encoding="utf-8"), notes),
            mail=mail,
            pictures=tuple((Attached(path.name, path.read_bytes()), "") for path in rendered.pictures),
            files=files,
            failures=rendered.failures,
            note="; ".join(notes),
        )


def _for_telegram(
    order: Order,
    period: Period,
    locale: str,
    recipient: Recipient,
    published: Published,
    pictures: Pictures,
    notes: tuple[str, ...],
    limit: int,
) -> Message:
    report = find_report(order.report)
    context = Context.make(published, period, locale, recipient.scope)
    document = make_document(report, context, recipient=recipient.person)
    stem = file_stem(document)
    books = []
    if report.workbook:
        book = render_workbook(document.sections, document.about, document.words, document.form)
        books.append(Attached(f"{stem}.xlsx", book))
    drawn = draw_charts(document, pictures)
    if order.pdf:
        printed = render_pdf(document, drawn, pictures, books[0].name if books else "")
        books += [] if printed is None else [Attached(f"{stem}.pdf", printed)]
        notes += () if printed is not None else (document.words.text("delivery.no_pdf"),)
    files, sizes = within_limit(books, limit, document.words, document.form)
    notes += sizes
    # what a picture shows in words begins with its title already
    captions = {chart.name: chart.alt if chart.alt.startswith(chart.title) else f"{chart.title}. {chart.alt}" for chart in document.charts}
    marks = tuple(f"<b>! {escape(note, quote=False)}</b>" for note in notes)
    return Message(
        report=report.name,
        period=order.period.key,
        state=document.state,
        subject=document.subject,
        text=render_text(document, files[0].name if files else ""),
        blocks=(*((marks,) if marks else ()), *document_blocks(document, files[0].name if files else "")),
        pictures=tuple((Attached(f"{stem}-{name}.png", png), captions[name]) for name, png in drawn.items()),
        files=files,
        failures=document.failures,
        note="; ".join(notes),
    )


def sentences(
    name: str, period: str, subject: str, lines: Sequence[str], recipient: Recipient, settings: Settings, now: datetime
) -> Message:
    """A short message: an alert, a failure, a notice.

    Args:
        name: what the journal calls it, such as alert:debt.
        period: tells one such message from another.
        subject: the first line.
        lines: what follows.
        recipient: who it is for.
        settings: for the sender's address.
        now: the Date header.
    """
    text = "\n".join(lines)
    mail = b""
    if recipient.channel == "email":
        letter = EmailMessage()
        sender = settings.email.sender if settings.email else ""
        domain = parseaddr(sender)[1].rpartition("@")[2] or "skvoz.invalid"
        digest = hashlib.sha256("\0".join((name, period, recipient.address)).encode()).hexdigest()[:24]
        letter["From"] = sender
        letter["To"] = recipient.address
        letter["Subject"] = " ".join(subject.split())
        letter["Date"] = format_datetime(now)
        letter["Message-ID"] = f"<{digest}@{domain}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter["X-Auto-Response-Suppress"] = "All"
        letter.set_content(text + "\n", charset="utf-8", cte="base64")
        mail = letter.as_bytes()
    units = (f"<b>{escape(subject, quote=False)}</b>", *(escape(line, quote=False) for line in lines))
    return Message(name.replace(":", "-"), period, "ok", subject, f"{subject}\n\n{text}\n", mail=mail, blocks=(units,))

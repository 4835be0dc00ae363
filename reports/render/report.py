"""`render_report`: a report of the catalogue as files: HTML, text, mail message, workbook, PDF on request, and pictures."""

import logging
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from reports.access import ALL, Scope
from reports.blocks import Chart
from reports.catalogue import find_report
from reports.context import Context
from reports.errors import PeriodError
from reports.periods import Period, last_complete, parse_period
from reports.published import Published
from reports.render.document import Document, DocumentState, make_document
from reports.render.html import render_html
from reports.render.message import Envelope, content_id, make_message
from reports.render.pdf import render_pdf
from reports.render.pictures import Pictures
from reports.render.repair import plain_page, without_broken
from reports.render.text import render_text
from reports.settings import Settings
from reports.spec import Report
from reports.workbook import render_workbook

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rendered:
    """What rendering left behind.

    Attributes:
        name: the report.
        period: its period.
        locale: its language.
        state: ok, partial (a block failed) or empty (there is nothing to tell).
        subject: the mail's subject.
        failures: (block, reason) of every failed block.
        html: the page, with pictures beside it.
        text: the plain twin.
        message: the mail as it would be sent.
        workbook: the xlsx, None if the report has none.
        pictures: the PNG files.
        pdf: the PDF, None if it was not asked for or there is no browser.
    """

    name: str
    period: Period
    locale: str
    state: DocumentState
    subject: str
    failures: tuple[tuple[str, str], ...]
    html: Path
    text: Path
    message: Path
    workbook: Path | None
    pictures: tuple[Path, ...]
    pdf: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """Everything written."""
        return (self.html, self.text, self.message, *self.attachments, *self.pictures)

    @property
    def attachments(self) -> tuple[Path, ...]:
        """The files that go along with a message."""
        return tuple(path for path in (self.workbook, self.pdf) if path is not None)


def report_period(report: Report, published: Published, period: Period | str | None) -> Period:
    """The period to render: as given, else the last one that is complete on as_of.

    Raises:
        PeriodError: if it is of another kind or lies after the data.
    """
    as_of = published.publication.as_of_date
    if period is None:
        return last_complete(report.period, as_of)
    wanted = parse_period(period, report.period) if isinstance(period, str) else period
    if wanted.kind != report.period:
        msg = f"The report {report.name} is made for a {report.period}, not for a {wanted.kind}."
        raise PeriodError(msg)
    if wanted.start > as_of:
        msg = f"The period {wanted.key} begins after {as_of.isoformat()}, the last day that the published data knows."
        raise PeriodError(msg)
    return wanted


def render_report(
    name: str,
    published: Published,
    settings: Settings,
    period: Period | str | None,
    locale: str | None,
    out_dir: Path,
    *,
    scope: Scope = ALL,
    recipient: str = "",
    pictures: Pictures | None = None,
    unsubscribe_url: str = "",
    pdf: bool = False,
) -> Rendered:
    """Renders a report into files named `<name>-<period>-<locale>`.

    Args:
        name: a report of the catalogue.
        published: the open publication.
        settings: the readers' part of skvoz.toml.
        period: the period or its text; None for the last complete one.
        locale: the language; None for the company's.
        out_dir: where the files go, made if missing.
        scope: whose rows the recipient may see.
        recipient: the mail address that it is for.
        pictures: a running browser to share within a batch; one of its own if not given.
        unsubscribe_url: the recipient's own address for one-click unsubscribing.
        pdf: also as PDF, attached to the mail.

    Raises:
        ReportsError: if the report, period or language does not exist; a block that fails does not raise.
    """
    report = find_report(name)
    wanted = report_period(report, published, period)
    language = locale or settings.company.locale
    context = Context.make(published, wanted, language, scope)
    document = make_document(report, context, recipient=recipient, dashboard=settings.dashboard.url)
    with ExitStack() as stack:
        browser = stack.enter_context(Pictures()) if pictures is None else pictures
        drawn = draw_charts(document, browser)
        book_name = f"{file_stem(document)}.xlsx" if report.workbook else ""
        printed = _printed(document, drawn, browser, book_name) if pdf else None
    envelope = Envelope(
        sender=settings.email.sender if settings.email else "",
        recipient=recipient,
        subject=document.subject,
        identity=(report.name, document.period.key, language, recipient, document.company),
        sent_at=published.publication.published_at,
        language=language,
        unsubscribe_url=unsubscribe_url,
        reply_to=administrators_address(settings),
    )
    try:
        return _write(document, drawn, printed, envelope, book_name, out_dir)
    except OSError:  # a full disk or a folder that cannot be written: the plain letter would meet it too
        raise
    except Exception:
        logger.exception("%s for %s cannot be laid out as it is", report.name, recipient or "anybody")
        return _write(without_broken(document), drawn, printed, envelope, book_name, out_dir)


def _printed(document: Document, drawn: dict[str, bytes], browser: Pictures, book_name: str) -> bytes | None:
    try:
        return render_pdf(document, drawn, browser, book_name)
    except Exception:
        # the letter matters more than its printed twin, and will tell of the same fault
        logger.exception("%s cannot be printed", document.name)
        return None


def file_stem(document: Document) -> str:
    """What the files of a report are called, without their endings."""
    return f"{document.name}-{document.period.key}-{document.words.locale}"


def administrators_address(settings: Settings) -> str:
    """Who reads what readers answer: the first administrator with a mail address, empty for none."""
    return next((text[len("email:") :] for text in settings.reports.administrator if text.startswith("email:") and "@" in text), "")


def draw_charts(document: Document, pictures: Pictures) -> dict[str, bytes]:
    """PNG by chart name; charts that could not be drawn are left out."""
    drawn = {chart.name: pictures.draw(chart) for chart in document.charts}
    return {name: png for name, png in drawn.items() if png is not None}


def _write(
    document: Document, drawn: dict[str, bytes], printed: bytes | None, envelope: Envelope, book_name: str, out_dir: Path
) -> Rendered:
    stem = file_stem(document)
    out_dir.mkdir(parents=True, exist_ok=True)

    def beside(chart: Chart) -> str | None:
        return f"{stem}-{chart.name}.png" if chart.name in drawn else None

    def inside(chart: Chart) -> str | None:
        return f"cid:{content_id(chart.name, envelope.identity)}" if chart.name in drawn else None

    link = envelope.unsubscribe_url
    text = render_text(document, book_name, link)
    attachments: dict[str, bytes] = {}
    if book_name:
        book = render_workbook(document.sections, document.about, document.words, document.form)
        attachments[book_name] = book
    if printed is not None:
        attachments[f"{stem}.pdf"] = printed
    if document.failed_layout:
        page = letter = plain_page(document, text)
    else:
        page = render_html(document, beside, book_name, unsubscribe_url=link)
        letter = render_html(document, inside, book_name, unsubscribe_url=link)
    files = {
        f"{stem}.html": page.encode(),
        f"{stem}.txt": text.encode(),
        f"{stem}.eml": make_message(envelope, text, letter, drawn, attachments),
        **attachments,
        **{f"{stem}-{name}.png": png for name, png in drawn.items()},
    }
    for name, data in files.items():
        (out_dir / name).write_bytes(data)
    return Rendered(
        name=document.name,
        period=document.period,
        locale=document.words.locale,
        state=document.state,
        subject=document.subject,
        failures=document.failures,
        html=out_dir / f"{stem}.html",
        text=out_dir / f"{stem}.txt",
        message=out_dir / f"{stem}.eml",
        workbook=out_dir / book_name if book_name else None,
        pictures=tuple(out_dir / f"{stem}-{name}.png" for name in drawn),
        pdf=None if printed is None else out_dir / f"{stem}.pdf",
    )

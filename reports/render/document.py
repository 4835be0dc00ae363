"""A report reckoned for one reader: everything that the renderers lay out, and nothing they would have to ask for."""

from dataclasses import dataclass
from typing import Literal

from reports.blocks import Chart, Kpi, Section, Table
from reports.compute import compute, stale_sources
from reports.context import Context
from reports.formatting import Formatter
from reports.periods import Period
from reports.spec import Report
from reports.wording import Words
from reports.workbook import About

DocumentState = Literal["ok", "partial", "empty"]


@dataclass(frozen=True)
class Document:
    """A reckoned report in one language.

    Attributes:
        name: the report's name.
        title: its title in the reader's language.
        period: what it covers; `period_text` in words.
        company: whose figures they are.
        summary: two sentences that stand for the whole, empty if they failed.
        sections: the blocks in order.
        stale: one line when any source is stale, else empty.
        definitions: (label, definition) of the figures shown.
        facts: currency, zone, as-of, version: the small print.
        recipient: who it is for, empty for the company's head.
        dashboard: the dashboard's address for links, empty for none.
        failed_headline: why the summary failed, empty if it did not.
        failed_layout: why the letter can only go out as plain text, empty if it need not.
    """

    name: str
    title: str
    period: Period
    period_text: str
    company: str
    as_of_text: str
    summary: str
    sections: tuple[Section, ...]
    stale: str
    definitions: tuple[tuple[str, str], ...]
    facts: tuple[str, ...]
    recipient: str
    dashboard: str
    words: Words
    form: Formatter
    failed_headline: str = ""
    failed_layout: str = ""

    @property
    def subject(self) -> str:
        """The mail's subject; the period keeps mail programs from merging issues into one thread."""
        return self.words.text("frame.subject", title=self.title, period=self.period_text)

    @property
    def about(self) -> About:
        """What its workbook says of itself."""
        told = (self.period_text, self.as_of_text, self.stale, *self.facts)
        return About(self.subject, self.company, [line for line in told if line], self.definitions)

    @property
    def failures(self) -> tuple[tuple[str, str], ...]:
        """(block, reason) of every block that failed."""
        whole = tuple((part, why) for part, why in (("headline", self.failed_headline), ("layout", self.failed_layout)) if why)
        return whole + tuple((section.name, section.reason) for section in self.sections if section.state == "failed")

    @property
    def state(self) -> DocumentState:
        """Partial if a block failed, empty if every block is, else ok; freshness alone does not make a report full."""
        if self.failures:
            return "partial"
        told = [section for section in self.sections if section.name != "freshness"]
        return "empty" if all(section.state == "empty" for section in told) else "ok"

    @property
    def charts(self) -> tuple[Chart, ...]:
        """Every chart, in order."""
        return tuple(content for section in self.sections for content in section.contents if isinstance(content, Chart))

    @property
    def tables(self) -> tuple[tuple[Section, Table], ...]:
        """Every table with its section, in order."""
        return tuple((section, content) for section in self.sections for content in section.contents if isinstance(content, Table))


def period_text(context: Context) -> str:
    """The period in words."""
    return context.form.period(context.period)


def make_document(report: Report, context: Context, *, recipient: str = "", dashboard: str = "") -> Document:
    """Reckons a report.

    Args:
        report: what to reckon.
        context: the publication, period, scope and language.
        recipient: who it is for, as printed.
        dashboard: the dashboard's address, empty for no links.
    """
    words, form, publication = context.words, context.form, context.publication
    headline = compute(report.headline, context)
    summary = " ".join(content.text for content in headline.contents if hasattr(content, "text")) if headline else ""
    sections = tuple(section for section in (compute(block, context) for block in report.blocks) if section is not None)
    stale = stale_sources(context)
    definitions: dict[str, str] = {}
    for section in sections:
        for content in section.contents:
            if isinstance(content, Kpi):
                for figure in content.figures:
                    if figure.definition and figure.definition not in definitions.values():
                        definitions.setdefault(figure.label, figure.definition)
    return Document(
        name=report.name,
        title=words.text(f"report.{report.name}"),
        period=context.period,
        period_text=period_text(context),
        company=publication.company_name,
        as_of_text=words.text("frame.as_of", day=form.day(context.as_of)),
        summary=summary,
        sections=sections,
        stale=words.text("stale.some", sources=", ".join(stale)) if stale else "",
        definitions=tuple(definitions.items()),
        facts=(
            words.text("frame.currency", currency=publication.base_currency, timezone=publication.timezone),
            words.text("frame.version", version=publication.skvoz_version, publication=publication.run_id),
        ),
        recipient=recipient,
        dashboard=dashboard.rstrip("/"),
        words=words,
        form=form,
        failed_headline=headline.reason if headline and headline.state == "failed" else "",
    )

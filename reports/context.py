"""Everything a block needs to reckon itself: the publication, the period, the reader's scope, words and formats."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from reports.access import ALL, Scope
from reports.errors import QuestionError
from reports.formatting import Formatter
from reports.periods import Period, instant, period_of
from reports.published import Publication, Published, Row
from reports.questions import load_question
from reports.sources import source_names
from reports.thresholds import in_words
from reports.wording import Words, load_words


@dataclass(frozen=True)
class Context:
    """A reader's view of a publication for a period.

    Attributes:
        published: the open publication.
        period: what the report or page is about.
        scope: whose rows the reader may see.
        words: the reader's language.
        form: the reader's formats.
        questions: the questions the present block has declared; None for any.
        stale: whether a source that feeds the present block is stale.
        late: the streams that are stale, of whatever block.
        cut: the rows of each answer that was as long as it could be, so that there may be more.
    """

    published: Published
    period: Period
    scope: Scope
    words: Words
    form: Formatter
    questions: frozenset[str] | None = None
    stale: bool = False
    late: frozenset[str] = frozenset()
    cut: list[int] = field(default_factory=list, compare=False, repr=False)

    @classmethod
    def make(cls, published: Published, period: Period, locale: str, scope: Scope = ALL) -> "Context":
        """A context in a language, with the publication's own currency, time zone and thresholds."""
        publication = published.publication
        words, form = load_words(locale), Formatter(locale, publication.base_currency, publication.zone)
        knowing = words.knowing(in_words(publication.thresholds, words, form))
        return cls(published, period, scope, knowing.calling(source_names(published, words)), form)

    def declared(self, questions: tuple[str, ...], *, stale: bool = False, late: frozenset[str] = frozenset()) -> "Context":
        """The same context for one block, able to ask only its questions."""
        return replace(self, questions=frozenset(questions), stale=stale, late=late, cut=[])

    @property
    def publication(self) -> Publication:
        """What the file is."""
        return self.published.publication

    @property
    def as_of(self) -> date:
        """The business day that the figures are reckoned at the end of."""
        return self.publication.as_of_date

    @property
    def month(self) -> Period:
        """The month of the period's last day."""
        return period_of("month", self.period.end)

    def known(self, value: Any, streams: tuple[str, ...] = ()) -> Any:
        """A figure as it may be shown: a zero out of stale data is not a zero, it is not known.

        Args:
            value: what was reckoned.
            streams: what it is made of, where that is not what the rest of its block is made of.
        """
        stale = not self.late.isdisjoint(streams) if streams else self.stale
        return None if stale and not value else value

    def ask(self, question: str, params: Mapping[str, object] | None = None) -> list[Row]:
        """Asks a declared question under the reader's scope.

        Raises:
            QuestionError: if the block did not declare it; exposures would then tell less than the truth.
        """
        if self.questions is not None and question not in self.questions:
            msg = f"The block asks {question} without declaring it; add it to the block's questions."
            raise QuestionError(msg)
        rows = self.published.query(question, params, self.scope)
        if load_question(question).is_cut(len(rows), params or {}):
            self.cut.append(len(rows))
        return rows

    def one(self, question: str, params: Mapping[str, object] | None = None) -> dict[str, Any]:
        """The only row of a question that always has exactly one."""
        rows = self.ask(question, params)
        if len(rows) != 1:
            msg = f"The question {question} gave {len(rows)} rows instead of one."
            raise QuestionError(msg)
        return rows[0]

    def between(self, first: date, last: date) -> dict[str, object]:
        """Parameters for days from first to last: business days, and the instants that bound them in the company's zone."""
        zone = self.publication.zone
        after = date.fromordinal(last.toordinal() + 1)
        return {"from_date": first, "to_date": last, "from_instant": instant(first, zone), "to_instant": instant(after, zone)}

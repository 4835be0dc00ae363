"""What a run reports while it runs: to the person at the terminal, or to the log of `skvoz serve`."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from ingestion.sync import SourceOutcome


@dataclass(slots=True)
class RunReport:
    """What came of a run, gathered as it goes: outcomes of sources, whether dbt ran, and the published version."""

    outcomes: list[SourceOutcome] = field(default_factory=list)
    built: bool | None = None
    published: str | None = None
    failure: str | None = None


class Listener:
    """Told about progress; the base listens to nothing."""

    def page(self, source: str, stream: str, received: int, written: int) -> None:
        """A page arrived (called from several threads)."""

    def source_done(self, outcome: SourceOutcome) -> None:
        """A source was extracted and loaded."""

    def say(self, text: str) -> None:
        """A step began or ended."""

    def child_output(self) -> AbstractContextManager[Any]:
        """Around a step that prints a tool's own log."""
        return nullcontext()

    def failed(self, text: str) -> None:
        """A step failed; at the terminal the command itself says why."""


def outcome_lines(outcome: SourceOutcome) -> list[str]:
    """What a source brought, its notes and its error."""
    received, written, deleted, rejected = (
        sum(getattr(result, name) for result in outcome.streams) for name in ("received", "written", "deleted", "rejected")
    )
    for more in outcome.broken_off:
        received, written = received + more[0], written + more[1]
    extra = (f", {deleted} deleted" if deleted else "") + (f", {rejected} not understood and kept aside" if rejected else "")
    return [
        f"{outcome.name}: {received} records read, {written} new or changed{extra} ({outcome.seconds:.1f} s)",
        *(f"  note: {note}" for note in outcome.notes),
        *([f"  FAILED: {outcome.error}"] if outcome.error is not None else []),
    ]


class RunLog:
    """The resource through which assets report; a plain object, for Dagster copies configurable resources and what they gathered is lost.

    Attributes:
        report: what is known so far.
    """

    def __init__(self, listener: Listener | None = None) -> None:
        self._listener = listener or Listener()
        self.report = RunReport()

    def progress(self, source: str, stream: str, received: int, written: int) -> None:
        """Pass a page on."""
        self._listener.page(source, stream, received, written)

    def source_done(self, outcome: SourceOutcome) -> None:
        """Remember and pass on a finished source."""
        self.report.outcomes.append(outcome)
        self._listener.source_done(outcome)

    def say(self, text: str) -> None:
        """Pass a step on."""
        self._listener.say(text)

    def failed(self, text: str) -> None:
        """Pass on why a step failed."""
        self._listener.failed(text)

    def child_output(self) -> AbstractContextManager[Any]:
        """Where a tool's own log goes."""
        return self._listener.child_output()

"""What a run reports while it runs: to nobody (the daemon's runs have Dagster's own log), or to the person at the terminal."""

from __future__ import annotations

from dataclasses import dataclass, field

from dagster import ConfigurableResource
from pydantic import PrivateAttr

from ingestion.sync import SourceOutcome


@dataclass(slots=True)
class RunReport:
    """What came of a run, gathered as it goes: outcomes of sources, whether dbt ran and how long, and the published version."""

    outcomes: list[SourceOutcome] = field(default_factory=list)
    built: bool | None = None
    build_seconds: float = 0.0
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


class RunLog(ConfigurableResource["RunLog"]):
    """The resource through which assets report."""

    _listener: Listener = PrivateAttr(default_factory=Listener)
    _report: RunReport = PrivateAttr(default_factory=RunReport)

    def listen(self, listener: Listener) -> RunReport:
        """Attach a listener; the report it will be filled into."""
        self._listener = listener
        return self._report

    @property
    def report(self) -> RunReport:
        """What is known so far."""
        return self._report

    def progress(self, source: str, stream: str, received: int, written: int) -> None:
        """Pass a page on."""
        self._listener.page(source, stream, received, written)

    def source_done(self, outcome: SourceOutcome) -> None:
        """Remember and pass on a finished source."""
        self._report.outcomes.append(outcome)
        self._listener.source_done(outcome)

    def say(self, text: str) -> None:
        """Pass a step on."""
        self._listener.say(text)

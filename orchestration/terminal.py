"""Progress for a person: bars on a terminal, plain lines otherwise."""

from __future__ import annotations

import contextlib
import io
import re
import sys
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from ingestion.redaction import redact
from ingestion.sync import SourceOutcome
from orchestration.runlog import Listener, outcome_lines

_BUILD = "build"
_NODE = re.compile(r"(\d+) of (\d+) (?:OK|PASS)")


class _NodeCounter(io.TextIOBase):
    """Takes dbt's printed log and tells only the numbers of finished nodes."""

    def __init__(self, tell: Callable[[str, str], None]) -> None:
        self._tell = tell

    def write(self, text: str) -> int:
        """Look for "12 of 300 OK"; drop the rest."""
        found = _NODE.search(text)
        if found:
            self._tell(*found.groups())
        return len(text)


class Terminal(Listener):
    """One line per source while it is read; notes and errors when it is done."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        console = Console(file=sys.stdout)
        self._out = sys.stdout
        if console.is_terminal:
            columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.fields[what]}"), TimeElapsedColumn())
            self._progress = Progress(*columns, console=console, transient=True)

    def __enter__(self) -> Self:
        if self._progress is not None:
            self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._progress is not None:
            self._progress.stop()

    def page(self, source: str, stream: str, received: int, written: int) -> None:
        """Show how far a source is."""
        if self._progress is None:
            return
        with self._lock:
            if source not in self._tasks:
                self._tasks[source] = self._progress.add_task(source, total=None, what="")
            self._progress.update(self._tasks[source], what=f"{stream}: {received} read, {written} new or changed")

    def source_done(self, outcome: SourceOutcome) -> None:
        """One line with what a source brought, then its notes and its error."""
        if self._progress is not None and outcome.name in self._tasks:
            self._progress.remove_task(self._tasks.pop(outcome.name))
        for line in outcome_lines(outcome):
            self.say(line)

    @contextlib.contextmanager
    def child_output(self) -> Iterator[None]:
        """Shows how many of dbt's nodes are done instead of its log (which is kept in `<path>/dbt/logs`)."""
        with contextlib.redirect_stdout(_NodeCounter(self._nodes)):
            yield
        if self._progress is not None and _BUILD in self._tasks:
            self._progress.remove_task(self._tasks.pop(_BUILD))

    def _nodes(self, done: str, of: str) -> None:
        if self._progress is None:
            return
        if _BUILD not in self._tasks:
            self._tasks[_BUILD] = self._progress.add_task(_BUILD, total=None, what="")
        self._progress.update(self._tasks[_BUILD], what=f"{done} of {of} models and tests")

    def say(self, text: str) -> None:
        """A line that stays."""
        if self._progress is not None:
            self._progress.console.print(redact(text), markup=False, highlight=False)
        else:
            click.echo(redact(text), file=self._out)

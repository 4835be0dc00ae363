"""The log of `skvoz serve`: one stream of lines from all parts, for people or as JSON for machines, with run ids and without secrets."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal, TextIO

from ingestion.redaction import redact

Format = Literal["lines", "json"]

_RUN = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_LEVEL = re.compile(r"\b(DEBUG|INFO|WARNING|ERROR|CRITICAL)\b")
# Dagster and uvicorn put their own moment before a line; ours stands there already
_MOMENT = re.compile(r"^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?[+-]\d{4}|Z)?(?: - )?\s*")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_SUPERVISOR = "skvoz"


class PartLog:
    """Writes what the parts print; called from their threads.

    Args:
        form: lines or json.
        out: where to; standard output if not given.
        now: the clock.
    """

    def __init__(self, form: Format, out: TextIO | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._form = form
        self._out = out or sys.stdout
        self._now = now
        self._lock = threading.Lock()

    def tell(self, part: str, line: str) -> None:
        """One line of a part, of the supervisor itself if the part is empty."""
        text = _MOMENT.sub("", redact(_COLOUR.sub("", line)))
        moment = self._now().isoformat(timespec="seconds")
        name = part or _SUPERVISOR
        # Dagster's UI names a run by the beginning of its id
        shown = f"{moment} {name:<9} {_RUN.sub(lambda run: run[0][:8], text)}" if self._form == "lines" else _as_json(moment, name, text)
        with self._lock:
            self._out.write(shown + "\n")
            self._out.flush()


def _as_json(moment: str, part: str, text: str) -> str:
    entry = {"at": moment, "part": part, "message": text}
    level = _LEVEL.search(text)
    run = _RUN.search(text)
    if level:
        entry["level"] = level.group(1).lower()
    if run:
        entry["run"] = run.group(0)
    return json.dumps(entry, ensure_ascii=False)

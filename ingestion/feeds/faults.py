"""What is wrong in a file: a line that is no record, and damage after which nothing more can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingestion.errors import PermanentError

_SHOWN = 200  # characters of a bad line that are kept beside the stream


@dataclass(frozen=True, slots=True)
class Fault:
    """A thing in a file that is no record; what follows it is read on.

    Attributes:
        place: where in the file, for people: `line 12`.
        cause: what is wrong with it.
        thing: what stands there.
    """

    place: str
    cause: str
    thing: Any

    def rejected(self, file: str) -> tuple[dict[str, Any], str]:
        """The form in which the raw zone keeps it."""
        thing = self.thing[:_SHOWN] if isinstance(self.thing, str) else self.thing
        return {"file": file, "place": self.place, "thing": thing}, f"{file}, {self.place}: {self.cause}."


class DamagedError(Exception):
    """The rest of a file cannot be read.

    Attributes:
        place: where the damage begins, for people.
        cause: what it is.
    """

    def __init__(self, place: str, cause: str) -> None:
        super().__init__(f"{place}: {cause}")
        self.place = place
        self.cause = cause


def summary(file: str, faults: int, first: Fault, good: int) -> str:
    """One sentence about the bad lines of a file."""
    return f"{file}, {first.place}: {first.cause}; {faults} such places were left out, {good} records were read."


def raise_problems(source: str, problems: Sequence[str]) -> None:
    """One error for all damaged files, after everything readable was given; nothing if there are none."""
    if problems:
        more = f" (and {len(problems) - 1} more files)" if len(problems) > 1 else ""
        message = f"{source}: {problems[0]}{more}; what came before was kept. Put a whole copy in its place."
        raise PermanentError(message)

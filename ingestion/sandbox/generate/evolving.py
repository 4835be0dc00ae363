"""Small tools of the day's changes: picking records, replacing them in place, the times of the day."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Protocol, TypeVar

from ingestion.sandbox.clock import at
from ingestion.sandbox.planning import Change

if TYPE_CHECKING:
    from ingestion.sandbox.company import Company


class Numbered(Protocol):
    """Anything with a number."""

    @property
    def number(self) -> int:
        """Its number in the company."""


Thing = TypeVar("Thing", bound=Numbered)
Anything = TypeVar("Anything")


def swap(things: tuple[Thing, ...], changed: Iterable[Thing]) -> tuple[Thing, ...]:
    """The tuple with the changed records in the places of their former selves."""
    by_number = {one.number: one for one in changed}
    return tuple(by_number.get(one.number, one) for one in things)


def without(things: tuple[Thing, ...], numbers: set[int]) -> tuple[Thing, ...]:
    """The tuple without those records."""
    return tuple(one for one in things if one.number not in numbers)


def some(rng: Random, things: Sequence[Anything], most: int, fits: Callable[[Anything], bool]) -> list[Anything]:
    """Up to so many of the records that fit, in their own order."""
    found = [one for one in things if fits(one)]
    chosen = set(rng.sample(range(len(found)), min(most, len(found))))
    return [one for index, one in enumerate(found) if index in chosen]


def share(count: int, scale: float) -> int:
    """How many of a daily thing at the scale: at least one."""
    return max(1, round(count * scale))


def during(rng: Random, now: datetime) -> datetime:
    """A working moment of the day that begins at `now`."""
    return at(now.date(), 9) + timedelta(minutes=rng.randrange(9 * 60), seconds=rng.randrange(60))


def following(things: Sequence[Numbered]) -> int:
    """The next free number."""
    return max((one.number for one in things), default=0) + 1


def note(company: "Company", what: str, numbers: Iterable[int]) -> tuple[Change, ...]:
    """The day's changes with these added."""
    return (*company.changes, *(Change(what, number) for number in numbers))

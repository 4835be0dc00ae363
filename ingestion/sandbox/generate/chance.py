"""Chances and dates: what every generator draws from the one random source."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate
from random import Random
from typing import TypeVar

from ingestion.sandbox.clock import at

Item = TypeVar("Item")

CENT = Decimal("0.01")
# Share of an average month's business: a rush before New Year, a dead January, a quiet summer.
SEASON = (0.70, 0.95, 1.10, 1.05, 0.90, 0.95, 0.85, 0.85, 1.10, 1.10, 1.15, 1.30)
WEEKDAY = (1.05, 1.10, 1.05, 1.00, 0.90, 0.16, 0.06)
YEARLY_GROWTH: float = 0.45


def money(value: float) -> Decimal:
    """A float amount as two-place money."""
    return Decimal(round(value * 100)).scaleb(-2)


def cents(value: Decimal) -> Decimal:
    """Rounded to two places, half away from zero."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def likely(rng: Random, share: float) -> bool:
    """True in that share of the cases."""
    return rng.random() < share


def counted(share: float, scale: float, least: int = 1) -> int:
    """How many of a thing there are at the scale."""
    return max(least, round(share * scale))


def shift_to_workday(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def work_moment(rng: Random, day: date) -> datetime:
    """A moment of the working day: mostly 9 to 18, a little before and after."""
    hour = rng.choice((8, 9, 9, 10, 10, 10, 11, 11, 11, 12, 12, 13, 14, 14, 15, 15, 16, 16, 17, 17, 18, 19))
    return at(day, hour, rng.randrange(60), rng.randrange(60))


def later(rng: Random, moment: datetime, mean_days: float) -> datetime:
    """A working moment some days after, exponentially spread; never before `moment`, weekends skipped."""
    day = shift_to_workday((moment + timedelta(days=rng.expovariate(1 / mean_days))).date())
    found = work_moment(rng, day)
    return found if found > moment else moment + timedelta(minutes=rng.randrange(5, 180))


class Timeline:
    """The days of the history with their business weights; days are drawn in proportion."""

    def __init__(self, first: date, last: date) -> None:
        """From the first to the last day, both included."""
        self.first = first
        self.last = last
        self.days: Sequence[date] = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        self.weights = [self._weight(day) for day in self.days]
        self._upto = list(accumulate(self.weights))

    def _weight(self, day: date) -> float:
        holidays = 0.1 if day.month == 1 and day.day <= 8 else 1.0
        growth: float = (1 + YEARLY_GROWTH) ** ((day - self.first).days / 365)
        return SEASON[day.month - 1] * WEEKDAY[day.weekday()] * growth * holidays

    def pick(self, rng: Random, earliest: date | None = None) -> date:
        """A day by weight, not before `earliest` (which must not be after the last day)."""
        begins = 0 if earliest is None or earliest <= self.first else (earliest - self.first).days
        floor = self._upto[begins - 1] if begins else 0.0
        target = floor + rng.random() * (self._upto[-1] - floor)
        return self.days[min(bisect_left(self._upto, target), len(self.days) - 1)]


def weighted(rng: Random, items: Sequence[Item], upto: Sequence[float]) -> Item:
    """One of the items by running totals of their weights."""
    return items[min(bisect_left(upto, rng.random() * upto[-1]), len(items) - 1)]

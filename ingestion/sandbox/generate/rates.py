"""Exchange rates by workday."""

from bisect import bisect_right
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from ingestion.sandbox.trade import ExchangeRate

START = {"EUR": 96.4, "USD": 88.9, "KZT": 0.18}


def make_rates(rng: Random, first: date, last: date) -> tuple[ExchangeRate, ...]:
    """A random walk for each currency, a rate for every workday from ten days before the history on."""
    found = []
    for currency, level in START.items():
        rate = level
        day = first - timedelta(days=10)
        while day <= last:
            if day.weekday() < 5:
                rate *= 1 + rng.gauss(0, 0.006)
                found.append(ExchangeRate(currency, day, Decimal(round(rate * 10_000)).scaleb(-4)))
            day += timedelta(days=1)
    return tuple(found)


class Rates:
    """Looks a rate up: the day's, else the last earlier one."""

    def __init__(self, rates: tuple[ExchangeRate, ...], base: str) -> None:
        """From all rates and the company currency."""
        self._base = base
        self._days: dict[str, list[date]] = {}
        self._values: dict[str, list[Decimal]] = {}
        for one in rates:
            self._days.setdefault(one.currency, []).append(one.day)
            self._values.setdefault(one.currency, []).append(one.rate)

    def on(self, currency: str, day: date) -> Decimal:
        """What one unit costs in the company currency on that day."""
        if currency == self._base:
            return Decimal(1)
        index = bisect_right(self._days[currency], day) - 1
        return self._values[currency][max(index, 0)]

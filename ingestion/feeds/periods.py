"""Services asked for a period at a time: the first load goes from `since` to now, each later one reads the last days again.

Cursor: {"to": the moment up to which everything was read}.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from ingestion.errors import LossGuardError, PermanentError
from ingestion.feeds.faults import Fault
from ingestion.spec import Context, Extraction, Page, Record

_PAGE = 1_000
_GUARDED = 20  # from so many known rows on, an empty answer for their whole period is not believed
_SHORTEST = timedelta(minutes=1)
_NEARLY = timedelta(days=7)


class PeriodTooLongError(PermanentError):
    """The service cannot answer for so long a period: ask for its halves."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How one stream of a service is read.

    Attributes:
        read: records of [low, high), both aware, faults between them.
        length: longest period of one question.
        overlap: how much is read again each time, for what changes afterwards.
        day_of: the day in a key, where the answer is the whole truth about its days: what is no longer in it is deleted, periods are whole
            days of the source's zone. None: nothing disappears there.
        reach: how far back the service answers at all, for a beginning a few days before it (three years by default, to the day or so).
            Who names an earlier one is asked for: what is refused says so, and nothing is left out for the clock of this machine.
    """

    read: Callable[[datetime, datetime], Iterable[Record | Fault]]
    length: timedelta
    overlap: timedelta
    day_of: Callable[[str], date] | None = None
    reach: timedelta | None = None


class PeriodConnector:
    """A connector whose streams are all read by period.

    Args:
        context: of the source.
        readings: by stream.
        check: tries the credentials and says in one line what was seen.
        close: releases connections.
    """

    def __init__(self, context: Context, readings: Mapping[str, Reading], check: Callable[[], str], close: Callable[[], None]) -> None:
        self._context = context
        self._readings = readings
        self.check = check
        self.close = close

    def extract(self, request: Extraction) -> Iterator[Page]:
        """Pages period by period; each period's end is a safe place to go on from."""
        reading = self._readings[request.stream.name]
        zone = self._context.timezone
        low, high = datetime.combine(request.since, time(), zone), request.now
        if request.cursor is not None:
            low = max(low, min(datetime.fromisoformat(str(request.cursor["to"])), high) - reading.overlap)
        if reading.reach is not None and low < high - reading.reach <= low + _NEARLY:
            low = high - reading.reach
        known: list[str] = []
        if reading.day_of is not None:
            low = datetime.combine(low.astimezone(zone).date(), time(), zone)
            high = datetime.combine(high.astimezone(zone).date() + timedelta(days=1), time(), zone)
            known = sorted(request.known.versions())
        while low < high:
            end = min(low + reading.length, high)
            yield from self._period(reading, low, end, request, known)
            low = end

    def _period(self, reading: Reading, low: datetime, high: datetime, request: Extraction, known: list[str]) -> Iterator[Page]:
        try:
            yield from self._asked(reading, low, high, request, known)
        except PeriodTooLongError:
            middle = low + (high - low) / 2
            if reading.day_of is not None:
                middle = datetime.combine(middle.astimezone(low.tzinfo).date(), time(), low.tzinfo)
            if middle <= low or high - low <= _SHORTEST:
                raise
            yield from self._period(reading, low, middle, request, known)
            yield from self._period(reading, middle, high, request, known)

    def _asked(self, reading: Reading, low: datetime, high: datetime, request: Extraction, known: list[str]) -> Iterator[Page]:
        records: list[Record] = []
        rejected: list[tuple[Any, str]] = []
        for one in reading.read(low, high):
            if isinstance(one, Fault):
                rejected.append((one.thing, f"{one.place}: {one.cause}"))
            else:
                records.append(one)
            if len(records) >= _PAGE and reading.day_of is None:
                yield Page(records, rejected=rejected)
                records, rejected = [], []
        if reading.day_of is not None:
            records += self._gone(reading.day_of, records, low, high, request, known)
        # the moment of asking is not the end of a day that is still going on
        yield Page(records, rejected=rejected, cursor={"to": min(high, request.now).isoformat()})

    def _gone(
        self, day_of: Callable[[str], date], records: list[Record], low: datetime, high: datetime, request: Extraction, known: list[str]
    ) -> list[Record]:
        first, last = low.date(), (high - timedelta(days=1)).date()
        seen = {record.key for record in records}
        expected = {key for key in known if first <= day_of(key) <= last}
        if request.mode != "full" and not seen and len(expected) >= _GUARDED:
            message = (
                f"{self._context.source}: nothing is reported from {first} to {last}, where {len(expected)} rows were known; check the "
                f"rights of the account, and if that is right run: skvoz sync {self._context.source} --full"
            )
            raise LossGuardError(message)
        return [Record(key, None) for key in sorted(expected - seen)]


def key_day(key: str) -> date:
    """The day with which a key `<date>:<id>` begins."""
    return date.fromisoformat(key[:10])

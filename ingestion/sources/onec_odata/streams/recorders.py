"""Rows of an accumulation register, gathered by the document that wrote them (the recorder).

Rows come from `<register>_RecordType`, the flat form. A register that one document type writes has `Recorder_Key`; others have `Recorder`
beside `Recorder_Type`, and are filtered with a cast (without it 1C finds nothing and says nothing).

A base may refuse to order or to filter by a reference of many types. It says so with 500 at times, and IIS may put a page of its own in the
place of the words, so what failed and has never gone well in this run is asked in the other way once, before it counts as a failure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingestion.errors import TransientError
from ingestion.sources.onec_odata import query
from ingestion.sources.onec_odata.client import Listing
from ingestion.sources.onec_odata.errors import ClosedError, QueryRefusedError
from ingestion.sources.onec_odata.streams.job import Job
from ingestion.sources.onec_odata.streams.windows import Span, month_start, parse_moment
from ingestion.spec import JsonObject, Record

_PREFIX = "StandardODATA."
_ORDER_WITHOUT_RECORDER = "Period,LineNumber"
_MOMENTS = 8  # distinct moments a mark spells out; beyond them days, then months

Rows = Sequence[JsonObject]


@dataclass(frozen=True, slots=True)
class Mark:
    """The version mark of a recorder's record.

    Attributes:
        version: DataVersion of the document when its rows were read, '' if unknown.
        entity: entity set of the document, '' if unknown.
        periods: how many rows lie at which moment (or day, or month).
    """

    version: str
    entity: str
    periods: tuple[tuple[str, int], ...]

    @property
    def text(self) -> str:
        """As it is kept."""
        return f"{self.version}|{self.entity}|" + ",".join(f"{period}*{count}" for period, count in self.periods)

    def inside(self, span: Span) -> bool:
        """Whether all rows lie in the span."""
        return all(span.holds(*_extent(period)) for period, _ in self.periods)

    def count(self, span: Span) -> int:
        """How many rows lie in the span."""
        return sum(count for period, count in self.periods if span.holds(*_extent(period)))


def parse_mark(text: str | None) -> Mark:
    """A mark that was kept; an empty one if it is none."""
    version, _, rest = (text or "").partition("|")
    entity, _, periods = rest.partition("|")
    pairs = (part.partition("*") for part in periods.split(",") if "*" in part)
    return Mark(version, entity, tuple((period, int(count)) for period, _, count in pairs if count.isdigit()))


def _extent(period: str) -> tuple[datetime, datetime]:
    start = parse_moment(period if len(period) > len("2026-01") else f"{period}-01") or datetime.min  # noqa: DTZ901 - naive as in 1C
    if len(period) == len("2026-01"):
        return start, month_start(start, 1)
    return start, start + timedelta(days=1 if len(period) == len("2026-01-01") else 0, seconds=1 if len(period) > len("2026-01-01") else 0)


def _periods(rows: Rows) -> tuple[tuple[str, int], ...]:
    for length in (len("2026-01-01T00:00:00"), len("2026-01-01")):
        counted = Counter(str(row.get("Period", ""))[:length] for row in rows)
        if len(counted) <= _MOMENTS:
            return tuple(sorted(counted.items()))
    return tuple(sorted(Counter(str(row.get("Period", ""))[: len("2026-01")] for row in rows).items()))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A recorder whose rows are asked for: its document's entity set ('' if unknown) and a moment its rows may lie at."""

    entity: str
    moment: datetime | None


class Recorders:
    """Reads one register."""

    def __init__(self, job: Job) -> None:
        self._job = job
        rows = job.kept.rows
        self._set = rows.name
        self._typed = rows.properties is None or "Recorder_Key" not in rows.properties
        self._field = "Recorder" if self._typed else "Recorder_Key"
        self._active = "Active eq true" if rows.properties is None or "Active" in rows.properties else ""

    def condition(self, span: Span) -> str:
        """The filter of the active rows of a span."""
        return query.both(query.between("Period", span.start, span.end), self._active)

    def count(self, span: Span) -> int | None:
        """1C's own count of the active rows of a span."""
        return self._job.client.count(self._set, self.condition(span))

    def read(self, span: Span) -> dict[str, Rows]:
        """All rows of a span by recorder."""
        return self._gather(self.condition(span))

    def _gather(self, condition: str) -> dict[str, Rows]:
        """Rows by recorder. Without the recorder in the order pages may not meet, which the client notices and reads again."""
        memory = self._job.memory
        if memory.orders_by_recorder is False:
            return self._collect(condition, _ORDER_WITHOUT_RECORDER)
        try:
            found = self._collect(condition, f"Period,{self._field},LineNumber")
        except (QueryRefusedError, TransientError) as error:
            if memory.orders_by_recorder or isinstance(error, ClosedError):
                raise
            found = self._collect(condition, _ORDER_WITHOUT_RECORDER)
            memory.orders_by_recorder = False  # only now: the order was what the base refused, not the filter
        else:
            memory.orders_by_recorder = memory.orders_by_recorder or bool(found) or None
        return found

    def _collect(self, condition: str, order: str) -> dict[str, Rows]:
        found: dict[str, dict[str, JsonObject]] = defaultdict(dict)
        for rows in self._job.client.pages(Listing(self._set, order, self._identify, condition)):
            for row in rows:
                if row.get("Active") is not False:
                    found[self.recorder(row)][str(row.get("LineNumber"))] = row
        return {ref: sorted(lines.values(), key=_line) for ref, lines in found.items() if ref}

    def recorder(self, row: JsonObject) -> str:
        """The recorder of a row."""
        return str(row.get(self._field) or row.get("Recorder") or row.get("Recorder_Key") or "")

    def _identify(self, row: JsonObject) -> tuple[str, str]:
        return self.recorder(row), str(row.get("LineNumber"))

    def fetch(self, wanted: Mapping[str, Wanted]) -> Iterator[tuple[str, Rows]]:
        """The rows of each recorder, an empty list for one that has none.

        A base that never found rows by their recorder is not believed when it finds none: the days they should lie at are read.
        """
        unsure: dict[str, Wanted] = {}
        asks = self._job.memory.finds_by_recorder is not False
        findable = [ref for ref, one in wanted.items() if asks and (one.entity or not self._typed)]
        for group, condition in query.batches(findable, lambda ref: self._is(ref, wanted[ref].entity)):
            try:
                found = self._gather(query.both(condition, self._active))
            except (QueryRefusedError, TransientError) as error:
                if isinstance(error, ClosedError) or (self._job.memory.finds_by_recorder and not isinstance(error, QueryRefusedError)):
                    raise
                self._job.memory.finds_by_recorder = False
                break
            if found:
                self._job.memory.finds_by_recorder = True
            for ref in group:
                if found.get(ref) or self._job.memory.finds_by_recorder:
                    yield ref, found.get(ref, [])
                else:
                    unsure[ref] = wanted[ref]
        handled = set(findable) - unsure.keys() if self._job.memory.finds_by_recorder is not False else set()
        yield from self._by_day({ref: one for ref, one in wanted.items() if ref not in handled})

    def _is(self, ref: str, entity: str) -> str:
        return f"Recorder eq {query.typed_ref(ref, entity)}" if self._typed else f"Recorder_Key eq {query.guid(ref)}"

    def _by_day(self, wanted: Mapping[str, Wanted]) -> Iterator[tuple[str, Rows]]:
        days: dict[datetime, list[str]] = defaultdict(list)
        for ref, one in wanted.items():
            if one.moment is None:
                yield ref, []
            else:
                days[one.moment.replace(hour=0, minute=0, second=0, microsecond=0)].append(ref)
        for day, refs in sorted(days.items()):
            found = self.read(Span(day, day + timedelta(days=1)))
            for ref in refs:
                yield ref, found.get(ref, [])

    def record(self, ref: str, rows: Rows, entity: str, version: str) -> Record:
        """The record of a recorder: all its rows, whole."""
        kind = next((str(row["Recorder_Type"]) for row in rows if row.get("Recorder_Type")), f"{_PREFIX}{entity}" if entity else "")
        payload = self._job.maker.payload({"Recorder": ref, "Recorder_Type": kind, "RecordSet": list(rows)})
        return Record(ref, payload, version=Mark(version, entity, _periods(rows)).text)


def _line(row: JsonObject) -> int:
    number = str(row.get("LineNumber", "0"))
    return int(number) if number.isdigit() else 0


def entity_of(row: JsonObject) -> str:
    """Entity set of a row's recorder, '' if the row does not say."""
    kind = str(row.get("Recorder_Type") or "")
    return kind.removeprefix(_PREFIX) if kind.startswith(_PREFIX) else ""


def total(marks: Iterable[Mark], span: Span) -> int:
    """Rows of a span that the marks know of."""
    return sum(mark.count(span) for mark in marks)

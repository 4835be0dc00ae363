"""Reading the rows of a register into records, and keeping track of what is known of each recorder meanwhile."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ingestion.sources.onec_odata.records import DocumentState
from ingestion.sources.onec_odata.streams.job import Job
from ingestion.sources.onec_odata.streams.recorders import Mark, Recorders, Rows, Wanted, entity_of, parse_mark
from ingestion.sources.onec_odata.streams.windows import Span, parse_moment
from ingestion.spec import Page, Record

_ROWS_AT_ONCE = 5000  # rows of a window that are held in memory; a row of УТ weighs some 3 KB
_RECORDS_AT_ONCE = 200
_SHORTEST = timedelta(hours=1)
_VERIFIED = 200  # vanished recorders that are asked for one by one before they are dropped


@dataclass(slots=True)
class RegisterWork:
    """The state of one extraction.

    Attributes:
        documents: state and entity set of the recorders' documents, as far back as they were listed.
        marks: what is known of every recorder, kept up to date with what is yielded.
        settled: months whose count differed even after they were read: [1C's count, ours], not read again for the same pair.
    """

    job: Job
    reader: Recorders
    documents: dict[str, tuple[str, DocumentState]]
    marks: dict[str, Mark]
    settled: dict[str, list[int]] = field(default_factory=dict)


def read(work: RegisterWork, span: Span, seen: set[str] | None = None) -> Generator[Page, None, int]:
    """The rows of a span, in pieces that fit into memory; gives their number. A recorder with rows outside a piece is fetched whole."""
    rows = work.reader.count(span)
    if rows == 0:
        return 0
    limit = span.end or max(work.job.now + timedelta(days=1), span.start + timedelta(days=1))
    middle = span.start + (limit - span.start) / 2
    if rows is not None and rows > _ROWS_AT_ONCE and middle - span.start >= _SHORTEST and span.start < work.job.now:
        first = yield from read(work, Span(span.start, middle), seen)
        second = yield from read(work, Span(middle, span.end), seen)
        return first + second
    found = work.reader.read(span)
    if seen is not None:
        seen.update(found)
    scattered = {ref for ref in found if ref in work.marks and not work.marks[ref].inside(span)}
    records = [_record(work, ref, lines) for ref, lines in found.items() if ref not in scattered]
    if records:
        yield Page(records)
    wanted = {ref: Wanted(_entity(work, ref, found[ref]), parse_moment(found[ref][0].get("Period"))) for ref in scattered}
    again = [_record(work, ref, lines or found[ref]) for ref, lines in work.reader.fetch(wanted)]
    if again:
        yield Page(again)
    return sum(map(len, found.values()))


def _entity(work: RegisterWork, ref: str, rows: Rows = ()) -> str:
    """Entity set of a recorder's document, '' if nothing tells."""
    if ref in work.documents:
        return work.documents[ref][0]
    named = next((entity_of(row) for row in rows if row.get("Recorder_Type")), "")
    return named or (work.marks[ref].entity if ref in work.marks else "")


def _record(work: RegisterWork, ref: str, rows: Rows) -> Record:
    version = work.documents[ref][1].version if ref in work.documents else ""
    record = work.reader.record(ref, rows, _entity(work, ref, rows), version)
    work.marks[ref] = parse_mark(record.version)
    return record


def reread(work: RegisterWork, span: Span, dropped: set[str]) -> Iterator[Page]:
    """A span once more; recorders that have left it are asked for, and dropped if they have no rows anywhere."""
    seen: set[str] = set()
    yield from read(work, span, seen)
    left = [ref for ref, mark in work.marks.items() if mark.periods and ref not in seen and mark.inside(span)]
    yield from verify(work, left, dropped)


def verify(work: RegisterWork, refs: Sequence[str], dropped: set[str]) -> Iterator[Page]:
    """Recorders that seem to be gone: asked for if they are few; if they are many, the loss guard of the listing judges them."""
    if len(refs) > _VERIFIED:
        dropped.update(refs)
        for ref in refs:
            work.marks.pop(ref, None)
        return
    yield from fetch_rows(work, refs, dropped)


def fetch_rows(work: RegisterWork, refs: Sequence[str], dropped: set[str]) -> Iterator[Page]:
    """The rows of these recorders as they are now."""
    wanted = {ref: Wanted(_entity(work, ref), moment_of(work, ref)) for ref in refs}
    records = []
    for ref, rows in work.reader.fetch(wanted):
        if rows:
            records.append(_record(work, ref, rows))
        elif work.marks.pop(ref, None) is not None:
            dropped.add(ref)
        if len(records) >= _RECORDS_AT_ONCE:
            yield Page(records)
            records = []
    if records:
        yield Page(records)


def moment_of(work: RegisterWork, ref: str) -> datetime | None:
    """The date of a recorder's document, or a moment its rows were known to lie at."""
    if ref in work.documents:
        return parse_moment(work.documents[ref][1].date)
    mark = work.marks.get(ref)
    return parse_moment(mark.periods[0][0]) if mark and mark.periods else None

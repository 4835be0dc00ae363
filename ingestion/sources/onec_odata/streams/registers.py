"""The sales register: one record per recorder, found through its documents and by counting.

A refresh asks for the rows of documents that changed, and compares 1C's count of the open months with what is known. A sweep also reads
the last closed months again (closing a month writes costs into rows of other documents), counts every month since the first load,
and drops recorders whose document is gone or no longer posted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from ingestion.sources.onec_odata.records import DocumentState
from ingestion.sources.onec_odata.streams.job import Job, list_states
from ingestion.sources.onec_odata.streams.recorders import Recorders, parse_mark, total
from ingestion.sources.onec_odata.streams.register_work import RegisterWork, fetch_rows, moment_of, read, reread, verify
from ingestion.sources.onec_odata.streams.windows import Span, by_months, month_start, months_growing, parse_moment
from ingestion.spec import Cursor, Page, Record

_WHOLE_FROM = 60  # changed documents of a month from which the month is read whole
_MAX_VANISHED = 20


def extract(job: Job) -> Iterator[Page]:
    """Pages of the register."""
    floor = parse_moment(job.cursor.get("floor"))
    if floor is None:
        work = _work(job, job.since)
        yield from _load(work, job.since, job.since)
        older = [ref for ref, mark in work.marks.items() if mark.periods and mark.periods[0][0] < job.since.isoformat()]
        yield Page(listed=older, complete=True, cursor=_cursor(work, job.since))
        return
    loaded_to = parse_moment(job.cursor.get("loaded_to"))
    sweeping = job.request.mode == "sweep"
    refreshed = parse_moment(job.cursor.get("refreshed")) or job.open_from
    recent = max(floor, min(job.open_from, month_start(refreshed)))
    follows = job.told_all and job.request.mode == "refresh" and loaded_to is None and job.since >= floor
    work = _work(job, None if follows else min(floor, job.since) if sweeping or loaded_to or job.since < floor else recent)
    if loaded_to is not None:
        yield from _load(work, loaded_to, floor)
    if job.since < floor:
        yield from _load(work, job.since, floor, until=floor)
        floor = job.since
    if sweeping:
        yield from _sweep(work, floor)
        return
    if loaded_to is None and not follows:
        yield from _refresh(work, recent, floor)
    yield from _follow_package(work, floor)
    yield Page(cursor=_cursor(work, floor))


def _work(job: Job, start: datetime | None) -> RegisterWork:
    """What is known; the documents are listed from `start` on, None: those that were read in this run are enough."""
    documents: dict[str, tuple[str, DocumentState]] = {}
    for kept in job.recorders:
        seen = job.memory.of(kept.entity)
        if start is not None and (seen.since is None or seen.since > start):
            seen.states |= list_states(job.client, kept, Span(start, None))
            seen.since = start
        documents.update((ref, (kept.entity, state)) for ref, state in seen.states.items())
    settled = job.cursor.get("settled")
    marks = {ref: parse_mark(text) for ref, text in job.request.known.versions().items()}
    return RegisterWork(job, Recorders(job), documents, marks, settled=dict(settled) if isinstance(settled, dict) else {})


def _cursor(work: RegisterWork, floor: datetime, loaded_to: datetime | None = None) -> Cursor:
    cursor: dict[str, object] = {"entity": work.job.entity, "floor": floor.isoformat(), "settled": work.settled}
    if loaded_to is not None:
        return {**cursor, "loaded_to": loaded_to.isoformat()}
    return {**cursor, "refreshed": work.job.now.isoformat()}


def _load(work: RegisterWork, start: datetime, floor: datetime, *, until: datetime | None = None) -> Iterator[Page]:
    windows = months_growing(start, until or month_start(work.job.now), open_end=until is None)
    span = next(windows)
    while True:
        rows = yield from read(work, span)
        if span.end is not None and until is None:
            yield Page(cursor=_cursor(work, floor, span.end))
        try:
            span = windows.send(rows)
        except StopIteration:
            return


def _changed(work: RegisterWork, dropped: set[str]) -> list[str]:
    """Recorders whose document changed since their rows were read; those whose document is not posted are dropped."""
    todo = []
    for ref, (entity, state) in work.documents.items():
        mark = work.marks.get(ref)
        if not state.posted:
            if work.marks.pop(ref, None) is not None:
                dropped.add(ref)
        elif mark is None:
            if ref in work.job.memory.of(entity).changed:
                todo.append(ref)
        elif mark.version != state.version:
            todo.append(ref)
    for kept in work.job.recorders:
        for ref in work.job.memory.of(kept.entity).gone:
            if work.marks.pop(ref, None) is not None:
                dropped.add(ref)
    return todo


def _follow_documents(work: RegisterWork, dropped: set[str], floor: datetime) -> Iterator[Page]:
    """The rows of changed documents: by recorder, or by whole months where many of a month changed."""
    months: dict[datetime, list[str]] = defaultdict(list)
    for ref in _changed(work, dropped):
        months[month_start(moment_of(work, ref) or work.job.now)].append(ref)
    few: list[str] = []
    for month, refs in sorted(months.items()):
        if len(refs) < _WHOLE_FROM:
            few += refs
        else:
            yield from reread(work, Span(max(month, floor), month_start(month, 1)), dropped)
    yield from fetch_rows(work, few, dropped)


def _compare(work: RegisterWork, start: datetime, end: datetime | None, dropped: set[str]) -> Iterator[Page]:
    """Months whose number of rows is not what is known are read again."""
    span = Span(start, end)
    counted = work.reader.count(span)
    if counted is None or counted == total(work.marks.values(), span):
        return
    for month in by_months(start, end - timedelta(seconds=1) if end else work.job.now):
        piece = Span(month.start, month.end or end)
        name = f"{piece.start:%Y-%m}"
        rows = work.reader.count(piece)
        ours = total(work.marks.values(), piece)
        if rows is None or rows == ours or work.settled.get(name) == [rows, ours]:
            continue
        yield from reread(work, piece, dropped)
        ours = total(work.marks.values(), piece)
        if rows == ours:
            work.settled.pop(name, None)
        else:
            work.settled[name] = [rows, ours]


def _refresh(work: RegisterWork, start: datetime, floor: datetime) -> Iterator[Page]:
    known = len(work.marks)
    dropped: set[str] = set()
    yield from _follow_documents(work, dropped, floor)
    if all(kept.type.has("DataVersion") for kept in work.job.recorders):
        yield from _compare(work, start, None, dropped)
    else:
        for span in by_months(start, work.job.now):
            yield from reread(work, span, dropped)
    if len(dropped) > max(_MAX_VANISHED, known // 50):
        work.job.note(
            f"{work.job.source}: {len(dropped)} recorders of {work.job.entity} have lost their rows at once; the next sweep will tell "
            "whether they were deleted or the user's rights were cut."
        )
    elif dropped:
        yield Page([Record(ref, None) for ref in sorted(dropped)])


def _follow_package(work: RegisterWork, floor: datetime) -> Iterator[Page]:
    """The rows of the recorders that a package of changes names, and of the documents that were read because it names them."""
    if not work.job.told_all and not work.job.written:
        return
    dropped: set[str] = set()
    for ref, told in work.job.written.items():
        mark = work.marks.get(ref)
        entity = told.recorder or (mark.entity if mark else "")
        work.documents.setdefault(ref, (entity, DocumentState(mark.version if mark else "", told.period)))
    wanted = {*work.job.written, *_changed(work, dropped)}
    yield from fetch_rows(work, sorted(ref for ref in wanted if _is_ours(work, ref, floor)), dropped)
    if dropped:
        yield Page([Record(ref, None) for ref in sorted(dropped)])


def _is_ours(work: RegisterWork, ref: str, floor: datetime) -> bool:
    """Known, or not dated before everything that was asked for."""
    return ref in work.marks or (moment_of(work, ref) or floor) >= floor


def _sweep(work: RegisterWork, floor: datetime) -> Iterator[Page]:
    dropped: set[str] = set()
    listed = {kept.entity for kept in work.job.recorders}
    orphans = [ref for ref, mark in work.marks.items() if mark.entity in listed and ref not in work.documents]
    yield from verify(work, orphans, dropped)
    yield from _follow_documents(work, dropped, floor)
    recent = max(floor, month_start(work.job.now, -work.job.options.register_months))
    for span in by_months(recent, work.job.now):
        yield from reread(work, span, dropped)
    if floor < recent:
        yield from _compare(work, floor, recent, dropped)
    yield Page(listed=sorted(work.marks), complete=True, cursor=_cursor(work, floor))

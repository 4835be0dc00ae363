"""Documents: a first load in windows of Date, refreshes over the open months, sweeps over everything.

1C keeps no modification time, so changes are found by comparing lists of Ref_Key, DataVersion and Date: a refresh over the open months, a
sweep over all dates since the first load (back-dated edits, unposting, marks and deletions of any age). What differs is fetched by key,
or by whole months where much differs, as after a month was closed and posted again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ingestion.sources.onec_odata import query
from ingestion.sources.onec_odata.client import Listing
from ingestion.sources.onec_odata.records import DocumentState, marked_date, reference, state_of
from ingestion.sources.onec_odata.streams.job import DATE_ORDER, Job, fetch, list_states
from ingestion.sources.onec_odata.streams.windows import Span, by_years, month_start, months_growing, parse_moment
from ingestion.spec import Cursor, JsonObject, Page, Record

_WHOLE_FROM = 60  # changed documents of a month from which the month is read whole
_WHOLE_SHARE = 0.3
_ONE_LIST = 10_000  # documents that a sweep lists in one window; beyond it, year by year
_MAX_VANISHED = 20  # more at once look like lost rights; the sweep's loss guard judges them


@dataclass(slots=True)
class _Progress:
    """Where a stream of documents stands.

    Attributes:
        floor: the first load goes back to here.
        loaded_to: windows before this moment are durable; None when all are.
        refreshed: when the open months were last compared.
    """

    floor: datetime
    loaded_to: datetime | None
    refreshed: datetime | None


def extract(job: Job) -> Iterator[Page]:
    """Pages of a document stream."""
    progress = _progress(job)
    if progress is None:
        job.memory.keeps_from(_first_kept(job))
        yield from _load(job, job.since, job.since)
        yield Page(listed=_older(job, job.since), complete=True, cursor=_cursor(job, job.since))
        return
    floor = progress.floor
    job.memory.keeps_from(min(floor, job.since))
    if progress.loaded_to is not None:
        yield from _load(job, progress.loaded_to, floor)
    if job.since < floor:
        yield from _load(job, job.since, floor, until=floor)
        floor = job.since
    if job.request.mode == "sweep":
        yield from _sweep(job, floor)
        return
    if progress.loaded_to is None and not (job.told_all and job.request.mode == "refresh"):
        start = min(job.open_from, month_start(progress.refreshed or job.open_from))
        yield from _refresh(job, max(start, floor))
    yield from _follow(job, floor)
    yield Page(cursor=_cursor(job, floor))


def _progress(job: Job) -> _Progress | None:
    floor = parse_moment(job.cursor.get("floor"))
    if floor is None:
        return None
    return _Progress(floor, parse_moment(job.cursor.get("loaded_to")), parse_moment(job.cursor.get("refreshed")))


def _cursor(job: Job, floor: datetime, loaded_to: datetime | None = None) -> Cursor:
    cursor = {"entity": job.entity, "floor": floor.isoformat()}
    if loaded_to is not None:
        return {**cursor, "loaded_to": loaded_to.isoformat()}
    return {**cursor, "refreshed": job.now.isoformat()}


def _load(job: Job, start: datetime, floor: datetime, *, until: datetime | None = None) -> Iterator[Page]:
    """Whole documents window by window; the last window has no end, for orders are dated ahead."""
    seen = job.memory.of(job.entity)
    windows = months_growing(start, until or month_start(job.now), open_end=until is None)
    span = next(windows)
    while True:
        arrived = 0
        for rows in _read(job, span):
            arrived += len(rows)
            seen.states.update((reference(row), state_of(row)) for row in rows)
            yield job.maker.documents(rows)
        if span.end is not None and until is None:
            yield Page(cursor=_cursor(job, floor, span.end))
        try:
            span = windows.send(arrived)
        except StopIteration:
            break
    if until is None and start == floor:
        seen.since = floor


def _read(job: Job, span: Span) -> Iterator[list[JsonObject]]:
    return job.client.pages(Listing(job.entity, DATE_ORDER, reference, query.between("Date", span.start, span.end)))


def _list(job: Job, span: Span) -> dict[str, DocumentState]:
    return list_states(job.client, job.kept, span)


def _refresh(job: Job, start: datetime) -> Iterator[Page]:
    known = job.known()
    states = _list(job, Span(start, None))
    changed = {ref: state for ref, state in states.items() if state.differs(known.get(ref))}
    vanished = [ref for ref, mark in known.items() if ref not in states and (marked_date(mark) or "") >= start.isoformat()]
    seen = job.memory.of(job.entity)
    seen.since, seen.states, seen.changed = start, states, set(changed)
    yield from _fetch_changed(job, changed, states)
    yield from _look_for(job, vanished, known)


def _follow(job: Job, floor: datetime) -> Iterator[Page]:
    """The documents that a package of changes names, whatever their date; those that are not there any more were deleted."""
    known, seen = job.request.known.versions(), job.memory.of(job.entity)
    missing = {ref for ref in job.written if ref not in seen.changed and ref not in seen.gone}
    for rows in fetch(job.client, job.entity, sorted(missing)):
        missing.difference_update(map(reference, rows))
        # one dated before everything that was asked for is not ours, unless it has been moved there
        ours = [row for row in rows if reference(row) in known or state_of(row).date >= floor.isoformat()]
        seen.states.update((reference(row), state_of(row)) for row in ours)
        seen.changed.update(map(reference, ours))
        yield job.maker.documents(ours)
    missing &= known.keys()
    seen.gone |= missing
    if missing:
        yield Page([Record(ref, None) for ref in sorted(missing)])


def _look_for(job: Job, vanished: list[str], known: dict[str, str | None]) -> Iterator[Page]:
    """Known documents that are not in their months any more: moved to another date, or deleted for good."""
    if len(vanished) > max(_MAX_VANISHED, len(known) // 50):
        job.note(
            f"{job.source}: {len(vanished)} documents of {job.entity} are gone from the open months at once; the next sweep will tell "
            "whether they were deleted or the user's rights were cut."
        )
        return
    seen = job.memory.of(job.entity)
    found: set[str] = set()
    for rows in fetch(job.client, job.entity, vanished):
        found.update(map(reference, rows))
        seen.states.update((reference(row), state_of(row)) for row in rows)
        yield job.maker.documents(rows)
    seen.changed |= found
    seen.gone.update(set(vanished) - found)
    if seen.gone:
        yield Page([Record(ref, None) for ref in sorted(seen.gone)])


def _sweep(job: Job, floor: datetime) -> Iterator[Page]:
    known = job.known()
    states: dict[str, DocumentState] = {}
    spans = by_years(floor, job.now) if len(known) > _ONE_LIST else iter([Span(floor, None)])
    for span in spans:
        states.update(_list(job, span))
    changed = {ref: state for ref, state in states.items() if state.differs(known.get(ref))}
    older = _older(job, floor)
    seen = job.memory.of(job.entity)
    seen.since, seen.states, seen.changed = floor, states, set(changed)
    seen.gone = set(known) - set(states) - set(older)
    yield from _fetch_changed(job, changed, states)
    same = states.keys() - changed.keys()
    yield Page(listed=[*sorted(same), *older], complete=True, cursor=_cursor(job, floor))


def _first_kept(job: Job) -> datetime:
    """Midnight of the day that a load from nothing goes back to, or of the oldest document of earlier loads."""
    dates = [date for mark in job.request.known.versions().values() if (date := parse_moment(marked_date(mark)))]
    return min([job.since, *dates]).replace(hour=0, minute=0, second=0, microsecond=0)


def _older(job: Job, floor: datetime) -> list[str]:
    """Known documents dated before everything that was asked for: out of reach, not deleted."""
    limit = floor.isoformat()
    return [ref for ref, mark in job.request.known.versions().items() if (marked_date(mark) or limit) < limit]


def _fetch_changed(job: Job, changed: dict[str, DocumentState], states: dict[str, DocumentState]) -> Iterator[Page]:
    """The changed documents by key, or by whole months where many of a month changed."""
    months: dict[str, list[str]] = defaultdict(list)
    sizes: dict[str, int] = defaultdict(int)
    for state in states.values():
        sizes[state.date[:7]] += 1
    for ref, state in changed.items():
        months[state.date[:7]].append(ref)
    by_key: list[str] = []
    for month, refs in sorted(months.items()):
        start = parse_moment(f"{month}-01")
        if start is None or len(refs) < _WHOLE_FROM or len(refs) <= _WHOLE_SHARE * sizes[month]:
            by_key.extend(refs)
            continue
        left = set(refs)
        for rows in _read(job, Span(start, month_start(start, 1))):
            left.difference_update(map(reference, rows))
            yield job.maker.documents(rows)
        by_key.extend(left)
    for rows in fetch(job.client, job.entity, by_key):
        yield job.maker.documents(rows)

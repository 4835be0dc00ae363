"""Catalogs: the whole list of references with DataVersion on every run, the changed items by key.

The list is complete, so items that were deleted for good are seen at once. A catalog of many thousands is counted on most refreshes and
listed once an hour and at every sweep: the list alone would weigh megabytes.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import timedelta

from ingestion.sources.onec_odata.client import Listing
from ingestion.sources.onec_odata.records import reference
from ingestion.sources.onec_odata.streams.job import Job, fetch
from ingestion.sources.onec_odata.streams.windows import recently
from ingestion.spec import Cursor, JsonObject, Page, Record

_LARGE = 5000  # items; a list of so many weighs about 0.6 MB
_LISTED_EVERY = timedelta(hours=1)
_WHOLE_FROM = 100  # changed items from which reading everything may be cheaper than 20 keys a request
_WHOLE_SHARE = 0.3


def extract(job: Job) -> Iterator[Page]:
    """Pages of a catalog; the last one is complete."""
    known = job.known()
    if job.request.mode == "refresh" and known and job.told_all:
        yield from _follow(job, known)
        return
    if not job.written and _resting(job, known):
        return
    if not known or not job.kept.type.has("DataVersion"):
        count = yield from _read_whole(job)
        yield Page(cursor=_cursor(job, count), complete=True)
        return
    listed: dict[str, str] = {}
    for rows in job.client.pages(Listing(job.entity, "Ref_Key", reference, select=("Ref_Key", "DataVersion"))):
        listed.update((reference(row), str(row.get("DataVersion") or "")) for row in rows)
    changed = [ref for ref, version in listed.items() if not version or known.get(ref) != version]
    if len(changed) >= _WHOLE_FROM and len(changed) > _WHOLE_SHARE * len(listed):
        yield from _read_whole(job)
    else:
        for rows in fetch(job.client, job.entity, changed):
            yield job.maker.items(rows)
    same = listed.keys() - set(changed)
    yield Page(listed=sorted(same), cursor=_cursor(job, len(listed)), complete=True)


def _follow(job: Job, known: dict[str, str | None]) -> Iterator[Page]:
    """The items that a package of changes names; those that are not there any more were deleted."""
    missing = set(job.written)
    for rows in fetch(job.client, job.entity, list(job.written)):
        missing.difference_update(map(reference, rows))
        yield job.maker.items(rows)
    gone = [Record(ref, None) for ref in sorted(missing) if ref in known]
    if gone:
        yield Page(gone)


def _resting(job: Job, known: dict[str, str | None]) -> bool:
    """A large catalog that was listed within the hour and has as many items as then."""
    if job.request.mode != "refresh" or len(known) < _LARGE or not recently(job.cursor.get("listed_at"), job.now, _LISTED_EVERY):
        return False
    return job.client.count(job.entity, "") == job.cursor.get("count")


def _read_whole(job: Job) -> Generator[Page, None, int]:
    refs: set[str] = set()
    for rows in job.client.pages(Listing(job.entity, "Ref_Key", reference)):
        fresh = _unseen(rows, refs)
        if fresh:
            yield job.maker.items(fresh)
    return len(refs)


def _unseen(rows: list[JsonObject], refs: set[str]) -> list[JsonObject]:
    fresh = [row for row in rows if reference(row) not in refs]
    refs.update(map(reference, rows))
    return fresh


def _cursor(job: Job, count: int) -> Cursor:
    return {"entity": job.entity, "listed_at": job.now.isoformat(), "count": count}

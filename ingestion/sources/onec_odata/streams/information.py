"""Independent information registers with a period, such as currency rates: the last values before the first load, then windows of Period.

Rows have no DataVersion, so a refresh reads the last days again (rates are corrected a few days back) and a sweep everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ingestion.sources.onec_odata import query
from ingestion.sources.onec_odata.client import Listing
from ingestion.sources.onec_odata.errors import NotPublishedError, QueryRefusedError
from ingestion.sources.onec_odata.streams.job import Job
from ingestion.sources.onec_odata.streams.windows import parse_moment
from ingestion.spec import Cursor, JsonObject, Page, Record

_CORRECTED_WITHIN = timedelta(days=10)
_KEY = ("Period", "Валюта_Key")


def extract(job: Job) -> Iterator[Page]:
    """Pages of the register; the last one of a load or a sweep is complete."""
    floor = parse_moment(job.cursor.get("floor"))
    keys = job.kept.type.key or _KEY
    if "Period" not in keys and job.kept.type.properties is not None and not job.kept.type.has("Period"):
        yield from _read(job, keys, "", keys)
        yield Page(cursor=_cursor(job, job.since), complete=True)
        return
    if floor is None or job.since < floor or job.request.mode == "sweep":
        floor = job.since if floor is None else min(floor, job.since)
        yield from _before(job, keys, floor)
        yield from _read(job, keys, query.between("Period", floor, None), keys)
        yield Page(cursor=_cursor(job, floor), complete=True)
        return
    refreshed = parse_moment(job.cursor.get("refreshed")) or floor
    start = max(floor, min(refreshed, job.now) - _CORRECTED_WITHIN)
    yield from _read(job, keys, query.between("Period", start, None), keys)
    yield Page(cursor=_cursor(job, floor))


def _cursor(job: Job, floor: datetime) -> Cursor:
    return {"entity": job.entity, "floor": floor.isoformat(), "refreshed": job.now.isoformat()}


def _read(job: Job, keys: tuple[str, ...], condition: str, order: tuple[str, ...]) -> Iterator[Page]:
    def identify(row: JsonObject) -> str:
        return _key(row, keys)

    for rows in job.client.pages(Listing(job.entity, ",".join(order), identify, condition)):
        yield Page(_records(job, rows, keys))


def _before(job: Job, keys: tuple[str, ...], floor: datetime) -> Iterator[Page]:
    """The values that held when the first load begins."""
    path = f"{job.entity}/SliceLast(Period={query.moment(floor)})"
    try:
        rows = job.client.entries(path, job.entity)
    except (NotPublishedError, QueryRefusedError):
        job.note(f"{job.source}: {job.entity} gives no SliceLast, so {job.request.stream.name} begin on {floor:%Y-%m-%d}.")
        return
    # a slice may name the moment it was asked for; a value of that very moment comes with the windows
    yield Page(_records(job, rows, keys))


def _records(job: Job, rows: list[JsonObject], keys: tuple[str, ...]) -> list[Record]:
    return [Record(_key(row, keys), job.maker.payload(row)) for row in rows]


def _key(row: JsonObject, keys: tuple[str, ...]) -> str:
    return "|".join(str(row.get(name, "")) for name in keys)

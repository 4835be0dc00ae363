"""What only grows: stage history and calls, read by id.

Stage history cursor: {"deal": id, "lead": id}; every run goes back 100 ids, for rows may become visible out of their order.
Calls cursor: {"last_id": id, "read_to": s}: what is above the last id, and again every call of the last three days, whose cost, record
and rating come late (crm.md 2.6).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from ingestion.sources.bitrix24.kinds import CALLS, HISTORY, history_listing
from ingestion.sources.bitrix24.listings import Walker, row_id
from ingestion.sources.bitrix24.records import iso, page_of
from ingestion.spec import Cursor, Page

_ID_OVERLAP = 100
_REREAD_SECONDS = 3 * 86_400


def stage_history(walker: Walker, cursor: Cursor | None, low: int, zone: ZoneInfo) -> Iterator[Page]:
    """Stage changes of deals and leads; key `<entity>:<ID>`, payload plus `_entity`. The first load takes those since `low`."""
    place = dict(cursor or {})
    for entity, number in HISTORY.items():
        reached = int(place.get(entity, 0))
        after = max(reached - _ID_OVERLAP, 0)
        for rows in walker.walk(history_listing(number), {">=CREATED_TIME": iso(low)}, after=after):
            reached = max([reached, *_ids(rows)])
            place[entity] = reached
            yield page_of(
                rows, zone, keys=("ID", "id"), changed=("CREATED_TIME",), prefix=f"{entity}:", extra={"_entity": entity}, cursor=dict(place)
            )
        place[entity] = reached
        yield Page(cursor=dict(place))


def calls(walker: Walker, cursor: Cursor | None, low: int, high: int, zone: ZoneInfo) -> Iterator[Page]:
    """Calls; the first load takes those begun since `low` (Unix seconds), later ones what is new or not older than three days."""
    place = dict(cursor or {})
    reached = int(place.get("last_id", 0))
    resumed = "read_to" not in place
    for rows in walker.walk(CALLS, {">=CALL_START_DATE": iso(low)}, after=reached):
        reached = max([reached, *_ids(rows)])
        yield page_of(rows, zone, keys=("ID",), cursor={**place, "last_id": reached})
    if not (resumed and cursor is None):
        again = max(min(int(place.get("read_to", high)), high) - _REREAD_SECONDS, low)
        for rows in walker.walk(CALLS, {">=CALL_START_DATE": iso(again)}):
            yield page_of(rows, zone, keys=("ID",))
    yield Page(cursor={"last_id": reached, "read_to": high})


def _ids(rows: list[Any]) -> list[int]:
    return [key for row in rows if (key := row_id(row)) is not None]

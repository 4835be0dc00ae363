"""Calls: notes of the kinds call_in and call_out on leads, contacts and companies, for amoCRM lists calls nowhere else (crm.md 1.7).

Cursor: {"leads": s, "contacts": s, "companies": s}, the change time up to which each list is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ingestion.sources.amocrm.api import AmoApi
from ingestion.sources.amocrm.cards import OVERLAP_SECONDS, walk
from ingestion.sources.amocrm.records import page_of
from ingestion.sources.amocrm.walks import Feed
from ingestion.spec import Cursor, Page

ENTITIES = ("leads", "contacts", "companies")
CALLS = frozenset({"call_in", "call_out"})


def call_notes(api: AmoApi, cursor: Cursor | None, low: int, high: int, note: Callable[[str], None]) -> Iterator[Page]:
    """Call notes changed since the cursor (or since `low`) up to `high`, Unix seconds; key `<entity>:<id>`, payload plus `_entity`."""
    place = dict(cursor or {})
    for entity in ENTITIES:
        query = (("filter[note_type][]", "call_in"), ("filter[note_type][]", "call_out"))
        feed = Feed(f"{entity}/notes", "notes", query)
        start = max(int(place[entity]) - OVERLAP_SECONDS, low) if entity in place else low
        for batch in walk(api, feed, start, high, filters=True, note=note):
            calls = [row for row in batch.rows if not isinstance(row, dict) or row.get("note_type") in CALLS]
            if batch.reached is not None:
                place[entity] = batch.reached
            yield page_of(calls, prefix=f"{entity}:", extra={"_entity": entity}, cursor=dict(place) if batch.reached is not None else None)
        place[entity] = high
        yield Page(cursor=dict(place))

"""Leads, contacts, companies and tasks: what changed, what was deleted, and the nightly sweep over everything.

Cursor: {"updated_to": s, "events_to": s, "scan": {…} while a scan by id is under way}; Unix seconds of amoCRM. Every run goes back
600 s behind it, for a change may become visible late (crm.md 1.8). Deletions, restorations, merges and links arrive as events; the
sweep lists every id, asks for each missing one by name, and what is still missing is deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from ingestion.ahead import ahead
from ingestion.sources.amocrm.api import AmoApi, DeniedError, GoneError
from ingestion.sources.amocrm.events import events, last_deeds, windows
from ingestion.sources.amocrm.records import card, moment, page_of
from ingestion.sources.amocrm.walks import (
    Batch,
    Feed,
    FilterIgnoredError,
    OrderIgnoredError,
    by_id,
    by_recency,
    by_value,
    by_window,
    row_id,
    seconds,
)
from ingestion.spec import Extraction, Page, Record

OVERLAP_SECONDS = 600
_LONGEST_SCAN = 30 * 86_400
_CONFIRMED_ONE_BY_ONE = 1000  # more missing ids than this are compared with a second listing instead


@dataclass(frozen=True, slots=True)
class Cards:
    """One kind of card.

    Attributes:
        feed: its list.
        entity: its name in events; empty if events say nothing of it.
        deeds: event types that delete, restore or silently change it.
        dated: `since` limits the first load; masters (contacts, companies) are always loaded whole, for old ones take part in new deals.
    """

    feed: Feed
    entity: str = ""
    deeds: tuple[str, ...] = ()
    dated: bool = False


CARDS = {
    "leads": Cards(
        Feed("leads", "leads", (("with", "contacts,loss_reason,source_id,source"),), alpha_filter=True),
        "lead",
        ("lead_deleted", "lead_restored", "entity_merged", "entity_linked", "entity_unlinked"),
        dated=True,
    ),
    "contacts": Cards(Feed("contacts", "contacts", alpha_filter=True), "contact", ("contact_deleted", "contact_restored", "entity_merged")),
    "companies": Cards(
        Feed("companies", "companies", alpha_filter=True), "company", ("company_deleted", "company_restored", "entity_merged")
    ),
    "tasks": Cards(Feed("tasks", "tasks", orders_by_time=False), dated=True),
}


def since_seconds(request: Extraction, zone: ZoneInfo) -> int:
    """The first second of the first load."""
    return int(datetime.combine(request.since, time(), zone).timestamp())


def walk(api: AmoApi, feed: Feed, low: int, high: int, *, filters: bool, note: Callable[[str], None]) -> Iterator[Batch]:
    """Rows changed in [low, high] by the best way that this account really obeys; rows may come twice where a way was given up."""
    ways = (by_value, by_window) if feed.orders_by_time else (by_window,)
    for way in ways if filters or not feed.alpha_filter else ():
        try:
            yield from ahead(way(api, feed, low, high))
        except OrderIgnoredError:
            continue
        except FilterIgnoredError:
            note(f"{feed.path}: amoCRM ignores the filter by change time; the list is read from its newest end instead.")
            break
        else:
            return
    try:
        yield from by_recency(api, feed, low)
    except OrderIgnoredError:
        for _, listing in by_id(api, feed):
            yield Batch([row for row in listing.rows if (seconds(row) or low) >= low])


class CardReader:
    """Extracts one kind of card.

    Args:
        api: the account.
        cards: which kind.
        filters: whether the account's filter option is on.
        high: the end of the windows, Unix seconds; not later than the server's clock, so that no later change falls behind the cursor.
        low: the first second that a first load of dated cards takes.
        note: tells the person something.
    """

    def __init__(self, api: AmoApi, cards: Cards, *, filters: bool, high: int, low: int, note: Callable[[str], None]) -> None:
        self._api = api
        self._cards = cards
        self._filters = filters
        self._high = high
        self._low = low if cards.dated else 1  # PHP takes a bound of 0 for no bound
        self._note = note
        self._read: set[str] = set()

    def extract(self, request: Extraction) -> Iterator[Page]:
        """Pages of what changed since the cursor; with sweep and full, of everything."""
        cursor = dict(request.cursor or {})
        if request.mode == "full" or (request.mode == "sweep" and "updated_to" in cursor):
            yield from self._sweep(request)
            return
        if "updated_to" not in cursor and not self._usable():
            yield from self._first_scan(cursor)
        else:
            yield from self._changes(cursor)

    def _usable(self) -> bool:
        return self._filters or not self._cards.feed.alpha_filter

    def _changes(self, cursor: dict[str, Any]) -> Iterator[Page]:
        behind = cursor.get("events_to", self._high)  # a first load need not know of earlier deletions
        low = max(int(cursor["updated_to"]) - OVERLAP_SECONDS, self._low) if "updated_to" in cursor else self._low
        for batch in walk(self._api, self._cards.feed, low, self._high, filters=self._filters, note=self._note):
            place = None if batch.reached is None else {"updated_to": batch.reached, "events_to": behind}
            yield self._page(batch.rows, place)
        yield from self._deeds(int(behind) - OVERLAP_SECONDS)
        yield Page(cursor=self._end())

    def _first_scan(self, cursor: dict[str, Any]) -> Iterator[Page]:
        """The first load without filters: by id, resumable; later changes follow from where it began."""
        scan = cursor.get("scan") or {"page": 1, "after": 0, "began": self._high}
        for number, listing in ahead(by_id(self._api, self._cards.feed, page=int(scan["page"]), after=int(scan["after"]))):
            keys = [key for row in listing.rows if (key := row_id(row)) is not None]
            if keys == sorted(keys):
                scan = scan | {"page": number, "after": keys[-1] if keys else scan["after"]}
            yield self._page([row for row in listing.rows if (seconds(row) or self._low) >= self._low], {"scan": scan})
        began = int(scan["began"])
        yield from self._way_back(int(scan["page"]), began)
        yield from self._changes({"updated_to": began, "events_to": began})

    def _way_back(self, last: int, began: int) -> Iterator[Page]:
        """Pages from the last back to that of the first card deleted since the scan began: a deletion moves rows to pages before."""
        kinds = (f"{self._cards.entity}_deleted", "entity_merged")
        try:
            rows = [row for page in events(self._api, kinds, began, began + _LONGEST_SCAN) for row in page]
        except (GoneError, DeniedError):
            return  # the nightly listing finds them
        gone = last_deeds(rows, self._cards.entity)
        for number in range(last, 0, -1) if gone else ():
            listing = self._cards.feed.page(self._api, number, ("order[id]", "asc"))
            yield self._page([row for row in listing.rows if (seconds(row) or self._low) >= self._low], None)
            if listing.rows and (row_id(listing.rows[0]) or 0) < min(gone):
                return

    def _sweep(self, request: Extraction) -> Iterator[Page]:
        known = request.known.versions()
        seen: set[str] = set()
        yield from self._listing(known, seen)
        missing = known.keys() - seen
        if len(missing) > _CONFIRMED_ONE_BY_ONE:
            yield from self._listing(known, seen)  # rows may have moved between pages of the first listing
        else:
            for key in sorted(missing):
                row = self._one(key)
                if row is not None and row.get("is_deleted") is not True:
                    yield self._page([row], None)
        yield Page(complete=True, cursor=self._end())

    def _listing(self, known: dict[str, str | None], seen: set[str]) -> Iterator[Page]:
        for _, listing in ahead(by_id(self._api, self._cards.feed)):
            taken: list[Any] = []
            older: list[str] = []
            for row in listing.rows:
                key = str(row.get("id")) if isinstance(row, dict) else ""
                seen.add(key)
                if key not in known and (seconds(row) or self._low) < self._low:
                    older.append(key)
                else:
                    taken.append(row)
            page = self._page(taken, None)
            yield replace(page, records=[_winning(record, known) for record in page.records], listed=older)

    def _deeds(self, low: int) -> Iterator[Page]:
        """Deleted cards become tombstones as of the event; restored, merged and linked ones are fetched again."""
        if not self._cards.deeds:
            return
        for start, end in windows(max(low, 1), self._high):
            try:
                rows = [row for page in events(self._api, self._cards.deeds, start, end) for row in page]
            except (GoneError, DeniedError) as problem:
                self._note(f"deletions of {self._cards.feed.path} are seen only by the nightly listing: {problem}")
                return
            for key, row in last_deeds(rows, self._cards.entity).items():
                linked = str(row["type"]).endswith(("_linked", "_unlinked"))
                if linked and str(key) in self._read:
                    continue  # it was read in this run, so with its new links
                at = moment(seconds(row, "created_at"))
                if row["type"] == f"{self._cards.entity}_deleted":
                    yield Page([Record(str(key), None, at)])
                    continue
                fetched = self._one(str(key))
                if fetched is None or fetched.get("is_deleted") is True:
                    yield Page([Record(str(key), None, at)])
                elif linked:
                    yield self._page([fetched], None)
                else:
                    record = card(fetched)
                    yield Page([replace(record, modified_at=max(filter(None, (record.modified_at, at)), default=None))])

    def _one(self, key: str) -> dict[str, Any] | None:
        return self._api.one(f"{self._cards.feed.path}/{key}", self._cards.feed.query)

    def _page(self, rows: list[Any], cursor: dict[str, Any] | None) -> Page:
        page = page_of(rows, cursor=cursor)
        if self._cards.deeds:
            self._read.update(record.key for record in page.records)
        return page

    def _end(self) -> dict[str, int]:
        return {"updated_to": self._high, "events_to": self._high}


def _winning(record: Record, known: Collection[str]) -> Record:
    """A listed record that is not known may have been restored: its tombstone can be newer than its last change.

    So it goes without a moment, which always wins.
    """
    return record if not known or record.key in known or record.payload is None else replace(record, modified_at=None)

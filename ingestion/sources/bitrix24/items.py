"""Leads, deals, contacts, companies, invoices, activities: what changed, and the nightly listing of ids.

Cursor: {"to": s, "whole": s} when a walk is complete; {"from": s, "to": s, "last_id": n, "whole": s} inside one (Unix seconds). A walk asks
for everything changed since `from` in the order of ids, so that a row edited meanwhile is not skipped; the next walk begins 1800 s
before this one began. There are no tombstones in Bitrix24 (crm.md 2.6): the sweep lists every id with its change time, fetches what is new
or differs, and what is not listed is deleted. Not every edit moves the change time: a sweep that comes a week after everything was read
(`whole`) reads everything again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingestion.sources.bitrix24.kinds import Kind
from ingestion.sources.bitrix24.listings import PAGE, Listing, Walker, row_id
from ingestion.sources.bitrix24.problems import MethodMissingError
from ingestion.sources.bitrix24.records import first, iso, moment, page_of
from ingestion.spec import Context, Extraction, Page

OVERLAP_SECONDS = 1800
_WHOLE_SECONDS = 7 * 86_400


class ItemReader:
    """Extracts one kind of object.

    Args:
        walker: over the portal's lists.
        kind: which objects.
        context: of the configured source.
        low: the first second of a first load of dated objects.
        high: when this run began, by the portal's clock if that is behind.
        missing: method names already known to be missing, shared by all kinds.
    """

    def __init__(self, walker: Walker, kind: Kind, context: Context, *, low: int, high: int, missing: set[str]) -> None:
        self._walker = walker
        self._kind = kind
        self._zone = context.timezone
        self._low = low if kind.dated else 0
        self._high = high
        self._missing = missing

    def extract(self, request: Extraction) -> Iterator[Page]:
        """Pages of what changed; with sweep and full, of everything.

        Raises:
            MethodMissingError: the portal has none of the methods.
        """
        usable = [listing for listing in self._kind.listings if listing.method not in self._missing]
        for listing in usable:
            try:
                yield from self._by(listing, request)
            except MethodMissingError:
                if listing is usable[-1]:
                    raise
                self._missing.add(listing.method)
            else:
                return
        if not usable:
            message = f"{request.stream.name}: the portal has none of the methods that list it."
            raise MethodMissingError(message)

    def _by(self, listing: Listing, request: Extraction) -> Iterator[Page]:
        cursor = dict(request.cursor or {})
        swept = request.mode == "sweep" and "to" in cursor and "last_id" not in cursor
        if request.mode == "full" or (swept and self._high - int(cursor.get("whole", 0)) >= _WHOLE_SECONDS):
            yield from self._everything(listing, request)
        elif swept:
            yield from self._sweep(listing, request, cursor)
        else:
            yield from self._changes(listing, cursor)

    def _changes(self, listing: Listing, cursor: dict[str, Any]) -> Iterator[Page]:
        if "last_id" in cursor:
            low, high, after = int(cursor["from"]), int(cursor["to"]), int(cursor["last_id"])
        else:
            low, high, after = max(int(cursor["to"]) - OVERLAP_SECONDS, self._low) if "to" in cursor else self._low, self._high, 0
        whole = int(cursor.get("whole", 0)) if cursor else high
        conditions = {f">={self._changed_name(listing)}": iso(low)} if low else {}
        for rows in self._walker.walk(listing, conditions, after=after):
            after = max([after, *(key for row in rows if (key := row_id(row)) is not None)])
            yield self._page(rows, {"from": low, "to": high, "last_id": after, "whole": whole})
        yield Page(cursor={"to": high, "whole": whole})

    def _everything(self, listing: Listing, request: Extraction) -> Iterator[Page]:
        known = request.known.versions()
        for rows in self._walker.walk(listing, {}):
            taken, older = self._split(rows, known)
            page = self._page(taken, None)
            yield Page(page.records, listed=[_key(row) for row in older], rejected=page.rejected)
        yield Page(complete=True, cursor={"to": self._high, "whole": self._high})

    def _sweep(self, listing: Listing, request: Extraction, cursor: dict[str, Any]) -> Iterator[Page]:
        known = request.known.versions()
        wanted: list[str] = []
        for rows in self._walker.walk(listing, {}, select=(listing.id_name, self._changed_name(listing))):
            taken, older = self._split(rows, known)
            same = [row for row in taken if known.get(_key(row)) == str(first(row, self._kind.changed))]
            unchanged = {_key(row) for row in same}
            wanted += [_key(row) for row in taken if row_id(row) is not None and _key(row) not in unchanged]
            yield Page(listed=[*unchanged, *(_key(row) for row in older)])
            while len(wanted) >= PAGE:
                yield from self._fetch(listing, wanted[:PAGE])
                wanted = wanted[PAGE:]
        yield from self._fetch(listing, wanted)
        yield Page(complete=True, cursor={"to": self._high, "whole": int(cursor.get("whole", 0))})

    def _fetch(self, listing: Listing, keys: list[str]) -> Iterator[Page]:
        if keys:
            for rows in self._walker.walk(listing, {f"@{listing.id_name}": [int(key) for key in keys]}):
                yield self._page(rows, None)

    def _split(self, rows: list[Any], known: dict[str, str | None]) -> tuple[list[Any], list[Any]]:
        """Rows to take, and unknown ones from before the first load's beginning."""
        taken: list[Any] = []
        older: list[Any] = []
        for row in rows:
            at = moment(first(row, self._kind.changed), self._zone) if isinstance(row, dict) else None
            early = at is not None and at.timestamp() < self._low and _key(row) not in known
            (older if early else taken).append(row)
        return taken, older

    def _page(self, rows: list[Any], cursor: dict[str, Any] | None) -> Page:
        return page_of(rows, self._zone, changed=self._kind.changed, version=self._kind.changed, cursor=cursor)

    def _changed_name(self, listing: Listing) -> str:
        return self._kind.changed[0] if listing.style == "item" else self._kind.changed[-1]


def _key(row: Any) -> str:
    return str(row_id(row))

"""Product rows of deals: read for every deal that changed, one command per deal in a batch.

The documentation of today says that `=ownerId` takes one id and that a list is silently ignored, so no list is sent. Cursor:
{"to": s}, inside a walk {"from", "to", "last_id"} of the deals. A row that a changed deal no longer has is deleted; the nightly sweep
reads again the rows of deals changed in the last 60 days, for a change of rows may not bump the deal's change time (crm.md 2.6), and
deletes the rows of deals that are gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingestion.errors import SourceError
from ingestion.sources.bitrix24.api import BATCH_COMMANDS, Answer, BitrixApi, Command
from ingestion.sources.bitrix24.items import OVERLAP_SECONDS
from ingestion.sources.bitrix24.kinds import KINDS, OLD_PRODUCT_ROWS, PRODUCT_ROWS
from ingestion.sources.bitrix24.listings import PAGE, Listing, Walker, row_id
from ingestion.sources.bitrix24.problems import MethodMissingError
from ingestion.sources.bitrix24.records import iso, page_of
from ingestion.spec import Context, Extraction, Page, Record

_AGAIN_SECONDS = 60 * 86_400


class RowReader:
    """Extracts product rows.

    Args:
        api: the portal.
        walker: over its lists.
        context: of the configured source.
        low: the first second of the first load.
        high: when this run began.
        missing: method names known to be missing.
    """

    def __init__(self, api: BitrixApi, walker: Walker, context: Context, *, low: int, high: int, missing: set[str]) -> None:
        self._api = api
        self._walker = walker
        self._zone = context.timezone
        self._low = low
        self._high = high
        self._missing = missing

    def extract(self, request: Extraction) -> Iterator[Page]:
        """Pages of product rows; `version` of a record is its deal's id, so that rows that vanish from a deal are noticed."""
        cursor = dict(request.cursor or {})
        swept = request.mode == "full" or (request.mode == "sweep" and cursor.keys() == {"to"})
        owned: dict[str, set[str]] = {}
        for key, owner in request.known.versions().items():
            owned.setdefault(owner or "", set()).add(key)
        if "last_id" in cursor:
            low, high, after = int(cursor["from"]), int(cursor["to"]), int(cursor["last_id"])
        elif "to" in cursor:
            low, high, after = int(cursor["to"]) - (_AGAIN_SECONDS if swept else OVERLAP_SECONDS), self._high, 0
        else:
            low, high, after = self._low, self._high, 0
        read: set[str] = set()
        for deals in self._deals(low, after):
            read.update(str(deal) for deal in deals)
            for begin in range(0, len(deals), BATCH_COMMANDS):
                part = deals[begin : begin + BATCH_COMMANDS]
                rows = self._rows_of(part)
                yield self._page(rows, {"from": low, "to": high, "last_id": part[-1]} if not swept else None)
                gone = {key for deal in part for key in owned.get(str(deal), ())} - {str(row_id(row)) for row in rows}
                yield Page([Record(key, None) for key in sorted(gone)])
        if swept:
            unread = {str(deal) for deals in self._deals(0, 0) for deal in deals} - read
            yield Page(listed=[key for owner in unread for key in owned.get(owner, ())], complete=True)
        yield Page(cursor={"to": high})

    def _deals(self, low: int, after: int) -> Iterator[list[int]]:
        """Ids of deals changed since `low` (0: of all), ascending."""
        for listing in KINDS["deals"].listings:
            if listing.method in self._missing:
                continue
            name = "updatedTime" if listing.style == "item" else "DATE_MODIFY"
            try:
                for rows in self._walker.walk(listing, {f">={name}": iso(low)} if low else {}, after=after, select=(listing.id_name,)):
                    yield [key for row in rows if (key := row_id(row)) is not None]
            except MethodMissingError:
                self._missing.add(listing.method)
            else:
                return

    def _rows_of(self, deals: list[int]) -> list[dict[str, Any]]:
        if PRODUCT_ROWS not in self._missing:
            try:
                return self._by_item(deals)
            except MethodMissingError:
                self._missing.add(PRODUCT_ROWS)
        answers = self._batch({f"deal_{deal}": Command(OLD_PRODUCT_ROWS, {"id": deal}) for deal in deals})
        return [row for deal in deals for row in _rows(answers.get(f"deal_{deal}"), "") if str(row.get("OWNER_ID", deal)) == str(deal)]

    def _by_item(self, deals: list[int]) -> list[dict[str, Any]]:
        listing = Listing(PRODUCT_ROWS, "item", "productRows")
        answers = self._batch({f"deal_{deal}": Command(PRODUCT_ROWS, listing.params(_owner(deal))) for deal in deals})
        found: list[dict[str, Any]] = []
        for deal in deals:
            rows = [row for row in _rows(answers.get(f"deal_{deal}"), "productRows") if str(row.get("ownerId")) == str(deal)]
            found += rows
            if len(rows) >= PAGE:
                last = max(key for row in rows if (key := row_id(row)) is not None)
                for more in self._walker.walk(listing, _owner(deal), after=last):
                    found += more
        return found

    def _batch(self, commands: dict[str, Command]) -> dict[str, Answer]:
        answers: dict[str, Answer] = {}
        for name, answer in self._api.batch(commands).items():
            if isinstance(answer, MethodMissingError):
                raise answer
            if isinstance(answer, SourceError):
                if "Not found" not in str(answer):
                    raise answer
                continue  # the deal was deleted after it was listed
            answers[name] = answer
        return answers

    def _page(self, rows: list[dict[str, Any]], cursor: dict[str, Any] | None) -> Page:
        return page_of(rows, self._zone, version=("ownerId", "OWNER_ID"), cursor=cursor)


def _owner(deal: int) -> dict[str, Any]:
    return {"=ownerType": "D", "=ownerId": deal}


def _rows(answer: Answer | None, name: str) -> list[dict[str, Any]]:
    rows = Listing("", rows=name).page(answer.result) if answer is not None else []
    return [row for row in rows if isinstance(row, dict)]

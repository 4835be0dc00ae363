"""Ways to read what changed in one list, each safe against rows that move while they are read.

- `by_value`: ordered by change time; every request begins at the last time seen, so that no page number can skip a row.
- `by_window`: windows of change time narrow enough to fit one page, for lists that cannot be ordered by it (tasks).
- `by_recency`: newest first down to the cursor, where filters are silently ignored (crm.md 1.4).
- `by_id`: everything in the order of ids, the last resort and the nightly sweep.

Every walk checks that the rows obey what was asked, and says so by an exception if they do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingestion.sources.amocrm.api import AmoApi, Listing

PAGE = 250


class FilterIgnoredError(Exception):
    """Rows came that the filter excludes."""


class OrderIgnoredError(Exception):
    """Rows came in another order than asked for."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One list of the account.

    Attributes:
        path: below /api/v4/.
        name: of the rows inside `_embedded`.
        query: parameters of every request (with, filter[note_type]).
        limit: rows per page.
        orders_by_time: whether `order[updated_at]` is documented for it.
        alpha_filter: whether its filter works only where support has switched it on.
    """

    path: str
    name: str
    query: tuple[tuple[str, str], ...] = ()
    limit: int = PAGE
    orders_by_time: bool = True
    alpha_filter: bool = False

    def page(self, api: AmoApi, number: int, *query: tuple[str, str]) -> Listing:
        """One page of the list."""
        return api.page(self.path, self.name, [*self.query, *query], number, self.limit)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that arrived together.

    Attributes:
        rows: as sent.
        reached: every row changed before this second has been given; None if nothing can be said yet.
    """

    rows: list[Any]
    reached: int | None = None


def seconds(row: Any, name: str = "updated_at") -> int | None:
    """A Unix time of a row; None if it is missing, zero or no number (numbers may come as text, crm.md 1.3)."""
    value = row.get(name) if isinstance(row, dict) else None
    try:
        return int(value) if value else None
    except (TypeError, ValueError):
        return None


def by_value(api: AmoApi, feed: Feed, low: int, high: int) -> Iterator[Batch]:
    """Rows changed in [low, high], ascending."""
    number = 1
    restarted_at: int | None = None
    while True:
        listing = feed.page(api, number, *_window("updated_at", low, high), ("order[updated_at]", "asc"))
        if listing.empty:
            if number == 1 or restarted_at == low:
                return
            number, restarted_at = 1, low  # a next page was promised: rows moved out of this window meanwhile
            continue
        times = _obeying(listing.rows, low, high)
        if times != sorted(times):
            raise OrderIgnoredError
        yield Batch(listing.rows, times[-1] if times else None)
        if not listing.more:
            return
        if not times:
            number += 1
        elif times[-1] > low:
            low, number = times[-1], 1
        else:  # more rows of one second than fit a page, as after an import: the order of change times says nothing among them
            yield from _second(api, feed, low)
            low, number = low + 1, 1
            if low > high:
                return


def by_window(api: AmoApi, feed: Feed, low: int, high: int) -> Iterator[Batch]:
    """Rows changed in [low, high], window by window; a window that does not fit one page is halved and asked again."""
    width = high - low + 1
    while low <= high:
        end = min(high, low + width - 1)
        bounds = _window("updated_at", low, end)
        listing = feed.page(api, 1, *bounds, ("order[id]", "asc"))
        _obeying(listing.rows, low, end)
        more = listing.more
        if more and end > low:
            # a page that is not full may promise a next one that is not there: halving for it would go on down to the seconds
            more = len(listing.rows) >= feed.limit or not feed.page(api, 2, *bounds, ("order[id]", "asc")).empty
            if more:
                width = (end - low + 1) // 2
                continue
        yield Batch(listing.rows, None if more else end)
        if more:
            yield from _second(api, feed, low)
        if len(listing.rows) < feed.limit // 2:
            width *= 2
        low = end + 1


def by_recency(api: AmoApi, feed: Feed, low: int) -> Iterator[Batch]:
    """Rows from the newest change down to `low`, without a filter. An edit meanwhile only shows a row twice."""
    number = 1
    while True:
        listing = feed.page(api, number, ("order[updated_at]", "desc"))
        if listing.empty:
            return
        times = [moment for row in listing.rows if (moment := seconds(row)) is not None]
        if times != sorted(times, reverse=True):
            raise OrderIgnoredError
        yield Batch([row for row in listing.rows if (seconds(row) or low) >= low])
        if not listing.more or (times and times[-1] < low):
            return
        number += 1


def by_id(api: AmoApi, feed: Feed, *, page: int = 1, after: int = 0) -> Iterator[tuple[int, Listing]]:
    """Every row in the order of ids: (page number, page). A resumed walk steps back until it overlaps what it had (`after`)."""
    number = page
    while True:
        listing = feed.page(api, number, ("order[id]", "asc"))
        if number > 1 and after and (not listing.rows or (row_id(listing.rows[0]) or 0) > after):
            number -= 1  # rows were deleted meanwhile and later ones moved forward
            continue
        after = 0
        if listing.empty:
            return
        yield number, listing
        if not listing.more:
            return
        number += 1


def row_id(row: Any) -> int | None:
    """The numeric id of a row."""
    try:
        return int(row["id"])
    except (TypeError, ValueError, KeyError):
        return None


def _window(name: str, low: int, high: int) -> tuple[tuple[str, str], tuple[str, str]]:
    # a bare filter[updated_at] would mean equality (crm.md 1.4)
    return (f"filter[{name}][from]", str(low)), (f"filter[{name}][to]", str(high))


def _obeying(rows: list[Any], low: int, high: int) -> list[int]:
    times = [moment for row in rows if (moment := seconds(row)) is not None]
    if any(not low <= moment <= high for moment in times):
        raise FilterIgnoredError
    return times


def _second(api: AmoApi, feed: Feed, second: int) -> Iterator[Batch]:
    """Everything changed in one second, by id to the last page and back.

    A row that leaves the second meanwhile moves the later ones to earlier pages: the way back sees them.
    """
    bounds = _window("updated_at", second, second)
    last = 0
    more = True
    while more:
        last += 1
        listing = feed.page(api, last, *bounds, ("order[id]", "asc"))
        yield Batch(listing.rows)
        more = listing.more
    for number in range(last - 1, 0, -1):
        yield Batch(feed.page(api, number, *bounds, ("order[id]", "asc")).rows)

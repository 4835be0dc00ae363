"""Asks one 1C base: addresses, pages that grow and shrink, and lists that are compared with 1C's own count before they are believed.

`$skip` counts rows anew on every request, so rows that come or go while a list is read shift it. Each page therefore repeats the last
row of the one before: where they do not meet, the list is read again. A page with fewer rows than were asked for is the last one by the
guide (1C has no pages of its own); something between that cuts answers is noticed by the count, and reading goes on behind the cut.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import httpx

from ingestion.errors import PermanentError, SlowAnswerError, SourceError, TransientError
from ingestion.http import Explain, HttpClient
from ingestion.sources.onec_odata import query
from ingestion.sources.onec_odata.errors import (
    OBJECTS_LIST,
    ClosedError,
    GoneError,
    HeavyAnswerError,
    NotPublishedError,
    QueryRefusedError,
    demanding,
    explainer,
)
from ingestion.sources.onec_odata.options import OneCOptions
from ingestion.sources.onec_odata.paging import PROBE, PageSize
from ingestion.spec import JsonObject

Identify = Callable[[JsonObject], Any]

_REREADS = 3
_COUNTED_FROM = PROBE  # shorter lists arrive in one answer, which cannot have shifted; no limit of a gateway is that low
_MEETING_FROM = 10  # smaller pages are of heavy entries: repeating one would cost too much


@dataclass(frozen=True, slots=True)
class Listing:
    """A question for entries of one entity set.

    Attributes:
        entity: the set.
        order: `$orderby`; without one 1C gives pages that overlap and leave rows out.
        identify: what tells two entries apart.
        condition: `$filter`, '' for everything.
        select: properties to send; empty for whole entries.
        countable: the set has a `/$count` (virtual tables have none).
    """

    entity: str
    order: str
    identify: Identify
    condition: str = ""
    select: tuple[str, ...] = ()
    countable: bool = True


class _ShiftedError(Exception):
    """Rows came or went between two pages."""


class ODataClient:
    """One base, as one user.

    Args:
        http: carries the credentials.
        options: of the source.
        source: its name, for messages.
    """

    def __init__(self, http: HttpClient, options: OneCOptions, source: str) -> None:
        self._http = http
        self._root = query.root_url(options.url)
        self._options = options
        self._source = source
        self._sizes: dict[tuple[str, bool], PageSize] = {}
        self._counts = not options.allowed_only  # /$count knows nothing of allowedOnly, so the two would differ
        self._uncounted: set[str] = set()
        self._let_in = False

    def metadata(self) -> bytes:
        """The body of `$metadata`."""
        return self._whole(f"{self._root}/$metadata", "the description of the base", lambda body: body.endswith(b"Edmx>"))

    def service_document(self) -> bytes:
        """The list of published entity sets, JSON or Atom."""
        address = f"{self._root}/?{query.query_string({'$format': 'json'})}"
        return self._whole(address, OBJECTS_LIST, lambda body: body.endswith((b"}", b"service>")))

    def _whole(self, address: str, what: str, is_whole: Callable[[bytes], bool]) -> bytes:
        explain = demanding(self._explainer(what), self._source, what, is_whole)
        return self._http.response("GET", address, explain=explain).content

    def select_changes(self, plan: str, node: str, number: int) -> bytes:
        """The feed of everything registered for a node of an exchange plan and not confirmed yet; it gets this message number."""
        return self._tell("SelectChanges", plan, node, number, lambda body: body.endswith((b"feed>", b"/>")))

    def confirm_changes(self, plan: str, node: str, number: int) -> None:
        """Tell 1C that the message has arrived: it forgets those changes, for good."""
        self._tell("NotifyChangesReceived", plan, node, number, lambda _: True)

    def _tell(self, action: str, plan: str, node: str, number: int, is_whole: Callable[[bytes], bool]) -> bytes:
        point = f"'{unquote(self._root)}/{plan}({query.guid(node)})'"
        address = f"{self._root}/{action}?{query.query_string({'DataExchangePoint': point, 'MessageNo': str(number)})}"
        what = f"the changes of {plan}"
        explain = demanding(self._explainer(plan), self._source, what, is_whole)
        # a package that takes too long takes as long once more, and 1C goes on building the first
        return self._http.response("POST", address, explain=explain, divisible=True).content

    def entry(self, entity: str, ref: str) -> JsonObject | None:
        """One entry by its reference, None if it does not exist."""
        try:
            answer = self._get(f"{entity}({query.guid(ref)})", {}, entity, instance=True)
        except GoneError:
            return None
        return answer if isinstance(answer, dict) else None

    def entries(self, path: str, entity: str, options: Mapping[str, str] | None = None, *, divisible: bool = False) -> list[JsonObject]:
        """All entries at a path that is asked once, without pages (virtual tables).

        Raises:
            HeavyAnswerError: the server failed, and the caller can ask for less at a time (`divisible`).
        """
        return _values(self._get(path, options or {}, entity, divisible=divisible))

    def count(self, entity: str, condition: str) -> int | None:
        """How many entries 1C says there are; None where it does not tell, or fails at counting: they can be read all the same."""
        if not self._counts or entity in self._uncounted:
            return None
        address = self._address(f"{entity}/$count", {"$filter": condition})
        explain = self._explainer(entity)
        try:
            words = self._http.text("GET", address, explain=demanding(explain, self._source, f"the count of {entity}", bytes.isdigit))
        except (NotPublishedError, QueryRefusedError, TransientError) as error:
            if isinstance(error, ClosedError):
                raise
            self._uncounted.add(entity)
            return None
        return int(words)

    def pages(self, listing: Listing) -> Iterator[list[JsonObject]]:
        """Entries page by page, each at least once; a list that shifted is read again, so entries may come twice.

        Raises:
            TransientError: what arrived never agreed with 1C's count.
        """
        total: int | None = None
        arrived = 0
        for _ in range(_REREADS):
            seen: set[Any] = set()
            try:
                total = yield from self._walk(listing, seen)
            except _ShiftedError:
                continue
            arrived = len(seen)
            if total is None or total == arrived:
                return
        if total is None:
            what, hidden = "changes its order with every page", ""
        else:
            what = f"has {total} entries by 1C's count and {arrived} arrived"
            # rights by record take rows from a list, but not from its count: no later attempt would agree
            hidden = "; if this stays so, let the user of 1C read every record, or set allowed_only = true to leave out what it may not see"
        message = (
            f"{self._source}: {listing.entity} {what}; either it is written to all the time, or something between cuts answers; it will "
            f"be tried again{hidden}."
        )
        raise TransientError(message)

    def _walk(self, listing: Listing, seen: set[Any]) -> Generator[list[JsonObject], None, int | None]:
        """The pages; puts into `seen` what they hold, and gives 1C's count where it was asked for and told."""
        size = self._size(listing)
        counts = listing.countable
        total: int | None = None
        done = 0
        last: Any = None
        while True:
            overlap = 1 if done and size.rows >= _MEETING_FROM else 0
            rows, asked, overlap = self._page(listing, size, done, overlap)
            if overlap and (not rows or listing.identify(rows[0]) != last):
                raise _ShiftedError
            fresh = rows[overlap:]
            if fresh:
                seen.update(map(listing.identify, fresh))
                yield fresh
                last = listing.identify(fresh[-1])
            done += len(fresh)
            if len(rows) == asked:
                continue
            if counts and done >= _COUNTED_FROM:
                total, counts = self.count(listing.entity, listing.condition), False
            # a list that is not counted has ended when another page holds nothing; a short first answer is the whole of it, and so is
            # one with more rows than were asked for: some virtual tables know no $top
            if not fresh or (done >= total if total is not None else len(rows) < _COUNTED_FROM or len(rows) > asked):
                return total

    def _page(self, listing: Listing, size: PageSize, done: int, overlap: int) -> tuple[list[JsonObject], int, int]:
        weights: list[int] = []
        while True:
            asked = size.rows
            skip = done - overlap
            options = {
                "$filter": listing.condition,
                "$select": ",".join(listing.select),
                "$orderby": listing.order,
                "$top": str(asked),
                "$skip": str(skip) if skip else "",
            }
            try:
                answer = self._get(listing.entity, options, listing.entity, divisible=asked > 1, seen=weights.append)
                rows = _values(answer)
            except (HeavyAnswerError, TransientError) as error:
                if isinstance(error, ClosedError) or not size.shrink():
                    raise
                if size.rows < _MEETING_FROM:
                    overlap = 0
                continue
            size.learn(len(rows), weights[-1])
            return rows, asked, overlap

    def _size(self, listing: Listing) -> PageSize:
        key = (listing.entity, bool(listing.select))
        if key not in self._sizes:
            target = self._options.page_bytes
            # entries with a few chosen fields weigh some 200 bytes: no probe is needed
            self._sizes[key] = PageSize(target, first=2000, most=10_000) if listing.select else PageSize(target)
        return self._sizes[key]

    def _get(
        self,
        path: str,
        options: Mapping[str, str],
        entity: str,
        *,
        instance: bool = False,
        divisible: bool = False,
        seen: Callable[[int], None] | None = None,
    ) -> Any:
        explain = self._explainer(entity, instance=instance, divisible=divisible, seen=seen)
        address = self._address(path, {**options, "$format": "json"}, of_set=not instance)
        try:
            return self._http.json("GET", address, explain=explain, divisible=divisible)
        except SlowAnswerError as error:
            if not divisible:
                raise
            raise HeavyAnswerError(str(error)) from None

    def _explainer(
        self, entity: str, *, instance: bool = False, divisible: bool = False, seen: Callable[[int], None] | None = None
    ) -> Explain:
        read = explainer(
            self._source, self._options.username, entity, let_in=self._let_in, instance=instance, divisible=divisible, seen=seen
        )

        def explain(response: httpx.Response) -> SourceError | None:
            problem = read(response)
            self._let_in = self._let_in or (problem is None and response.is_success)
            return problem

        return explain

    def _address(self, path: str, options: Mapping[str, str], *, of_set: bool = False) -> str:
        chosen = dict(options)
        if of_set and self._options.allowed_only:
            chosen["allowedOnly"] = "true"
        line = query.query_string(chosen)
        if len(line) > query.MAX_QUERY + 140:
            message = f"{self._source}: the query for {path} would have {len(line)} characters, more than web servers take."
            raise PermanentError(message)
        place = f"{self._root}/{query.path(path)}"
        return f"{place}?{line}" if line else place


def _values(answer: Any) -> list[JsonObject]:
    values = answer.get("value") if isinstance(answer, dict) else None
    if not isinstance(values, list):
        message = '1C sent JSON of an unknown form: a list of entries was expected under "value".'
        raise TransientError(message)
    return [row for row in values if isinstance(row, dict)]

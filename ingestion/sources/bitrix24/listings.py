"""Lists of the portal and the walk over them by id.

`start: -1` with `>ID` in the order of ids reads 50 rows without counting and cannot skip a row that others delete or edit meanwhile
(crm.md 2.3). Full pages are chained: up to 50 pages by `$result[page][items][49][id]` in one batch; every page is checked to begin
behind the one before, and a portal that does not resolve the references is read page by page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ingestion.errors import SourceError, TransientError
from ingestion.sources.bitrix24.api import BATCH_COMMANDS, Answer, BitrixApi, Command

PAGE = 50
_LONG_BATCH = 15.0  # seconds; one request may take 60 (crm.md 2.2)
Style = Literal["item", "list", "call"]


class CursorIgnoredError(Exception):
    """Rows came that the `>ID` filter excludes, or not in the order of ids."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list method.

    Attributes:
        method: its name.
        style: item = camelCase names (crm.item.*); list = UPPER_CASE names; call = voximplant's FILTER, SORT and ORDER.
        rows: the key inside `result` that holds the rows; empty if the result is the list itself.
        fixed: parameters of every call.
        select: fields to ask for; none means the method has no select.
    """

    method: str
    style: Style = "list"
    rows: str = ""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    select: tuple[str, ...] = ()

    @property
    def id_name(self) -> str:
        """How this method spells the id."""
        return "id" if self.style == "item" else "ID"

    def params(self, conditions: Mapping[str, Any], select: tuple[str, ...] | None = None) -> dict[str, Any]:
        """Parameters of one page in the order of ids, uncounted."""
        if self.style == "call":  # it knows no `order` object and no start of -1 (crm.md 2.3)
            return {**self.fixed, "FILTER": dict(conditions), "SORT": "ID", "ORDER": "ASC"}
        chosen = self.select if select is None else select
        made = {**self.fixed, "filter": dict(conditions), "order": {self.id_name: "ASC"}, "start": -1}
        return made | {"select": list(chosen)} if chosen else made

    def page(self, result: Any) -> list[Any]:
        """The rows of a result, whose list PHP may have written as an object."""
        if self.rows and isinstance(result, dict):
            result = result.get(self.rows, [])
        if isinstance(result, dict):
            return list(result.values())
        return result if isinstance(result, list) else []


def row_id(row: Any) -> int | None:
    """The id of a row in either spelling, which may be a text."""
    if not isinstance(row, dict):
        return None
    try:
        return int(row["id"] if "id" in row else row["ID"])
    except (TypeError, ValueError, KeyError):
        return None


class Walker:
    """Walks lists by id.

    Args:
        api: the portal.
        chain: whether full pages may be chained in batches.
    """

    def __init__(self, api: BitrixApi, *, chain: bool = True) -> None:
        self._api = api
        self._chain = chain

    def walk(
        self, listing: Listing, conditions: Mapping[str, Any], *, after: int = 0, select: tuple[str, ...] | None = None
    ) -> Iterator[list[Any]]:
        """Every row that meets the conditions and has an id above `after`, page by page.

        Ascending; only where a portal ignores the id filter or the order, counted pages are read instead and rows may come twice.
        """
        try:
            yield from self._by_id(listing, conditions, after, select)
        except CursorIgnoredError:
            params = listing.params(conditions, select)
            params.pop("start", None)
            yield from self.offsets(listing, params)

    def _by_id(self, listing: Listing, conditions: Mapping[str, Any], after: int, select: tuple[str, ...] | None) -> Iterator[list[Any]]:
        length = 1
        while True:
            pages, spent = self._pages(listing, conditions, after, select, length)
            for number, (rows, more) in enumerate(pages):
                ids = [key for row in rows if (key := row_id(row)) is not None]
                if ids != sorted(ids) or (ids and ids[0] <= after):
                    if number == 0:
                        raise CursorIgnoredError
                    self._chain = False  # the reference was not resolved; what came before it is good
                    break
                if number > 0 and not rows:
                    spent = float("inf")  # an unresolved reference may select nothing: only a page asked by itself ends the walk
                    break
                yield rows
                if not more:
                    return
                after = ids[-1] if ids else after
            length = self._next_length(length, spent)

    def offsets(self, listing: Listing, params: Mapping[str, Any]) -> Iterator[list[Any]]:
        """Every row of a short list, by counted pages; for lists that know no order by id."""
        start: int | None = 0
        while start is not None:
            answer = self._api.call(listing.method, {**listing.fixed, **params, "start": start})
            yield listing.page(answer.result)
            start = answer.next if answer.next and answer.next > start else None

    def _pages(
        self, listing: Listing, conditions: Mapping[str, Any], after: int, select: tuple[str, ...] | None, length: int
    ) -> tuple[list[tuple[list[Any], bool]], float]:
        """Consecutive pages with whether more follow, and the seconds they took."""
        above = f">{listing.id_name}"
        if length == 1:
            answer = self._api.call(listing.method, listing.params({**conditions, above: after}, select))
            return [self._read(listing, answer)], answer.seconds
        place = f"[{listing.rows}][{PAGE - 1}][{listing.id_name}]" if listing.rows else f"[{PAGE - 1}][{listing.id_name}]"
        commands: dict[str, Command] = {}
        bound: Any = after
        for number in range(length):
            name = f"page_{number:02d}"
            commands[name] = Command(listing.method, listing.params({**conditions, above: bound}, select))
            bound = f"$result[{name}]{place}"
        try:
            answers = self._api.batch(commands)
        except TransientError:
            return self._pages(listing, conditions, after, select, 1 if length <= 4 else length // 4)
        return self._leading(listing, answers), sum(answer.seconds for answer in answers.values() if isinstance(answer, Answer))

    def _leading(self, listing: Listing, answers: Mapping[str, Answer | SourceError]) -> list[tuple[list[Any], bool]]:
        """The pages up to the first that is not full; what was asked behind it has nothing to begin at."""
        pages: list[tuple[list[Any], bool]] = []
        for answer in answers.values():
            if isinstance(answer, SourceError):
                if not pages:
                    raise answer
                break
            pages.append(self._read(listing, answer))
            if not pages[-1][1]:
                break
        return pages

    def _read(self, listing: Listing, answer: Answer) -> tuple[list[Any], bool]:
        rows = listing.page(answer.result)
        return rows, bool(rows) and (len(rows) >= PAGE or answer.next is not None)

    def _next_length(self, length: int, spent: float) -> int:
        if not self._chain or spent == float("inf"):
            return 1
        if spent > _LONG_BATCH:
            return max(1, length // 2)
        return min(BATCH_COMMANDS, max(5, length * 2))

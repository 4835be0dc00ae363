"""Creatio, Terrasoft, bpm'online, BPMSoft.

Rows are read in the order of ModifiedOn from the last moment on, less ten minutes; a page goes on at the moment of its last row (rows of
one moment that fill a whole page are skipped over), so nothing shifts while rows change. Every entity has ModifiedOn; rows of the stage
history are rewritten and come again by it. The sweep lists the ids of all rows: what is gone is deleted. Cursor: {"high": ModifiedOn as
sent}. Payload: the row as sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ingestion.http import HttpClient
from ingestion.sources.creatio.api import CreatioApi, MissingEntityError, TooMuchMemoryError, moment
from ingestion.sources.creatio.options import ENTITIES, CreatioOptions
from ingestion.spec import Context, Extraction, JsonObject, Page, Record, Source, Stream

_OVERLAP = timedelta(minutes=10)  # a transaction that ends later than a younger one


class CreatioConnector:
    """One site.

    Args:
        api: the site.
        options: of the source.
        context: of the source.
    """

    def __init__(self, api: CreatioApi, options: CreatioOptions, context: Context) -> None:
        self._api = api
        self._options = options
        self._context = context
        self._top = options.page_rows
        self._given = 0  # the largest page after which nothing came: a shorter one is the last
        self._cut = 0  # rows of a page that was short and yet not the last: so many this site gives at a time

    def check(self) -> str:
        """Which of the entities this user may read."""
        self._api.find_address()
        missing = []
        for stream in ENTITIES:
            try:
                self._api.rows(self._entity(stream), since=None, skip=0, top=1)
            except MissingEntityError:
                missing.append(self._entity(stream))
        return "Creatio answers" + (f"; it does not give {', '.join(missing)}." if missing else " and gives every entity.")

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def extract(self, request: Extraction) -> Iterator[Page]:
        """Pages of one entity."""
        entity = self._entity(request.stream.name)
        high = str(request.cursor["high"]) if request.cursor is not None and request.mode != "full" else None
        begun = moment(high)
        low = None if begun is None else (begun - _OVERLAP).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        try:
            self._api.find_address()
            for rows in self._walk(entity, low):
                records = [Record(str(row["Id"]), row, moment(row.get("ModifiedOn"))) for row in rows]
                high = str(rows[-1].get("ModifiedOn") or high or "")
                yield Page(records, cursor={"high": high} if high else None)
            if request.mode != "refresh":
                listed = [str(row["Id"]) for rows in self._walk(entity, None, "Id,ModifiedOn") for row in rows]
                yield Page(listed=listed, complete=True)
        except MissingEntityError as problem:
            self._context.note(f"{request.stream.name}: {problem}")

    def _walk(self, entity: str, since: str | None, fields: str | None = None) -> Iterator[list[JsonObject]]:
        skip = 0
        while True:
            try:
                rows = self._api.rows(entity, since=since, skip=skip, top=self._top, fields=fields)
            except TooMuchMemoryError:
                if self._top == 1:
                    raise
                self._top //= 2
                continue
            if not rows:
                return
            yield rows
            if len(rows) < self._top and not self._api.more and self._ends(entity, rows, since, skip):
                return
            last = rows[-1].get("ModifiedOn") or since
            # from the last moment on, its rows once more; a page of that moment only, or of none, is skipped over
            skip = skip + len(rows) if last == since else 0
            since = last

    def _ends(self, entity: str, rows: list[JsonObject], since: str | None, skip: int) -> bool:
        """Whether nothing follows a page shorter than asked for: a site may give fewer at a time (MaxEntityRowCount) and not say so."""
        if len(rows) == self._cut:
            return False
        if len(rows) >= self._given:
            last = rows[-1].get("ModifiedOn") or since
            had = skip + len(rows) if last == since else sum((row.get("ModifiedOn") or since) == last for row in rows)
            if self._api.rows(entity, since=last, skip=had, top=1, fields="Id,ModifiedOn"):
                self._cut = len(rows)
                return False
            self._given = len(rows)
        return True

    def _entity(self, stream: str) -> str:
        return self._options.entities.get(stream, ENTITIES[stream])


def connect(options: CreatioOptions, context: Context) -> CreatioConnector:
    """A connector for these options; nothing is asked yet."""
    http = HttpClient(context.source, per_second=options.requests_per_second or None)
    return CreatioConnector(CreatioApi(options, context.source, http), options, context)


_LOADS = "changes by ModifiedOn with 10 minutes of overlap; a nightly listing of ids finds what was deleted"
_FEEDS: dict[str, tuple[str, ...]] = {
    "users": ("dim_managers",),
    "currencies": ("fct_deals",),
    "accounts": ("dim_customers", "customer_links"),
    "contacts": ("dim_customers", "customer_links"),
    "opportunity_stages": ("dim_stages",),
    "close_reasons": ("loss_reasons",),
    "opportunities": ("fct_deals", "sales_funnel"),
    "opportunity_stage_history": ("fct_deal_stage_entries", "sales_funnel"),
    "lead_statuses": ("fct_leads",),
    "leads": ("fct_leads",),
    "call_directions": ("fct_calls",),
    "calls": ("fct_calls", "manager_kpi"),
    "activities": ("fct_tasks", "fct_activities"),
    "products": ("dim_products",),
    "order_statuses": ("fct_orders",),
    "orders": ("fct_orders", "order_changes"),
    "order_lines": ("fct_order_lines", "fct_orders", "order_changes"),
}
SOURCE = Source(
    type="creatio",
    system="creatio",
    title="Creatio, Terrasoft, BPMSoft",
    streams=tuple(Stream(name, _LOADS, _FEEDS[name], versioned="order_changes" in _FEEDS[name]) for name in ENTITIES),
    options=CreatioOptions,
    connect=connect,
)

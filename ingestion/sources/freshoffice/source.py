"""FreshOffice.

The older API gives OData-like lists: everything is read each time in the order of the id, from the last id of a page on, and what is gone
is deleted; no moment of a change is known of any list. API 2.0 answers {status, error, code, rows, pages, page, value}, where value may be
JSON inside a string; of its lists only `/directory/32` (types of deals) is public, so the addresses of the others are configured. Payload:
the record as sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import orjson
from pydantic import Field, SecretStr, field_validator, model_validator

from ingestion.errors import PermanentError, SourceError
from ingestion.http import HttpClient, parse_json
from ingestion.redaction import redact, register_secret
from ingestion.spec import Context, Extraction, JsonObject, Page, Record, Source, SourceOptions, Stream

LISTS: dict[str, tuple[str, str]] = {
    "users": ("users", "id"),
    "companies": ("companies", "id"),
    "contacts": ("contacts", "id"),
    "deal_types": ("tip_deal", "ID_TYPE_DEAL"),
    "deals": ("deal", "id_deal"),
    "document_types": ("tip_documents", "id_tip_doc"),
    "documents": ("documents", "id_doc"),
    "document_fields": ("additional_fields_document", "id"),
}
"""Stream → list of the older API and its id; in loading order."""
_ADDRESSES = {"deal_types": "directory/32"}  # the public ones of API 2.0
_PAGE = 500


class FreshOfficeOptions(SourceOptions):
    """`[sources.<name>]` of type freshoffice."""

    url: str | None = Field(default=None, description="default https://api.myfreshcloud.com, with a token https://do.myfreshcloud.com")
    api_id: str | None = Field(default=None, description="of the older API")
    api_key: SecretStr | None = Field(default=None, description="of the older API")
    token: SecretStr | None = Field(default=None, description="of API 2.0, made in its settings")
    won: str | None = Field(default=None, description="ids of the stages in which a deal is won, with commas: 5,9")
    lost: str | None = Field(default=None, description="ids of the stages in which a deal is lost, with commas")
    orders: str | None = Field(default=None, description="ids of the types of documents that are orders or invoices, with commas")
    payments: str | None = Field(default=None, description="ids of the types of documents that are payments, with commas")
    addresses: dict[str, str] = Field(default_factory=dict, description="with a token: our stream → address of its list in API 2.0")

    @field_validator("url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value.strip())
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            message = "must be an address such as https://api.myfreshcloud.com"
            raise ValueError(message)
        return value.strip().rstrip("/")

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        older = self.api_id is not None and self.api_key is not None
        if older == (self.token is not None):
            message = "give api_id and api_key, or token"
            raise ValueError(message)
        unknown = sorted(set(self.addresses) - set(LISTS))
        if unknown:
            message = f"addresses: there are no streams {', '.join(unknown)}; there are {', '.join(LISTS)}"
            raise ValueError(message)
        return self

    def lists(self) -> list[str]:
        """The streams that can be read: all of the older API, the ones with an address of API 2.0."""
        return list(LISTS) if self.token is None else [name for name in LISTS if name in {**_ADDRESSES, **self.addresses}]


class FreshOfficeConnector:
    """One account.

    Args:
        options: of the source.
        context: of the source.
        http: the client, which knows the credentials.
    """

    def __init__(self, options: FreshOfficeOptions, context: Context, http: HttpClient) -> None:
        self._options = options
        self._source = context.source
        self._note = context.note
        self._http = http
        self._url = options.url or ("https://api.myfreshcloud.com" if options.token is None else "https://do.myfreshcloud.com")

    def check(self) -> str:
        """Whether every list comes."""
        if self._options.token is not None and not self._options.addresses:
            message = f"{self._source}: API 2.0 publishes no addresses of its lists; name those of deals, companies, users in addresses."
            raise PermanentError(message)
        counts = [f"{name} {len(next(self._pages(name), []))}" for name in self._streams()]
        return f"FreshOffice answers; records on the first pages: {', '.join(counts)}."

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def extract(self, request: Extraction) -> Iterator[Page]:
        """Every record of one list."""
        name = request.stream.name
        if name not in self._streams():
            return
        key = LISTS[name][1]
        for rows in self._pages(name):
            records: list[Record] = []
            rejected: list[tuple[Any, str]] = []
            for row in rows:
                told = _id(row, key)
                if told is None:
                    rejected.append((row, f"{key} is empty"))
                else:
                    records.append(Record(told, row))
            yield Page(records, rejected=rejected)
        yield Page(complete=True)

    def _streams(self) -> list[str]:
        return self._options.lists()

    def _pages(self, name: str) -> Iterator[list[JsonObject]]:
        return self._older(name) if self._options.token is None else self._newer(name)

    def _older(self, name: str) -> Iterator[list[JsonObject]]:
        entity, key = LISTS[name]
        after: str | None = None
        parameters = {"$orderby": key, "$top": str(_PAGE), "$format": "json"} | ({"$expand": "tovar_doc"} if name == "documents" else {})
        while True:
            more = {"$filter": f"{key} gt {after}"} if after is not None else {}
            rows = self._asked(f"{self._url}/{entity}/", {**parameters, **more}, name)
            if not rows:
                return
            last = _id(rows[-1], key)
            if last is None or last == after:
                message = f"{self._source}: {entity}: the service does not go on after {key} {after}; its list cannot be read whole."
                raise PermanentError(message)
            yield rows
            after = last if last.isdigit() else f"'{last}'"

    def _newer(self, name: str) -> Iterator[list[JsonObject]]:
        address = {**_ADDRESSES, **self._options.addresses}[name]
        page = 1
        while True:
            bodies: list[JsonObject] = []
            rows = self._asked(f"{self._url}/{address.strip('/')}", {"page": str(page)}, name, bodies)
            yield rows
            if not rows or page >= int(bodies[-1].get("pages") or 1):
                return
            page += 1

    def _asked(self, url: str, parameters: dict[str, str], name: str, bodies: list[JsonObject] | None = None) -> list[JsonObject]:
        found: list[list[JsonObject]] = []

        def explain(response: httpx.Response) -> SourceError | None:
            if not response.is_success:
                return None
            body = parse_json(response, f"{self._source}: {name}")
            if isinstance(body, dict) and body.get("error") and "value" not in body:
                told = redact(str(body["error"]))[:200]
                message = f"{self._source}: FreshOffice refuses {name} ({told}); correct the source in skvoz.toml."
                return PermanentError(message)
            rows = rows_of(body)
            if rows is None:
                message = f"{self._source}: {name}: the answer holds no list; correct its address in skvoz.toml."
                return PermanentError(message)
            found.append(rows)
            if bodies is not None:
                bodies.append(body)
            return None

        self._http.response("GET", url, params=parameters, explain=explain)
        return found[-1]


def rows_of(body: Any) -> list[JsonObject] | None:
    """The records of an answer of either API: {d: {results: […]}}, {d: […]}, {value: […]}, {value: "[…]"}, […]."""
    if isinstance(body, dict):
        inner = body.get("d", body.get("value"))
        inner = inner.get("results") if isinstance(inner, dict) and "results" in inner else inner
        if isinstance(inner, str):
            try:
                inner = orjson.loads(inner)
            except orjson.JSONDecodeError:
                return None
        body = list(inner.values()) if isinstance(inner, dict) else inner if inner is not None else [] if body.get("rows") == 0 else None
    return [row for row in body if isinstance(row, dict)] if isinstance(body, list) else None


def _id(row: JsonObject, key: str) -> str | None:
    """The id under the older API's name or, in API 2.0, under `id` in any case."""
    for name in (key, "id", "ID", "Id"):
        if row.get(name) not in (None, ""):
            return str(row[name])
    return None


def connect(options: FreshOfficeOptions, context: Context) -> FreshOfficeConnector:
    """A connector for these options; nothing is asked yet."""
    headers: dict[str, str] = {"Accept": "application/json"}
    pair = None
    if options.token is not None:
        register_secret(options.token.get_secret_value())
        headers["Authorization"] = f"Bearer {options.token.get_secret_value()}"
    elif options.api_key is not None:
        register_secret(options.api_key.get_secret_value())
        pair = (str(options.api_id).encode(), options.api_key.get_secret_value().encode())
    return FreshOfficeConnector(options, context, HttpClient(context.source, per_second=3.0, headers=headers, auth=pair))


_FEEDS: dict[str, tuple[str, ...]] = {
    "users": ("dim_managers",),
    "companies": ("dim_customers", "customer_links"),
    "contacts": ("dim_customers", "customer_links"),
    "deal_types": ("dim_stages",),
    "deals": ("fct_deals", "sales_funnel"),
    "document_types": (),
    "documents": ("fct_orders", "fct_payments", "order_changes"),
    "document_fields": (),
}
# FreshOffice has no history of stages, and tells an order's present state only: what the runs have seen is their history
_FOLLOWED = frozenset({"deals", "documents"})
STREAMS = tuple(
    Stream(name, "everything each time, in the order of the id; rows gone are deleted", _FEEDS[name], versioned=name in _FOLLOWED)
    for name in LISTS
)


def _active(options: FreshOfficeOptions) -> tuple[Stream, ...]:
    return tuple(stream for stream in STREAMS if stream.name in options.lists())


SOURCE = Source(
    type="freshoffice",
    system="freshoffice",
    title="FreshOffice",
    streams=STREAMS,
    options=FreshOfficeOptions,
    connect=connect,
    active_streams=_active,
    dbt_options=("won", "lost", "orders", "payments"),
)

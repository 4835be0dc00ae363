"""A local amoCRM / Kommo: API v4 and OAuth2 as the real system answers, limits and quirks included.

`build_app(company)` projects the sandbox company; `serve(store)` serves any store. Tests edit `app.state.store` while it runs and read
`app.state.log`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import formatdate, parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingestion.sandbox import amocrm_lists as lists
from ingestion.sandbox import php_query
from ingestion.sandbox.amocrm_lists import BadQueryError, ListKind
from ingestion.sandbox.amocrm_records import company_store
from ingestion.sandbox.amocrm_store import CARDS, AmoCrmStore
from ingestion.sandbox.faults import FaultLayer, FaultPlan, FaultSwitch, RequestLog
from ingestion.spec import JsonObject

if TYPE_CHECKING:
    from ingestion.sandbox.company import Company

IP_BLOCK = (
    b"<html>\n<head><title>403 Forbidden</title></head>\n<body>\n<center><h1>403 Forbidden</h1></center>\n"
    b"<hr><center>nginx</center>\n</body>\n</html>\n"
)
CARD_FILTERS = ("id", "pipeline_id", "status_id", "responsible_user_id", "created_by", "updated_by", "loss_reason_id")
CONDITIONAL = frozenset({*CARDS, "tasks"})
"""Lists that honour If-Modified-Since."""
ACCOUNT_FIELDS_WITH = ("amojo_id", "version", "is_api_filter_enabled", "drive_url")

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class AmoCrmOptions:
    """How this account is set up and how it misbehaves.

    Attributes:
        api_filter: whether support has switched filters on for leads, contacts and companies.
        requests_per_second: over it 429 with a body that is no JSON; 0 is no limit (the real one is 7).
        block_after: so many refusals in a row end in 403 from nginx, an IP block.
        events_per_page: 100 by the amocrm.ru documentation, 250 by Kommo's.
        short_pages: every third page is one record short although more follow.
        bare_next_links: `_links.next` forgets `with`, `filter` and `limit`.
        minor_units: the account counts cents: `price` is cut to a whole number, `price_with_minor_units` has them.
        unpaid: the account's subscription has ended: 402.
        faults: which answers the network spoils.
    """

    api_filter: bool = True
    requests_per_second: int = 0
    block_after: int = 20
    events_per_page: int = 250
    short_pages: bool = True
    bare_next_links: bool = False
    minor_units: bool = False
    unpaid: bool = False
    faults: FaultPlan = field(default_factory=FaultPlan)


def build_app(company: Company, **options: Any) -> Starlette:
    """The account of the sandbox company.

    Args:
        company: what the account holds is projected from it once; later deeds happen to `app.state.store`.
        options: fields of AmoCrmOptions, and `clock`.
    """
    clock = options.pop("clock", None)
    chosen = AmoCrmOptions(**options)
    store = company_store(company, minor_units=chosen.minor_units)
    if clock is not None:
        store.clock = store.tokens.clock = clock
    return serve(store, chosen)


def serve(store: AmoCrmStore, options: AmoCrmOptions) -> Starlette:
    """An app over a store; `app.state` has `store`, `log` and `faults`."""
    log, faults = RequestLog(), FaultSwitch(options.faults)
    account = AccountApi(store, options)
    app = Starlette(routes=account.routes(), middleware=[Middleware(FaultLayer, log=log, switch=faults)])
    app.state.store = store
    app.state.log = log
    app.state.faults = faults
    return app


class AccountApi:
    """The endpoints of one account."""

    def __init__(self, store: AmoCrmStore, options: AmoCrmOptions) -> None:
        self.store = store
        self.options = options
        self._recent: deque[float] = deque()
        self._refused = 0

    def routes(self) -> list[Route]:
        """Everything this account answers; other paths are 404."""
        api = "/api/v4"
        plain = [
            ListKind("leads", "leads", CARD_FILTERS, ("updated_at", "created_at", "id")),
            ListKind("contacts", "contacts", CARD_FILTERS, ("updated_at", "created_at", "id")),
            ListKind("companies", "companies", CARD_FILTERS, ("updated_at", "created_at", "id")),
            ListKind(
                "tasks",
                "tasks",
                ("id", "is_completed", "entity_type", "entity_id", "responsible_user_id", "task_type_id"),
                ("created_at", "complete_till", "updated_at", "id"),
            ),
            ListKind("leads/unsorted", "unsorted", ("uid", "category", "pipeline_id"), ("created_at", "updated_at")),
            ListKind("events", "events", ("id", "type", "created_by"), (), cap=self.options.events_per_page),
            ListKind("users", "users"),
            ListKind("leads/pipelines", "pipelines", paged=False),
            ListKind("leads/loss_reasons", "loss_reasons", paged=False),
        ]
        for entity in CARDS:
            plain.append(ListKind(f"{entity}/custom_fields", "custom_fields", ("id", "type"), ("sort", "id")))
            plain.append(ListKind(f"{entity}/notes", "notes", ("id", "note_type", "entity_id"), ("updated_at", "created_at", "id")))
        made = [Route(f"{api}/{kind.collection}", self._guarded(self._list(kind))) for kind in plain]
        made += [
            Route(f"{api}/{kind.collection}/{{key}}", self._guarded(self._one(kind)))
            for kind in plain
            if kind.collection not in {"leads/unsorted"}
        ]
        return [
            Route("/oauth2/access_token", self._token, methods=["POST"]),
            Route(f"{api}/account", self._guarded(self._account)),
            # the more special paths first: /leads/pipelines is no lead with the id "pipelines"
            *sorted(made, key=lambda route: (-route.path.count("/"), "{" in route.path)),
            Route("/{path:path}", self._guarded(_unknown)),
        ]

    def _guarded(self, answer: Endpoint) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            refused = self._pace() or self._refuse(request)
            if refused is not None:
                return refused
            try:
                return await answer(request)
            except BadQueryError as problem:
                return _problem(400, "Bad Request", str(problem))

        return endpoint

    def _pace(self) -> Response | None:
        """7 requests in a second and no more; who does not listen is shut out."""
        allowed = self.options.requests_per_second
        if not allowed:
            return None
        now = self.store.clock()
        while self._recent and now - self._recent[0] >= 1.0:
            self._recent.popleft()
        if self._refused >= self.options.block_after:
            return Response(IP_BLOCK, 403, media_type="text/html")
        if len(self._recent) >= allowed:
            self._refused += 1
            return Response("Too many requests", 429, media_type="text/plain")
        self._recent.append(now)
        self._refused = 0
        return None

    def _refuse(self, request: Request) -> Response | None:
        if not self.store.tokens.allows(request.headers.get("authorization")):
            return _problem(401, "Unauthorized", "Неверный логин или пароль")
        if self.options.unpaid:
            return _problem(402, "Payment Required", "Аккаунт не оплачен")
        return None

    async def _token(self, request: Request) -> Response:
        try:
            body = orjson.loads(await request.body())
        except orjson.JSONDecodeError:
            body = {}
        status, answer = self.store.tokens.exchange(body)
        media = "application/json" if status == 200 else "application/problem+json"
        return Response(orjson.dumps(answer), status, media_type=media)

    async def _account(self, request: Request) -> Response:
        asked = _asked(php_query.parse(request.url.query))
        account = dict(self.store.account)
        account["is_api_filter_enabled"] = self.options.api_filter
        shown = {name: value for name, value in account.items() if name not in ACCOUNT_FIELDS_WITH or name in asked}
        embedded = {name: value for name, value in account["_embedded"].items() if name in asked}
        # PHP cannot tell an empty object from an empty list
        shown["_embedded"] = embedded or []
        return _hal(orjson.dumps(shown))

    def _list(self, kind: ListKind) -> Endpoint:
        async def answer(request: Request) -> Response:
            query = php_query.parse(request.url.query)
            collection = self.store.collection(kind.collection)
            if kind.collection in CONDITIONAL:
                since = request.headers.get("if-modified-since")
                if since and collection.changed_at <= parsedate_to_datetime(since).timestamp():
                    return Response(status_code=304)
            if not kind.paged:
                return self._dictionary(kind)
            number = max(lists.whole_number(query.get("page", "1"), "page"), 1)
            limit = lists.whole_number(query.get("limit", str(lists.DEFAULT_LIMIT)), "limit")
            if not 1 <= limit <= lists.MAX_LIMIT:
                message = f"limit: this value should be between 1 and {lists.MAX_LIMIT}"
                raise BadQueryError(message)
            return self._page(request, kind, query, number, min(limit, kind.cap))

        return answer

    def _page(self, request: Request, kind: ListKind, query: JsonObject, number: int, limit: int) -> Response:
        collection = self.store.collection(kind.collection)
        asked = _asked(query)
        deleted = kind.collection in CARDS and "only_deleted" in asked
        if deleted:
            bin_ = self.store.trash[kind.collection]
            cut = lists.page(sorted(bin_), number, limit, short=False)
            rows = [orjson.dumps(_tombstone(bin_[key])) for key in cut.keys]
        else:
            filtered = self.options.api_filter or kind.collection not in lists.ALPHA_FILTERED
            keys = lists.select(collection, kind, query, filtered=filtered)
            cut = lists.page(keys, number, limit, short=self.options.short_pages)
            variant = ",".join(sorted(asked))
            rows = collection.encoded(cut.keys, variant, lambda row: lists.shaped(kind.collection, row, asked))
        if not rows:
            return Response(status_code=204, media_type="text/html")
        base = f"{request.url.scheme}://{request.headers['host']}"
        made = lists.links(base, request.url.path, query, number, has_next=cut.has_next, bare=self.options.bare_next_links)
        headers = {"Last-Modified": formatdate(collection.changed_at, usegmt=True)} if kind.collection in CONDITIONAL else None
        return _hal(lists.envelope(kind.embedded, number, made, rows), headers)

    def _dictionary(self, kind: ListKind) -> Response:
        collection = self.store.collection(kind.collection)
        if not len(collection):
            return Response(status_code=204, media_type="text/html")
        body = {"_total_items": len(collection), "_embedded": {kind.embedded: list(collection.rows.values())}}
        return _hal(orjson.dumps(body))

    def _one(self, kind: ListKind) -> Endpoint:
        async def answer(request: Request) -> Response:
            key: str = request.path_params["key"]
            row = self.store.collection(kind.collection).rows.get(int(key) if key.isdigit() else key)
            if row is None:
                return Response(status_code=204, media_type="text/html")
            asked = _asked(php_query.parse(request.url.query))
            return _hal(orjson.dumps(lists.shaped(kind.collection, row, asked)))

        return answer


def _asked(query: JsonObject) -> frozenset[str]:
    return frozenset(php_query.several(query.get("with")))


def _tombstone(row: JsonObject) -> JsonObject:
    """What is left to see of a deleted card."""
    return {"id": row["id"], "updated_at": row["updated_at"], "is_deleted": True, "_links": row.get("_links", [])}


def _hal(body: bytes, headers: dict[str, str] | None = None) -> Response:
    return Response(body, headers=headers, media_type="application/hal+json")


def _problem(status: int, title: str, detail: str) -> Response:
    body = {"title": title, "type": f"https://httpstatus.es/{status}", "status": status, "detail": detail}
    return Response(orjson.dumps(body), status, media_type="application/problem+json")


async def _unknown(request: Request) -> Response:
    return _problem(404, "Not Found", f"Запрошенный ресурс {request.url.path} не существует")

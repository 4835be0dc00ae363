"""A local REST service of no particular make, with every way of dividing pages that is met, for the source type `rest`.

`GET|POST /v1/<table>`: the table's rows as `RestTable` says: paged by number, offset, mark, `Link` header or address; never more than
`cap` rows at a time whatever is asked for, so that a short page is no last page; `204` past the end of some.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingestion.sandbox.faults import FaultLayer, FaultPlan, FaultSwitch, RequestLog
from ingestion.spec import JsonObject

TOKEN = "sandbox-rest-token"
USERNAME = "reader"


@dataclass
class RestTable:
    """One address.

    Attributes:
        rows: JSON objects.
        paging: none | page | offset | cursor | link | next.
        envelope: path of the list in the answer; "" for a bare list.
        changed: field that `since` filters by; "" where the parameter is ignored.
    """

    rows: list[JsonObject]
    paging: str = "page"
    envelope: str = "data"
    changed: str = ""


@dataclass
class RestOptions:
    """How the service behaves: `auth` is bearer | basic | header | query, `cap` the most rows of a page."""

    auth: str = "bearer"
    cap: int = 3
    faults: FaultPlan = field(default_factory=FaultPlan)


def serve(tables: dict[str, RestTable], options: RestOptions | None = None) -> Starlette:
    """An app over tables; `app.state` has `tables`, `log`, `faults`."""
    chosen = options or RestOptions()
    log, faults = RequestLog(), FaultSwitch(chosen.faults)
    service = _Service(tables, chosen)
    app = Starlette(
        routes=[Route("/v1/{table}", service.answer, methods=["GET", "POST"])], middleware=[Middleware(FaultLayer, log=log, switch=faults)]
    )
    app.state.tables = tables
    app.state.log = log
    app.state.faults = faults
    return app


class _Service:
    def __init__(self, tables: dict[str, RestTable], options: RestOptions) -> None:
        self.tables = tables
        self.options = options

    async def answer(self, request: Request) -> Response:
        if not self._welcome(request):
            return _json({"error": "unauthorized"}, 401)
        table = self.tables.get(request.path_params["table"])
        if table is None:
            return _json({"error": "not found"}, 404)
        asked: dict[str, Any] = dict(request.query_params)
        body = await request.body()
        if request.method == "POST" and body:
            asked |= orjson.loads(body)
        rows = [row for row in table.rows if _is_since(row, table, asked.get("since"))]
        size = min(int(asked.get("limit", self.options.cap)), self.options.cap)
        return self._page(request, table, rows, asked, size)

    def _page(self, request: Request, table: RestTable, rows: list[JsonObject], asked: Mapping[str, Any], size: int) -> Response:
        match table.paging:
            case "page":
                start = (int(asked.get("page", 1)) - 1) * size
            case "offset":
                start = int(asked.get("offset", 0))
            case "cursor" | "link" | "next":
                start = int(asked.get("after") or 0)
            case _:
                start, size = 0, len(rows)
        part = rows[start : start + size]
        if start and not part and table.paging == "page":
            return Response(b"", 204)
        more = start + size < len(rows)
        query = urlencode({**{name: value for name, value in asked.items() if name != "key"}, "after": start + size})
        address = f"{request.url.scheme}://{request.headers['host']}{request.url.path}?{query}"
        body: Any = part
        if table.envelope:
            body = {table.envelope: part, "total": len(rows)}
            if table.paging == "cursor":
                body["meta"] = {"after": str(start + size) if more else None}
            if table.paging == "next":
                body["next"] = f"{request.url.path}?{query}" if more else None
        headers = {"link": f'<{address}>; rel="next", <{address}>; rel="last"'} if table.paging == "link" and more else {}
        return _json(body, 200, headers)

    def _welcome(self, request: Request) -> bool:
        match self.options.auth:
            case "basic":
                return request.headers.get("authorization") == "Basic " + base64.b64encode(f"{USERNAME}:{TOKEN}".encode()).decode()
            case "header":
                return request.headers.get("x-api-key") == TOKEN
            case "query":
                return request.query_params.get("key") == TOKEN
        return request.headers.get("authorization") == f"Bearer {TOKEN}"


def _is_since(row: JsonObject, table: RestTable, since: str | None) -> bool:
    if not since or not table.changed:
        return True
    return datetime.fromisoformat(row[table.changed]) >= datetime.fromisoformat(since.replace("Z", "+00:00"))


def _json(body: Any, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json", headers=dict(headers or {}))

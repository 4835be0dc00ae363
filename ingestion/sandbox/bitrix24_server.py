"""A local Bitrix24 portal: REST by webhook and OAuth as the real one answers, limits and quirks included.

`build_app(company)` projects the sandbox company; `serve(store)` serves any store. Tests edit `app.state.store` while it runs and read
`app.state.log`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import time as wall_clock
from typing import TYPE_CHECKING, Any

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingestion.sandbox import php_query
from ingestion.sandbox.bitrix24_limits import Bucket, WorkMeter
from ingestion.sandbox.bitrix24_lists import Answer, RestError
from ingestion.sandbox.bitrix24_methods import Method, Portal
from ingestion.sandbox.bitrix24_records import company_portal
from ingestion.sandbox.bitrix24_registry import METHODS, UNIVERSAL
from ingestion.sandbox.bitrix24_store import PortalStore, stamp
from ingestion.sandbox.clock import MOSCOW
from ingestion.sandbox.faults import FaultLayer, FaultPlan, FaultSwitch, RequestLog
from ingestion.spec import JsonObject

if TYPE_CHECKING:
    from ingestion.sandbox.company import Company

BATCH_LENGTH = 50
REFERENCE = re.compile(r"\$result((?:\[[^\]]+\])+)")
OVERLOADED = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>\r\n"
)


@dataclass(frozen=True, slots=True)
class Bitrix24Options:
    """How this portal is set up and how it misbehaves.

    Attributes:
        universal_methods: crm.item.* and crm.category.list exist; False is an older portal, where only the older methods answer.
        history_as_text: crm.stagehistory.list answers strings.
        scopes: what the webhook or application may touch.
        denied: methods that answer ACCESS_DENIED, as voximplant.statistic.get does without the right to call statistics.
        requests_per_second: drain of the leaky bucket; 0 is no limit (the real ones: 2, and 5 on Enterprise).
        bucket_size: requests that the bucket holds (50 or 250).
        operating_limit: seconds of work per method inside `operating_window`; 0 is no limit (the cloud's example: 480 in 600).
        operating_window: seconds.
        seconds_of_work: what one call counts as work.
        overload_limit: blocked by hand: 503 OVERLOAD_LIMIT.
        overload_page: an overloaded portal answers HTML.
        faults: which answers the network spoils.
    """

    universal_methods: bool = True
    history_as_text: bool = False
    scopes: frozenset[str] = frozenset({"crm", "user", "telephony"})
    denied: frozenset[str] = frozenset()
    requests_per_second: float = 0.0
    bucket_size: int = 50
    operating_limit: float = 0.0
    operating_window: float = 600.0
    seconds_of_work: float = 0.05
    overload_limit: bool = False
    overload_page: bool = False
    faults: FaultPlan = field(default_factory=FaultPlan)


def build_app(company: Company, **options: Any) -> Starlette:
    """The portal of the sandbox company.

    Args:
        company: what the portal holds is projected from it once; later deeds happen to `app.state.store`.
        options: fields of Bitrix24Options, and `clock`.
    """
    clock = options.pop("clock", None)
    store = company_portal(company)
    if clock is not None:
        store.clock = store.tokens.clock = clock
    return serve(store, Bitrix24Options(**options))


def serve(store: PortalStore, options: Bitrix24Options) -> Starlette:
    """An app over a store; `app.state` has `store`, `log` and `faults`."""
    log, faults = RequestLog(), FaultSwitch(options.faults)
    rest = Rest(store, options)
    post_or_get = ["GET", "POST"]
    app = Starlette(
        routes=[
            Route("/oauth/token/", rest.token, methods=post_or_get),
            Route("/rest/{user}/{code}/{method}", rest.by_webhook, methods=post_or_get),
            Route("/rest/{method}", rest.by_token, methods=post_or_get),
        ],
        middleware=[Middleware(FaultLayer, log=log, switch=faults)],
    )
    app.state.store = store
    app.state.log = log
    app.state.faults = faults
    return app


class Rest:
    """The REST module of one portal."""

    def __init__(self, store: PortalStore, options: Bitrix24Options) -> None:
        self.store = store
        self.options = options
        self.portal = Portal(store, options.history_as_text, options.scopes)
        self.bucket = Bucket(options.requests_per_second, options.bucket_size, lambda: store.clock())
        self.meter = WorkMeter(options.operating_limit, options.operating_window, lambda: store.clock())
        self.methods: dict[str, tuple[str, Method]] = METHODS | (UNIVERSAL if options.universal_methods else {})

    async def token(self, request: Request) -> Response:
        """`/oauth/token/`: in life another host, for every portal the same."""
        status, body = self.store.tokens.exchange(await _params(request), f"{request.url.scheme}://{request.headers['host']}")
        return _json(body, status)

    async def by_webhook(self, request: Request) -> Response:
        """`/rest/{user}/{code}/{method}`."""
        path = request.path_params
        if (path["user"], path["code"]) not in self.store.tokens.webhooks:
            return _json({"error": "NO_AUTH_FOUND", "error_description": "Wrong authorization data"}, 401)
        return self._answer(path["method"], await _params(request))

    async def by_token(self, request: Request) -> Response:
        """`/rest/{method}` with `auth` among the parameters or as a Bearer header."""
        params = await _params(request)
        header = request.headers.get("authorization", "").removeprefix("Bearer ")
        refused = self.store.tokens.refusal(params.get("auth") or header or None)
        if refused is not None:
            return _json({"error": refused[0], "error_description": refused[1]}, 401)
        return self._answer(request.path_params["method"], params)

    def _answer(self, name: str, params: Mapping[str, Any]) -> Response:
        if self.options.overload_page:
            return Response(OVERLOADED, 200, media_type="text/html")
        began = wall_clock()
        method = name.removesuffix(".json").lower()
        try:
            self._admit()
            if method == "batch":
                result, cost = self._batch(params)
                return _json({"result": result, "time": self._time("batch", began, cost)})
            answer = self._call(method, params)
        except RestError as problem:
            return _json({"error": problem.error, "error_description": problem.description}, problem.status)
        body: JsonObject = {"result": answer.result}
        if answer.next is not None:
            body["next"] = answer.next
        if answer.total is not None:
            body["total"] = answer.total
        return _json(body | {"time": self._time(method, began, self.options.seconds_of_work)})

    def _admit(self) -> None:
        if self.options.overload_limit:
            raise RestError(503, "OVERLOAD_LIMIT", "REST API is blocked due to overload.")
        if self.bucket.overflows():
            raise RestError(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")

    def _call(self, name: str, params: Mapping[str, Any]) -> Answer:
        """One method, alone or inside a batch; its work counts either way."""
        if name == "batch":
            raise RestError(405, "ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage")
        if name not in self.methods:
            raise RestError(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
        needed, method = self.methods[name]
        if needed and needed not in self.options.scopes:
            reason = "The request requires higher privileges than provided by the webhook token"
            raise RestError(403, "insufficient_scope", reason)
        if name in self.options.denied:
            raise RestError(403, "ACCESS_DENIED", "Access denied!")
        if self.meter.exhausted(name):
            raise RestError(429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.")
        self.meter.add(name, self.options.seconds_of_work)
        return method(self.portal, params)

    def _batch(self, params: Mapping[str, Any]) -> tuple[JsonObject, float]:
        commands = params.get("cmd") or {}
        named = commands if isinstance(commands, Mapping) else {str(number): one for number, one in enumerate(commands)}
        if len(named) > BATCH_LENGTH:
            raise RestError(400, "ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
        halt = str(params.get("halt", "0")).lower() in {"1", "true", "y"}
        parts: dict[str, dict[str, Any]] = {key: {} for key in ("result", "result_error", "result_total", "result_next", "result_time")}
        for name, command in named.items():
            began = wall_clock()
            path, _, query = str(command).partition("?")
            arguments = php_query.lists(_resolve(php_query.parse(query), parts["result"]))
            method = path.removeprefix("/").removesuffix(".json").lower()
            try:
                answer = self._call(method, arguments)
            except RestError as problem:
                parts["result_error"][name] = {"error": problem.error, "error_description": problem.description}
                if halt:
                    break
                continue
            parts["result"][name] = answer.result
            parts["result_time"][name] = self._time(method, began, self.options.seconds_of_work)
            if answer.total is not None:
                parts["result_total"][name] = answer.total
            if answer.next is not None:
                parts["result_next"][name] = answer.next
        cost = self.options.seconds_of_work * len(parts["result"])
        return {key: as_php(value) for key, value in parts.items()}, cost

    def _time(self, method: str, began: float, cost: float) -> JsonObject:
        finish = wall_clock()
        return {
            "start": began,
            "finish": finish,
            "duration": finish - began,
            "processing": cost,
            "date_start": stamp(datetime.fromtimestamp(began, MOSCOW)),
            "date_finish": stamp(datetime.fromtimestamp(finish, MOSCOW)),
            "operating_reset_at": self.meter.reset_at(method),
            "operating": self.meter.operating(method),
        }


def as_php(values: dict[str, Any]) -> Any:
    """A map as PHP writes it: nothing is `[]`, keys 0, 1, … are a list."""
    return list(values.values()) if list(values) == [str(number) for number in range(len(values))] else values


def _resolve(tree: Any, results: Mapping[str, Any]) -> Any:
    """Put earlier results in the place of `$result[name][49][ID]`; what is not there becomes nothing."""
    if isinstance(tree, dict):
        return {key: _resolve(value, results) for key, value in tree.items()}
    return REFERENCE.sub(lambda found: _looked_up(found[1], results), tree) if isinstance(tree, str) else tree


def _looked_up(path: str, results: Any) -> str:
    found: Any = results
    for part in re.findall(r"\[([^\]]+)\]", path):
        if isinstance(found, Mapping) and part in found:
            found = found[part]
        elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            return ""
    return str(found)


async def _params(request: Request) -> dict[str, Any]:
    """Parameters of the query and of a JSON or form body; the body wins."""
    params: dict[str, Any] = php_query.lists(php_query.parse(request.url.query)) or {}
    body = await request.body()
    if not body:
        return params
    if "json" in request.headers.get("content-type", ""):
        try:
            given = orjson.loads(body)
        except orjson.JSONDecodeError:
            given = {}
    else:
        given = php_query.lists(php_query.parse(body.decode()))
    return params | (given if isinstance(given, dict) else {})


def _json(body: JsonObject, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json; charset=utf-8")

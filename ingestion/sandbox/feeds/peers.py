"""An app of some routes behind the fault layer, as every local peer is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingestion.sandbox.faults import FaultLayer, FaultPlan, FaultSwitch, RequestLog

Answer = Callable[[Request], Awaitable[Response]]


def peer(routes: Mapping[str, Answer], faults: FaultPlan | None = None) -> Starlette:
    """An app that answers these paths, GET and POST alike; `app.state` has `log` and `faults`."""
    log, switch = RequestLog(), FaultSwitch(faults or FaultPlan())
    app = Starlette(
        routes=[Route(path, answer, methods=["GET", "POST"]) for path, answer in routes.items()],
        middleware=[Middleware(FaultLayer, log=log, switch=switch)],
    )
    app.state.log = log
    app.state.faults = switch
    return app

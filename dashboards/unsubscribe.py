"""Stopping a report from its mail: a GET shows a page with a button, only a POST stops it (RFC 8058 one-click posts by itself)."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from dashboards.state import settings
from reports.delivery.unsubscribe import LinkError, page, unsubscribe


async def show(request: Request) -> Response:
    """Asks; changes nothing, for mail scanners open every link."""
    return _page(request, stopped=False)


async def stop(request: Request) -> Response:
    """Stops the report for the link's address."""
    try:
        unsubscribe(settings(), request.query_params.get("t", ""))
    except LinkError as error:
        return PlainTextResponse(str(error), status_code=400)
    return _page(request, stopped=True)


def _page(request: Request, *, stopped: bool) -> Response:
    try:
        html = page(settings(), request.query_params.get("t", ""), stopped=stopped)
    except LinkError as error:
        return PlainTextResponse(str(error), status_code=400)
    return HTMLResponse(html, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})

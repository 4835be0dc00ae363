"""Stopping a report from its mail: a GET shows a page with a button, only a POST stops it (RFC 8058 one-click posts by itself)."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from dashboards.state import settings
from reports.delivery.unsubscribe import LinkError, invalid_page, page, unsubscribe


async def show(request: Request) -> Response:
    """Asks; changes nothing, for mail scanners open every link."""
    return _page(request, stopped=False)


async def stop(request: Request) -> Response:
    """Stops the report for the link's address."""
    try:
        unsubscribe(settings(), request.query_params.get("t", ""))
    except LinkError:
        return _invalid()
    return _page(request, stopped=True)


def _page(request: Request, *, stopped: bool) -> Response:
    try:
        html = page(settings(), request.query_params.get("t", ""), stopped=stopped)
    except LinkError:
        return _invalid()
    return HTMLResponse(html, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def _invalid() -> Response:
    return HTMLResponse(invalid_page(settings()), status_code=400, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})

"""The door: every request and every websocket needs a session, but for the login itself and what holds no figures."""

from urllib.parse import quote

from anyio import to_thread
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.forms import HEADERS, is_secure, session_cookie
from dashboards.state import sessions

# Streamlit's own scripts and styles hold no figures; the rest of these are the ways in and the watchdogs'.
OPEN = ("/login", "/logout", "/account", "/health", "/unsubscribe", "/auth/login", "/auth/logout", "/oauth2callback", "/favicon.png")
OPEN_BELOW = ("/static/",)
OPEN_STREAMLIT = ("/_stcore/health", "/_stcore/host-config")
POLICY_VIOLATION = 1008


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        """Takes the application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request through, or leads it to the login."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if is_open(scope["path"]) or await _known(HTTPConnection(scope)):
            await self._app(scope, receive, _private(send))
        elif scope["type"] == "websocket":
            # before the handshake is answered this is an HTTP 403: nothing of a page is ever sent
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": "log in first"})
        else:
            await _refusal(Request(scope))(scope, receive, send)


def is_open(path: str) -> bool:
    """Whether a path is for strangers too; `/` only redirects."""
    return path == "/" or path in OPEN or path in OPEN_STREAMLIT or path.startswith(OPEN_BELOW)


async def _known(connection: HTTPConnection) -> bool:
    cookie = connection.cookies.get(session_cookie(secure=is_secure(connection)), "")
    return bool(cookie) and await to_thread.run_sync(sessions().find, cookie) is not None


def _refusal(request: Request) -> PlainTextResponse | RedirectResponse:
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/login?next={quote(request.url.path + query, safe='')}", status_code=303, headers=HEADERS)
    return PlainTextResponse("log in first: /login", status_code=401, headers=HEADERS)


def _private(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("X-Frame-Options", "DENY")
            headers.setdefault("X-Content-Type-Options", "nosniff")
            headers.setdefault("Referrer-Policy", "same-origin")
        await send(message)

    return sent

"""The pages below a path of another site: [dashboard] url with a path, like https://intra.example.ru/skvoz.

Our own addresses are relative and all of one level, so that only what the path is taken from and redirects must know of it.
"""

import re
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reports.settings import Dashboard

_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")


def below(served: Dashboard) -> str:
    """The path that stands before every address, empty if the pages have a host of their own: /skvoz."""
    path = urlsplit(served.url).path.rstrip("/")
    return path if _PATH.fullmatch(path) else ""


class Below:
    """ASGI middleware: takes the path off what is asked (a proxy may have done it already) and puts it before redirects."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        """Takes the application and the path."""
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                location = headers.get("location", "")
                if location.startswith("/") and not location.startswith("//"):
                    headers["location"] = self._prefix + location
            await send(message)

        path = scope["path"]
        if path == self._prefix or path.startswith(f"{self._prefix}/"):
            rest = path[len(self._prefix) :] or "/"
            scope = {**scope, "path": rest, "raw_path": rest.encode()}
        await self._app(scope, receive, sent)

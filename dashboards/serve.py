"""The pages' server: one ASGI application with Streamlit, the login before it, health and the way from `/` to /overview."""

import ipaddress
import logging
import socket
from html import escape
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from anyio import to_thread
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboards import data, login, oidc
from dashboards.below import Below, below
from dashboards.frame import locale
from dashboards.guard import Guard
from dashboards.navigation import ADDRESSES
from dashboards.state import configure, settings
from dashboards.unsubscribe import show, stop
from reports.errors import PublishedError, SettingsError
from reports.theme import DARK, LIGHT, Theme
from reports.wording import load_words

logger = logging.getLogger(__name__)

SCRIPT = Path(__file__).parent / "app.py"
# Listening on every address of the machine, by whatever name it is called.
EVERYWHERE = frozenset({"0.0.0.0", "::", "[::]"})  # noqa: S104 - compared with, not listened on
FONT = "Inter, 'Segoe UI', Roboto, 'Noto Sans', Arial, sans-serif"


def is_loopback(host: str) -> bool:
    """Whether an address is reachable from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


async def health(_request: Request) -> Response:
    """Alive, and which publication is shown; for watchdogs and containers."""
    try:
        published = data.current(settings())
    except PublishedError:
        return JSONResponse({"status": "ok", "published": None, "as_of": None})
    return JSONResponse({"status": "ok", "published": published.version, "as_of": published.publication.as_of_date.isoformat()})


async def home(request: Request) -> Response:
    """Leads to the first page, with whatever stood behind the question mark; a reader who comes from the provider gets a session."""
    told = oidc.identity(request) if settings().dashboard.auth == "oidc" else None
    if told is not None:
        person = await to_thread.run_sync(oidc.person_of_identity, told)
        entered = (
            RedirectResponse("/login?refused=1", status_code=303) if person is None else await login.enter(request, person, "/overview")
        )
        oidc.forget_identity(request, entered)
        return entered
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/overview{query}", status_code=307)


async def page(_request: Request) -> Response:
    """Streamlit's start page, told where its server is.

    Left to itself it first tries the page's own address (/overview/_stcore/…), which costs two round trips and two errors in the
    reader's console at every opening.
    """
    start = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    company = settings().company
    base = f"location.origin + '{below(settings().dashboard)}/'"
    told = f"<script>window.__streamlit = {{ BACKEND_BASE_URL: {base}, HOST_CONFIG_BASE_URL: {base} }}</script>"
    start = start.replace("<head>", f"<head>{told}", 1).replace('lang="en"', f'lang="{company.locale}"', 1)
    return HTMLResponse(start.replace("<title>Streamlit</title>", f"<title>{escape(company.name)}</title>"))


def explain_failure(error: Exception) -> bool:
    """Writes the trace to the log and one plain sentence to the page, instead of the trace."""
    logger.error("a page failed", exc_info=error)
    st.error(load_words(locale()).text("page.broken"))
    return True


def make_app() -> st.App:
    """The ASGI application; `configure` must have been called."""
    pages = [Route(f"/{address}", page, methods=["GET"]) for address in ADDRESSES]
    routes = [Route("/", home, methods=["GET"]), Route("/health", health, methods=["GET"]), *pages]
    routes += [Route("/unsubscribe", show, methods=["GET"]), Route("/unsubscribe", stop, methods=["POST"])]
    prefix = below(settings().dashboard)
    middleware = [Middleware(Below, prefix=prefix)] if prefix else []
    if settings().dashboard.auth == "none":
        return st.App(SCRIPT, routes=routes, middleware=middleware, on_script_error=explain_failure)
    routes += login.routes()
    middleware.append(Middleware(Guard))
    return st.App(SCRIPT, routes=routes, middleware=middleware, secrets=oidc.secrets_for(settings()), on_script_error=explain_failure)


def allowed_hosts(host: str) -> list[str]:
    """The names that a request may call this machine by: those of loopback, the one listened on, and the one readers open."""
    named = urlsplit(settings().dashboard.url).hostname
    if named is None and host in EVERYWHERE:
        return ["*"]
    return sorted({"localhost", "127.0.0.1", "::1", host, *([named] if named else [])})


def server_options(host: str, port: int) -> dict[str, Any]:
    """Streamlit's options: no telemetry, no developer's menus, our colours, only requests that name this machine."""
    return {
        "server.address": host,
        "server.port": port,
        "server.headless": True,
        "logger.hideWelcomeMessage": True,
        "server.fileWatcherType": "none",
        "server.runOnSave": False,
        "server.enableAgentApi": False,
        # a full collection after every answer took two thirds of the server's time with 25 readers (0.2 s in which all of them wait)
        "runner.postScriptGC": False,
        "server.allowedHosts": allowed_hosts(host),
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        **_theme_options("light", LIGHT),
        **_theme_options("dark", DARK),
        "theme.font": FONT,
        "theme.baseRadius": "8px",
    }


def _theme_options(name: str, theme: Theme) -> dict[str, str]:
    return {
        f"theme.{name}.primaryColor": theme.accent,
        f"theme.{name}.backgroundColor": theme.ground,
        f"theme.{name}.secondaryBackgroundColor": theme.paper,
        f"theme.{name}.textColor": theme.ink,
        f"theme.{name}.borderColor": theme.line,
        f"theme.{name}.linkColor": theme.accent,
    }


def serve_dashboard(config_path: Path, host: str, port: int) -> None:
    """Serves the pages until Ctrl-C or SIGTERM.

    Args:
        config_path: skvoz.toml.
        host: the address to listen on; a loopback one, where nobody has to log in.
        port: the port to listen on.

    Raises:
        SettingsError: if the configuration cannot be used, the way to log in is not complete, or the port is taken.
    """
    served = configure(config_path).dashboard
    if served.auth == "none" and not is_loopback(host):
        msg = f'--host {host}: pages without login are served on a loopback address only; set [dashboard] auth = "local", or use a tunnel.'
        raise SettingsError(str(config_path), [msg])
    if served.missing():
        raise SettingsError(str(config_path), served.missing())
    if not is_loopback(host) and not served.url.startswith("https://"):
        logger.warning(
            "--host %s: passwords and figures travel readable; put a proxy with https before it, and its address into [dashboard] url", host
        )
    # Streamlit would quietly take the next free port, and whoever knows the address would look in vain
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            raise SettingsError(str(config_path), [f"--port {port}: it cannot be listened on: {error}; choose another."]) from error
    # plotly looks for it at every figure and must not find it half loaded by the first two sessions at once
    import_module("pandas")
    make_app().run(config=server_options(host, port))

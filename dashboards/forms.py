"""Forms of our own pages: read without trust, sent only from our own pages, answered with strict headers."""

import hmac
import secrets
from urllib.parse import parse_qs, urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, Response

from dashboards.navigation import ADDRESSES
from dashboards.state import sessions, settings
from dashboards.widgets import rendered
from reports.theme import DARK, LIGHT
from reports.wording import LOCALES, Words, load_words

FORM_COOKIE = "skvoz-form"
FORM_SECONDS = 3600
LONGEST_FORM = 8192
HEADERS = {
    "Cache-Control": "no-store",
    # not no-referrer: with it, browsers send Origin: null along with a form
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
}


def is_secure(request: HTTPConnection) -> bool:
    """Whether readers come over https, to us or to the proxy before us."""
    return request.url.scheme in ("https", "wss") or settings().dashboard.url.startswith("https://")


def session_cookie(*, secure: bool) -> str:
    """The cookie's name; browsers bind the prefix to https, this host and the whole of it."""
    return "__Host-skvoz" if secure else "skvoz"


def wanted_page(asked: str) -> str:
    """Where to go after the login: one of our pages with its query, never another host."""
    parts = urlsplit(asked)
    known = not parts.scheme and not parts.netloc and parts.path.removeprefix("/") in ADDRESSES and asked.startswith("/")
    return asked if known else "/overview"


def words_of(request: Request) -> Words:
    """The language of the address or of the page that was asked for, else the company's."""
    asked = request.query_params.get("lang") or "".join(parse_qs(urlsplit(request.query_params.get("next", "")).query).get("lang", [])[:1])
    return load_words(asked if asked in LOCALES else settings().company.locale)


async def read_form(request: Request) -> dict[str, str] | None:
    """The fields of a form that our own page has sent; None for anything else.

    A form counts when its browser says that it comes from this host, and when the word in it belongs to the reader's form cookie.
    """
    origin = request.headers.get("origin")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return None
    # a proxy on a port of its own may hand the name on without it; the address that readers open is ours as well
    ours = {request.headers.get("host"), urlsplit(settings().dashboard.url).netloc}
    if origin is not None and urlsplit(origin).netloc not in ours - {""}:
        return None
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FORM:
            return None
    try:
        fields = {name: values[0] for name, values in parse_qs(body.decode("ascii"), max_num_fields=10).items()}
    except (UnicodeDecodeError, ValueError):
        return None
    word = request.cookies.get(FORM_COOKIE, "")
    return fields if word and hmac.compare_digest(fields.get("word", "").encode(), _signed(word).encode()) else None


def answer(request: Request, template: str, *, status: int = 200, **values: object) -> Response:
    """One of our own pages, with the word that its forms carry."""
    word = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(16)
    words = words_of(request)
    html = rendered(
        template, words=words, company=settings().company.name, light=LIGHT, dark=DARK, word=_signed(word), request=request, **values
    )
    response = HTMLResponse(html, status_code=status, headers=HEADERS)
    response.set_cookie(FORM_COOKIE, word, max_age=FORM_SECONDS, path="/", secure=is_secure(request), httponly=True, samesite="strict")
    return response


def _signed(word: str) -> str:
    return sessions().signature(f"form {word}")

"""Logging in, logging out and a new password: plain pages of their own, without Streamlit and without scripts."""

import logging
from functools import partial

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboards import oidc
from dashboards.forms import HEADERS, answer, is_secure, read_form, session_cookie, wanted_page, words_of
from dashboards.sessions import MustWaitError
from dashboards.state import sessions, settings
from reports.people import PeopleError, Person

logger = logging.getLogger(__name__)

# A password takes 64 MB and a core for a moment: strangers may keep two cores busy, not all of the machine.
HASHING_AT_ONCE = 2
_hashing = CapacityLimiter(HASHING_AT_ONCE)


async def show_login(request: Request) -> Response:
    """The form; for OpenID Connect, the way to the provider."""
    if await person_of(request) is not None:
        return RedirectResponse(wanted_page(request.query_params.get("next", "")), status_code=303, headers=HEADERS)
    return _login_page(request, request.query_params.get("next", ""))


async def log_in(request: Request) -> Response:
    """Takes name and password; says neither which of them was wrong nor whether anybody has the name."""
    words = words_of(request)
    if settings().dashboard.auth != "local":
        return RedirectResponse("/login", status_code=303, headers=HEADERS)
    form = await read_form(request)
    if form is None:
        return _login_page(request, "", words.text("login.form_old"), status=403)
    name, wanted = form.get("name", "").strip().lower(), form.get("next", "")
    try:
        person = await to_thread.run_sync(partial(sessions().log_in, name, form.get("password", "")), limiter=_hashing)
    except MustWaitError as error:
        logger.warning("login of %r refused: tried too often", name)
        return _login_page(
            request, wanted, words.text("login.wait", minutes=words.count("plural.minutes", error.minutes)), name, status=429
        )
    if person is None:
        logger.warning("login of %r refused", name)
        return _login_page(request, wanted, words.text("login.wrong"), name, status=401)
    return await enter(request, person, wanted_page(wanted))


async def enter(request: Request, person: Person, to: str) -> Response:
    """Opens a session under a fresh name, ends the one before, and leads to a page."""
    cookie = session_cookie(secure=is_secure(request))
    await to_thread.run_sync(sessions().close, request.cookies.get(cookie, ""))
    ticket = await to_thread.run_sync(sessions().open, person)
    response = RedirectResponse(to, status_code=303, headers=HEADERS)
    response.set_cookie(cookie, ticket.cookie, max_age=ticket.seconds, path="/", secure=is_secure(request), httponly=True, samesite="lax")
    return response


async def log_out(request: Request) -> Response:
    """Ends the session; a GET never does."""
    if await read_form(request) is None:
        return RedirectResponse("/account", status_code=303, headers=HEADERS)
    cookie = session_cookie(secure=is_secure(request))
    await to_thread.run_sync(sessions().close, request.cookies.get(cookie, ""))
    response = RedirectResponse("/login", status_code=303, headers=HEADERS)
    response.delete_cookie(cookie, path="/", secure=is_secure(request), httponly=True, samesite="lax")
    return response


async def show_account(request: Request) -> Response:
    """Who is logged in, what they may see, the form for a new password and the way out."""
    person = await person_of(request)
    return _account_page(request, person) if person else RedirectResponse("/login", status_code=303, headers=HEADERS)


async def change_password(request: Request) -> Response:
    """Takes a new password from somebody who knows the present one; every other session of theirs ends."""
    words = words_of(request)
    person = await person_of(request)
    form = await read_form(request)
    if person is None or settings().dashboard.auth != "local":
        return RedirectResponse("/login", status_code=303, headers=HEADERS)
    if form is None:
        return _account_page(request, person, words.text("login.form_old"), status=403)
    if form.get("new") != form.get("again"):
        return _account_page(request, person, words.text("login.not_same"), status=400)
    try:
        known = await to_thread.run_sync(partial(sessions().log_in, person.name, form.get("password", "")), limiter=_hashing)
        if known is None:
            return _account_page(request, person, words.text("login.wrong_password"), status=401)
        await to_thread.run_sync(partial(sessions().people.set_password, person.name, form.get("new", "")), limiter=_hashing)
    except MustWaitError as error:
        wait = words.text("login.wait", minutes=words.count("plural.minutes", error.minutes))
        return _account_page(request, person, wait, status=429)
    except PeopleError:
        return _account_page(request, person, words.text("login.too_short"), status=400)
    return await enter(request, sessions().people.get(person.name), "/account?changed=1")


async def person_of(request: Request) -> Person | None:
    """Whose session the request's cookie names."""
    cookie = request.cookies.get(session_cookie(secure=is_secure(request)), "")
    return await to_thread.run_sync(sessions().find, cookie) if cookie else None


def _login_page(request: Request, wanted: str, told: str = "", name: str = "", status: int = 200) -> Response:
    nobody = settings().dashboard.auth == "local" and not any(person.has_password for person in sessions().people.everybody())
    provider = oidc.provider_link() if settings().dashboard.auth == "oidc" else ""
    refused = request.query_params.get("refused", "")
    if refused:
        told = words_of(request).text("login.unknown_email")
    return answer(
        request, "login.html.j2", status=status, wanted=wanted_page(wanted), told=told, name=name, nobody=nobody, provider=provider
    )


def _account_page(request: Request, person: Person, told: str = "", status: int = 200) -> Response:
    local, changed = settings().dashboard.auth == "local", request.query_params.get("changed") == "1"
    return answer(request, "account.html.j2", status=status, person=person, told=told, local=local, changed=changed)


def routes() -> list[Route]:
    """The routes, open to strangers."""
    return [
        Route("/login", show_login, methods=["GET"]),
        Route("/login", log_in, methods=["POST"]),
        Route("/logout", log_out, methods=["POST"]),
        Route("/account", show_account, methods=["GET"]),
        Route("/account", change_password, methods=["POST"]),
    ]

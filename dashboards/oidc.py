"""OpenID Connect by Streamlit's own routes: its signed identity is exchanged at `/` for a session of ours, by e-mail, and forgotten."""

import json
import logging
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.user_info import generate_login_redirect_url
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import TOKENS_COOKIE_NAME, USER_COOKIE_NAME

from dashboards.state import sessions, settings
from reports.people import Person
from reports.settings import Settings

logger = logging.getLogger(__name__)

CALLBACK = "/oauth2callback"
PROVIDER = "default"


def secrets_for(served: Settings) -> dict[str, Any] | None:
    """Streamlit's [auth] secrets out of [dashboard.oidc]; None where nobody logs in that way."""
    if served.dashboard.auth != "oidc" or served.dashboard.oidc is None:
        return None
    provider = served.dashboard.oidc
    return {
        "auth": {
            "redirect_uri": served.dashboard.url.rstrip("/") + CALLBACK,
            "cookie_secret": sessions().signature("streamlit identity"),
            "client_id": provider.client_id,
            "client_secret": provider.client_secret,
            "server_metadata_url": provider.server_metadata_url,
        }
    }


def provider_link() -> str:
    """Where the login begins."""
    return generate_login_redirect_url(PROVIDER)


def identity(request: Request) -> dict[str, Any] | None:
    """What the provider has said of the reader, as Streamlit has signed it; None if there is nothing, or it was changed."""

    def one(name: str) -> bytes | None:
        value = request.cookies.get(name)
        return None if value is None else decode_signed_value(get_cookie_secret(), name, value.encode("latin-1"))

    signed = get_cookie_with_chunks(one, USER_COOKIE_NAME)
    try:
        told = json.loads(signed) if signed else None
    except ValueError:
        return None
    return told if isinstance(told, dict) and told.get("is_logged_in") else None


def person_of_identity(told: dict[str, Any]) -> Person | None:
    """The person with the address that the provider has verified; None if there is none, or the provider does not vouch for it."""
    provider, email = settings().dashboard.oidc, told.get("email")
    vouched = told.get("email_verified") is True or (provider is not None and provider.trust_unverified_email)
    person = sessions().people.by_email(str(email)) if email and vouched else None
    if person is None:
        logger.warning("login of %r refused: %s", email, "nobody has this address" if vouched else "the provider has not verified it")
    return person


def forget_identity(request: Request, response: Response) -> None:
    """Lets the browser drop Streamlit's cookies: from here on our own session counts."""
    for name in request.cookies:
        if name.startswith((USER_COOKIE_NAME, TOKENS_COOKIE_NAME)):
            response.delete_cookie(name, path="/", httponly=True, samesite="lax")

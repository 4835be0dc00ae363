"""The HTTP of one amoCRM account: authorisation, errors in words, HAL lists.

Facts (crm.md 1.1-1.3): 204 with an empty body is an empty list or an unknown id; lists go on while `_links.next` is there, however short a
page is; empty objects come as `[]`; 403 from nginx is an IP block and is never tried again; addresses are always made here, so a link
to elsewhere is never followed with the token.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

from ingestion.errors import PermanentError, SourceError, TransientError
from ingestion.http import HttpClient, html_hint, parse_json, retry_after
from ingestion.sources.amocrm.tokens import TokenPair, Tokens
from ingestion.spec import JsonObject

log = logging.getLogger(__name__)

Query = Sequence[tuple[str, str]]


class RefusedTokenError(PermanentError):
    """401: the access token is not (or no longer) good."""


class GoneError(PermanentError):
    """404: there is no such record (any more), or no such list on this account."""


class DeniedError(PermanentError):
    """403 in words: the token's user may not see this."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list.

    Attributes:
        rows: as sent.
        more: the server says that a further page exists.
        empty: 204, or an empty list that promises no further page; a page may be short down to nothing without being the last.
    """

    rows: list[Any]
    more: bool
    empty: bool = False


class AmoApi:
    """Requests to one account.

    Args:
        base: scheme and host, no trailing slash.
        source: the source's name, for messages.
        tokens: where access tokens come from.
        http: the client, paced for this account.
    """

    def __init__(self, base: str, source: str, tokens: Tokens, http: HttpClient) -> None:
        self._base = base
        self._source = source
        self._tokens = tokens
        self._http = http
        self._last: tuple[str, Query, list[Any]] | None = None
        self.server_time: datetime | None = None
        """The server's clock at its last answer, from the Date header."""

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, path: str, query: Query = ()) -> JsonObject | None:
        """The body of an answer, None for 204; one renewed token is tried after a 401.

        Raises:
            TransientError, PermanentError: what went wrong, in words.
        """
        body = self._authorised(path, query)
        if body is None or isinstance(body, dict):
            return body
        if body == []:
            return {}
        message = f"{self._source}: /api/v4/{path}: the answer is no object."
        raise TransientError(message)

    def page(self, path: str, name: str, query: Query, number: int, limit: int) -> Listing:
        """Page `number` of the list at `path`, whose records are in `_embedded.<name>`."""
        body = self.get(path, [*query, ("page", str(number)), ("limit", str(limit))])
        if body is None:
            return Listing([], more=False, empty=True)
        if "_embedded" not in body:
            message = f"{self._source}: /api/v4/{path}: the answer is no list ({sorted(body)[:5]})."
            raise TransientError(message)
        embedded = body["_embedded"]
        rows = embedded.get(name, []) if isinstance(embedded, dict) else []
        if not isinstance(rows, list):
            rows = list(rows.values()) if isinstance(rows, dict) else []
        # an empty page that promises the next is only short (crm.md 1.3), but two such in a row may go on for ever
        if number > 1 and self._last == (path, query, rows):
            log.warning("%s: /api/v4/%s: page %d is page %d again; taken for the end", self._source, path, number, number - 1)
            return Listing([], more=False, empty=True)
        self._last = (path, query, rows)
        more = self._has_next(body, path, number)
        return Listing(rows, more=more, empty=not rows and not more)

    def one(self, path: str, query: Query = ()) -> JsonObject | None:
        """One record; None if it does not exist."""
        try:
            return self.get(path, query)
        except GoneError:
            return None

    def _authorised(self, path: str, query: Query) -> Any:
        token = self._tokens.access()
        try:
            return self._ask(path, query, token)
        except RefusedTokenError:
            renewed = self._tokens.renew(token)
            if renewed is None:
                raise
        return self._ask(path, query, renewed)

    def _ask(self, path: str, query: Query, token: str) -> Any:
        return self._http.json(
            "GET",
            f"{self._base}/api/v4/{path}",
            params=list(query),
            headers={"Authorization": f"Bearer {token}", "Accept": "application/hal+json"},
            explain=self._explain,
        )

    def _has_next(self, body: JsonObject, path: str, number: int) -> bool:
        links = body.get("_links")
        following = links.get("next") if isinstance(links, dict) else None
        href = following.get("href") if isinstance(following, dict) else following
        if not isinstance(href, str) or not href:
            return False
        target = urlsplit(urljoin(f"{self._base}/api/v4/{path}", href))
        if target.hostname != urlsplit(self._base).hostname:
            log.warning(
                "%s: /api/v4/%s: the link to the next page leads to %s; not followed, asking %s",
                self._source,
                path,
                target.hostname,
                self._base,
            )
        if parse_qs(target.query).get("page", [str(number + 1)])[0] != str(number + 1):
            log.warning("%s: /api/v4/%s: the link after page %d skips; page %d is asked for", self._source, path, number, number + 1)
        return True

    def _explain(self, response: httpx.Response) -> SourceError | None:
        try:
            self.server_time = parsedate_to_datetime(response.headers["date"]).astimezone(UTC)
        except (KeyError, ValueError):
            self.server_time = None
        return explain(response, self._source)


def explain(response: httpx.Response, source: str) -> SourceError | None:
    """AmoCRM's errors in words; None if the answer is no error of its own kind."""
    status = response.status_code
    if status == httpx.codes.UNAUTHORIZED:
        message = f"{source}: amoCRM refuses the access token (401); make a new one in the integration's settings."
        return RefusedTokenError(message)
    if status == httpx.codes.PAYMENT_REQUIRED:
        message = f"{source}: the amoCRM account is not paid (402); its API answers again after payment."
        return PermanentError(message)
    if status == httpx.codes.FORBIDDEN:
        if response.content.lstrip()[:1] != b"{":  # the block is the web server's and knows no problem object
            message = (
                f"{source}: amoCRM blocks this computer's IP address (403, {html_hint(response.content)}); stop all integrations here, "
                "lower requests_per_second, and ask amoCRM's support to lift the block."
            )
        else:
            message = f"{source}: amoCRM denies access (403{_detail(response)}); make the token as an administrator of the account."
            return DeniedError(message)
        return PermanentError(message)
    if status == httpx.codes.NOT_FOUND:
        message = f"{source}: there is nothing at {response.request.url.path} (404); check url in skvoz.toml (https://<account>.amocrm.ru)."
        return GoneError(message)
    if status == httpx.codes.BAD_REQUEST:
        message = f"{source}: amoCRM does not accept the request {response.request.url.path} (400{_detail(response)})."
        return PermanentError(message)
    if status == httpx.codes.TOO_MANY_REQUESTS:
        message = f"{source}: amoCRM asks to slow down (429)."
        return TransientError(message, retry_after=retry_after(response))
    return None


def exchange(base: str, source: str, secrets: dict[str, str], refresh: str) -> TokenPair:
    """Spend a refresh token for a new pair (one request, never repeated here).

    Args:
        base: scheme and host of the account.
        source: the source's name, for messages.
        secrets: client_id, client_secret and redirect_uri as registered.
        refresh: the refresh token.
    """
    with HttpClient(source, attempts=1) as http:
        answer = http.json(
            "POST",
            f"{base}/oauth2/access_token",
            json=secrets | {"grant_type": "refresh_token", "refresh_token": refresh},
            explain=lambda response: _explain_exchange(response, source),
        )
    try:
        return TokenPair(str(answer["access_token"]), str(answer["refresh_token"]), float(answer["expires_in"]))
    except (KeyError, TypeError, ValueError):
        message = f"{source}: the answer to the token refresh holds no tokens."
        raise TransientError(message) from None


def _explain_exchange(response: httpx.Response, source: str) -> SourceError | None:
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        message = f"{source}: amoCRM asks to slow down (429)."
        return TransientError(message, retry_after=retry_after(response) or 10.0)
    if httpx.codes.is_client_error(response.status_code):
        message = f"{source}: amoCRM refuses to renew the token ({response.status_code}{_detail(response)})."
        return PermanentError(message)
    return None


def _detail(response: httpx.Response) -> str:
    """`: title, detail, hint` of a problem body; empty if it is something else."""
    try:
        body = parse_json(response, "")
    except TransientError:
        return ""
    if not isinstance(body, dict):
        return ""
    words = [str(body[name]) for name in ("title", "detail", "hint") if body.get(name)]
    words += [
        f"{error.get('path')}: {error.get('detail')}"
        for problem in body.get("validation-errors") or ()
        if isinstance(problem, dict)
        for error in problem.get("errors") or ()
        if isinstance(error, dict)
    ]
    return ": " + ", ".join(words)[:300] if words else ""

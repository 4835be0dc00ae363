"""Requests to a Creatio site: both ways in, both versions of OData, with and without /0 in the address."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import httpx

from ingestion.errors import PermanentError, SourceError, TransientError
from ingestion.http import HttpClient, parse_json
from ingestion.redaction import redact, register_secret
from ingestion.sources.creatio.options import CreatioOptions
from ingestion.spec import JsonObject

_JSON_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")


class MissingEntityError(PermanentError):
    """The site has no such entity, or the user may not see it."""


class TooMuchMemoryError(PermanentError):
    """The site's memory limit for one answer is reached: ask for fewer rows."""


class CreatioApi:
    """One site.

    Args:
        options: of the source.
        source: its name, for messages.
        http: the client; it keeps the session's cookies.
    """

    def __init__(self, options: CreatioOptions, source: str, http: HttpClient) -> None:
        self._options = options
        self._source = source
        self._http = http
        self._headers: dict[str, str] | None = None
        self.more = False
        """The last answer said that it is not all: a site may give fewer rows than asked for (@odata.nextLink, __next)."""
        self._framework = options.framework

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def rows(self, entity: str, *, since: str | None, skip: int, top: int, fields: str | None = None) -> list[JsonObject]:
        """Rows in the order of ModifiedOn and Id.

        Args:
            entity: its name.
            since: moment from which on, as the site writes it; None for all.
            skip: rows left out at the beginning.
            top: at most so many.
            fields: only these.

        Raises:
            MissingEntityError, TooMuchMemoryError, TransientError, PermanentError: what went wrong, in words.
        """
        parameters: dict[str, str] = {"$orderby": "ModifiedOn,Id", "$top": str(top)}
        if since is not None:
            parameters["$filter"] = f"ModifiedOn ge {self._literal(since)}"
        if skip:
            parameters["$skip"] = str(skip)
        if fields:
            parameters["$select"] = fields
        body = self._asked(entity, parameters)
        self.more = bool(body.get("@odata.nextLink"))
        if self._options.odata == 3:
            found = body.get("d")
            self.more = isinstance(found, dict) and bool(found.get("__next"))
            rows = found.get("results") if isinstance(found, dict) else found
        else:
            rows = body.get("value")
        if not isinstance(rows, list):
            message = f"{self._source}: {entity}: the answer holds no rows; correct odata (3 or 4) in skvoz.toml."
            raise PermanentError(message)
        return [_plain_dates(row) for row in rows]

    def _literal(self, moment: str) -> str:
        if self._options.odata == 3:
            # `datetime` knows no zone: the site keeps UTC
            return f"datetime'{moment.rstrip('Z')}'"
        return moment if moment.endswith("Z") or "+" in moment else f"{moment}Z"

    def _asked(self, entity: str, parameters: dict[str, str]) -> JsonObject:
        tried = [self._framework] if self._framework is not None else [True, False]
        for place, framework in enumerate(tried):
            try:
                body = self._get(self._address(entity, framework=framework), entity, parameters)
            except MissingEntityError:
                if place + 1 < len(tried) and entity == "Contact":
                    continue  # no site is without contacts: the address is the other one
                raise
            if entity == "Contact":
                self._framework = framework
            return body
        message = f"{self._source}: {entity}: no address was tried."
        raise PermanentError(message)

    def find_address(self) -> None:
        """Whether addresses of this site have /0, found by asking for one contact."""
        if self._framework is None:
            self._asked("Contact", {"$top": "1"})

    def _address(self, entity: str, *, framework: bool) -> str:
        base = self._options.url + ("/0" if framework else "")
        if self._options.odata == 3:
            return f"{base}/ServiceModel/EntityDataService.svc/{entity}Collection"
        return f"{base}/odata/{entity}"

    def _get(self, url: str, entity: str, parameters: dict[str, str]) -> JsonObject:
        bodies: list[JsonObject] = []
        entered: list[bool] = []

        def explain(response: httpx.Response) -> SourceError | None:
            if response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN} and not entered:
                entered.append(True)
                self._headers = None  # the session or the token has run out: enter once more
                message = f"{self._source}: the session ended."
                return TransientError(message, retry_after=0.0)
            if _is_login_page(response) and not entered:
                entered.append(True)
                self._headers = None
                message = f"{self._source}: the site shows its login page; the session ended."
                return TransientError(message, retry_after=0.0)
            problem = self._problem(response, entity)
            if problem is None and response.is_success:
                bodies.append(parse_json(response, f"{self._source}: {entity}"))
            return problem

        # headers are asked for anew at every attempt
        self._http.response("GET", url, params=parameters, auth=_Entered(self), explain=explain)
        return bodies[-1]

    def headers(self) -> dict[str, str]:
        """What a request carries to show who asks; enters the site first if need be."""
        if self._headers is None:
            self._headers = self._by_client() if self._options.client_id else self._by_user()
        return self._headers

    def _by_user(self) -> dict[str, str]:
        password = self._options.password.get_secret_value() if self._options.password else ""
        register_secret(password)
        answers: list[JsonObject] = []

        def explain(response: httpx.Response) -> SourceError | None:
            if not response.is_success:
                return None
            told = parse_json(response, f"{self._source}: login")
            if told.get("Code") == 0:
                answers.append(told)
                return None
            words = redact(str(told.get("Message", "")))[:200].rstrip(".")
            message = f"{self._source}: Creatio refuses the login ({words}); correct username and password."
            return PermanentError(message)

        response = self._http.response(
            "POST",
            f"{self._options.url}/ServiceModel/AuthService.svc/Login",
            json={"UserName": self._options.username, "UserPassword": password},
            headers={"ForceUseSession": "true"},
            explain=explain,
        )
        cookies = dict(response.cookies)
        for secret in cookies.values():
            register_secret(secret)
        # .ASPXAUTH and the others; a request without the header BPMCSRF is refused although its cookies are right
        return {
            "Accept": self._accept(),
            "ForceUseSession": "true",
            "BPMCSRF": cookies.get("BPMCSRF", ""),
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        }

    def _by_client(self) -> dict[str, str]:
        secret = self._options.client_secret.get_secret_value() if self._options.client_secret else ""
        register_secret(secret)
        tokens: list[str] = []

        def explain(response: httpx.Response) -> SourceError | None:
            if response.is_client_error and response.status_code != httpx.codes.TOO_MANY_REQUESTS:
                message = f"{self._source}: the identity service refuses; correct client_id, client_secret and identity_url."
                return PermanentError(message)
            if response.is_success:
                tokens.append(str(parse_json(response, f"{self._source}: token")["access_token"]))
            return None

        self._http.response(
            "POST",
            f"{self._options.identity_url}/connect/token",
            data={"client_id": self._options.client_id, "client_secret": secret, "grant_type": "client_credentials"},
            explain=explain,
        )
        register_secret(tokens[-1])
        return {"Accept": self._accept(), "Authorization": f"Bearer {tokens[-1]}"}

    def _accept(self) -> str:
        return "application/json;odata=verbose" if self._options.odata == 3 else "application/json"

    def _problem(self, response: httpx.Response, entity: str) -> SourceError | None:
        if response.status_code == httpx.codes.NOT_FOUND:
            message = f"{self._source}: the site has no entity {entity}, or this user may not see it."
            return MissingEntityError(message)
        if response.status_code == httpx.codes.INTERNAL_SERVER_ERROR and b"MaxMemoryUsageToGetDataViaEntityCollection" in response.content:
            limit = "MaxMemoryUsageToGetDataViaEntityCollection"
            message = f"{self._source}: {entity}: a single row is more than the site's setting {limit} allows; have it raised."
            return TooMuchMemoryError(message)
        if response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            message = f"{self._source}: Creatio refuses to give {entity} ({response.status_code}); give this user the right to read it."
            return PermanentError(message)
        return None


def _is_login_page(response: httpx.Response) -> bool:
    """Sites on .NET Framework lead there from a session that has ended, with or without a redirect."""
    if response.is_redirect:
        return "login" in response.headers.get("location", "").lower()
    return response.is_success and response.content.lstrip()[:1] == b"<"


class _Entered(httpx.Auth):
    """Puts the present session's headers on a request at the moment it leaves."""

    def __init__(self, api: CreatioApi) -> None:
        self._api = api

    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers.update(self._api.headers())
        yield request


def moment(value: Any) -> datetime | None:
    """A moment of the site: UTC with up to seven digits of a second; None if it is none."""
    text = re.sub(r"(\.\d{6})\d+", r"\1", str(value or "")).replace("Z", "+00:00")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _plain_dates(row: JsonObject) -> JsonObject:
    """A row of OData 3 with its /Date(milliseconds)/ as ISO; what OData adds about the row itself is left out."""
    plain: JsonObject = {}
    for name, value in row.items():
        if name == "__metadata" or (isinstance(value, dict) and "__deferred" in value):
            continue
        found = _JSON_DATE.fullmatch(value) if isinstance(value, str) else None
        plain[name] = datetime.fromtimestamp(int(found[1]) / 1000, UTC).isoformat().replace("+00:00", "Z") if found else value
    return plain

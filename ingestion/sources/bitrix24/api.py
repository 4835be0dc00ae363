"""The HTTP of one portal: calls, batches, limits, tokens.

A webhook's address is its secret, so it is registered for redaction and no message repeats it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson

from ingestion.errors import PermanentError, SourceError, TransientError
from ingestion.http import HttpClient
from ingestion.sources.amocrm.tokens import TokenPair, Tokens
from ingestion.sources.bitrix24.limits import Bucket, WorkClock
from ingestion.sources.bitrix24.problems import ExpiredTokenError, problem

BATCH_COMMANDS = 50


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method gave.

    Attributes:
        result: as sent.
        next: offset of the following page, if the portal counts pages.
        seconds: how long the portal worked.
    """

    result: Any
    next: int | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Command:
    """One call inside a batch."""

    method: str
    params: Mapping[str, Any]


class BitrixApi:
    """Requests to one portal.

    Args:
        base: the address that methods are appended to, with its trailing slash.
        source: the source's name, for messages.
        http: the client.
        bucket: how often it may ask.
        tokens: OAuth tokens; None for a webhook.
    """

    def __init__(self, base: str, source: str, http: HttpClient, bucket: Bucket, tokens: Tokens | None = None) -> None:
        self._base = base
        self._source = source
        self._http = http
        self._bucket = bucket
        self._tokens = tokens
        self._work = WorkClock()
        self.server_time: float | None = None
        """The portal's clock at its last answer, Unix seconds."""

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def call(self, method: str, params: Mapping[str, Any] | None = None) -> Answer:
        """The answer of one method.

        Raises:
            MethodMissingError, MissingRightError: so that a stream may fall back or be left out.
            TransientError, PermanentError: anything else, in words.
        """
        body = self._ask(method, dict(params or {}))
        self._learn(method, body.get("time"))
        following = body.get("next")
        seconds = body["time"].get("duration", 0.0) if isinstance(body.get("time"), dict) else 0.0
        return Answer(body["result"], int(following) if following else None, float(seconds or 0.0))

    def batch(self, commands: Mapping[str, Command]) -> dict[str, Answer | SourceError]:
        """Each command's answer or error, by name; names must begin with a letter, for numbered ones come back as a list."""
        cmd = {name: f"{command.method}?{php_query(command.params)}" for name, command in commands.items()}
        body = self._ask("batch", {"halt": 0, "cmd": cmd}, commands)
        self._learn("batch", body.get("time"))
        parts = body["result"] if isinstance(body["result"], dict) else {}
        names = list(commands)
        results, errors = as_map(parts.get("result"), names), as_map(parts.get("result_error"), names)
        following, times = as_map(parts.get("result_next"), names), as_map(parts.get("result_time"), names)
        answers: dict[str, Answer | SourceError] = {}
        for name, command in commands.items():
            self._work.learn(command.method, times.get(name))
            if name in errors:
                answers[name] = self._problem(command.method, errors[name], httpx.codes.OK)
            elif name in results:
                spent = times[name].get("duration", 0.0) if isinstance(times.get(name), dict) else 0.0
                answers[name] = Answer(results[name], int(following[name]) if following.get(name) else None, float(spent or 0.0))
            else:
                message = f"{self._source}: batch: {command.method} was not answered."
                answers[name] = TransientError(message)
        return answers

    def _learn(self, method: str, times: Any) -> None:
        self._work.learn(method, times)
        if isinstance(times, dict) and isinstance(times.get("start"), int | float):
            self.server_time = float(times["start"])

    def _ask(self, method: str, params: dict[str, Any], commands: Mapping[str, Command] | None = None) -> dict[str, Any]:
        if self._tokens is None:
            return self._post(method, params, commands)
        token = self._tokens.access()
        try:
            return self._post(method, params | {"auth": token}, commands)
        except ExpiredTokenError:
            renewed = self._tokens.renew(token)
            if renewed is None:
                raise
        return self._post(method, params | {"auth": renewed}, commands)

    def _post(self, method: str, params: dict[str, Any], commands: Mapping[str, Command] | None) -> dict[str, Any]:
        def explain(response: httpx.Response) -> SourceError | None:
            return self._explain(response, method, commands)

        self._bucket.wait()
        body = self._http.json("POST", f"{self._base}{method}", json=params, explain=explain)
        if not isinstance(body, dict) or "result" not in body:
            message = f"{self._source}: {method}: the answer holds no result."
            raise TransientError(message)
        return body

    def _explain(self, response: httpx.Response, method: str, commands: Mapping[str, Command] | None) -> SourceError | None:
        """An error of the whole answer; in a batch also one that another try of the batch would cure."""
        if b'"error"' not in response.content:
            return None
        try:
            body = orjson.loads(response.content.removeprefix(b"\xef\xbb\xbf"))
        except orjson.JSONDecodeError:
            return None
        if not isinstance(body, dict):
            return None
        if "error" in body:
            self._work.learn(method, body.get("time"))
            return self._problem(method, body, response.status_code)
        parts = body.get("result")
        if commands is None or not isinstance(parts, dict):
            return None
        for name, error in as_map(parts.get("result_error"), list(commands)).items():
            found = self._problem(commands[name].method, error, httpx.codes.OK) if name in commands else None
            if isinstance(found, TransientError | ExpiredTokenError):
                return found
        return None

    def _problem(self, method: str, error: Any, status: int) -> SourceError:
        told = error if isinstance(error, dict) else {"error": error}
        if told.get("error") == "QUERY_LIMIT_EXCEEDED":
            self._bucket.fill()
        return problem(self._source, method, told.get("error", ""), told.get("error_description", ""), status, self._work.rest(method))


def as_map(value: Any, names: Sequence[str]) -> dict[str, Any]:
    """A map of a batch answer, which PHP writes as `[]` when it is empty and as a list when its keys are 0, 1, … (crm.md 2.4)."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return dict(zip(names, value, strict=False))
    return {}


def php_query(params: Mapping[str, Any]) -> str:
    """Parameters as PHP's http_build_query writes them: `filter[>id]=5&select[0]=*`, encoded."""
    return urlencode(list(_flat(params, "")))


def _flat(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(item, f"{name}[{key}]" if name else str(key))
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from _flat(item, f"{name}[{number}]")
    elif isinstance(value, bool):
        yield name, "1" if value else "0"
    elif value is not None:
        yield name, str(value)


def exchange(address: str, source: str, client_id: str, client_secret: str, refresh: str) -> TokenPair:
    """Spend a refresh token for a new pair (one request, never repeated here).

    Args:
        address: of the token server.
        source: the source's name, for messages.
        client_id: of the application.
        client_secret: of the application.
        refresh: the refresh token.
    """

    def explain(response: httpx.Response) -> SourceError | None:
        try:
            body = orjson.loads(response.content)
        except orjson.JSONDecodeError:
            return None
        if isinstance(body, dict) and "error" in body and response.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
            message = f"{source}: Bitrix24 refuses to renew the token ({body['error']}: {body.get('error_description', '')})."
            return PermanentError(message)
        return None

    query = {"grant_type": "refresh_token", "client_id": client_id, "client_secret": client_secret, "refresh_token": refresh}
    with HttpClient(source, attempts=1) as http:
        answer = http.json("GET", address, params=query, explain=explain)
    try:
        return TokenPair(str(answer["access_token"]), str(answer["refresh_token"]), float(answer.get("expires_in") or 3600))
    except (KeyError, TypeError, ValueError, AttributeError):
        message = f"{source}: the answer to the token refresh holds no tokens."
        raise TransientError(message) from None

"""The pages of one address, whichever way the service divides them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import orjson

from ingestion.errors import PermanentError, SourceError
from ingestion.http import HttpClient, parse_json
from ingestion.mapped.places import list_at, value_at
from ingestion.mapped.values import plain
from ingestion.redaction import redact
from ingestion.sources.rest.options import Paging, RestOptions, RestStream
from ingestion.spec import JsonObject

_NEXT = re.compile(r'<([^>]*)>[^,]*?;\s*rel="?next"?', re.IGNORECASE)
_MOST_PAGES = 1_000_000  # a service that gives the same "next" for ever


class Pages:
    """Asks one service.

    Args:
        options: of the source.
        source: its name, for messages.
        http: the client, which knows headers and credentials.
        hidden: parameters with the credentials, if they go there.
    """

    def __init__(self, options: RestOptions, source: str, http: HttpClient, hidden: dict[str, str]) -> None:
        self._options = options
        self._source = source
        self._http = http
        self._hidden = hidden

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def records(self, name: str, more: dict[str, str]) -> Iterator[list[JsonObject]]:
        """The rows of every page of a stream.

        Args:
            name: of the stream.
            more: parameters beside the configured ones.

        Raises:
            TransientError, PermanentError: what went wrong, in words.
        """
        stream = self._options.streams[name]
        paging = stream.paging or self._options.paging
        parameters: dict[str, Any] = {**stream.parameters, **more}
        if paging.size is not None:
            parameters[paging.size_parameter] = paging.size
        url = self._same_host(urljoin(self._options.url, stream.path), name)
        step: _Step | None = _Step(url, parameters)
        had = 0
        before: bytes | None = None
        for number in range(_MOST_PAGES):
            if step is None:
                return
            step = self._first(paging, step) if number == 0 else step
            response, body = self._asked(stream, step, name)
            found = self._found(body, stream, name)
            written = orjson.dumps(found)
            if found and written == before:
                message = (
                    f"{self._source}: stream {name}: two pages are the same; the service does not know the paging that is configured "
                    f"({paging.kind}): correct paging in skvoz.toml."
                )
                raise PermanentError(message)
            before = written
            had += len(found)
            yield [row for record in found for row in stream.rows_of(record)]
            step = self._next(paging, step, response, body, found, had, name)

    def _first(self, paging: Paging, step: _Step) -> _Step:
        if paging.kind == "page":
            return step.with_(paging.parameter or "page", 1 if paging.first is None else paging.first)
        if paging.kind == "offset":
            return step.with_(paging.parameter or "offset", paging.first or 0)
        return step

    def _next(
        self, paging: Paging, step: _Step, response: httpx.Response, body: Any, found: list[Any], had: int, name: str
    ) -> _Step | None:
        match paging.kind:
            case "page" | "offset":
                # a short page is no last page: services give fewer than asked for; an empty one, or the total, ends it
                total = _number(body, paging.total_at)
                parameter = paging.parameter or paging.kind
                page = int(step.parameters[parameter])
                first = 1 if paging.first is None else paging.first
                done = not found or (total is not None and (page - first + 1 if paging.kind == "page" else had) >= total)
                return None if done else step.with_(parameter, page + 1 if paging.kind == "page" else had + (paging.first or 0))
            case "cursor":
                mark = value_at(body, paging.at or "")
                parameter = paging.parameter or "cursor"
                done = mark in (None, "", False) or plain(mark) == step.parameters.get(parameter)
                return None if done else step.with_(parameter, plain(mark))
            case "link":
                told = _NEXT.search(response.headers.get("link", ""))
                return None if told is None else _Step(self._same_host(urljoin(str(response.request.url), told[1]), name), {})
            case "next":
                address = value_at(body, paging.at or "")
                return _Step(self._same_host(urljoin(str(response.request.url), str(address)), name), {}) if address else None
        return None

    def _asked(self, stream: RestStream, step: _Step, name: str) -> tuple[httpx.Response, Any]:
        """The answer and its JSON, which is read inside the attempt: a page of HTML or half an answer is asked for again."""
        bodies: list[Any] = []

        def explain(response: httpx.Response) -> SourceError | None:
            if not response.is_success:
                return None
            body = None if response.status_code == httpx.codes.NO_CONTENT else parse_json(response, f"{self._source}: stream {name}")
            told = None if stream.error_at is None else value_at(body, stream.error_at)
            if told:
                message = (
                    f"{self._source}: the service refuses {stream.path} ({redact(plain(told))[:200]}); correct the source in skvoz.toml."
                )
                return PermanentError(message)
            bodies.append(body)
            return None

        # an address that the service gave has its own query, which httpx would throw away for another one
        query = {**dict(httpx.URL(step.url).params), **self._hidden}
        if stream.method == "POST":
            response = self._http.response("POST", step.url, json=step.parameters, params=query or None, explain=explain)
        else:
            query = {**{name: plain(value) for name, value in step.parameters.items()}, **query}
            response = self._http.response("GET", step.url, params=query or None, explain=explain)
        return response, bodies[-1]

    def _found(self, body: Any, stream: RestStream, name: str) -> list[Any]:
        if body is None:
            return []
        found = list_at(body, stream.records)
        if found is None:
            there = f"it has {', '.join(list(body)[:30])}" if isinstance(body, dict) else "it is no object"
            if stream.records and isinstance(body, dict) and value_at(body, stream.records) is None and _has(body, stream.records):
                return []  # null where a list would be: nothing
            message = f"{self._source}: stream {name}: the answer has no records at «{stream.records}», {there}; correct records."
            raise PermanentError(message)
        return found

    def _same_host(self, url: str, name: str) -> str:
        ours, theirs = urlsplit(self._options.url), urlsplit(url)
        if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
            message = f"{self._source}: stream {name}: the next page lies on another host ({theirs.netloc}), which gets no credentials."
            raise PermanentError(message)
        return url


class _Step:
    """One request to be made."""

    def __init__(self, url: str, parameters: dict[str, Any]) -> None:
        self.url = url
        self.parameters = parameters

    def with_(self, name: str, value: Any) -> _Step:
        return _Step(self.url, {**self.parameters, name: value})


def _has(body: dict[str, Any], path: str) -> bool:
    parent, _, last = path.rpartition(".")
    holder = value_at(body, parent) if parent else body
    return isinstance(holder, dict) and last in holder


def _number(body: Any, path: str | None) -> int | None:
    told = None if path is None else value_at(body, path)
    try:
        return None if told is None else int(told)
    except (TypeError, ValueError):
        return None

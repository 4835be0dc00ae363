"""JSON whose fractions stay the text that was sent: money and ids must not pass through binary fractions (feeds.md 1.4, 2.0)."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx

from ingestion.errors import SourceError, TransientError
from ingestion.http import Explain, HttpClient, parse_json

_LONGEST_INTEGER = 18  # digits that surely fit 64 bits; more stay text
_HALF_PAIR = re.compile(r"\\ud[89a-f]", re.IGNORECASE)


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= _LONGEST_INTEGER else text


DECODER = json.JSONDecoder(parse_float=str, parse_int=_integer, parse_constant=lambda _name: None)
"""Decodes JSON exactly; numbers that no column holds (NaN, Infinity) are None."""


def exact_loads(text: str) -> Any:
    """A JSON text with fractions and very large numbers as text. Raises json.JSONDecodeError, RecursionError."""
    return whole_text(DECODER.decode(text), text)


def whole_text(value: Any, text: str) -> Any:
    """The value without halves of surrogate pairs, which are no characters and cannot be stored; `text` is what it was read from."""
    if _HALF_PAIR.search(text) is None:
        return value
    return DECODER.decode(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode())


def exact_json(http: HttpClient, method: str, url: str, where: str, *, explain: Explain | None = None, **request: Any) -> Any:
    """The JSON of an answer with fractions as text, whole numbers as int; None for 204. Errors as in `HttpClient.json`.

    Args:
        http: the client.
        method: of the request.
        url: of the request.
        where: for messages: the source and what was asked.
        explain: reads the service's own errors.
        request: passed on to the client.
    """
    found: list[Any] = []

    def checked(response: httpx.Response) -> SourceError | None:
        problem = explain(response) if explain is not None else None
        if problem is not None or response.status_code >= httpx.codes.MULTIPLE_CHOICES or response.status_code == httpx.codes.NO_CONTENT:
            return problem
        try:
            parse_json(response, where)
        except TransientError as broken:
            return broken
        found[:] = [exact_loads(response.content.decode("utf-8-sig", "replace"))]
        return None

    http.response(method, url, explain=checked, **request)
    return found[0] if found else None

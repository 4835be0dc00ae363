"""The statistics of the virtual exchange: a report is asked for, made, and fetched by its key (vendor document, feeds.md 1.2)."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import orjson

from ingestion.errors import PermanentError, SourceError, TransientError
from ingestion.feeds.documents import digest
from ingestion.feeds.faults import Fault
from ingestion.http import HttpClient
from ingestion.spec import Record

# `records` stands last: [a,b] or [] shows that a line is whole, which nothing else in this format does
FIELDS = (
    "start", "finish", "answer", "from_extension", "from_number", "to_extension", "to_number", "disconnect_reason",
    "line_number", "location", "entry_id", "records",
)  # fmt: skip
_IDENTITY = ("entry_id", "start", "from_extension", "from_number", "to_extension", "to_number")
_POLL_SECONDS = 5.0  # the vendor asks for no less
_LONGEST_WAIT = 900.0
_REPORTS = 3  # a made report lives for a minute; one that has gone is asked for again
_REFUSED = 420
_CODES = {
    3102: "the key or the signature is wrong: copy key and salt from the account's API settings",
    3103: "the key is unknown: copy it from the account's API settings",
    3104: "the signature is wrong: copy salt from the account's API settings",
}
_SLOW_DOWN = frozenset({4001, 4002, 5003, 5004, 5005})


class MangoApi:
    """Requests for statistics.

    Args:
        url: of the API.
        key: of the exchange.
        salt: that requests are signed with.
        source: the source's name, for messages.
        http: the client.
    """

    def __init__(self, url: str, key: str, salt: str, source: str, http: HttpClient) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self._salt = salt
        self._source = source
        self._http = http

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def legs(self, low: datetime, high: datetime) -> Iterator[Record | Fault]:
        """Legs that began in [low, high), at most a month."""
        text = self._report(low, high)
        for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
            cells = line.split(";")
            if not line.strip():
                continue
            if len(cells) != len(FIELDS) or not cells[0].isdigit():
                yield Fault(f"line {number} of the statistics", f"it does not have the {len(FIELDS)} fields asked for", line)
                continue
            payload = dict(zip(FIELDS, cells, strict=True))
            yield Record(f"{payload['entry_id']}:{digest(*(payload[name] for name in _IDENTITY))}", payload)

    def _report(self, low: datetime, high: datetime) -> str:
        # both ends are of the period for the exchange, ours is open
        span = {"date_from": str(int(low.timestamp())), "date_to": str(int(high.timestamp()) - 1)}
        for _ in range(_REPORTS):
            try:
                asked = self._ask("stats/request", {**span, "fields": ",".join(FIELDS)})
            except _GoneError:
                message = f"{self._source}: there is no statistics service of MANGO OFFICE at {self._url}; correct url in skvoz.toml."
                raise PermanentError(message) from None
            key = orjson.loads(asked.content).get("key") if asked.content.startswith(b"{") else None
            if not key:
                message = f"{self._source}: MANGO OFFICE gave no key for the statistics asked for."
                raise TransientError(message)
            waited = 0.0
            while waited < _LONGEST_WAIT:
                try:
                    answer = self._ask("stats/result", {"key": key})
                except _GoneError:
                    break
                if answer.status_code != httpx.codes.NO_CONTENT:
                    return answer.content.decode("utf-8-sig", "replace")
                waited += _POLL_SECONDS
                time.sleep(_POLL_SECONDS)
        message = f"{self._source}: MANGO OFFICE has not made the statistics in {_LONGEST_WAIT / 60:.0f} minutes."
        raise TransientError(message)

    def _ask(self, method: str, body: dict[str, Any]) -> httpx.Response:
        text = orjson.dumps(body).decode()
        sign = hashlib.sha256((self._key + text + self._salt).encode()).hexdigest()
        form = {"vpbx_api_key": self._key, "sign": sign, "json": text}
        return self._http.response("POST", f"{self._url}/{method}", data=form, explain=self._explain)

    def _explain(self, response: httpx.Response) -> SourceError | None:
        if response.status_code == httpx.codes.NOT_FOUND:
            return _GoneError(f"{self._source}: the statistics asked for are gone.")
        body = response.content.strip()
        if response.status_code == httpx.codes.OK and body[:1] == b"<":
            return TransientError(f"{self._source}: a web page came instead of statistics; MANGO OFFICE is busy.")
        if response.status_code == httpx.codes.OK and body and body[:1] != b"{" and not body.endswith(b"]"):
            return TransientError(f"{self._source}: the statistics are broken off.")
        if response.status_code not in {_REFUSED, httpx.codes.BAD_REQUEST, httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            return None
        try:
            code = int(orjson.loads(response.content).get("code") or 0)
        except (orjson.JSONDecodeError, AttributeError, TypeError, ValueError):
            code = 0
        if code in _SLOW_DOWN:
            return TransientError(f"{self._source}: MANGO OFFICE asks to come later ({code}).")
        advice = _CODES.get(code, "check key and salt, and that the API is switched on for this exchange")
        return PermanentError(f"{self._source}: MANGO OFFICE refuses ({response.status_code}, code {code}); {advice}.")


class _GoneError(PermanentError):
    """A report that was made and thrown away, or a key that never was."""

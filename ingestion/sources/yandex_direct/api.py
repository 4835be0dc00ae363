"""The Reports service: the same request again and again until the report is ready, errors in words."""

from __future__ import annotations

import logging
import time
from typing import Any

import httpx
import orjson

from ingestion.errors import PermanentError, SourceError, TransientError
from ingestion.http import HttpClient, parse_json, retry_after
from ingestion.sources.yandex_direct.reports import Table, parse_tsv

log = logging.getLogger(__name__)

_LONGEST_WAIT = 3600.0  # seconds for one report
_LONGEST_POLL = 300.0
_RETRIES = 3  # of a report that came broken off
_GATEWAY_TRIES = 3  # of a 502 without words, which an outage gives as well as a report that takes too long (feeds.md 3.1)
_BUSY = frozenset({52, 56, 152, 506, 1000, 1001, 1002, 9000})
_ADVICE = {
    53: "the token is wrong, expired or revoked, or may not read this client: get a new one for a user who sees the campaigns",
    54: "the token's user may not read this client's statistics",
    58: "the application is not registered for the API; ask for access in Direct's settings (API → My applications)",
    8800: "there is no such client; correct client_login in skvoz.toml",
    513: "this login is not connected to Direct",
}
_WORDS = {
    152: "the points of this hour are used up",
    9000: "too many reports are being made at once",
}


class ReportTooLongError(PermanentError):
    """The service could not make the report in time: ask for a shorter period."""


class DirectApi:
    """Requests for reports.

    Args:
        address: of the Reports service.
        source: the source's name, for messages.
        http: the client.
        headers: authorisation and the advertiser.
    """

    def __init__(self, address: str, source: str, http: HttpClient, headers: dict[str, str]) -> None:
        self._address = address
        self._source = source
        self._http = http
        self._sleep = time.sleep
        self._gateways = 0
        self._headers = headers | {
            "Accept-Language": "en",
            "processingMode": "auto",
            "returnMoneyInMicros": "false",
            "skipReportHeader": "true",
            "skipColumnHeader": "false",
            "skipReportSummary": "false",  # its count proves that the report is whole
        }

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def report(self, params: dict[str, Any]) -> Table:
        """The report of these parameters, when it is ready.

        Raises:
            ReportTooLongError: the period must be shorter.
            TransientError, PermanentError: what went wrong, in words.
        """
        self._gateways = 0
        body = orjson.dumps({"params": params})  # byte for byte the same at every poll
        for number in range(1, _RETRIES + 1):
            text = self._ready(body)
            try:
                return parse_tsv(text, f"{self._source}: {params['ReportName']}")
            except TransientError as problem:
                if number == _RETRIES:
                    raise
                log.warning("%s; asking again", problem)
        message = f"{self._source}: no attempt was made."
        raise PermanentError(message)

    def _ready(self, body: bytes) -> str:
        waited = 0.0
        while True:
            response = self._http.response(
                "POST",
                self._address,
                content=body,
                headers=self._headers | {"Content-Type": "application/json; charset=utf-8"},
                explain=self._explain,
            )
            if response.status_code not in {httpx.codes.CREATED, httpx.codes.ACCEPTED}:
                return response.content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
            wait = _seconds(response.headers.get("retryIn") or response.headers.get("Retry-After"))  # the latter is a gateway's
            waited += wait
            if waited > _LONGEST_WAIT:
                message = f"{self._source}: Yandex Direct has not made the report in an hour."
                raise TransientError(message)
            self._sleep(wait)

    def _explain(self, response: httpx.Response) -> SourceError | None:
        try:
            told = parse_json(response, self._source)["error"]
            code = int(told.get("error_code") or 0)
        except (TransientError, KeyError, TypeError, ValueError, AttributeError):
            if response.content.lstrip()[:1] == b"<" and response.status_code < httpx.codes.BAD_REQUEST:
                message = f"{self._source}: a web page came instead of a report; the service is busy, or url is not that of its API."
                return TransientError(message)
            self._gateways += response.status_code == httpx.codes.BAD_GATEWAY
            if self._gateways < _GATEWAY_TRIES:
                return None
            message = f"{self._source}: Yandex Direct answers 502 again and again: it is down, or cannot make so long a report."
            return ReportTooLongError(message)
        words = ", ".join(str(told[name]) for name in ("error_string", "error_detail") if told.get(name))[:300]
        if response.status_code == httpx.codes.BAD_GATEWAY:
            message = f"{self._source}: Yandex Direct cannot make so long a report ({words})."
            return ReportTooLongError(message)
        if code in _BUSY:
            message = f"{self._source}: Yandex Direct asks to come later ({code}: {_WORDS.get(code, words)})."
            return TransientError(message, retry_after=retry_after(response) or (20.0 if code == 9000 else None))
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            message = f"{self._source}: Yandex Direct failed ({code}: {words})."
            return TransientError(message)
        message = f"{self._source}: Yandex Direct refuses ({code}: {words}); {_ADVICE.get(code, 'correct the source in skvoz.toml')}."
        return PermanentError(message)


def _seconds(value: str | None) -> float:
    try:
        return min(max(float(value or 5), 0.5), _LONGEST_POLL)
    except ValueError:
        return 5.0

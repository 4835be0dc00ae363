"""Zadarma.

`calls`: one record per leg of the exchange's statistics (`/v1/statistics/pbx/`, version 2), as sent, and `_started_at`, the instant by the
profile's time zone (`/v1/info/timezone/`). Phones come as numbers and call ids as fractions, which are kept as text (feeds.md 1.4).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from urllib.parse import urlencode

import httpx
from pydantic import Field, SecretStr

from ingestion.errors import PermanentError, SourceError, TransientError
from ingestion.feeds.documents import digest
from ingestion.feeds.exact import exact_json
from ingestion.feeds.faults import Fault
from ingestion.feeds.periods import PeriodConnector, Reading
from ingestion.http import HttpClient, retry_after
from ingestion.redaction import register_secret
from ingestion.spec import Connector, Context, JsonObject, Record, Source, SourceOptions, Stream

_PAGE = 1_000
_MINUTE = 60.0  # seconds
_OFFSET = re.compile(r"UTC([+-])(\d{1,2})(?::?(\d\d))?")


class ZadarmaOptions(SourceOptions):
    """`[sources.<name>]` of type zadarma."""

    key: SecretStr = Field(description="API key (settings → integrations and API)")
    secret: SecretStr = Field(description="API secret shown beside it")
    url: str = Field(default="https://api.zadarma.com", pattern="^https?://.+$", description="the API's address")
    requests_per_second: float = Field(default=1.0, ge=0, description="0 for no pacing; the service allows 3 statistics a minute to some")
    period_days: int = Field(default=30, ge=1, le=30, description="days asked for at once; the service cuts longer periods silently")
    reread_days: int = Field(default=2, ge=1, description="days read again each time")


class ZadarmaApi:
    """Signed questions.

    Args:
        options: of the source.
        context: of the source.
        http: the client.
    """

    def __init__(self, options: ZadarmaOptions, context: Context, http: HttpClient) -> None:
        self._options = options
        self._context = context
        self._http = http
        self._zone: tzinfo | None = None

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def legs(self, low: datetime, high: datetime) -> Iterator[Record | Fault]:
        """Legs that began in [low, high)."""
        zone = self.zone()
        span = {"start": _wall(low, zone), "end": _wall(high - timedelta(seconds=1), zone), "version": "2"}
        skip = 0
        while True:
            answer = self._ask("/v1/statistics/pbx/", {**span, "skip": str(skip), "limit": str(_PAGE)})
            rows = answer.get("stats") or []
            for row in rows:
                yield _leg(row, zone)
            if len(rows) < _PAGE:
                return
            skip += len(rows)

    def zone(self) -> tzinfo:
        """The profile's time zone, asked for once; the source's own where the service does not tell."""
        if self._zone is None:
            told = _OFFSET.fullmatch(str(self._ask("/v1/info/timezone/", {}).get("timezone") or "").replace(" ", ""))
            if told:
                sign = -1 if told[1] == "-" else 1
                self._zone = timezone(sign * timedelta(hours=int(told[2]), minutes=int(told[3] or 0)))
            else:
                self._zone = self._context.timezone
        return self._zone

    def _ask(self, method: str, params: dict[str, str]) -> JsonObject:
        query = urlencode(sorted(params.items()))
        signed = method + query + hashlib.md5(query.encode()).hexdigest()  # noqa: S324 - the vendor's own signature
        mac = hmac.new(self._options.secret.get_secret_value().encode(), signed.encode(), hashlib.sha1).hexdigest()
        # base64 of the hexadecimal text, not of the bytes
        token = f"{self._options.key.get_secret_value()}:{base64.b64encode(mac.encode()).decode()}"
        where = f"{self._context.source}: {method}"
        url = f"{self._options.url.rstrip('/')}{method}?{query}"
        answer = exact_json(self._http, "GET", url, where, headers={"Authorization": token}, explain=self._explain)
        if not isinstance(answer, dict):
            message = f"{where}: the answer is no object."
            raise TransientError(message)
        return answer

    def _explain(self, response: httpx.Response) -> SourceError | None:
        source = self._context.source
        if response.status_code == httpx.codes.UNAUTHORIZED:
            return PermanentError(f"{source}: Zadarma refuses the key or the secret (401); copy both from settings → integrations and API.")
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            reset = str(response.headers.get("x-ratelimit-reset", ""))
            wait = max(1.0, float(reset) - datetime.now(UTC).timestamp()) if reset.isdigit() else _MINUTE
            return TransientError(f"{source}: Zadarma asks to slow down (429).", retry_after=retry_after(response) or min(wait, 120.0))
        try:
            answer: Any = response.json()
        except ValueError:
            return None
        if isinstance(answer, dict) and answer.get("status") == "error" and "rate limit" in str(answer.get("message")).lower():
            return TransientError(f"{source}: Zadarma asks to slow down ({str(answer['message'])[:200]}).", retry_after=_MINUTE)
        if isinstance(answer, dict) and answer.get("status") == "error":
            return PermanentError(f"{source}: Zadarma refuses ({str(answer.get('message'))[:200]}); check the rights of the key.")
        return None


def _wall(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _leg(row: JsonObject, zone: tzinfo) -> Record | Fault:
    try:
        started = datetime.strptime(str(row["callstart"]), "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)
    except (KeyError, ValueError):
        return Fault("statistics", "a leg without callstart", row)
    key = digest(row.get("call_id"), row.get("pbx_call_id"), row["callstart"], row.get("sip"), row.get("destination"))
    return Record(f"{row.get('pbx_call_id') or row.get('call_id')}:{key}", {**row, "_started_at": started.isoformat()})


def connect(options: ZadarmaOptions, context: Context) -> Connector:
    """A connector for these options; nothing is asked yet."""
    for secret in (options.key, options.secret):
        register_secret(secret.get_secret_value())
    api = ZadarmaApi(options, context, HttpClient(context.source, per_second=options.requests_per_second or None))

    def check() -> str:
        now = datetime.now(UTC)
        legs = sum(isinstance(one, Record) for one in api.legs(now - timedelta(days=1), now))
        return f"Zadarma answers; legs of calls in the last 24 hours: {legs}."

    reading = Reading(api.legs, timedelta(days=options.period_days), timedelta(days=options.reread_days))
    return PeriodConnector(context, {"calls": reading}, check, api.close)


SOURCE = Source(
    type="zadarma",
    system="zadarma",
    title="Zadarma",
    streams=(Stream("calls", "by month at first, then the last days again each time", ("fct_calls", "manager_kpi")),),
    options=ZadarmaOptions,
    connect=connect,
)

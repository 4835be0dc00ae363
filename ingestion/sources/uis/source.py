"""UIS, CoMagic, Novofon, CallGear: one Data API (JSON-RPC 2.0) under several addresses.

`calls`: one record per session of `get.calls_report`, fields as sent; employees, marks and costs of a call change afterwards, so the last
days are read again. Times are wall time of the account's zone (`timezone`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pydantic import Field, SecretStr

from ingestion.errors import PermanentError, SourceError, TransientError
from ingestion.feeds.exact import exact_json
from ingestion.feeds.faults import Fault
from ingestion.feeds.periods import PeriodConnector, PeriodTooLongError, Reading
from ingestion.http import HttpClient
from ingestion.redaction import register_secret
from ingestion.spec import Connector, Context, JsonObject, Record, Source, SourceOptions, Stream

# without a list of fields the service leaves out employees (feeds.md 1.3)
FIELDS = (
    "id", "start_time", "finish_time", "finish_reason", "direction", "source", "is_lost", "communication_id", "communication_number",
    "wait_duration", "total_wait_duration", "talk_duration", "clean_talk_duration", "total_duration", "postprocess_duration",
    "virtual_phone_number", "contact_phone_number", "employees", "last_answered_employee_id", "last_answered_employee_full_name",
    "last_talked_employee_id", "last_talked_employee_full_name", "scenario_name", "site_id", "campaign_id", "campaign_name",
    "visitor_id", "visitor_session_id", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "gclid", "yclid",
    "ym_client_id", "sale_date", "sale_cost", "tags",
)  # fmt: skip
_NO_ENTRY = frozenset({-32001, -32003, -32004})
_BUSY = frozenset({-32029, -32603})
_PAUSE = 15.0  # seconds; five of them outlast a count by the minute


class UisOptions(SourceOptions):
    """`[sources.<name>]` of type uis."""

    token: SecretStr = Field(description="access token of a Data API user (account → users)")
    url: str = Field(
        default="https://dataapi.uiscom.ru/v2.0",
        pattern="^https?://.+$",
        description="of UIS; also dataapi.comagic.ru, Novofon's, CallGear's",
    )
    requests_per_second: float = Field(default=5.0, ge=0, description="0 for no pacing")
    period_days: int = Field(default=90, ge=1, le=90, description="days asked for at once")
    page_size: int = Field(default=1000, ge=1, le=10_000, description="calls of one answer")
    reread_days: int = Field(default=3, ge=1, description="days read again each time")


class UisApi:
    """Questions to the Data API.

    Args:
        options: of the source.
        context: of the source.
        http: the client.
    """

    def __init__(self, options: UisOptions, context: Context, http: HttpClient) -> None:
        self._options = options
        self._context = context
        self._http = http
        self._asked = 0

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def calls(self, low: datetime, high: datetime) -> Iterator[Record | Fault]:
        """Sessions that began in [low, high)."""
        span = {"date_from": self._wall(low), "date_till": self._wall(high - timedelta(seconds=1))}
        offset, total = 0, 1
        while offset < total:
            page = {"limit": self._options.page_size, "offset": offset, "fields": list(FIELDS)}
            sort = [{"field": "id", "order": "asc"}]
            result = self._ask("get.calls_report", {**span, **page, "sort": sort, "include_ongoing_calls": False})
            rows = result.get("data") or []
            told = (result.get("metadata") or {}).get("total_items")
            total = int(told) if told is not None else offset + len(rows) + 1  # untold: until an empty page
            for row in rows:
                yield Record(str(row["id"]), _with_last_rung(row)) if row.get("id") else Fault("calls report", "a call without id", row)
            if not rows:
                return
            offset += len(rows)

    def _wall(self, moment: datetime) -> str:
        return moment.astimezone(self._context.timezone).strftime("%Y-%m-%d %H:%M:%S")

    def _ask(self, method: str, params: JsonObject) -> JsonObject:
        self._asked += 1
        token = self._options.token.get_secret_value()
        body = {"jsonrpc": "2.0", "id": self._asked, "method": method, "params": {"access_token": token, **params}}
        where = f"{self._context.source}: {method}"
        answer = exact_json(self._http, "POST", self._options.url, where, json=body, explain=self._explain)
        result = answer.get("result") if isinstance(answer, dict) else None
        if not isinstance(result, dict):
            message = f"{where}: the answer holds no result."
            raise TransientError(message)
        return result

    def _explain(self, response: httpx.Response) -> SourceError | None:
        try:
            error: Any = response.json()["error"]
            code, words = int(error.get("code") or 0), str(error.get("message") or "")[:200]
            mnemonic = str((error.get("data") or {}).get("mnemonic") or "")
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
        source = self._context.source
        if mnemonic == "date_interval_limit_reached":
            return PeriodTooLongError(f"{source}: the service does not answer for so long a period.")
        if "limit" in mnemonic or code in _BUSY:
            return TransientError(f"{source}: the service asks to come later ({mnemonic or code}: {words}).", retry_after=_PAUSE)
        advice = "check the request against the version of the API"
        if code in _NO_ENTRY or "token" in mnemonic or "auth" in mnemonic:
            advice = "the token is wrong, has expired, or may not be used from this machine's address: correct that in the account"
        return PermanentError(f"{source}: the service refuses ({mnemonic or code}: {words}); {advice}.")


def _with_last_rung(row: JsonObject) -> JsonObject:
    """The call with the last employee it rang, whom the service names of its own accord only if they took it."""
    rung = [one for one in row.get("employees") or [] if isinstance(one, dict) and one.get("employee_id")]
    if not rung:
        return row
    return {**row, "_last_rung_id": rung[-1]["employee_id"], "_last_rung_name": rung[-1].get("employee_full_name")}


def connect(options: UisOptions, context: Context) -> Connector:
    """A connector for these options; nothing is asked yet."""
    register_secret(options.token.get_secret_value())
    api = UisApi(options, context, HttpClient(context.source, per_second=options.requests_per_second or None))

    def check() -> str:
        now = datetime.now(UTC)
        calls = sum(isinstance(one, Record) for one in api.calls(now - timedelta(days=1), now))
        return f"The Data API answers; {calls} calls in the last 24 hours."

    reading = Reading(api.calls, timedelta(days=options.period_days), timedelta(days=options.reread_days))
    return PeriodConnector(context, {"calls": reading}, check, api.close)


SOURCE = Source(
    type="uis",
    system="uis",
    title="UIS, CoMagic, Novofon, CallGear",
    streams=(Stream("calls", "by quarter at first, then the last days again each time", ("fct_calls", "manager_kpi")),),
    options=UisOptions,
    connect=connect,
)

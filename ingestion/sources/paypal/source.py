"""PayPal (history of companies that used it).

`transactions`: one record per entry of the Transaction Search, as sent. An id alone is not unique there: an entry is told by id, event code
and moment. Periods of 31 days at most; one with too many entries is asked for in halves. Entries appear up to three hours late.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
from pydantic import Field, SecretStr

from ingestion.errors import PermanentError, SourceError, TransientError
from ingestion.feeds.exact import exact_json
from ingestion.feeds.faults import Fault
from ingestion.feeds.periods import PeriodConnector, PeriodTooLongError, Reading
from ingestion.http import HttpClient
from ingestion.redaction import register_secret
from ingestion.spec import Connector, Context, JsonObject, Record, Source, SourceOptions, Stream

_PAGE = 500
_EARLY = timedelta(minutes=10)  # a token is renewed so long before it ends
_KEPT = timedelta(days=3 * 365)  # the search goes no farther back


class _NotYetError(PermanentError):
    """The search does not reach the beginning of the period yet: entries appear hours late."""


class PayPalOptions(SourceOptions):
    """`[sources.<name>]` of type paypal."""

    client_id: str = Field(description="of a live REST application with Transaction Search")
    client_secret: SecretStr = Field(description="of the same application")
    url: str = Field(default="https://api-m.paypal.com", pattern="^https?://.+$", description="the API's address")
    requests_per_second: float = Field(default=2.0, ge=0, description="0 for no pacing")
    reread_days: int = Field(default=7, ge=1, description="days read again each time")


class PayPalApi:
    """Entries of one account.

    Args:
        options: of the source.
        context: of the source.
        http: the client.
    """

    def __init__(self, options: PayPalOptions, context: Context, http: HttpClient) -> None:
        self._options = options
        self._url = options.url.rstrip("/")
        self._source = context.source
        self._http = http
        self._token = ""
        self._until = datetime.min.replace(tzinfo=UTC)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def records(self, low: datetime, high: datetime) -> Iterator[Record | Fault]:
        """Entries of [low, high)."""
        span = {"start_date": _utc(low), "end_date": _utc(high - timedelta(seconds=1)), "fields": "transaction_info,cart_info"}
        page, pages = 1, 1
        while page <= pages:
            try:
                answer = self._ask({**span, "page_size": str(_PAGE), "page": str(page)})
            except _NotYetError:
                return  # the days before now are read again next time
            for entry in answer.get("transaction_details") or []:
                info = entry.get("transaction_info") or {}
                if not info.get("transaction_id"):
                    yield Fault("transactions", "an entry without id", entry)
                    continue
                parts = ("transaction_id", "transaction_event_code", "transaction_initiation_date")
                sign = "-" if str((info.get("transaction_amount") or {}).get("value", "")).startswith("-") else "+"
                yield Record(":".join([*(str(info.get(part, "")) for part in parts), sign]), entry)
            pages = int(answer.get("total_pages") or 1)
            page += 1

    def _ask(self, params: dict[str, str]) -> JsonObject:
        where = f"{self._source}: transactions"
        url = f"{self._url}/v1/reporting/transactions"
        headers = {"Authorization": f"Bearer {self._valid_token()}"}
        answer = exact_json(self._http, "GET", url, where, params=params, headers=headers, explain=self._explain)
        if not isinstance(answer, dict):
            message = f"{where}: the answer is no list."
            raise TransientError(message)
        return answer

    def _valid_token(self) -> str:
        now = datetime.now(UTC)
        if now >= self._until:
            pair = (self._options.client_id, self._options.client_secret.get_secret_value())
            answer = self._http.json(
                "POST",
                f"{self._url}/v1/oauth2/token",
                data={"grant_type": "client_credentials"},
                auth=pair,
                explain=self._explain,
            )
            self._token = str(answer["access_token"])
            register_secret(self._token)
            self._until = now + timedelta(seconds=int(answer.get("expires_in") or 3600)) - _EARLY
        return self._token

    def _explain(self, response: httpx.Response) -> SourceError | None:
        if response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            advice = "check client_id and client_secret, and that the application has Transaction Search switched on"
            return PermanentError(f"{self._source}: PayPal refuses ({response.status_code}); {advice}.")
        try:
            body = response.json()
            name, message = str(body.get("name") or ""), str(body.get("message") or "")
            issues = [str(one.get("issue") or "") for one in body.get("details") or []]
        except (ValueError, AttributeError):
            return None
        if name == "RESULTSET_TOO_LARGE":
            return PeriodTooLongError(f"{self._source}: the period holds more entries than PayPal gives at once.")
        if response.status_code == httpx.codes.BAD_REQUEST:
            if "start date is not available" in message:
                return _NotYetError(f"{self._source}: PayPal has no data of this period yet.")
            words = " ".join([message, *issues])[:300]
            return PermanentError(
                f"{self._source}: PayPal refuses the question ({words}); if it is too old, give a later since in skvoz.toml."
            )
        return None


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def connect(options: PayPalOptions, context: Context) -> Connector:
    """A connector for these options; nothing is asked yet."""
    register_secret(options.client_secret.get_secret_value())
    api = PayPalApi(options, context, HttpClient(context.source, per_second=options.requests_per_second or None))

    def check() -> str:
        now = datetime.now(UTC)
        seen = sum(isinstance(one, Record) for one in api.records(now - timedelta(days=3), now))
        return f"PayPal answers; {seen} entries in the last three days."

    reading = Reading(api.records, timedelta(days=31), timedelta(days=options.reread_days), reach=_KEPT)
    return PeriodConnector(context, {"transactions": reading}, check, api.close)


SOURCE = Source(
    type="paypal",
    system="paypal",
    title="PayPal",
    streams=(Stream("transactions", "by month at first, then the last days again each time", ("payment_links", "fct_payments")),),
    options=PayPalOptions,
    connect=connect,
)

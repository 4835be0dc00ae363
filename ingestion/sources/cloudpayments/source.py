"""CloudPayments.

`payments`: one record per transaction, as sent, fractions as text. The service lists one day per question, so the first load asks once for
each day since `since`; the last days are read again, for transactions are confirmed and paid back later. Refunds are transactions too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
from pydantic import Field, SecretStr

from ingestion.errors import PermanentError, SourceError
from ingestion.feeds.exact import exact_json
from ingestion.feeds.faults import Fault
from ingestion.feeds.periods import PeriodConnector, Reading
from ingestion.http import HttpClient
from ingestion.redaction import register_secret
from ingestion.spec import Connector, Context, Record, Source, SourceOptions, Stream

_NO_ONES_BUSINESS = frozenset(
    {"Token", "CardHolderMessage", "Email", "IpAddress", "IpLatitude", "IpLongitude", "IpCity", "IpRegion", "IpDistrict", "Rrn"}
)


class CloudPaymentsOptions(SourceOptions):
    """`[sources.<name>]` of type cloudpayments."""

    public_id: str = Field(description="Public ID of the site (account → sites)")
    api_secret: SecretStr = Field(description="API password beside it")
    url: str = Field(default="https://api.cloudpayments.ru", pattern="^https?://.+$", description="the API's address")
    requests_per_second: float = Field(default=5.0, ge=0, description="0 for no pacing")
    reread_days: int = Field(default=7, ge=1, description="days read again each time")


def _kept(item: Mapping[str, Any]) -> dict[str, Any]:
    """A transaction without what a payment need not tell; many shops give the buyer's address as its account."""
    return {
        name: value for name, value in item.items() if name not in _NO_ONES_BUSINESS and not (name == "AccountId" and "@" in str(value))
    }


class CloudPaymentsApi:
    """Days of one site.

    Args:
        options: of the source.
        context: of the source.
        http: the client, with the site's credentials.
    """

    def __init__(self, options: CloudPaymentsOptions, context: Context, http: HttpClient) -> None:
        self._url = options.url.rstrip("/")
        self._context = context
        self._http = http

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def records(self, low: datetime, high: datetime) -> Iterator[Record | Fault]:
        """Transactions of the days that [low, high) touches, by UTC days."""
        day, last = low.astimezone(UTC).date(), (high - timedelta(microseconds=1)).astimezone(UTC).date()
        while day <= last:
            yield from self.day(day)
            day += timedelta(days=1)

    def day(self, day: date) -> Iterator[Record | Fault]:
        """Transactions of one day of UTC."""
        where = f"{self._context.source}: payments of {day}"
        body = {"Date": day.isoformat(), "TimeZone": "UTC"}
        answer = exact_json(self._http, "POST", f"{self._url}/payments/list", where, json=body, explain=self._explain)
        if not isinstance(answer, dict) or not answer.get("Success"):
            words = str(answer.get("Message") or "")[:200] if isinstance(answer, dict) else ""
            message = f"{where}: CloudPayments refuses ({words or 'no reason given'}); check that the site may use the API."
            raise PermanentError(message)
        for item in answer.get("Model") or []:
            if not item.get("TransactionId"):
                yield Fault(f"payments of {day}", "a transaction without id", item)
                continue
            yield Record(str(item["TransactionId"]), _kept(item))

    def _explain(self, response: httpx.Response) -> SourceError | None:
        if response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            advice = "copy Public ID and API password from the site's settings"
            return PermanentError(f"{self._context.source}: CloudPayments refuses the credentials ({response.status_code}); {advice}.")
        return None


def connect(options: CloudPaymentsOptions, context: Context) -> Connector:
    """A connector for these options; nothing is asked yet."""
    secret = options.api_secret.get_secret_value()
    register_secret(secret)
    http = HttpClient(context.source, per_second=options.requests_per_second or None, auth=(options.public_id, secret))
    api = CloudPaymentsApi(options, context, http)

    def check() -> str:
        payments = sum(isinstance(one, Record) for one in api.day(datetime.now(UTC).date() - timedelta(days=1)))
        return f"CloudPayments answers; {payments} transactions yesterday."

    reading = Reading(api.records, timedelta(days=1), timedelta(days=options.reread_days))
    return PeriodConnector(context, {"payments": reading}, check, api.close)


SOURCE = Source(
    type="cloudpayments",
    system="cloudpayments",
    title="CloudPayments",
    streams=(Stream("payments", "day by day at first, then the last days again each time", ("payment_links", "fct_payments")),),
    options=CloudPaymentsOptions,
    connect=connect,
)

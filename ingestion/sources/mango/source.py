"""MANGO OFFICE.

`calls`: one record per leg of the call statistics, by the names of the fields asked for, texts as sent; `entry_id` ties the legs of a call.
Months at first, then the last days again, for a call appears when it has ended.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import Field, SecretStr

from ingestion.feeds.periods import PeriodConnector, Reading
from ingestion.http import HttpClient
from ingestion.redaction import register_secret
from ingestion.sources.mango.api import MangoApi
from ingestion.spec import Connector, Context, Record, Source, SourceOptions, Stream


class MangoOptions(SourceOptions):
    """`[sources.<name>]` of type mango."""

    key: SecretStr = Field(description="the exchange's unique code (API settings of the account)")
    salt: SecretStr = Field(description="the key for signatures (API settings of the account)")
    url: str = Field(default="https://app.mango-office.ru/vpbx/", pattern="^https?://.+$", description="the API's address")
    requests_per_second: float = Field(default=2.0, ge=0, description="0 for no pacing")
    period_days: int = Field(default=30, ge=1, le=31, description="days asked for at once")
    reread_days: int = Field(default=2, ge=1, description="days read again each time")


def connect(options: MangoOptions, context: Context) -> Connector:
    """A connector for these options; nothing is asked yet."""
    key, salt = options.key.get_secret_value(), options.salt.get_secret_value()
    for secret in (key, salt):
        register_secret(secret)
    http = HttpClient(context.source, per_second=options.requests_per_second or None)
    api = MangoApi(options.url, key, salt, context.source, http)

    def check() -> str:
        now = datetime.now(UTC)
        legs = sum(isinstance(one, Record) for one in api.legs(now - timedelta(days=1), now))
        return f"MANGO OFFICE answers; legs of calls in the last 24 hours: {legs}."

    reading = Reading(api.legs, timedelta(days=options.period_days), timedelta(days=options.reread_days))
    return PeriodConnector(context, {"calls": reading}, check, api.close)


SOURCE = Source(
    type="mango",
    system="mango",
    title="MANGO OFFICE",
    streams=(Stream("calls", "by month at first, then the last days again each time", ("fct_calls", "manager_kpi")),),
    options=MangoOptions,
    connect=connect,
)

"""PayOnline.

`transactions`: one record per line of the list of transactions (CSV with a heading, at most three days of UTC per question), texts as sent.
A transaction is settled, voided or paid back afterwards, so the last days are read again.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
from pydantic import Field, SecretStr

from ingestion.errors import PermanentError, SourceError, TransientError
from ingestion.feeds.faults import Fault
from ingestion.feeds.periods import PeriodConnector, Reading
from ingestion.http import HttpClient
from ingestion.redaction import register_secret
from ingestion.spec import Connector, Context, Record, Source, SourceOptions, Stream

_TRIES_OF_NOTHING = 2  # an empty body means no transactions, or a proxy that lost them
_NEEDED = ("Id", "Date", "Amount", "Status")


class PayOnlineOptions(SourceOptions):
    """`[sources.<name>]` of type payonline."""

    merchant_id: str = Field(pattern="^[0-9]+$", description="MerchantId")
    private_security_key: SecretStr = Field(description="PrivateSecurityKey")
    url: str = Field(default="https://secure.payonlinesystem.com", pattern="^https?://.+$", description="the API's address")
    requests_per_second: float = Field(default=2.0, ge=0, description="0 for no pacing")
    reread_days: int = Field(default=7, ge=1, description="days read again each time")


class PayOnlineApi:
    """Lists of one merchant.

    Args:
        options: of the source.
        context: of the source.
        http: the client.
    """

    def __init__(self, options: PayOnlineOptions, context: Context, http: HttpClient) -> None:
        self._options = options
        self._source = context.source
        self._http = http

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def records(self, low: datetime, high: datetime) -> Iterator[Record | Fault]:
        """Transactions of [low, high), at most three days."""
        signed = {"MerchantId": self._options.merchant_id, "DateFrom": _wall(low), "DateTill": _wall(high - timedelta(seconds=1))}
        text = "&".join(f"{name}={value}" for name, value in signed.items())
        key = hashlib.md5(f"{text}&PrivateSecurityKey={self._options.private_security_key.get_secret_value()}".encode()).hexdigest()  # noqa: S324 - the vendor's own signature
        form = {**signed, "ContentType": "text", "SecurityKey": key}
        body = ""
        for _ in range(_TRIES_OF_NOTHING):
            body = self._http.text("POST", f"{self._options.url.rstrip('/')}/payment/transaction/list/", data=form, explain=self._explain)
            if body.strip():
                break
        else:
            return
        rows = csv.reader(io.StringIO(body, newline=""), delimiter=";" if ";" in body.partition("\n")[0] else ",")
        names = next(rows, [])
        missing = [name for name in _NEEDED if name not in names]
        if missing:
            message = f"{self._source}: the list of transactions has no column {missing[0]}."
            raise TransientError(message)
        for row in rows:
            if not row:
                continue
            if len(row) != len(names):
                yield Fault(f"line {rows.line_num}", f"it has {len(row)} columns, the heading {len(names)}", ";".join(row))
                continue
            payload = dict(zip(names, row, strict=True))
            yield Record(f"{payload['Id']}:{payload.get('Type', '')}", payload)

    def _explain(self, response: httpx.Response) -> SourceError | None:
        start = response.content[:300].decode("utf-8", "replace")
        if response.status_code < httpx.codes.BAD_REQUEST and start.lstrip().startswith("<"):
            return TransientError(f"{self._source}: a web page came instead of the list of transactions.")
        if response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN} or start.lower().startswith("error"):
            advice = "check merchant_id and private_security_key, and that this address may ask"
            return PermanentError(f"{self._source}: PayOnline refuses ({response.status_code}); {advice}.")
        if response.status_code == httpx.codes.OK and "=" in start and "\n" not in start.strip():
            # one line of names and values is no heading of a list
            advice = "check merchant_id and private_security_key"
            return PermanentError(f"{self._source}: PayOnline refuses ({start.strip()}); {advice}.")
        if response.status_code == httpx.codes.OK and response.content.strip() and not response.content.endswith(b"\n"):
            return TransientError(f"{self._source}: the list of transactions is broken off.")
        return None


def _wall(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def connect(options: PayOnlineOptions, context: Context) -> Connector:
    """A connector for these options; nothing is asked yet."""
    register_secret(options.private_security_key.get_secret_value())
    api = PayOnlineApi(options, context, HttpClient(context.source, per_second=options.requests_per_second or None))

    def check() -> str:
        now = datetime.now(UTC)
        seen = sum(isinstance(one, Record) for one in api.records(now - timedelta(days=1), now))
        return f"PayOnline answers; {seen} transactions in the last 24 hours."

    reading = Reading(api.records, timedelta(days=3), timedelta(days=options.reread_days))
    return PeriodConnector(context, {"transactions": reading}, check, api.close)


SOURCE = Source(
    type="payonline",
    system="payonline",
    title="PayOnline",
    streams=(Stream("transactions", "three days at a time at first, then the last days again", ("payment_links", "fct_payments")),),
    options=PayOnlineOptions,
    connect=connect,
)

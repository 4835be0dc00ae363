"""YooKassa.

`payments`: read by the moment of creation and by that of capture, for a payment may be captured days after it was made; `refunds`;
`receipts`, which join fiscal receipts by their fiscal numbers. Payloads as sent; amounts stay the text they were. The service keeps three
years. Test payments come too and are left out in dbt.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
from pydantic import Field, SecretStr

from ingestion.errors import PermanentError, SourceError, TransientError
from ingestion.feeds.exact import exact_json
from ingestion.feeds.faults import Fault
from ingestion.feeds.periods import PeriodConnector, Reading
from ingestion.http import HttpClient
from ingestion.redaction import register_secret
from ingestion.spec import Connector, Context, JsonObject, Record, Source, SourceOptions, Stream

_PAGE = "100"
_KEPT = timedelta(days=3 * 365)  # the service tells nothing older
_MOMENTS = {"payments": ("created_at", "captured_at"), "refunds": ("created_at",), "receipts": ("created_at",)}


class YooKassaOptions(SourceOptions):
    """`[sources.<name>]` of type yookassa."""

    shop_id: str = Field(description="number of the shop (settings → shop)")
    secret_key: SecretStr = Field(description="secret key (integration → API keys)")
    url: str = Field(default="https://api.yookassa.ru/v3", pattern="^https?://.+$", description="the API's address")
    order_field: str = Field(default="order_id", pattern=r"^[^'\"|]+$", description="key of a payment's metadata that names the order")
    requests_per_second: float = Field(default=5.0, ge=0, description="0 for no pacing")
    period_days: int = Field(default=30, ge=1, description="days asked for at once")
    reread_days: int = Field(default=7, ge=1, description="days read again each time, for payments change after they were made")


class YooKassaApi:
    """Lists of one shop.

    Args:
        options: of the source.
        context: of the source.
        http: the client, with the shop's credentials.
    """

    def __init__(self, options: YooKassaOptions, context: Context, http: HttpClient) -> None:
        self._url = options.url.rstrip("/")
        self._source = context.source
        self._http = http

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def records(self, kind: str, low: datetime, high: datetime) -> Iterator[Record | Fault]:
        """What was created or captured in [low, high)."""
        for moment in _MOMENTS[kind]:
            span = {f"{moment}.gte": _utc(low), f"{moment}.lt": _utc(high), "limit": _PAGE}
            cursor: str | None = ""
            while cursor is not None:
                # a cursor belongs to the filters it came with
                answer = self.ask(kind, {**span, **({"cursor": cursor} if cursor else {})})
                for item in answer.get("items") or []:
                    yield Record(str(item["id"]), item) if item.get("id") else Fault(kind, "an item without id", item)
                cursor = answer.get("next_cursor") or None

    def ask(self, kind: str, params: dict[str, str]) -> JsonObject:
        """One page of a list."""
        where = f"{self._source}: {kind}"
        answer = exact_json(self._http, "GET", f"{self._url}/{kind}", where, params=params, explain=self._explain)
        if not isinstance(answer, dict):
            message = f"{where}: the answer is no list."
            raise TransientError(message)
        return answer

    def _explain(self, response: httpx.Response) -> SourceError | None:
        refused = f"{self._source}: YooKassa refuses ({response.status_code}: {_description(response) or 'no reason given'})"
        if response.status_code == httpx.codes.UNAUTHORIZED:
            return PermanentError(f"{refused}; check shop_id and secret_key (integration → API keys), and that the key is of this shop.")
        if response.status_code == httpx.codes.FORBIDDEN:
            return PermanentError(f"{refused}; check that the key may read payments and receipts, and that it is of this shop.")
        if response.status_code == httpx.codes.BAD_REQUEST:
            return PermanentError(f"{self._source}: YooKassa does not understand the question ({_description(response)}).")
        return None


def _description(response: httpx.Response) -> str:
    """The service's own words."""
    try:
        return str(response.json().get("description") or "")[:200]
    except (ValueError, AttributeError):
        return ""


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def connect(options: YooKassaOptions, context: Context) -> Connector:
    """A connector for these options; nothing is asked yet."""
    secret = options.secret_key.get_secret_value()
    register_secret(secret)
    http = HttpClient(context.source, per_second=options.requests_per_second or None, auth=(options.shop_id, secret))
    api = YooKassaApi(options, context, http)

    def check() -> str:
        recent = _utc(datetime.now(UTC) - timedelta(days=30))
        items = api.ask("payments", {"limit": "1", "created_at.gte": recent}).get("items") or []
        return "YooKassa answers; " + ("there are payments of the last 30 days." if items else "no payment in the last 30 days.")

    def reading(kind: str) -> Reading:
        return Reading(
            lambda low, high: api.records(kind, low, high),
            timedelta(days=options.period_days),
            timedelta(days=options.reread_days),
            reach=_KEPT,
        )

    return PeriodConnector(context, {kind: reading(kind) for kind in _MOMENTS}, check, api.close)


_LOADS = "by month at first, then the last days again each time"
SOURCE = Source(
    type="yookassa",
    system="yookassa",
    title="YooKassa",
    streams=(
        Stream("payments", f"{_LOADS}, by creation and by capture", ("payment_links", "fct_payments")),
        Stream("refunds", _LOADS, ("payment_links", "fct_payments")),
        Stream("receipts", _LOADS, ("payment_links",)),
    ),
    options=YooKassaOptions,
    connect=connect,
    dbt_options=("order_field",),
)

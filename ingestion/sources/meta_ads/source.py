"""Meta: Facebook and Instagram.

`campaign_costs`: one record per day and campaign of the insights of an advertising account, key `<date>:<campaign_id>`, numbers as
the texts they are sent as. The last 28 days are read again, for they are corrected so long; a day that is no longer reported is deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import orjson
from pydantic import Field, SecretStr, field_validator

from ingestion.errors import PermanentError, SourceError, TransientError
from ingestion.feeds.exact import exact_json
from ingestion.feeds.faults import Fault
from ingestion.feeds.periods import PeriodConnector, PeriodTooLongError, Reading, key_day
from ingestion.http import HttpClient
from ingestion.redaction import register_secret
from ingestion.spec import Connector, Context, JsonObject, Record, Source, SourceOptions, Stream

_FIELDS = "campaign_id,campaign_name,impressions,clicks,spend,account_currency"
_NO_ENTRY = frozenset({10, 102, 190, 200, 294})
_BUSY = frozenset({1, 2, 4, 17, 32, 341, 613, 80000, 80004})
_TOO_LONG = frozenset({1504018, 1504038})  # subcodes of a question that timed out: a shorter period is answered
_TOO_EARLY = 3018


class MetaAdsOptions(SourceOptions):
    """`[sources.<name>]` of type meta_ads."""

    token: SecretStr = Field(description="access token of a system user with ads_read")
    account_id: str | None = Field(
        default=None, description="number of the advertising account, with or without act_; default every account of the token"
    )
    url: str = Field(default="https://graph.facebook.com/v23.0", pattern="^https?://.+$", description="the API's address with its version")
    period_days: int = Field(default=30, ge=1, description="days asked for at once")
    reread_days: int = Field(default=28, ge=1, description="days read again each time")
    requests_per_second: float = Field(default=2.0, ge=0, description="0 for no pacing")
    include_vat: bool = Field(default=False, description="spend includes VAT")

    @field_validator("account_id")
    @classmethod
    def _number(cls, value: str | None) -> str | None:
        if value is None:
            return None
        number = value.strip().removeprefix("act_")
        if not number.isdigit():
            message = "must be a number such as act_1234567890"
            raise ValueError(message)
        return number


class MetaApi:
    """Insights of one account, or of all that the token sees.

    Args:
        options: of the source.
        context: of the source.
        http: the client, which carries the token in a header.
    """

    def __init__(self, options: MetaAdsOptions, context: Context, http: HttpClient) -> None:
        self._url = options.url.rstrip("/")
        self._accounts = [options.account_id] if options.account_id else []
        self._source = context.source
        self._http = http

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def days(self, low: datetime, high: datetime) -> Iterator[Record | Fault]:
        """Campaign days of [low, high), whole days."""
        span = {"since": low.date().isoformat(), "until": (high - timedelta(days=1)).date().isoformat()}
        params = {"level": "campaign", "time_increment": "1", "fields": _FIELDS, "time_range": orjson.dumps(span).decode(), "limit": "500"}
        for account in self._accounts_of_the_token():
            for row in self._rows(f"act_{account}/insights", params):
                day, campaign = str(row.get("date_start") or ""), str(row.get("campaign_id") or "")
                if not campaign.isdigit() or not span["since"] <= day <= span["until"]:
                    yield Fault("insights", "no campaign, or a day that was not asked for", row)
                else:
                    yield Record(f"{day}:{campaign}", row)

    def _accounts_of_the_token(self) -> list[str]:
        """The configured one, else those the token sees; asked once, for a period read without one of them would lose its days."""
        if not self._accounts:
            found = self._rows("me/adaccounts", {"fields": "account_id", "limit": "100"})
            self._accounts = sorted({str(row["account_id"]) for row in found if str(row.get("account_id") or "").isdigit()})
        if not self._accounts:
            message = f"{self._source}: the token sees no advertising account; give its system user one in Meta Business."
            raise PermanentError(message)
        return self._accounts

    def _rows(self, edge: str, params: dict[str, str]) -> Iterator[JsonObject]:
        after: str | None = ""
        while after is not None:
            # `paging.next` would carry the token in its address: only its cursor is used
            answer = self._ask(edge, {**params, **({"after": after} if after else {})})
            yield from answer.get("data") or []
            paging = answer.get("paging") or {}
            after = (paging.get("cursors") or {}).get("after") if paging.get("next") else None

    def _ask(self, edge: str, params: dict[str, str]) -> JsonObject:
        where = f"{self._source}: {edge.rpartition('/')[2]}"
        answer = exact_json(self._http, "GET", f"{self._url}/{edge}", where, params=params, explain=self._explain)
        if not isinstance(answer, dict):
            message = f"{where}: the answer is no object."
            raise TransientError(message)
        return answer

    def _explain(self, response: httpx.Response) -> SourceError | None:
        try:
            error = response.json()["error"]
            code, part = int(error.get("code") or 0), int(error.get("error_subcode") or 0)
            words = str(error.get("message") or "")[:200]
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
        if "reduce the amount of data" in words.lower() or part in _TOO_LONG:
            return PeriodTooLongError(f"{self._source}: the period holds more than Meta gives at once ({code}: {words}).")
        if code in _BUSY:
            return TransientError(f"{self._source}: Meta asks to come later ({code}: {words}).", retry_after=60.0)
        advice = "check account_id and the fields against the version in url"
        if code == _TOO_EARLY:
            advice = "give a later since in skvoz.toml"
        elif code in _NO_ENTRY:
            advice = "the token is wrong, has ended, or lacks ads_read for this account: make a new one for a system user"
        # of many accounts one may be closed to the token: who mends it must know which
        account = "".join(f" {one}" for one in response.request.url.path.split("/") if one.startswith("act_"))
        return PermanentError(f"{self._source}: Meta refuses{account} ({code}: {words}); {advice}.")


def connect(options: MetaAdsOptions, context: Context) -> Connector:
    """A connector for these options; nothing is asked yet."""
    token = options.token.get_secret_value()
    register_secret(token)
    http = HttpClient(context.source, per_second=options.requests_per_second or None, headers={"Authorization": f"Bearer {token}"})
    api = MetaApi(options, context, http)

    def check() -> str:
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        days = sum(isinstance(one, Record) for one in api.days(today - timedelta(days=7), today))
        return f"Meta answers; {days} campaign days in the last week."

    reading = Reading(api.days, timedelta(days=options.period_days), timedelta(days=options.reread_days), key_day)
    return PeriodConnector(context, {"campaign_costs": reading}, check, api.close)


SOURCE = Source(
    type="meta_ads",
    system="meta_ads",
    title="Meta (Facebook, Instagram)",
    streams=(
        Stream(
            "campaign_costs",
            "by month at first, then the last 28 days again each time; days no longer reported are deleted",
            ("fct_campaign_costs", "marketing_roi"),
        ),
    ),
    options=MetaAdsOptions,
    connect=connect,
    dbt_options=("include_vat",),
)

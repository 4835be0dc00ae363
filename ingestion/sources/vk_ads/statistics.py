"""Statistics of VK Ads and myTarget, one service under two addresses (feeds.md 3.2): campaigns listed, then their days."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
from pydantic import Field, SecretStr, model_validator

from ingestion.errors import PermanentError, SourceError, TransientError
from ingestion.feeds.exact import exact_json
from ingestion.feeds.faults import Fault
from ingestion.feeds.periods import PeriodConnector, PeriodTooLongError, Reading, key_day
from ingestion.http import HttpClient
from ingestion.redaction import register_secret
from ingestion.spec import Connector, Context, JsonObject, Record, SourceOptions

_PAGE = 50
_EARLY = timedelta(minutes=5)
_STATES = "active,blocked,deleted"


class _TokenEndedError(PermanentError):
    """The token is not known any more: another program of the same application may have dropped all tokens."""


class _TooManyTokensError(PermanentError):
    """No more tokens of this application are handed out: the service keeps five at most, ended ones among them."""


class StatisticsOptions(SourceOptions):
    """`[sources.<name>]` of types vk_ads and mytarget."""

    token: SecretStr | None = Field(default=None, description="access token of the cabinet")
    client_id: str | None = Field(default=None, description="or id and secret of an application of the cabinet")
    client_secret: SecretStr | None = Field(default=None, description="of the application")
    url: str = Field(pattern="^https?://.+$", description="the API's address")
    level: str = Field(pattern="^[a-z_]+$", description="which objects are campaigns")
    ids_per_request: int = Field(default=50, ge=1, le=200, description="campaigns asked for at once")
    period_days: int = Field(default=90, ge=1, le=92, description="days asked for at once")
    reread_days: int = Field(default=14, ge=1, description="days read again each time, for costs are corrected later")
    requests_per_second: float = Field(default=2.0, ge=0, description="0 for no pacing")
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$", description="of the account; default the company's")
    include_vat: bool = Field(
        default=True, description="whether spent includes VAT: the service does not tell, look into the cabinet's bills"
    )

    @model_validator(mode="after")
    def _some_key(self) -> StatisticsOptions:
        if self.token is None and (self.client_id is None or self.client_secret is None):
            message = "give token, or client_id and client_secret"
            raise ValueError(message)
        return self


class StatisticsApi:
    """Questions about one cabinet.

    Args:
        options: of the source.
        context: of the source.
        http: the client.
    """

    def __init__(self, options: StatisticsOptions, context: Context, http: HttpClient) -> None:
        self._options = options
        self._url = options.url.rstrip("/")
        self._context = context
        self._http = http
        self._token = options.token.get_secret_value() if options.token is not None else ""
        self._until = datetime.max.replace(tzinfo=UTC) if self._token else datetime.min.replace(tzinfo=UTC)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def campaigns(self) -> dict[int, str]:
        """Names of all campaigns by id, deleted ones among them: their days were paid for."""
        found: dict[int, str] = {}
        read, count = 0, 1
        while read < count:
            page = {"fields": "id,name", "_status__in": _STATES, "limit": str(_PAGE), "offset": str(read)}
            answer = self._ask(f"{self._options.level}.json", page)
            items = answer.get("items") or []
            found.update({int(item["id"]): str(item.get("name") or "") for item in items})
            read += len(items)
            # without a count a full page is followed by another
            count = int(answer.get("count") or read + (len(items) >= _PAGE))
            if not items and len(found) < count:
                # the days of campaigns that are not listed would count as gone
                message = f"{self._context.source}: the list of campaigns breaks off after {len(found)} of {count}."
                raise TransientError(message)
        return found

    def days(self, low: datetime, high: datetime) -> Iterator[Record | Fault]:
        """Campaign days of [low, high), whole days."""
        first, last = low.date(), (high - timedelta(days=1)).date()
        names = self.campaigns()
        ids = sorted(names)
        for start in range(0, len(ids), self._options.ids_per_request):
            some = ids[start : start + self._options.ids_per_request]
            params = {"date_from": first.isoformat(), "date_to": last.isoformat(), "metrics": "base", "id": ",".join(map(str, some))}
            answer = self._ask(f"statistics/{self._options.level}/day.json", params)
            for item in answer.get("items") or []:
                yield from self._rows(item, names, first, last)

    def _rows(self, item: JsonObject, names: dict[int, str], first: date, last: date) -> Iterator[Record | Fault]:
        campaign = int(item["id"])
        for row in item.get("rows") or []:
            base = row.get("base") or {}
            day = str(row.get("date"))
            if not first.isoformat() <= day <= last.isoformat():
                yield Fault("statistics", "a day that was not asked for", row)
            elif any(str(base.get(name) or "0").strip("0.") for name in ("shows", "clicks", "spent")):
                payload = {"id": campaign, "name": names.get(campaign, ""), "date": day, "base": base}
                yield Record(f"{day}:{campaign}", payload)

    def _ask(self, method: str, params: dict[str, str]) -> JsonObject:
        where = f"{self._context.source}: {method}"
        try:
            answer = self._answer(method, params, where)
        except _TokenEndedError:
            if self._options.token is not None:
                raise
            self._until = datetime.min.replace(tzinfo=UTC)
            answer = self._answer(method, params, where)
        if not isinstance(answer, dict):
            message = f"{where}: the answer is no list."
            raise TransientError(message)
        return answer

    def _answer(self, method: str, params: dict[str, str], where: str) -> Any:
        headers = {"Authorization": f"Bearer {self._valid_token()}"}
        return exact_json(self._http, "GET", f"{self._url}/{method}", where, params=params, headers=headers, explain=self._explain)

    def _valid_token(self) -> str:
        now = datetime.now(UTC)
        if now >= self._until:
            secret = self._options.client_secret.get_secret_value() if self._options.client_secret else ""
            client = {"client_id": self._options.client_id or "", "client_secret": secret}
            try:
                answer = self._new_token(client)
            except _TooManyTokensError:
                # each run takes a token, and five are kept for a month: the old ones make room
                self._http.response("POST", f"{self._url}/oauth2/token/delete.json", data=client, explain=self._explain_token)
                answer = self._new_token(client)
            self._token = str(answer["access_token"])
            register_secret(self._token)
            self._until = now + timedelta(seconds=int(answer.get("expires_in") or 3600)) - _EARLY
        return self._token

    def _new_token(self, client: dict[str, str]) -> JsonObject:
        form = {"grant_type": "client_credentials", **client}
        answer = self._http.json("POST", f"{self._url}/oauth2/token.json", data=form, explain=self._explain_token)
        if not isinstance(answer, dict) or not answer.get("access_token"):
            message = f"{self._context.source}: no token came for client_id and client_secret; check url."
            raise PermanentError(message)
        return answer

    def _explain_token(self, response: httpx.Response) -> SourceError | None:
        source, words = self._context.source, _words(response)
        if response.status_code == httpx.codes.FORBIDDEN:
            advice = "delete tokens of this application in the cabinet, or give skvoz an application of its own"
            return _TooManyTokensError(f"{source}: the service hands out no token ({words}); {advice}.")
        if response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.BAD_REQUEST}:
            advice = "client_id or client_secret is wrong, or the application is blocked: compare them with the cabinet's API settings"
            return PermanentError(f"{source}: the service refuses the application ({words}); {advice}.")
        return None

    def _explain(self, response: httpx.Response) -> SourceError | None:
        source, words = self._context.source, _words(response)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            advice = "the token is wrong or has ended: make a new one in the cabinet's API settings"
            return _TokenEndedError(f"{source}: the service refuses (401: {words}); {advice}.")
        if response.status_code == httpx.codes.FORBIDDEN:
            advice = "the token may not read statistics: make a new one in the cabinet's API settings, with the right read_ads"
            return PermanentError(f"{source}: the service refuses (403: {words}); {advice}.")
        if response.status_code == httpx.codes.BAD_REQUEST:
            lower = words.lower()
            if "date" in lower and ("limit" in lower or "range" in lower or "interval" in lower):
                return PeriodTooLongError(f"{source}: the service does not answer for so long a period ({words}).")
            return PermanentError(f"{source}: the service refuses the question ({words}).")
        return None


def _words(response: httpx.Response) -> str:
    """What the service itself says of a refusal: `{"error": {"code", "message"}}`, without the wrapping, or OAuth's two words."""
    text = response.content[:300].decode("utf-8", "replace")
    try:
        body = json.loads(response.content)
    except ValueError:
        return text
    error = body.get("error", body) if isinstance(body, dict) else None
    if isinstance(error, str):
        error = {"code": error, "message": body.get("error_description")}
    if not isinstance(error, dict):
        return text
    said = [str(error[name]) for name in ("code", "message") if error.get(name)]
    return ": ".join(said)[:300] or text


def connect(options: Any, context: Context) -> Connector:
    """A connector for these options; nothing is asked yet."""
    for secret in (options.token, options.client_secret):
        if secret is not None:
            register_secret(secret.get_secret_value())
    api = StatisticsApi(options, context, HttpClient(context.source, per_second=options.requests_per_second or None))
    reading = Reading(api.days, timedelta(days=options.period_days), timedelta(days=options.reread_days), key_day)
    return PeriodConnector(
        context, {"campaign_costs": reading}, lambda: f"The cabinet answers; {len(api.campaigns())} campaigns.", api.close
    )

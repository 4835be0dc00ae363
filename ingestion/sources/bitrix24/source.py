"""Bitrix24 by incoming webhook or OAuth application.

How each stream is loaded stands in its declaration. `order_field` names the deal's field (UF_CRM_…) that holds the number of the order
in the books; staging reads it.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from ingestion.http import HttpClient
from ingestion.redaction import register_secret
from ingestion.sources.amocrm.tokens import RotatingTokens
from ingestion.sources.bitrix24.api import BitrixApi, exchange
from ingestion.sources.bitrix24.connector import BitrixConnector
from ingestion.sources.bitrix24.limits import Bucket
from ingestion.spec import Context, Source, SourceOptions, Stream
from ingestion.state import TokenStore

_WEBHOOK = re.compile(r"(https?://[^/\s]+(?:/[^/\s]+)*?/rest/\d+/([^/\s]+))(?:/.*)?")
_CHANGED = "by change time in the order of ids, 1800 s overlap"
_DELETED = "deletions and back-dated edits by the nightly listing of ids, everything again each week"


class BitrixOptions(SourceOptions):
    """`[sources.<name>]` of type bitrix24: `webhook`, or `url` with the values of an OAuth application."""

    webhook: SecretStr | None = Field(
        default=None, description="the whole address of the incoming webhook, https://<portal>/rest/1/<code>/"
    )
    url: str | None = Field(default=None, description="the portal's address; with a webhook it is known already")
    client_id: str | None = Field(default=None, description="the OAuth application's id")
    client_secret: SecretStr | None = Field(default=None, description="the OAuth application's key")
    refresh_token: SecretStr | None = Field(default=None, description="from the installation; later ones are kept in state/")
    oauth_url: str = Field(default="https://oauth.bitrix.info/oauth/token/", description="where tokens are renewed")
    order_field: str | None = Field(default=None, description="the deal's field (UF_CRM_…) with the order's number in the books")
    requests_per_second: float = Field(default=2.0, ge=0, description="drain of the portal's bucket: 2, on Enterprise 5; 0 is no pacing")
    burst: int = Field(default=40, ge=1, description="requests at once; the bucket holds 50, some for others at the same address")

    @model_validator(mode="before")
    @classmethod
    def _portal(cls, values: Any) -> Any:
        """The portal's address, without path or secret, is that of the webhook unless given."""
        if isinstance(values, dict) and isinstance(values.get("webhook"), str):
            parts = urlsplit(values["webhook"].strip())
            return {"url": f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"} | values
        return values

    @field_validator("webhook")
    @classmethod
    def _address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        found = _WEBHOOK.fullmatch(value.get_secret_value().strip())
        if found is None:
            message = "must be the whole address of the incoming webhook, https://<portal>/rest/<user>/<code>/"
            raise ValueError(message)
        register_secret(found[2])
        return SecretStr(f"{found[1]}/")

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        application = (self.client_id, self.client_secret, self.refresh_token)
        if self.webhook is None and None in (*application, self.url):
            message = "give webhook, or url, client_id, client_secret and refresh_token"
            raise ValueError(message)
        if self.webhook is not None and any(application):
            message = "give webhook or the OAuth values (client_id, …), not both"
            raise ValueError(message)
        if self.url is not None and urlsplit(self.url).scheme not in {"http", "https"}:
            message = "url must be the portal's address, https://<portal>.bitrix24.ru"
            raise ValueError(message)
        return self


def connect(options: BitrixOptions, context: Context) -> BitrixConnector:
    """A connector for these options; nothing is asked yet."""
    http = HttpClient(context.source)
    bucket = Bucket(options.requests_per_second, options.burst)
    if options.webhook is not None:
        return BitrixConnector(BitrixApi(options.webhook.get_secret_value(), context.source, http, bucket), context, webhook=True)
    secret = options.client_secret.get_secret_value() if options.client_secret else ""
    register_secret(secret)
    tokens = RotatingTokens(
        TokenStore(context.state_dir, context.source),
        options.refresh_token.get_secret_value() if options.refresh_token else "",
        partial(exchange, options.oauth_url, context.source, options.client_id or "", secret),
        advice="install the application in Bitrix24 anew and set its new refresh_token",
    )
    return BitrixConnector(BitrixApi(f"{_origin(options.url or '')}/rest/", context.source, http, bucket, tokens), context, webhook=False)


def _origin(url: str) -> str:
    parts = urlsplit(url.strip())
    return f"{parts.scheme}://{parts.netloc}"


STREAMS = (
    Stream("categories", "read whole each time; removed ones stay", ("dim_stages",)),
    Stream("statuses", "read whole each time; removed ones stay", ("dim_stages",)),
    Stream(
        "users",
        "read whole each time, dismissed ones too",
        ("dim_managers",),
        volatile=("LAST_LOGIN", "LAST_ACTIVITY_DATE", "IS_ONLINE", "TIMESTAMP_X"),
    ),
    Stream("currencies", "read whole each time; every rate once seen stays", ("exchange_rates",), versioned=True),
    Stream("leads", f"{_CHANGED}; {_DELETED}", ("fct_leads", "sales_funnel")),
    Stream("deals", f"{_CHANGED}; {_DELETED}", ("fct_deals", "sales_funnel")),
    Stream("contacts", f"{_CHANGED}; {_DELETED}", ("dim_customers", "customer_links")),
    Stream("companies", f"{_CHANGED}; {_DELETED}", ("dim_customers", "customer_links")),
    Stream("product_rows", "rows of every deal that changed; nightly those of the last 60 days again", ("dim_products",)),
    Stream("stage_history", "by ID, 100 ids overlap; never deleted", ("fct_deal_stage_entries",)),
    Stream("activities", f"{_CHANGED}; {_DELETED}", ("fct_activities",)),
    Stream("calls", "by ID, and the last three days again; never deleted", ("fct_calls",)),
    Stream("invoices", f"{_CHANGED}; {_DELETED}", ()),
    Stream("custom_fields", "read whole each time, with the entries of lists; removed ones stay", ("fct_deals",)),
)

SOURCE = Source(
    type="bitrix24",
    system="bitrix24",
    title="Bitrix24",
    streams=STREAMS,
    options=BitrixOptions,
    connect=connect,
    dbt_options=("url", "order_field"),
)

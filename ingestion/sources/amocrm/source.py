"""amoCRM (amocrm.ru) and Kommo (kommo.com).

How each stream is loaded stands in its declaration. `order_field` names the lead's custom field (id, code or name) that holds the number
of the order in the books; staging reads it.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from ingestion.http import HttpClient
from ingestion.redaction import register_secret
from ingestion.sources.amocrm.api import AmoApi, exchange
from ingestion.sources.amocrm.connector import AmoConnector
from ingestion.sources.amocrm.tokens import FixedToken, RotatingTokens, Tokens, token_expiry
from ingestion.spec import Context, Source, SourceOptions, Stream
from ingestion.state import TokenStore

_CHANGED = "by updated_at with 600 s overlap"
_DELETED = "deletions by events and by the nightly listing of ids"


class AmoOptions(SourceOptions):
    """`[sources.<name>]` of type amocrm: `url` and either `token` or the four values of an OAuth2 integration."""

    url: str = Field(description="the account's address, https://<account>.amocrm.ru or https://<account>.kommo.com")
    token: SecretStr | None = Field(default=None, description="a long-lived token of a private integration, made by an administrator")
    client_id: str | None = Field(default=None, description="the OAuth2 integration's id")
    client_secret: SecretStr | None = Field(default=None, description="the OAuth2 integration's secret key")
    redirect_uri: str | None = Field(default=None, description="exactly as registered in the integration")
    refresh_token: SecretStr | None = Field(default=None, description="from the first authorisation; later ones are kept in state/")
    order_field: str | None = Field(default=None, description="the lead's field (id, code or name) with the order's number in the books")
    requests_per_second: float = Field(
        default=6.5, ge=0, description="amoCRM allows 7, and they may arrive closer together than they left; 0 is no pacing"
    )

    @field_validator("url")
    @classmethod
    def _base(cls, value: str) -> str:
        parts = urlsplit(value.strip())
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            message = "must be the account's address, https://<account>.amocrm.ru or https://<account>.kommo.com"
            raise ValueError(message)
        if parts.hostname in {"amocrm.ru", "www.amocrm.ru", "amocrm.com", "www.amocrm.com", "kommo.com", "www.kommo.com"}:
            message = "must name the account, https://<account>.amocrm.ru; the common domain does not answer"
            raise ValueError(message)
        # of amoCRM itself any page's address will do; behind a gateway or a test server its API may lie below a path
        is_own = str(parts.hostname).endswith((".amocrm.ru", ".amocrm.com", ".kommo.com"))
        return f"{parts.scheme}://{parts.netloc}{'' if is_own else parts.path.rstrip('/').removesuffix('/api/v4')}"

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        pair = (self.client_id, self.client_secret, self.redirect_uri, self.refresh_token)
        if self.token is None and None in pair:
            message = "give token (a long-lived one), or client_id, client_secret, redirect_uri and refresh_token"
            raise ValueError(message)
        if self.token is not None and any(pair):
            message = "give token or the OAuth2 values (client_id, …), not both"
            raise ValueError(message)
        return self


def connect(options: AmoOptions, context: Context) -> AmoConnector:
    """A connector for these options; nothing is asked yet."""
    http = HttpClient(context.source, per_second=options.requests_per_second or None)
    tokens, expires_at = _tokens(options, context)
    return AmoConnector(AmoApi(options.url, context.source, tokens, http), context, expires_at=expires_at)


def _tokens(options: AmoOptions, context: Context) -> tuple[Tokens, datetime | None]:
    if options.token is not None:
        token = options.token.get_secret_value()
        return FixedToken(token), token_expiry(token)
    secrets = {
        "client_id": options.client_id or "",
        "client_secret": options.client_secret.get_secret_value() if options.client_secret else "",
        "redirect_uri": options.redirect_uri or "",
    }
    register_secret(secrets["client_secret"])
    rotating = RotatingTokens(
        TokenStore(context.state_dir, context.source),
        options.refresh_token.get_secret_value() if options.refresh_token else "",
        partial(exchange, options.url, context.source, secrets),
        advice="authorise the integration in amoCRM anew and set its new refresh_token",
    )
    return rotating, None


STREAMS = (
    Stream("account", "read whole each time", ("dim_customers",)),
    Stream("users", "read whole each time; dismissed ones stay", ("dim_managers",)),
    Stream("pipelines", "read whole each time, with stages; removed ones stay", ("dim_stages",)),
    Stream("loss_reasons", "read whole each time; removed ones stay", ("fct_deals",)),
    Stream("custom_fields", "read whole each time", ("fct_deals", "dim_customers")),
    Stream("leads", f"{_CHANGED}; {_DELETED}; links by events", ("fct_leads", "fct_deals", "sales_funnel")),
    Stream("contacts", f"{_CHANGED}; {_DELETED}", ("dim_customers", "customer_links")),
    Stream("companies", f"{_CHANGED}; {_DELETED}", ("dim_customers", "customer_links")),
    Stream("unsorted", "read whole each time; accepted and declined ones are gone", ("fct_leads",), snapshot=True, may_be_empty=True),
    Stream("tasks", f"{_CHANGED}; deletions by the nightly listing of ids", ("fct_activities",)),
    Stream("events", "by windows of created_at with 600 s overlap; never deleted", ("fct_deal_stage_entries", "fct_activities")),
    Stream("call_notes", f"notes call_in and call_out of leads, contacts and companies {_CHANGED}", ("fct_calls",)),
)

SOURCE = Source(
    type="amocrm",
    system="amocrm",
    title="amoCRM, Kommo",
    streams=STREAMS,
    options=AmoOptions,
    connect=connect,
    dbt_options=("url", "order_field"),
)

"""`[sources.<name>]` of type creatio."""

from __future__ import annotations

from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from ingestion.spec import SourceOptions

ENTITIES: dict[str, str] = {
    "users": "SysAdminUnit",
    "currencies": "Currency",
    "accounts": "Account",
    "contacts": "Contact",
    "opportunity_stages": "OpportunityStage",
    "close_reasons": "OpportunityCloseReason",
    "opportunities": "Opportunity",
    "opportunity_stage_history": "OpportunityInStage",
    "lead_statuses": "QualifyStatus",
    "leads": "Lead",
    "call_directions": "CallDirection",
    "calls": "Call",
    "activities": "Activity",
    "products": "Product",
    "order_statuses": "OrderStatus",
    "orders": "Order",
    "order_lines": "OrderProduct",
}
"""Stream → entity, in loading order."""


class CreatioOptions(SourceOptions):
    """`[sources.<name>]` of type creatio."""

    url: str = Field(description="address of the site: https://romashka.creatio.com")
    username: str | None = Field(default=None, description="a user with the right to read all sections; or client_id and client_secret")
    password: SecretStr | None = Field(default=None, description="of that user")
    client_id: str | None = Field(default=None, description="of an OAuth application (client credentials)")
    client_secret: SecretStr | None = Field(default=None, description="of that application")
    identity_url: str | None = Field(
        default=None, description="of the identity service; in the cloud usually https://<name>-is.creatio.com"
    )
    odata: Literal[3, 4] = Field(default=4, description="version of the protocol; 3 for installations before 7.13")
    framework: bool | None = Field(
        default=None, description="the site is built on .NET Framework (/0 in its addresses); default it is tried"
    )
    entities: dict[str, str] = Field(default_factory=dict, description="our stream → their entity, where it is another")
    page_rows: int = Field(default=5000, ge=1, le=20_000, description="rows asked for at a time; the site gives 20 000 at most")
    requests_per_second: float = Field(default=5.0, ge=0, description="at most; 0 = no limit of our own")

    @field_validator("url", "identity_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value.strip())
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            message = "must be an address such as https://romashka.creatio.com"
            raise ValueError(message)
        return value.strip().rstrip("/").removesuffix("/0")

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        by_user = self.username is not None and self.password is not None
        by_client = self.client_id is not None and self.client_secret is not None and self.identity_url is not None
        if by_user == by_client:
            message = "give username and password, or client_id, client_secret and identity_url"
            raise ValueError(message)
        unknown = sorted(set(self.entities) - set(ENTITIES))
        if unknown:
            message = f"entities: there are no streams {', '.join(unknown)}; there are {', '.join(ENTITIES)}"
            raise ValueError(message)
        return self

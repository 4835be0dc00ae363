"""Options of `[sources.<name>]` with type = "1c_odata"."""

from __future__ import annotations

from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ingestion.sources.onec_odata.declarations import STREAM_NAMES
from ingestion.spec import SourceOptions

Configuration = Literal["unf", "ut", "ka", "erp", "bp", "retail", "crm"]

_PREFIXES = ("Catalog_", "Document_", "AccumulationRegister_", "InformationRegister_", "AccountingRegister_", "ChartOf")


class EntityOverride(BaseModel):
    """Where this base keeps one stream, when it differs from its configuration's standard.

    Attributes:
        entity: name of the entity set; None keeps the profile's.
        fields: logical field of the stream -> name of the 1C field that holds it.
        deal: the 1C field with the CRM deal's id, number or reference (or `ДополнительныеРеквизиты:<guid of the property>`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    entity: str | None = Field(default=None, description="name of the 1C entity set, e.g. Document_ЗаказКлиента")
    fields: dict[str, str] = Field(default_factory=dict, description="logical field = 1C field that holds it")
    deal: str | None = Field(default=None, description="the 1C field that names the CRM deal")

    @field_validator("entity")
    @classmethod
    def _entity_named(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(_PREFIXES):
            message = f"{value!r} must begin with one of {', '.join(_PREFIXES)}"
            raise ValueError(message)
        return value


class OneCOptions(SourceOptions):
    """How to reach one 1C base and what is different in it."""

    url: str = Field(description="address of the interface, ending in /odata/standard.odata")
    username: str = Field(description="the 1C user skvoz reads with")
    password: str = Field(default="", repr=False, description="its password; put it in the environment")
    configuration: Configuration = Field(description="unf, ut, ka, erp, bp, retail or crm")
    accounting_currency: str | None = Field(
        default=None, pattern="^[A-Z]{3}$", description="ISO 4217 code of the currency this base keeps accounts in; default the company's"
    )
    entities: dict[str, EntityOverride] = Field(default_factory=dict, description="per stream: the entity set and fields of this base")
    sales_from: Literal["documents", "accounts"] = Field(
        default="documents",
        description="of bp: accounts reads sales and their cost from the entries of account 90 instead of from documents",
    )
    change_plan: str | None = Field(
        default=None, description="exchange plan whose packages tell what changed, for large bases; skvoz confirms what it has loaded"
    )
    change_node: str | None = Field(
        default=None, description="code or reference of the plan's node that stands for skvoz; needed with change_plan"
    )
    open_months: int = Field(default=2, ge=1, le=24, description="months, the current one included, that every refresh compares")
    register_months: int = Field(default=3, ge=0, le=36, description="closed months of registers that every sweep reads again")
    allowed_only: bool = Field(default=False, description="leave out records the user may not see instead of failing at them")
    page_bytes: int = Field(default=8 * 1024 * 1024, ge=64 * 1024, description="size of an answer that pages are cut for")
    requests_per_second: float | None = Field(default=None, gt=0, description="upper limit of requests; default 4 for 1C:Fresh, else none")
    timeout: float = Field(default=180.0, gt=0, description="seconds to wait for an answer; 1C may need 30 for a year of payments")

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            message = "write the whole address, like http://server/base/odata/standard.odata"
            raise ValueError(message)
        return value

    @field_validator("entities", mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        unknown = sorted(set(value) - STREAM_NAMES)
        if unknown:
            message = f"there is no stream {', '.join(unknown)}; there are: {', '.join(sorted(STREAM_NAMES))}"
            raise ValueError(message)
        return {stream: {"entity": given} if isinstance(given, str) else given for stream, given in value.items()}

    @model_validator(mode="after")
    def _node_of_the_plan(self) -> Self:
        if (self.change_plan is None) != (self.change_node is None):
            message = "change_plan and change_node belong together: the exchange plan, and its node that stands for skvoz"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _accounts_of_bp(self) -> Self:
        if self.sales_from == "accounts" and self.configuration != "bp":
            message = 'sales_from = "accounts" is for configuration = "bp"; the others have a sales register'
            raise ValueError(message)
        return self

    @property
    def pace(self) -> float | None:
        """Requests per second: clouds name no limit, and clients of theirs keep to 4."""
        if self.requests_per_second is not None:
            return self.requests_per_second
        host = urlsplit(self.url).hostname or ""
        return 4.0 if host.endswith("1cfresh.com") else None

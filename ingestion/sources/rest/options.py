"""`[sources.<name>]` of type rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from ingestion.mapped.mapping import MappedOptions, MappedStream, NestedStream


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Auth(_Table):
    """How requests show who asks."""

    kind: Literal["none", "bearer", "basic", "header", "query"] = Field(
        default="none", description="none, bearer, basic, or the token in a header or in the query"
    )
    token: SecretStr | None = Field(default=None, description="of kind bearer")
    username: str | None = Field(default=None, description="of kind basic")
    password: SecretStr | None = Field(default=None, description="of kind basic")
    name: str | None = Field(default=None, description="of the header or the query parameter")
    value: SecretStr | None = Field(default=None, description="of the header or the query parameter")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = {"none": (), "bearer": ("token",), "basic": ("username", "password")}.get(self.kind, ("name", "value"))
        missing = [name for name in needed if getattr(self, name) is None]
        if missing:
            message = f"auth of kind {self.kind} needs {', '.join(missing)}"
            raise ValueError(message)
        return self


class Paging(_Table):
    """How the next page is asked for.

    page: a number that grows by one; offset: the number of records already had; cursor: a mark that the answer gives; link: the header
    `Link: <…>; rel="next"`; next: an address in the answer. Addresses that lead to another host are refused.
    """

    kind: Literal["none", "page", "offset", "cursor", "link", "next"] = Field(
        default="none",
        description="how a list goes on: none, by page, offset or cursor, by the Link header, or by an address in the answer",
    )
    parameter: str | None = Field(default=None, description="that carries the page, offset or cursor; default page, offset, cursor")
    first: int | None = Field(default=None, description="number of the first page; default 1, of an offset 0")
    size: int | None = Field(default=None, ge=1, description="records asked for")
    size_parameter: str = Field(default="limit", description="that carries the size")
    at: str | None = Field(default=None, description="where the answer has the next cursor or address: meta.next_cursor")
    total_at: str | None = Field(default=None, description="where the answer has the number of all records or, with kind page, of pages")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind in {"cursor", "next"} and self.at is None:
            message = f"paging of kind {self.kind} needs at"
            raise ValueError(message)
        return self


class Changes(_Table):
    """How only changes are asked for."""

    parameter: str = Field(description="that says from when on: updated_since")
    field: str = Field(description="their field with the moment of the last change")
    format: Literal["iso", "utc", "wall", "date", "epoch"] = Field(
        default="iso", description="iso: 2026-03-31T10:00:00+03:00; utc: …T07:00:00Z; wall: 2026-03-31 10:00:00; date; epoch: seconds"
    )
    overlap_minutes: int = Field(default=60, ge=0, description="how far before the last change reading begins again")


class RestStream(NestedStream):
    """One address."""

    path: str = Field(description="after url: clients, or a whole address on the same host")
    method: Literal["GET", "POST"] = Field(default="GET", description="POST sends the parameters as a JSON object")
    parameters: dict[str, str | int | bool] = Field(default_factory=dict, description="sent with every request")
    paging: Paging | None = Field(default=None, description="default that of the source")
    changes: Changes | None = Field(default=None, description="how only changes are asked for; without it all is read each time")
    error_at: str | None = Field(default=None, description="where an answer with status 200 says what went wrong")
    nightly: bool = Field(
        default=True, description="everything is read each night and what is gone is deleted; false: the address only ever adds"
    )


class RestOptions(MappedOptions):
    """`[sources.<name>]` of type rest."""

    url: str = Field(description="address that all paths begin with: https://api.example.ru/v1/")
    auth: Auth = Field(default_factory=Auth, description="how requests show who asks")
    headers: dict[str, str] = Field(default_factory=dict, description="sent with every request")
    requests_per_second: float = Field(default=5.0, ge=0, description="at most; 0 = no limit of our own")
    paging: Paging = Field(default_factory=Paging, description="of streams that name none")
    streams: dict[str, RestStream] = Field(default_factory=dict, description="what is read, by stream")

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value.strip())
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            message = "must be an address such as https://api.example.ru/v1/"
            raise ValueError(message)
        return value.strip().rstrip("/") + "/"

    def mapped(self) -> Mapping[str, MappedStream]:
        """The mapped streams."""
        return self.streams

"""`[sources.<name>]` of type sql."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Self

from pydantic import Field, SecretStr, model_validator

from ingestion.mapped.mapping import MappedOptions, MappedStream

_SELECT = re.compile(r"\s*(select|with)\b", re.IGNORECASE)


class SqlStream(MappedStream):
    """One mapped table or query; `:since` in a query is the day the first load begins with."""

    table: str | None = Field(default=None, description="a table or view, with its schema if it needs one: dbo.Clients")
    query: str | None = Field(default=None, description="a select instead of a table")
    cursor: str | None = Field(default=None, description="their field that grows with every change; without it all rows are read each time")
    overlap_minutes: int = Field(default=10, ge=0, description="how far before the last change reading begins again")

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.table is None) == (self.query is None):
            message = "give either table or query"
            raise ValueError(message)
        if self.query is not None and (not _SELECT.match(self.query) or ";" in self.query.strip().rstrip(";")):
            message = "query must be a single select"
            raise ValueError(message)
        return self


class SqlOptions(MappedOptions):
    """`[sources.<name>]` of type sql."""

    dsn: SecretStr = Field(description="address such as postgresql+psycopg://reader:${PASSWORD}@server/base; a login that may only read")
    streams: dict[str, SqlStream] = Field(default_factory=dict, description="what is read, by stream")
    page_rows: int = Field(default=10_000, ge=1, description="rows fetched at a time")

    def mapped(self) -> Mapping[str, MappedStream]:
        """The mapped streams."""
        return self.streams

"""Panasonic KX-TDA, TDE, NCP, NS.

`cdr`: one record per printed line, its fields by name and `_started_at`, the wall time at which the call began. The exchange prints over
RS-232C or telnet (port 2300); whatever writes that down makes the file. Hours in which nobody wrote are lost.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from ingestion.feeds.logs import GrowingFiles
from ingestion.sources.panasonic_smdr.records import LAYOUTS, Habits, Listing
from ingestion.spec import Connector, Context, Source, SourceOptions, Stream

_NAMES = 9


class PanasonicOptions(SourceOptions):
    """`[sources.<name>]` of type panasonic_smdr."""

    path: str = Field(description="file, folder or pattern of the listing")
    pattern: Literal["A", "B", "C"] = Field(default="A", description="SMDR format of the exchange: A and B have 80 characters, C has 120")
    columns: list[list[int]] | None = Field(
        default=None,
        description="first character and length of date, time, ext, co, number, ring, duration, account, code, where they differ",
    )
    date_order: Literal["dd/mm/yy", "mm/dd/yy"] = Field(default="dd/mm/yy", description="as the exchange prints dates")
    time_is: Literal["end", "start"] = Field(default="end", description="what the printed time is: end (TDA, TDE, NS) or start (TEA)")

    @field_validator("columns")
    @classmethod
    def _whole(cls, value: list[list[int]] | None) -> list[list[int]] | None:
        if value is not None and (len(value) != _NAMES or any(len(pair) != 2 or min(pair) < 0 for pair in value)):
            message = f"must be {_NAMES} pairs such as [0, 8]"
            raise ValueError(message)
        return value


def connect(options: PanasonicOptions, context: Context) -> Connector:
    """A connector for these options; no file is touched yet."""
    columns = LAYOUTS[options.pattern] if options.columns is None else tuple((first, first + length) for first, length in options.columns)
    habits = Habits(columns, options.date_order == "dd/mm/yy", options.time_is)
    return GrowingFiles(options.path, context, repr(habits), lambda: Listing(habits), "SMDR line of a Panasonic exchange")


SOURCE = Source(
    type="panasonic_smdr",
    system="panasonic_smdr",
    title="Panasonic KX-TDA, TDE, NS (SMDR)",
    streams=(Stream("cdr", "new lines of the files; nothing is deleted", ("fct_calls", "manager_kpi")),),
    options=PanasonicOptions,
    connect=connect,
)

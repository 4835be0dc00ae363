"""Asterisk, FreePBX.

`cdr`: one record per leg as it was written, from Master.csv (and its rotated copies) or from the cdr table of a database. Times are
the server's wall time unless `utc`; which numbers are our own is told by `internal`. Legs that were never written (cdr.conf
`unanswered = no`, lines over 1024 bytes) cannot be seen here (feeds.md 1.1).
"""

from __future__ import annotations

import re
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from ingestion.feeds.logs import GrowingFiles
from ingestion.redaction import register_secret
from ingestion.sources.asterisk.records import MasterCsv
from ingestion.sources.asterisk.table import open_table
from ingestion.spec import Connector, Context, Source, SourceOptions, Stream


class AsteriskOptions(SourceOptions):
    """`[sources.<name>]` of type asterisk."""

    path: str | None = Field(default=None, description="Master.csv, a folder or a pattern such as /var/log/asterisk/cdr-csv/Master.csv*")
    dsn: SecretStr | None = Field(default=None, description="database with the cdr table, e.g. mysql://reader:…@pbx/asteriskcdrdb")
    table: str = Field(default="cdr", pattern=r"^[A-Za-z_][A-Za-z0-9_.]*$", description="the table's name")
    internal: str = Field(default="[0-9]{2,4}", description="pattern of the extensions")
    inbound_contexts: str = Field(
        default="(from-(trunk|pstn|did|sip-external)|incoming|inbound).*",
        description="pattern of the dialplan contexts that calls come in by",
    )
    own_numbers: str = Field(default="", description="pattern of the company's own outside numbers, which are nobody's phone")
    utc: bool = Field(default=False, description="cdr.conf says usegmtime=yes")

    @field_validator("internal", "inbound_contexts", "own_numbers")
    @classmethod
    def _pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            message = f"is no regular expression ({error})"
            raise ValueError(message) from None
        if "'" in value or "\\" in value:
            message = "write it without quotes and backslashes: [0-9] instead of \\d"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.path is None) == (self.dsn is None):
            message = "give either path (Master.csv) or dsn (the cdr table)"
            raise ValueError(message)
        return self


def connect(options: AsteriskOptions, context: Context) -> Connector:
    """A connector for these options; no file or database is touched yet."""
    if options.dsn is not None:
        dsn = options.dsn.get_secret_value()
        register_secret(dsn)
        return open_table(dsn, options.table, context, utc=options.utc)
    return GrowingFiles(options.path or "", context, "1", MasterCsv, "call record of Asterisk", _is_log)


def _is_log(name: str) -> bool:
    return ".csv" in name.lower()


SOURCE = Source(
    type="asterisk",
    system="asterisk",
    title="Asterisk, FreePBX",
    streams=(
        Stream("cdr", "new lines of the files, or new rows of the table by their time; nothing is deleted", ("fct_calls", "manager_kpi")),
    ),
    options=AsteriskOptions,
    connect=connect,
    dbt_options=("internal", "inbound_contexts", "own_numbers", "utc"),
)

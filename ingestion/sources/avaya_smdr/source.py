"""Avaya IP Office.

`cdr`: one record per segment of a call, fields by name. IP Office sends its lines to a TCP port, and whatever listens there makes the file;
call ids begin anew when the exchange is restarted, so the call is told by id and start together.
"""

from __future__ import annotations

from pydantic import Field

from ingestion.feeds.logs import GrowingFiles
from ingestion.sources.avaya_smdr.records import SmdrLines
from ingestion.spec import Connector, Context, Source, SourceOptions, Stream


class AvayaOptions(SourceOptions):
    """`[sources.<name>]` of type avaya_smdr."""

    path: str = Field(description="file, folder or pattern of the SMDR lines")


def connect(options: AvayaOptions, context: Context) -> Connector:
    """A connector for these options; no file is touched yet."""
    return GrowingFiles(options.path, context, "1", SmdrLines, "SMDR line of IP Office")


SOURCE = Source(
    type="avaya_smdr",
    system="avaya_smdr",
    title="Avaya IP Office (SMDR)",
    streams=(Stream("cdr", "new lines of the files; nothing is deleted", ("fct_calls", "manager_kpi")),),
    options=AvayaOptions,
    connect=connect,
)

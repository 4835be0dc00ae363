"""The source type `1c_excel`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatch

from pydantic import Field

from ingestion.formats.files import FoundFile, found_files
from ingestion.formats.mapped_tables import MappedTablesConnector, Rows
from ingestion.mapped.mapping import MappedOptions, MappedStream, active_streams, feed_streams
from ingestion.sources.onec_excel.reports import report_rows
from ingestion.spec import Context, Source

_SUFFIXES = frozenset({".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"})


class ReportStream(MappedStream):
    """Reports of one kind: `columns` say which heading is which of our columns."""

    files: str = Field(default="*", description="names of the workbooks: sales-*.xlsx")
    sheet: str | None = Field(default=None, description="its name; default the first with the headings (1C calls it TDSheet)")
    groups: list[str] = Field(default_factory=list, description="names for the groups above the rows, the outermost first; used in columns")


class ReportOptions(MappedOptions):
    """`[sources.<name>]` of type 1c_excel."""

    path: str = Field(description="a folder of saved reports, one workbook, or a pattern such as reports/*.xlsx")
    streams: dict[str, ReportStream] = Field(default_factory=dict, description="what is read, by stream")

    def mapped(self) -> Mapping[str, MappedStream]:
        """The mapped streams."""
        return self.streams


class _Reports:
    """Finds the rows of a mapped stream."""

    def __init__(self, options: ReportOptions, context: Context) -> None:
        self._options = options
        self._context = context

    def files(self) -> list[FoundFile]:
        """The workbooks."""
        return found_files(self._options.path, self._context.base_dir, self._context.source, _SUFFIXES)

    def rows(self, name: str, files: Sequence[FoundFile]) -> Rows:
        """Of every workbook whose name fits the stream."""
        stream = self._options.streams[name]
        for file in files:
            if fnmatch(file.path.name.lower(), stream.files.lower()):
                yield from report_rows(file, stream.sheet, stream.columns.values(), stream.groups)


def connect(options: ReportOptions, context: Context) -> MappedTablesConnector:
    """A connector for these options; no file is touched yet."""
    reports = _Reports(options, context)
    return MappedTablesConnector(options, context, reports.files, reports.rows)


STREAMS = feed_streams("all rows when a workbook changed; rows that are gone are deleted")
SOURCE = Source(
    type="1c_excel",
    system="feed",
    title="Excel saved from 1C reports",
    streams=STREAMS,
    options=ReportOptions,
    connect=connect,
    active_streams=active_streams(STREAMS),
)

"""The source type `1c_dbf`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field

from ingestion.errors import PermanentError
from ingestion.formats.files import FoundFile, found_files
from ingestion.formats.mapped_tables import MappedTablesConnector, Rows
from ingestion.mapped.mapping import MappedOptions, MappedStream, active_streams, feed_streams
from ingestion.sources.onec_dbf.base import Base
from ingestion.sources.onec_dbf.dictionary import read_dictionary
from ingestion.sources.onec_dbf.tables import table_rows
from ingestion.spec import Context, Source

DICTIONARY = "1cv7.dd"
_SUFFIXES = frozenset({".dbf", ".dd"})


class DbfStream(MappedStream):
    """One table of a base, or one DBF file."""

    table: str = Field(
        description="Справочник.Товары, Документ.Реализация, Документ.Реализация.Строки, Регистр.Продажи of a 7.7 base; else a file"
    )
    unposted: bool = Field(default=False, description="documents of 7.7 that are not posted as well (bills that this base never posts)")


class DbfOptions(MappedOptions):
    """`[sources.<name>]` of type 1c_dbf."""

    path: str = Field(description="the folder of a 7.7 base (with 1Cv7.DD), or of DBF tables that 1C 8 saved, or one table")
    encoding: str | None = Field(
        default=None, pattern="^(?:cp1251|cp866|utf-8)$", description="cp1251, cp866 or utf-8, where it cannot be told"
    )
    streams: dict[str, DbfStream] = Field(default_factory=dict, description="what is read, by stream")

    def mapped(self) -> Mapping[str, MappedStream]:
        """The mapped streams."""
        return self.streams


class _Tables:
    """Finds the rows of a mapped stream."""

    def __init__(self, options: DbfOptions, context: Context) -> None:
        self._options = options
        self._context = context

    def files(self) -> list[FoundFile]:
        """The tables and the dictionary."""
        return found_files(self._options.path, self._context.base_dir, self._context.source, _SUFFIXES)

    def rows(self, name: str, files: Sequence[FoundFile]) -> Rows:
        """Of a base if there is a dictionary, else of the table with that file name."""
        stream = self._options.streams[name]
        wanted = stream.table
        dictionary = next((file for file in files if file.path.name.lower() == DICTIONARY), None)
        if dictionary is not None:
            base = Base(self._context.source, read_dictionary(dictionary.path, dictionary.name), files, self._options.encoding)
            yield from base.rows(wanted, unposted=stream.unposted)
            return
        chosen = [file for file in files if wanted.lower() in {file.path.name.lower(), file.path.stem.lower()}]
        if not chosen:
            message = f"{self._context.source}: there is no table {wanted}; there are {', '.join(file.path.name for file in files[:40])}."
            raise PermanentError(message)
        for file in chosen:
            for number, row in enumerate(table_rows(file.path, file.name, self._options.encoding), 1):
                yield f"{file.name}:{number}", row


def connect(options: DbfOptions, context: Context) -> MappedTablesConnector:
    """A connector for these options; no file is touched yet."""
    tables = _Tables(options, context)
    return MappedTablesConnector(options, context, tables.files, tables.rows, by_machine=True)


STREAMS = feed_streams("all rows when a table changed; rows that are gone are deleted")
SOURCE = Source(
    type="1c_dbf",
    system="feed",
    title="DBF tables of 1C 7.7 (with 1Cv7.DD) and of 8",
    streams=STREAMS,
    options=DbfOptions,
    connect=connect,
    active_streams=active_streams(STREAMS),
)

"""The source type `files`."""

from __future__ import annotations

from ingestion.mapped.mapping import active_streams, feed_streams
from ingestion.sources.files.connector import connect
from ingestion.sources.files.options import FilesOptions
from ingestion.spec import Source

STREAMS = feed_streams("files when they changed: as a picture of everything (rows gone are deleted), or each adding to what is there")
SOURCE = Source(
    type="files",
    system="feed",
    title="Files: csv, xlsx, xml, json, ndjson, parquet; in a folder, on FTP or SFTP, in letters",
    streams=STREAMS,
    options=FilesOptions,
    connect=connect,
    active_streams=active_streams(STREAMS),
)

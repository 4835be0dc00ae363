"""The source type `rest`."""

from __future__ import annotations

from ingestion.mapped.mapping import active_streams, feed_streams
from ingestion.sources.rest.connector import connect
from ingestion.sources.rest.options import RestOptions
from ingestion.spec import Source

STREAMS = feed_streams(
    "what changed since the last moment seen, if the service can tell, else everything; everything each night; rows gone are deleted"
)
SOURCE = Source(
    type="rest",
    system="feed",
    title="Any REST service, declared in skvoz.toml",
    streams=STREAMS,
    options=RestOptions,
    connect=connect,
    active_streams=active_streams(STREAMS),
)

"""The source type `1c_odata`: its streams and how it is opened."""

from __future__ import annotations

from ingestion.http import HttpClient
from ingestion.redaction import register_secret
from ingestion.sources.onec_odata.connector import OneCConnector
from ingestion.sources.onec_odata.declarations import STREAMS
from ingestion.sources.onec_odata.options import OneCOptions
from ingestion.sources.onec_odata.profiles.catalog import profile_of
from ingestion.spec import Context, Source, Stream


def connect(options: OneCOptions, context: Context) -> OneCConnector:
    """Open a connector; asks nothing yet."""
    register_secret(options.password)
    http = HttpClient(
        context.source,
        per_second=options.pace,
        timeout=(60.0, options.timeout),
        attempts=4,
        # bytes, because HTTP libraries encode names as latin-1 and 1C's users are often written in Cyrillic
        auth=(options.username.encode(), options.password.encode()),
    )
    return OneCConnector(options, context, http)


def active_streams(options: OneCOptions) -> tuple[Stream, ...]:
    """The streams that the configuration has, and those that skvoz.toml adds, in loading order: balances and registers follow documents."""
    wanted = {*profile_of(options.configuration, options.sales_from).entities, *options.entities}
    return tuple(stream for stream in STREAMS if stream.name in wanted)


SOURCE = Source(
    type="1c_odata",
    system="onec",
    title="1C:Enterprise 8 (OData)",
    streams=STREAMS,
    options=OneCOptions,
    connect=connect,
    active_streams=active_streams,
    dbt_options=("configuration", "accounting_currency"),
)

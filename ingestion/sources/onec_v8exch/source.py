"""The source type `1c_v8exch`."""

from __future__ import annotations

from ingestion.formats.onec_configuration import configuration_of
from ingestion.formats.onec_options import OneCFileOptions
from ingestion.formats.onec_shape import Shaper, streams
from ingestion.formats.walk import ExchangeConnector
from ingestion.sources.onec_v8exch.reader import V8Exch
from ingestion.spec import Context, Source

STREAMS = streams("dumps that are new or changed, the oldest first; an object that comes again replaces itself")


def connect(options: OneCFileOptions, context: Context) -> ExchangeConnector:
    """A connector for these options; files are touched only where they have to tell the configuration."""
    configuration = configuration_of(options, V8Exch.suffixes, context)
    shaper = Shaper(configuration, options.entities, options.deal)
    settings = options.model_dump(exclude={"path"}) | {"configuration": configuration}
    return ExchangeConnector(options.path, settings, STREAMS, V8Exch(shaper, shaper.entities), context)


SOURCE = Source(
    type="1c_v8exch",
    system="onec",
    title="1C dumps (V8Exch XML)",
    streams=STREAMS,
    options=OneCFileOptions,
    connect=connect,
    dbt_options=("configuration", "accounting_currency"),
)

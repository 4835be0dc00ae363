"""The source type `1c_kd2`."""

from __future__ import annotations

from ingestion.formats.onec_configuration import configuration_of
from ingestion.formats.onec_options import OneCFileOptions
from ingestion.formats.onec_shape import Shaper, streams
from ingestion.formats.walk import ExchangeConnector
from ingestion.sources.onec_kd2.reader import ExchangeFile2
from ingestion.spec import Context, Source

STREAMS = streams("files that are new or changed, the oldest export first; deletions: УдалениеОбъекта")


def connect(options: OneCFileOptions, context: Context) -> ExchangeConnector:
    """A connector for these options; files are touched only where they have to tell the configuration."""
    configuration = configuration_of(options, ExchangeFile2.suffixes, context)
    shaper = Shaper(configuration, options.entities, options.deal)
    settings = options.model_dump(exclude={"path"}) | {"configuration": configuration}
    return ExchangeConnector(options.path, settings, STREAMS, ExchangeFile2(shaper), context)


SOURCE = Source(
    type="1c_kd2",
    system="onec",
    title="1C exchange files (Конвертация данных 2)",
    streams=STREAMS,
    options=OneCFileOptions,
    connect=connect,
    dbt_options=("configuration", "accounting_currency"),
)

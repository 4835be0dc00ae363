"""The source type `1c_enterprise_data`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from ingestion.formats.onec_shape import streams
from ingestion.formats.walk import ExchangeConnector
from ingestion.sources.onec_enterprise_data.handshake import write_answers
from ingestion.sources.onec_enterprise_data.objects import CATALOGS, DOCUMENTS, MONEY
from ingestion.sources.onec_enterprise_data.reader import EnterpriseData
from ingestion.spec import Context, Extraction, JsonObject, Page, Source, SourceOptions, Stream


class EnterpriseDataOptions(SourceOptions):
    """`[sources.<name>]` of type 1c_enterprise_data."""

    path: str = Field(description="the exchange folder, a message, or a pattern such as exchange/Message_*_SK.xml")
    orders: Literal["orders", "invoices"] = Field(
        default="orders", description="invoices: СчетПокупателю is what the company calls an order"
    )
    confirm: bool = Field(
        default=False, description="write the answer 1C waits for into the folder; only if nobody else reads these messages"
    )
    node: str | None = Field(default=None, description="our code in the exchange, to which 1C addresses its messages; needed with confirm")
    accounting_currency: str | None = Field(
        default=None, pattern="^[A-Z]{3}$", description="ISO 4217 code of the currency this base keeps accounts in; default the company's"
    )

    @model_validator(mode="after")
    def _known_to_1c(self) -> Self:
        if self.confirm and not self.node:
            message = "confirm needs node: our code in the exchange, the second in Message_<1C>_<node>.xml"
            raise ValueError(message)
        return self


class EnterpriseDataConnector(ExchangeConnector):
    """Reads messages and, at the end of the last stream, answers them."""

    def __init__(self, options: EnterpriseDataOptions, context: Context) -> None:
        files = EnterpriseData(invoices=options.orders == "invoices", node=options.node)
        super().__init__(options.path, options.model_dump(exclude={"path", "confirm"}), STREAMS, files, context)
        self._node = options.node if options.confirm else None

    def extract(self, request: Extraction) -> Iterator[Page]:
        """Records, and the answer after the messages themselves: all other streams are durable by then."""
        headers: list[tuple[JsonObject, Path]] = []
        last = request.stream.name == "messages"
        for page in super().extract(request):
            if last:
                headers += [(one.payload, Path(str(one.payload["_file"]))) for one in page.records if one.payload is not None]
            yield page
        if last and self._node is not None:
            base = self.context.base_dir
            for folder in {(base / path).parent for _, path in headers}:
                mine = [header for header, path in headers if (base / path).parent == folder]
                write_answers(mine, folder, self._node, request.now.astimezone(self.context.timezone))


_LOADS = "messages that are new, in the order they were made; deletions: УдалениеОбъекта"
_FED = {*CATALOGS.values(), *DOCUMENTS.values(), *MONEY.values()}
STREAMS = (*(stream for stream in streams(_LOADS) if stream.name in _FED), Stream("messages", _LOADS, ("data_freshness",)))


def connect(options: EnterpriseDataOptions, context: Context) -> EnterpriseDataConnector:
    """A connector for these options; no file is touched yet."""
    return EnterpriseDataConnector(options, context)


SOURCE = Source(
    type="1c_enterprise_data",
    system="onec",
    title="1C EnterpriseData messages",
    streams=STREAMS,
    options=EnterpriseDataOptions,
    connect=connect,
    dbt_options=("accounting_currency",),
)

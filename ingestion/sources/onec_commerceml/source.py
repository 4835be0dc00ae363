"""The source type `1c_commerceml`: a folder of files, or the place where the receiver puts what 1C or a site pushes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field, model_validator

from ingestion.formats.walk import ExchangeConnector
from ingestion.sources.onec_commerceml.inbox import clear_inbox, inbox_of
from ingestion.sources.onec_commerceml.reader import CommerceML
from ingestion.spec import Context, Extraction, Page, Source, SourceOptions, Stream

_ADDRESS = re.compile(r"[^\s/:]+:\d{1,5}")
_FEWEST_BYTES, _MOST_BYTES = 64 * 1024, 2 * 1024**3


class CommerceMLOptions(SourceOptions):
    """`[sources.<name>]` of type 1c_commerceml: `path`, or `listen` with `username` and `password`."""

    path: str | None = Field(default=None, description="a folder, file, archive or pattern such as exchange/import*.xml")
    listen: str | None = Field(default=None, description="host:port where 1C or a site sends its exchange to, instead of path")
    username: str | None = Field(default=None, description="who may send, with listen")
    password: str | None = Field(default=None, repr=False, description="the sender's password; put it in the environment")
    documents: Literal["auto", "count", "ignore"] = Field(
        default="auto", description="whether its orders, sales and payments count; auto: not beside a base of 1C that is read itself"
    )
    file_limit: int = Field(
        default=16 * 1024**2, ge=_FEWEST_BYTES, le=_MOST_BYTES, description="bytes of one chunk that the sender may send at once"
    )
    exchange_limit: int = Field(default=4 * 1024**3, ge=_FEWEST_BYTES, description="bytes of all files of one exchange")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.path is None) == (self.listen is None):
            message = "give either path (files) or listen (host:port), one of them"
            raise ValueError(message)
        if self.listen is not None:
            if not _ADDRESS.fullmatch(self.listen):
                message = 'listen is written like "127.0.0.1:8090"'
                raise ValueError(message)
            if not self.username or not self.password:
                message = "listen needs username and password: nobody else may send"
                raise ValueError(message)
        return self


_COMPLETE = "new and changed files, the oldest export first; deleted: marked so, or missing from an export that says it is complete"
_DOCUMENTS = "new and changed files, the oldest export first; what comes again replaces itself"
STREAMS = (
    Stream("groups", _DOCUMENTS, ("dim_products",)),
    Stream("properties", _DOCUMENTS, ()),
    Stream("price_types", _DOCUMENTS, ()),
    Stream("warehouses", _DOCUMENTS, ("dim_warehouses",)),
    Stream("products", _COMPLETE, ("dim_products",)),
    Stream("offers", _COMPLETE, ()),
    Stream("prices", _COMPLETE, ()),
    Stream("stock", _COMPLETE, ("fct_stock",)),
    Stream("counterparties", _DOCUMENTS, ("dim_customers", "customer_links")),
    Stream(
        "documents",
        _DOCUMENTS,
        ("fct_orders", "fct_order_lines", "fct_sales", "fct_payments", "order_changes"),
        volatile=("_formed",),
        versioned=True,
    ),
)


class ReceivedExchanges(ExchangeConnector):
    """Reads what the receiver put into the inbox, and clears away what every stream has read and nobody will ask for."""

    def extract(self, request: Extraction) -> Iterator[Page]:
        """Records of the exchanges that this stream has not seen; after the last stream old ones are removed."""
        yield from super().extract(request)
        if request.stream.name == STREAMS[-1].name:
            clear_inbox(inbox_of(self.context.state_dir, self.context.source), request.now)


def connect(options: CommerceMLOptions, context: Context) -> ExchangeConnector:
    """A connector for these options; no file is touched yet."""
    if options.path is not None:
        return ExchangeConnector(options.path, {}, STREAMS, CommerceML(), context)
    return ReceivedExchanges(str(inbox_of(context.state_dir, context.source)), {}, STREAMS, CommerceML(), context)


SOURCE = Source(
    type="1c_commerceml",
    system="commerceml",
    title="CommerceML (1C exchange with sites)",
    streams=STREAMS,
    options=CommerceMLOptions,
    connect=connect,
    dbt_options=("documents",),
)

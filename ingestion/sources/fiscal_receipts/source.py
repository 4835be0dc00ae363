"""Fiscal receipts: files of JSON as the tax service and operators of fiscal data give them, or lines of QR codes.

`receipts`: one record per receipt, key `<fiscal drive>:<document number>` (of its QR code `…:qr`), sums in kopecks as sent; people's data
is left out. The time in it is the till's wall time (`timezone` of the source). The files are the whole truth: a receipt whose file goes is
deleted.
"""

from __future__ import annotations

from pydantic import Field

from ingestion.feeds.documents import WholeFiles
from ingestion.sources.fiscal_receipts.receipts import read_receipts
from ingestion.spec import Connector, Context, Source, SourceOptions, Stream


class ReceiptsOptions(SourceOptions):
    """`[sources.<name>]` of type fiscal_receipts."""

    path: str = Field(description="file, folder or pattern of receipts (JSON, or text with QR codes)")


def connect(options: ReceiptsOptions, context: Context) -> Connector:
    """A connector for these options; no file is touched yet."""
    return WholeFiles(options.path, context, "2", read_receipts, "receipts")


SOURCE = Source(
    type="fiscal_receipts",
    system="fiscal_receipts",
    title="Fiscal receipts (JSON of the tax service, QR codes)",
    streams=(Stream("receipts", "all files again when one changed; what is gone from them is deleted", ("payment_links", "fct_payments")),),
    options=ReceiptsOptions,
    connect=connect,
)

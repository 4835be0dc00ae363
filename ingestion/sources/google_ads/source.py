"""Google Ads.

`campaign_costs`: one record per day and campaign of the exported reports, key `<date>:<campaign>`; payload: logical names with normalised
text, rows cut by device or group added up. A day that two files hold is taken from the newer one. Costs are without VAT.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field, model_validator

from ingestion.feeds.documents import WholeFiles
from ingestion.feeds.faults import Fault
from ingestion.feeds.paths import FoundFile
from ingestion.feeds.tables import Export
from ingestion.sources.google_ads.reports import LAYOUT, raise_unless_report, read_stream, read_table
from ingestion.spec import Connector, Context, Record, Source, SourceOptions, Stream

_NAMES = frozenset(column.name for column in LAYOUT.columns)


class GoogleAdsOptions(SourceOptions):
    """`[sources.<name>]` of type google_ads."""

    path: str = Field(description="file, folder or pattern of reports by day and campaign: csv, tsv, or JSON of searchStream")
    columns: dict[str, str] = Field(default_factory=dict, description="our column names and the report's headings, where they differ")
    decimal_mark: Literal[",", "."] | None = Field(default=None, description="settles numbers like 1,234 that can be read as two")
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$", description="of the account, where the report has no column for it")
    include_vat: bool = Field(default=False, description="costs include VAT")

    @model_validator(mode="after")
    def _known_columns(self) -> Self:
        unknown = sorted(self.columns.keys() - _NAMES)
        if unknown:
            message = f"there are no columns {', '.join(unknown)}; there are {', '.join(sorted(_NAMES))}"
            raise ValueError(message)
        return self


def connect(options: GoogleAdsOptions, context: Context) -> Connector:
    """A connector for these options; no file is touched yet."""
    export = Export(LAYOUT, "cost_date", ("cost",), options.columns, {}, options.decimal_mark, days_first=context.country != "US")

    def read(data: bytes, file: FoundFile) -> Iterator[Record | Fault]:
        if file.path.suffix.lower() == ".json":
            raise_unless_report(data[:1000].decode("utf-8-sig", "replace").lstrip())
            return read_stream(data)
        return read_table(export, data, file)

    return WholeFiles(options.path, context, repr(options), read, "campaign days")


SOURCE = Source(
    type="google_ads",
    system="google_ads",
    title="Google Ads",
    streams=(
        Stream(
            "campaign_costs", "all files again when one changed; days gone from them are deleted", ("fct_campaign_costs", "marketing_roi")
        ),
    ),
    options=GoogleAdsOptions,
    connect=connect,
    dbt_options=("currency", "include_vat"),
)

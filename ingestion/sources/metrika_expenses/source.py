"""Yandex Metrica by file: expenses as they are uploaded there (feeds.md 3.4), and visits as its Logs API gives them.

`campaign_costs`: key `<date>:<utm marks>`, costs without VAT; a row for several days is spread over them and says so. `visits`: one
record per visit, columns `ym:s:…` as sent. What Direct reports itself is left out where both are loaded (dbt).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field, model_validator

from ingestion.feeds.documents import WholeFiles, digest
from ingestion.feeds.faults import DamagedError, Fault
from ingestion.feeds.paths import FoundFile
from ingestion.feeds.tables import Export, summed
from ingestion.sources.spreadsheet.columns import Column, Layout
from ingestion.spec import Connector, Context, Extraction, Page, Record, Source, SourceOptions, Stream

_MARKS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
EXPENSES = Layout(
    (
        Column("cost_date", "day", ("date", "дата"), required=True),
        Column("utm_source", "text", ("utmsource", "utm source")),
        Column("traffic_source", "text", ("trafficsource", "traffic source")),
        Column("traffic_detail", "text", ("trafficsourcedetail", "traffic source detail")),
        Column("utm_medium", "text", ("utmmedium", "utm medium")),
        Column("utm_campaign", "text", ("utmcampaign", "utm campaign")),
        Column("utm_term", "text", ("utmterm", "utm term")),
        Column("utm_content", "text", ("utmcontent", "utm content")),
        Column("impressions", "integer", ("impressions",)),
        Column("clicks", "integer", ("clicks",)),
        Column("cost", "money", ("expenses", "cost"), required=True),
        Column("currency_code", "currency", ("currency",)),
    ),
    one_of=("utm_source", "traffic_source"),
)
_VISIT_ID, _VISIT_AT = "ym:s:visitID", "ym:s:dateTime"


class MetrikaOptions(SourceOptions):
    """`[sources.<name>]` of type metrika_expenses."""

    path: str | None = Field(default=None, description="file, folder or pattern of expenses (csv)")
    visits: str | None = Field(default=None, description="file, folder or pattern of visits of the Logs API (tsv)")
    decimal_mark: Literal[",", "."] | None = Field(default=None, description="settles numbers like 50,000 that can be read as two")
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$", description="of rows without a currency: that of the counter")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.path is None and self.visits is None:
            message = "give path (expenses), visits or both"
            raise ValueError(message)
        return self


class MetrikaFiles:
    """Expenses and visits, each a connector over files."""

    def __init__(self, parts: dict[str, WholeFiles]) -> None:
        self._parts = parts

    def check(self) -> str:
        """What the newest file of each kind holds."""
        return " ".join(part.check() for part in self._parts.values())

    def close(self) -> None:
        """Nothing is held open."""

    def extract(self, request: Extraction) -> Iterator[Page]:
        """Pages of the stream asked for."""
        return self._parts[request.stream.name].extract(request)


def read_visits(data: bytes, file: FoundFile) -> Iterator[Record | Fault]:
    """Visits of a tsv with the names of the Logs API in its first line; nothing is quoted in it."""
    lines = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").split("\n")
    names = lines[0].split("\t")
    missing = [name for name in (_VISIT_ID, _VISIT_AT) if name not in names]
    if missing:
        raise DamagedError(place="line 1", cause=f"there is no column {missing[0]} in {file.path.name}")
    width, place = len(names), names.index(_VISIT_ID)
    for number, line in enumerate(lines[1:], start=2):
        if not line:
            continue
        row = line.split("\t")
        if len(row) == width and row[place].isdigit():
            yield Record(row[place], dict(zip(names, row, strict=True)))
        else:
            yield Fault(f"line {number}", f"it has {len(row)} columns, the heading {width}, or no visit id", line)


def _marked(rows: Iterator[tuple[str, dict[str, str]] | Fault]) -> Iterator[tuple[str, dict[str, str]] | Fault]:
    """Rows told by TrafficSource instead of UTMSource: its detail (`vk` of `social`) is what a link would be marked with."""
    for one in rows:
        if not isinstance(one, Fault) and (kind := one[1].pop("traffic_source", "")):
            detail = one[1].pop("traffic_detail", "")
            one[1].setdefault("utm_source", detail or kind)
            if detail:
                one[1].setdefault("utm_medium", kind)
        yield one


def connect(options: MetrikaOptions, context: Context) -> Connector:
    """A connector for these options; no file is touched yet."""
    export = Export(EXPENSES, "cost_date", ("cost",), {}, {}, options.decimal_mark, guess_mark=False)

    def read(data: bytes, file: FoundFile) -> Iterator[Record | Fault]:
        def key(payload: dict[str, str]) -> str:
            return f"{payload['cost_date']}:{digest(*(payload.get(mark, '') for mark in _MARKS))}"

        for one in summed(_marked(export.rows(data, file)), key, ("impressions", "clicks", "cost")):
            yield one if isinstance(one, Fault) else Record(one[0], dict(one[1]))

    parts: dict[str, WholeFiles] = {}
    if options.path is not None:
        parts["campaign_costs"] = WholeFiles(options.path, context, repr(options), read, "expenses")
    if options.visits is not None:
        parts["visits"] = WholeFiles(options.visits, context, "1", read_visits, "visits", keeps=True)
    return MetrikaFiles(parts)


STREAMS = (
    Stream("campaign_costs", "all files again when one changed; rows gone from them are deleted", ("fct_campaign_costs", "marketing_roi")),
    Stream("visits", "each file when it is new or changed; nothing is deleted", ("fct_touchpoints",)),
)


def _active(options: MetrikaOptions) -> tuple[Stream, ...]:
    wanted = {"campaign_costs": options.path, "visits": options.visits}
    return tuple(stream for stream in STREAMS if wanted[stream.name] is not None)


SOURCE = Source(
    type="metrika_expenses",
    system="metrika",
    title="Yandex Metrica (expenses, visits by file)",
    streams=STREAMS,
    options=MetrikaOptions,
    connect=connect,
    active_streams=_active,
    dbt_options=("currency",),
)

"""Reports of Google Ads as files: csv or tsv of its interface in any language, and JSON of `googleAds:searchStream` (feeds.md 3.3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import Any

from ingestion.feeds.exact import DECODER, whole_text
from ingestion.feeds.faults import DamagedError, Fault
from ingestion.feeds.paths import FoundFile
from ingestion.feeds.tables import Export, summed
from ingestion.sources.spreadsheet.columns import Column, Kind, Layout
from ingestion.spec import Record

_SUMS = ("impressions", "clicks", "cost")
# headings of the interface in its languages: Russian, Ukrainian, Kazakh, English, German, Polish, Romanian, French, Spanish, Portuguese, …
_HEADINGS = {
    "cost_date": (
        "day|date|день|дата|dzień|data|zi|ziua|tag|datum|jour|día|dia|giorno|gün|день недели и дата|күн|kun|dag|päivä|den|dan|ден|tarih"
    ),
    "campaign_id": (
        "campaign id|идентификатор кампании|id кампании|identyfikator kampanii|id campanie|kampagnen id|"
        "id de la campagne|id de la campaña|id da campanha|id campagna|kampanya kimliği|ідентифікатор кампанії"
    ),
    "campaign_name": (
        "campaign|campaign name|кампания|название кампании|kampania|campanie|kampagne|campagne|campaña|campanha|"
        "campagna|kampanya|кампанія|kampaň|кампания атауы|kampanja"
    ),
    "impressions": (
        "impr|impressions|показы|wyświetlenia|wyśw|afișări|impressionen|impr.|impresiones|impressões|impressioni|"
        "gösterim|gösterimler|покази"
    ),
    "clicks": ("clicks|клики|kliknięcia|clicuri|klicks|clics|cliques|clic|tıklamalar|кліки"),
    "cost": ("cost|spend|стоимость|расход|расходы|koszt|cost spend|kosten|coût|coste|costo|custo|maliyet|вартість|витрати|затраты"),
    "currency_code": (
        "currency code|currency|код валюты|валюта|kod waluty|cod monedă|währungscode|währung|code de devise|"
        "código de moneda|código da moeda|codice valuta|para birimi kodu|код валюти"
    ),
}


def _column(name: str, kind: Kind, *, required: bool = False) -> Column:
    return Column(name, kind, tuple(_HEADINGS[name].split("|")), required)


_MICROS = {  # fields of the API as headings, with and without the resource before them
    "cost_date": ("segments date",),
    "campaign_id": ("id",),
    "impressions": ("metrics impressions",),
    "clicks": ("metrics clicks",),
    "cost": ("cost micros", "costmicros", "metrics cost micros", "metrics costmicros"),
    "currency_code": ("customer currency code",),
}


LAYOUT = Layout(
    (
        _column("cost_date", "day", required=True),
        _column("campaign_id", "text"),
        _column("campaign_name", "text"),
        _column("impressions", "integer"),
        _column("clicks", "integer"),
        _column("cost", "money", required=True),
        _column("currency_code", "currency"),
    ),
    one_of=("campaign_id", "campaign_name"),
)


# the cost of a file with the API's own fields: nothing that people call a cost may be taken for millionths
_API_LAYOUT = replace(
    LAYOUT,
    columns=tuple(
        replace(column, names=_MICROS["cost"] if column.name == "cost" else (*column.names, *_MICROS.get(column.name, ())))
        for column in LAYOUT.columns
    ),
)


def read_table(export: Export, data: bytes, file: FoundFile) -> Iterator[Record | Fault]:
    """Campaign days of a csv or tsv."""
    for one in summed(_table_rows(export, data, file), _key, _SUMS):
        yield one if isinstance(one, Fault) else Record(one[0], dict(one[1]))


def _table_rows(export: Export, data: bytes, file: FoundFile) -> Iterator[tuple[str, dict[str, str]] | Fault]:
    """Rows of the interface's export, or of a file with the API's own fields, where money is in millionths."""
    rows = export.rows(data, file)
    try:
        yield from [next(rows)]
    except StopIteration:
        return
    except DamagedError as no_heading:
        rows = replace(export, layout=_API_LAYOUT, money=()).rows(data, file)
        try:
            first = [one for one in [next(rows, None)] if one is not None]
        except DamagedError:
            raise no_heading from None
        for one in chain(first, rows):
            yield one if isinstance(one, Fault) else (one[0], one[1] | {"cost": f"{Decimal(one[1]['cost']) / 1_000_000:f}"})
        return
    yield from rows


def read_stream(data: bytes) -> Iterator[Record | Fault]:
    """Campaign days of a searchStream answer: an array of batches, whole numbers as text, money in millionths."""
    for one in summed(_stream_rows(data.decode("utf-8-sig", "replace")), _key, _SUMS):
        yield one if isinstance(one, Fault) else Record(one[0], dict(one[1]))


def _key(payload: dict[str, str]) -> str:
    return f"{payload['cost_date']}:{payload.get('campaign_id') or payload.get('campaign_name')}"


def _stream_rows(text: str) -> Iterator[tuple[str, dict[str, str]] | Fault]:
    number = 0
    for batch in _batches(text):
        if isinstance(batch, Fault):
            yield batch
            return
        for row in batch.get("results") or []:
            number += 1
            place = f"result {number}"
            try:
                yield place, _payload(row)
            except (KeyError, TypeError, ValueError, InvalidOperation, AttributeError):
                yield Fault(place, "it lacks campaign.id, segments.date or metrics.costMicros", json.dumps(row, ensure_ascii=False))


def _batches(text: str) -> Iterator[dict[str, Any] | Fault]:
    """The batches one after another, so that those before a damaged place are kept."""
    position = len(text) - len(text.lstrip())
    in_array = text[position : position + 1] == "["
    position += in_array
    while (position := _after_blanks(text, position)) < len(text) and text[position] != "]":
        try:
            value, position = DECODER.raw_decode(text, position)
        except (json.JSONDecodeError, RecursionError):
            yield Fault(f"character {position}", "the JSON is damaged", text[position : position + 100])
            return
        value = whole_text(value, text)
        if not isinstance(value, dict):
            yield Fault(f"character {position}", "this is no batch of results", str(value)[:100])
            return
        yield value
    if in_array and position >= len(text):
        yield Fault(f"character {position}", "the file is broken off", "")


def _after_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n,":
        position += 1
    return position


def _payload(row: dict[str, Any]) -> dict[str, str]:
    campaign, metrics = row["campaign"], row["metrics"]
    micros = Decimal(str(metrics["costMicros"] if "costMicros" in metrics else metrics["cost_micros"]))
    payload = {
        "cost_date": date.fromisoformat(str(row["segments"]["date"])).isoformat(),
        "campaign_id": str(int(str(campaign["id"]))),
        "campaign_name": str(campaign.get("name") or ""),
        "impressions": str(int(str(metrics.get("impressions") or 0))),
        "clicks": str(int(str(metrics.get("clicks") or 0))),
        "cost": f"{micros / 1_000_000:f}",
    }
    customer = row.get("customer") or {}
    currency = customer.get("currencyCode") or customer.get("currency_code")
    return payload | ({"currency_code": str(currency)} if currency else {})


def raise_unless_report(text_start: str) -> None:
    """DamagedError where a .json file is none."""
    if text_start[:1] not in {"{", "["}:
        raise DamagedError(place="character 0", cause="this is no JSON of searchStream")

"""Reports of Yandex Direct: from a request's `params` to rows, and from rows to TSV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ingestion.spec import JsonObject

DIMENSIONS = {"Date", "CampaignId", "CampaignName", "CampaignType", "Month"}
METRICS = {"Impressions", "Clicks", "Cost", "Ctr", "AvgCpc", "Conversions"}
MONEY = {"Cost", "AvgCpc"}
REPORT_TYPES = {"ACCOUNT_PERFORMANCE_REPORT", "CAMPAIGN_PERFORMANCE_REPORT", "CUSTOM_REPORT"}
RELATIVE_DAYS = {"TODAY": (0, 0), "YESTERDAY": (1, 1), "ALL_TIME": (1095, 0)}
RELATIVE_DAYS |= {f"LAST_{days}_DAYS": (days, 1) for days in (3, 5, 7, 14, 30, 90, 365)}
MAX_ROWS = 1_000_000
EMPTY = "--"


class BadReportError(ValueError):
    """A request that the service refuses with this error code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """One campaign's day; `cost` in currency units without VAT."""

    campaign_id: int
    campaign_name: str
    campaign_type: str
    day: date
    impressions: int
    clicks: int
    cost: Decimal


@dataclass
class Report:
    """A report as it was made: later corrections of the statistics do not reach it."""

    params: JsonObject
    period: tuple[date, date]
    columns: list[str]
    rows: list[dict[str, Any]]
    waits_left: int = 0


def make_report(params: JsonObject, statistics: Iterable[CampaignRow], today: date, vat_rate: float) -> Report:
    """Reckon a report.

    Args:
        params: of the request.
        statistics: everything known.
        today: relative ranges end before it.
        vat_rate: added to money when IncludeVAT is YES.

    Raises:
        BadReportError: what is asked for does not exist or lacks a parameter.
    """
    columns = _columns(params)
    if params.get("IncludeVAT") not in {"YES", "NO"}:
        message = "Параметр IncludeVAT обязателен: YES или NO"
        raise BadReportError(4000, message)
    if params.get("Format") != "TSV" or params.get("ReportType") not in REPORT_TYPES:
        message = "Неверное значение Format или ReportType"
        raise BadReportError(4000, message)
    period = _period(params, today)
    factor = Decimal(1) + (Decimal(str(vat_rate)) if params["IncludeVAT"] == "YES" else Decimal(0))
    dimensions = [name for name in columns if name in DIMENSIONS]
    groups: dict[tuple[Any, ...], list[CampaignRow]] = {}
    for row in statistics:
        if period[0] <= row.day <= period[1]:
            groups.setdefault(tuple(_dimension(row, name) for name in dimensions), []).append(row)
    rows = [_row(dict(zip(dimensions, key, strict=True)), group, columns, factor) for key, group in groups.items()]
    for clause in reversed(params.get("OrderBy", [])):
        rows.sort(key=lambda row: row[clause["Field"]], reverse=clause.get("SortOrder") == "DESCENDING")
    page = params.get("Page", {})
    start = int(page.get("Offset", 0))
    return Report(params, period, columns, rows[start : start + int(page.get("Limit", MAX_ROWS))])


def _columns(params: JsonObject) -> list[str]:
    columns = params.get("FieldNames") or []
    unknown = [name for name in columns if name not in DIMENSIONS | METRICS]
    if unknown or not columns:
        message = f"Элемент массива FieldNames содержит неверное значение: {', '.join(unknown) or 'пусто'}"
        raise BadReportError(4000, message)
    return list(columns)


def _period(params: JsonObject, today: date) -> tuple[date, date]:
    kind = params.get("DateRangeType")
    if kind == "CUSTOM_DATE":
        criteria = params.get("SelectionCriteria", {})
        try:
            first, last = date.fromisoformat(criteria["DateFrom"]), date.fromisoformat(criteria["DateTo"])
        except (KeyError, ValueError):
            message = "Для CUSTOM_DATE нужны DateFrom и DateTo в виде YYYY-MM-DD"
            raise BadReportError(4000, message) from None
        if first > last:
            message = "DateFrom позже, чем DateTo"
            raise BadReportError(4000, message)
        return first, last
    if kind not in RELATIVE_DAYS:
        message = f"Неверное значение DateRangeType: {kind}"
        raise BadReportError(4000, message)
    since, until = RELATIVE_DAYS[kind]
    return today - timedelta(days=since), today - timedelta(days=until)


def _dimension(row: CampaignRow, name: str) -> Any:
    values = {
        "Date": row.day.isoformat(),
        "Month": row.day.replace(day=1).isoformat(),
        "CampaignId": row.campaign_id,
        "CampaignName": row.campaign_name,
        "CampaignType": row.campaign_type,
    }
    return values[name]


def _row(dimensions: dict[str, Any], group: list[CampaignRow], columns: list[str], factor: Decimal) -> dict[str, Any]:
    shows, clicks = sum(one.impressions for one in group), sum(one.clicks for one in group)
    # each row is rounded on its own, so that a sum of rows may differ from a total
    cost = (sum((one.cost for one in group), Decimal(0)) * factor).quantize(Decimal("0.01"), ROUND_HALF_UP)
    made = dimensions | {
        "Impressions": shows,
        "Clicks": clicks,
        "Cost": cost,
        "Ctr": None if not shows else (Decimal(100) * clicks / shows).quantize(Decimal("0.01")),
        "AvgCpc": None if not clicks else (cost / clicks).quantize(Decimal("0.01")),
        "Conversions": None,
    }
    return {name: made[name] for name in columns}


def render(report: Report, headers: Mapping[str, str]) -> bytes:
    """The TSV that request headers (lower case) ask for."""
    in_micros = headers.get("returnmoneyinmicros") != "false"
    lines: list[str] = []
    if headers.get("skipreportheader") != "true":
        first, last = report.period
        lines.append(f'"{report.params["ReportName"]} ({first.isoformat()} - {last.isoformat()})"')
    if headers.get("skipcolumnheader") != "true":
        lines.append("\t".join(report.columns))
    lines += ["\t".join(_text(name, row[name], in_micros=in_micros) for name in report.columns) for row in report.rows]
    if headers.get("skipreportsummary") != "true":
        lines.append(f"Total rows: {len(report.rows)}")
    return ("\n".join(lines) + "\n" if lines else "").encode()


def _text(name: str, value: Any, *, in_micros: bool) -> str:
    if value is None or value == "":
        return EMPTY
    if name in MONEY:
        return str(int(value * 1_000_000)) if in_micros else f"{value:.2f}"
    return str(value)

"""Reports of Yandex Direct: what is asked for, and the TSV that comes (feeds.md 3.1)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import orjson

from ingestion.errors import TransientError

FIELDS = ("Date", "CampaignId", "CampaignName", "CampaignType", "Impressions", "Clicks", "Cost")
_TOTAL = re.compile(r"[^\t]*?:?\s*(\d+)\s*")


@dataclass(frozen=True, slots=True)
class Table:
    """A report as it came.

    Attributes:
        rows: by column name, strings as sent.
        broken: lines that do not fit the columns.
    """

    rows: list[dict[str, str]]
    broken: list[str]


def months(low: date, high: date) -> Iterator[tuple[date, date]]:
    """[low, high] cut at month ends, both ends of each part included."""
    while low <= high:
        first_of_next = (low.replace(day=1) + timedelta(days=32)).replace(day=1)
        end = min(high, first_of_next - timedelta(days=1))
        yield low, end
        low = end + timedelta(days=1)


def report_params(low: date, high: date, *, include_vat: bool, run: str) -> dict[str, Any]:
    """Parameters of one report. Its name must belong to one body; `run` makes it new in every run, for a made report never changes."""
    params: dict[str, Any] = {
        "SelectionCriteria": {"DateFrom": low.isoformat(), "DateTo": high.isoformat()},
        "FieldNames": list(FIELDS),
        "OrderBy": [{"Field": "Date"}, {"Field": "CampaignId"}],
        "ReportType": "CAMPAIGN_PERFORMANCE_REPORT",
        "DateRangeType": "CUSTOM_DATE",
        "Format": "TSV",
        "IncludeVAT": "YES" if include_vat else "NO",
    }
    mark = hashlib.sha256(orjson.dumps([params, run], option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
    return params | {"ReportName": f"skvoz {low} {high} {mark}"}


def parse_tsv(text: str, where: str) -> Table:
    """A report's rows. A title line before the columns is skipped; the closing line with the number of rows proves that nothing is missing.

    Raises:
        TransientError: the report is broken off, or is no report.
    """
    lines = text.split("\n")
    if not text.strip():
        message = f"{where}: the report is empty, not even its columns came."
        raise TransientError(message)
    start = next((number for number, line in enumerate(lines[:3]) if set(FIELDS) <= set(_cells(line))), None)
    if start is None:
        message = f"{where}: what came is no report with the columns {', '.join(FIELDS)}."
        raise TransientError(message)
    names = _cells(lines[start])
    body = [line for line in lines[start + 1 :] if line.strip("\r")]
    total = _TOTAL.fullmatch(body[-1].strip()) if body and "\t" not in body[-1] else None
    whole = bool(total) or lines[-1] == ""  # without the closing line a whole report at least ends its last row
    rows, broken = [], []
    for line in body[: len(body) - bool(total)]:
        cells = _cells(line)
        if len(cells) == len(names):
            rows.append(dict(zip(names, cells, strict=True)))
        else:
            broken.append(line)
    if not whole or (total and int(total[1]) != len(rows) + len(broken)):
        message = f"{where}: the report is broken off after {len(rows)} rows."
        raise TransientError(message)
    return Table(rows, broken)


def _cells(line: str) -> list[str]:
    return line.rstrip("\r").split("\t")

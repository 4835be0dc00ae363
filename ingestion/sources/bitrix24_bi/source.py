"""Bitrix24 through its BI connector.

The first load and the nightly sweep read every table by windows of its date column (all before `since` in one, then month by month), and
what is gone is deleted; a refresh reads the last days again. A table that the plan lacks is noted. Cursor: {"to": last day read}, or
{"walk": first day of the next window} while everything is being read. Payload: {column: value} as sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx
from pydantic import Field, SecretStr, field_validator

from ingestion.errors import PermanentError, SourceError
from ingestion.http import HttpClient, parse_json
from ingestion.redaction import redact, register_secret
from ingestion.sources.bitrix24_bi.tables import TABLES, Table
from ingestion.sources.yandex_direct.reports import months
from ingestion.spec import Context, Extraction, JsonObject, Page, Record, Source, SourceOptions, Stream

_BEGINNING = date(2000, 1, 1)  # older than Bitrix24


class BiOptions(SourceOptions):
    """`[sources.<name>]` of type bitrix24_bi."""

    url: str = Field(description="address of the portal: https://portal.bitrix24.ru")
    key: SecretStr = Field(description="key of CRM → Analytics → BI analytics → Manage keys")
    order_field: str | None = Field(default=None, description="UF_CRM_… field of deals that holds the number of the order in 1C")

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value.strip())
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            message = "must be an address such as https://portal.bitrix24.ru"
            raise ValueError(message)
        return f"{parts.scheme}://{parts.netloc}"


class BiConnector:
    """One portal.

    Args:
        options: of the source.
        context: of the source.
        http: the client.
    """

    def __init__(self, options: BiOptions, context: Context, http: HttpClient) -> None:
        self._url = f"{options.url}/bitrix/tools/biconnector"
        self._key = options.key.get_secret_value()
        self._context = context
        self._http = http
        self._present: set[str] | None = None

    def check(self) -> str:
        """Which of the tables this key opens."""
        present = self._tables()
        missing = [table.name for table in TABLES.values() if table.name not in present]
        return f"the BI connector answers with {len(present)} tables" + (f"; it has no {', '.join(missing)}." if missing else ".")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def extract(self, request: Extraction) -> Iterator[Page]:
        """Pages of one table, a window of days each."""
        table = TABLES[request.stream.name]
        if table.name not in self._tables():
            self._context.note(f"{request.stream.name}: the portal has no table {table.name} (its plan or the key's rights); left out.")
            return
        today = request.now.astimezone(self._context.timezone).date()
        if not table.changed:
            yield self._page(table, None, None)
            yield Page(complete=True)
            return
        cursor = request.cursor if request.mode == "refresh" else None
        if cursor is not None and "to" in cursor:
            low = min(date.fromisoformat(str(cursor["to"])), today) - timedelta(days=table.days)
            page = self._page(table, low, today + timedelta(days=1))
            yield Page(page.records, cursor={"to": today.isoformat()}, rejected=page.rejected)
            return
        begun = date.fromisoformat(str(cursor["walk"])) if cursor is not None else None
        # tomorrow: the portal's day may be ahead of ours
        for low, high in _windows(request.since, today + timedelta(days=1)):
            if begun is None or high >= begun:
                page = self._page(table, low, high)
                yield Page(page.records, cursor={"walk": (high + timedelta(days=1)).isoformat()}, rejected=page.rejected)
        yield Page(cursor={"to": today.isoformat()}, complete=begun is None)

    def _page(self, table: Table, low: date | None, high: date | None) -> Page:
        body: JsonObject = {"key": self._key, "dateRange": {}}
        if low is not None and high is not None:
            body["dateRange"] = {"startDate": low.isoformat(), "endDate": high.isoformat()}
            body["configParams"] = {"timeFilterColumn": table.changed}
        names, *rows = self._asked("pbi.php", {"table": table.name}, body) or [[]]
        records: list[Record] = []
        rejected: list[tuple[Any, str]] = []
        for row in rows:
            if not isinstance(row, list) or len(row) != len(names):
                rejected.append((row, "the columns do not fit"))
                continue
            payload = dict(zip(names, row, strict=True))
            key = payload.get(table.key)
            if key in (None, "", 0):
                rejected.append((payload, f"{table.key} is empty"))
            else:
                records.append(
                    Record(str(key), payload, moment(payload.get(table.changed), self._context.timezone) if table.modified else None)
                )
        return Page(records, rejected=rejected)

    def _tables(self) -> set[str]:
        if self._present is None:
            listed = self._asked("gds.php", {"show_tables": ""}, {"key": self._key})
            self._present = {str(row[0]) if isinstance(row, list) else str(row) for row in listed}
        return self._present

    def _asked(self, script: str, parameters: dict[str, str], body: JsonObject) -> list[Any]:
        answers: list[Any] = []

        def explain(response: httpx.Response) -> SourceError | None:
            if response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
                return None
            # how a wrong key is answered is documented nowhere: whatever is no list says no
            answer = parse_json(response, f"{self._context.source}: {script}") if response.content.strip()[:1] in (b"[", b"{") else None
            if isinstance(answer, list):
                answers.append(answer)
                return None
            if answer is None and response.is_success:
                parse_json(response, f"{self._context.source}: {script}")  # HTML, an empty or a broken body: worth another try
            told = redact(str(answer))[:200] if answer else f"status {response.status_code}"
            message = (
                f"{self._context.source}: the BI connector refuses ({told}); the key is wrong or revoked, or the portal's plan has no "
                "BI analytics."
            )
            return PermanentError(message)

        self._http.response("POST", f"{self._url}/{script}", params=parameters, json=body, explain=explain)
        found: list[Any] = answers[-1]
        return found


def moment(value: Any, zone: ZoneInfo) -> datetime | None:
    """A time of the portal, which may or may not carry its offset; None if it is none."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found.replace(tzinfo=zone) if found.tzinfo is None else found


def _windows(since: date, last: date) -> Iterator[tuple[date, date]]:
    """Everything before `since` in one window, then months."""
    since = min(since, last)
    yield _BEGINNING, since - timedelta(days=1)
    yield from months(since, last)


def connect(options: BiOptions, context: Context) -> BiConnector:
    """A connector for these options; nothing is asked yet."""
    register_secret(options.key.get_secret_value())
    # one answer may hold a month of everything: the portal takes its time
    return BiConnector(options, context, HttpClient(context.source, per_second=1.0, timeout=(20.0, 600.0)))


_CHANGES = "the last days again by its date column; everything each night, by months; rows gone are deleted"
_FEEDS: dict[str, tuple[str, ...]] = {
    "users": ("dim_managers",),
    "companies": ("dim_customers", "customer_links"),
    "contacts": ("dim_customers", "customer_links"),
    "deals": ("fct_deals", "sales_funnel"),
    "deal_fields": ("fct_deals",),
    "product_rows": ("dim_products",),
    "deal_stage_history": ("fct_deal_stage_entries", "sales_funnel"),
    "leads": ("fct_leads",),
    "activities": ("fct_tasks", "fct_activities"),
    "calls": ("fct_calls", "manager_kpi"),
}
SOURCE = Source(
    type="bitrix24_bi",
    system="bitrix24_bi",
    title="Bitrix24 (BI connector)",
    streams=tuple(
        Stream(name, _CHANGES if table.changed else "whole table each time; rows gone are deleted", _FEEDS[name])
        for name, table in TABLES.items()
    ),
    options=BiOptions,
    connect=connect,
    dbt_options=("order_field",),
)

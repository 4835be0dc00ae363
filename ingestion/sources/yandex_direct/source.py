"""Yandex Direct.

`campaign_costs`: one row per day and campaign, key `<date>:<CampaignId>`, money as decimals with or without VAT as `include_vat` says
(the payload names it). The first load reads month by month; each later one reads the last 30 days again, for clicks found to be fraud
are paid back (feeds.md 3.1), and a row that is no longer reported is deleted. Cursor: {"to": last day read}.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from pydantic import Field, SecretStr, field_validator

from ingestion.errors import LossGuardError
from ingestion.http import HttpClient
from ingestion.redaction import register_secret
from ingestion.sources.yandex_direct.api import DirectApi, ReportTooLongError
from ingestion.sources.yandex_direct.reports import Table, months, report_params
from ingestion.spec import Context, Extraction, Page, Record, Source, SourceOptions, Stream

_GUARDED_ROWS = 20  # from so many known rows on, an empty answer for their whole period is not believed


class DirectOptions(SourceOptions):
    """`[sources.<name>]` of type yandex_direct."""

    token: SecretStr = Field(description="an OAuth token of a user who sees the campaigns' statistics")
    url: str = Field(default="https://api.direct.yandex.com/json/v5/", description="the API's address")
    client_login: str | None = Field(default=None, description="the advertiser's login, for agencies")
    include_vat: bool = Field(default=False, description="ask for costs with VAT")
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$", description="of the advertiser's account; default the company's")
    reread_days: int = Field(default=30, ge=1, description="days read again each time, for costs are corrected later")

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value.strip())
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            message = "must be an address such as https://api.direct.yandex.com/json/v5/"
            raise ValueError(message)
        return value.strip().rstrip("/").removesuffix("/reports") + "/"


class DirectConnector:
    """One configured advertiser.

    Args:
        api: the Reports service.
        options: of the source.
        context: of the source.
    """

    def __init__(self, api: DirectApi, options: DirectOptions, context: Context) -> None:
        self._api = api
        self._options = options
        self._context = context

    def check(self) -> str:
        """Whether the token may read statistics, tried on one day."""
        day = date.today() - timedelta(days=1)  # noqa: DTZ011 - any recent day will do
        table = self._api.report(report_params(day, day, include_vat=self._options.include_vat, run=uuid4().hex))
        return f"Yandex Direct answers; {len(table.rows)} campaigns had impressions on {day}."

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def extract(self, request: Extraction) -> Iterator[Page]:
        """Pages of campaign days, a month each."""
        today = request.now.astimezone(self._context.timezone).date()
        low = request.since
        if request.cursor is not None:
            reached = min(date.fromisoformat(str(request.cursor["to"])), today)
            low = max(low, reached - timedelta(days=self._options.reread_days))
        known = request.known.versions()
        run = uuid4().hex
        for start, end in months(low, today):
            yield from self._period(start, end, request, known, run)

    def _period(self, start: date, end: date, request: Extraction, known: dict[str, str | None], run: str) -> Iterator[Page]:
        params = report_params(start, end, include_vat=self._options.include_vat, run=run)
        try:
            table = self._api.report(params)
        except ReportTooLongError:
            if start == end:
                raise
            middle = start + (end - start) // 2
            yield from self._period(start, middle, request, known, run)
            yield from self._period(middle + timedelta(days=1), end, request, known, run)
            return
        page = self._page(table, start, end)
        seen = {record.key for record in page.records}
        expected = {key for key in known if start.isoformat() <= key.partition(":")[0] <= end.isoformat()}
        if request.mode != "full" and not seen and len(expected) >= _GUARDED_ROWS:
            message = (
                f"{self._context.source}: Yandex Direct reports nothing from {start} to {end}, where {len(expected)} campaign days were "
                f"known; check the token's rights, and if that is right run: skvoz sync {self._context.source} --full"
            )
            raise LossGuardError(message)
        gone = [Record(key, None) for key in sorted(expected - seen)]
        yield Page([*page.records, *gone], cursor={"to": end.isoformat()}, rejected=page.rejected)

    def _page(self, table: Table, start: date, end: date) -> Page:
        records: list[Record] = []
        rejected: list[tuple[Any, str]] = [(line, "the columns do not fit") for line in table.broken]
        vat = "YES" if self._options.include_vat else "NO"
        for row in table.rows:
            day, campaign = row["Date"], row["CampaignId"]
            if not campaign.isdigit() or not start.isoformat() <= day <= end.isoformat():
                rejected.append((row, "no campaign, or a day that was not asked for"))
            else:
                records.append(Record(f"{day}:{campaign}", {**row, "_include_vat": vat}))
        return Page(records, rejected=rejected)


def connect(options: DirectOptions, context: Context) -> DirectConnector:
    """A connector for these options; nothing is asked yet."""
    token = options.token.get_secret_value()
    register_secret(token)
    headers = {"Authorization": f"Bearer {token}"}
    if options.client_login:
        headers["Client-Login"] = options.client_login
    return DirectConnector(DirectApi(f"{options.url}reports", context.source, HttpClient(context.source), headers), options, context)


SOURCE = Source(
    type="yandex_direct",
    system="yandex_direct",
    title="Yandex Direct",
    streams=(
        Stream(
            "campaign_costs",
            "by month at first, then the last 30 days again each time; rows no longer reported are deleted",
            ("fct_campaign_costs", "marketing_roi"),
        ),
    ),
    options=DirectOptions,
    connect=connect,
    dbt_options=("include_vat", "currency"),
)

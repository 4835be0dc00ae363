"""A local Yandex Direct, as far as `POST /json/v5/reports` goes: offline reports that are asked for again until they are ready.

Facts: the same body is the same report, a name belongs to one body; 201 and 202 say `retryIn`; money is in millionths unless
`returnMoneyInMicros: false`; an empty value is `--`; IncludeVAT must be chosen; costs of the last days change afterwards.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingestion.sandbox.faults import FaultLayer, FaultPlan, FaultSwitch, RequestLog
from ingestion.sandbox.yandex_direct_reports import BadReportError, CampaignRow, Report, make_report, render
from ingestion.spec import JsonObject

if TYPE_CHECKING:
    from ingestion.sandbox.company import Company

TOKEN = "sandbox-direct-token"
ERRORS: dict[int, tuple[int, str]] = {
    52: (500, "Сервер авторизации временно недоступен"),
    53: (400, "Ошибка авторизации"),
    56: (400, "Превышен лимит запросов к методу"),
    152: (400, "Недостаточно баллов"),
    506: (400, "Превышен лимит соединений"),
    1000: (500, "Сервис временно недоступен"),
    1001: (500, "Ошибка инициализации"),
    1002: (500, "Ошибка операции"),
    4000: (400, "Неверный запрос"),
    9000: (400, "Превышен лимит отчётов в очереди"),
}
"""Error code → HTTP status and text."""


@dataclass(frozen=True, slots=True)
class YandexDirectOptions:
    """How the service behaves.

    Attributes:
        waits: how often a report is answered 201 or 202 before it is ready; with `processingMode: online` it is ready at once.
        retry_in: seconds named in `retryIn`.
        queue: reports that may be made at one time; more answer error 9000.
        client_login: the one advertiser an agency's token may name; "" is no agency.
        vat_rate: what IncludeVAT YES adds to the costs.
        faults: which answers the network spoils.
    """

    waits: int = 1
    retry_in: int = 1
    queue: int = 5
    client_login: str = ""
    vat_rate: float = 0.20
    faults: FaultPlan = field(default_factory=FaultPlan)


@dataclass
class DirectStore:
    """Statistics and reports.

    Attributes:
        rows: by (campaign id, day).
        today: the day that relative date ranges count from.
        tokens: that open the door.
        refusals: error codes that the next requests are answered with.
    """

    rows: dict[tuple[int, date], CampaignRow]
    today: date
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    refusals: deque[int] = field(default_factory=deque)
    reports: dict[str, Report] = field(default_factory=dict)

    def become(self, other: DirectStore) -> None:
        """Hold what another store holds from now on (the company some days later); made reports stay as they are."""
        self.rows, self.today = other.rows, other.today

    def correct(self, campaign_id: int, day: date, **changes: Any) -> None:
        """Change a day's figures afterwards, as when fraudulent clicks are paid back."""
        row = self.rows[campaign_id, day]
        self.rows[campaign_id, day] = CampaignRow(**{**{name: getattr(row, name) for name in row.__slots__}, **changes})


def company_statistics(company: Company) -> DirectStore:
    """What Direct knows about the company's campaigns."""
    campaigns = {one.number: one for one in company.campaigns if one.system == "yandex_direct"}
    rows: dict[tuple[int, date], CampaignRow] = {}
    for day in company.campaign_days:
        campaign = campaigns.get(day.campaign)
        if campaign is not None and (day.impressions or day.clicks or day.cost):
            rows[campaign.id, day.day] = CampaignRow(
                campaign.id, campaign.name, "TEXT_CAMPAIGN", day.day, day.impressions, day.clicks, day.cost
            )
    return DirectStore(rows, company.today)


def build_app(company: Company, **options: Any) -> Starlette:
    """The Reports service of the sandbox company's advertising account.

    Args:
        company: what the statistics are projected from once; later corrections happen to `app.state.store`.
        options: fields of YandexDirectOptions.
    """
    return serve(company_statistics(company), YandexDirectOptions(**options))


def serve(store: DirectStore, options: YandexDirectOptions) -> Starlette:
    """An app over a store; `app.state` has `store`, `log` and `faults`."""
    log, faults = RequestLog(), FaultSwitch(options.faults)
    service = Reports(store, options)
    app = Starlette(
        routes=[Route(f"/json/{version}/reports", service.answer, methods=["POST"]) for version in ("v5", "v501")],
        middleware=[Middleware(FaultLayer, log=log, switch=faults)],
    )
    app.state.store = store
    app.state.log = log
    app.state.faults = faults
    return app


class Reports:
    """The one endpoint."""

    def __init__(self, store: DirectStore, options: YandexDirectOptions) -> None:
        self.store = store
        self.options = options
        self._requests = 8_695_244_274_068_608_439

    async def answer(self, request: Request) -> Response:
        """201, 202 or the report; errors as JSON."""
        self._requests += 1
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.store.tokens:
            return self._error(53, "Токен не найден или истёк")
        if self.store.refusals:
            return self._error(self.store.refusals.popleft(), "")
        login = request.headers.get("client-login", "")
        if login != self.options.client_login:
            return self._error(53, f"Нет прав на клиента {login!r}")
        try:
            report = self._report(await request.body())
        except BadReportError as problem:
            return self._error(problem.code, str(problem))
        if report.waits_left > 0 and request.headers.get("processingmode", "auto") != "online":
            report.waits_left -= 1
            status = 201 if report.waits_left == self.options.waits - 1 else 202
            return Response(
                status_code=status, headers=self._headers(retryIn=str(self.options.retry_in), reportsInQueue=str(self._queued()))
            )
        report.waits_left = 0
        return Response(
            render(report, {name.lower(): value.lower() for name, value in request.headers.items()}),
            media_type="text/tab-separated-values; charset=utf-8",
            headers=self._headers(),
        )

    def _report(self, body: bytes) -> Report:
        """The report of this body: the one made earlier, or a new one."""
        try:
            params = orjson.loads(body)["params"]
            name = params["ReportName"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            message = "В запросе нет params.ReportName"
            raise BadReportError(4000, message) from None
        known = self.store.reports.get(name)
        if known is not None:
            if known.params != params:
                message = "Отчёт с таким ReportName уже создан с другими параметрами"
                raise BadReportError(4000, message)
            return known
        if self._queued() >= self.options.queue:
            message = "Дождитесь готовности отчётов, которые уже в очереди"
            raise BadReportError(9000, message)
        made = make_report(params, self.store.rows.values(), self.store.today, self.options.vat_rate)
        made.waits_left = self.options.waits
        self.store.reports[name] = made
        return made

    def _queued(self) -> int:
        return sum(1 for report in self.store.reports.values() if report.waits_left > 0)

    def _headers(self, **more: str) -> dict[str, str]:
        return {"RequestId": str(self._requests), "Units": "10/20828/64000", **more}

    def _error(self, code: int, detail: str) -> Response:
        status, text = ERRORS[code]
        error: JsonObject = {"request_id": str(self._requests), "error_code": str(code), "error_string": text, "error_detail": detail}
        return Response(orjson.dumps({"error": error}), status, media_type="application/json", headers=self._headers())

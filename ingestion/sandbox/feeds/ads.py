"""Advertising systems: campaigns of VK Ads and myTarget, Meta and Google by day, over servers and in exported files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ingestion.sandbox.company import Company
from ingestion.sandbox.faults import FaultPlan
from ingestion.sandbox.feeds.peers import peer

TOKEN = "sandbox-ads-token"
CLIENT = ("sandbox-client", "sandbox-client-secret")
_FIRST_ID = 5_200_000
_MOST_TOKENS = 5


@dataclass(frozen=True, slots=True)
class AdDay:
    """A day of a campaign at an advertising system; `number` is the company's campaign."""

    id: int
    number: int
    name: str
    day: date
    impressions: int
    clicks: int
    cost: Decimal


def ad_days(company: Company, utm_source: str = "vk") -> list[AdDay]:
    """Days of the company's campaigns of one utm_source, as the system that runs them counts them."""
    campaigns = {one.number: one for one in company.campaigns if one.utm_source == utm_source}
    return [
        AdDay(_FIRST_ID + one.campaign, one.campaign, campaigns[one.campaign].utm_campaign, one.day, one.impressions, one.clicks, one.cost)
        for one in company.campaign_days
        if one.campaign in campaigns
    ]


def statistics_app(days: list[AdDay], level: str = "ad_plans", faults: FaultPlan | None = None) -> Starlette:
    """VK Ads and myTarget: a list of campaigns in pages, statistics for some ids and 92 days at most; `app.state.days` may be changed.

    An application has five tokens at most, `app.state.tokens`, until it has them deleted.
    """

    def refused(request: Request) -> Response | None:
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in {TOKEN, *app.state.tokens}:
            return JSONResponse({"error": {"code": "invalid_token", "message": "Unknown access token"}}, 401)
        return None

    async def listed(request: Request) -> Response:
        names = sorted({(one.id, one.name) for one in app.state.days})
        offset, limit = int(request.query_params["offset"]), min(50, int(request.query_params["limit"]))
        items = [{"id": number, "name": name} for number, name in names[offset : offset + limit]]
        return refused(request) or JSONResponse({"count": len(names), "offset": offset, "items": items})

    async def statistics(request: Request) -> Response:
        if (refusal := refused(request)) is not None:
            return refusal
        query = request.query_params
        low, high = date.fromisoformat(query["date_from"]), date.fromisoformat(query["date_to"])
        if (high - low).days >= 92:
            return JSONResponse({"error": {"message": "date range limit exceeded"}}, 400)
        ids = [int(one) for one in query["id"].split(",")]
        by_key = {(one.id, one.day): one for one in app.state.days}
        asked = [low + timedelta(days=shift) for shift in range((high - low).days + 1)]
        items = [{"id": number, "rows": [_day_row(day, by_key.get((number, day))) for day in asked], "total": {}} for number in ids]
        return JSONResponse({"items": items, "total": {}})

    root = "/api/v2"
    routes = {
        f"{root}/oauth2/token.json": _sign_in,
        f"{root}/oauth2/token/delete.json": _forget_tokens,
        f"{root}/{level}.json": listed,
        f"{root}/statistics/{level}/day.json": statistics,
    }
    app = peer(routes, faults)
    app.state.days, app.state.tokens, app.state.handed_out = days, [], 0
    return app


def _day_row(day: date, one: AdDay | None) -> dict[str, object]:
    base = {"shows": one.impressions, "clicks": one.clicks, "spent": f"{one.cost:.2f}"} if one else {"shows": 0, "clicks": 0, "spent": "0"}
    return {"date": day.isoformat(), "base": {**base, "cpm": "0.00", "ctr": 0.0}}


async def _sign_in(request: Request) -> Response:
    form, state = await request.form(), request.app.state
    if (form.get("client_id"), form.get("client_secret")) != CLIENT:
        return JSONResponse({"error": "invalid_client"}, 401)
    if len(state.tokens) >= _MOST_TOKENS:
        return JSONResponse({"error": "token_limit_exceeded", "error_description": "Active access token limit reached"}, 403)
    state.handed_out += 1
    state.tokens.append(token := f"{TOKEN}-{state.handed_out}")
    return JSONResponse({"access_token": token, "expires_in": 86_400, "token_type": "Bearer"})


async def _forget_tokens(request: Request) -> Response:
    form = await request.form()
    if (form.get("client_id"), form.get("client_secret")) != CLIENT:
        return JSONResponse({"error": "invalid_client"}, 401)
    request.app.state.tokens.clear()
    return Response(status_code=204)


def meta_app(
    days: list[AdDay], *, most_rows: int = 10_000, page: int = 25, times_out: bool = False, faults: FaultPlan | None = None
) -> Starlette:
    """Insights: everything is text, pages by cursor, `next` carries the token, too much data is refused."""

    async def insights(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            error = {"message": "Invalid OAuth access token.", "type": "OAuthException", "code": 190}
            return JSONResponse({"error": error}, 400)
        span = json.loads(request.query_params["time_range"])
        found = sorted(
            (one for one in app.state.days if span["since"] <= one.day.isoformat() <= span["until"]), key=lambda one: (one.day, one.id)
        )
        if len(found) > most_rows and times_out:
            words = "(#100) Your request timed out. Try a smaller date range, fetch less data, or use async jobs."
            return JSONResponse({"error": {"message": words, "code": 100, "error_subcode": 1504018}}, 400)
        if len(found) > most_rows:
            error = {"message": "Please reduce the amount of data you're asking for, then retry your request", "code": 1}
            return JSONResponse({"error": error}, 500)
        start = int(request.query_params.get("after", 0))
        body: dict[str, object] = {"data": [_meta_row(one) for one in found[start : start + page]]}
        paging: dict[str, object] = {"cursors": {"before": str(start), "after": str(start + page)}}
        if start + page < len(found):
            paging["next"] = f"https://graph.example/insights?access_token={TOKEN}&after={start + page}"
        return JSONResponse(body | {"paging": paging})

    async def accounts(request: Request) -> Response:
        second = request.query_params.get("after") == "1"
        data = [{"id": "act_78", "account_id": "78"}] if second else [{"id": "act_77", "account_id": "77"}]
        paging = {"cursors": {"after": "1"}} | ({} if second else {"next": f"https://graph.example/me?access_token={TOKEN}&after=1"})
        return JSONResponse({"data": data, "paging": paging})

    async def nothing(_request: Request) -> Response:
        return JSONResponse({"data": []})

    app = peer({"/v23.0/act_77/insights": insights, "/v23.0/act_78/insights": nothing, "/v23.0/me/adaccounts": accounts}, faults)
    app.state.days = days
    return app


def _meta_row(one: AdDay) -> dict[str, str]:
    return {
        "campaign_id": str(one.id), "campaign_name": one.name, "impressions": str(one.impressions), "clicks": str(one.clicks),
        "spend": f"{one.cost:.2f}", "account_currency": "RUB", "date_start": one.day.isoformat(), "date_stop": one.day.isoformat(),
    }  # fmt: skip


def google_csv(days: list[AdDay], locale: str = "en") -> bytes:
    """A report of the interface by day, campaign and device: title, period, heading, total; ru and de with decimal commas, pl in UTF-16."""
    heading = {
        "en": ("Day", "Campaign", "Campaign ID", "Device", "Currency code", "Clicks", "Impr.", "Cost"),
        "ru": ("День", "Кампания", "Идентификатор кампании", "Устройство", "Код валюты", "Клики", "Показы", "Расходы"),
        "de": ("Tag", "Kampagne", "Kampagnen-ID", "Gerät", "Währungscode", "Klicks", "Impr.", "Kosten"),
        "pl": ("Dzień", "Kampania", "Identyfikator kampanii", "Urządzenie", "Kod waluty", "Kliknięcia", "Wyśw.", "Koszt"),
    }[locale]
    total = {"en": "Total: Campaigns", "ru": "Итого: кампании", "de": "Gesamt: Kampagnen", "pl": "Suma: kampanie"}[locale]
    separator = {"en": ",", "ru": ";", "de": ";", "pl": "\t"}[locale]
    lines = ["Campaign report" if locale == "en" else "Отчет", "January 1, 2026 - March 31, 2026", separator.join(heading)]
    for one in days:
        half = (one.cost / 2).quantize(Decimal("0.01"))
        for device, clicks, shows, cost in (
            ("Mobile", one.clicks // 2, one.impressions // 3, half),
            ("Computers", one.clicks - one.clicks // 2, one.impressions - one.impressions // 3, one.cost - half),
        ):
            cells = (
                one.day.isoformat(),
                one.name,
                str(one.id),
                device,
                "RUB",
                _local(clicks, locale),
                _local(shows, locale),
                _local(cost, locale),
            )
            lines.append(separator.join(f'"{cell}"' if separator in cell else cell for cell in cells))
    lines.append(separator.join([total, " --", " --", " --", "RUB", "1", "2", _local(Decimal("3.00"), locale)]))
    text = "\r\n".join(lines) + "\r\n"
    return b"\xff\xfe" + text.encode("utf-16-le") if locale == "pl" else text.encode("utf-8")


def _local(number: int | Decimal, locale: str) -> str:
    text = f"{number:,}" if isinstance(number, int) else f"{number:,.2f}"
    marks = {"en": ",.", "ru": "\u00a0,", "de": ".,", "pl": "\u00a0,"}[locale]
    return text.replace(",", "\0").replace(".", marks[1]).replace("\0", marks[0])


def google_stream(days: list[AdDay]) -> bytes:
    """searchStream: an array of batches, whole numbers as text."""
    rows = [
        {
            "customer": {"currencyCode": "RUB"},
            "campaign": {"resourceName": f"customers/1/campaigns/{one.id}", "id": str(one.id), "name": one.name},
            "metrics": {"impressions": str(one.impressions), "clicks": str(one.clicks), "costMicros": str(int(one.cost * 1_000_000))},
            "segments": {"date": one.day.isoformat()},
        }
        for one in days
    ]
    batches = [{"results": rows[start : start + 50], "fieldMask": "campaign.id", "requestId": "x"} for start in range(0, len(rows), 50)]
    return json.dumps(batches).encode()


def metrika_expenses(days: list[AdDay], company: Company) -> bytes:
    """Expenses as Metrica takes them: a decimal point, without VAT, the last row for several days at once."""
    lines = ["Date,UTMSource,UTMMedium,UTMCampaign,Expenses,Currency,Clicks"]
    for one in days:
        campaign = company.campaign[one.number]
        lines.append(f"{one.day},{campaign.utm_source},{campaign.utm_medium},{campaign.utm_campaign},{one.cost:.2f},RUB,{one.clicks}")
    lines.append("2026-03-01/2026-03-10,podcast,cpm,podcast_spring,100.05,RUB,11")
    return ("\n".join(lines) + "\n").encode()


def metrika_visits(company: Company, counted: int = 60) -> bytes:
    """Visits as the Logs API gives them: tab separated, marks of the campaigns that ran that day."""
    lines = [
        "ym:s:visitID\tym:s:dateTime\tym:s:clientID\tym:s:lastsignUTMSource\tym:s:lastsignUTMMedium\tym:s:lastsignUTMCampaign\tym:s:startURL"
    ]
    for number in range(counted):
        day = company.today - timedelta(days=1 + number % 30)
        campaign = company.campaigns[number % len(company.campaigns)]
        marks = f"{campaign.utm_source}\t{campaign.utm_medium}\t{campaign.utm_campaign}"
        lines.append(f"{9_000_000_000 + number}\t{day} 12:{number % 60:02d}:00\t{16_000 + number % 20}\t{marks}\thttps://sandal.example/")
    return ("\n".join(lines) + "\n").encode()

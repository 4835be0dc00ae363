"""Cloud telephony: MANGO OFFICE, UIS and Zadarma, each as far as its connector's questions go, with its own limits and oddities."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ingestion.sandbox.clock import MOSCOW, wall
from ingestion.sandbox.faults import FaultPlan
from ingestion.sandbox.feeds.exchange import OWN_NUMBER, ExchangeCall, Leg
from ingestion.sandbox.feeds.peers import peer

MANGO_KEY, MANGO_SALT = "mango-sandbox-key", "mango-sandbox-salt"
UIS_TOKEN = "uis-sandbox-token"
ZADARMA_KEY, ZADARMA_SECRET = "zadarma-sandbox-key", "zadarma-sandbox-secret"
_LONGEST_MANGO, _LONGEST_UIS, _LONGEST_ZADARMA = timedelta(days=31), timedelta(days=92), timedelta(days=30)


def mango_app(calls: list[ExchangeCall], *, waits: int = 1, forgets: int = 0, faults: FaultPlan | None = None) -> Starlette:
    """The statistics: asked for, made after `waits` polls, thrown away `forgets` times before they are fetched."""
    state = {"reports": 0, "forgets": forgets}
    reports: dict[str, tuple[dict[str, str], int]] = {}

    async def ask(request: Request) -> Response:
        form = await request.form()
        text = str(form.get("json"))
        sign = hashlib.sha256(f"{MANGO_KEY}{text}{MANGO_SALT}".encode()).hexdigest()
        if form.get("vpbx_api_key") != MANGO_KEY or form.get("sign") != sign:
            return JSONResponse({"code": 3102}, 420)
        body = orjson.loads(text)
        if request.url.path.endswith("request"):
            if int(body["date_to"]) - int(body["date_from"]) > _LONGEST_MANGO.total_seconds():
                return JSONResponse({"code": 3100}, 420)
            state["reports"] += 1
            reports[f"report-{state['reports']}"] = (body, waits)
            return JSONResponse({"key": f"report-{state['reports']}"})
        if body["key"] not in reports:
            return Response(status_code=404)
        asked, left = reports[body["key"]]
        if left:
            reports[body["key"]] = (asked, left - 1)
            return Response(status_code=204)
        if state["forgets"]:
            state["forgets"] -= 1
            del reports[body["key"]]
            return Response(status_code=404)
        rows = [_mango_row(call, leg, asked["fields"].split(",")) for call in calls for leg in call.legs if _within(leg, asked)]
        return Response("\r\n".join(rows), media_type="text/csv")

    return peer({"/vpbx/stats/request": ask, "/vpbx/stats/result": ask}, faults)


def _within(leg: Leg, asked: dict[str, str]) -> bool:
    return int(asked["date_from"]) <= int(leg.at.timestamp()) <= int(asked["date_to"])


def _mango_row(call: ExchangeCall, leg: Leg, fields: list[str]) -> str:
    begun = int(leg.at.timestamp())
    outward = leg.kind in {"out", "internal"}
    inner = f"sip:user{leg.extension}@sandal.mangosip.ru"
    answered = leg.kind != "ivr" and leg.result == "answered"
    values = {
        "records": "[abc,def]" if leg.kind == "talk" else "[]",
        "start": begun,
        "finish": begun + leg.waited + leg.talked,
        "answer": begun + leg.waited if answered else 0,
        "from_extension": leg.extension if outward else "",
        "from_number": inner if outward else leg.client,
        # an internal call may name the other side by its sip address alone
        "to_extension": "" if outward else leg.extension,
        "to_number": f"sip:user{leg.client}@sandal.mangosip.ru" if leg.direction == "internal" else leg.client if outward else inner,
        "disconnect_reason": 1170 if leg.kind == "ivr" else 1100 if answered else 1111,
        "line_number": OWN_NUMBER,
        "location": "ivr" if leg.kind in {"ivr", "voicemail"} else "abonent",
        "entry_id": base64.b64encode(call.id.encode()).decode(),
    }
    return ";".join(str(values[name]) for name in fields)


def uis_app(calls: list[ExchangeCall], *, refusals: int = 0, counted: bool = True, faults: FaultPlan | None = None) -> Starlette:
    """The Data API's get.calls_report; the limit by the minute is reached for `refusals` questions, `counted`: the total is told."""
    state = {"refusals": refusals}

    async def ask(request: Request) -> Response:
        body = orjson.loads(await request.body())
        params = body["params"]
        if params.get("access_token") != UIS_TOKEN:
            return _refusal(body, -32001, "access_token_expired")
        if state["refusals"]:
            state["refusals"] -= 1
            return _refusal(body, -32029, "minute_limit_exceeded")
        low, high = (datetime.strptime(params[name], "%Y-%m-%d %H:%M:%S").replace(tzinfo=MOSCOW) for name in ("date_from", "date_till"))
        if high - low > _LONGEST_UIS:
            return _refusal(body, -32602, "date_interval_limit_reached")
        found = [call for call in calls if low <= call.at <= high and call.direction != "internal"]
        offset = params["offset"]
        rows = [_uis_row(call, params["fields"]) for call in found[offset : offset + params["limit"]]]
        result = {"data": rows, "metadata": {"total_items": len(found)} if counted else {}}
        return JSONResponse({"jsonrpc": "2.0", "id": body["id"], "result": result})

    return peer({"/v2.0": ask}, faults)


def _refusal(body: dict[str, int], code: int, mnemonic: str) -> Response:
    return JSONResponse({"jsonrpc": "2.0", "id": body["id"], "error": {"code": code, "message": mnemonic, "data": {"mnemonic": mnemonic}}})


def _uis_row(call: ExchangeCall, fields: list[str]) -> dict[str, object]:
    talked = call.talked if call.result == "answered" else 0
    answered = call.result == "answered"
    rung = [leg.extension for leg in call.legs if leg.kind != "ivr" and leg.extension]
    employees = [
        {
            "employee_id": int(extension),
            "employee_full_name": f"Сотрудник {extension}",
            "is_answered": answered and extension == call.extension,
            "is_talked": answered and extension == call.extension,
        }
        for extension in rung
    ]
    values: dict[str, object] = {
        "id": int(call.id.replace(".", "")),
        "start_time": f"{wall(call.at):%Y-%m-%d %H:%M:%S}",
        "direction": call.direction,
        "is_lost": call.direction == "in" and call.result != "answered",
        "wait_duration": call.waited,
        "talk_duration": talked + 3,  # the menu is in it
        "clean_talk_duration": talked,
        "total_duration": talked + call.waited,
        "virtual_phone_number": OWN_NUMBER,
        "contact_phone_number": call.client,
        "employees": employees,
        "last_talked_employee_id": int(call.extension) if call.result == "answered" else None,
        "last_talked_employee_full_name": f"Сотрудник {call.extension}" if call.result == "answered" else None,
        "sale_cost": 12345678901234567.25,
    }
    return {name: values.get(name) for name in fields}


def zadarma_app(calls: list[ExchangeCall], *, refusals: int = 0, faults: FaultPlan | None = None) -> Starlette:
    """Signed statistics of the exchange; a period over 30 days is cut without a word; `refusals` questions are too many, told with 200."""
    state = {"refusals": refusals}

    def is_signed(request: Request) -> bool:
        query = urlencode(sorted(parse_qsl(request.url.query, keep_blank_values=True)))
        text = request.url.path + query + hashlib.md5(query.encode()).hexdigest()
        mac = hmac.new(ZADARMA_SECRET.encode(), text.encode(), hashlib.sha1).hexdigest()
        return request.headers.get("authorization") == f"{ZADARMA_KEY}:{base64.b64encode(mac.encode()).decode()}"

    async def statistics(request: Request) -> Response:
        if not is_signed(request):
            return JSONResponse({"status": "error", "message": "Not authorized"}, 401)
        if state["refusals"]:
            state["refusals"] -= 1
            return JSONResponse({"status": "error", "message": "You exceeded the rate limit (3 per minute)"})
        query = request.query_params
        low, high = (datetime.strptime(query[name], "%Y-%m-%d %H:%M:%S").replace(tzinfo=MOSCOW) for name in ("start", "end"))
        high = min(high, low + _LONGEST_ZADARMA)
        rows = [_zadarma_row(call, leg) for call in calls for leg in call.legs if leg.kind != "ivr" and low <= leg.at <= high]
        skip = int(query["skip"])
        body = orjson.dumps({"status": "success", "version": 2, "stats": rows[skip : skip + int(query["limit"])]})
        # the id is a fraction that no double holds to the last digit
        return Response(re.sub(rb'"call_id":"([0-9.]+)"', rb'"call_id":\1', body), media_type="application/json")

    async def zone(request: Request) -> Response:
        if not is_signed(request):
            return JSONResponse({"status": "error", "message": "Not authorized"}, 401)
        return JSONResponse({"status": "success", "unixtime": 0, "datetime": "", "timezone": "UTC+3"})

    return peer({"/v1/statistics/pbx/": statistics, "/v1/info/timezone/": zone}, faults)


def _zadarma_row(call: ExchangeCall, leg: Leg) -> dict[str, object]:
    outward = leg.kind in {"out", "internal"}
    client: object = int(leg.client)
    caller = f"Клиент ({client})" if leg.number % 2 else client  # a number that the exchange has a name for
    disposition = {"answered": "answered", "busy": "busy"}.get(leg.result, "no answer")
    if leg.kind == "voicemail":
        disposition = "no answer"
    return {
        "call_id": f"{call.id}{leg.number}00001",
        "sip": leg.extension,
        "callstart": f"{wall(leg.at):%Y-%m-%d %H:%M:%S}",
        "clid": leg.extension if outward else caller,
        "destination": client if outward else int(leg.extension or OWN_NUMBER),
        "disposition": disposition,
        "seconds": leg.talked,
        "is_recorded": leg.kind == "talk",
        "pbx_call_id": ("out_" if outward else "in_") + hashlib.md5(call.id.encode()).hexdigest(),
    }

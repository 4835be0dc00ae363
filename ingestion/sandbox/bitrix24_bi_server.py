"""A local BI connector of Bitrix24 (crm.md 2.7): tables as arrays of rows under a row of column names.

Facts: `gds.php?show_tables` lists [[name, …], …]; `pbi.php?table=` answers rows filtered by `dateRange` over the table's own date column or
`configParams.timeFilterColumn`, days inclusive; the key comes in the body. Times carry no offset here. How a wrong key is answered is
not documented: this peer says so in an object.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingestion.sandbox.bitrix24_bi_tables import company_tables
from ingestion.sandbox.faults import FaultLayer, FaultPlan, FaultSwitch, RequestLog
from ingestion.spec import JsonObject

if TYPE_CHECKING:
    from ingestion.sandbox.company import Company

KEY = "sandboxbikey0123456789"
DATE_COLUMNS = {"telephony_call": "CALL_START_TIME", "crm_lead": "DATE_MODIFY", "crm_deal_product_row": "DEAL_DATE_CREATE"}


@dataclass
class BiOptions:
    """How the portal behaves: `hidden` tables that its plan lacks."""

    hidden: frozenset[str] = frozenset()
    faults: FaultPlan = field(default_factory=FaultPlan)


def build_app(company: Company, **options: Any) -> Starlette:
    """The portal of the sandbox company; `app.state` has `tables`, `log`, `faults`."""
    return serve(company_tables(company), BiOptions(**options))


def serve(tables: dict[str, list[JsonObject]], options: BiOptions) -> Starlette:
    """An app over tables."""
    log, faults = RequestLog(), FaultSwitch(options.faults)

    async def show(request: Request) -> Response:
        if not await _welcome(request):
            return _refused()
        return _json([[name, ""] for name in tables if name not in options.hidden])

    async def data(request: Request) -> Response:
        if not await _welcome(request):
            return _refused()
        name = request.query_params.get("table", "")
        if name not in tables or name in options.hidden:
            return _json({"error": "TABLE_NOT_FOUND"})
        body = orjson.loads(await request.body())
        rows = [row for row in tables[name] if _in_range(row, name, body)]
        columns = list(dict.fromkeys(column for row in tables[name] for column in row))
        return _json([columns, *([row.get(column) for column in columns] for row in rows)])

    root = "/bitrix/tools/biconnector"
    app = Starlette(
        routes=[Route(f"{root}/gds.php", show, methods=["POST"]), Route(f"{root}/pbi.php", data, methods=["POST"])],
        middleware=[Middleware(FaultLayer, log=log, switch=faults)],
    )
    app.state.tables, app.state.log, app.state.faults = tables, log, faults
    return app


def _in_range(row: JsonObject, table: str, body: JsonObject) -> bool:
    span = body.get("dateRange") or {}
    column = (body.get("configParams") or {}).get("timeFilterColumn") or DATE_COLUMNS.get(table, "DATE_CREATE")
    day = str(row.get(column) or "")[:10]
    return (not span.get("startDate") or span["startDate"] <= day) and (not span.get("endDate") or day <= span["endDate"])


async def _welcome(request: Request) -> bool:
    body = orjson.loads(await request.body() or b"{}")
    return isinstance(body, dict) and body.get("key") == KEY


def _refused() -> Response:
    return _json({"error": "WRONG_KEY"})


def _json(body: Any) -> Response:
    return Response(orjson.dumps(body), 200, media_type="application/json")

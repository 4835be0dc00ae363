"""A local FreshOffice (crm.md 3.2): the OData-like lists of the older API behind Basic, and the envelope of API 2.0 behind Bearer.

Facts: `d.results`; $orderby, $filter, $top; texts where numbers are meant; API 2.0 wraps everything into {status, error, code, rows, pages,
page, value} and may put the value into a string. Its lists lie at /2.0/<list> here: the real addresses are not public.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingestion.sandbox.clock import wall
from ingestion.sandbox.faults import FaultLayer, FaultPlan, FaultSwitch, RequestLog
from ingestion.spec import JsonObject

if TYPE_CHECKING:
    from ingestion.sandbox.company import Company

API_ID, API_KEY, TOKEN = "1001", "sandbox-fresh-key", "sandbox-fresh-token"
_IDS = {"tip_deal": "ID_TYPE_DEAL", "deal": "id_deal", "documents": "id_doc", "tip_documents": "id_tip_doc"}
_FILTER = re.compile(r"(\w+) gt '?(\d+)'?")


@dataclass
class FreshOfficeOptions:
    """How the account behaves: `cap` rows of a page at most."""

    cap: int = 40
    faults: FaultPlan = field(default_factory=FaultPlan)


def build_app(company: Company, **options: Any) -> Starlette:
    """The account of the sandbox company; `app.state` has `tables`, `log`, `faults`."""
    return serve(company_tables(company), FreshOfficeOptions(**options))


def serve(tables: dict[str, list[JsonObject]], options: FreshOfficeOptions) -> Starlette:
    """An app over lists."""
    log, faults = RequestLog(), FaultSwitch(options.faults)
    basic = "Basic " + base64.b64encode(f"{API_ID}:{API_KEY}".encode()).decode()

    def older(request: Request) -> Response:
        if request.headers.get("authorization") != basic:
            return _json({"error": {"message": "Unauthorized"}}, 401)
        name = request.path_params["list"]
        if name not in tables:
            return _json({"error": {"message": "Not found"}}, 404)
        key = _IDS.get(name, "id")
        rows = sorted(tables[name], key=lambda row: int(row[key]))
        found = _FILTER.fullmatch(request.query_params.get("$filter", ""))
        if found:
            rows = [row for row in rows if int(row[found[1]]) > int(found[2])]
        return _json({"d": {"results": rows[: min(options.cap, int(request.query_params.get("$top", options.cap)))]}})

    def newer(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _json({"status": "error", "error": "Token is not valid", "code": 401}, 401)
        name = {"directory/32": "tip_deal"}.get(request.path_params["list"], request.path_params["list"])
        if name not in tables:
            return _json({"status": "error", "error": "Unknown method", "code": 404})
        page = int(request.query_params.get("page", 1))
        rows = tables[name]
        pages = max(1, -(-len(rows) // options.cap))
        part = rows[(page - 1) * options.cap : page * options.cap]
        # every second list comes as JSON inside a string
        value: Any = orjson.dumps(part).decode() if len(name) % 2 else part
        return _json({"status": "ok", "error": None, "code": 200, "rows": len(rows), "pages": pages, "page": page, "value": value})

    app = Starlette(
        routes=[Route("/2.0/{list:path}", newer), Route("/{list}/", older)], middleware=[Middleware(FaultLayer, log=log, switch=faults)]
    )
    app.state.tables, app.state.log, app.state.faults = tables, log, faults
    return app


def company_tables(company: Company) -> dict[str, list[JsonObject]]:
    """List → rows: the Bitrix24 side of the sandbox company in FreshOffice's words; a deal's type carries its stage."""
    deals = [deal for deal in company.deals_of("bitrix24") if deal.deleted_at is None]
    cards = [card for card in company.cards_of("bitrix24") if not card.is_deleted]
    stages = [(pipeline, stage) for pipeline in company.pipelines if pipeline.system == "bitrix24" for stage in pipeline.stages]
    number = {(pipeline.id, stage.id): place for place, (pipeline, stage) in enumerate(stages, start=1)}
    return {
        "users": [{"id": one.number, "name": f"{one.b24_last_name} {one.b24_first_name}"} for one in company.managers],
        "companies": [
            {
                "id": card.id,
                "name": card.name,
                "type": "Клиент",
                "group": "",
                "inn": card.tax_id,
                "phone": ", ".join(card.phones),
                "email": ", ".join(card.emails),
                "id_manager": card.manager,
                "date_create": _at(card.created_at),
            }
            for card in cards
            if card.kind == "company"
        ],
        "contacts": [
            {
                "id": card.id,
                "name": card.name,
                "companies_id": card.parent,
                "phone": ", ".join(card.phones),
                "email": ", ".join(card.emails),
                "id_manager": card.manager,
                "date_create": _at(card.created_at),
            }
            for card in cards
            if card.kind == "contact"
        ],
        "tip_deal": [
            {
                "ID_TYPE_DEAL": number[pipeline.id, stage.id],
                "TYPE_DEAL": f"{pipeline.name}: {stage.name}",
                "IS_FINAL": {"won": 1, "lost": 2}.get(stage.kind, 0),
            }
            for pipeline, stage in stages
        ],
        "deal": [
            {
                "id_deal": deal.crm_id,
                "name": deal.name,
                "id_type_deal": number[deal.pipeline_id, deal.stage_id],
                "sum": str(deal.amount),
                "companies_id": deal.company_card,
                "contact_id": deal.contact_cards[0] if deal.contact_cards else None,
                "id_manager": deal.manager,
                "date_start": _json_date(deal.created_at) if deal.crm_id % 2 else _at(deal.created_at),
                "date_finish": _at(deal.closed_at) if deal.closed_at else None,
            }
            for deal in deals
        ],
        "tip_documents": [{"id_tip_doc": 1, "name": "Счёт"}, {"id_tip_doc": 2, "name": "Оплата"}],
        "documents": [
            {
                "id_doc": order.number,
                "companies_id": None,
                "id_manager": order.manager,
                "id_tip_doc": 1,
                "id_deal": None,
                "summa": str(sum(line.amount for line in order.lines)),
                "number_doc": order.code,
                "data_doc": _at(order.at),
                "tovar_doc": {
                    "results": [
                        {"tovar": f"Т-{line.product}", "kol_vo": str(line.quantity), "summa": str(line.amount)} for line in order.lines
                    ]
                },
            }
            for order in company.orders[:60]
        ],
        "additional_fields_document": [
            {"id": order.number, "object_id": order.number, "field_name": "Срок", "field_value": "до 5 марта"}
            for order in company.orders[:20]
        ],
    }


def _at(moment: Any) -> str:
    return wall(moment).strftime("%Y-%m-%dT%H:%M:%S")


def _json_date(moment: Any) -> str:
    """As OData 3 writes a moment in JSON."""
    return f"/Date({int(moment.timestamp()) * 1000})/"


def _json(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")

"""Dictionaries of the sandbox's portal, and the stage history of its deals and leads."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from ingestion.sandbox.bitrix24_store import stamp
from ingestion.spec import JsonObject

if TYPE_CHECKING:
    from ingestion.sandbox.company import Company
    from ingestion.sandbox.sales import IncomingLead, Pipeline, StageEntry

SOURCES = {
    "site": ("WEB", "Веб-сайт"),
    "call": ("CALL", "Звонок"),
    "recommendation": ("RECOMMENDATION", "По рекомендации"),
    "exhibition": ("TRADE_SHOW", "Выставка"),
    "email": ("EMAIL", "Электронная почта"),
    "social": ("SOCIAL", "Социальные сети"),
    "repeat": ("REPEAT_SALE", "Повторные продажи"),
}
"""Origin.crm_source → SOURCE_ID and its name in the status list."""
LEAD_STATUSES = (
    ("NEW", "Не обработан", None),
    ("IN_PROCESS", "В работе", None),
    ("CONVERTED", "Качественный лид", "S"),
    ("JUNK", "Некачественный лид", "F"),
)
EXTRA = {None: "process", "S": "success", "F": "failure"}


def categories(pipelines: list[Pipeline]) -> list[JsonObject]:
    """Deal funnels; the general one comes last and lacks the keys of origin, as in life."""
    rows: list[JsonObject] = []
    for one in sorted(pipelines, key=lambda pipeline: -pipeline.id):
        row: JsonObject = {"id": one.id, "name": one.name, "sort": one.sort, "entityTypeId": 2, "isDefault": "N" if one.id else "Y"}
        rows.append(row | ({"originId": "", "originatorId": ""} if one.id else {}))
    return rows


def statuses(pipelines: list[Pipeline]) -> list[JsonObject]:
    """Rows of crm.status.list: stages of deals by funnel, statuses of leads, sources."""
    entries = [("STATUS", code, name, 10 * place, semantics) for place, (code, name, semantics) in enumerate(LEAD_STATUSES, 1)]
    entries += [("SOURCE", code, name, 10 * place, None) for place, (code, name) in enumerate(SOURCES.values(), 1)]
    entries += [("DEAL_TYPE", "SALE", "Продажа", 10, None), ("SMART_INVOICE_STAGE_1", "DT31_1:N", "Новый", 10, None)]
    entries += [("SMART_INVOICE_STAGE_1", "DT31_1:P", "Оплачен", 20, "S")]
    for one in pipelines:
        name = f"DEAL_STAGE_{one.id}" if one.id else "DEAL_STAGE"
        entries += [(name, stage.id, stage.name, stage.sort, {"won": "S", "lost": "F"}.get(stage.kind)) for stage in one.stages]
    return [
        {
            "ID": 101 + 2 * place,
            "ENTITY_ID": entity,
            "STATUS_ID": code,
            "NAME": name,
            "NAME_INIT": "",
            "SORT": sort,
            "SYSTEM": "N",
            "CATEGORY_ID": int(entity.rsplit("_", 1)[1]) if entity.startswith("DEAL_STAGE_") else None,
            "COLOR": "#39A8EF",
            "SEMANTICS": semantics,
            "EXTRA": {"SEMANTICS": "apology" if code.endswith("APOLOGY") else EXTRA[semantics], "COLOR": "#39A8EF"},
        }
        for place, (entity, code, name, sort, semantics) in enumerate(entries)
    ]


def currencies(company: Company) -> list[JsonObject]:
    """Rows of crm.currency.list, at the newest rates."""
    newest = {rate.currency: rate.rate for rate in company.rates}
    return [
        {
            "CURRENCY": code,
            "AMOUNT_CNT": "1",
            "AMOUNT": f"{rate:.4f}",
            "SORT": str(100 * place),
            "BASE": "Y" if code == company.currency else "N",
            "FULL_NAME": code,
            "LID": "ru",
            "FORMAT_STRING": "#",
            "DEC_POINT": ".",
            "DECIMALS": "2",
        }
        for place, (code, rate) in enumerate({company.currency: Decimal(1), **newest}.items(), 1)
    ]


def deal_history(company: Company, stages: dict[str, str]) -> list[JsonObject]:
    """Numbered in the order of time over all deals, the deleted ones too, so that numbers stay when time goes on."""
    found: list[tuple[datetime, int, int, StageEntry, StageEntry | None, bool]] = []
    for deal in company.deals_of("bitrix24"):
        for place, entry in enumerate(deal.entries):
            before = deal.entries[place - 1] if place else None
            found.append((entry.at, deal.crm_id, place, entry, before, deal.deleted_at is None))
    found.sort(key=lambda one: one[:3])
    rows: list[JsonObject] = []
    for number, (at, owner, _, entry, before, is_live) in enumerate(found, 1):
        semantics = stages[entry.stage_id]
        moved = before is not None and before.pipeline_id != entry.pipeline_id
        kind = 1 if before is None else 5 if moved else 2 if semantics == "P" else 3
        if is_live:
            row: JsonObject = {
                "ID": number,
                "TYPE_ID": kind,
                "OWNER_ID": owner,
                "CREATED_TIME": stamp(at),
                "CATEGORY_ID": entry.pipeline_id,
            }
            rows.append(row | {"STAGE_SEMANTIC_ID": semantics, "STAGE_ID": entry.stage_id})
    return rows


def lead_history(leads: list[IncomingLead], stages: dict[str, str]) -> list[JsonObject]:
    """The same for leads, whose stages are statuses."""
    found = sorted((entry.at, lead.crm_id, place, entry) for lead in leads for place, entry in enumerate(lead.entries))
    rows: list[JsonObject] = []
    for number, (at, owner, place, entry) in enumerate(found, 1):
        semantics = stages[entry.stage_id]
        kind = 1 if not place else 2 if semantics == "P" else 3
        row: JsonObject = {"ID": number, "TYPE_ID": kind, "OWNER_ID": owner, "CREATED_TIME": stamp(at)}
        rows.append(row | {"STATUS_SEMANTIC_ID": semantics, "STATUS_ID": entry.stage_id})
    return rows

"""What the BI connector of the sandbox company's portal holds: tables with the columns that the real one has (crm.md 2.7)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ingestion.sandbox.clock import wall
from ingestion.spec import JsonObject

if TYPE_CHECKING:
    from ingestion.sandbox.company import Company

_CALL_ACTIVITIES = 50_000_000
"""What telephony writes by itself: ids of activities that no task has."""
_SEMANTICS = {"won": "S", "lost": "F", "open": "P"}


def company_tables(company: Company) -> dict[str, list[JsonObject]]:
    """What the portal of the sandbox company holds."""
    deals = [deal for deal in company.deals_of("bitrix24") if deal.deleted_at is None]
    stages = {
        (pipeline.id, stage.id): (pipeline, stage)
        for pipeline in company.pipelines
        if pipeline.system == "bitrix24"
        for stage in pipeline.stages
    }
    people = {one.number: one for one in company.managers}
    cards = [card for card in company.cards_of("bitrix24") if not card.is_deleted]

    def staged(pipeline_id: int, stage_id: str) -> JsonObject:
        pipeline, stage = stages[pipeline_id, stage_id]
        return {
            "CATEGORY_ID": str(pipeline.id),
            "CATEGORY_NAME": pipeline.name,
            "STAGE_ID": stage.id,
            "STAGE_NAME": stage.name,
            "STAGE_SEMANTIC_ID": _SEMANTICS.get(stage.kind, "P"),
        }

    def card_row(card: Any) -> JsonObject:
        return {
            "ID": card.id,
            "DATE_CREATE": _at(card.created_at),
            "DATE_MODIFY": _at(card.updated_at),
            "ASSIGNED_BY_ID": people[card.manager].b24_id if card.manager else None,
            "ADDRESS_CITY": card.city,
            "PHONE": ", ".join(card.phones),
            "EMAIL": ", ".join(card.emails),
            "ORIGIN_ID": card.crm_code or None,
        }

    return {
        "user": [
            {
                "ID": one.b24_id,
                "ACTIVE": "Y" if one.is_active else "N",
                "NAME": f"{one.b24_first_name} {one.b24_last_name}",
                "DEPARTMENT": one.department,
            }
            for one in company.managers
            if one.b24_id is not None
        ],
        "crm_company": [{**card_row(card), "TITLE": card.name, "IS_MY_COMPANY": "N"} for card in cards if card.kind == "company"],
        "crm_contact": [{**card_row(card), "FULL_NAME": card.name, "COMPANY_ID": card.parent} for card in cards if card.kind == "contact"],
        "crm_deal": [
            {
                "ID": deal.crm_id,
                "TITLE": deal.name,
                **staged(deal.pipeline_id, deal.stage_id),
                "COMPANY_ID": deal.company_card,
                "CONTACT_ID": deal.contact_cards[0] if deal.contact_cards else None,
                "ASSIGNED_BY_ID": people[deal.manager].b24_id,
                "OPPORTUNITY": float(deal.amount),
                "CURRENCY_ID": deal.currency,
                "DATE_CREATE": _at(deal.created_at),
                "DATE_MODIFY": _at(deal.updated_at),
                "UTM_SOURCE": deal.origin.utm_source or None,
                "UTM_MEDIUM": deal.origin.utm_medium or None,
                "UTM_CAMPAIGN": deal.origin.utm_campaign or None,
                "SOURCE_ID": None,
                "LEAD_ID": None,
            }
            for deal in deals
        ],
        "crm_deal_uf": [
            {"DEAL_ID": deal.crm_id, "DATE_CREATE": _at(deal.created_at), "UF_CRM_ORDER": deal.order_number or None} for deal in deals
        ],
        "crm_deal_product_row": [
            {
                "ID": line.id,
                "DEAL_ID": deal.crm_id,
                "DEAL_DATE_CREATE": _at(deal.created_at),
                "PRODUCT_ID": line.product,
                "PRODUCT_NAME": company.product[line.product].name,
                "PRICE": str(line.price),
                "QUANTITY": str(line.quantity),
                "MEASURE_NAME": "шт",
            }
            for deal in deals
            for line in deal.lines
        ],
        "crm_deal_stage_history": [
            {
                "ID": deal.crm_id * 100 + number,
                "TYPE_ID": 1 if number == 0 else 3 if _closes(stages, entry) else 2,
                "DEAL_ID": deal.crm_id,
                "DATE_CREATE": _at(entry.at),
                **staged(entry.pipeline_id, entry.stage_id),
            }
            for deal in deals
            for number, entry in enumerate(deal.entries)
        ],
        "crm_lead": [
            {
                "ID": lead.crm_id,
                "TITLE": lead.title,
                "DATE_CREATE": _at(lead.created_at),
                "DATE_MODIFY": _at(lead.updated_at),
                "DATE_CLOSED": _at(lead.closed_at) if lead.closed_at else None,
                "STATUS_ID": lead.entries[-1].stage_id if lead.entries else "NEW",
                "STATUS_SEMANTIC_ID": {"converted": "S", "lost": "F"}.get(lead.status, "P"),
                "PHONE": lead.phone,
                "EMAIL": lead.email,
                "ASSIGNED_BY_ID": people[lead.manager].b24_id if lead.manager else None,
                "UTM_SOURCE": lead.origin.utm_source or None,
                "UTM_MEDIUM": lead.origin.utm_medium or None,
                "UTM_CAMPAIGN": lead.origin.utm_campaign or None,
            }
            for lead in company.leads
            if lead.system == "bitrix24"
        ],
        "crm_activity": [
            {
                "ID": task.crm_id,
                "TYPE_ID": {"meeting": 1, "call": 2}.get(task.kind, 3),
                "OWNER_TYPE_ID": 2,
                "OWNER_ID": company.deal[task.deal].crm_id if task.deal else None,
                "COMPLETED": "Y" if task.completed_at else "N",
                "RESPONSIBLE_ID": people[task.manager].b24_id,
                "DATE_CREATE": _at(task.created_at),
                "DATE_MODIFY": _at(task.completed_at or task.created_at),
                "DEADLINE": _at(task.due_at),
                "END_TIME": None,
            }
            for task in company.tasks
            if task.system == "bitrix24"
        ]
        + [
            {
                "ID": _CALL_ACTIVITIES + call.number,
                "TYPE_ID": 2,
                "OWNER_TYPE_ID": 2 if call.deal else 0,
                "OWNER_ID": company.deal[call.deal].crm_id if call.deal else 0,
                "COMPLETED": "Y" if call.talk_seconds else "N",
                "RESPONSIBLE_ID": people[call.manager].b24_id if call.manager else None,
                "DATE_CREATE": _at(call.started_at),
                "DATE_MODIFY": _at(call.started_at),
                "DEADLINE": _at(call.started_at),
                "END_TIME": _at(call.started_at),
            }
            for call in company.calls
            if call.system == "bitrix24" and call.direction != "internal"
        ],
        "telephony_call": [
            {
                "CALL_ID": call.uniq,
                "PORTAL_USER_ID": people[call.manager].b24_id if call.manager else None,
                "PHONE_NUMBER": call.phone_typed,
                "CALL_TYPE": 1 if call.direction == "out" else 2,
                "CALL_DURATION": call.talk_seconds,
                "CALL_START_TIME": _at(call.started_at),
                "CALL_STATUS_CODE": "200" if call.result == "answered" else "304",
                "CRM_ENTITY_TYPE": call.card_kind.upper() or None,
                "CRM_ENTITY_ID": call.card_id,
                "CRM_ACTIVITY_ID": str(_CALL_ACTIVITIES + call.number),
            }
            for call in company.calls
            if call.system == "bitrix24" and call.direction != "internal"
        ],
    }


def _closes(stages: Any, entry: Any) -> bool:
    return stages[entry.pipeline_id, entry.stage_id][1].kind in {"won", "lost"}


def _at(moment: datetime) -> str:
    return wall(moment).strftime("%Y-%m-%d %H:%M:%S")

"""What happened in the sandbox's portal: activities, call statistics, product rows, smart invoices."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from ingestion.sandbox.bitrix24_store import Table, stamp
from ingestion.spec import JsonObject

if TYPE_CHECKING:
    from ingestion.sandbox.bitrix24_staff import Staff
    from ingestion.sandbox.company import Company
    from ingestion.sandbox.sales import Call, Deal, DealLine

OWNER_TYPES = {"lead": 1, "deal": 2, "contact": 3, "company": 4}
KINDS = {"meeting": ("1", "CRM_MEETING"), "email": ("4", "CRM_EMAIL"), "message": ("6", "IMOPENLINES_SESSION")}
TASK, CALL_ACTIVITY, TALK = 0, 1, 2
"""The last digit of an activity's id in base 4, so that tasks, calls and the rest never share one."""
FAILED_CODE = {"answered": "200", "missed": "304", "busy": "486", "no_answer": "603", "voicemail": "304"}
FAILED_REASON = {"200": "", "304": "Пропущенный звонок", "486": "Занято", "603": "Отклонено"}
MEASURES = {"шт": 796, "кг": 166, "л": 112, "м": 6, "упак": 778}


def tables(company: Company, staff: Staff) -> dict[str, Table]:
    """Tables by name: activity, call, productrow, invoice."""
    deals = [one for one in company.deals_of("bitrix24") if one.deleted_at is None]
    return {
        "activity": Table(_activities(company, staff)),
        "call": Table(_call(one, staff) for one in company.calls if one.system == "bitrix24"),
        "productrow": Table(_row(line, place, deal, company) for deal in deals for place, line in enumerate(deal.lines)),
        "invoice": Table(_invoice(one, staff) for one in deals if one.status == "won" and one.closed_at is not None),
    }


def _activities(company: Company, staff: Staff) -> Iterator[JsonObject]:
    for task in company.tasks:
        if task.system == "bitrix24":
            owner = _owner(task.deal, "", None, company)
            row = _activity(task.crm_id * 4 + TASK, staff.user(task.manager), owner, task.created_at, task.completed_at, task.due_at)
            yield row | {"TYPE_ID": "6", "PROVIDER_ID": "CRM_TODO", "PROVIDER_TYPE_ID": "TODO", "SUBJECT": task.text, "DIRECTION": "0"}
    for call in company.calls:
        if call.system == "bitrix24" and call.direction != "internal":
            owner = _owner(call.deal, call.card_kind, call.card_id, company)
            user = staff.user(call.manager)
            done = call.started_at if call.result == "answered" or call.direction == "out" else None
            row = _activity(call.number * 4 + CALL_ACTIVITY, user, owner, call.started_at, done, call.started_at)
            way = "1" if call.direction == "in" else "2"
            subject = f"{'Входящий' if way == '1' else 'Исходящий'} звонок {call.phone_typed}"
            yield row | {"TYPE_ID": "2", "PROVIDER_ID": "VOXIMPLANT_CALL", "PROVIDER_TYPE_ID": "CALL", "SUBJECT": subject, "DIRECTION": way}
    for one in company.activities:
        if one.system == "bitrix24":
            owner = _owner(one.deal, one.card_kind, one.card_id, company)
            kind, provider = KINDS[one.kind]
            row = _activity(one.crm_id * 4 + TALK, staff.user(one.manager), owner, one.at, one.at if one.is_done else None, one.at)
            row |= {"TYPE_ID": kind, "PROVIDER_ID": provider, "PROVIDER_TYPE_ID": one.kind.upper(), "SUBJECT": one.text}
            row["DIRECTION"] = {"in": "1", "out": "2"}.get(one.direction, "0")
            if one.is_automatic:
                # a robot's letter: no person is its author
                row |= {"AUTHOR_ID": 0, "EDITOR_ID": 0, "PROVIDER_TYPE_ID": "EMAIL_COMPRESSED", "SETTINGS": {"IS_AUTOMATIC": "Y"}}
            yield row


def _owner(deal: int | None, card_kind: str, card: int | None, company: Company) -> tuple[int, int]:
    if deal is not None:
        return OWNER_TYPES["deal"], company.deal[deal].crm_id
    return (OWNER_TYPES[card_kind], card) if card is not None else (0, 0)


def _activity(number: int, user: int, owner: tuple[int, int], created: datetime, done: datetime | None, deadline: datetime) -> JsonObject:
    return {
        "ID": number,
        "OWNER_ID": owner[1],
        "OWNER_TYPE_ID": owner[0],
        "TYPE_ID": "",
        "PROVIDER_ID": "",
        "PROVIDER_TYPE_ID": "",
        "PROVIDER_GROUP_ID": None,
        "ASSOCIATED_ENTITY_ID": 0,
        "SUBJECT": "",
        "CREATED": stamp(created),
        "LAST_UPDATED": stamp(done or created),
        "START_TIME": stamp(created),
        "END_TIME": stamp(done or deadline),
        "DEADLINE": stamp(deadline),
        "COMPLETED": "N" if done is None else "Y",
        "STATUS": 1 if done is None else 2,
        "RESPONSIBLE_ID": user,
        "PRIORITY": 2,
        "DESCRIPTION": "",
        "DESCRIPTION_TYPE": 1,
        "DIRECTION": "",
        "LOCATION": "",
        "SETTINGS": [],
        "ORIGINATOR_ID": None,
        "ORIGIN_ID": None,
        "AUTHOR_ID": user,
        "EDITOR_ID": user,
        "PROVIDER_PARAMS": [],
        "PROVIDER_DATA": None,
        "RESULT_MARK": 0,
        "RESULT_VALUE": None,
    }


def _call(call: Call, staff: Staff) -> JsonObject:
    """A row of the call statistics; CRM_ENTITY_TYPE is never a deal, the activity leads to it."""
    code = FAILED_CODE[call.result]
    kind = call.card_kind.upper() or None
    return {
        "ID": call.number,
        "PORTAL_USER_ID": staff.user(call.manager) if call.manager is not None else None,
        "PORTAL_NUMBER": "reg133788",
        "PHONE_NUMBER": call.phone_typed,
        "CALL_ID": call.uniq,
        "EXTERNAL_CALL_ID": None,
        "CALL_CATEGORY": "internal" if call.direction == "internal" else "external",
        "CALL_LOG": None,
        "CALL_DURATION": call.talk_seconds,
        "CALL_START_DATE": stamp(call.started_at),
        "CALL_RECORD_URL": "",
        "CALL_VOTE": None,
        "COST": "0.0000",
        "COST_CURRENCY": "RUR",
        "CALL_FAILED_CODE": code,
        "CALL_FAILED_REASON": FAILED_REASON[code],
        "CRM_ENTITY_TYPE": kind,
        "CRM_ENTITY_ID": call.card_id,
        "CRM_ACTIVITY_ID": None if call.direction == "internal" else call.number * 4 + CALL_ACTIVITY,
        "REST_APP_ID": None,
        "REST_APP_NAME": None,
        "TRANSCRIPT_ID": None,
        "TRANSCRIPT_PENDING": "N",
        "SESSION_ID": None,
        "REDIAL_ATTEMPT": None,
        "COMMENT": None,
        "RECORD_DURATION": None,
        "RECORD_FILE_ID": 50_000 + call.number if call.talk_seconds else None,
        "CALL_TYPE": 2 if call.direction == "in" else 1,
    }


def _row(line: DealLine, place: int, deal: Deal, company: Company) -> JsonObject:
    product = company.product[line.product]
    price = float(line.price)
    without_vat = round(price / (1 + float(product.vat_rate)), 2)
    return {
        "ID": line.id,
        "OWNER_ID": deal.crm_id,
        "OWNER_TYPE": "D",
        "PRODUCT_ID": product.b24_id or 0,
        "PRODUCT_NAME": product.name,
        "PRICE": price,
        "PRICE_ACCOUNT": price,
        "PRICE_EXCLUSIVE": without_vat,
        "PRICE_NETTO": without_vat,
        "PRICE_BRUTTO": price,
        "QUANTITY": float(line.quantity),
        "DISCOUNT_TYPE_ID": 2,
        "DISCOUNT_RATE": 0,
        "DISCOUNT_SUM": 0,
        "TAX_RATE": float(product.vat_rate * 100) or None,
        "TAX_INCLUDED": "Y",
        "CUSTOMIZED": "Y",
        "MEASURE_CODE": MEASURES.get(product.unit, 796),
        "MEASURE_NAME": product.unit,
        "SORT": 10 * (place + 1),
        "XML_ID": product.code,
        "TYPE": 1,
        "STORE_ID": None,
    }


def _invoice(deal: Deal, staff: Staff) -> JsonObject:
    """A smart invoice of a won deal, paid on the day it was won."""
    closed = deal.closed_at or deal.updated_at
    user = staff.user(deal.manager)
    return {
        "ID": deal.crm_id * 2 + 1,
        "TITLE": f"Счёт по сделке {deal.crm_id}",
        "ACCOUNT_NUMBER": str(deal.crm_id * 2 + 1),
        "CATEGORY_ID": 1,
        "STAGE_ID": "DT31_1:P",
        "OPPORTUNITY": float(deal.amount),
        "CURRENCY_ID": deal.currency,
        "COMPANY_ID": deal.company_card,
        "CONTACT_ID": deal.contact_cards[0] if deal.contact_cards else None,
        "CONTACT_IDS": list(deal.contact_cards),
        "PARENT_ID_2": deal.crm_id,
        "ASSIGNED_BY_ID": user,
        "CREATED_BY_ID": user,
        "MODIFY_BY_ID": user,
        "DATE_CREATE": stamp(deal.created_at),
        "DATE_MODIFY": stamp(closed),
        "MOVED_TIME": stamp(closed),
        "BEGINDATE": stamp(deal.created_at),
        "CLOSEDATE": stamp(closed),
        "OPENED": "Y",
        "COMMENTS": "",
    }

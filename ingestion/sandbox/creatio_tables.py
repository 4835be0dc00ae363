"""What the Creatio site of the sandbox company holds: its Bitrix24 side told in Creatio's entities."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ingestion.spec import JsonObject

if TYPE_CHECKING:
    from ingestion.sandbox.company import Company
    from ingestion.sandbox.sales import Deal

ORDERS = 60  # of the company's orders that somebody keeps there
EMPTY = "00000000-0000-0000-0000-000000000000"


def guid(*parts: Any) -> str:
    """The id of a thing; nothing has the empty one."""
    if any(part is None for part in parts):
        return EMPTY
    digest = hashlib.md5(":".join(map(str, parts)).encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:]}"


def company_tables(company: Company) -> dict[str, list[JsonObject]]:
    """Entity → rows."""
    deals = [deal for deal in company.deals_of("bitrix24") if deal.deleted_at is None]
    pipelines = [pipeline for pipeline in company.pipelines if pipeline.system == "bitrix24"]
    cards = [card for card in company.cards_of("bitrix24") if not card.is_deleted]
    started = datetime(company.started_on.year, company.started_on.month, company.started_on.day, tzinfo=UTC)
    reasons = sorted({deal.loss_reason for deal in deals if deal.loss_reason})
    leads = [lead for lead in company.leads if lead.system == "bitrix24"]
    return {
        "SysAdminUnit": [
            {
                **_base(guid("user", one.number), started, started),
                "Name": one.b24_email.partition("@")[0],
                "ContactId": guid("employee", one.number),
                "Active": one.is_active,
            }
            for one in company.managers
        ],
        "Currency": [
            {**_base(guid("currency", code), started, started), "Name": code, "ShortName": code, "Code": code}
            for code in sorted({deal.currency for deal in deals})
        ],
        "Account": [
            {
                **_base(guid("company", card.id), card.created_at, card.updated_at),
                "Name": card.name,
                "Phone": (card.phones or ("",))[0],
                "AdditionalPhone": ", ".join(card.phones[1:]),
                "Code": card.crm_code,
                "OwnerId": guid("employee", card.manager),
                "INN": card.tax_id,
                "KPP": card.kpp,
            }
            for card in cards
            if card.kind == "company"
        ],
        "Contact": [
            {
                **_base(guid("contact", card.id), card.created_at, card.updated_at),
                "Name": card.name,
                "MobilePhone": (card.phones or ("",))[0],
                "Phone": "",
                "Email": ", ".join(card.emails),
                "AccountId": guid("company", card.parent),
                "OwnerId": guid("employee", card.manager),
            }
            for card in cards
            if card.kind == "contact"
        ]
        + [
            {
                **_base(guid("employee", one.number), started, started),
                "Name": f"{one.b24_last_name} {one.b24_first_name}",
                "MobilePhone": "",
                "Phone": one.extension,
                "Email": one.b24_email,
                "AccountId": EMPTY,
                "OwnerId": EMPTY,
            }
            for one in company.managers
        ],
        "OpportunityStage": [
            {
                **_base(guid("stage", pipeline.id, stage.id), started, started),
                "Name": f"{pipeline.name}: {stage.name}",
                "Number": place,
                "End": stage.kind in {"won", "lost"},
                "Successful": stage.kind == "won",
            }
            for number, pipeline in enumerate(pipelines)
            for place, stage in enumerate(pipeline.stages, start=100 * number)
        ],
        "OpportunityCloseReason": [{**_base(guid("reason", name), started, started), "Name": name} for name in reasons],
        "Opportunity": [
            {
                **_base(guid("deal", deal.number), deal.created_at, deal.updated_at),
                "Title": deal.name,
                "StageId": guid("stage", deal.pipeline_id, deal.stage_id),
                "AccountId": guid("company", deal.company_card),
                "ContactId": guid("contact", deal.contact_cards[0] if deal.contact_cards else None),
                "OwnerId": guid("employee", deal.manager),
                "Amount": float(deal.amount),
                "Budget": 0.0,
                "CloseReasonId": guid("reason", deal.loss_reason or None),
                "DueDate": _at(deal.closed_at or deal.created_at + timedelta(days=30)),
            }
            for deal in deals
        ],
        "OpportunityInStage": [row for deal in deals for row in _history(deal)],
        "QualifyStatus": [
            {
                **_base(guid("status", name), started, started),
                "Name": title,
                "IsFinal": name != "open",
                "Successful": name == "converted",
            }
            for name, title in {"open": "Распределение", "converted": "Переведён в продажу", "lost": "Не заинтересован"}.items()
        ],
        "Lead": [
            {
                **_base(guid("lead", lead.number), lead.created_at, lead.updated_at),
                "LeadName": lead.title,
                "MobilePhone": lead.phone,
                "QualifyStatusId": guid("status", lead.status),
                "OpportunityId": guid("deal", lead.deal),
                "OwnerId": guid("employee", lead.manager),
                "QualifiedAccountId": EMPTY,
                "QualifiedContactId": EMPTY,
            }
            for lead in leads
        ],
        "CallDirection": [{**_base(guid("direction", name), started, started), "Name": title} for name, title in _DIRECTIONS.items()],
        "Call": [
            {
                **_base(guid("call", call.number), call.started_at, call.started_at),
                "StartDate": _at(call.started_at),
                "TalkTime": call.talk_seconds,
                "BeforeConnectionTime": call.wait_seconds,
                "Duration": call.talk_seconds + call.wait_seconds,
                "DirectionId": guid("direction", call.direction),
                "CallerId": call.phone_typed if call.direction == "in" else call.extension,
                "CalledId": call.extension if call.direction == "in" else call.phone_typed,
                "CreatedById": guid("employee", call.manager),
                "AccountId": guid("company", call.card_id if call.card_kind == "company" else None),
                "ContactId": guid("contact", call.card_id if call.card_kind == "contact" else None),
            }
            for call in company.calls
            if call.system == "bitrix24"
        ],
        "Activity": [
            {
                **_base(guid("task", task.number), task.created_at, task.completed_at or task.created_at),
                "Title": task.text,
                "StartDate": _at(task.created_at),
                "DueDate": _at(task.due_at),
                "OwnerId": guid("employee", task.manager),
                "OpportunityId": guid("deal", task.deal),
                "AccountId": EMPTY,
                "StatusId": _DONE if task.completed_at else _PLANNED,
                "TypeId": _TASK,
            }
            for task in company.tasks
            if task.system == "bitrix24"
        ]
        + [
            {
                **_base(guid("letter", one.number), one.at, one.at),
                "Title": one.text,
                "SendDate": _at(one.at),
                "OwnerId": guid("employee", one.manager),
                "OpportunityId": guid("deal", one.deal),
                "AccountId": EMPTY,
                "TypeId": _LETTER,
                "MessageTypeId": _OUTGOING if one.direction == "out" else _INCOMING,
            }
            for one in company.activities
            if one.system == "bitrix24" and one.kind == "email"
        ],
        "Product": [
            {**_base(guid("product", one.number), started, started), "Name": one.name, "Code": one.sku} for one in company.products
        ],
        "OrderStatus": [{**_base(guid("order status", name), started, started), "Name": title} for name, title in _ORDER_STATUSES.items()],
        "Order": [
            {
                **_base(guid("order", order.number), order.at, order.changed_at),
                "Number": order.code,
                "Date": _at(order.at),
                "AccountId": EMPTY,
                "ContactId": EMPTY,
                "OwnerId": guid("employee", order.manager),
                "OpportunityId": guid("deal", order.deal),
                "CurrencyId": guid("currency", order.currency),
                "StatusId": guid("order status", "cancelled" if order.status == "cancelled" else "open"),
                "Amount": float(sum(line.amount for line in order.lines)),
                "DueDate": None,
            }
            for order in company.orders[:ORDERS]
        ],
        "OrderProduct": [
            {
                **_base(guid("line", order.number, place), order.at, order.changed_at),
                "OrderId": guid("order", order.number),
                "ProductId": guid("product", line.product),
                "Quantity": float(line.quantity),
                "Price": float(line.price),
                "DiscountAmount": float(line.discount),
                "TaxAmount": float(line.vat),
                "TotalAmount": float(line.amount),
            }
            for order in company.orders[:ORDERS]
            for place, line in enumerate(order.lines)
        ],
    }


_DIRECTIONS = {"in": "Входящий", "out": "Исходящий", "internal": "Не определено"}
_ORDER_STATUSES = {"open": "Выполняется", "cancelled": "Отменен"}
_LETTER = "e2831dec-cfc0-df11-b00f-001d60e938c6"
_OUTGOING = "7f6d3f94-f36b-1410-068c-20cf30b39373"
_INCOMING = "7f9d1f86-f36b-1410-068c-20cf30b39373"
_TASK = "fbe0acdc-cfc0-df11-b00f-001d60e938c6"
_DONE = "4bdbb88f-58e6-df11-971b-001d60e938c6"
_PLANNED = "384d4b84-58e6-df11-971b-001d60e938c6"


def _history(deal: Deal) -> Iterator[JsonObject]:
    """Rows of a deal's way: each ends where the next begins."""
    for number, (entry, following) in enumerate(pairwise([*deal.entries, None])):
        assert entry is not None  # noqa: S101 - only the last of the pairs has nothing, on its right
        yield {
            **_base(guid("entry", deal.number, number), entry.at, following.at if following else entry.at),
            "OpportunityId": guid("deal", deal.number),
            "StageId": guid("stage", entry.pipeline_id, entry.stage_id),
            "StartDate": _at(entry.at),
            "DueDate": _at(following.at) if following else None,
            "OwnerId": guid("employee", deal.manager),
            "Historical": following is not None,
        }


def _base(key: str, created: datetime, modified: datetime) -> JsonObject:
    return {"Id": key, "CreatedOn": _at(created), "ModifiedOn": _at(max(created, modified)), "CreatedById": EMPTY, "ModifiedById": EMPTY}


def _at(moment: datetime) -> str:
    """UTC with the seven digits that the database keeps."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"

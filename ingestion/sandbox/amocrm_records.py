"""The sandbox company as one amoCRM account holds it: dictionaries, users and cards in the shapes of API v4.

Dirt of real accounts is kept: an id that is not known is null, 0 or negative; numbers are text here and there; old phone values spell
`enum` where newer ones spell `enum_code`; hand-made fields (utm_term, ИНН, the order's number) have no code.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ingestion.sandbox import amocrm_work
from ingestion.sandbox.amocrm_account import ACCOUNT_ID, People, account_of, link, pipeline, unknown_id, user
from ingestion.sandbox.amocrm_fields import CARD_FIELDS, LEAD_FIELDS, SOURCES, field_list, listed, plain, tracking, values
from ingestion.sandbox.amocrm_store import CARDS, AmoCrmStore, Collection
from ingestion.spec import JsonObject

if TYPE_CHECKING:
    from ingestion.sandbox.company import Company
    from ingestion.sandbox.people import Card
    from ingestion.sandbox.sales import Deal


def company_store(company: Company, *, minor_units: bool = False) -> AmoCrmStore:
    """The account of the company.

    Args:
        company: the truth.
        minor_units: prices carry cents in `price_with_minor_units`.
    """
    people = People(company)
    deals = company.deals_of("amocrm")
    pipelines = [one for one in company.pipelines if one.system == "amocrm"]
    live: dict[str, list[JsonObject]] = {entity: [] for entity in CARDS}
    binned: dict[str, dict[int | str, JsonObject]] = {entity: {} for entity in CARDS}
    for entity, row in [*_leads(company, people, deals, minor_units=minor_units), *_customers(company, people, deals)]:
        if row["is_deleted"]:
            binned[entity][row["id"]] = row
        else:
            live[entity].append(row)
    account = account_of(company, people)
    collections = {entity: Collection(rows) for entity, rows in live.items()}
    collections |= {
        "users": Collection(user(manager, people) for manager in people.managers),
        "leads/pipelines": Collection(pipeline(one) for one in pipelines),
        "leads/loss_reasons": Collection(
            {
                "id": one.id,
                "name": one.name,
                "sort": one.sort,
                "created_at": int(company.now.timestamp()) - 86_400 * 900,
                "updated_at": int(company.now.timestamp()) - 86_400 * 900,
                "_links": link("leads/loss_reasons", one.id),
            }
            for one in company.loss_reasons
        ),
        "leads/custom_fields": Collection(field_list("leads", LEAD_FIELDS, ACCOUNT_ID)),
        "contacts/custom_fields": Collection(field_list("contacts", CARD_FIELDS["contacts"], ACCOUNT_ID)),
        "companies/custom_fields": Collection(field_list("companies", CARD_FIELDS["companies"], ACCOUNT_ID)),
    }
    collections |= amocrm_work.collections(company, people, account)
    return AmoCrmStore(account, collections, trash=binned)


def _leads(company: Company, people: People, deals: Sequence[Deal], *, minor_units: bool) -> list[tuple[str, JsonObject]]:
    reasons = {one.name: one for one in company.loss_reasons}
    return [("leads", _lead(deal, people, reasons, minor_units=minor_units)) for deal in deals]


def _lead(deal: Deal, people: People, reasons: dict[str, Any], *, minor_units: bool) -> JsonObject:
    number = deal.crm_id
    reason = reasons.get(deal.loss_reason)
    created, updated = int(deal.created_at.timestamp()), int((deal.deleted_at or deal.updated_at).timestamp())
    source = SOURCES.get(deal.origin.crm_source)
    price = int(deal.amount)
    row: JsonObject = {
        "id": number,
        "name": deal.name,
        "price": str(price) if number % 11 == 0 else price,
        "responsible_user_id": people.user(deal.manager),
        "group_id": 0,
        "status_id": int(deal.stage_id),
        "pipeline_id": deal.pipeline_id,
        "loss_reason_id": reason.id if reason else unknown_id(number),
        "source_id": 9_100 + source.enum_id % 100 if source and source.is_integration else unknown_id(number + 3),
        "created_by": people.user(deal.entries[0].by) if deal.entries else 0,
        "updated_by": people.user(deal.manager),
        "created_at": created,
        "updated_at": updated,
        "closed_at": int(deal.closed_at.timestamp()) if deal.closed_at else (0 if number % 13 == 0 else None),
        "closest_task_at": None if number % 7 else 0,
        "is_deleted": deal.deleted_at is not None,
        "custom_fields_values": _lead_fields(deal) or None,
        "score": None,
        "account_id": ACCOUNT_ID,
        "labor_cost": None,
        "is_price_modified_by_robot": False,
        "_links": link("leads", number),
        "_embedded": {
            "tags": [{"id": 100_667, "name": "повторная", "color": None}] if deal.is_repeat else [],
            "companies": [] if deal.company_card is None else [{"id": deal.company_card, "_links": link("companies", deal.company_card)}],
            "contacts": [
                {"id": contact, "is_main": position == 0, "_links": link("contacts", contact)}
                for position, contact in enumerate(deal.contact_cards)
            ],
            "loss_reason": [
                {
                    "id": reason.id,
                    "name": reason.name,
                    "sort": reason.sort,
                    "created_at": created,
                    "updated_at": created,
                    "_links": link("leads/loss_reasons", reason.id),
                }
            ]
            if reason
            else [],
            "catalog_elements": [],
            "source": {"external_id": source.code, "type": "widget"} if source and source.is_integration else [],
        },
    }
    if minor_units:
        row["price_with_minor_units"] = float(deal.amount)
    return row


def _lead_fields(deal: Deal) -> list[JsonObject]:
    origin = deal.origin
    made = [
        tracking("UTM_SOURCE", origin.utm_source),
        tracking("UTM_MEDIUM", origin.utm_medium),
        tracking("UTM_CAMPAIGN", origin.utm_campaign),
        tracking("UTM_CONTENT", origin.utm_content),
        plain(LEAD_FIELDS, "utm_term", origin.utm_term),
        plain(LEAD_FIELDS, "Промокод", origin.promo_code),
        plain(LEAD_FIELDS, "Номер заказа 1С", deal.order_number),
        listed("Источник", SOURCES.get(origin.crm_source), bare=deal.crm_id % 9 == 0),
    ]
    return [one for one in made if one is not None]


def _customers(company: Company, people: People, deals: Sequence[Deal]) -> list[tuple[str, JsonObject]]:
    leads_of: dict[tuple[str, int], list[int]] = defaultdict(list)
    for deal in deals:
        if deal.deleted_at is None:
            if deal.company_card is not None:
                leads_of["company", deal.company_card].append(deal.crm_id)
            for contact in deal.contact_cards:
                leads_of["contact", contact].append(deal.crm_id)
    cards = company.cards_of("amocrm")
    staff: dict[int, list[int]] = defaultdict(list)
    for card in cards:
        if card.kind == "contact" and card.parent is not None:
            staff[card.parent].append(card.id)
    return [
        ("companies" if card.kind == "company" else "contacts", _card(card, people, leads_of[card.kind, card.id], staff[card.id]))
        for card in cards
    ]


def _card(card: Card, people: People, leads: Sequence[int], staff: Sequence[int]) -> JsonObject:
    entity = "companies" if card.kind == "company" else "contacts"
    names = {} if card.kind == "company" else {"first_name": card.first_name, "last_name": card.last_name}
    embedded: JsonObject = {
        "tags": [],
        "leads": [{"id": lead, "_links": link("leads", lead)} for lead in leads],
        "customers": [],
        "catalog_elements": [],
    }
    if card.kind == "company":
        embedded["contacts"] = [{"id": one, "_links": link("contacts", one)} for one in staff]
    else:
        embedded["companies"] = [] if card.parent is None else [{"id": card.parent, "_links": link("companies", card.parent)}]
    return {
        "id": card.id,
        "name": card.name,
        **names,
        "responsible_user_id": people.user(card.manager),
        "group_id": 0,
        "created_by": people.user(card.manager),
        "updated_by": people.user(card.manager),
        "created_at": int(card.created_at.timestamp()),
        "updated_at": int(card.updated_at.timestamp()),
        "closest_task_at": None,
        "is_deleted": card.is_deleted,
        "is_unsorted": False,
        "custom_fields_values": values(card) or None,
        "account_id": ACCOUNT_ID,
        "_links": link(entity, card.id),
        "_embedded": embedded,
    }

"""The sandbox company as one Bitrix24 portal holds it: leads, deals, contacts, companies, users and dictionaries.

Rows have UPPER_CASE names and typed values; how a method spells them is bitrix24_names' affair. CLOSEDATE is a plan; date-only fields
carry a time and a zone, half of them such that reckoning them in UTC shifts the day.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from ingestion.sandbox import bitrix24_work
from ingestion.sandbox.bitrix24_dictionaries import LEAD_STATUSES, SOURCES, categories, currencies, deal_history, lead_history, statuses
from ingestion.sandbox.bitrix24_staff import Staff
from ingestion.sandbox.bitrix24_store import PortalStore, Table, stamp
from ingestion.sandbox.clock import MOSCOW
from ingestion.spec import JsonObject

if TYPE_CHECKING:
    from ingestion.sandbox.company import Company
    from ingestion.sandbox.marketing import Origin
    from ingestion.sandbox.people import Card, Manager
    from ingestion.sandbox.sales import Deal, IncomingLead

CUSTOM_FIELDS = {
    "lead": {"UF_CRM_PROMO_CODE": "Промокод"},
    "deal": {
        "UF_CRM_ORDER_NUMBER": "Номер заказа 1С",
        "UF_CRM_LOSS_REASON": "Причина отказа",
        "UF_CRM_PROMO_CODE": "Промокод",
        "UF_CRM_1700000000001": "Комментарий снабжения",
    },
    "contact": {"UF_CRM_ONEC_CODE": "Код 1С"},
    "company": {"UF_CRM_INN": "ИНН", "UF_CRM_KPP": "КПП", "UF_CRM_ONEC_CODE": "Код 1С"},
}
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")


def company_portal(company: Company) -> PortalStore:
    """The portal of the company."""
    staff = Staff(company)
    deals = [one for one in company.deals_of("bitrix24") if one.deleted_at is None]
    leads = [one for one in company.leads if one.system == "bitrix24"]
    cards = [one for one in company.cards_of("bitrix24") if not one.is_deleted]
    pipelines = [one for one in company.pipelines if one.system == "bitrix24"]
    stages = {stage.id: {"won": "S", "lost": "F"}.get(stage.kind, "P") for one in pipelines for stage in one.stages}
    stages |= {code: semantics or "P" for code, _, semantics in LEAD_STATUSES}
    ids_of_leads = {one.number: one.crm_id for one in leads}
    # the value of a list field is the number of its entry, in the portal's one numbering of all lists
    reasons = {one.name: 44 + 2 * place for place, one in enumerate(company.loss_reasons)}
    tables = {
        "deal": Table(_deal(one, staff, ids_of_leads, stages, reasons) for one in deals),
        "lead": Table(_lead(one, staff, stages) for one in leads),
        "contact": Table(_contact(one, staff) for one in cards if one.kind == "contact"),
        "company": Table(_company(one, staff) for one in cards if one.kind == "company"),
        "user": Table(_user(one, place) for place, one in enumerate(staff.managers)),
        "status": Table(statuses(pipelines)),
        "deal_history": Table(deal_history(company, stages)),
        "lead_history": Table(lead_history(leads, stages)),
    }
    tables |= bitrix24_work.tables(company, staff)
    lists = {"UF_CRM_LOSS_REASON": {number: name for name, number in reasons.items()}}
    return PortalStore(tables, categories(pipelines), currencies(company), CUSTOM_FIELDS, stages, lists=lists)


def day_stamp(day: date, number: int) -> str:
    """A date-only field: midnight of UTC, or midnight of the server, in the server's zone."""
    return stamp(datetime(day.year, day.month, day.day, 3 if number % 2 else 0, tzinfo=MOSCOW))


def number_of(amount: Decimal) -> float:
    """Money as JSON has it."""
    return float(amount)


def _origin(origin: Origin) -> JsonObject:
    marks: JsonObject = {name.upper(): getattr(origin, name) or None for name in UTM}
    return {"SOURCE_ID": SOURCES[origin.crm_source][0] if origin.crm_source in SOURCES else None, "SOURCE_DESCRIPTION": None} | marks


def _deal(deal: Deal, staff: Staff, leads: dict[int, int], stages: dict[str, str], reasons: dict[str, int]) -> JsonObject:
    created, user = deal.created_at, staff.user(deal.manager)
    plan = (created + timedelta(days=7 + deal.crm_id % 30)).astimezone(MOSCOW).date()
    semantics = stages[deal.stage_id]
    return {
        "ID": deal.crm_id,
        "TITLE": deal.name,
        "TYPE_ID": "SALE",
        "CATEGORY_ID": deal.pipeline_id,
        "STAGE_ID": deal.stage_id,
        "STAGE_SEMANTIC_ID": semantics,
        "IS_NEW": "Y" if deal.stage_id.endswith("NEW") else "N",
        "IS_RECURRING": "N",
        "IS_RETURN_CUSTOMER": "Y" if deal.is_repeat else "N",
        "IS_REPEATED_APPROACH": "N",
        "PROBABILITY": None,
        "CURRENCY_ID": deal.currency,
        "OPPORTUNITY": number_of(deal.amount),
        "IS_MANUAL_OPPORTUNITY": "N" if deal.lines else "Y",
        "TAX_VALUE": 0.0,
        "COMPANY_ID": deal.company_card,
        "CONTACT_ID": deal.contact_cards[0] if deal.contact_cards else None,
        "CONTACT_IDS": list(deal.contact_cards),
        "OBSERVERS": [],
        "QUOTE_ID": None,
        "LEAD_ID": leads.get(deal.lead or 0),
        "BEGINDATE": day_stamp(created.astimezone(MOSCOW).date(), deal.crm_id),
        "CLOSEDATE": day_stamp(plan, deal.crm_id),
        "OPENED": "Y",
        "CLOSED": "N" if semantics == "P" else "Y",
        "COMMENTS": "",
        "ASSIGNED_BY_ID": user,
        "CREATED_BY_ID": staff.user(deal.entries[0].by) if deal.entries else user,
        "MODIFY_BY_ID": user,
        "MOVED_BY_ID": staff.user(deal.entries[-1].by) if deal.entries else user,
        "DATE_CREATE": stamp(created),
        "DATE_MODIFY": stamp(deal.updated_at),
        "MOVED_TIME": stamp(deal.entries[-1].at if deal.entries else created),
        **_origin(deal.origin),
        "ADDITIONAL_INFO": None,
        "LOCATION_ID": None,
        "ORIGINATOR_ID": None,
        "ORIGIN_ID": None,
        "LAST_ACTIVITY_TIME": stamp(deal.updated_at),
        "LAST_ACTIVITY_BY": user,
        "UF_CRM_ORDER_NUMBER": deal.order_number or None,
        "UF_CRM_LOSS_REASON": reasons.get(deal.loss_reason),
        "UF_CRM_PROMO_CODE": deal.origin.promo_code or None,
        "UF_CRM_1700000000001": None,
    }


def _lead(lead: IncomingLead, staff: Staff, stages: dict[str, str]) -> JsonObject:
    status = lead.entries[-1].stage_id if lead.entries else "NEW"
    user = staff.user(lead.manager)
    first, _, last = lead.person_name.partition(" ")
    phones, emails = ([lead.phone] if lead.phone else []), ([lead.email] if lead.email else [])
    return {
        "ID": lead.crm_id,
        "TITLE": lead.title,
        "HONORIFIC": None,
        "NAME": first,
        "SECOND_NAME": None,
        "LAST_NAME": last or None,
        "COMPANY_TITLE": None,
        "COMPANY_ID": None,
        "CONTACT_ID": None,
        "CONTACT_IDS": [],
        "OBSERVERS": [],
        "IS_RETURN_CUSTOMER": "N",
        "BIRTHDATE": None,
        "STATUS_ID": status,
        "STATUS_DESCRIPTION": lead.loss_reason or None,
        "STATUS_SEMANTIC_ID": stages[status],
        "POST": None,
        "COMMENTS": None,
        "CURRENCY_ID": "RUB",
        "OPPORTUNITY": 0.0,
        "IS_MANUAL_OPPORTUNITY": "N",
        "HAS_PHONE": "Y" if phones else "N",
        "HAS_EMAIL": "Y" if emails else "N",
        "HAS_IMOL": "N",
        "ASSIGNED_BY_ID": user,
        "CREATED_BY_ID": user,
        "MODIFY_BY_ID": user,
        "MOVED_BY_ID": user,
        "DATE_CREATE": stamp(lead.created_at),
        "DATE_MODIFY": stamp(lead.updated_at),
        "DATE_CLOSED": stamp(lead.closed_at) if lead.closed_at else None,
        "MOVED_TIME": stamp(lead.entries[-1].at if lead.entries else lead.created_at),
        "OPENED": "Y",
        **_origin(lead.origin),
        "ORIGINATOR_ID": None,
        "ORIGIN_ID": None,
        "LAST_ACTIVITY_TIME": stamp(lead.updated_at),
        "LAST_ACTIVITY_BY": user,
        "UF_CRM_PROMO_CODE": lead.origin.promo_code or None,
        "FM": multifields(lead.crm_id * 10 + 1_000_000, phones, emails),
    }


def multifields(first: int, phones: list[str] | tuple[str, ...], emails: list[str] | tuple[str, ...]) -> list[JsonObject]:
    """Phones and e-mails of a card."""
    rows: list[JsonObject] = [
        {"VALUE_TYPE": "WORK" if not place else "MOBILE", "VALUE": one, "TYPE_ID": "PHONE"} for place, one in enumerate(phones)
    ]
    rows += [{"VALUE_TYPE": "WORK", "VALUE": one, "TYPE_ID": "EMAIL"} for one in emails]
    return [{"ID": first + place} | row for place, row in enumerate(rows)]


def _card(card: Card, staff: Staff, multi: int) -> JsonObject:
    user = staff.user(card.manager)
    return {
        "ID": card.id,
        "HAS_PHONE": "Y" if card.phones else "N",
        "HAS_EMAIL": "Y" if card.emails else "N",
        "HAS_IMOL": "N",
        "LEAD_ID": None,
        "ASSIGNED_BY_ID": user,
        "CREATED_BY_ID": user,
        "MODIFY_BY_ID": user,
        "DATE_CREATE": stamp(card.created_at),
        "DATE_MODIFY": stamp(card.updated_at),
        "OPENED": "Y",
        "COMMENTS": "",
        "ORIGINATOR_ID": None,
        "ORIGIN_ID": None,
        "ADDRESS": None,
        "ADDRESS_CITY": card.city or None,
        **{name.upper(): None for name in UTM},
        "LAST_ACTIVITY_TIME": stamp(card.updated_at),
        "LAST_ACTIVITY_BY": user,
        "UF_CRM_ONEC_CODE": card.crm_code or None,
        "FM": multifields(multi + card.id * 10, card.phones, card.emails),
    }


def _contact(card: Card, staff: Staff) -> JsonObject:
    names = {
        "NAME": card.first_name or card.name,
        "SECOND_NAME": None,
        "LAST_NAME": card.last_name or None,
        "HONORIFIC": None,
        "POST": None,
    }
    more: JsonObject = {"TYPE_ID": "CLIENT", "SOURCE_ID": None, "COMPANY_ID": card.parent, "BIRTHDATE": None, "EXPORT": "Y"}
    return _card(card, staff, 2_000_000) | names | more


def _company(card: Card, staff: Staff) -> JsonObject:
    more: JsonObject = {
        "TITLE": card.name,
        "COMPANY_TYPE": "CUSTOMER",
        "INDUSTRY": None,
        "REVENUE": 0,
        "CURRENCY_ID": "RUB",
        "EMPLOYEES": None,
        "BANKING_DETAILS": "",
        "IS_MY_COMPANY": "N",
        "UF_CRM_INN": card.tax_id or None,
        "UF_CRM_KPP": card.kpp or None,
    }
    return _card(card, staff, 3_000_000) | more


def _user(one: Manager, place: int) -> JsonObject:
    hired = day_stamp(one.hired_on, one.number)
    return {
        "ID": one.b24_id,
        "XML_ID": one.code,
        "ACTIVE": one.is_active,
        "NAME": one.b24_first_name,
        "LAST_NAME": one.b24_last_name,
        "SECOND_NAME": "",
        "EMAIL": one.b24_email,
        "LAST_LOGIN": hired,
        "DATE_REGISTER": hired,
        "TIME_ZONE": "",
        "IS_ONLINE": "N",
        # PHP's empty date object
        "TIMESTAMP_X": {},
        "LAST_ACTIVITY_DATE": {},
        "PERSONAL_GENDER": "",
        "PERSONAL_BIRTHDAY": "",
        "WORK_POSITION": one.position,
        "WORK_DEPARTMENT": one.department,
        "UF_EMPLOYMENT_DATE": "",
        "UF_DEPARTMENT": [1 + place % 3],
        "UF_PHONE_INNER": one.extension,
        "USER_TYPE": "employee",
    }

"""Custom fields of the sandbox's amoCRM account: their definitions, and values in the shape that cards carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingestion.spec import JsonObject

if TYPE_CHECKING:
    from ingestion.sandbox.people import Card

PHONE_ENUMS = {"WORK": 510_001, "WORKDD": 510_003, "MOB": 510_005, "FAX": 510_007, "HOME": 510_009, "OTHER": 510_011}
EMAIL_ENUMS = {"WORK": 510_021, "PRIV": 510_023, "OTHER": 510_025}


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field's definition; hand-made ones have no code."""

    id: int
    name: str
    code: str | None
    type: str


@dataclass(frozen=True, slots=True)
class SourceValue:
    """A value of the list «Источник». `is_integration`: enquiries of it come through an integration and have a source_id."""

    enum_id: int
    value: str
    code: str
    is_integration: bool


SOURCES = {
    "site": SourceValue(610_001, "Сайт", "site", True),
    "call": SourceValue(610_003, "Звонок", "call", False),
    "recommendation": SourceValue(610_005, "Рекомендация", "recommendation", False),
    "exhibition": SourceValue(610_007, "Выставка", "exhibition", False),
    "email": SourceValue(610_009, "E-mail", "email", True),
    "social": SourceValue(610_011, "Соцсети", "social", True),
    "repeat": SourceValue(610_013, "Повторное обращение", "repeat", False),
}
"""By Origin.crm_source."""

LEAD_FIELDS = (
    CustomField(700_301, "utm_source", "UTM_SOURCE", "tracking_data"),
    CustomField(700_303, "utm_medium", "UTM_MEDIUM", "tracking_data"),
    CustomField(700_305, "utm_campaign", "UTM_CAMPAIGN", "tracking_data"),
    CustomField(700_307, "utm_content", "UTM_CONTENT", "tracking_data"),
    CustomField(700_309, "utm_term", None, "text"),
    CustomField(700_311, "Номер заказа 1С", None, "text"),
    CustomField(700_313, "Источник", None, "select"),
    CustomField(700_315, "Промокод", None, "text"),
)
_PHONE = CustomField(700_101, "Телефон", "PHONE", "multitext")
_EMAIL = CustomField(700_103, "Email", "EMAIL", "multitext")
CARD_FIELDS = {
    "contacts": (_PHONE, _EMAIL, CustomField(700_105, "Код 1С", None, "text"), CustomField(700_107, "Город", None, "text")),
    "companies": (
        _PHONE,
        _EMAIL,
        CustomField(700_201, "ИНН", None, "text"),
        CustomField(700_203, "КПП", None, "numeric"),
        CustomField(700_205, "Город", None, "text"),
        CustomField(700_207, "Код 1С", None, "text"),
    ),
}


def field_list(entity: str, fields: Sequence[CustomField], account_id: int) -> list[JsonObject]:
    """The answer rows of `/{entity}/custom_fields`."""
    return [
        {
            "id": one.id,
            "name": one.name,
            "type": one.type,
            "account_id": account_id,
            "code": one.code,
            "sort": 500 + position,
            "is_api_only": one.type == "tracking_data",
            "enums": _enums(one),
            "group_id": None,
            "required_statuses": [],
            "is_deletable": one.code is None,
            "is_predefined": one.code is not None,
            "entity_type": entity,
            "remind": None,
        }
        for position, one in enumerate(fields)
    ]


def _enums(one: CustomField) -> list[JsonObject] | None:
    if one.type == "select":
        return [{"id": value.enum_id, "value": value.value, "sort": 500} for value in SOURCES.values()]
    known = {"PHONE": PHONE_ENUMS, "EMAIL": EMAIL_ENUMS}.get(one.code or "")
    if known is None:
        return None
    return [{"id": number, "value": name, "sort": 2 * place} for place, (name, number) in enumerate(known.items())]


def value_of(one: CustomField, entries: Sequence[JsonObject]) -> JsonObject:
    """A field with its values as a card carries them."""
    return {
        "field_id": one.id,
        "field_name": one.name,
        "field_code": one.code,
        "field_type": one.type,
        "is_computed": False,
        "values": list(entries),
    }


def plain(fields: Sequence[CustomField], name: str, text: str) -> JsonObject | None:
    """A field of one text; nothing when the text is empty."""
    one = next(field for field in fields if field.name == name)
    return value_of(one, [{"value": text}]) if text else None


def tracking(code: str, text: str) -> JsonObject | None:
    """A tracking field by its code; nothing when the text is empty."""
    one = next(field for field in LEAD_FIELDS if field.code == code)
    return value_of(one, [{"value": text}]) if text else None


def listed(name: str, chosen: SourceValue | None, *, bare: bool) -> JsonObject | None:
    """A select field; `bare`: only the enum's id is there, the text must be looked up."""
    if chosen is None:
        return None
    one = next(field for field in LEAD_FIELDS if field.name == name)
    entry: JsonObject = {"enum_id": chosen.enum_id} if bare else {"value": chosen.value, "enum_id": chosen.enum_id, "enum_code": None}
    return value_of(one, [entry])


def values(card: Card) -> list[JsonObject]:
    """The custom fields of a contact or company."""
    fields = CARD_FIELDS["companies" if card.kind == "company" else "contacts"]
    # cards last saved by an old version of the system spell `enum`
    enum_name = "enum" if card.id % 5 == 0 else "enum_code"
    made: list[JsonObject | None] = []
    if card.phones:
        kinds = ["WORK", "MOB", "OTHER"]
        made.append(
            value_of(
                _PHONE,
                [
                    {"value": phone, "enum_id": PHONE_ENUMS[kinds[min(place, 2)]], enum_name: kinds[min(place, 2)]}
                    for place, phone in enumerate(card.phones)
                ],
            )
        )
    if card.emails:
        made.append(value_of(_EMAIL, [{"value": email, "enum_id": EMAIL_ENUMS["WORK"], enum_name: "WORK"} for email in card.emails]))
    if card.kind == "company":
        made += [plain(fields, "ИНН", card.tax_id), plain(fields, "КПП", card.kpp)]
    made += [plain(fields, "Город", card.city), plain(fields, "Код 1С", card.crm_code)]
    return [one for one in made if one is not None]

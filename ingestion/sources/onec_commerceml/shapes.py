"""Where things stand in CommerceML: element names, which of them repeat, and what tells one record from another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TAGS = (
    "Группы",
    "Группа",
    "Свойства",
    "ТипыЦен",
    "Склады",
    "Товар",
    "Предложение",
    "Документ",
    "Контрагент",
)
"""Elements that hold records; those inside another of them belong to it."""

MANY = frozenset(
    {
        "Группа", "Свойство", "СвойствоНоменклатуры", "ТипЦены", "Склад", "Товар", "Документ", "Контрагент", "Цена", "Остаток",
        "ЗначениеРеквизита", "ЗначенияСвойства", "ХарактеристикаТовара", "СтавкаНалога", "Налог", "Скидка", "Контакт", "Представитель",
        "ТоварнаяПозиция", "ПредприятиеВДокументе", "Картинка", "Штрихкод", "Пересчет", "АдресноеПоле",
    }
)  # fmt: skip

_IDS = ("Ид", "@Ид", "@Идентификатор", "@ИдентификаторВКаталоге", "@ИдентификаторТовара", "@Товар", "Код", "@Код")
_BUYERS = frozenset({"покупатель", "buyer"})
_SELLERS = frozenset({"продавец", "saler", "seller"})
_DELETED = frozenset({"true", "1", "да", "истина"})


def text_at(members: Mapping[str, Any], *names: str) -> str:
    """The first of these that is given, as text without blanks around; '' if none is."""
    for name in names:
        value = members.get(name)
        if isinstance(value, dict):
            value = value.get("#text")
        if isinstance(value, list):
            value = next((one for one in value if isinstance(one, str)), None)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def id_of(members: Mapping[str, Any]) -> str:
    """The id of a thing, in either version."""
    return text_at(members, *_IDS)


def is_deleted(members: Mapping[str, Any]) -> bool:
    """Marked for deletion in 1C, in any of the ways of writing it."""
    if text_at(members, "@Статус", "Статус").lower() in {"удален", "удалён"}:
        return True
    return text_at(members, "ПометкаУдаления", "@ПометкаУдаления").lower() in _DELETED


def document_key(members: Mapping[str, Any]) -> str:
    """A document: operation and id, for a site numbers orders, payments and shipments apart; without an id number and date."""
    operation = text_at(members, "ХозОперация", "@ХозОперация") or "Документ"
    own = text_at(members, "Ид", "@Ид", "@ИдДокумента")
    if own:
        return f"{operation}:{own}"
    number, day = text_at(members, "Номер", "@Номер"), text_at(members, "Дата", "@Дата")
    return f"{operation}:{number}|{day}" if number or day else ""


def other_side_first(members: Mapping[str, Any]) -> None:
    """Of several parties to a document the one we deal with comes first: the buyer, else whoever has not the enterprise's own role.

    They stand in any order, and 7.7 names the selling enterprise itself among them.
    """
    held = members.get("Контрагенты")
    parties = held.get("Контрагент") if isinstance(held, dict) else members.get("ПредприятиеВДокументе")
    if not isinstance(parties, list) or len(parties) == 1:
        return
    own = text_at(members, "Роль", "@Роль").lower()

    def distance(party: Any) -> int:
        role = text_at(party, "Роль", "@Роль").lower() if isinstance(party, dict) else ""
        if role in _BUYERS and role != own:
            return 0
        return 3 if role in _SELLERS or (role and role == own) else 1 if role else 2

    parties.sort(key=distance)

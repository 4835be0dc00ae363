"""One record, two spellings: UPPER_CASE strings of the older methods, camelCase numbers of `crm.item.*`.

The store keeps UPPER_CASE names with typed values; this module shows them either way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from ingestion.spec import JsonObject

RENAMED = {
    "DATE_CREATE": "createdTime",
    "DATE_MODIFY": "updatedTime",
    "CREATED_BY_ID": "createdBy",
    "MODIFY_BY_ID": "updatedBy",
    "MOVED_BY_ID": "movedBy",
    "STATUS_ID": "stageId",
    "STATUS_SEMANTIC_ID": "stageSemanticId",
}
MONEY = frozenset({"OPPORTUNITY", "TAX_VALUE"})
ZERO_FOR_NOBODY = frozenset({"COMPANY_ID", "CONTACT_ID"})
EMPTY_TEXT = frozenset({"DATE_CLOSED", "BIRTHDATE"})
"""Fields whose absence the older methods show as "" instead of null."""
ITEM_ONLY = frozenset({"CONTACT_IDS", "OBSERVERS"})
MULTI = ("PHONE", "EMAIL")
"""Multifields: the older methods give them only when named, crm.item gives `fm` only with "*"."""


@dataclass(frozen=True, slots=True)
class ObjectType:
    """A kind of CRM object: its number, the older methods' prefix, its letter in product rows, the prefix of its custom fields."""

    id: int
    name: str
    letter: str
    has_old_methods: bool = True


OBJECT_TYPES = {
    1: ObjectType(1, "lead", "L"),
    2: ObjectType(2, "deal", "D"),
    3: ObjectType(3, "contact", "C"),
    4: ObjectType(4, "company", "CO"),
    7: ObjectType(7, "quote", "Q"),
    31: ObjectType(31, "invoice", "SI", has_old_methods=False),
}


@cache
def camel(name: str, *, original_uf: bool = False) -> str:
    """The crm.item name of an UPPER_CASE field: ASSIGNED_BY_ID → assignedById, UF_CRM_17 → ufCrm_17, PARENT_ID_2 → parentId2."""
    if name in RENAMED:
        return RENAMED[name]
    if name.startswith("UF_"):
        if original_uf:
            return name
        words = name.lower().split("_")
        tail = "".join(f"_{word}" if word[:1].isdigit() else word.capitalize() for word in words[1:])
        return words[0] + tail
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name.lower())


def item(row: JsonObject, object_type: ObjectType, wanted: set[str] | None, *, original_uf: bool) -> JsonObject:
    """A record as crm.item shows it.

    Args:
        row: UPPER_CASE, typed.
        object_type: what it is.
        wanted: crm.item names to show, None for all; "*" adds the multifields.
        original_uf: custom fields keep their UPPER_CASE names.
    """
    shown: JsonObject = {}
    every = wanted is None or "*" in wanted
    for name, value in row.items():
        if name == "FM":
            continue
        spelt = camel(name, original_uf=original_uf)
        if every or name == "ID" or (wanted is not None and spelt in wanted):
            shown[spelt] = 0 if value is None and name in ZERO_FOR_NOBODY else _number(value)
    if wanted is not None and "*" in wanted and "FM" in row:
        shown["fm"] = [
            {"id": one["ID"], "valueType": one["VALUE_TYPE"], "value": one["VALUE"], "typeId": one["TYPE_ID"]} for one in row["FM"]
        ]
    if every:
        shown["entityTypeId"] = object_type.id
    return shown


def _number(value: Any) -> Any:
    """Whole amounts come without a fraction, as PHP writes them."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def old(row: JsonObject, wanted: list[str]) -> JsonObject:
    """A record as the older methods show it: everything is text; without a select the standard fields."""
    standard = not wanted or "*" in wanted
    custom = "UF_*" in wanted
    shown: JsonObject = {}
    for name, value in row.items():
        if name == "FM" or name in ITEM_ONLY:
            continue
        is_custom = name.startswith("UF_")
        if name == "ID" or name in wanted or (custom if is_custom else standard):
            shown[name] = text(name, value)
    for name in MULTI:
        if name in wanted and "FM" in row:
            shown[name] = [one | {"ID": str(one["ID"])} for one in row["FM"] if one["TYPE_ID"] == name]
            if not shown[name]:
                del shown[name]
    return shown


def text(name: str, value: Any) -> Any:
    """A value as the older methods write it."""
    if value is None:
        return "" if name in EMPTY_TEXT or name.startswith("UF_") else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    return f"{value:.2f}" if name in MONEY else str(value)

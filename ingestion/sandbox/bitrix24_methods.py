"""The REST methods of the sandbox portal: universal `crm.item.*`, the older ones, and the dictionaries around them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ingestion.sandbox import bitrix24_names as names
from ingestion.sandbox.bitrix24_lists import Answer, RestError, matching, named, page, select, start_of
from ingestion.sandbox.bitrix24_store import PortalStore
from ingestion.spec import JsonObject

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Portal:
    """What methods work on.

    Attributes:
        store: the records.
        history_as_text: crm.stagehistory.list answers strings, as older portals do.
        scopes: what the key may touch.
    """

    store: PortalStore
    history_as_text: bool = False
    scopes: frozenset[str] = frozenset({"crm", "user", "telephony"})


Method = Callable[[Portal, Params], Answer]


def object_type(params: Params) -> names.ObjectType:
    """The CRM object type that `entityTypeId` names."""
    number = str(params.get("entityTypeId", ""))
    found = names.OBJECT_TYPES.get(int(number)) if number.isdigit() else None
    if found is None:
        raise RestError(400, "NOT_FOUND", "Смарт-процесс не найден")
    return found


def listed(value: Any) -> list[str]:
    """Names given as a list, as a numbered map, or alone."""
    if value is None or value == "":
        return []
    return [str(one) for one in (value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else [value])]


def item_list(portal: Portal, params: Params) -> Answer:
    """crm.item.list: camelCase, real numbers; names of another case are refused."""
    kind = object_type(params)
    original = str(params.get("useOriginalUfNames", "N")).upper() in {"Y", "1", "TRUE"}
    table = portal.store.table(kind.name)
    known = item_names(portal.store, kind, original_uf=original)
    found = select(table, params, names=known)
    asked = listed(params.get("select"))
    wanted = set(asked) if asked else None
    items = [names.item(row, kind, wanted, original_uf=original) for row in found.rows]
    return Answer({"items": items}, found.total, found.next)


def item_names(store: PortalStore, kind: names.ObjectType, *, original_uf: bool = False) -> dict[str, str]:
    """crm.item name → field of the row, for everything that may be filtered."""
    fields = next(iter(store.table(kind.name).rows.values()), {"ID": 0, "DATE_MODIFY": "", "DATE_CREATE": ""})
    return {names.camel(name, original_uf=original_uf): name for name in fields if name != "FM"}


def stage_history(portal: Portal, params: Params) -> Answer:
    """crm.stagehistory.list: UPPER_CASE inside `items`; leads have STATUS_ID where deals have STAGE_ID."""
    kind = object_type(params)
    found = select(portal.store.table(f"{kind.name}_history"), params)
    wanted = set(listed(params.get("select"))) or None
    rows = [{name: value for name, value in row.items() if wanted is None or name in wanted or name == "ID"} for row in found.rows]
    if portal.history_as_text:
        rows = [{name: str(value) for name, value in row.items()} for row in rows]
    return Answer({"items": rows}, found.total, found.next)


def categories(portal: Portal, params: Params) -> Answer:
    """crm.category.list: funnels; the general one has id 0."""
    kind = object_type(params)
    rows = [one for one in portal.store.categories if one["entityTypeId"] == kind.id]
    return Answer({"categories": rows}, len(rows))


def statuses(portal: Portal, params: Params) -> Answer:
    """crm.status.list: never paged."""
    rows = list(matching(portal.store.table("status"), params))
    return Answer([{name: names.text(name, value) for name, value in row.items()} for row in rows], len(rows))


def users(portal: Portal, params: Params) -> Answer:
    """user.get: ACTIVE is a real boolean, TIMESTAMP_X an empty object; dismissed people come unless filtered away."""
    conditions = named(params, "filter") or {name: value for name, value in params.items() if name.isupper() and name != "ADMIN_MODE"}
    order = {str(named(params, "sort") or "ID"): str(named(params, "order") or "ASC")}
    found = page(matching(portal.store.table("user"), {"filter": conditions}, order=order), start_of(params))
    return Answer([{name: names.text(name, value) for name, value in row.items()} for row in found.rows], found.total, found.next)


def calls(portal: Portal, params: Params) -> Answer:
    """voximplant.statistic.get: SORT and ORDER are two strings, an `order` object means nothing; unsorted rows come in any order."""
    upper = {name.upper(): value for name, value in params.items()}
    sort, way = upper.get("SORT"), upper.get("ORDER")
    order = {sort: str(way or "ASC")} if isinstance(sort, str) and sort else {}
    rows = matching(portal.store.table("call"), {"filter": upper.get("FILTER")}, order=order)
    if not order:
        rows = sorted(rows, key=lambda row: zlib.crc32(str(row["ID"]).encode()))
    found = page(rows, start_of(params))
    return Answer([_call(row) for row in found.rows], found.total, found.next)


def _call(row: JsonObject) -> JsonObject:
    # RECORD_FILE_ID is the one number among strings
    return {name: value if name == "RECORD_FILE_ID" else names.text(name, value) for name, value in row.items()}


def item_product_rows(portal: Portal, params: Params) -> Answer:
    """crm.item.productrow.list: only for named owners; ownerId may be a list."""
    conditions = named(params, "filter") or {}
    given = {key.lstrip("=@") for key in conditions} if isinstance(conditions, Mapping) else set()
    if not {"ownerType", "ownerId"} <= given:
        raise RestError(400, 0, "Required fields: ownerType, ownerId")
    table = portal.store.table("productrow")
    first = next(iter(table.rows.values()), {"ID": 0, "OWNER_ID": 0, "OWNER_TYPE": ""})
    known = {names.camel(name): name for name in first}
    found = select(table, params, names=known)
    rows = [{names.camel(name): value for name, value in row.items()} for row in found.rows]
    return Answer({"productRows": rows}, found.total, found.next)


def activities(portal: Portal, params: Params) -> Answer:
    """crm.activity.list: strings; objects that are empty come as `[]`."""
    found = select(portal.store.table("activity"), params)
    wanted = [name for name in listed(named(params, "select")) if name != "*"]
    rows = [{name: names.text(name, value) for name, value in row.items() if not wanted or name in wanted} for row in found.rows]
    return Answer(rows, found.total, found.next)


def currencies(portal: Portal, _params: Params) -> Answer:
    """crm.currency.list."""
    return Answer(portal.store.currencies, len(portal.store.currencies))


def field_type(name: str, value: Any) -> str:
    """The type word that the description of a field uses."""
    if name == "ID" or (name.endswith("_ID") and isinstance(value, int)):
        return "integer"
    if name in {"BEGINDATE", "CLOSEDATE", "BIRTHDATE"}:
        return "date"
    if name.startswith("DATE_") or name.endswith("_TIME"):
        return "datetime"
    if isinstance(value, float):
        return "double"
    return "char" if value in {"Y", "N"} else "string"


def item_fields(portal: Portal, params: Params) -> Answer:
    """crm.item.fields."""
    kind = object_type(params)
    rows = describe(portal, kind.name)
    return Answer({"fields": {names.camel(name): one | {"upperName": name} for name, one in rows.items()}})


def describe(portal: Portal, name: str) -> dict[str, JsonObject]:
    """Every field of an object: type, flags, title, and the entries of a list."""
    first = next(iter(portal.store.table(name).rows.values()), {"ID": 0})
    titles = portal.store.fields.get(name, {})
    lists = portal.store.lists
    return {
        field: {
            "type": "enumeration" if field in lists else field_type(field, value if not isinstance(value, list) else ""),
            "isRequired": False,
            "isReadOnly": field in {"ID", "DATE_CREATE", "DATE_MODIFY"},
            "isImmutable": False,
            "isMultiple": isinstance(value, list),
            "isDynamic": field.startswith("UF_"),
            "title": field if field.startswith("UF_") else field.replace("_", " ").capitalize(),
            **({"listLabel": titles[field], "formLabel": titles[field]} if field in titles else {}),
            **({"items": [{"ID": str(number), "VALUE": text} for number, text in lists[field].items()]} if field in lists else {}),
        }
        for field, value in first.items()
        if field != "FM"
    }


def profile(portal: Portal, _params: Params) -> Answer:
    """profile: whose key this is."""
    row = next(iter(portal.store.table("user").rows.values()), {"ID": 1, "NAME": "", "LAST_NAME": ""})
    return Answer({"ID": str(row["ID"]), "ADMIN": True, "NAME": row["NAME"], "LAST_NAME": row["LAST_NAME"], "TIME_ZONE": ""})


def scope(portal: Portal, _params: Params) -> Answer:
    """scope: what the key may touch."""
    return Answer(sorted(portal.scopes))

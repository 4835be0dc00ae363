"""The older REST methods: UPPER_CASE names, strings, one method per object; on an older portal there are no others."""

from __future__ import annotations

from ingestion.sandbox import bitrix24_names as names
from ingestion.sandbox.bitrix24_lists import Answer, RestError, named, select
from ingestion.sandbox.bitrix24_methods import Method, Params, Portal, describe, listed
from ingestion.spec import JsonObject


def old_list(name: str) -> Method:
    """crm.deal.list and its like: UPPER_CASE, strings."""

    def method(portal: Portal, params: Params) -> Answer:
        found = select(portal.store.table(name), params)
        wanted = listed(named(params, "select"))
        return Answer([names.old(row, wanted) for row in found.rows], found.total, found.next)

    return method


def old_get(name: str) -> Method:
    """crm.deal.get and its like."""

    def method(portal: Portal, params: Params) -> Answer:
        key = str(named(params, "id") or "")
        if not key.isdigit():
            raise RestError(400, "", "ID is not defined or invalid.")
        row = portal.store.table(name).rows.get(int(key))
        if row is None:
            raise RestError(400, "", "Not found")
        return Answer(names.old(row, ["*", "UF_*", *names.MULTI]))

    return method


def deal_product_rows(portal: Portal, params: Params) -> Answer:
    """crm.deal.productrows.get: ids and PRICE_ACCOUNT as text, prices as numbers."""
    key = str(named(params, "id") or "")
    if not key.isdigit() or int(key) not in portal.store.table("deal").rows:
        raise RestError(400, "", "Not found")
    rows = [row for row in portal.store.table("productrow").after(0) if row["OWNER_ID"] == int(key) and row["OWNER_TYPE"] == "D"]
    texts = {"ID", "OWNER_ID"}
    return Answer(
        [
            {name: str(value) if name in texts else f"{value:.2f}" if name == "PRICE_ACCOUNT" else value for name, value in row.items()}
            for row in rows
        ]
    )


def old_fields(name: str) -> Method:
    """crm.deal.fields and its like."""
    return lambda portal, _params: Answer(describe(portal, name))


def user_fields(name: str) -> Method:
    """crm.deal.userfield.list and its like."""

    def method(portal: Portal, _params: Params) -> Answer:
        fields = portal.store.fields.get(name, {})
        rows = [
            {
                "ID": str(200 + number),
                "ENTITY_ID": f"CRM_{name.upper()}",
                "FIELD_NAME": field,
                "USER_TYPE_ID": "enumeration" if field in portal.store.lists else "string",
                "XML_ID": None,
                "SORT": "100",
                "MULTIPLE": "N",
                "MANDATORY": "N",
                "EDIT_FORM_LABEL": {"ru": title},
                **({"LIST": _entries(portal.store.lists[field])} if field in portal.store.lists else {}),
            }
            for number, (field, title) in enumerate(fields.items())
        ]
        return Answer(rows, len(rows))

    return method


def _entries(values: dict[int, str]) -> list[JsonObject]:
    return [
        {"ID": str(number), "SORT": str(10 * place), "VALUE": text, "DEF": "N"} for place, (number, text) in enumerate(values.items(), 1)
    ]


def deal_categories(portal: Portal, _params: Params) -> Answer:
    """crm.dealcategory.list: deal funnels as strings; the general one is missing."""
    rows = [
        {"ID": str(one["id"]), "CREATED_DATE": "", "NAME": one["name"], "IS_LOCKED": "N", "SORT": str(one["sort"])}
        for one in portal.store.categories
        if one["id"]
    ]
    return Answer(rows, len(rows))


def default_deal_category(portal: Portal, _params: Params) -> Answer:
    """crm.dealcategory.default.get: the general funnel."""
    general = next((one for one in portal.store.categories if not one["id"]), {"name": ""})
    return Answer({"ID": "0", "NAME": general["name"]})


def deal_category_stages(portal: Portal, params: Params) -> Answer:
    """crm.dealcategory.stage.list: stages of one funnel, without their meaning."""
    number = str(named(params, "id") or "0")
    entity = "DEAL_STAGE" if number == "0" else f"DEAL_STAGE_{number}"
    rows = [row for row in portal.store.table("status").after(0) if row["ENTITY_ID"] == entity]
    return Answer([{"NAME": row["NAME"], "SORT": row["SORT"], "STATUS_ID": row["STATUS_ID"]} for row in rows])


def deal_contacts(portal: Portal, params: Params) -> Answer:
    """crm.deal.contact.items.get: the contacts of one deal, the primary one first."""
    key = str(named(params, "id") or "")
    row = portal.store.table("deal").rows.get(int(key)) if key.isdigit() else None
    if row is None:
        raise RestError(400, "", "Not found")
    bindings: list[JsonObject] = [
        {"CONTACT_ID": contact, "SORT": 10 * (place + 1), "ROLE_ID": 0, "IS_PRIMARY": "N" if place else "Y"}
        for place, contact in enumerate(row["CONTACT_IDS"])
    ]
    return Answer(bindings)

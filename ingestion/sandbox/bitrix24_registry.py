"""Which REST methods the sandbox portal answers, and the scope each needs."""

from __future__ import annotations

from ingestion.sandbox.bitrix24_methods import (
    Method,
    activities,
    calls,
    categories,
    currencies,
    item_fields,
    item_list,
    item_product_rows,
    profile,
    scope,
    stage_history,
    statuses,
    users,
)
from ingestion.sandbox.bitrix24_older import (
    deal_categories,
    deal_category_stages,
    deal_contacts,
    deal_product_rows,
    default_deal_category,
    old_fields,
    old_get,
    old_list,
    user_fields,
)

UNIVERSAL: dict[str, tuple[str, Method]] = {
    "crm.item.list": ("crm", item_list),
    "crm.item.fields": ("crm", item_fields),
    "crm.category.list": ("crm", categories),
    "crm.item.productrow.list": ("crm", item_product_rows),
}
"""Methods that an older portal does not have."""
METHODS: dict[str, tuple[str, Method]] = {
    "profile": ("", profile),
    "scope": ("", scope),
    "user.get": ("user", users),
    "voximplant.statistic.get": ("telephony", calls),
    "crm.stagehistory.list": ("crm", stage_history),
    "crm.status.list": ("crm", statuses),
    "crm.activity.list": ("crm", activities),
    "crm.currency.list": ("crm", currencies),
    "crm.deal.productrows.get": ("crm", deal_product_rows),
    "crm.deal.contact.items.get": ("crm", deal_contacts),
    "crm.dealcategory.list": ("crm", deal_categories),
    "crm.dealcategory.default.get": ("crm", default_deal_category),
    "crm.dealcategory.stage.list": ("crm", deal_category_stages),
    **{
        f"crm.{name}.{verb}": ("crm", make(name))
        for name in ("lead", "deal", "contact", "company")
        for verb, make in (("list", old_list), ("get", old_get), ("fields", old_fields), ("userfield.list", user_fields))
    },
}
"""By name: the scope it needs, and what it does."""

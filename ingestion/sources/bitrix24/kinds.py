"""The kinds of objects that are read by change time, each with its new and its older method (crm.md 2.5)."""

from __future__ import annotations

from dataclasses import dataclass

from ingestion.sources.bitrix24.listings import Listing

_MULTI = ("PHONE", "EMAIL", "WEB", "IM")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object.

    Attributes:
        listings: methods in the order of preference.
        dated: `since` limits the first load; masters (contacts, companies) are always loaded whole.
        changed: names of the field that holds the change time, in both spellings.
    """

    listings: tuple[Listing, ...]
    dated: bool = True
    changed: tuple[str, ...] = ("updatedTime", "DATE_MODIFY")


def _item(number: int) -> Listing:
    # "*" brings the multifields too; custom fields keep the names that the older methods give them
    return Listing("crm.item.list", "item", "items", {"entityTypeId": number, "useOriginalUfNames": "Y"}, ("*",))


def _old(name: str, *extra: str) -> Listing:
    return Listing(f"crm.{name}.list", select=("*", "UF_*", *extra))


KINDS = {
    "leads": Kind((_item(1), _old("lead", *_MULTI))),
    "deals": Kind((_item(2), _old("deal"))),
    "contacts": Kind((_item(3), _old("contact", *_MULTI)), dated=False),
    "companies": Kind((_item(4), _old("company", *_MULTI)), dated=False),
    "activities": Kind((Listing("crm.activity.list", select=("*",)),), changed=("LAST_UPDATED",)),
    "invoices": Kind((_item(31),)),
}

HISTORY = {"deal": 2, "lead": 1}
"""Kinds whose stage history is kept, with their entityTypeId."""


def history_listing(number: int) -> Listing:
    """crm.stagehistory.list of one kind."""
    return Listing("crm.stagehistory.list", "list", "items", {"entityTypeId": number})


CALLS = Listing("voximplant.statistic.get", "call")
PRODUCT_ROWS = "crm.item.productrow.list"
OLD_PRODUCT_ROWS = "crm.deal.productrows.get"

"""Which tables of the BI connector are read, by what they are keyed and by which column changes are asked for; data only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """One table.

    Attributes:
        name: as the portal calls it.
        key: column that identifies a row.
        changed: column that a refresh filters by; "" for a table that is read whole each time.
        days: how many days before the last reading a refresh begins: days are all the filter knows.
        modified: the column holds the moment of the last change, so that newer never yields to older.
    """

    name: str
    key: str
    changed: str
    days: int = 2
    modified: bool = False


TABLES: dict[str, Table] = {
    "users": Table("user", "ID", ""),
    "companies": Table("crm_company", "ID", "DATE_MODIFY", modified=True),
    "contacts": Table("crm_contact", "ID", "DATE_MODIFY", modified=True),
    "deals": Table("crm_deal", "ID", "DATE_MODIFY", modified=True),
    # these three carry no moment of a change of their own: new ones are seen at once, older ones each night
    "deal_fields": Table("crm_deal_uf", "DEAL_ID", "DATE_CREATE", 60),
    "product_rows": Table("crm_deal_product_row", "ID", "DEAL_DATE_CREATE", 60),
    "deal_stage_history": Table("crm_deal_stage_history", "ID", "DATE_CREATE", 7),
    "leads": Table("crm_lead", "ID", "DATE_MODIFY", modified=True),
    "activities": Table("crm_activity", "ID", "DATE_MODIFY", modified=True),
    # a call is written at its end, and cost and vote later
    "calls": Table("telephony_call", "CALL_ID", "CALL_START_TIME", 3),
}

"""Bitrix24 through its BI connector: whole tables in one answer each, beside the REST connector `bitrix24` (crm.md 2.7)."""

"""Bitrix24 REST: webhooks and OAuth, its two limits, batches, walks by id.

Records pass as sent; both spellings (camelCase of crm.item, UPPER_CASE of the older methods) are staging's business.
"""

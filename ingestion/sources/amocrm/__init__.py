"""amoCRM and Kommo, API v4: tokens, HAL lists, the walks that read what changed, events, call notes.

What a record means belongs to dbt staging; here it is passed on as it was sent.
"""

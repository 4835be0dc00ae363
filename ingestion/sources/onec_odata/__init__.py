"""1C:Enterprise 8 through its standard OData interface (version 3 of the protocol, read-only).

What belongs here: how 1C is asked and what it publishes in each configuration (profiles), and how changes of objects without a
modification time are found (streams). What does not: the meaning of fields in the marts (dbt), chunks and tombstones (rawzone, extract).
"""

"""What sources of calls, payments and advertising share: files that grow, files read whole, services read by period.

Formats and services themselves belong to `ingestion.sources`; nothing here knows one of them.
"""

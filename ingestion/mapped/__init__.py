"""Feeds: kinds of records that any system may give (customers, deals, orders …), for source types that are mapped by configuration.

Here belong the logical columns, how values are read and how a row becomes a record. How rows are fetched belongs to the source types.
"""

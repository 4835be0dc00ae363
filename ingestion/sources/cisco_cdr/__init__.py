"""Cisco Unified CM: the call detail files that it hands to a billing server. Which legs are one call belongs to dbt."""

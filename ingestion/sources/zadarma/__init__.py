"""Zadarma: call statistics of the virtual exchange. Which legs are one call belongs to dbt."""

"""Fiscal receipts of tills in the format of the tax service. What they are a receipt for is decided in dbt."""

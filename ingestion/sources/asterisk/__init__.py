"""Asterisk and FreePBX: call detail records from Master.csv or the cdr table. Which legs are one call, and who talked, belongs to dbt."""

"""Avaya IP Office: SMDR lines. Which segments are one call belongs to dbt."""

"""Panasonic KX-TDA, TDE, NS: the SMDR listing, of fixed width. Which lines are one call belongs to dbt."""

"""Registries of payments that services and banks send as files. Which order they belong to is decided in dbt."""

"""Yandex Metrica: expense files as they are uploaded there, and visits as its Logs API gives them. What they mean belongs to dbt."""

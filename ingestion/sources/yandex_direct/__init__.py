"""Yandex Direct: campaign costs by day from the Reports service. What a campaign's cost means belongs to dbt."""

"""APIs and files of the company's systems → the raw zone → `raw.*` tables.

Here belong HTTP, file formats, the raw zone and the engine's load. No Dagster, no dbt, no marts, no presentation.
"""

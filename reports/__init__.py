"""Questions on the published marts, and the reports that are delivered.

Belongs here: everything that reads a published file and shows it (queries, charts, words, formats, reports, rendering).
Does not: loading from source systems, business rules (they live in dbt_project), scheduling, web pages.
"""

"""Blocks by subject: each turns the answers of its questions into figures, tables, bars and charts.

Belongs here: what is shown and beside what. Does not: SQL (queries/), markup (render/, dashboards/), business rules (dbt_project).
"""

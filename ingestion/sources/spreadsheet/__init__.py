"""Spreadsheets kept by people: costs, plans, tiers, matches, rates, goods, as xlsx or csv.

Reading (`sheets`), understanding cells (`numbers`, `dates`) and finding columns (`columns`, `tables`) are pure; only `source` opens files.
"""

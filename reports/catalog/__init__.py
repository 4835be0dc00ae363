"""The built-in reports: one module each, with a module-level `REPORT`; reports/catalogue.py finds them.

Belongs here: which blocks a report has, its period and default schedule. Does not: how a block is reckoned (figures/).
"""

"""One module (or package) per source type, each with a module-level `SOURCE` declaration, found by `ingestion.discovery`.

Only what a system forces is code here: authentication, paging, limits, how changes and deletions show.
"""

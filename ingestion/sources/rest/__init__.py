"""Any REST service, declared wholly in skvoz.toml: addresses, credentials, paging, where the records are, what they mean.

Here belong requests and pages. What the rows mean is declared in `ingestion.mapped`.
"""

"""Any SQL database, read only and mapped by configuration: what a company's own system, КлиК or Sales Expert is connected by.

Here belong the session, the walk over a table and the options. What the rows mean is declared in `ingestion.mapped`.
"""

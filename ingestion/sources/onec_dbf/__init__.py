"""DBF files of 1C: a whole base of 7.7 with its dictionary 1Cv7.DD, and single tables that 8 saves; rows are mapped to feeds.

Names of catalogs, documents and attributes are those of the base; which of them means what is said in skvoz.toml.
"""

"""CommerceML, the exchange of 1C with sites: catalogues, offers, prices, stock and documents, from a folder or pushed to us over HTTP.

Versions 2.03 to 2.10, whole and split, and 1.x of 1C 7.7, whose data stands in attributes.
"""

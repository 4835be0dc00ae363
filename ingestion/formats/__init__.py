"""How exchange files are found, opened and read: folders, zip archives, XML, text encodings, and the walk over files not seen yet.

What a record of a format is, and which stream it belongs to, is the business of its source type.
"""

"""A report turned into what is delivered: HTML, plain text, pictures, a workbook and the mail message.

Belongs here: layout and file formats. Does not: asking questions, choosing figures, sending anything.
"""

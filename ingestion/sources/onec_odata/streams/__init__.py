"""How each kind of 1C object is read: what a first load, a refresh and a sweep ask for.

What belongs here: one module per kind (catalogs, documents, registers, balances, information registers) and what they share. What does
not: names of objects (profiles), HTTP and pages (client).
"""

"""A deterministic fake company and local servers that speak its systems' real protocols, for the demo and the tests.

What belongs here: the company's one truth (dataclasses and their generators), its projection into each system's wire shapes, and the
peer servers, all written from the systems' documented behaviour. What does not: anything a connector or a model could lean on.
"""
